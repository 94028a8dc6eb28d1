"""What answers at the address is no gateway, or not a good one."""

from __future__ import annotations

import pytest
from replay import END_OF_BODY, Replay, json_reply, recorded, recorded_bytes, sse_reply

from gptrouter_notebook import GPTRouter
from gptrouter_notebook.errors import (
    ConfigurationError,
    GatewayUnreachable,
    InvalidRequest,
    NoModelAvailable,
    RateLimited,
    StreamInterrupted,
)

pytest_plugins = ["asking"]

MODELS = ["chat_openai/gpt-4-0613", "anthropic/claude-2"]
HTML = b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 13\r\n\r\n<html></html>"
HEALTH = "/api/v1/healthcheck"


@pytest.fixture
def replay():
    with Replay() as server:
        yield server


def model(replay, *models, **options):
    options = {"api_key": "k", "base_url": replay.url, "max_retries": 0, "timeout": 2.0, **options}
    return GPTRouter(models_priority_list=list(models or MODELS), **options)


def test_a_web_page_is_no_gateway(replay, ask):
    replay.on("/api/v1/generate", HTML)
    with pytest.raises(ConfigurationError, match=r"HTML page.*GPT_ROUTER_API_BASE"):
        ask(model(replay), "hi")


def test_a_redirect_is_no_gateway(replay, ask):
    replay.on("/", b"HTTP/1.1 302 Found\r\nlocation: https://example.org/login\r\ncontent-length: 0\r\n\r\n")
    with pytest.raises(ConfigurationError, match="redirect"):
        ask(model(replay), "hi")


def test_a_gateway_that_is_not_up_is_said_to_be_unreachable(replay, ask):
    replay.on("/api/v1/generate", b"HTTP/1.1 503 X\r\ncontent-type: text/html\r\ncontent-length: 0\r\n\r\n")
    with pytest.raises(GatewayUnreachable, match="503"):
        ask(model(replay), "hi")


@pytest.mark.parametrize("name", ["38", "60"])
def test_a_refusal_at_the_door_is_no_model_s_fault(replay, ask, name):
    replay.on("/api/v1/generate", recorded_bytes(recorded(name))[0])
    with pytest.raises((ConfigurationError, RateLimited)) as caught:
        ask(model(replay), "hi")
    assert type(caught.value) is {"38": ConfigurationError, "60": RateLimited}[name]
    assert len([asked for asked in replay.asked if asked.method == "POST"]) == 1


def test_a_request_refused_in_plain_json_though_a_stream_was_asked_for(replay, ask):
    replay.on("/api/v1/generate", recorded_bytes(recorded("L23"))[0])
    with pytest.raises(InvalidRequest, match="Something went wrong"):
        ask(model(replay), "hi")


@pytest.mark.parametrize("name", ["18", "19", "25"])
def test_recorded_streams_are_whole_answers(replay, ask, name):
    replay.on("/api/v1/generate", recorded_bytes(recorded(name))[0])
    answer = ask(model(replay, MODELS[0]), "hi")
    assert answer.response_metadata["finish_reason"] == {"18": "stop", "19": "stop", "25": "tool_calls"}[name]
    assert answer.content or answer.tool_calls


@pytest.mark.parametrize("name", ["45", "L36"])
def test_recorded_cuts_are_errors_with_the_partial_text(replay, ask_streamed, name):
    replay.on("/api/v1/generate", recorded_bytes(recorded(name))[0])
    with pytest.raises(StreamInterrupted) as caught:
        ask_streamed(model(replay, MODELS[0]), "hi")
    assert caught.value.partial


def test_the_same_cut_goes_on_with_the_next_model_for_a_caller_that_waits(replay, ask_plainly):
    cut, whole = recorded_bytes(recorded("45"))[0], recorded_bytes(recorded("18"))[0]
    replay.on("/api/v1/generate", cut, whole)
    answer = ask_plainly(model(replay, "chat_openai/gpt-4-0613", "chat_openai/gpt-3.5-turbo-1106"), "hi")
    assert [hop["outcome"] for hop in answer.response_metadata["route"]] == ["failed", "answered"]


def test_a_stream_without_an_end_is_no_answer(replay, ask):
    update = {"event": "update", "id": "1", "data": {"text": "Half", "finish_reason": "stop"}}
    replay.on("/api/v1/generate", sse_reply(update) + END_OF_BODY)
    with pytest.raises((StreamInterrupted, NoModelAvailable), match="before the end of the answer"):
        ask(model(replay, MODELS[0]), "hi")


@pytest.mark.parametrize("page", [HTML, json_reply(200, []), json_reply(500, {"error": "Something went wrong"})])
def test_a_gateway_that_does_not_tell_its_models_costs_only_details(replay, ask, page):
    replay.on("/api/v1/generate", recorded_bytes(recorded("18"))[0])
    replay.on("/api/v1/model", page)
    replay.on(HEALTH, page)
    said = ask(model(replay, *MODELS), "hi").response_metadata
    assert (said["model_name"], said["route"][-1]["outcome"]) == ("gpt-4-0613", "answered")


def test_it_is_left_in_peace_for_a_while(replay):
    replay.on("/api/v1/generate", recorded_bytes(recorded("18"))[0])
    chat = model(replay, *MODELS)
    for _ in range(5):
        chat.invoke("hi")
    assert len([asked for asked in replay.asked if asked.path == "/api/v1/model/all"]) == 1


def test_a_look_up_that_hangs_does_not_hold_the_answer_up_for_long(replay):
    from time import monotonic

    from replay import Answer

    replay.on("/api/v1/generate", recorded_bytes(recorded("18"))[0])
    replay.on("/api/v1/model", Answer(b"", then="hold"))
    before = monotonic()
    assert model(replay, *MODELS, timeout=60.0).invoke("hi").content
    assert monotonic() - before < 5
