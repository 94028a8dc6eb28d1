"""Kernel to browser: messages, bytes, whether the text is whole, and how soon its end is seen."""
# ruff: noqa: INP001 - scripts, no package

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any, NamedTuple

import answers
from answers import END, question, squeezed
from figures import Goal, goals_table, kilobytes, short, spread, table
from stage import PATIENCE_S, in_kernel, open_panel, open_rival, start_watching

if TYPE_CHECKING:
    from lab import Lab
    from playwright.sync_api import Locator, WebSocketRoute
    from stage import Stage

__all__ = ["measure"]

COUNT = 10_000
RATE = 1_000
QUIET_MS = 2_000
BYTES_PER_MESSAGE = 700
MOST_PER_SECOND = 31
RIVALS = {"PerToken": "a message per token", "WholeText": "a trait with the whole text"}
COPY = "update_display_data"
SHOWN = "([root, selector, text]) => window.watched.shown(root, selector, text)"
DELTA = re.compile(rb'"state": ?\{"delta"')
ENDED = re.compile(rb'"kind": ?"turn_ended"')


class Run(NamedTuple):
    """One answer on its way through one widget."""

    messages: list[dict[str, Any]]
    text: str
    """What the page shows in the end."""
    shown_after_ms: float | None
    """From the last token's arrival in the kernel to its being painted; None when it never was."""

    @property
    def copy_bytes(self) -> int:
        """The conversation as the notebook keeps it (data, HTML and Markdown): sent once, when the answer is over."""
        return sum(message["bytes"] for message in self.messages if message["kind"] == COPY)

    @property
    def bytes(self) -> int:
        """All else that came over the kernel's websocket: the answer on its way."""
        return sum(message["bytes"] for message in self.messages) - self.copy_bytes

    @property
    def per_second(self) -> int:
        """The most pieces of text within a second, by the time at which the kernel sent them."""
        times = [message["sent"] for message in self.messages if message["kind"] == "delta"]
        return max((sum(0 <= at - first < 1000 for at in times) for first in times), default=0)  # noqa: PLR2004

    def share_of(self, expected: str) -> float:
        """How much of the text came: 1 is all of it, in order."""
        text, whole = squeezed(self.text), squeezed(expected)
        return 1.0 if text == whole else min(len(text) / len(whole), 0.9999)


def measure(stage: Stage, rounds: int) -> str:
    """The tables."""
    goals, rows = [], []
    expected = "".join(answers.pieces("plain", COUNT))
    length = len(expected.encode())
    for rate in (0, RATE):
        pace = f"at {rate:,}/s" if rate else "in a flood"
        ours: list[Run] = []
        rivals: dict[str, list[Run]] = {name: [] for name in RIVALS}
        for at in range(rounds):
            stage.tell(f"transport {pace}, round {at + 1} of {rounds}: the panel")
            ours.append(_panel_run(stage, rate))
            for name, runs in rivals.items():
                stage.tell(f"transport {pace}, round {at + 1} of {rounds}: {RIVALS[name]}")
                runs.append(_rival_run(stage, name, rate))
        rows.append(_row("**the panel**", pace, ours, expected))
        rows += [_row(RIVALS[name], pace, runs, expected) for name, runs in rivals.items()]
        goals += _goals(pace, ours, expected, length)
        if rate:
            ratios = {
                name: [rival.bytes / run.bytes for rival, run in zip(runs, ours, strict=True)]
                for name, runs in rivals.items()
            }
            goals.append(Goal(f"bytes, {pace}: ≥ 20 × fewer than a message per token", ratios["PerToken"], 20, True))  # noqa: FBT003
            goals.append(Goal(f"bytes, {pace}: ≥ 900 × fewer than the whole text", ratios["WholeText"], 900, True))  # noqa: FBT003
    for name, is_lost in LOSSES.items():
        stage.tell(f"transport with losses: {name} is dropped")
        healed = [_healing_s(stage, is_lost) for _ in range(rounds)]
        goals.append(Goal(f"whole again ≤ 2 s after {name} was dropped", healed, 2, unit=" s", worst_counts=True))
    head = ["10,000 tokens", "pace", "messages", "on the socket", "× text", "the notebook's copy", "text that came"]
    return f"{table(head, rows)}\n\n{goals_table(goals)}"


def _goals(pace: str, runs: list[Run], expected: str, length: int) -> list[Goal]:
    over = [run.bytes / (length + BYTES_PER_MESSAGE * len(run.messages)) for run in runs]
    after = [PATIENCE_S * 1000 if run.shown_after_ms is None else run.shown_after_ms for run in runs]
    return [
        Goal(f"text that came, {pace}: all", [run.share_of(expected) for run in runs], 1, True, worst_counts=True),  # noqa: FBT003
        Goal(f"pieces in any second, {pace}: ≤ {MOST_PER_SECOND}", [run.per_second for run in runs], MOST_PER_SECOND),
        Goal(f"bytes, {pace}: ≤ 1 × (text + {BYTES_PER_MESSAGE} per message)", over, 1),
        Goal(f"last token on screen, {pace}: ≤ 100 ms after the kernel has it", after, 100, unit=" ms"),
    ]


