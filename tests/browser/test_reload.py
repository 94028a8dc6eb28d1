"""What was said is there in a second view, after a reload, and in a notebook that was saved with its widgets."""

from __future__ import annotations

import re

import pytest
from panel import Panel
from playwright.sync_api import expect

SETUP = "from gptrouter_notebook import ChatWidget\nchat = ChatWidget(models_priority_list=['demo/echo'])\nchat"
STATE = "application/vnd.jupyter.widget-state+json"
SAVE_WIDGETS = """(save) => window.jupyterapp.serviceManager.settings.save(
  "@jupyter-widgets/jupyterlab-manager:plugin", JSON.stringify({ saveState: save }))"""
WHOLE = re.compile(rb'"update".*"conversation"', re.DOTALL)


@pytest.fixture
def saving_widgets(lab, jupyter):
    """The notebook's widgets are saved with it."""
    lab.page.goto(jupyter.url + "lab/workspaces/settings?reset")
    lab.page.wait_for_function("() => window.jupyterapp?.serviceManager.isReady")
    lab.page.evaluate(SAVE_WIDGETS, arg=True)
    yield
    lab.page.evaluate(SAVE_WIDGETS, arg=False)


def test_a_conversation_is_sent_once_and_is_everywhere(saving_widgets, lab):
    del saving_widgets
    frames = []
    lab.page.on("websocket", lambda socket: socket.on("framereceived", frames.append))
    lab.open([SETUP, "chat"])
    lab.run_cell(0)
    panel = Panel(lab.output(0)).wait()
    for text in ("one", "two"):
        panel.ask(text)
        expect(panel.log).to_contain_text(f"you said “{text}”")
        panel.wait_answered()
    assert not [frame for frame in frames if isinstance(frame, bytes) and WHOLE.search(frame)]

    lab.run_cell(1)
    second = Panel(lab.output(1)).wait()
    expect(second.log).to_contain_text("you said “two”")
    second.ask("three")
    expect(panel.log).to_contain_text("you said “three”")
    panel.wait_answered()

    saved = lab.save()["metadata"]["widgets"][STATE]["state"].values()
    (turns,) = (widget["state"]["conversation"]["turns"] for widget in saved if "conversation" in widget["state"])
    assert [turn["user"] for turn in turns] == ["one", "two", "three"]
    assert [turn["answer"]["reason"] for turn in turns] == ["complete"] * 3
    assert "you said “three”" in turns[2]["answer"]["parts"][0]["text"]

    lab.page.reload()
    lab.wait_open()
    again = Panel(lab.output(0)).wait()
    for text in ("one", "two", "three"):
        expect(again.log).to_contain_text(f"you said “{text}”")
    again.ask("four")
    expect(again.log).to_contain_text("you said “four”")
    assert lab.console_errors == []


def test_a_notebook_without_its_kernel_shows_what_was_said(saving_widgets, lab):
    del saving_widgets
    lab.open([SETUP])
    lab.run_cell(0)
    panel = Panel(lab.output(0)).wait()
    panel.ask("Hello there")
    panel.wait_answered()
    lab.save()
    lab.page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.shutdown()")
    lab.page.reload()
    lab.wait_open()
    expect(Panel(lab.output(0)).wait().log).to_contain_text("you said “Hello there”")
