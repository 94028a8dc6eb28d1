"""Values of the notebook and pictures in a panel's messages, in real JupyterLab."""

from __future__ import annotations

import pytest
from panel import Panel
from playwright.sync_api import expect

SETUP = """
import pandas as pd
from gptrouter_notebook import ChatWidget
sales = pd.DataFrame({"city": ["Rome", "Oslo"], "sold": [3, 4]})
chat = ChatWidget(models_priority_list=["demo/echo"])
chat
"""
DOT = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
PASTE = """(box, dot) => {
  const bytes = Uint8Array.from(atob(dot), (c) => c.charCodeAt(0));
  const data = new DataTransfer();
  data.items.add(new File([bytes], "dot.png", { type: "image/png" }));
  box.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
}"""


@pytest.fixture
def panel(lab, gateway):
    gateway.requests.clear()
    lab.open([SETUP])
    lab.run_cell(0)
    return Panel(lab.output(0)).wait()


def told(gateway):
    return gateway.requests[-1]["data"][0]["promptParams"]["messages"][-1]["content"]


def test_a_data_frame_is_completed_shown_as_a_chip_and_sent(panel, gateway, lab):
    panel.box.press_sequentially("Which city sold most? @sal")
    option = panel.root.get_by_role("option", name="sales")
    expect(option).to_contain_text("2 rows")
    panel.box.press("Enter")
    expect(panel.box).to_have_value("Which city sold most? @sales ")
    chip = panel.root.get_by_role("list", name="Sent with the message")
    expect(chip).to_contain_text("DataFrame")
    expect(chip).to_contain_text("characters")
    panel.box.press("Enter")
    expect(panel.log).to_contain_text("you said")
    panel.wait_answered()
    assert "Rome" in told(gateway)
    assert told(gateway).startswith("Which city sold most? @sales")
    expect(panel.log.get_by_text("DataFrame").first).to_be_visible()
    assert lab.console_errors == []


def test_a_pasted_picture_goes_with_the_message(panel, gateway, lab):
    panel.box.focus()
    panel.box.evaluate(PASTE, DOT)
    expect(panel.root.get_by_role("img", name="To be sent, 1")).to_be_visible()
    panel.ask("What is this?")
    expect(panel.log).to_contain_text("picture")
    panel.wait_answered()
    assert [part["type"] for part in told(gateway)] == ["text", "image_url"]
    expect(panel.log.get_by_role("img", name="Sent by you, 1")).to_be_visible()
    assert lab.console_errors == []
