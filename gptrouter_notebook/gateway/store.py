"""What the gateway remembers while it runs: health rows, usage rows, stored prompts."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from gptrouter_notebook.gateway.providers import status_of
from gptrouter_notebook.gateway.upstream import ProviderError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gptrouter_notebook.gateway.catalogue import Model

HEALTH_LIMIT_MS = 4000
"""A model whose newest check took longer is skipped [54]."""
CHECK_EVERY = timedelta(minutes=5)
_ROWS_KEPT = 50_000
_PROMPTS_KEPT = 1000


class BadDates(Exception):
    """A history was asked for without two dates; the caller only hears the catch-all 500 [L06]."""


class ShelfFull(Exception):
    """There is no room for another stored prompt."""


@dataclass(frozen=True, slots=True)
class HealthRow:
    """One check of one model."""

    id: str
    model_id: str
    provider_id: str
    status: str
    is_available: bool
    latency_ms: int
    checked: datetime

    @property
    def lets_through(self) -> bool:
        """Whether the gateway would ask this model now."""
        return self.is_available and self.latency_ms <= HEALTH_LIMIT_MS

    def to_json(self) -> dict[str, Any]:
        """The row as `POST /healthcheck` shows it [08]."""
        return {
            "id": self.id,
            "modelId": self.model_id,
            "providerId": self.provider_id,
            "status": self.status,
            "isAvailable": self.is_available,
            "lastChecked": stamp(self.checked),
            "latency": self.latency_ms,
        }


class HealthTable:
    """Every check ever made, oldest first; safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rows: deque[HealthRow] = deque(maxlen=_ROWS_KEPT)
        self._newest: dict[tuple[str, str], HealthRow] = {}

    def newest(self, model_id: str, provider_id: str) -> HealthRow | None:
        """The newest row of a model with this provider [L28], None if it was never checked."""
        with self._lock:
            return self._newest.get((model_id, provider_id))

    def rows(self) -> list[HealthRow]:
        """All rows, oldest first."""
        with self._lock:
            return list(self._rows)

    def add(self, model: Model, status: str, *, available: bool, latency_ms: int, at: datetime) -> None:
        """Append a row; a failed check has latency 0 [L05]."""
        row = HealthRow(str(uuid4()), model.id, model.provider.id, status, available, latency_ms, at)
        with self._lock:
            self._rows.append(row)
            self._newest[model.id, model.provider.id] = row

    def forget(self, model: Model) -> None:
        """Remove a model's rows, as if it had never been checked."""
        with self._lock:
            self._newest.pop((model.id, model.provider.id), None)
            kept = [row for row in self._rows if row.model_id != model.id]
            self._rows = deque(kept, maxlen=_ROWS_KEPT)

    def check(self, models: Iterable[Model], *, now: datetime, back: int = 0) -> None:
        """Check models and append what was found; `back` counts checks into the past."""
        at = now - back * CHECK_EVERY
        for model in models:
            try:
                found = model.upstream.check(back)
            except ProviderError as failed:
                self.add(model, failed.words(model.provider.kind), available=False, latency_ms=0, at=at)
                continue
            if found is not None:
                status = status_of(model.provider.kind, found)
                self.add(model, status, available=True, latency_ms=found.latency_ms, at=at)

    def history(self, start: str | None, end: str | None) -> list[dict[str, Any]]:
        """Rows between two dates, per model [09].

        Raises:
            BadDates: A date is missing or is none.
        """
        first, last = _span(start, end)
        return _per_model(
            (
                row.model_id,
                {"time": stamp(row.checked), "isAvailable": row.is_available, "latency": row.latency_ms},
            )
            for row in self.rows()
            if first <= row.checked <= last
        )


class UsageTable:
    """What generations of users cost; the server's own secret has no user and leaves no row [50]."""

    def __init__(self) -> None:
        self._rows: deque[tuple[datetime, str, dict[str, Any]]] = deque(maxlen=_ROWS_KEPT)

    def add(self, model: Model, usage: Mapping[str, int], *, at: datetime) -> None:
        """Append a row with its cost in dollars, by the model's demo prices."""
        prompt, completion = usage["prompt_tokens"], usage["completion_tokens"]
        per_prompt, per_completion = model.dollars_per_million
        row = {
            "promptTokens": prompt,
            "completionTokens": completion,
            "totalTokens": usage["total_tokens"],
            "cost": (prompt * per_prompt + completion * per_completion) / 1e6,
            "createdAt": stamp(at),
        }
        self._rows.append((at, model.id, row))

    def history(self, start: str | None, end: str | None) -> list[dict[str, Any]]:
        """Rows between two dates, per model [62].

        Raises:
            BadDates: A date is missing or is none.
        """
        first, last = _span(start, end)
        return _per_model((model_id, row) for at, model_id, row in self._rows if first <= at <= last)


class PromptShelf:
    """Stored prompts by id."""

    def __init__(self) -> None:
        self._prompts: dict[str, dict[str, Any]] = {}

    def put(self, prompt: Mapping[str, Any], *, at: datetime) -> dict[str, Any]:
        """Store a prompt and return it as `POST /prompt` answers [L42].

        Raises:
            ShelfFull: There are too many prompts already.
        """
        if prompt["id"] not in self._prompts and len(self._prompts) >= _PROMPTS_KEPT:
            raise ShelfFull
        stored = {
            "id": prompt["id"],
            "title": prompt["title"],
            "models": prompt["models"],
            "promptParams": prompt["promptParams"],
            "isDeleted": False,
            "parentPromptId": prompt["parentPromptId"],
            "versionNumber": prompt["versionNumber"],
            "updateMessage": None,
        }
        self._prompts[prompt["id"]] = stored
        return {**stored, "createdAt": stamp(at), "updatedAt": stamp(at)}

    def get(self, prompt_id: str) -> dict[str, Any] | None:
        """A stored prompt as the lists show it: no dates, no null [L43]; None if there is none."""
        stored = self._prompts.get(prompt_id)
        return stored and {**stored, "updateMessage": "", "createdAt": {}, "updatedAt": {}}

    def all(self) -> list[dict[str, Any]]:
        """Every stored prompt, oldest first."""
        return [prompt for prompt in map(self.get, self._prompts) if prompt]

    def remove(self, prompt_id: str) -> None:
        """Forget a prompt."""
        self._prompts.pop(prompt_id, None)


def stamp(at: datetime) -> str:
    """A time as the gateway writes it: `2026-11-23T05:03:09.238Z`."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _span(start: str | None, end: str | None) -> tuple[datetime, datetime]:
    try:
        first, last = (datetime.fromisoformat(day or "") for day in (start, end))
    except ValueError:
        raise BadDates from None
    first, last = (day if day.tzinfo else day.replace(tzinfo=UTC) for day in (first, last))
    return first, datetime.combine(last.date(), time.max, last.tzinfo)


def _per_model(rows: Iterable[tuple[str, dict[str, Any]]]) -> list[dict[str, Any]]:
    grouped: dict[str, list[dict[str, Any]]] = {}
    for model_id, row in rows:
        grouped.setdefault(model_id, []).append(row)
    return [{"modelId": model_id, "data": data} for model_id, data in grouped.items()]
