"""The rules for going on where the gateway stops, against the embedded gateway's scripted outages."""

from __future__ import annotations

import asyncio
import functools
import time
from contextlib import aclosing, suppress

import pytest
from langchain_core.messages import HumanMessage

from gptrouter_notebook.errors import (
    ConfigurationError,
    GatewayUnreachable,
    InvalidRequest,
    ModelNotFound,
    NoModelAvailable,
    RateLimited,
    StreamInterrupted,
)
from gptrouter_notebook.gateway import start_gateway

pytest_plugins = ["asking"]

USER_KEY = "user-key"


@pytest.fixture(scope="module")
def gateway():
    with start_gateway(token_delay_s=0, user_keys=[USER_KEY]) as running:
        yield running


def route(message):
    return told(message.response_metadata["route"])


def told(hops):
    return [(f"{hop['provider']}/{hop['model']}", hop["outcome"], hop["reason"]) for hop in hops]


def asked(gateway, since):
    """The models of each request since then, in their order."""
    requests = list(gateway.requests)[since:]
    return [
        [f"{e['providerName']}/{e['modelName']}" for e in sorted(request["data"], key=lambda entry: entry["order"])]
        for request in requests
    ]


# Who is asked.


def test_the_first_model_is_asked_first_with_the_whole_list_in_one_request(chat, gateway, ask):
    before = len(gateway.requests)
    answer = ask(chat("demo/echo", "chat_openai/gpt-4-0613"), "hi")
    assert asked(gateway, before) == [["demo/echo", "chat_openai/gpt-4-0613"]]
    assert route(answer) == [("demo/echo", "answered", None)]


def test_the_other_order_asks_the_other(chat, ask):
    answer = ask(chat("chat_openai/gpt-4-0613", "demo/echo"), "hi")
    assert route(answer) == [("chat_openai/gpt-4-0613", "answered", None)]


def test_what_the_gateway_skips_is_on_record_with_its_reason(chat, gateway, ask):
    before = len(gateway.requests)
    answer = ask(chat("demo/down", "demo/slow", "demo/never-checked", "demo/echo"), "hi")
    assert len(asked(gateway, before)) == 1
    assert route(answer) == [
        ("demo/down", "skipped", "down"),
        ("demo/slow", "skipped", "slower than 4 s"),
        ("demo/never-checked", "skipped", "never checked"),
        ("demo/echo", "answered", None),
    ]
    assert [hop["inferred"] for hop in answer.response_metadata["route"]] == [True, True, True, False]


def test_health_decides_anew_for_every_request(model_at, ask_plainly):
    with start_gateway(token_delay_s=0) as gateway:
        gateway.set_health("demo/echo", available=False, latency_ms=0)
        answer = ask_plainly(model_at(gateway, "demo/echo", "demo/markdown"), "hi")
        assert route(answer)[0] == ("demo/echo", "skipped", "down")
        gateway.set_health("demo/echo", available=True, latency_ms=10)
        answer = ask_plainly(model_at(gateway, "demo/echo", "demo/markdown"), "hi")
        assert route(answer) == [("demo/echo", "answered", None)]


# When the model that was picked fails.


def test_a_failure_before_the_first_token_goes_on_silently(chat, gateway, ask):
    before = len(gateway.requests)
    answer = ask(chat("demo/down", "demo/fails-first", "demo/echo"), "hi")
    assert asked(gateway, before) == [["demo/down", "demo/fails-first", "demo/echo"], ["demo/echo"]]
    [skipped, failed, answered] = answer.response_metadata["route"]
    assert told([skipped, answered]) == [("demo/down", "skipped", "down"), ("demo/echo", "answered", None)]
    assert (failed["model"], failed["outcome"], failed["inferred"]) == ("fails-first", "failed", True)
    assert "before its first word" in failed["reason"]
    assert failed["seconds"] > 0
    assert answer.content.count("you said") == 1


