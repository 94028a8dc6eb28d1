"""The magics in real JupyterLab and Notebook 7: what is seen while an answer comes, and what stays."""

from __future__ import annotations

import pytest
from panel import Panel
from playwright.sync_api import expect
from replay import eventually

LOAD = "%load_ext gptrouter_notebook"


@pytest.fixture(params=["lab", "notebook"])
def app(request):
    return request.param


def open_cells(lab, *cells, app="lab"):
    """A notebook with the magics loaded; the given cells begin at 1."""
    lab.open([LOAD, *cells], app=app)
    lab.run_cell(0)


def test_an_answer_streams_under_its_cell_and_stays_as_markdown(lab, app):
    open_cells(lab, "%%gptrouter -m demo/markdown -o ans\nShow me", "print(len(ans.text))", app=app)
    lab.run_cell(1, wait=False)
    output = lab.output(1)
    lengths = []
    for least in (20, 150, 400):
        lab.page.wait_for_function(
            "([output, least]) => output.innerText.length > least", arg=[output.element_handle(), least]
        )
        lengths.append(len(output.inner_text()))
    assert lengths[0] < lengths[-1]
    lab.wait_idle()
    expect(output.get_by_role("heading", name="How a question finds its model")).to_be_visible()
    expect(output).to_contain_text("demo/markdown · first token")
    lab.run_cell(2)
    assert int(lab.output(2).inner_text()) > 1000
    [saved] = lab.save()["cells"][1]["outputs"]
    assert "".join(saved["data"]["text/markdown"]).startswith("I am a demo model")


def test_code_goes_into_a_new_cell_that_is_not_run(lab, app):
    open_cells(lab, "%%gptrouter -m demo/markdown -f code\nShow me", app=app)
    lab.run_cell(1)
    expect(lab.cell(2)).to_contain_text("def first_available")
    expect(lab.cell(2)).not_to_contain_text("```")
    expect(lab.cell(2).locator(".jp-InputPrompt")).to_have_text("[ ]:")
    expect(lab.output(1)).to_contain_text("How a question finds its model")
    expect(lab.output(1)).not_to_contain_text("def first_available")


def test_json_is_a_tree(lab):
    open_cells(lab, '%%gptrouter -m demo/echo -f json --param response_format={"type":"json_object"}\nHi')
    lab.run_cell(1)
    tree = lab.output(1).locator(".jp-RenderedJSON")
    expect(tree).to_contain_text("answer")
    expect(tree).to_contain_text("you said")
    expect(lab.output(1)).to_contain_text("demo/echo · first token")


def test_html_is_shown_in_a_frame_that_runs_nothing(lab):
    asks = 'Write <h2>Hi</h2><script>parent.document.title = "broken in"</script>'
    open_cells(lab, f"%%gptrouter -m demo/echo -f html\n{asks}")
    lab.run_cell(1)
    frame = lab.output(1).frame_locator("iframe")
    expect(frame.get_by_role("heading", name="Hi")).to_be_visible()
    assert "broken in" not in lab.page.title()
    expect(lab.output(1)).to_contain_text("Source")


def test_a_failure_is_one_sentence_and_stops_what_comes_after(lab):
    open_cells(lab, "%%gptrouter -m demo/fails-first\nHi", "print('never')")
    lab.run_all()
    expect(lab.output(1)).to_contain_text("NoModelAvailable: demo/fails-first failed")
    expect(lab.output(1)).not_to_contain_text(".py")
    expect(lab.output(2)).not_to_contain_text("never")


def test_interrupting_the_kernel_stops_the_answer_and_keeps_the_partial(lab, gateway):
    open_cells(lab, "%%gptrouter -m demo/stalls\nHi")
    lab.run_cell(1, wait=False)
    expect(lab.output(1)).to_contain_text("I am a demo model")
    lab.page.evaluate("() => window.jupyterapp.commands.execute('notebook:interrupt-kernel')")
    lab.wait_idle(5)
    expect(lab.output(1)).to_contain_text("I am a demo model")
    expect(lab.output(1)).to_contain_text("stopped")
    eventually(lambda: gateway.open_streams == 0)


def test_the_conversation_opens_in_a_panel_and_goes_on_in_both(lab, gateway):
    open_cells(
        lab,
        "%gptrouter use demo/echo",
        "%%gptrouter\nFirst, from a cell",
        "%gptrouter chat",
        "%%gptrouter\nThird, from a cell",
    )
    for cell in (1, 2, 3):
        lab.run_cell(cell)
    panel = Panel(lab.output(3)).wait()
    expect(panel.log).to_contain_text("you said “First, from a cell”")
    panel.ask("Second, from the panel")
    expect(panel.log).to_contain_text("you said “Second, from the panel”")
    panel.wait_answered()
    lab.run_cell(4)
    expect(lab.output(4)).to_contain_text("you said “Third, from a cell”")
    expect(panel.log).to_contain_text("you said “Third, from a cell”")
    messages = gateway.requests[-1]["data"][0]["promptParams"]["messages"]
    assert [m["content"] for m in messages if m["role"] == "user"] == [
        "First, from a cell",
        "Second, from the panel",
        "Third, from a cell",
    ]
    assert lab.console_errors == []


def test_tab_completes_a_subcommand(lab):
    open_cells(lab, "%gptrouter expl")
    editor = lab.cell(1).get_by_role("textbox")
    editor.click()
    lab.page.keyboard.press("End")
    lab.page.keyboard.press("Tab")
    offered = lab.page.locator(".jp-Completer-item")
    expect(offered).to_have_count(1)
    offered.click()
    expect(editor).to_have_text("%gptrouter explain")
