"""A conversation outlives what shows it: saved, reopened, reloaded, restarted; in JupyterLab and Notebook 7."""

from __future__ import annotations

import json

import pytest
from nbconvert import HTMLExporter, MarkdownExporter
from panel import Panel
from playwright.sync_api import expect

from gptrouter_notebook.transcript import from_dict
from gptrouter_notebook.transcript_bundle import CHAT_MIME

SETUP = "from gptrouter_notebook import ChatWidget\nchat = ChatWidget(models_priority_list=['demo/echo'])\nchat"
LONG_MS = 60_000
IS_KEPT = """(text) => [...document.querySelectorAll("[data-gptr-chat]")]
  .some((copy) => copy.textContent.includes(text))"""
APPS = pytest.mark.parametrize("app", ["lab", "notebook"])


def open_panel(lab, *cells, app="lab"):
    lab.open(cells or [SETUP], app=app)
    lab.run_all()
    return Panel(lab.output(0)).wait()


def ask(panel, *texts):
    """Asks, and waits until the answers are in the notebook, too."""
    for text in texts:
        panel.ask(text)
        expect(panel.log).to_contain_text(f"you said “{text}”")
        panel.wait_answered()
        panel.root.page.wait_for_function(IS_KEPT, arg=f"you said “{text}”")


def saved_chats(lab):
    """The chats in the file after saving, cell by cell, as what was asked on the shown path."""
    outputs = [output for cell in lab.save()["cells"] for output in cell["outputs"]]
    chats = [output["data"][CHAT_MIME] for output in outputs if CHAT_MIME in output.get("data", {})]
    return [[turn.user for turn in from_dict(chat).conversation] for chat in chats]


def restart_kernel(lab):
    lab.page.evaluate("() => { window.jupyterapp.commands.execute('notebook:restart-kernel') }")
    lab.page.locator(".jp-Dialog .jp-mod-accept").click()


def kill_kernel(lab):
    """As the system does when memory runs out."""
    lab.page.evaluate(
        """() => {
          const { session } = window.jupyterapp.shell.currentWidget.sessionContext;
          session.kernel.requestExecute({ code: "import os; os._exit(1)" });
        }"""
    )


@APPS
def test_what_was_said_is_in_the_file_and_seen_once(lab, app):
    panel = open_panel(lab, app=app)
    ask(panel, "One", "Two")
    copy = lab.output(0).locator("[data-gptr-chat]")
    expect(copy).to_have_count(1)
    expect(copy).to_be_hidden()
    assert lab.output(0).locator(".jp-OutputArea-child:visible").count() == 1
    assert saved_chats(lab) == [["One", "Two"]]
    assert app == "notebook" or lab.console_errors == []  # Notebook 7 has some of its own


@APPS
def test_a_notebook_opened_without_its_kernel_reads_as_it_was(lab, app):
    panel = open_panel(lab, app=app)
    ask(panel, "One", "Two")
    lab.save()
    restart_kernel(lab)
    expect(panel.root.get_by_role("alert")).to_contain_text("The kernel was restarted")
    lab.page.reload()
    lab.wait_open()
    copy = lab.output(0).locator("[data-gptr-chat]")
    expect(copy).to_be_visible()
    lines = [line for line in copy.inner_text().split("\n") if line and "first token" not in line]
    said = "I am a demo model: you said “{}”."
    assert lines == ["You", "One", "demo/echo", said.format("One"), "You", "Two", "demo/echo", said.format("Two")]


def test_typing_is_not_disturbed_by_the_end_of_an_answer(lab):
    panel = open_panel(lab, SETUP.replace("demo/echo", "demo/markdown"))
    panel.ask("One")
    panel.wait_streaming()
    panel.box.press_sequentially("half a thou")
    panel.wait_answered()
    lab.wait_idle()
    expect(panel.box).to_be_focused()
    panel.box.press_sequentially("ght")
    expect(panel.box).to_have_value("half a thought")


def test_several_panels_are_saved_while_a_cell_runs(lab):
    busy = "import time\nwhile not stop: time.sleep(0.01)"
    panel = open_panel(lab, "stop = []\n" + SETUP, SETUP.replace("chat", "other"))
    other = Panel(lab.output(1)).wait()
    lab.page.evaluate("() => window.jupyterapp.commands.execute('notebook:insert-cell-below')")
    lab.page.evaluate("(text) => window.jupyterapp.commands.execute('notebook:replace-selection', { text })", busy)
    lab.run_cell(2, wait=False)
    expect(lab.cell(2).locator(".jp-InputPrompt")).to_contain_text("[*]")
    ask(panel, "First")
    ask(other, "Second")
    ask(panel, "Third")
    assert saved_chats(lab) == [["First", "Third"], ["Second"]]
    lab.page.evaluate("() => window.jupyterapp.commands.execute('notebook:interrupt-kernel')")
    lab.wait_idle()