@pytest.mark.parametrize("broken", ["demo/breaks", "demo/ends-early"])
def test_a_caller_that_waits_gets_a_whole_answer_and_none_of_the_broken_one(chat, gateway, ask_plainly, broken):
    before = len(gateway.requests)
    answer = ask_plainly(chat(broken, "demo/echo"), "hi")
    assert asked(gateway, before) == [[broken, "demo/echo"], ["demo/echo"]]
    assert answer.content == "I am a demo model: you said “hi”."
    assert [hop["outcome"] for hop in answer.response_metadata["route"]] == ["failed", "answered"]


@pytest.mark.parametrize(
    ("broken", "cause"),
    [("demo/breaks", "Premature close"), ("demo/ends-early", "the provider stopped in mid-answer")],
)
def test_behind_a_text_that_was_handed_out_there_is_an_error_with_the_partial_text(
    chat, gateway, ask_streamed, broken, cause
):
    before = len(gateway.requests)
    with pytest.raises(StreamInterrupted) as caught:
        ask_streamed(chat(broken, "demo/echo"), "hi")
    error = caught.value
    assert error.partial.startswith("I am a demo model: in a moment")
    assert (error.model, error.cause) == (broken, cause)
    assert told(error.route) == [(broken, "failed", cause)]
    assert [model.label for model in error.remaining] == ["demo/echo"]
    assert len(asked(gateway, before)) == 1, "nobody was asked behind it"


def test_a_silent_provider_is_left_after_the_read_timeout(chat, ask_plainly):
    answer = ask_plainly(chat("demo/stalls", "demo/echo", timeout=0.3), "hi")
    assert route(answer)[0] == ("demo/stalls", "failed", "nothing came for 0.3 s")
    assert 0.3 <= answer.response_metadata["route"][0]["seconds"] < 2


def test_a_silent_provider_in_mid_answer_is_an_error_with_the_partial_text(chat, ask_streamed):
    with pytest.raises(StreamInterrupted, match=r"nothing came for 0\.3 s") as caught:
        ask_streamed(chat("demo/stalls", "demo/echo", timeout=0.3), "hi")
    assert caught.value.partial.startswith("I am a demo model")


def test_a_timeout_of_one_call_goes_before_the_model_s(chat, ask_plainly):
    answer = ask_plainly(chat("demo/stalls", "demo/echo"), "hi", timeout=0.2)
    assert route(answer)[0] == ("demo/stalls", "failed", "nothing came for 0.2 s")


def test_anthropic_s_plain_call_goes_on_too(gateway, chat, ask_plainly):
    before = len(gateway.requests)
    answer = ask_plainly(chat("anthropic/claude-2", "demo/echo"), "hi")
    assert route(answer) == [("anthropic/claude-2", "answered", None)]
    assert [request["stream"] for request in list(gateway.requests)[before:]] == [False]


def test_when_all_fail_the_error_tells_of_each(chat, ask):
    with pytest.raises(NoModelAvailable) as caught:
        ask(chat("demo/down", "demo/fails-first"), "hi")
    error = caught.value
    assert [(hop["model"], hop["outcome"]) for hop in error.route] == [("down", "skipped"), ("fails-first", "failed")]
    assert error.model == "demo/fails-first"
    assert "before its first word" in error.cause
    assert "demo/down was skipped (down)" in str(error)


def test_when_all_are_skipped_the_error_says_why(chat, ask):
    with pytest.raises(NoModelAvailable, match=r"demo/down \(down\), demo/never-checked \(never checked\)"):
        ask(chat("demo/down", "demo/never-checked"), "hi")


# Providers that cannot stream, several answers, functions.


def test_a_provider_that_cannot_stream_answers_unnoticed_and_is_remembered(chat, gateway, ask):
    model = chat("demo_plain/no-stream", "demo/echo")
    answer = ask(model, "hi")
    assert route(answer) == [("demo_plain/no-stream", "answered", None)]
    before = len(gateway.requests)
    assert "you said “hi”" in ask(model, "hi").content
    assert len(asked(gateway, before)) == 1


def test_a_provider_that_cannot_stream_may_stand_anywhere(chat, ask):
    answer = ask(chat("demo/down", "cohere/command", "demo/echo"), "hi")
    assert route(answer) == [("demo/down", "skipped", "down"), ("cohere/command", "answered", None)]


