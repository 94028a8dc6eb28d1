"""JSON of shapes that `tests/fuzz` came upon: each once ended in an error of Python's or pydantic's."""

from __future__ import annotations

import json

import pytest
from replay import END_OF_BODY, Replay, json_reply, sse_reply

from gptrouter_notebook import GPTRouter
from gptrouter_notebook.errors import ConfigurationError, GPTRouterError
from gptrouter_notebook.notebook_file import chat_in_file
from gptrouter_notebook.transcript import from_dict

BOTTOMLESS = "[" * 100_000
END = {"event": "end", "data": "end"}


@pytest.fixture
def replay():
    with Replay() as server:
        server.on("/api/v1/model", json_reply(200, []))
        server.on("/api/v1/healthcheck", json_reply(200, []))
        yield server


def model(replay):
    return GPTRouter(models_priority_list=["p/m"], base_url=replay.url, api_key="k", max_retries=0, timeout=5)


def update(**data):
    return {"event": "update", "id": "1", "data": {"text": "Yes", "finish_reason": "stop", **data}}


def as_json(status, text):
    head = f"HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {len(text)}\r\n\r\n"
    return head.encode() + text.encode()


def test_a_count_beyond_all_floats_is_no_count(replay):
    usage = {"prompt_tokens": 10**400, "completion_tokens": 1, "total_tokens": 10**400}
    meta = {"event": "meta", "data": {"text": "Yes", "usage": usage}}
    replay.on("/api/v1/generate", sse_reply(update(), meta, END) + END_OF_BODY)
    answer = model(replay).invoke("Hi")
    assert (answer.content, answer.usage_metadata["total_tokens"]) == ("Yes", 1)


@pytest.mark.parametrize("odd", [7, [], {}, True])
def test_a_tool_call_whose_names_are_no_strings_has_none(replay, odd):
    call = {"index": 0, "id": odd, "function": {"name": odd, "arguments": "{}"}}
    replay.on("/api/v1/generate", sse_reply(update(tool_calls=[call]), END) + END_OF_BODY)
    [read] = model(replay).invoke("Hi").tool_calls
    assert (read["name"], read["id"]) == ("", None)


def test_arguments_without_bottom_are_not_valid(replay):
    call = {"index": 0, "id": "c", "function": {"name": "f", "arguments": BOTTOMLESS}}
    replay.on("/api/v1/generate", sse_reply(update(tool_calls=[call]), END) + END_OF_BODY)
    [read] = model(replay).invoke("Hi").invalid_tool_calls
    assert read["args"] == BOTTOMLESS


@pytest.mark.parametrize("status", [200, 400, 429, 500])
def test_a_reply_without_bottom_is_an_error_of_ours(replay, status):
    replay.on("/api/v1/generate", as_json(status, BOTTOMLESS))
    with pytest.raises(GPTRouterError):
        model(replay).invoke("Hi", n=2)


@pytest.mark.parametrize("cause", [f"500 {{{BOTTOMLESS}", BOTTOMLESS])
def test_a_cause_without_bottom_is_cut(replay, cause):
    replay.on("/api/v1/generate", sse_reply({"event": "error", "message": cause}) + END_OF_BODY)
    with pytest.raises(GPTRouterError) as caught:
        model(replay).invoke("Hi")
    assert len(str(caught.value)) < 2_000


def test_a_notebook_without_bottom_is_none(tmp_path):
    path = tmp_path / "deep.ipynb"
    path.write_text(BOTTOMLESS)
    with pytest.raises(ConfigurationError, match="is no notebook"):
        chat_in_file(path)
    with pytest.raises(ConfigurationError, match="could not be read"):
        chat_in_file("a\0b.ipynb")


def test_a_turn_of_the_old_form_without_its_question_is_damaged():
    turn = {"id": 1, "active": 0, "answers": [{"reason": "complete", "parts": []}]}
    saved = json.loads(json.dumps({"version": 1, "models": ["p/m"], "turns": [turn]}))
    with pytest.raises(ConfigurationError, match='damaged: "user" of'):
        from_dict(saved)
