"""Values of the notebook in a panel's messages: what is sent, what is said of it before, what can be completed."""

import threading

import pytest
from IPython.core.interactiveshell import InteractiveShell
from recorded_view import is_idle
from waiting import PATIENCE_S

PICTURE = "data:image/png;base64,iVBORw0KGgo="


@pytest.fixture
def notebook():
    """The namespace of a running notebook."""
    shell = InteractiveShell.instance()
    yield shell.user_ns
    InteractiveShell.clear_instance()


def told(gateway):
    """What the model was told, in the newest request's last message."""
    return gateway.requests[-1]["data"][0]["promptParams"]["messages"][-1]["content"]


def test_a_name_in_braces_becomes_its_value_and_the_message_stays_as_it_was_typed(open_panel, gateway, notebook):
    notebook["answer"] = 42
    panel, view = open_panel("demo/echo")
    view.command("send", id=1, text="Is it {answer}, or {nothing}?")
    view.wait(is_idle(view))
    assert told(gateway) == "Is it 42, or {nothing}?"
    started = view.messages("turn_started")[0]
    assert started["user"] == "Is it {answer}, or {nothing}?"
    assert started["inserted"] == [{"name": "answer", "kind": "int", "length": 2, "is_cut": False}]
    assert panel.to_dict()["turns"][0]["inserted"] == started["inserted"]


def test_a_mention_is_followed_by_the_value_also_in_an_edited_message(open_panel, gateway, notebook):
    notebook["rows"] = {"a": 1}
    _, view = open_panel("demo/echo")
    view.command("send", id=1, text="Hello")
    view.wait(is_idle(view))
    view.command("edit", id=2, turn=1, text="What is in @rows?", images=[])
    view.wait_for("turn_ended", 2)
    assert told(gateway).startswith("What is in @rows?\n")
    assert "'a': 1" in told(gateway)


def test_a_preview_says_what_would_be_sent_and_sends_nothing(open_panel, gateway, notebook):
    notebook["text"] = "x" * 20_000
    before = len(gateway.requests)
    _, view = open_panel("demo/echo")
    view.command("preview", id="p", text="{text} and @text and @nobody")
    preview = view.wait_for("preview")
    assert preview["reply_to"] == "p"
    [inserted] = preview["inserted"]
    assert (inserted["name"], inserted["kind"], inserted["is_cut"]) == ("text", "str", True)
    assert len(gateway.requests) == before


def test_names_are_completed(open_panel, notebook):
    notebook.update(frame_one=[1], frame_two=[2], other=3)
    _, view = open_panel("demo/echo")
    view.command("complete", id="c", prefix="@frame")
    found = view.wait_for("completions")
    assert found["reply_to"] == "c"
    assert [name["name"] for name in found["found"]] == ["frame_one", "frame_two"]


def test_messages_keep_their_order_when_looking_at_a_value_takes_its_time(open_panel, notebook):
    looked = threading.Event()

    class Slow:
        def __repr__(self):
            looked.wait(PATIENCE_S)
            return "slow"

    notebook["slow"] = Slow()
    panel, view = open_panel("demo/echo")
    view.command("send", id=1, text="First {slow}")
    view.command("send", id=2, text="Second")
    view.command("preview", id=3, text="plain")
    view.wait_for("preview")  # the worker is not held up meanwhile
    assert view.messages("turn_started") == []
    looked.set()
    view.wait_for("turn_ended", 2)
    assert [turn.user for turn in panel._session.conversation] == ["First {slow}", "Second"]


def test_pictures_of_the_message_go_with_it(open_panel, gateway):
    _, view = open_panel("demo/echo")
    view.command("send", id=1, text="What is this?", images=[PICTURE])
    view.wait(is_idle(view))
    assert [part["type"] for part in told(gateway)] == ["text", "image_url"]
    assert view.messages("turn_started")[0]["images"] == [PICTURE]


def test_outside_of_a_notebook_braces_are_braces(open_panel, gateway):
    _, view = open_panel("demo/echo")
    view.command("send", id=1, text="{x} @y")
    view.wait(is_idle(view))
    assert told(gateway) == "{x} @y"
