"""`protocol.py` and `js/src/protocol.ts` are written by hand twice: they must name the same things."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

from gptrouter_notebook import protocol, view_commands
from gptrouter_notebook.answer import Extras
from gptrouter_notebook.context import Completion, Inserted
from gptrouter_notebook.conversation import Conversation, Question
from gptrouter_notebook.exports import Export
from gptrouter_notebook.routing import as_models
from gptrouter_notebook.turn_events import Ended
from gptrouter_notebook.widget import ChatWidget

TYPESCRIPT = (Path(__file__).parents[2] / "js" / "src" / "protocol.ts").read_text("utf-8")
MODELS = as_models(["demo/echo"])


def interface(name):
    """The fields of a TypeScript interface."""
    [body] = re.findall(rf"export interface {name}\b[^{{]*{{(.*?)\n}}", TYPESCRIPT, re.DOTALL)
    return set(re.findall(r"^  (?:readonly )?(\w+)\??:", body, re.MULTILINE))


def union(name):
    """The fields of each member of a TypeScript union, by kind; `kind` itself left out."""
    [body] = re.findall(rf"export type {name} =\n(.*?);\n\n", TYPESCRIPT, re.DOTALL)
    members = re.split(r"^  \| ", body, flags=re.MULTILINE)[1:]
    found = {}
    for member in members:
        [kind] = re.findall(r'kind: "(\w+)"', member)
        flat = re.sub(r"<[^>]*>|\{\s*readonly kind", "readonly kind", member)
        found[kind] = set(re.findall(r"readonly (\w+)\??:", flat)) - {"kind"}
    return found


def typed_dict(name):
    return getattr(protocol, name).__required_keys__


def test_the_commands_are_the_same():
    ours = {
        kind: {field.name for field in dataclasses.fields(command)} - {"id"}
        for kind, command in view_commands._COMMANDS.items()
    }
    assert union("ViewRequest") == ours


def test_the_messages_are_the_same():
    conversation = Conversation()
    turn = conversation.begin(Question("hi"))
    ours = [
        protocol.snapshot({"turns": [protocol.turn_view(turn, conversation, 0)]}, "idle", reply_to="c1"),
        protocol.turn_started(turn, conversation, MODELS),
        protocol.part(1, 2, "broke"),
        protocol.turn_ended(Ended(1, "complete", None, None, Extras()), 2),
        protocol.catalog([]),
        protocol.health_check("c1", is_running=True),
        protocol.queue([]),
        protocol.priced(1, 0.5),
        protocol.preview("c1", []),
        protocol.completions("c1", []),
        protocol.asset("markdown", "export {};", "c1"),
        protocol.exported(Export("chat.md", "text/markdown", "Hi"), "c1"),
        protocol.saved(),
        protocol.copy({}, "c1"),
        protocol.refused("c1", "no", "hi"),
    ]
    assert union("KernelMessage") == {message["kind"]: set(message) - {"kind"} for message in ours}


def test_the_traits_are_the_same():
    own = {name for name, trait in ChatWidget.class_traits(sync=True).items() if not name.startswith("_")}
    inherited = {"layout", "tabbable", "tooltip"}
    assert interface("Traits") == own - inherited


def test_the_views_are_the_same():
    assert interface("Delta") == typed_dict("DeltaValue")
    assert interface("ConversationView") == typed_dict("ConversationView")
    assert interface("TurnView") == typed_dict("TurnView")
    assert interface("AnswerView") == typed_dict("AnswerView")
    assert interface("Extras") == typed_dict("ExtrasView")
    assert interface("Part") == typed_dict("PartView")
    assert interface("Inserted") == {field.name for field in dataclasses.fields(Inserted)}
    assert interface("Completion") == {field.name for field in dataclasses.fields(Completion)}
    assert interface("Failure") == typed_dict("ErrorView")
    assert interface("ModelRef") == set(protocol.model_entries(MODELS)[0])