def test_clearing_the_outputs_removes_all_of_it(lab):
    panel = open_panel(lab)
    ask(panel, "One")
    lab.page.evaluate("() => window.jupyterapp.commands.execute('notebook:clear-all-cell-outputs')")
    saved = lab.save()
    assert saved["cells"][0]["outputs"] == []
    assert "widgets" not in saved["metadata"]
    assert "One" not in json.dumps(saved)


@APPS
def test_after_a_reload_the_conversation_is_there_and_goes_on_into_the_file(lab, app):
    panel = open_panel(lab, app=app)
    ask(panel, "One")
    lab.save()
    lab.page.reload()
    lab.wait_open()
    panel = Panel(lab.output(0)).wait()
    expect(panel.log).to_contain_text("you said “One”")
    expect(lab.output(0).locator("[data-gptr-chat]")).to_be_hidden()
    ask(panel, "Two")
    assert saved_chats(lab) == [["One", "Two"]]
    ask(panel, "Three")
    assert saved_chats(lab) == [["One", "Two", "Three"]]


def test_a_reload_in_mid_stream_loses_nothing_and_repeats_nothing(lab):
    panel = open_panel(lab, SETUP.replace("demo/echo", "demo/markdown"))
    lab.save()
    panel.ask("One")
    panel.wait_streaming()
    lab.page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")
    lab.page.reload()
    lab.wait_open()
    panel = Panel(lab.output(0)).wait()
    panel.wait_streaming()
    panel.wait_answered()
    shown = panel.log.locator(".gptr-answer .gptr-markdown").inner_text()
    lab.page.reload()
    lab.wait_open()
    panel = Panel(lab.output(0)).wait()
    expect(panel.log).to_contain_text("One")
    expect(panel.log.locator(".gptr-answer .gptr-markdown")).to_have_text(shown, use_inner_text=True)
    assert panel.log.locator(".gptr-turn").count() == 1


@pytest.mark.parametrize("end", [restart_kernel, kill_kernel])
def test_a_kernel_that_ends_is_said_at_once_and_its_conversation_goes_on(lab, gateway, end):
    panel = open_panel(lab, SETUP.replace("['demo/echo']", "['demo/echo', 'demo/stalls']"), "")
    ask(panel, "One")
    panel.models.click()
    panel.button("Move demo/stalls up").click()
    panel.models.click()
    panel.ask("Two")
    panel.wait_streaming()
    expect(panel.log).to_contain_text("Two")
    end(lab)
    expect(panel.root.get_by_role("alert")).to_contain_text("The kernel was restarted: run this cell again.")
    expect(panel.log).to_contain_text("you said “One”")
    expect(panel.send).to_be_visible()
    panel.box.fill("not lost")
    panel.box.press("Enter")
    expect(panel.box).to_have_value("not lost")
    lab.wait_revived()
    lab.run_cell(0)
    panel = Panel(lab.output(0)).wait()
    panel.button("Go on with the 2 messages that were here").click()
    expect(panel.log).to_contain_text("you said “One”")
    expect(panel.log).to_contain_text("Two")
    gateway.requests.clear()
    ask(panel, "Three")
    messages = gateway.requests[-1]["data"][0]["promptParams"]["messages"]
    assert next(message["content"] for message in messages if message["role"] == "user") == "One"
    assert saved_chats(lab) == [["One", "Two", "Three"]]


def test_two_views_and_two_tabs_are_the_same_to_the_character(lab):
    panel = open_panel(lab, SETUP.replace("demo/echo", "demo/markdown"), "chat")
    other = Panel(lab.output(1)).wait()
    lab.save()
    tab = lab.page.context.new_page()
    tab.goto(lab.page.url.split("?")[0].replace("workspaces/notebook", "workspaces/second"))
    third = Panel(tab.locator(".jp-Notebook .jp-Cell").nth(0)).wait()
    other.box.fill("my draft")
    third.box.fill("another draft")
    panel.ask("One")
    panel.wait_streaming()
    expect(other.box).to_have_value("my draft")
    for view in (panel, other, third):
        expect(view.send).to_be_visible(timeout=LONG_MS)
    shown = [view.log.locator(".gptr-answer .gptr-markdown").inner_html() for view in (panel, other, third)]
    assert shown[0] == shown[1] == shown[2]
    assert len(shown[0]) > 500
    expect(third.box).to_have_value("another draft")
    expect(other.box).to_have_value("my draft")
    tab.close()


def test_elsewhere_it_is_read_without_javascript(lab, browser, tmp_path):
    panel = open_panel(lab, SETUP.replace("demo/echo", "demo/markdown"))
    panel.ask("One")
    panel.wait_streaming()
    panel.wait_answered()
    lab.page.wait_for_function(IS_KEPT, arg="This page was written beforehand")
    lab.save()
    whole, _ = HTMLExporter().from_filename(str(lab.path))
    page_path = tmp_path / "chat.html"
    page_path.write_text(whole, "utf-8")
    with browser.new_context(java_script_enabled=False, offline=True) as context:
        page = context.new_page()
        page.goto(page_path.as_uri())
        expect(page.locator("[data-gptr-chat]")).to_be_visible()
        text = page.locator("body").inner_text()
        page.screenshot(path=tmp_path / "chat.png")
    assert text.count("This page was written beforehand") == 1
    assert "\ndemo/markdown\n" in text
    markdown, _ = MarkdownExporter().from_filename(str(lab.path))
    assert "<p><strong>demo/markdown</strong></p>" in markdown


