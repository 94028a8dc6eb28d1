"""Streamed answers, and going on from those that fail."""

from __future__ import annotations

import pytest
from by_hand import DOWN, UP, Asking, catch_all, failure, sse, told, update, whole

from gptrouter_notebook.errors import (
    ConfigurationError,
    GatewayUnreachable,
    InvalidRequest,
    ModelNotFound,
    NoModelAvailable,
    RateLimited,
    StreamInterrupted,
)

# An answer.


def test_a_streamed_answer_says_who_gave_it_how_long_it_took_and_what_it_used():
    asking = Asking("chat_openai/a", "chat_openai/b", newest=[DOWN, UP])
    assert asking.next() == ["stream", "a", "b"]
    asking.clock.now = 0.25
    asking.exchange.feed(whole("Hi", "b")[0])
    asking.clock.now = 0.5
    asking.streams(*whole("Hi", "b")[1:])
    assert asking.exchange.next_request() is None
    assert asking.exchange.metadata() == {
        "model_name": "b",
        "provider": "chat_openai",
        "model_id": "id-b",
        "provider_id": "pid",
        "finish_reason": "stop",
        "route": [
            {
                "model": "a",
                "provider": "chat_openai",
                "outcome": "skipped",
                "reason": "down",
                "inferred": True,
                "seconds": None,
            },
            {
                "model": "b",
                "provider": "chat_openai",
                "outcome": "answered",
                "reason": None,
                "inferred": False,
                "seconds": 0.5,
            },
        ],
        "latency": {"first_token": 0.25, "total": 0.5},
        "model_provider": "gptrouter",
        "id": "c1",
    }
    [generation] = asking.exchange.result().generations
    assert generation.message.content == "Hi"
    assert generation.message.usage_metadata == {"input_tokens": 1, "output_tokens": 2, "total_tokens": 3}
    assert generation.generation_info == {"finish_reason": "stop"}
    assert asking.exchange.result().llm_output is None


def test_nothing_is_looked_up_for_one_model_that_answers():
    asking = Asking("chat_openai/a")
    asking.next()
    asking.streams(*whole("Hi", "a"))
    assert asking.looked_up == []


def test_when_the_first_model_answers_health_is_not_looked_up():
    asking = Asking("chat_openai/a", "chat_openai/b")
    asking.next()
    asking.streams(*whole("Hi", "a"))
    assert asking.looked_up == ["models"]
    assert asking.route == [("a", "answered", None)]


def test_the_model_is_known_by_its_updates_when_the_gateway_s_models_cannot_be_read():
    asking = Asking("anthropic/a", "anthropic/b", hands_out=True)
    asking.known = []
    asking.next()
    asking.streams(
        *sse({"event": "update", "id": "1", "data": {"text": "Hi", "model": "b"}}, {"event": "end", "data": "end"})
    )
    assert asking.exchange.metadata()["model_name"] == "b"


# Providers whose streams do not say why they ended.


def test_anthropic_is_asked_plainly_first_so_that_the_finish_reason_is_known():
    asking = Asking("anthropic/a", "chat_openai/b")
    assert asking.next() == ["plain", "a", "b"]
    asking.replies(choices=[{"index": 0, "text": " J'aime", "finish_reason": "stop_sequence"}])
    assert asking.exchange.metadata()["finish_reason"] == "stop_sequence"
    assert asking.exchange.result().generations[0].generation_info == {"finish_reason": "stop_sequence"}


def test_when_that_fails_a_stream_tells_the_cause_and_nothing_is_on_record_twice():
    asking = Asking("anthropic/a", "chat_openai/b", newest=[UP, UP])
    asking.next()
    asking.refuses(catch_all())
    assert asking.next() == ["stream", "a", "b"]
    asking.streams(*failure('500 {"error":{"message":"Overloaded"}}'))
    assert asking.next() == ["stream", "b"]
    asking.streams(*whole("Hi", "b"))
    assert asking.route == [("a", "failed", "500 Overloaded"), ("b", "answered", None)]


@pytest.mark.parametrize("why", [{"hands_out": True}, {"tools": [{}]}], ids=["streaming", "tools"])
def test_a_stream_and_tools_are_never_asked_for_plainly(why):
    assert Asking("anthropic/a", **why).next() == ["stream", "a"]


# An answer that only looks whole.


@pytest.mark.parametrize("provider", ["chat_openai", "azure_chat_openai", "mine"])
def test_an_end_without_a_finish_reason_is_a_cut(provider):
    asking = Asking(f"{provider}/a", f"{provider}/b")
    asking.next()
    asking.streams(*sse(update("Hal"), {"event": "end", "data": "end"}))
    assert asking.next() == ["stream", "b"]
    asking.streams(*whole("Whole", "b"))
    assert asking.route[0] == ("a", "failed", "the provider stopped in mid-answer")
    assert asking.exchange.result().generations[0].text == "Whole"


def test_a_provider_that_never_names_a_finish_reason_is_not_cut():
    asking = Asking("anthropic/a", hands_out=True)
    asking.next()
    asking.streams(*sse({"event": "update", "data": {"text": "Hi"}}, {"event": "end", "data": "end"}))
    assert asking.exchange.metadata()["finish_reason"] is None


