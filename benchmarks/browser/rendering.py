"""A 50 KB answer with code, tables and math: what drawing it costs the page, against drawing all of it each time."""
# ruff: noqa: INP001 - scripts, no package

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import answers
from answers import END, question
from figures import Goal, goals_table, short, spread, table
from stage import STATIC, in_kernel, open_panel, open_rival, start_watching

if TYPE_CHECKING:
    from lab import Lab
    from playwright.sync_api import Page, Route
    from stage import Stage

__all__ = ["measure"]

COUNT, SHORTER = 10_000, 2_500
RATE = 1_000
LONG_MS = 50
PER_MESSAGE = 33
"""Tokens in one message at 1,000 per second."""
PER_FEW = 5
"""Tokens between two renderings where models are slower."""
WAYS = {"panel": "the panel", "naive": "marked + DOMPurify + highlight.js, again each time"}
DRAWING = ("ScriptDuration", "LayoutDuration", "RecalcStyleDuration")
ADDRESS = "http://benchmark.invalid/"

# Both ways on a page of their own. Layout is asked for each time: a frame would do it anyway.
DRAW = """async ({ way, pieces, step }) => {
  const parts = {};
  for (const name of ["markdown", "highlight", "math", "naive"]) parts[name] = await import(`/${name}.js`);
  document.body.innerHTML = '<div class="gptr-root"><div class="gptr-markdown"></div></div>';
  const element = document.querySelector(".gptr-markdown");
  const live = new parts.markdown.LiveDocument(element, (name) => parts[name]);
  const draw =
    way === "panel"
      ? (text, isOver) => live.update(text, isOver)
      : (text) => parts.naive.renderNaively(element, text);
  let text = "";
  let spent = 0;
  let longest = 0;
  for (let at = 0; at < pieces.length; at += step) {
    text += pieces.slice(at, at + step).join("");
    const began = performance.now();
    draw(text, at + step >= pieces.length);
    element.getBoundingClientRect();
    const took = performance.now() - began;
    spent += took;
    longest = Math.max(longest, took);
    if (at % (50 * step) === 0) await new Promise((resolve) => setTimeout(resolve));
  }
  return { spent, longest, blocks: element.querySelectorAll("table, pre, math").length };
}"""


class Live(NamedTuple):
    """An answer that streamed into JupyterLab."""

    drawing_s: float
    """Scripts, style and layout."""
    long_tasks: list[float]
    gaps: list[float]


def measure(stage: Stage, rounds: int) -> str:
    """The tables."""
    live: dict[str, list[Live]] = {"panel": [], "naive": [], "idle": []}
    alone: dict[tuple[str, int, int], list[dict[str, float]]] = {}
    for at in range(rounds):
        stage.tell(f"rendering, round {at + 1} of {rounds}: in JupyterLab")
        live["panel"].append(_panel_live(stage))
        live["idle"].append(_idle(stage))
        if at == 0:  # it takes the page minutes
            live["naive"].append(_naive_live(stage))
        for way, told in WAYS.items():
            for count, step in ((COUNT, PER_MESSAGE), (COUNT, PER_FEW), (SHORTER, PER_FEW)):
                if (way, count) != ("naive", SHORTER):
                    stage.tell(f"rendering, round {at + 1} of {rounds}: {told}, {count:,} tokens by {step}")
                    alone.setdefault((way, count, step), []).append(_alone(stage, way, count, step))
    return "\n\n".join([_live_table(live), _alone_table(alone), goals_table(_goals(live, alone))])


def _goals(live: dict[str, list[Live]], alone: dict[tuple[str, int, int], list[dict[str, float]]]) -> list[Goal]:
    def ratios(over: tuple[str, int, int], under: tuple[str, int, int]) -> list[float]:
        return [one["spent"] / other["spent"] for one, other in zip(alone[over], alone[under], strict=True)]

    panel = live["panel"]
    return [
        Goal(f"tasks > {LONG_MS} ms at 1,000/s: none", [len(run.long_tasks) for run in panel], 0),
        Goal(f"gaps between frames > {LONG_MS} ms at 1,000/s: none", [len(run.gaps) for run in panel], 0),
        Goal(
            "≥ 25 × less drawing than naively, each message of 1,000/s",
            ratios(("naive", COUNT, PER_MESSAGE), ("panel", COUNT, PER_MESSAGE)),
            25,
            is_least=True,
        ),
        Goal(
            f"≥ 25 × less drawing than naively, each {PER_FEW} tokens",
            ratios(("naive", COUNT, PER_FEW), ("panel", COUNT, PER_FEW)),
            25,
            is_least=True,
        ),
        Goal(
            "10,000 tokens ≤ 5 × the cost of 2,500", ratios(("panel", COUNT, PER_FEW), ("panel", SHORTER, PER_FEW)), 5
        ),
    ]


