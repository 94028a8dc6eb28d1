"""Every state of the panel, looked at by axe-core in light, dark and forced colours."""

from __future__ import annotations

from axe import violations
from panel import Panel
from playwright.sync_api import expect

CELL = "from gptrouter_notebook import ChatWidget\nchat = ChatWidget(models_priority_list={models!r})\nchat"


def open_panel(lab, *models):
    lab.open([CELL.format(models=list(models))])
    lab.run_cell(0)
    return Panel(lab.output(0)).wait()


def test_axe_sees_what_is_wrong(lab):
    panel = open_panel(lab, "demo/echo")
    wrong = '<p style="color: #999; background: #aaa">faint</p><button></button>'
    panel.log.evaluate("(log, wrong) => log.insertAdjacentHTML('beforeend', wrong)", wrong)
    found = {look: {fault["rule"] for fault in faults} for look, faults in violations(lab, panel.root).items()}
    seen = {"button-name", "color-contrast"}
    assert found == {"light": seen, "dark": seen, "forced": seen}


def test_the_empty_panel(lab):
    panel = open_panel(lab, "demo/down", "demo/echo", "demo/slow", "demo/never-checked")
    expect(panel.root).to_contain_text("skipped")
    assert violations(lab, panel.root) == {}


def test_an_answer_with_code_a_table_math_and_its_route(lab):
    panel = open_panel(lab, "demo/down", "demo/markdown")
    panel.ask("Show me")
    panel.wait_streaming()
    panel.wait_answered()
    panel.button("Show route").click()
    expect(panel.log.locator("math").first).to_be_visible()
    expect(panel.log.locator(".gptr-hl-keyword").first).to_be_visible()
    expect(panel.log.get_by_role("table").first).to_be_visible()
    expect(panel.log.get_by_role("list", name="Route")).to_be_visible()
    assert violations(lab, panel.root) == {}


def test_an_answer_on_its_way_a_queue_and_a_reader_who_scrolled_up(lab):
    panel = open_panel(lab, "demo/stalls")
    panel.ask("A question of many lines\n" * 60)
    panel.wait_streaming()
    panel.ask("And then?")
    expect(panel.root.get_by_role("list", name="Waiting messages")).to_be_visible()
    panel.box.fill("And after that?")
    expect(panel.log).to_contain_text("I am a demo model")
    panel.log.evaluate("(log) => { log.scrollTop = 0 }")
    expect(panel.button("Jump to latest")).to_be_visible()
    assert violations(lab, panel.root) == {}


def test_a_failure_a_broken_answer_and_a_refusal(lab):
    panel = open_panel(lab, "demo/breaks", "demo/fails-first")
    panel.ask("Hello")
    expect(panel.log).to_contain_text("broke off")
    panel.wait_answered()
    expect(panel.button("Retry")).to_be_visible()
    panel.models.click()
    panel.root.get_by_text("Settings", exact=True).click()
    panel.root.get_by_label("Temperature").fill("-3")
    panel.box.focus()
    expect(panel.root.get_by_role("alert")).to_be_visible()
    assert violations(lab, panel.root) == {}


def test_what_to_leave_out_and_what_was_left_out(lab):
    panel = open_panel(lab, "demo/short-memory")
    for text in ("first " * 40, "second " * 10):
        panel.ask(text)
        panel.wait_answered()
    panel.ask("third " * 80)
    expect(panel.button("Retry without 1 message")).to_be_visible()
    assert violations(lab, panel.root) == {}
    panel.button("Retry without 1 message").click()
    expect(panel.log).to_contain_text("Models are not told this.")
    panel.wait_answered()
    assert violations(lab, panel.root) == {}


def test_the_picker_with_its_options_and_the_settings(lab):
    panel = open_panel(lab, "demo/down", "demo/echo", "demo/nowhere")
    panel.models.click()
    panel.root.get_by_text("Settings", exact=True).click()
    expect(panel.root.get_by_label("Temperature")).to_be_visible()
    panel.root.get_by_role("combobox", name="Add a model").fill("gpt")
    expect(panel.root.get_by_role("option").first).to_be_visible()
    panel.root.get_by_role("combobox", name="Add a model").press("ArrowDown")
    assert violations(lab, panel.root) == {}


def test_a_message_being_edited_its_branches_a_picture_and_a_value(lab):
    panel = open_panel(lab, "demo/echo")
    for text in ("One", "Two"):
        panel.ask(text)
        panel.wait_answered()
    panel.button("Regenerate").last.click()
    expect(panel.log).to_contain_text("2/2")
    panel.wait_answered()
    panel.button("Edit").first.click()
    expect(panel.root.get_by_role("textbox", name="Edit message")).to_be_visible()
    panel.box.press_sequentially("What is {chat}? @cha")
    expect(panel.root.get_by_role("option", name="chat")).to_be_visible()
    assert violations(lab, panel.root) == {}