@pytest.mark.parametrize("way", ["generate", "agenerate"])
def test_several_answers_go_on_as_well(chat, way):
    model = chat("demo/fails-first", "demo/echo", n=2)
    generate = model.generate if way == "generate" else lambda batch: asyncio.run(model.agenerate(batch))
    [answers] = generate([[HumanMessage("hi")]]).generations
    assert len(answers) == 2
    assert [hop["outcome"] for hop in answers[0].message.response_metadata["route"]] == ["failed", "answered"]


# When nobody else is asked.


def test_a_wrong_key_is_said_at_once(chat, ask):
    with pytest.raises(ConfigurationError, match="refused the key") as caught:
        ask(chat("demo/echo", "demo/markdown", gpt_router_api_key="wrong-key"), "hi")
    assert caught.value.status == 401
    assert "wrong-key" not in str(caught.value)


@pytest.mark.parametrize(("unknown", "what"), [("demo/ecko", 'model "ecko"'), ("demmo/echo", 'provider "demmo"')])
def test_an_unknown_name_is_said_at_once_with_a_suggestion(chat, gateway, ask, unknown, what):
    before = len(gateway.requests)
    with pytest.raises(ModelNotFound, match=f"{what}.*did you mean demo/echo") as caught:
        ask(chat(unknown, "demo/echo"), "hi")
    assert caught.value.model == unknown
    assert len(asked(gateway, before)) == 1


def test_an_unknown_name_is_said_at_once_where_the_gateway_names_no_cause(chat, gateway):
    before = len(gateway.requests)
    with pytest.raises(ModelNotFound, match="did you mean cohere/command"):
        chat("cohere/comand", "demo/echo").invoke("hi")
    with pytest.raises(ModelNotFound, match="did you mean demo/echo"):
        chat("demo/ecko", "demo/echo", n=2).invoke("hi")
    assert len(asked(gateway, before)) == 2


def test_the_key_s_own_limit_is_reported_not_slept_through(chat, ask):
    model = chat("demo/echo", "demo/markdown", gpt_router_api_key=USER_KEY, max_retries=2)
    # Every way shares the one key: the first uses its allowance up.
    with suppress(RateLimited):
        for _ in range(10):
            ask(model, "hi")
    before = time.monotonic()
    with pytest.raises(RateLimited, match="hours") as caught:
        ask(model, "hi")
    assert time.monotonic() - before < 2
    assert caught.value.status == 429
    assert caught.value.retry_after_s > 10


def test_a_request_that_is_refused_at_the_door_is_not_tried_with_the_next_model(chat, gateway, ask):
    before = len(gateway.requests)
    with pytest.raises(InvalidRequest, match="check the messages and parameters"):
        ask(chat("demo/echo", "demo/markdown"), "hi", temperature="warm")
    assert len(asked(gateway, before)) == 1


def test_a_gateway_out_of_reach_is_asked_again_after_a_moment_and_then_said(model_at, ask):
    with start_gateway() as gone:
        pass
    before = time.monotonic()
    with pytest.raises(GatewayUnreachable, match=gone.url):
        ask(model_at(gone, "demo/echo", "demo/markdown", max_retries=1), "hi")
    assert 0.25 <= time.monotonic() - before < 2


# Leaving.


def test_a_stream_that_is_left_asks_nobody_else(chat, gateway):
    before = len(gateway.requests)
    stream = chat("demo/long", "demo/echo").stream("hi")
    next(stream)
    stream.close()

    async def leave():
        async with aclosing(chat("demo/long", "demo/echo").astream("hi")) as chunks:
            await anext(chunks)

    asyncio.run(leave())
    assert len(asked(gateway, before)) == 2


def test_sync_and_async_tell_the_same_story(chat, every_way):
    model = functools.partial(chat, "demo/down", "demo/fails-first", "demo_plain/no-stream", "demo/echo")
    stories = []
    for way in every_way:
        metadata = way(model(), "hi").response_metadata
        stories.append([(hop["model"], hop["outcome"], hop["reason"], hop["inferred"]) for hop in metadata["route"]])
    assert stories[0] == stories[1] == stories[2] == stories[3]
