"""What the view may say, and how the kernel shows what it has."""

import json

import pytest
from langchain_core.messages.tool import tool_call

from gptrouter_notebook import protocol
from gptrouter_notebook.answer import Extras, Failure, Meta
from gptrouter_notebook.context import complete, expand
from gptrouter_notebook.conversation import Conversation, Question
from gptrouter_notebook.routing import as_models
from gptrouter_notebook.turn_events import Ended, Waiting
from gptrouter_notebook.view_commands import (
    CheckHealth,
    Clear,
    Complete,
    Delete,
    Edit,
    ExportChat,
    GetAsset,
    GetCopy,
    Hello,
    ImportChat,
    LeaveOut,
    ListCatalog,
    Malformed,
    Preview,
    Regenerate,
    Send,
    SendNow,
    SetTraits,
    Show,
    Stop,
    TakeSnapshot,
    Unqueue,
    parse,
)
from gptrouter_notebook.wire import Allowance

PICTURE = "data:image/png;base64,iVBORw0KGgo="


@pytest.mark.parametrize(
    ("content", "command"),
    [
        ({"kind": "hello", "id": "a"}, Hello("a")),
        ({"kind": "send", "id": 1, "text": "Hi"}, Send(1, "Hi", ())),
        ({"kind": "send", "id": 1, "text": "Hi", "images": [PICTURE]}, Send(1, "Hi", (PICTURE,))),
        ({"kind": "send", "id": 1, "text": ""}, Send(1, "", ())),
        ({"kind": "stop", "id": "a", "turn": 7}, Stop("a", 7)),
        ({"kind": "snapshot", "id": "a"}, TakeSnapshot("a")),
        ({"kind": "regenerate", "id": "a", "turn": 7, "later": "addition"}, Regenerate("a", 7, None)),
        ({"kind": "preview", "id": "a", "text": "{x}"}, Preview("a", "{x}")),
        ({"kind": "complete", "id": "a", "prefix": "@x"}, Complete("a", "@x")),
        (
            {"kind": "regenerate", "id": "a", "turn": 7, "model": {"name": "b", "provider_name": "p"}},
            Regenerate("a", 7, *as_models(["p/b"])),
        ),
        ({"kind": "edit", "id": "a", "turn": 7, "text": "Hi"}, Edit("a", 7, "Hi", ())),
        ({"kind": "show", "id": "a", "turn": 7}, Show("a", 7)),
        ({"kind": "export", "id": "a", "form": "html"}, ExportChat("a", "html")),
        ({"kind": "import", "id": "a", "file": "{}"}, ImportChat("a", "{}")),
        ({"kind": "copy", "id": "a"}, GetCopy("a")),
        ({"kind": "delete", "id": "a", "turn": 7}, Delete("a", 7)),
        (
            {"kind": "leave_out", "id": "a", "turns": [1, 2], "is_left_out": False},
            LeaveOut("a", (1, 2), is_left_out=False),
        ),
        ({"kind": "send_now", "id": "a", "item": 3}, SendNow("a", 3)),
        ({"kind": "unqueue", "id": "a", "item": 3}, Unqueue("a", 3)),
        ({"kind": "set", "id": "a", "traits": {"temperature": 1}}, SetTraits("a", {"temperature": 1})),
        ({"kind": "check_health", "id": "a"}, CheckHealth("a")),
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
        ({"kind": "send", "id": 0, "text": "", "images": ["https://example.org/a.png"]}, 0, '"images"'),
        ({"kind": "send", "id": 0, "text": "", "images": ["data:image/svg+xml;base64,AAAA"]}, 0, '"images"'),
        ({"kind": "send", "id": 0, "text": "", "images": PICTURE}, 0, '"images"'),
        ({"kind": "set", "id": 0, "traits": {"conversation": {}}}, 0, '"traits"'),
        ({"kind": "set", "id": 0}, 0, '"traits"'),
        ({"kind": "leave_out", "id": 0, "turns": ["1"], "is_left_out": True}, 0, '"turns"'),
        ({"kind": "leave_out", "id": 0, "turns": 1, "is_left_out": True}, 0, '"turns"'),
        ({"kind": "leave_out", "id": 0, "turns": [1]}, 0, '"is_left_out"'),
        ({"kind": "regenerate", "id": 0, "turn": 1, "model": "nothing"}, 0, '"model"'),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_id_it_came_with(content, reply_to, sentence):
    with pytest.raises(Malformed, match=sentence) as refused:
        parse(content)
    assert refused.value.reply_to == reply_to


def test_a_conversation_is_shown_with_the_number_of_its_last_delta():
    conversation = Conversation()
    turn = conversation.begin(Question("Hi", images=(PICTURE,)))
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
    conversation.begin(Question("And?")).answer.finish("failed", error=Failure("No.", "RateLimited"))
    view = {"turns": [protocol.turn_view(turn, conversation, 12 if turn.id == 1 else 0) for turn in conversation]}
    assert json.loads(json.dumps(view)) == {
        "turns": [
            {
                "turn": 1,
                "user": "Hi",
                "images": [PICTURE],
                "is_left_out": False,
                "inserted": [],
                "branch": [1],
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
                        "cost": None,
                        "route": [hop],
                    },
                    "extras": None,
                },
            },
            {
                "turn": 2,
                "user": "And?",
                "images": [],
                "is_left_out": False,
                "inserted": [],
                "branch": [2],
                "answer": {
                    "seq": 0,
                    "reason": "failed",
                    "parts": [{"text": "", "broke": None}],
                    "error": {"message": "No.", "kind": "RateLimited", "is_too_long": False},
                    "meta": None,
                    "extras": None,
                },
            },
        ]
    }