def _live_table(live: dict[str, list[Live]]) -> str:
    names = {**WAYS, "idle": "JupyterLab, nothing happening"}
    floor = statistics.median(run.drawing_s for run in live["panel"])
    rows = [
        [
            names[way],
            spread([run.drawing_s / floor for run in runs]),
            spread([len(run.long_tasks) for run in runs]),
            _worst([task for run in runs for task in run.long_tasks]),
            spread([len(run.gaps) for run in runs]),
            _worst([gap for run in runs for gap in run.gaps]),
        ]
        for way, runs in live.items()
    ]
    head = ["10,000 tokens at 1,000/s, in JupyterLab", "scripts, style, layout", "tasks > 50 ms", "longest"]
    return table([*head, "frame gaps > 50 ms", "longest"], rows)


def _alone_table(alone: dict[tuple[str, int, int], list[dict[str, float]]]) -> str:
    steps = (PER_MESSAGE, PER_FEW)
    floors = {step: [run["spent"] for run in alone["panel", COUNT, step]] for step in steps}
    rows = []
    for way, label in WAYS.items():
        cells = [label]
        for step in steps:
            runs = alone[way, COUNT, step]
            cells.append(spread([run["spent"] / under for run, under in zip(runs, floors[step], strict=True)]))
            cells.append(_worst([run["longest"] for run in runs]))
        rows.append(cells)
    head = ["10,000 tokens, on a page of their own"]
    for step in steps:
        head += [f"drawn each {step} tokens", "longest drawing"]
    return table(head, rows)


def _worst(values: list[float]) -> str:
    return f"{short(max(values))} ms" if values else "–"


def _panel_live(stage: Stage) -> Live:
    with stage.lab() as lab:
        panel = open_panel(lab)
        # What draws code and formulas comes once per page: not with this answer.
        panel.ask(question("rich", 400))
        panel.wait_answered()
        panel.log.locator("math").first.wait_for(state="attached")
        stage.report("ended", lab.page)
        panel.box.fill(question("rich", COUNT, RATE))
        start_watching(lab)
        with _Drawing(lab) as drawing:
            panel.box.press("Enter")
            stage.report("ended", lab.page)
            panel.log.locator(".gptr-block").filter(has_text=END.strip()).last.wait_for(state="attached")
        return drawing.result()


def _naive_live(stage: Stage) -> Live:
    with stage.lab() as lab:
        rival = open_rival(lab, "NaiveMarkdown")
        start_watching(lab)
        with _Drawing(lab) as drawing:
            in_kernel(lab.page, f"rival.ask({question('rich', COUNT, RATE)!r})")
            stage.report("ended", lab.page)
            rival.filter(has_text=END.strip()).wait_for(state="attached")
        return drawing.result()


def _idle(stage: Stage) -> Live:
    """What the machine does to a page in which nothing happens."""
    with stage.lab() as lab:
        open_panel(lab)
        start_watching(lab)
        with _Drawing(lab) as drawing:
            lab.page.wait_for_timeout(COUNT / RATE * 1000)
        return drawing.result()


class _Drawing:
    """What the page spends meanwhile."""

    def __init__(self, lab: Lab) -> None:
        self._page = lab.page
        self._session = lab.page.context.new_cdp_session(lab.page)
        self._session.send("Performance.enable")

    def __enter__(self) -> Self:
        self._before = self._metrics()
        return self

    def __exit__(self, *error: object) -> None:
        self._after = self._metrics()
        self._watched: dict[str, Any] = self._page.evaluate("() => ({ ...window.watched })")

    def result(self) -> Live:
        """In seconds and milliseconds."""
        return Live(
            sum(self._after[name] - self._before[name] for name in DRAWING),
            [task["ms"] for task in self._watched["longTasks"] if task["ms"] > LONG_MS],
            [gap["ms"] for gap in self._watched["gaps"] if gap["ms"] > LONG_MS],
        )

    def _metrics(self) -> dict[str, float]:
        metrics = self._session.send("Performance.getMetrics")["metrics"]
        return {metric["name"]: metric["value"] for metric in metrics}


def _alone(stage: Stage, way: str, count: int, step: int) -> dict[str, float]:
    files = {f"{name}.js": STATIC / f"{name}.js" for name in ("markdown", "highlight", "math")}
    files["naive.js"] = stage.naive
    with stage.page() as page:
        _serve(page, files)
        page.add_style_tag(path=STATIC / "widget.css")
        drawn: dict[str, float] = page.evaluate(
            DRAW, {"way": way, "pieces": list(answers.pieces("rich", count)), "step": step}
        )
    if not drawn["blocks"]:
        raise RuntimeError(f"Drawn {way}, the answer has neither tables nor code.")
    return drawn


def _serve(page: Page, files: dict[str, Any]) -> None:
    page.route(f"{ADDRESS}**", lambda route: route.fulfill(body="<!doctype html><body>", content_type="text/html"))

    def give(route: Route) -> None:
        route.fulfill(path=files[route.request.url.removeprefix(ADDRESS)], content_type="text/javascript")

    for name in files:
        page.route(f"{ADDRESS}{name}", give)
    page.goto(ADDRESS)
