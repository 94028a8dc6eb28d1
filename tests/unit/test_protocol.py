"""What the view may say, and how the kernel shows what it has."""

import json

import pytest

from gptrouter_notebook import protocol
from gptrouter_notebook.conversation import Conversation, Failure, Meta
from gptrouter_notebook.protocol import (
    Clear,
    GetAsset,
    Hello,
    ListCatalog,
    Malformed,
    Regenerate,
    Send,
    Stop,
    TakeSnapshot,
    parse,
)
from gptrouter_notebook.routing import as_models


@pytest.mark.parametrize(
    ("content", "command"),
    [
        ({"kind": "hello", "id": "a"}, Hello("a")),
        ({"kind": "send", "id": 1, "text": "Hi"}, Send(1, "Hi")),
        ({"kind": "send", "id": 1, "text": ""}, Send(1, "")),
        ({"kind": "stop", "id": "a", "turn": 7}, Stop("a", 7)),
        ({"kind": "snapshot", "id": "a"}, TakeSnapshot("a")),
        ({"kind": "regenerate", "id": "a", "turn": 7, "later": "addition"}, Regenerate("a", 7)),
        ({"kind": "clear", "id": "a"}, Clear("a")),
        ({"kind": "catalog", "id": "a"}, ListCatalog("a")),
        ({"kind": "asset", "id": "a", "name": "markdown"}, GetAsset("a", "markdown")),
    ],
)
def test_a_command_is_read(content, command):
    assert parse(content) == command


@pytest.mark.parametrize(
    ("content", "reply_to", "sentence"),
    [
        (None, None, "no command"),
        (["send"], None, "no command"),
        ({"kind": "hello"}, None, "without an id"),
        ({"kind": "hello", "id": True}, None, "without an id"),
        ({"kind": "hello", "id": {}}, None, "without an id"),
        ({"kind": "fly", "id": "a"}, "a", "unknown command"),
        ({"kind": ["send"], "id": "a"}, "a", "unknown command"),
        ({"id": "a"}, "a", "unknown command"),
        ({"kind": "send", "id": "a"}, "a", '"text"'),
        ({"kind": "send", "id": "a", "text": 3}, "a", '"text"'),
        ({"kind": "stop", "id": 0, "turn": "7"}, 0, '"turn"'),
        ({"kind": "asset", "id": 0, "name": None}, 0, '"name"'),
        ({"kind": "stop", "id": 0, "turn": True}, 0, '"turn"'),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_id_it_came_with(content, reply_to, sentence):
    with pytest.raises(Malformed, match=sentence) as refused:
        parse(content)
    assert refused.value.reply_to == reply_to


def test_a_conversation_is_shown_with_the_number_of_its_last_delta():
    conversation = Conversation()
    turn = conversation.begin("Hi")
    turn.answer.append("Half")
    turn.answer.break_off("p/a broke off.")
    turn.answer.append("Whole")
    hop = {"model": "b", "provider": "p", "outcome": "answered", "reason": None, "inferred": False, "seconds": 1.0}
    usage = {"input_tokens": 1, "output_tokens": 2, "total_tokens": 3, "input_token_details": {"cache_read": 1}}
    turn.answer.finish(
        "complete",
        meta=Meta(
            model_name="b", provider="p", model_id="7", route=(hop,), first_token_s=0.5, total_s=2.0, usage=usage
        ),
    )
    conversation.begin("And?").answer.finish("failed", error=Failure("No.", "RateLimited"))
    view = protocol.conversation_view(conversation, {1: 12})
    assert json.loads(json.dumps(view)) == {
        "turns": [
            {
                "turn": 1,
                "user": "Hi",
                "answer": {
                    "seq": 12,
                    "reason": "complete",
                    "parts": [{"text": "Half", "broke": "p/a broke off."}, {"text": "Whole", "broke": None}],
                    "error": None,
                    "meta": {
                        "model_name": "b",
                        "provider": "p",
                        "finish_reason": None,
                        "latency": {"first_token": 0.5, "total": 2.0},
                        "usage": {"input_tokens": 1, "output_tokens": 2, "total_tokens": 3},
                        "route": [hop],
                    },
                },
            },
            {
                "turn": 2,
                "user": "And?",
                "answer": {
                    "seq": 0,
                    "reason": "failed",
                    "parts": [{"text": "", "broke": None}],
                    "error": {"message": "No.", "kind": "RateLimited"},
                    "meta": None,
                },
            },
        ]
    }


def test_messages_have_the_names_the_view_knows():
    assert protocol.snapshot({"turns": []}, "idle") == {
        "kind": "snapshot",
        "conversation": {"turns": []},
        "status": "idle",
    }
    assert protocol.snapshot({"turns": []}, "idle", 0)["reply_to"] == 0
    assert protocol.turn_started(1, "Hi", as_models(["p/a"])) == {
        "kind": "turn_started",
        "turn": 1,
        "user": "Hi",
        "asked": [{"name": "a", "provider_name": "p"}],
    }
    assert protocol.part(1, 4, "Broke.") == {"kind": "part", "turn": 1, "seq": 4, "broke": "Broke."}
    assert protocol.turn_ended(1, 4, "stopped", None, None) == {
        "kind": "turn_ended",
        "turn": 1,
        "seq": 4,
        "reason": "stopped",
        "error": None,
        "meta": None,
    }
    assert protocol.asset("math", "export {};", "a") == {
        "kind": "asset",
        "name": "math",
        "source": "export {};",
        "reply_to": "a",
    }
    assert protocol.catalog([], "No.") == {"kind": "catalog", "models": [], "error": "No."}
    assert protocol.refused("a", "No.") == {"kind": "refused", "reply_to": "a", "message": "No."}
    assert protocol.refused("a", "No.", "")["text"] == ""