def _row(name: str, pace: str, runs: list[Run], expected: str) -> list[str]:
    length = len(expected.encode())
    shares = [run.share_of(expected) for run in runs]
    came = "all" if min(shares) == 1 else f"**{short(100 * min(shares))} %**"
    return [
        name,
        pace,
        spread([len(run.messages) for run in runs]),
        kilobytes(sorted(run.bytes for run in runs)[len(runs) // 2]),
        spread([run.bytes / length for run in runs]),
        kilobytes(runs[0].copy_bytes) if runs[0].copy_bytes else "–",
        came,
    ]


def _panel_run(stage: Stage, rate: int) -> Run:
    with stage.lab() as lab:
        panel = open_panel(lab)
        start_watching(lab)
        panel.box.fill(question("plain", COUNT, rate))
        shown = _Shown(lab, panel.log, ".gptr-block")
        panel.box.press("Enter")
        return _finish(stage, lab, shown, ".gptr-markdown")


def _rival_run(stage: Stage, name: str, rate: int) -> Run:
    with stage.lab() as lab:
        open_rival(lab, name)
        start_watching(lab)
        shown = _Shown(lab, lab.output(0), ".rival")
        in_kernel(lab.page, f"rival.ask({question('plain', COUNT, rate)!r})")
        return _finish(stage, lab, shown, ".rival")


class _Shown:
    """When the answer's end was painted, asked for before it is."""

    def __init__(self, lab: Lab, root: Locator, selector: str) -> None:
        self._lab, self.root = lab, root
        lab.page.evaluate(
            f"(args) => {{ window.endShown = null; ({SHOWN})(args).then((at) => {{ window.endShown = at; }}); }}",
            [root.element_handle(), selector, END.strip()],
        )

    @property
    def at_s(self) -> float | None:
        """Seconds of the wall clock; None when it was not."""
        at_ms = self._lab.page.evaluate("() => window.endShown")
        return None if at_ms is None else at_ms / 1000


def _finish(stage: Stage, lab: Lab, shown: _Shown, selector: str) -> Run:
    ended = stage.report("ended", lab.page)
    lab.page.evaluate("(ms) => window.watched.quiet(ms)", QUIET_MS)
    text = shown.root.locator(selector).last.evaluate("(element) => element.textContent")
    at_s = shown.at_s
    messages = lab.page.evaluate("() => window.watched.messages")
    return Run(messages, text, None if at_s is None else (at_s - ended["last_at"]) * 1000)


# What is dropped on purpose, between server and page.


def _every_fifth(frame: bytes, seen: dict[str, int]) -> bool:
    seen["deltas"] = seen.get("deltas", 0) + bool(DELTA.search(frame))
    return bool(DELTA.search(frame)) and seen["deltas"] % 5 == 0


def _the_end(frame: bytes, seen: dict[str, int]) -> bool:
    """The last third of the pieces, and the word that the answer is over."""
    seen["deltas"] = seen.get("deltas", 0) + bool(DELTA.search(frame))
    is_tail = seen["deltas"] > 2 * COUNT // RATE * 10
    return bool(ENDED.search(frame)) or (bool(DELTA.search(frame)) and is_tail)


LOSSES = {"every fifth piece": _every_fifth, "the last third, and its end,": _the_end}


def _healing_s(stage: Stage, is_lost: Any) -> float:
    """Seconds from the end in the kernel, or the last loss if that is later, to the whole text on the page."""
    lost_at = [0.0]
    seen: dict[str, int] = {}

    def connect(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()

        def deliver(frame: str | bytes) -> None:
            if is_lost(frame if isinstance(frame, bytes) else frame.encode(), seen):
                lost_at[0] = time.time()
            else:
                socket.send(frame)

        server.on_message(deliver)

    with stage.lab() as lab:
        lab.page.route_web_socket(re.compile(r"/channels"), connect)
        panel = open_panel(lab)
        panel.box.fill(question("plain", COUNT, RATE))
        shown = _Shown(lab, panel.log, ".gptr-block")
        panel.box.press("Enter")
        ended = stage.report("ended", lab.page)
        panel.wait_answered()
        lab.page.wait_for_function("() => window.endShown !== null", timeout=PATIENCE_S * 1000)
        text = panel.log.locator(".gptr-markdown").last.inner_text()
        if squeezed(text) != squeezed("".join(answers.pieces("plain", COUNT))):
            return float(PATIENCE_S)
        assert shown.at_s is not None  # noqa: S101 - waited for above
        return max(0.0, shown.at_s - max(ended["ended_at"], lost_at[0] if is_lost is _the_end else 0.0))
