"""The gateway's models as a table that reads well in a notebook, a terminal and a diff; pure."""

from __future__ import annotations

import html
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, overload

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

__all__ = ["ModelTable"]

_MARKS = {"up": "●", "slow": "◐", "down": "✕", "unknown": "○", "missing": "?"}
_BARS = "▁▂▃▄▅▆▇█"
_HEADINGS = ("model", "input", "health", "latency", "history", "checked")


class ModelTable(Sequence["dict[str, Any]"]):
    """Rows of `GPTRouter.available_models()`; displays as HTML, Markdown or plain text, whatever the viewer reads.

    Args:
        rows: Dicts with `name`, `provider_name`, `input_type`, `state`, `latency_ms`, `checked_at`, `history`, `skip`.
        clock: What the time is now; the age of a check is shown by it.
    """

    def __init__(
        self, rows: Iterable[Mapping[str, Any]], clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._rows = [dict(row) for row in rows]
        self._clock = clock

    @overload
    def __getitem__(self, index: int) -> dict[str, Any]: ...
    @overload
    def __getitem__(self, index: slice) -> ModelTable: ...
    def __getitem__(self, index: int | slice) -> dict[str, Any] | ModelTable:
        return self._like(self._rows[index]) if isinstance(index, slice) else self._rows[index]

    def __len__(self) -> int:
        return len(self._rows)

    def sort_by_latency(self) -> ModelTable:
        """The same rows, the fastest first; those the gateway would skip come last."""
        return self._like(
            sorted(self._rows, key=lambda row: (row["skip"] is not None, row["latency_ms"] or float("inf")))
        )

    def search(self, words: str) -> ModelTable:
        """The rows that have every one of these words in their provider, name, input or state, case aside."""
        wanted = words.lower().split()
        return self._like(row for row in self._rows if all(word in _searched(row) for word in wanted))

    def to_dicts(self) -> list[dict[str, Any]]:
        """The rows as plain dicts, for `pandas.DataFrame(...)`."""
        return [dict(row) for row in self._rows]

    def __repr__(self) -> str:
        if not self._rows:
            return "No such model."
        lines = [_HEADINGS, *(self._cells(row) for row in self._rows)]
        widths = [max(len(line[column]) for line in lines) for column in range(len(_HEADINGS))]
        return "\n".join(
            "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
        )

    def _repr_markdown_(self) -> str:
        if not self._rows:
            return "No such model."
        lines = [_HEADINGS, ("---", "---", "---", "---:", "---", "---"), *(self._cells(row) for row in self._rows)]
        return "\n".join("| " + " | ".join(_cell(text) for text in line) + " |" for line in lines)

    def _repr_html_(self) -> str:
        if not self._rows:
            return "<p>No such model.</p>"
        head = "".join(f'<th style="text-align:left">{heading}</th>' for heading in _HEADINGS)
        body = "".join(
            "<tr>"
            + "".join(f'<td style="text-align:left">{html.escape(cell)}</td>' for cell in self._cells(row))
            + "</tr>"
            for row in self._rows
        )
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"

    def _like(self, rows: Iterable[Mapping[str, Any]]) -> ModelTable:
        return ModelTable(rows, self._clock)

    def _cells(self, row: Mapping[str, Any]) -> tuple[str, ...]:
        state = row["state"]
        reason = row["skip"]
        skipped = "" if not reason or state == "missing" else ", skipped" if reason == state else f", skipped: {reason}"
        latency = row["latency_ms"]
        return (
            f"{row['provider_name']}/{row['name']}",
            row["input_type"] or "–",
            f"{_MARKS.get(state, '?')} {state}{skipped}",
            "–" if latency is None else _latency(latency),
            _sparkline(row["history"]),
            self._age(row["checked_at"]),
        )

    def _age(self, checked_at: str | None) -> str:
        if checked_at is None:
            return "–"
        seconds = (self._clock() - datetime.fromisoformat(checked_at)).total_seconds()
        minutes = max(0, round(seconds / 60))
        if minutes < 1:
            return "just now"
        return f"{minutes} min ago" if minutes < 120 else f"{round(minutes / 60)} h ago"  # noqa: PLR2004 - two hours


def _searched(row: Mapping[str, Any]) -> str:
    return f"{row['provider_name']}/{row['name']} {row['input_type']} {row['state']}".lower()


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _latency(ms: float) -> str:
    return f"{ms:.0f} ms" if ms < 1000 else f"{ms / 1000:.1f} s"  # noqa: PLR2004 - a second


def _sparkline(history: Sequence[float | None]) -> str:
    """Latencies as bars, a failed check as a cross."""
    known = [ms for ms in history if ms is not None]
    top = max(known, default=0.0) or 1.0
    return "".join("×" if ms is None else _BARS[min(len(_BARS) - 1, int(ms / top * len(_BARS)))] for ms in history)
