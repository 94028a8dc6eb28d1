"""Plain replies, providers that are learned about, and what an answer holds beside its text."""

from __future__ import annotations

import pytest
from by_hand import DOWN, UP, Asking, catch_all, failure, sse, told, update, whole

from gptrouter_notebook.errors import GatewayUnreachable, InvalidRequest, ModelNotFound, NoModelAvailable
from gptrouter_notebook.providers import Manners

# Plain replies.


def test_several_answers_come_from_one_plain_reply_and_are_counted_once():
    asking = Asking("chat_openai/a", n=2)
    assert asking.next() == ["plain", "a"]
    usage = {"usage": {"prompt_tokens": 5, "completion_tokens": 8, "total_tokens": 13}}
    choices = [{"index": i, "text": text, "finish_reason": "stop"} for i, text in enumerate(["One", "Two"])]
    asking.replies(choices=choices, meta=usage)
    one, two = asking.exchange.result().generations
    assert (one.text, two.text) == ("One", "Two")
    assert (one.message.usage_metadata["total_tokens"], two.message.usage_metadata) == (13, None)


def test_a_reply_without_choices_is_an_empty_answer():
    asking = Asking("chat_openai/a", n=2)
    asking.next()
    asking.replies(choices=[])
    assert asking.exchange.result().generations[0].text == ""


def test_a_legacy_function_call_comes_plain():
    asking = Asking("chat_openai/a", functions=[{"name": "add"}], hands_out=True)
    assert asking.next() == ["plain", "a"]
    call = {"name": "add", "arguments": "{}"}
    asking.replies(choices=[{"index": 0, "text": "", "finish_reason": "function_call", "function_call": call}])
    [chunk] = asking.exchange.reply_chunks()
    assert chunk.message.additional_kwargs == {"function_call": call}


def test_a_plain_failure_is_put_on_the_model_its_health_lets_through():
    asking = Asking("chat_openai/a", "chat_openai/b", "chat_openai/c", n=2, newest=[DOWN, UP, UP])
    asking.next()
    asking.refuses(catch_all())
    assert asking.next() == ["plain", "c"]
    asking.refuses(GatewayUnreachable("Silence.", cause="timeout"))
    with pytest.raises(NoModelAvailable) as caught:
        asking.exchange.next_request()
    assert told(caught.value.route) == [
        ("a", "skipped", "down"),
        ("b", "failed", "Something went wrong"),
        ("c", "failed", "nothing came in time"),
    ]


def test_a_plain_failure_of_nobody_available_is_told_from_the_health_rows():
    asking = Asking("chat_openai/a", n=2, newest=[DOWN])
    asking.next()
    asking.refuses(catch_all())
    with pytest.raises(NoModelAvailable, match=r"skipped every model of the list: chat_openai/a \(down\)"):
        asking.exchange.next_request()


@pytest.mark.parametrize(("at", "what"), [(0, "model"), (1, "model")])
def test_a_plain_failure_of_an_unknown_name_is_told_from_the_models(at, what):
    asking = Asking("chat_openai/gpt-4", "chat_openai/gpt-3", n=2, newest=[DOWN, DOWN])
    del asking.known[at]
    missing = asking.models[at]
    asking.newest.pop(missing)
    asking.next()
    with pytest.raises(ModelNotFound, match=f'{what} "{missing.name}"'):
        asking.refuses(catch_all())


def test_an_unknown_name_behind_the_model_that_failed_was_never_read():
    asking = Asking("chat_openai/a", "chat_openai/nonsense", n=2, newest=[UP, UP])
    del asking.known[1]
    asking.next()
    asking.refuses(catch_all())
    assert asking.next() == ["plain", "nonsense"]


# Providers that are learned about.


def test_a_provider_that_cannot_stream_is_asked_plainly_without_the_user_noticing():
    manners = Manners()
    asking = Asking("chat_openai/a", "mine/b", newest=[DOWN, UP], hands_out=True, manners=manners)
    assert asking.next() == ["stream", "a", "b"]
    asking.streams(*failure("Stream not supported for provider mine"))
    assert asking.next() == ["plain", "b"]
    asking.replies(choices=[{"index": 0, "text": "Hi", "finish_reason": "COMPLETE"}])
    assert asking.route == [("a", "skipped", "down"), ("b", "answered", None)]
    assert [chunk.text for chunk in asking.exchange.reply_chunks()] == ["Hi"]
    assert Asking("mine/b", hands_out=True, manners=manners).next() == ["plain", "b"], "it is known from now on"


def test_an_unlisted_model_that_wants_a_prompt_is_sent_one():
    asking = Asking("mine/a")
    asking.next()
    wants = failure('[{"path":"/prompt","message":"Expected string"}]')
    asking.streams(*wants)
    request = asking.exchange.next_request()
    assert set(request.entries[0].params) == {"messages", "prompt"}
    asking.streams(*wants)
    with pytest.raises(InvalidRequest, match="prompt: Expected string"):
        asking.exchange.next_request()


# Tools.


def test_a_tool_call_is_put_together_from_its_pieces():
    asking = Asking("chat_openai/a", tools=[{}])
    asking.next()
    pieces = [
        {"index": 0, "id": "c1", "type": "function", "function": {"name": "add", "arguments": ""}},
        {"index": 0, "function": {"arguments": '{"a": 1, '}},
        {"index": 1, "id": "c2", "type": "function", "function": {"name": "sub", "arguments": "{"}},
        {"index": 0, "function": {"arguments": '"b": 2}'}},
    ]
    asking.streams(
        *sse(
            *(update(tool_calls=[piece]) for piece in pieces), update("", "tool_calls"), {"event": "end", "data": "end"}
        )
    )
    message = asking.exchange.result().generations[0].message
    assert message.tool_calls == [{"name": "add", "args": {"a": 1, "b": 2}, "id": "c1", "type": "tool_call"}]
    assert [call["name"] for call in message.invalid_tool_calls] == ["sub"], "its arguments never ended"
    assert type(message).__name__ == "AIMessage"


def test_a_long_chain_of_reasoning_is_joined_in_one_go():
    asking = Asking("mine/a")
    asking.next()
    pieces = [update(reasoning_content="hm ", citations=[{"url": str(i)}]) for i in range(2000)]
    asking.streams(*sse(*pieces), *whole("Hi", "a"))
    extra = asking.exchange.result().generations[0].message.additional_kwargs
    assert extra["reasoning_content"] == "hm " * 2000
    assert len(extra["citations"]) == 2000


def test_what_did_not_reach_the_model_is_in_the_metadata():
    asking = Asking("anthropic/a", temperature=0.5)
    asking.next()
    asking.replies(choices=[{"text": "Hi"}])
    assert asking.exchange.metadata()["dropped"] == ["temperature"]