def test_azure_s_first_update_may_lack_it():
    asking = Asking("azure_chat_openai/a")
    asking.next()
    asking.streams(*sse({"event": "update", "data": {"text": ""}}), *whole("Hi", "a"))
    assert asking.exchange.metadata()["finish_reason"] == "stop"


# Going on.


def test_a_failure_before_the_first_token_is_silent_and_on_record():
    asking = Asking("chat_openai/a", "chat_openai/b", hands_out=True, newest=[UP, UP])
    asking.next()
    assert asking.streams(*failure("429 Rate limit reached")) == []
    assert asking.next() == ["stream", "b"]
    asking.streams(*whole("Hi", "b"))
    assert asking.route == [("a", "failed", "429 Rate limit reached"), ("b", "answered", None)]


@pytest.mark.parametrize("cut", ["error event", "broken connection", "no finish reason"])
def test_behind_a_text_that_was_handed_out_nobody_is_asked(cut):
    asking = Asking("chat_openai/a", "chat_openai/b", "chat_openai/c", hands_out=True, newest=[DOWN, UP, UP])
    asking.next()
    events = sse(update("Once upon", model="b"))
    ends = {"error event": failure("Premature close"), "no finish reason": sse({"event": "end", "data": "end"})}
    with pytest.raises(StreamInterrupted) as caught:
        asking.streams(*events, *ends.get(cut, []), broken=cut == "broken connection")
    error = caught.value
    assert (error.partial, error.model) == ("Once upon", "chat_openai/b")
    assert [model.label for model in error.remaining] == ["chat_openai/c"]
    assert told(error.route)[:1] == [("a", "skipped", "down")]
    assert error.route[1]["inferred"] is False, "the updates named the model"


def test_half_a_tool_call_that_was_handed_out_counts_as_text():
    asking = Asking("chat_openai/a", "chat_openai/b", hands_out=True, tools=[{}])
    asking.next()
    call = {"index": 0, "id": "1", "function": {"name": "add", "arguments": '{"a'}}
    with pytest.raises(StreamInterrupted):
        asking.streams(*sse(update(tool_calls=[call])), *failure("Premature close"))


def test_a_caller_that_waits_gets_the_next_model_s_whole_answer():
    asking = Asking("chat_openai/a", "chat_openai/b")
    asking.next()
    asking.streams(*sse(update("Half")), *failure("Premature close"))
    assert asking.next() == ["stream", "b"]
    asking.streams(*whole("Whole", "b"))
    assert asking.exchange.result().generations[0].text == "Whole"


def test_the_time_of_a_look_up_is_not_the_model_s():
    asking = Asking("chat_openai/a", "chat_openai/b", newest=[UP, UP])
    asking.next()
    asking.clock.now += 2
    asking.streams(*failure("500"))
    asking.next()
    asking.clock.now += 3
    asking.streams(*whole("Hi", "b"))
    assert [hop["seconds"] for hop in asking.exchange.metadata()["route"]] == [2, 3]
    assert asking.exchange.metadata()["latency"]["total"] == 105


@pytest.mark.parametrize(
    "error",
    [
        ConfigurationError("The key was refused.", status=401),
        RateLimited("Used up.", status=429, retry_after_s=86400),
        GatewayUnreachable("Nobody there.", cause="refused"),
        InvalidRequest("A stream was refused at the door.", status=500),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_is_no_model_s_fault_ends_the_question_with_the_route_so_far(error):
    asking = Asking("chat_openai/a", "chat_openai/b")
    asking.next()
    asking.streams(*failure("500"))
    asking.next()
    with pytest.raises(type(error)) as caught:
        asking.refuses(error)
    assert told(caught.value.route) == [("a", "failed", "500")]


def test_an_unknown_model_ends_the_question_with_a_suggestion():
    asking = Asking("chat_openai/gpt-5", "chat_openai/gpt-4")
    asking.known = asking.known[1:]
    asking.next()
    with pytest.raises(ModelNotFound, match="did you mean chat_openai/gpt-4") as caught:
        asking.streams(*failure("Model with name gpt-5 does not exist"))
    assert caught.value.model == "chat_openai/gpt-5"


def test_none_available_says_why_each_was_skipped():
    asking = Asking("chat_openai/a", "chat_openai/b", newest=[DOWN, None])
    asking.next()
    asking.streams(*failure("No models available"))
    with pytest.raises(NoModelAvailable, match=r"a \(down\), chat_openai/b \(never checked\)") as caught:
        asking.exchange.next_request()
    assert told(caught.value.route) == [("a", "skipped", "down"), ("b", "skipped", "never checked")]


@pytest.mark.parametrize("models", [["chat_openai/a"], ["chat_openai/a", "chat_openai/b"]])
def test_when_every_model_refused_the_request_it_is_the_request_that_must_change(models):
    asking = Asking(*models)
    for _ in models:
        asking.next()
        asking.streams(*failure('[{"path":"/response_format/type","message":"Expected value of union"}]'))
    with pytest.raises(InvalidRequest, match="change the request"):
        asking.exchange.next_request()
