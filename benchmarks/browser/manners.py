"""A long conversation that is opened and scrolled, and Stop while a cell runs."""
# ruff: noqa: INP001 - scripts, no package

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from answers import question
from figures import Goal, goals_table, short, spread, table
from panel import Panel
from stage import open_panel, start_watching

if TYPE_CHECKING:
    from lab import Lab
    from stage import Stage

__all__ = ["measure"]

MESSAGES = 500
LONG_MS = 50
STOPS = 5
CELLS = {
    "a cell that sleeps": "while True: time.sleep(0.05)",
    "a cell that computes": "while True: sum(range(1_000))",
}
STEP_PX, STEPS_PER_S = 400, 15
SCROLLER = ".gptr-log"
SCROLLED = f"([root]) => root.querySelector('{SCROLLER}').scrollTop"

# When Stop was clicked, and when it was Send again, in ms of the wall clock: without the time that Playwright takes.
WATCH_STOP = """([root]) => {
  const now = () => performance.timeOrigin + performance.now();
  window.stopped = [];
  root.addEventListener("click", () => window.stopped.push(now()), { capture: true, once: true });
  const changes = new MutationObserver(() => {
    if (window.stopped.length === 0) return;
    if ([...root.querySelectorAll("button")].some((button) => button.textContent === "Stop")) return;
    window.stopped.push(now());
    changes.disconnect();
  });
  changes.observe(root, { subtree: true, childList: true, characterData: true });
}"""


class Opened(NamedTuple):
    """A long conversation that came to the page."""

    made_ms: float
    """In the kernel."""
    shown_ms: float
    """From the beginning in the kernel to the last message's being painted."""
    open_tasks: list[float]
    scroll_tasks: list[float]
    scroll_gaps: list[float]


def measure(stage: Stage, rounds: int) -> str:
    """The tables."""
    opened: list[Opened] = []
    stops: dict[str, list[float]] = {name: [] for name in CELLS}
    for at in range(rounds):
        stage.tell(f"manners, round {at + 1} of {rounds}: {MESSAGES} messages")
        opened.append(_opened(stage))
        for name, code in CELLS.items():
            stage.tell(f"manners, round {at + 1} of {rounds}: Stop during {name}")
            version, waited = _stops(stage, code)
            stops[name] += waited
    goals = [
        Goal(f"{MESSAGES} messages are open in < 1 s", [run.shown_ms / 1000 for run in opened], 1, unit=" s"),
        Goal(f"tasks > {LONG_MS} ms while they are scrolled: none", [len(run.scroll_tasks) for run in opened], 0),
        *(
            Goal(f"Stop during {name}, ipykernel {version}: ≤ 0.3 s", waited, 0.3, unit=" s", worst_counts=True)
            for name, waited in stops.items()
        ),
    ]
    return f"{_opened_table(opened)}\n\n{goals_table(goals)}"


def _opened_table(opened: list[Opened]) -> str:
    row = [
        f"{MESSAGES} messages",
        spread([run.made_ms for run in opened], " ms"),
        spread([run.shown_ms for run in opened], " ms"),
        _worst([task for run in opened for task in run.open_tasks]),
        _worst([task for run in opened for task in run.scroll_tasks]),
        _worst([gap for run in opened for gap in run.scroll_gaps]),
    ]
    head = ["a long conversation", "made by the kernel", "painted", "longest task then"]
    return table([*head, "longest task when scrolled", "longest gap between frames"], [row])


def _worst(values: list[float]) -> str:
    return f"{short(max(values))} ms" if values else "–"


def _opened(stage: Stage) -> Opened:
    with stage.lab() as lab:
        lab.open(["from kernel import *\nchat = panel()\nchat", f"chat = opened({MESSAGES})\nchat"])
        # What draws answers comes once per page, with its first panel.
        lab.run_cell(0)
        Panel(lab.output(0)).wait().ask(question("rich", 400))
        stage.report("ended", lab.page)
        lab.page.locator("math").first.wait_for(state="attached")
        start_watching(lab)
        lab.page.evaluate(
            """([root, text]) => {
              window.endShown = null;
              window.watched.shown(root, ".gptr-answer", text).then((at) => { window.endShown = at; });
            }""",
            [lab.page.locator("body").element_handle(), f"Answer {MESSAGES // 2}."],
        )
        lab.run_cell(1, wait=False)
        made = stage.report("opened", lab.page)
        lab.page.wait_for_function("() => window.endShown !== null")
        shown_ms = lab.page.evaluate("() => window.endShown")
        lab.page.evaluate("(ms) => window.watched.quiet(ms)", 1_000)
        opening = _watched(lab)["longTasks"]
        start_watching(lab)
        _scroll(lab)
        seen = _watched(lab)
        return Opened(
            (made["made_at"] - made["began_at"]) * 1000,
            shown_ms - made["began_at"] * 1000,
            [task["ms"] for task in opening],
            [task["ms"] for task in seen["longTasks"] if task["ms"] > LONG_MS],
            [gap["ms"] for gap in seen["gaps"] if gap["ms"] > LONG_MS],
        )


def _watched(lab: Lab) -> dict[str, Any]:
    found: dict[str, Any] = lab.page.evaluate("() => window.watched")
    return found


def _scroll(lab: Lab) -> None:
    """From the end to the beginning with the wheel, as a reader does who looks for something."""
    root = lab.output(1)
    box = root.locator(SCROLLER).bounding_box()
    assert box is not None  # noqa: S101 - it was just painted
    lab.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    where = [root.element_handle()]
    at_px, before_px = lab.page.evaluate(SCROLLED, where), -1
    if at_px <= 0:
        raise RuntimeError("There is nothing to scroll.")
    while at_px not in (0, before_px):
        for _ in range(STEPS_PER_S):
            lab.page.mouse.wheel(0, -STEP_PX)
            lab.page.wait_for_timeout(1000 / STEPS_PER_S)
        before_px, at_px = at_px, lab.page.evaluate(SCROLLED, where)


def _stops(stage: Stage, code: str) -> tuple[str, list[float]]:
    """Seconds from the click to the answer's end in the kernel or to the button's being Send again, the later."""
    with stage.lab() as lab:
        panel = open_panel(lab, ["import time", "report_kernel()"], code)
        version = stage.report("kernel", lab.page)["ipykernel"]
        lab.run_cell(1, wait=False)
        lab.page.wait_for_function("() => document.body.innerText.includes('[*]')")
        waited = []
        for at in range(STOPS):
            panel.ask(question("plain", 100_000, 200))
            panel.log.locator(".gptr-markdown").nth(at).filter(has_text="Paragraph").wait_for()
            lab.page.evaluate(WATCH_STOP, [panel.root.element_handle()])
            panel.stop.click()
            panel.wait_answered()
            clicked_at, shown_at = lab.page.evaluate("() => window.stopped")
            ended = stage.report("ended", lab.page)
            waited.append(max(shown_at / 1000, ended["ended_at"]) - clicked_at / 1000)
        lab.page.evaluate("() => window.jupyterapp.commands.execute('notebook:interrupt-kernel')")
        lab.wait_idle()
        return version, waited