def test_an_export_is_downloaded_and_loaded_again_beside_what_is_there(lab, tmp_path):
    panel = open_panel(lab)
    ask(panel, "One")
    panel.button("Save or load").click()
    for name, label in [("chat.md", "Markdown"), ("chat.html", "HTML"), ("chat.langchain.json", "LangChain messages")]:
        with lab.page.expect_download() as download:
            panel.button(f"Save as {label}").click()
        assert download.value.suggested_filename == name
        assert "said “One”" in download.value.path().read_text("utf-8")
    with lab.page.expect_download() as download:
        panel.button("Save as JSON").click()
    download.value.save_as(tmp_path / "chat.json")
    panel.button("Copy all").click()
    expect(panel.root).to_contain_text("Copied")
    assert lab.page.evaluate("() => navigator.clipboard.readText()").startswith("**You**\n\nOne\n\n**demo/echo**\n\n")
    panel.button("Clear").click()
    panel.button("Really clear everything?").click()
    ask(panel, "Two")
    with lab.page.expect_file_chooser() as chooser:
        panel.button("Load …").click()
    chooser.value.set_files(tmp_path / "chat.json")
    expect(panel.log).to_contain_text("you said “One”")
    expect(panel.log).to_contain_text("2/2")
    panel.button("Previous version").click()
    expect(panel.log).to_contain_text("you said “Two”")
    (tmp_path / "other.json").write_text("{}", "utf-8")
    with lab.page.expect_file_chooser() as chooser:
        panel.button("Load …").click()
    chooser.value.set_files(tmp_path / "other.json")
    expect(panel.root.get_by_role("alert")).to_contain_text("This is no saved conversation")


def test_another_notebook_goes_on_with_a_saved_chat(lab, gateway):
    panel = open_panel(lab)
    ask(panel, "One")
    lab.save()
    name = lab.path.name
    source = f"from gptrouter_notebook import ChatWidget\nchat = ChatWidget.from_notebook({name!r})\nchat"
    lab.open([source], name="second")
    lab.run_all()
    panel = Panel(lab.output(0)).wait()
    expect(panel.log).to_contain_text("you said “One”")
    gateway.requests.clear()
    ask(panel, "Two")
    messages = gateway.requests[-1]["data"][0]["promptParams"]["messages"]
    assert [message["content"] for message in messages if message["role"] == "user"] == ["One", "Two"]
    assert saved_chats(lab) == [["One", "Two"]]


FAILING = """
import os
from gptrouter_notebook import ChatWidget, GPTRouter
key = os.environ["GPT_ROUTER_API_KEY"]
models = ["demo/down", "demo/breaks", "demo/echo"]
chat = ChatWidget(models_priority_list=models)
refused = ChatWidget(GPTRouter(models_priority_list=models, gpt_router_api_key=key + "-wrong"))
away = ChatWidget(GPTRouter(models_priority_list=models, base_url="http://127.0.0.1:9", max_retries=0))
"""


def test_no_message_no_file_and_no_export_tells_the_key(lab, gateway):
    frames = []

    def note(payload):
        frames.append(payload if isinstance(payload, str) else payload.decode("utf-8", errors="replace"))

    def listen(socket):
        socket.on("framereceived", note)
        socket.on("framesent", note)

    lab.page.on("websocket", listen)
    lab.open([FAILING, "chat", "refused", "away"])
    lab.page.evaluate(
        """() => window.jupyterapp.serviceManager.settings.save(
             "@jupyter-widgets/jupyterlab-manager:plugin", '{"saveState": true}')"""
    )
    lab.page.reload()
    lab.wait_open()
    lab.run_all()
    for index in (1, 2, 3):
        panel = Panel(lab.output(index)).wait()
        panel.ask("One")
        panel.wait_answered()
        panel.models.click()
        panel.button("Save or load").click()
        panel.button("Copy all").click()
        for label in ("Markdown", "HTML", "JSON", "LangChain messages"):
            with lab.page.expect_download() as download:
                panel.button(f"Save as {label}").click()
            frames.append(download.value.path().read_text("utf-8"))
    saved = lab.save()
    assert len(saved["metadata"]["widgets"]["application/vnd.jupyter.widget-state+json"]["state"]) > 3
    frames.append(json.dumps(saved))
    assert len(frames) > 50
    assert any("you said" in frame for frame in frames)
    assert [frame[:200] for frame in frames if gateway.key in frame] == []
