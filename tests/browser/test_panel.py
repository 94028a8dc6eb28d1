"""The panel in real JupyterLab and Chromium, asked by hand, answered by the embedded gateway."""

from __future__ import annotations

from pathlib import Path

import pytest
from panel import Panel
from playwright.sync_api import expect
from replay import eventually

QUICKSTART = Path(__file__).parents[2] / "notebooks" / "quickstart.ipynb"
SETUP = "from gptrouter_notebook import ChatWidget\nchat = ChatWidget(models_priority_list={models!r})\nchat"


@pytest.fixture(autouse=True)
def fresh(gateway):
    gateway.requests.clear()


def open_panel(lab, *models, more=(), app="lab"):
    lab.open([SETUP.format(models=list(models)), *more], app=app)
    lab.run_cell(0)
    return Panel(lab.output(0)).wait()


def asked(gateway):
    """The models of the last request, in the order that counts."""
    entries = sorted(gateway.requests[-1]["data"], key=lambda entry: entry["order"])
    return [f"{entry['providerName']}/{entry['modelName']}" for entry in entries]


def test_the_quickstart_streams_an_answer_token_by_token(lab, gateway):
    lab.open(QUICKSTART)
    lab.run_cell(1)
    panel = Panel(lab.output(1)).wait()
    panel.ask("Show me what you can do")
    panel.wait_streaming()
    # Three lengths of the same answer, seen while it grows.
    lengths = []
    for least in (30, 200, 500):
        lab.page.wait_for_function(
            "([log, least]) => log.innerText.length > least", arg=[panel.log.element_handle(), least]
        )
        lengths.append(len(panel.log.inner_text()))
        expect(panel.stop).to_be_visible()
    assert lengths[0] < lengths[1] < lengths[2]
    panel.wait_answered()
    expect(panel.log).to_contain_text("demo/markdown")
    expect(panel.log.get_by_role("heading", name="How a question finds its model")).to_be_visible()
    expect(panel.log.get_by_role("table").first).to_be_visible()
    assert panel.log.locator("pre").count() == 3
    # demo/down stands before it: the gateway passed it over, and the route says so.
    assert asked(gateway) == ["demo/down", "demo/markdown", "demo/echo"]
    panel.button("Show route").click()
    expect(panel.log).to_contain_text("skipped")
    assert lab.console_errors == []


def test_stop_keeps_the_partial_and_closes_the_connection(lab, gateway):
    panel = open_panel(lab, "demo/stalls")
    panel.ask("Begin")
    panel.wait_streaming()
    expect(panel.log).to_contain_text("I am a demo model")
    panel.stop.click()
    panel.wait_answered()
    expect(panel.log).to_contain_text("I am a demo model")
    expect(panel.log).to_contain_text("topped")
    assert gateway.open_streams == 0


def test_stop_is_heard_though_the_answer_pushes_it_away_under_the_pointer(lab, gateway):
    panel = open_panel(lab, "demo/markdown")
    panel.ask("Grow")
    panel.wait_streaming()
    button = panel.stop.bounding_box()
    lab.page.mouse.move(button["x"] + button["width"] / 2, button["y"] + button["height"] / 2)
    lab.page.mouse.down()
    lab.page.wait_for_function(
        "([stop, below]) => stop.getBoundingClientRect().top > below",
        arg=[panel.stop.element_handle(), button["y"] + button["height"]],
    )
    lab.page.mouse.up()
    panel.wait_answered()
    expect(panel.log).to_contain_text("stopped")
    assert gateway.open_streams == 0


def test_tokens_flow_and_stop_works_while_a_cell_runs(lab, gateway):
    panel = open_panel(lab, "demo/markdown", more=["import time\nwhile True: time.sleep(0.05)"])
    lab.run_cell(1, wait=False)
    lab.page.wait_for_function("() => document.body.innerText.includes('[*]')")
    panel.ask("Show me")
    lab.page.wait_for_function("(log) => log.innerText.length > 200", arg=panel.log.element_handle())
    panel.stop.click()
    expect(panel.send).to_be_visible(timeout=2000)
    assert gateway.open_streams == 0
    lab.page.evaluate("() => window.jupyterapp.commands.execute('notebook:interrupt-kernel')")
    lab.wait_idle()


def test_the_order_in_the_panel_is_the_order_asked(lab, gateway):
    panel = open_panel(lab, "demo/markdown", "demo/echo", more=["print([m.label for m in chat.models_priority_list])"])
    panel.models.click()
    panel.button("Move demo/echo up").click()
    lab.page.wait_for_function(
        "(list) => list.querySelector('li').textContent.includes('demo/echo')", arg=panel.list.element_handle()
    )
    panel.ask("Who is first?")
    expect(panel.log).to_contain_text("you said “Who is first?”")
    panel.wait_answered()
    assert asked(gateway) == ["demo/echo", "demo/markdown"]
    lab.run_cell(1)
    assert lab.output(1).inner_text().strip() == "['demo/echo', 'demo/markdown']"