def test_messages_have_the_names_the_view_knows():
    assert protocol.snapshot({"turns": []}, "idle") == {
        "kind": "snapshot",
        "conversation": {"turns": []},
        "status": "idle",
        "queue": [],
    }
    assert protocol.snapshot({"turns": []}, "idle", reply_to=0)["reply_to"] == 0
    conversation = Conversation()
    conversation.begin(Question("Hi"))
    second = conversation.begin(Question("There"))
    again = conversation.edit(second, Question("You"))
    assert protocol.turn_started(again, conversation, as_models(["p/a"])) == {
        "kind": "turn_started",
        "turn": 3,
        "parent": 1,
        "user": "You",
        "images": [],
        "is_left_out": False,
        "inserted": [],
        "branch": [2, 3],
        "asked": [{"name": "a", "provider_name": "p"}],
    }
    assert protocol.part(1, 4, "Broke.") == {"kind": "part", "turn": 1, "seq": 4, "broke": "Broke."}
    ended = Ended(1, "stopped", None, None, Extras())
    assert protocol.turn_ended(ended, 4) == {
        "kind": "turn_ended",
        "turn": 1,
        "seq": 4,
        "reason": "stopped",
        "error": None,
        "meta": None,
        "extras": None,
        "allowance": None,
    }
    assert protocol.turn_ended(ended, 4, Allowance(10, 3, 60.0))["allowance"] == {"limit": 10, "remaining": 3}
    beside = Extras("Hm.", ("https://a.b", {"url": "u", "title": "t"}), (tool_call(name="f", args={"ä": 1}, id="1"),))
    assert protocol.turn_ended(Ended(1, "complete", None, None, beside), 4)["extras"] == {
        "reasoning": "Hm.",
        "citations": [{"url": "https://a.b", "title": ""}, {"url": "u", "title": "t"}],
        "tool_calls": [{"name": "f", "arguments": '{\n  "ä": 1\n}'}],
    }
    assert protocol.priced(1, 0.5) == {"kind": "priced", "turn": 1, "cost": 0.5}
    assert protocol.queue([Waiting(4, Question("Next", images=(PICTURE,)))]) == {
        "kind": "queue",
        "queue": [{"item": 4, "text": "Next", "images": [PICTURE]}],
    }
    [value] = expand("{x}", {"x": 7}).inserted
    assert protocol.preview("a", [value]) == {
        "kind": "preview",
        "reply_to": "a",
        "inserted": [{"name": "x", "kind": "int", "length": 1, "is_cut": False}],
    }
    assert protocol.completions("a", complete("@x", {"x": 7})) == {
        "kind": "completions",
        "reply_to": "a",
        "found": [{"name": "x", "kind": "int", "summary": "7"}],
    }
    assert protocol.health_check("a", is_running=False, error="No.") == {
        "kind": "health_check",
        "reply_to": "a",
        "is_running": False,
        "error": "No.",
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
