"""The page's share: what JupyterLab in Chromium keeps of very many turns, and what a turn costs it late in a chat."""
# ruff: noqa: INP001, E402 - scripts, no package

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from ground import BROWSER

ROOT = BROWSER.parents[1]
# The tests' way of driving a page is the benchmarks', too.
sys.path += [str(ROOT), str(ROOT / "tests" / "browser")]

from answers import question
from stage import Stage, in_kernel, open_panel

if TYPE_CHECKING:
    from lab import Lab
    from panel import Panel

__all__ = ["Weighing", "measure"]

ROUNDS = 10
TURNS = 60
"""Per round of the soak; the conversation is cleared after each."""
LONG = 400
STEP = 20


class Weighing:
    """What a page holds once what nobody needs is gone, and how long it has worked."""

    def __init__(self, lab: Lab) -> None:
        self._devtools = lab.page.context.new_cdp_session(lab.page)
        for domain in ("HeapProfiler", "Performance"):
            self._devtools.send(f"{domain}.enable")

    def now(self) -> dict[str, float]:
        """By Chromium's names: JSHeapUsedSize in bytes, Nodes, JSEventListeners, TaskDuration in seconds."""
        for _ in range(3):  # what is freed by the first lets go of more
            self._devtools.send("HeapProfiler.collectGarbage")
        return self.worked()

    def worked(self) -> dict[str, float]:
        """The same without collecting anything."""
        found = self._devtools.send("Performance.getMetrics")["metrics"]
        return {metric["name"]: metric["value"] for metric in found}


def measure(scale: float) -> dict[str, dict[str, Any]]:
    """The figures, by subject."""
    with Stage() as stage:
        with stage.lab(with_watch=False) as lab:
            figures = _soak(lab, max(int(ROUNDS * scale), 4))
        with stage.lab(with_watch=False) as lab:
            figures |= _long(lab, max(int(LONG * scale), 4 * STEP))
    return {"the panel": figures}


def _soak(lab: Lab, rounds: int) -> dict[str, Any]:
    panel, weighing, found = open_panel(lab), Weighing(lab), []
    for _ in range(rounds):
        _ask(lab, panel, TURNS, expected=TURNS)
        in_kernel(lab.page, "chat.clear()")
        panel.root.locator(".gptr-answer").first.wait_for(state="detached")
        lab.page.wait_for_timeout(1500)  # the copy below the panel follows
        found.append(weighing.now())
    warm, end = found[1], found[-1]
    figures: dict[str, Any] = {"turns in the soak": rounds * TURNS}
    for title, name in (("heap", "JSHeapUsedSize"), ("DOM nodes", "Nodes"), ("listeners", "JSEventListeners")):
        figures[f"{title}, end / after {2 * TURNS} turns"] = end[name] / warm[name]
    return figures


def _long(lab: Lab, turns: int) -> dict[str, Any]:
    panel, weighing = open_panel(lab), Weighing(lab)
    worked, weighed = [], []
    for at in range(STEP, turns + 1, STEP):
        before = weighing.worked()["TaskDuration"]
        _ask(lab, panel, STEP, expected=at)
        worked.append(weighing.worked()["TaskDuration"] - before)
        weighed.append(weighing.now())
    grown = weighed[-1]["JSHeapUsedSize"] - weighed[1]["JSHeapUsedSize"]
    return {
        "turns in the long chat": turns,
        f"page's work, turns {turns - STEP + 1}–{turns} / {STEP + 1}–{2 * STEP}": worked[-1] / worked[1],
        "heap per turn (KiB)": grown / 1024 / (turns - 2 * STEP),
        "nodes per turn": (weighed[-1]["Nodes"] - weighed[1]["Nodes"]) / (turns - 2 * STEP),
    }


def _ask(lab: Lab, panel: Panel, count: int, *, expected: int) -> None:
    """Asks as a cell would, one after the other, and waits until the page shows the last one's end."""
    in_kernel(lab.page, f"for _ in range({count}): chat.ask({question('plain', 20)!r}).result()")
    lab.page.wait_for_function(
        "([root, count]) => root.querySelectorAll('.gptr-answer[aria-busy=false]').length === count",
        arg=[panel.root.element_handle(), expected],
        timeout=60_000,
    )
