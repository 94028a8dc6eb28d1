"""The tools of the browser tests work: a real kernel of this Python, both applications, both themes."""

import json
import sys

import pytest


@pytest.mark.parametrize("app", ["lab", "notebook"])
def test_a_cell_runs_in_a_real_page(lab, app):
    lab.open(["1 + 1"], app=app)
    lab.run_all()
    assert lab.output(0).inner_text().strip().endswith("2")


def test_the_kernel_is_this_python_and_knows_the_gateway(lab, gateway):
    lab.open(["import os, sys; print(sys.executable, os.environ['GPT_ROUTER_API_BASE'])"])
    lab.run_cell(0)
    assert lab.output(0).inner_text().split() == [sys.executable, gateway.url]


def test_idle_is_waited_for(lab):
    lab.open(["import time; time.sleep(1); print('slept')", "print('after')"])
    lab.run_all(wait=False)
    assert lab.output(1).inner_text().strip() == ""
    lab.wait_idle()
    assert lab.output(1).inner_text().strip() == "after"


def test_a_saved_notebook_holds_its_outputs(lab):
    lab.open(["print('kept')"])
    lab.run_cell(0)
    saved = lab.save()
    assert saved["cells"][0]["outputs"][0]["text"] == ["kept\n"]
    assert saved == json.loads(lab.path.read_text("utf-8"))


def test_the_theme_changes_the_page(lab):
    lab.open(["1"])
    background = "() => getComputedStyle(document.body).getPropertyValue('--jp-layout-color0').trim()"
    lab.set_theme("JupyterLab Light")
    light = lab.page.evaluate(background)
    lab.set_theme("JupyterLab Dark")
    assert lab.page.evaluate(background) != light
    lab.set_theme("JupyterLab Light")
    assert lab.page.evaluate(background) == light


def test_console_errors_are_collected(lab):
    lab.open(["1"])
    with lab.page.expect_console_message(lambda message: message.text == "seen by the test"):
        lab.page.evaluate("() => console.error('seen by the test')")
    assert "seen by the test" in lab.console_errors