def test_setting_the_list_in_python_changes_the_panel(lab):
    panel = open_panel(lab, "demo/markdown", more=["chat.models_priority_list = ['demo/echo', 'demo/long']"])
    panel.models.click()
    lab.run_cell(1)
    expect(panel.list.get_by_role("listitem")).to_have_count(2)
    assert panel.order() == ["demo/echo", "demo/long"]


def test_a_model_is_added_and_removed(lab, gateway):
    panel = open_panel(lab, "demo/echo")
    panel.models.click()
    search = panel.root.get_by_role("combobox", name="Add a model")
    search.fill("long")
    panel.root.get_by_role("option").filter(has_text="demo/long").first.click()
    expect(panel.button("Remove demo/long")).to_be_visible()
    panel.button("Remove demo/echo").click()
    panel.ask("Hi")
    panel.wait_streaming()
    panel.wait_answered()
    assert asked(gateway) == ["demo/long"]


def test_a_broken_answer_stays_and_the_next_model_answers_below(lab):
    panel = open_panel(lab, "demo/breaks", "demo/echo")
    panel.ask("Hello")
    expect(panel.log).to_contain_text("broke off")
    expect(panel.log).to_contain_text("you said “Hello”")
    panel.wait_answered()
    text = panel.log.inner_text()
    assert text.index("in a moment my connection breaks") < text.index("broke off") < text.index("you said “Hello”")


def test_a_failed_turn_is_a_sentence_with_retry(lab, gateway):
    panel = open_panel(lab, "demo/fails-first")
    panel.ask("Hello")
    expect(panel.log).to_contain_text("demo/fails-first failed")
    expect(panel.log).to_contain_text("Hello")
    panel.wait_answered()
    count = len(gateway.requests)
    panel.button("Retry").click()
    eventually(lambda: len(gateway.requests) > count)
    expect(panel.button("Retry")).to_be_visible()
    panel.wait_answered()


def test_an_empty_message_is_not_sent(lab, gateway):
    panel = open_panel(lab, "demo/echo")
    panel.ask("   ")
    panel.ask("Now there is text")
    expect(panel.log).to_contain_text("you said “Now there is text”")
    assert len(gateway.requests) == 1


def test_keys_in_the_box_never_reach_the_notebook(lab):
    panel = open_panel(lab, "demo/echo")
    cells = lab.page.locator(".jp-Notebook .jp-Cell").count()
    panel.box.focus()
    lab.page.keyboard.type("abdxmyz abdx ")
    lab.page.keyboard.press("Shift+Enter")
    lab.page.keyboard.press("Escape")
    lab.page.keyboard.type("dd")
    assert lab.page.locator(".jp-Notebook .jp-Cell").count() == cells
    expect(panel.box).to_have_value("abdxmyz abdx \ndd")


def test_a_wrong_key_is_one_sentence(lab):
    # Reversed, so that the cell itself does not hold what is searched for.
    cell = (
        "from gptrouter_notebook import ChatWidget, GPTRouter\n"
        "chat = ChatWidget(GPTRouter(models_priority_list=['demo/echo'], gpt_router_api_key='4321-yranac'[::-1]))\nchat"
    )
    lab.open([cell])
    lab.run_cell(0)
    panel = Panel(lab.output(0)).wait()
    panel.ask("Hello")
    expect(panel.log).to_contain_text("refused the key")
    assert "canary" not in lab.page.content()
    assert "canary" not in str(lab.save())


def test_a_restarted_kernel_is_noticed_and_said(lab):
    panel = open_panel(lab, "demo/echo")
    panel.ask("Before")
    expect(panel.log).to_contain_text("you said “Before”")
    panel.wait_answered()
    lab.page.evaluate(
        "async () => { const c = window.jupyterapp.shell.currentWidget.sessionContext;"
        " await c.session.kernel.restart(); }"
    )
    lab.wait_idle()
    panel.ask("After")
    expect(panel.root).to_contain_text("run this cell again")
    expect(panel.log).to_contain_text("you said “Before”")


def test_hostile_markdown_stays_text(lab):
    panel = open_panel(lab, "demo/echo")
    lab.page.evaluate("() => { window.pwned = 0 }")
    panel.ask("<img src=x onerror='window.pwned=1'><script>window.pwned=1</script>[x](javascript:window.pwned=1)")
    expect(panel.log).to_contain_text("you said")
    panel.wait_answered()
    for link in panel.log.get_by_role("link").all():
        assert not (link.get_attribute("href") or "").startswith("javascript")
    assert lab.page.evaluate("() => window.pwned") == 0
    assert panel.log.locator("script, img[onerror]").count() == 0


def test_it_works_in_notebook_7(lab):
    panel = open_panel(lab, "demo/echo", app="notebook")
    panel.ask("Hello from Notebook 7")
    expect(panel.log).to_contain_text("you said “Hello from Notebook 7”")
