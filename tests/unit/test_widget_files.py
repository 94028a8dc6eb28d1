"""The panel's conversation as a file: exported, imported, and as the copy that a reloaded page asks for."""

import json

import pytest
from langchain_core.messages import messages_from_dict
from recorded_view import is_idle
from waiting import PATIENCE_S

from gptrouter_notebook.transcript_bundle import CHAT_MIME


@pytest.mark.parametrize(
    ("form", "name", "beginning"),
    [
        ("markdown", "chat.md", "**You**\n\nOne\n"),
        ("html", "chat.html", "<!doctype html>"),
        ("json", "chat.json", '{\n "version": 1'),
        ("langchain", "chat.langchain.json", '[\n {\n  "type": "human"'),
    ],
)
def test_the_conversation_is_exported_in_the_form_that_was_asked_for(open_panel, form, name, beginning):
    panel, view = open_panel("demo/echo")
    panel.ask("One").result(PATIENCE_S)
    view.command("export", id="e", form=form)
    exported = view.wait_for("exported")
    assert (exported["reply_to"], exported["name"]) == ("e", name)
    assert exported["text"].startswith(beginning)


def test_exports_are_what_the_methods_give(open_panel):
    panel, view = open_panel("demo/echo", system_prompt="Be short.")
    panel.ask("One").result(PATIENCE_S)
    for form in ("markdown", "html", "json", "langchain"):
        view.command("export", id=form, form=form)
    view.wait_for("exported", 4)
    texts = {message["reply_to"]: message["text"] for message in view.messages("exported")}
    assert texts["markdown"] == panel.to_markdown()
    assert texts["html"] == panel.to_html()
    assert json.loads(texts["json"]) == panel.to_dict()
    assert messages_from_dict(json.loads(texts["langchain"])) == panel.messages


@pytest.mark.parametrize("form", ["json", "langchain"])
def test_an_import_stands_beside_what_was_said_and_is_gone_on_with(open_panel, gateway, form):
    first, view = open_panel("demo/echo")
    answer = first.ask("One").result(PATIENCE_S)
    view.command("export", id=1, form=form)
    text = view.wait_for("exported")["text"]
    panel, view = open_panel("demo/echo")
    panel.ask("Here").result(PATIENCE_S)
    view.command("import", id=2, file=text)
    turns = view.wait_for("snapshot")["conversation"]["turns"]
    assert [turn["user"] for turn in turns] == ["One"]
    assert turns[0]["branch"] == [1, 2]
    panel.ask("Two").result(PATIENCE_S)
    sent = gateway.requests[-1]["data"][0]["promptParams"]["messages"]
    assert [message["content"] for message in sent] == ["One", answer.content, "Two"]
    view.command("show", id=3, turn=1)
    view.wait_for("snapshot", 2)
    assert panel.messages[0].content == "Here"


@pytest.mark.parametrize("file", ["", "{}", '{"version": 9}', '{"cells": []}'])
def test_what_is_no_chat_is_refused_and_changes_nothing(open_panel, file):
    panel, view = open_panel("demo/echo")
    panel.ask("One").result(PATIENCE_S)
    view.command("import", id=2, file=file)
    refused = view.wait_for("refused")
    assert refused["reply_to"] == 2
    assert refused["message"].count("\n") == 0
    assert "text" not in refused
    assert next(message.content for message in panel.messages) == "One"


def test_nothing_is_imported_into_an_answer_that_is_streaming(open_panel):
    panel, view = open_panel("demo/stalls")
    saved = json.dumps(panel.to_dict())
    panel.ask("One")
    view.wait(lambda: view.values("delta"))
    view.command("import", id=2, file=saved)
    assert "still streaming" in view.wait_for("refused")["message"]
    panel.stop()
    view.wait(is_idle(view))


def test_a_page_that_asks_gets_the_copy(open_panel):
    panel, view = open_panel("demo/echo")
    panel.ask("One").result(PATIENCE_S)
    view.command("copy", id=7)
    copy = view.wait_for("copy")
    assert copy["reply_to"] == 7
    assert copy["data"][CHAT_MIME] == panel.to_dict()
    assert set(copy["data"]) == {CHAT_MIME, "text/html", "text/markdown", "text/plain"}
