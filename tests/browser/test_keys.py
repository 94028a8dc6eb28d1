"""Keys, focus and scrolling in a real page: the notebook hears none of it, and nobody is left without a place."""

from __future__ import annotations

import pytest
from panel import Panel
from playwright.sync_api import expect

CELL = "from gptrouter_notebook import ChatWidget\nchat = ChatWidget(models_priority_list={models!r})\nchat"
ARROWS = ("ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight")
COMMAND_KEYS = ("a", "b", "d", "d", "x", "m", "y", "z", "Shift+Enter", *ARROWS)
NOTEBOOK = """() => {
  const { content } = window.jupyterapp.shell.currentWidget;
  const cells = content.widgets.map(({ model }) => [model.type, model.sharedModel.getSource()]);
  return { mode: content.mode, active: content.activeCellIndex, cells };
}"""
FOCUSED = """(root) => {
  const one = document.activeElement;
  if (!root.contains(one)) return null;
  return one.ariaLabel || one.labels?.[0]?.textContent || one.textContent.trim();
}"""
# Running a cell would take the focus along.
PYTHON = """async (code) => {
  await window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.requestExecute({ code }).done;
}"""
FROM_END = "(log) => log.scrollHeight - log.scrollTop - log.clientHeight"


def open_panel(lab, *models, more=(), app="lab"):
    lab.open([CELL.format(models=list(models)), *more], app=app)
    lab.run_cell(0)
    return Panel(lab.output(0)).wait()


def focused(panel):
    return panel.root.evaluate(FOCUSED)


@pytest.mark.parametrize("app", ["lab", "notebook"])
def test_no_key_reaches_the_notebook_from_anywhere_in_the_panel(lab, app):
    panel = open_panel(lab, "demo/echo", "demo/long", more=["one", "two"], app=app)
    panel.ask("Hello")
    panel.wait_answered()
    panel.models.click()
    panel.root.get_by_text("Settings", exact=True).click()
    panel.button("Edit").click()
    places = [
        panel.root.get_by_role("textbox", name="Edit message"),
        panel.root.get_by_role("combobox", name="Add a model"),
        panel.root.get_by_label("System prompt"),
        panel.root.get_by_label("Temperature"),
        panel.root.get_by_label("Stop sequences, one per line"),
        panel.button("Move demo/long up"),
        panel.button("Copy answer"),
        panel.log,
        panel.box,
    ]
    for place in places:
        place.focus()
        before = lab.page.evaluate(NOTEBOOK)
        for key in COMMAND_KEYS:
            lab.page.keyboard.press(key)
        expect(place).to_be_focused()
        assert lab.page.evaluate(NOTEBOOK) == before
    for place in (places[3], places[1], panel.log, panel.box):
        place.focus()
        before = lab.page.evaluate(NOTEBOOK)
        for key in ("Enter", "Escape", "Escape", "d", "d"):
            lab.page.keyboard.press(key)
        assert lab.page.evaluate(NOTEBOOK) == before
    expect(panel.log).to_contain_text("abddxmyz")


def test_a_key_on_the_other_models_opens_the_list_and_asks_nobody(lab, gateway):
    panel = open_panel(lab, "demo/echo", "demo/long")
    panel.ask("Hello")
    panel.wait_answered()
    asked = len(gateway.requests)
    for key in ("ArrowDown", "d", "End", "PageDown"):
        panel.root.get_by_role("combobox", name="Regenerate with another model").focus()
        before = lab.page.evaluate(NOTEBOOK)
        lab.page.keyboard.press(key)
        lab.page.keyboard.press("Escape")
        assert lab.page.evaluate(NOTEBOOK) == before
        expect(panel.root.get_by_role("combobox", name="Regenerate with another model")).to_be_focused()
    panel.root.get_by_role("combobox", name="Regenerate with another model").press("ArrowDown")
    lab.page.keyboard.press("ArrowDown")
    lab.page.keyboard.press("ArrowDown")
    assert len(gateway.requests) == asked
    # Which one this is, the browser's own list does not tell.
    lab.page.keyboard.press("Enter")
    expect(panel.log).to_contain_text("2/2")
    panel.wait_answered()
    panel.root.get_by_role("combobox", name="Regenerate with another model").focus()
    panel.root.get_by_role("combobox", name="Regenerate with another model").select_option("demo/long")
    expect(panel.log).to_contain_text("3/3")
    assert gateway.requests[-1]["data"][0]["modelName"] == "long"


def test_every_control_is_reached_by_tab_and_shows_that_it_is(lab):
    panel = open_panel(lab, "demo/echo", "demo/long")
    panel.ask("Hello")
    panel.wait_answered()
    panel.models.press("Enter")
    panel.root.get_by_text("Settings", exact=True).press("Enter")
    expect(panel.root.get_by_label("Temperature")).to_be_visible()
    panel.models.focus()
    seen = []
    while (name := focused(panel)) is not None:
        box = panel.root.locator(":focus").bounding_box()
        # The message box shows it by the frame around it, which begins some pixels further out.
        clip = {"x": box["x"] - 15, "y": box["y"] - 8, "width": box["width"] + 30, "height": box["height"] + 16}
        shown = lab.page.screenshot(clip=clip)
        panel.root.locator(":focus").evaluate("(one) => one.blur()")
        assert shown != lab.page.screenshot(clip=clip), f"{name!r} looks the same with the focus as without"
        seen.append(name)
        lab.page.keyboard.press("Tab")
    assert seen == [
        "Models",
        *("Move demo/echo up", "Move demo/echo down", "Remove demo/echo"),
        *("Move demo/long up", "Move demo/long down", "Remove demo/long"),
        *("Add a model", "Refresh health", "Check health now", "Settings"),
        *("System prompt", "Temperature", "Longest answer, in tokens", "Stop sequences, one per line"),
        *("Conversation", "Edit", "Delete", "Show route", "Copy answer", "Regenerate", "Regenerate with another model"),
        *("Message", "Send", "Save or load", "Clear"),
    ]


