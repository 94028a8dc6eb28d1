"""What the gateway's models are called and how they do, kept for a short while.

Read with GET calls, which do not count against a key's daily allowance, and never in the way of a request: a gateway
that does not answer them costs an answer its details, not the answer.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from gptrouter_notebook.errors import GPTRouterError
from gptrouter_notebook.routing import GPTRouterModel, why_skipped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from gptrouter_notebook.client import GatewayClient
    from gptrouter_notebook.records import HealthPoint, Model, ModelHealth, ModelUsage

__all__ = ["Directory", "cost_of", "rows"]

MODELS_FOR_S = 300.0
HEALTH_FOR_S = 15.0
"""Also how long a gateway that did not say is left in peace."""
HISTORY_POINTS = 24
"""Checks per model that a row shows: two hours at the gateway's five minutes."""


class Directory:
    """The models and their health, of one gateway.

    Args:
        client: The gateway, for those who ask for the list.
        glance: The same with little patience, for what is looked up behind an answer. Default: `client`.
        clock: Seconds that only grow.
    """

    def __init__(
        self,
        client: GatewayClient,
        glance: GatewayClient | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._glance = glance or client
        self._clock = clock
        self._models: tuple[Model, ...] | None = None
        self._health: tuple[ModelHealth, ...] | None = None
        self._models_until = self._health_until = float("-inf")

    def models(self) -> tuple[Model, ...] | None:
        """The gateway's models; None when it does not say."""
        if self._clock() >= self._models_until:
            try:
                self._keep_models(self._glance.models())
            except GPTRouterError:
                self._models_until = self._clock() + HEALTH_FOR_S
        return self._models

    async def amodels(self) -> tuple[Model, ...] | None:
        """The async twin of `models`."""
        if self._clock() >= self._models_until:
            try:
                self._keep_models(await self._glance.amodels())
            except GPTRouterError:
                self._models_until = self._clock() + HEALTH_FOR_S
        return self._models

    def newest(self) -> Mapping[GPTRouterModel, HealthPoint | None] | None:
        """Every model's newest check; None when the gateway does not say."""
        if self.models() is not None and self._clock() >= self._health_until:
            try:
                self._keep_health(self._glance.health())
            except GPTRouterError:
                self._forget_health()
        return self._newest()

    async def anewest(self) -> Mapping[GPTRouterModel, HealthPoint | None] | None:
        """The async twin of `newest`."""
        if await self.amodels() is not None and self._clock() >= self._health_until:
            try:
                self._keep_health(await self._glance.ahealth())
            except GPTRouterError:
                self._forget_health()
        return self._newest()

    def cost(self, model_id: str | None, usage: Mapping[str, Any] | None) -> float | None:
        """What an answer of that many tokens cost, read now; None when the gateway does not say."""
        if not model_id or not usage:
            return None
        try:
            return cost_of(self._glance.usage(), model_id, usage)
        except GPTRouterError:
            return None

    async def acost(self, model_id: str | None, usage: Mapping[str, Any] | None) -> float | None:
        """The async twin of `cost`."""
        if not model_id or not usage:
            return None
        try:
            return cost_of(await self._glance.ausage(), model_id, usage)
        except GPTRouterError:
            return None

    def rows(self, listed: Iterable[GPTRouterModel]) -> list[dict[str, Any]]:
        """Models and health, read now, as `rows` shows them. Raises `GPTRouterError`."""
        self._keep_models(self._client.models())
        self._keep_health(self._client.health())
        return rows(self._models or (), self._health or (), listed)

    async def arows(self, listed: Iterable[GPTRouterModel]) -> list[dict[str, Any]]:
        """The async twin of `rows`."""
        self._keep_models(await self._client.amodels())
        self._keep_health(await self._client.ahealth())
        return rows(self._models or (), self._health or (), listed)

    def _keep_models(self, models: tuple[Model, ...]) -> None:
        self._models, self._models_until = models, self._clock() + MODELS_FOR_S

    def _keep_health(self, health: tuple[ModelHealth, ...]) -> None:
        self._health, self._health_until = health, self._clock() + HEALTH_FOR_S

    def _forget_health(self) -> None:
        # Rows of some time ago would accuse the wrong model.
        self._health, self._health_until = None, self._clock() + HEALTH_FOR_S

    def _newest(self) -> Mapping[GPTRouterModel, HealthPoint | None] | None:
        if self._models is None or self._health is None:
            return None
        by_id = {series.model_id: series.newest for series in self._health}
        return {_named(model): by_id.get(model.id) for model in self._models if model.name and model.provider_name}


def rows(
    models: Sequence[Model], health: Sequence[ModelHealth], listed: Iterable[GPTRouterModel]
) -> list[dict[str, Any]]:
    """One row per model: its names, input, state, latency, history, and why the gateway would skip it.

    Args:
        models: The gateway's models.
        health: Their checks.
        listed: A priority list; models on it that the gateway does not know get a row of state `missing`.
    """
    by_id = {series.model_id: series for series in health}
    known = {}
    for model in models:
        if model.name and model.provider_name:
            known[_named(model)] = _row(_named(model), model.input_type, by_id.get(model.id))
    missing = {model: _row(model, "", None) for model in listed if model not in known}
    for row in missing.values():
        row.update(state="missing", skip="not known to this gateway")
    return [*known.values(), *missing.values()]


def cost_of(used: Iterable[ModelUsage], model_id: str, usage: Mapping[str, Any]) -> float | None:
    """What the newest answer of this model and length cost.

    A usage row does not say which answer it is of [62]. It need not: as many tokens of one model cost the same.
    """
    counts = (usage["input_tokens"], usage["output_tokens"])
    points = [point for row in used if row.model_id == model_id for point in row.points]
    costs = [point.cost for point in points if (point.prompt_tokens, point.completion_tokens) == counts]
    return costs[-1] if costs else None


def _named(model: Model) -> GPTRouterModel:
    return GPTRouterModel(name=model.name, provider_name=model.provider_name)


def _row(model: GPTRouterModel, input_type: str, series: ModelHealth | None) -> dict[str, Any]:
    newest = series.newest if series is not None else None
    skip = why_skipped(newest)
    if newest is None:
        state = "unknown"
    elif not newest.is_available:
        state = "down"
    else:
        state = "up" if skip is None else "slow"
    points = series.points[-HISTORY_POINTS:] if series is not None else ()
    return {
        "name": model.name,
        "provider_name": model.provider_name,
        "input_type": input_type,
        "state": state,
        # A failed check's latency of 0 is no latency.
        "latency_ms": newest.latency_ms if newest is not None and newest.is_available else None,
        "checked_at": newest.time.isoformat() if newest is not None and newest.time is not None else None,
        "history": [point.latency_ms if point.is_available else None for point in points],
        "skip": skip,
    }
