"""Figures of several rounds, and what is said of them in Markdown."""
# ruff: noqa: INP001 - scripts, no package

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["Goal", "goals_table", "kilobytes", "short", "spread", "table"]


class Goal(NamedTuple):
    """What is asked for, and what was measured, round by round."""

    text: str
    values: Sequence[float]
    limit: float
    is_least: bool = False
    """Whether the figure is to be at least the limit, not at most."""
    unit: str = ""
    worst_counts: bool = False
    """Whether every round has to keep to the limit, not their median."""

    @property
    def is_met(self) -> bool:
        """Whether it was reached."""
        counted = self.values if self.worst_counts else [statistics.median(self.values)]
        return all(value >= self.limit if self.is_least else value <= self.limit for value in counted)


def goals_table(goals: Iterable[Goal]) -> str:
    """The goals as Markdown: the median, least and greatest round in brackets."""
    rows = [[goal.text, spread(goal.values, goal.unit), "yes" if goal.is_met else "**no**"] for goal in goals]
    return table(["goal", "measured", "met"], rows)


def spread(values: Sequence[float], unit: str = "") -> str:
    """The median, and the least and the greatest value unless they are the same."""
    middle = f"**{short(statistics.median(values))}{unit}**"
    least, greatest = short(min(values)), short(max(values))
    return middle if least == greatest else f"{middle} ({least}–{greatest})"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Rows as Markdown; all columns but the first are figures."""
    ruler = ["---", *["--:" for _ in head[1:]]]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (head, ruler, *rows))


def short(value: float) -> str:
    """Three digits that count."""
    if value == int(value) or abs(value) >= 100:  # noqa: PLR2004
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"  # noqa: PLR2004


def kilobytes(count: float) -> str:
    """Bytes as people read them; 1,000 to the kB."""
    return f"{short(count / 1000)} kB"
