"""Answers with formulas and code in real JupyterLab, and the parts of the front end that draw them."""

from __future__ import annotations

import re

import pytest
from panel import Panel
from playwright.sync_api import expect

CELL = "from gptrouter_notebook import ChatWidget\nChatWidget(models_priority_list=[{model!r}])"
ASSET = re.compile(rb'"kind": ?"asset", ?"name": ?"(\w+)"')
LOST_ASSET = re.compile(rb'"kind": ?"asset".*"source"', re.DOTALL)


@pytest.fixture
def asked(lab):
    """What the page has asked kernels for, oldest first."""
    names = []

    def note(frame):
        names.extend(name.decode() for name in ASSET.findall(frame if isinstance(frame, bytes) else frame.encode()))

    lab.page.on("websocket", lambda socket: socket.on("framesent", note))
    return names


def open_panel(lab, model):
    lab.open([CELL.format(model=model)])
    lab.run_cell(0)
    return Panel(lab.output(0)).wait()


def test_a_formula_is_drawn_and_what_draws_it_comes_only_then(lab, asked):
    panel = open_panel(lab, "demo/echo")
    panel.ask("It costs $5 and $6, **really**")
    expect(panel.log.locator("strong")).to_have_text("really")
    panel.wait_answered()
    expect(panel.log).to_contain_text("It costs $5 and $6, really”")
    assert asked == ["markdown"]
    panel.ask("Let $x^2$ be \\[ \\frac{a}{b} \\] for a moment")
    expect(panel.log.locator("math")).to_have_count(2)
    panel.wait_answered()
    assert asked == ["markdown", "math"]
    fraction = panel.log.locator("math mfrac")
    top, bottom = (fraction.locator("mi").nth(index).bounding_box() for index in (0, 1))
    assert top["y"] + top["height"] <= bottom["y"] + 2
    assert lab.console_errors == []


def test_code_is_coloured_in_the_colours_of_the_theme(lab, asked):
    panel = open_panel(lab, "demo/markdown")
    panel.ask("Show me")
    panel.wait_streaming()
    panel.wait_answered()
    expect(panel.log.locator(".gptr-code")).to_have_count(3)
    keywords = panel.log.locator(".gptr-hl-keyword")
    for word in ("def", "const", "SELECT"):
        expect(keywords.get_by_text(word, exact=True).first).to_be_visible()
    expect(panel.log.locator(".gptr-math-display math")).to_have_count(1)
    assert sorted(asked) == ["highlight", "markdown", "math"]
    colour = "(element) => getComputedStyle(element).color"
    light = keywords.first.evaluate(colour)
    lab.set_theme("JupyterLab Dark")
    try:
        assert keywords.first.evaluate(colour) != light
    finally:
        lab.set_theme("JupyterLab Light")


def test_a_second_panel_uses_what_the_page_has(lab, asked):
    lab.open([CELL.format(model="demo/echo"), CELL.format(model="demo/echo")])
    for index in (0, 1):
        lab.run_cell(index)
        panel = Panel(lab.output(index)).wait()
        panel.ask("$x$")
        expect(panel.log.locator("math")).to_have_count(1)
        panel.wait_answered()
    assert asked == ["markdown", "math"]


def test_a_part_that_is_lost_on_the_way_is_asked_for_again(lab):
    lost = []

    def connect(socket):
        server = socket.connect_to_server()

        def deliver(frame):
            if not lost and LOST_ASSET.search(frame if isinstance(frame, bytes) else frame.encode()):
                lost.append(frame)
            else:
                socket.send(frame)

        server.on_message(deliver)

    lab.page.route_web_socket(re.compile(r"/channels"), connect)
    panel = open_panel(lab, "demo/echo")
    panel.ask("**really**")
    expect(panel.log.locator("strong")).to_have_text("really")
    assert len(lost) == 1


def test_without_its_part_an_answer_is_its_text_and_the_panel_says_why(lab):
    lab.open(["from gptrouter_notebook import assets\nassets.PARTS = ()", CELL.format(model="demo/echo")])
    lab.run_all()
    panel = Panel(lab.output(1)).wait()
    expect(panel.root).to_contain_text("unknown part ('markdown')")
    panel.ask("**Hi** $x$")
    expect(panel.log).to_contain_text("you said “**Hi** $x$”.")
    panel.wait_answered()


def test_code_is_copied_on_plain_http_too(lab):
    # What a page that is not from this machine, without TLS, has of a clipboard.
    lab.page.add_init_script("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    panel = open_panel(lab, "demo/markdown")
    panel.ask("Show me")
    panel.wait_streaming()
    panel.wait_answered()
    panel.button("Copy sql code").click()
    expect(panel.log.get_by_text("Copied")).to_be_visible()
    panel.box.focus()
    lab.page.keyboard.press("Control+V")
    expect(panel.box).to_have_value(re.compile(r"^SELECT name FROM models\nWHERE .*LIMIT 1;$", re.DOTALL))
