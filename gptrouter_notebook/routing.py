"""The priority list, the gateway's rules for it, and ours for going on where it stops; no I/O.

Who answers is the gateway's choice: the first model whose newest check says available within 4000 ms [52, 53, 54].
When that one fails the gateway gives up [39, 40]; we ask the models after it. `Attempts` decides that for sync and
async, plain and streamed, model object and panel alike. Facts: gptrouter-wire.md; design.md, "The rules of the router".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from langchain_core.load.serializable import Serializable
from pydantic import ConfigDict, Field, model_validator

from gptrouter_notebook.errors import ConfigurationError

if TYPE_CHECKING:
    from gptrouter_notebook.records import HealthPoint

__all__ = [
    "HEALTH_LIMIT_MS",
    "Attempt",
    "Attempts",
    "GPTRouterModel",
    "Hop",
    "as_models",
    "why_skipped",
]

HEALTH_LIMIT_MS = 4000
"""The gateway skips a model whose newest check took longer."""


class GPTRouterModel(Serializable):
    """One model of a priority list.

    Wherever one is expected, `"provider/name"` will do too, split at the first slash.

    Example:
        >>> GPTRouterModel(name="claude-instant-1.2", provider_name="anthropic").label
        'anthropic/claude-instant-1.2'
    """

    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())

    name: str = Field(min_length=1)
    """The model's name at its provider, such as `gpt-4`."""
    provider_name: str = Field(min_length=1)
    """The provider's name at the gateway, such as `chat_openai`."""

    @model_validator(mode="before")
    @classmethod
    def _from_label(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        provider_name, slash, name = value.partition("/")
        if not (slash and provider_name and name):
            raise ValueError(f'"{value}" does not name a model: write "provider/name", as in "chat_openai/gpt-4"')
        return {"name": name, "provider_name": provider_name}

    @property
    def label(self) -> str:
        """The model as people write it: `provider/name`."""
        return f"{self.provider_name}/{self.name}"

    @classmethod
    def is_lc_serializable(cls) -> bool:
        """A list of models travels with a serialised chain."""
        return True

    @classmethod
    def get_lc_namespace(cls) -> list[str]:
        """Where LangChain's loader finds the class."""
        return ["gptrouter_notebook", "routing"]


def as_models(value: Any) -> tuple[GPTRouterModel, ...]:
    """Reads a priority list: models, `"provider/name"` strings, or dicts with `name` and `provider_name`.

    Raises:
        ConfigurationError: The list is empty, or an entry lacks its name or its provider.
    """
    if isinstance(value, str | Mapping) or hasattr(value, "provider_name"):
        value = [value]
    entries = list(value) if isinstance(value, Iterable) else []
    if not entries:
        raise ConfigurationError(
            "The priority list has no model: give at least one, "
            'as in models_priority_list=["chat_openai/gpt-4", "anthropic/claude-2"].'
        )
    return tuple(map(_as_model, entries))


def _as_model(entry: Any) -> GPTRouterModel:
    if isinstance(entry, GPTRouterModel):
        return entry
    provider_name: Any
    name: Any
    if isinstance(entry, str):
        provider_name, _, name = entry.partition("/")
    elif isinstance(entry, Mapping):
        provider_name, name = entry.get("provider_name"), entry.get("name")
    else:
        # LangChain's own GPTRouterModel, too, has the two names.
        provider_name, name = getattr(entry, "provider_name", None), getattr(entry, "name", None)
    if not (isinstance(name, str) and name and isinstance(provider_name, str) and provider_name):
        raise ConfigurationError(
            f"{entry!r} does not name a model and its provider: "
            'write "provider/name", as in "chat_openai/gpt-4", or GPTRouterModel(name=…, provider_name=…).'
        )
    return GPTRouterModel(name=name, provider_name=provider_name)


def why_skipped(newest: HealthPoint | None) -> str | None:
    """Why the gateway would skip a model whose newest check is this one; None when it would ask it."""
    if newest is None:
        return "never checked"
    if not newest.is_available:
        return "down"
    if newest.latency_ms > HEALTH_LIMIT_MS:
        return f"slower than {HEALTH_LIMIT_MS // 1000} s"
    return None


@dataclass(frozen=True, slots=True)
class Hop:
    """What became of one model of the list."""

    model: GPTRouterModel
    outcome: Literal["answered", "skipped", "failed"]
    reason: str | None = None
    """Why it was skipped or how it failed, in the gateway's or the provider's words."""
    inferred: bool = False
    """Whether the health rows told us, not the gateway itself."""
    seconds: float | None = None
    """How long it had the request; None for one that was skipped."""

    def to_dict(self) -> dict[str, Any]:
        """The hop as `response_metadata["route"]` has it."""
        return {
            "model": self.model.name,
            "provider": self.model.provider_name,
            "outcome": self.outcome,
            "reason": self.reason,
            "inferred": self.inferred,
            "seconds": None if self.seconds is None else round(self.seconds, 4),
        }


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request to the gateway: these models, in this order."""

    models: tuple[GPTRouterModel, ...]
    plain: bool
    """Whether to ask for the answer in one piece, because the provider cannot stream."""


Newest = Mapping[GPTRouterModel, "HealthPoint | None"]
"""The newest check of each model, None where there is none; a model missing here was not looked up."""


class Attempts:
    """Which models are still to be asked, and what became of the others.

    Args:
        models: The priority list.
        plain_only: Says of a model whether its provider cannot stream.
    """

    def __init__(self, models: Sequence[GPTRouterModel], *, plain_only: Iterable[GPTRouterModel] = ()) -> None:
        self.remaining = tuple(models)
        self.hops: list[Hop] = []
        self._plain_only = set(plain_only)

    def next(self) -> Attempt | None:
        """The next request to make; None when nobody is left to ask."""
        if not self.remaining:
            return None
        first = self.remaining[0]
        if first in self._plain_only:
            # Alone: in a plain reply a later model's tool calls and causes would be lost [24, 29].
            return Attempt((first,), plain=True)
        return Attempt(self.remaining, plain=False)

    def answered(self, position: int, seconds: float, newest: Newest | None) -> None:
        """The model at `position` of the current attempt answered; those before it were skipped."""
        self._skipped(position, newest)
        self.hops.append(Hop(self.remaining[position], "answered", seconds=seconds))
        self.remaining = self.remaining[position + 1 :]

    def failed(
        self, attempt: Attempt, reason: str, seconds: float, *, position: int | None, newest: Newest | None
    ) -> GPTRouterModel:
        """A model of the attempt was chosen and failed; returns which.

        Args:
            attempt: The request that failed.
            reason: The cause, in the provider's words.
            seconds: How long it took to fail.
            position: Which one it was, if the gateway told; else the first that its health lets through.
            newest: The newest checks, if they could be read.
        """
        inferred = position is None and len(attempt.models) > 1
        if position is None:
            position = self._first_passable(attempt, newest)
        self._skipped(position, newest)
        failed = attempt.models[position]
        self.hops.append(Hop(failed, "failed", reason, inferred=inferred, seconds=seconds))
        self.remaining = self.remaining[position + 1 :]
        return failed

    def none_available(self, attempt: Attempt, newest: Newest | None) -> None:
        """The gateway skipped every model of the attempt."""
        self._skipped(len(attempt.models), newest)
        self.remaining = self.remaining[len(attempt.models) :]

    def all_skipped(self, attempt: Attempt, newest: Newest | None) -> bool:
        """Whether the health rows say that the gateway skipped every model of the attempt."""
        return newest is not None and all(
            model in newest and why_skipped(newest[model]) is not None for model in attempt.models
        )

    def cannot_stream(self, attempt: Attempt, provider_name: str, newest: Newest | None) -> bool:
        """The gateway chose a model whose provider cannot stream: it is to be asked again, plainly.

        Returns whether there is such a model.
        """
        own = [at for at, model in enumerate(attempt.models) if model.provider_name == provider_name]
        if not own or attempt.plain:
            return False
        position = next((at for at in own if _is_let_through(attempt.models[at], newest)), own[0])
        self._skipped(position, newest)
        self.remaining = self.remaining[position:]
        self._plain_only.update(model for model in self.remaining if model.provider_name == provider_name)
        return True

    def _first_passable(self, attempt: Attempt, newest: Newest | None) -> int:
        for position, model in enumerate(attempt.models):
            if _is_let_through(model, newest):
                return position
        return 0

    def _skipped(self, count: int, newest: Newest | None) -> None:
        for model in self.remaining[:count]:
            reason = why_skipped(newest[model]) if newest is not None and model in newest else None
            hop = Hop(model, "skipped", reason or "the gateway passed it over", inferred=True)
            self.hops.append(hop if reason else replace(hop, inferred=False))


def _is_let_through(model: GPTRouterModel, newest: Newest | None) -> bool:
    return newest is not None and model in newest and why_skipped(newest[model]) is None
