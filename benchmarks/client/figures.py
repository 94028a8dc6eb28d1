"""Figures of several rounds, and what is said of them: the table, and the goals of the project."""
# ruff: noqa: INP001 - scripts, no package

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING, NamedTuple

from clients import CLIENTS

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["COLUMNS", "GOALS", "Column", "Figures", "Goal", "goals_table", "table"]


class Column(NamedTuple):
    """One thing that is measured of every client."""

    title: str
    kind: str
    tokens: int
    every: int = 1
    """How many rounds there are to one in which it is measured."""
    with_peers: bool = True
    """Whether peers are measured, too."""


COLUMNS = {
    "100": Column("CPU per token, 100", "cpu", 100),
    "1k": Column("1,000", "cpu", 1_000),
    "10k": Column("10,000", "cpu", 10_000),
    "100k": Column("100,000", "cpu", 100_000, every=3, with_peers=False),
    "first": Column("first token", "first", 100),
    "plain": Column("plain call", "plain", 100),
}


class Figures:
    """Seconds by client and column, and by round: not every column is measured in every one."""

    def __init__(self) -> None:
        self._seconds: dict[tuple[str, str], dict[int, float]] = {}

    def add(self, client: str, column: str, at: int, seconds: float | None) -> None:
        """Takes one round's figure; None is for what a client cannot do."""
        if seconds is not None:
            self._seconds.setdefault((client, column), {})[at] = seconds

    def has(self, client: str, column: str) -> bool:
        """Whether it was measured."""
        return (client, column) in self._seconds

    def ratios(self, over: tuple[str, str], under: tuple[str, str]) -> list[float]:
        """The one through the other, round by round, sorted: a machine that slows down slows both."""
        beneath = self._seconds[under]
        return sorted(seconds / beneath[at] for at, seconds in self._seconds[over].items() if at in beneath)


class Goal(NamedTuple):
    """A ratio of two figures and what it may be."""

    text: str
    over: str
    under: str
    columns: tuple[str, ...]
    limit: float
    is_least: bool = False
    """Whether the ratio is to be at least the limit, not at most."""
    under_column: str | None = None
    """The column of the second figure, if it is another one."""


_SIZES = ("100", "1k", "10k")
GOALS = (
    Goal("`GatewayClient.stream` ≤ 1.15 × httpx", "client", "httpx", _SIZES, 1.15),
    Goal("`GatewayClient.astream` ≤ 1.15 × httpx async", "aclient", "ahttpx", _SIZES, 1.15),
    Goal("`GatewayClient.generate` ≤ 1.25 × httpx", "client", "httpx", ("plain",), 1.25),
    Goal("`GatewayClient.agenerate` ≤ 1.25 × httpx async", "aclient", "ahttpx", ("plain",), 1.25),
    Goal("`GPTRouter.stream` ≤ 3.0 × httpx", "stream", "httpx", _SIZES, 3.0),
    Goal("`GPTRouter.stream` ≤ 1.1 × LangChain's own floor", "stream", "minimal", _SIZES, 1.1),
    Goal("`GPTRouter.stream`, a chunk per 20 ms ≤ 1.25 × httpx", "joined", "httpx", _SIZES, 1.25),
    Goal("`GPTRouter.astream`, a chunk per 20 ms ≤ 1.25 × httpx async", "ajoined", "ahttpx", _SIZES, 1.25),
    Goal("`GPTRouter.astream` ≤ 1.3 × `.stream`", "astream", "stream", _SIZES, 1.3),
    Goal("`GPTRouter.stream`, 100,000 tokens ≤ 1.5 × 1,000", "stream", "stream", ("100k",), 1.5, under_column="1k"),
    Goal("`GPTRouter.astream`, 100,000 tokens ≤ 1.5 × 1,000", "astream", "astream", ("100k",), 1.5, under_column="1k"),
    Goal("`GatewayClient.stream`, 100,000 tokens ≤ 1.5 × 1,000", "client", "client", ("100k",), 1.5, under_column="1k"),
    Goal("first token ≥ 30 × sooner, `GatewayClient`", "community", "client", ("first",), 30, is_least=True),
    Goal("LangChain's own floor, for comparison", "community", "minimal", ("first", "plain"), 30, is_least=True),
    Goal("first token ≥ 30 × sooner than langchain_community's", "community", "stream", ("first",), 30, is_least=True),
    Goal("`invoke` ≥ 30 × faster, plain inside", "community", "invoke-plain", ("plain",), 30, is_least=True),
    Goal("`invoke` ≥ 30 × faster, streamed inside", "community", "invoke", ("plain",), 30, is_least=True),
    Goal("`GPTRouter.stream` ≥ 4 × less CPU than `ChatOpenAI`", "openai", "stream", _SIZES, 4, is_least=True),
)


def table(figures: Figures) -> str:
    """All clients and columns as Markdown, as multiples of each one's floor: seconds are the machine's."""
    columns = {key: column for key, column in COLUMNS.items() if figures.has("httpx", key)}
    lines = [["client", *(column.title for column in columns.values())]]
    for key, client in CLIENTS.items():
        if not any(figures.has(key, column) for column in columns):
            continue
        cells = [_cell(figures, key, client.floor, column) for column in columns]
        lines.append([client.label, *cells])
    return _markdown(lines)


def goals_table(figures: Figures, goals: Iterable[Goal] = GOALS) -> str:
    """The goals as Markdown: the median of the ratio, least and greatest round in brackets."""
    lines = [["goal", "figures", "met"]]
    for goal in goals:
        cells, is_met = [], True
        for column in goal.columns:
            if not figures.has(goal.over, column):
                continue
            ratios = figures.ratios((goal.over, column), (goal.under, goal.under_column or column))
            ratio = statistics.median(ratios)
            is_met &= ratio >= goal.limit if goal.is_least else ratio <= goal.limit
            cells.append(f"{column}: **{_short(ratio)}** ({_short(ratios[0])}–{_short(ratios[-1])})")
        if cells:
            lines.append([goal.text, ", ".join(cells), "yes" if is_met else "**no**"])
    return _markdown(lines)


def _cell(figures: Figures, client: str, floor: str, column: str) -> str:
    if not figures.has(client, column):
        return "–"
    return _short(statistics.median(figures.ratios((client, column), (floor, column))))


def _short(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"  # noqa: PLR2004


def _markdown(lines: list[list[str]]) -> str:
    head, *rows = lines
    ruler = ["---", *["--:" for _ in head[1:]]]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (head, ruler, *rows))