def test_the_focus_stays_with_a_row_that_moves_and_finds_a_neighbour_of_one_that_goes(lab):
    panel = open_panel(lab, "demo/echo", "demo/long", "demo/slow")
    panel.models.press("Enter")
    panel.button("Move demo/slow up").press("Enter")
    expect(panel.button("Move demo/slow up")).to_be_focused()
    lab.page.keyboard.press("Alt+ArrowUp")
    expect(panel.button("Move demo/slow up")).to_be_focused()
    assert panel.order() == ["demo/slow", "demo/echo", "demo/long"]
    panel.button("Remove demo/echo").press("Enter")
    expect(panel.button("Remove demo/long")).to_be_focused()
    lab.page.keyboard.press("Enter")
    expect(panel.button("Remove demo/slow")).to_be_focused()
    lab.page.keyboard.press("Enter")
    expect(panel.root.get_by_role("combobox", name="Add a model")).to_be_focused()


def test_the_focus_is_given_back_when_python_takes_away_what_has_it(lab):
    panel = open_panel(lab, "demo/echo", "demo/long")
    panel.ask("Hello")
    panel.wait_answered()
    panel.models.click()
    panel.button("Remove demo/long").focus()
    lab.page.evaluate(PYTHON, "chat.models_priority_list = ['demo/echo']")
    expect(panel.list.get_by_role("listitem")).to_have_count(1)
    expect(panel.box).to_be_focused()
    panel.button("Copy answer").focus()
    lab.page.evaluate(PYTHON, "chat.clear()")
    expect(panel.log).not_to_contain_text("Hello")
    expect(panel.box).to_be_focused()


def test_a_button_that_goes_hands_the_focus_on(lab):
    panel = open_panel(lab, "demo/stalls", "demo/echo")
    panel.ask("One")
    panel.wait_streaming()
    panel.ask("Two")
    panel.button("Take back").press("Enter")
    expect(panel.box).to_have_value("Two")
    expect(panel.root.get_by_role("list", name="Waiting messages")).to_have_count(0)
    expect(panel.box).to_be_focused()
    panel.stop.press("Enter")
    panel.wait_answered()
    expect(panel.send).to_be_focused()
    # An answer begins without anybody's doing in the page, and the button is not to be used meanwhile.
    panel.button("Edit").focus()
    lab.page.evaluate(PYTHON, "_ = chat.ask('From Python')")
    panel.wait_streaming()
    expect(panel.button("Edit").first).to_be_disabled()
    expect(panel.box).to_be_focused()


def test_the_focus_stays_on_the_switch_of_versions(lab):
    panel = open_panel(lab, "demo/echo")
    panel.ask("Hello")
    panel.wait_answered()
    panel.button("Regenerate").press("Enter")
    expect(panel.log).to_contain_text("2/2")
    panel.wait_answered()
    panel.button("Previous version").press("Enter")
    expect(panel.log).to_contain_text("1/2")
    expect(panel.button("Previous version")).to_be_focused()


def test_the_focus_outlives_a_look_at_the_health_and_a_check(lab):
    panel = open_panel(lab, "demo/echo")
    panel.models.click()
    panel.button("Refresh health").press("Enter")
    expect(panel.button("Refresh health")).to_be_enabled()
    assert focused(panel) is not None
    panel.button("Check health now").press("Enter")
    lab.page.keyboard.press("Enter")
    expect(panel.button("Check health now")).to_be_visible()
    assert focused(panel) is not None


def test_only_a_reader_at_the_end_is_taken_along(lab):
    panel = open_panel(lab, "demo/markdown")
    panel.ask("Show me")
    panel.wait_streaming()
    lab.page.wait_for_function("(log) => log.scrollHeight > 1.5 * log.clientHeight", arg=panel.log.element_handle())
    assert panel.log.evaluate(FROM_END) <= 24
    expect(panel.button("Jump to latest")).to_have_count(0)
    panel.log.hover()
    lab.page.mouse.wheel(0, -300)
    expect(panel.button("Jump to latest")).to_be_visible()
    top, height = panel.log.evaluate("(log) => [log.scrollTop, log.scrollHeight]")
    lab.page.wait_for_function(
        "([log, height]) => log.scrollHeight > height + 200", arg=[panel.log.element_handle(), height]
    )
    assert panel.log.evaluate("(log) => log.scrollTop") == top
    panel.button("Jump to latest").press("Enter")
    expect(panel.log).to_be_focused()
    expect(panel.button("Jump to latest")).to_have_count(0)
    panel.wait_answered()
    assert panel.log.evaluate(FROM_END) <= 24


@pytest.mark.parametrize(("motion", "moves"), [("no-preference", True), ("reduce", False)])
def test_nothing_moves_for_who_wants_no_motion(lab, motion, moves):
    lab.page.emulate_media(reduced_motion=motion)
    panel = open_panel(lab, "demo/stalls")
    panel.ask("Hello")
    expect(panel.log).to_contain_text("Answering")
    running = panel.root.evaluate("(root) => root.getAnimations({ subtree: true }).length")
    assert (running > 0) == moves
