"""What a page keeps of turns that were cleared: nothing. In a short form; the long one is `benchmarks/load`."""

from __future__ import annotations

from panel import Panel

TURNS = 20
SETUP = """
from gptrouter_notebook import ChatWidget
chat = ChatWidget(models_priority_list=["demo/echo"], max_tokens=2)
chat
"""
ASK = f"for _ in range({TURNS}): chat.ask('Hi').result()"
EXECUTE = """async (code) => {
  const { kernel } = window.jupyterapp.shell.currentWidget.sessionContext.session;
  await kernel.requestExecute({ code }).done;
}"""
ARE_OVER = "([root, count]) => root.querySelectorAll('.gptr-answer[aria-busy=false]').length === count"


def weigh(devtools):
    for _ in range(3):  # what is freed by the first lets go of more
        devtools.send("HeapProfiler.collectGarbage")
    found = devtools.send("Performance.getMetrics")["metrics"]
    return {metric["name"]: metric["value"] for metric in found}


def test_cleared_turns_leave_nothing_in_the_page(lab):
    lab.open([SETUP])
    lab.run_cell(0)
    panel = Panel(lab.output(0)).wait()
    devtools = lab.page.context.new_cdp_session(lab.page)
    devtools.send("HeapProfiler.enable")
    devtools.send("Performance.enable")
    weighed = []
    for _ in range(4):
        lab.page.evaluate(EXECUTE, ASK)
        lab.page.wait_for_function(ARE_OVER, arg=[panel.root.element_handle(), TURNS])
        full = weigh(devtools)
        lab.page.evaluate(EXECUTE, "chat.clear()")
        panel.root.locator(".gptr-answer").first.wait_for(state="detached")
        # The readable copy, which the panel hides, is emptied after it.
        lab.page.wait_for_function("() => !document.body.textContent.includes('You said')")
        weighed.append(weigh(devtools))
    warm, end = weighed[1], weighed[-1]
    assert full["Nodes"] > warm["Nodes"] + 20 * TURNS  # it does count what is there
    # Two rounds of turns would be in the difference.
    assert end["Nodes"] - warm["Nodes"] < TURNS, [found["Nodes"] for found in weighed]
    # JupyterLab adds some of its own, once; a leak of turns would be several times as many.
    assert end["JSEventListeners"] - warm["JSEventListeners"] < 10 * TURNS
    assert end["JSHeapUsedSize"] <= 1.1 * warm["JSHeapUsedSize"]
    assert lab.console_errors == []
