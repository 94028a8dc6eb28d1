"""What a gateway keeps and tells: models, providers, health, usage, users, prompts, pictures; no I/O.

Facts: gptrouter-wire.md; numbers in brackets name the recorded exchange.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

from gptrouter_notebook.reading import as_datetime, as_dict, as_float, as_int, as_list, as_str, rest_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

__all__ = [
    "HealthPoint",
    "HealthRow",
    "Image",
    "Model",
    "ModelHealth",
    "ModelUsage",
    "Prompt",
    "Provider",
    "UsagePoint",
    "User",
]


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider the gateway knows [04]."""

    id: str
    name: str

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """Reads a provider."""
        value = as_dict(value)
        return cls(as_str(value.get("id")), as_str(value.get("name")))


@dataclass(frozen=True, slots=True)
class Model:
    """A model the gateway knows [03]; asked for by id, its provider's name is missing [L01]."""

    id: str
    name: str
    provider_id: str
    provider_name: str
    input_type: str
    """`messages` or `prompt`."""
    order: int

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """Reads a model."""
        value = as_dict(value)
        return cls(
            as_str(value.get("id")),
            as_str(value.get("name")),
            as_str(value.get("providerId")),
            as_str(value.get("providerName")),
            as_str(value.get("inputType")),
            as_int(value.get("order")) or 0,
        )


@dataclass(frozen=True, slots=True)
class HealthRow:
    """One check of one model [08]; a failed one has latency 0: down, not fast [L05]."""

    model_id: str
    provider_id: str
    is_available: bool
    latency_ms: float
    checked_at: datetime | None
    status: str
    """`ok`, the model's own words, or the error."""

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """Reads a row of the health table."""
        value = as_dict(value)
        return cls(
            as_str(value.get("modelId")),
            as_str(value.get("providerId")),
            value.get("isAvailable") is True,
            as_float(value.get("latency")) or 0.0,
            as_datetime(value.get("lastChecked")),
            as_str(value.get("status")),
        )


@dataclass(frozen=True, slots=True)
class HealthPoint:
    """One check in a model's history [09]."""

    time: datetime | None
    is_available: bool
    latency_ms: float

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """Reads a point of a history."""
        value = as_dict(value)
        return cls(
            as_datetime(value.get("time")),
            value.get("isAvailable") is True,
            as_float(value.get("latency")) or 0.0,
        )


@dataclass(frozen=True, slots=True)
class ModelHealth:
    """The checks of one model over a span of time, oldest first; the last one decides [54]."""

    model_id: str
    points: tuple[HealthPoint, ...]

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """Reads a model's history."""
        value = as_dict(value)
        return cls(as_str(value.get("modelId")), tuple(map(HealthPoint.from_json, as_list(value.get("data")))))

    @property
    def newest(self) -> HealthPoint | None:
        """The last check, or None when the model was not checked in the span asked for."""
        return self.points[-1] if self.points else None


@dataclass(frozen=True, slots=True)
class UsagePoint:
    """Tokens and cost of one answer [62]; the currency is the gateway's, US dollars in the open server."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int
    cost: float | None
    created_at: datetime | None

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """Reads a usage row."""
        value = as_dict(value)
        return cls(
            as_int(value.get("promptTokens")) or 0,
            as_int(value.get("completionTokens")) or 0,
            as_int(value.get("totalTokens")) or 0,
            as_float(value.get("cost")),
            as_datetime(value.get("createdAt")),
        )


@dataclass(frozen=True, slots=True)
class ModelUsage:
    """What one model was used for over a span of time."""

    model_id: str
    points: tuple[UsagePoint, ...]

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """Reads a model's usage."""
        value = as_dict(value)
        return cls(as_str(value.get("modelId")), tuple(map(UsagePoint.from_json, as_list(value.get("data")))))


@dataclass(frozen=True, slots=True)
class User:
    """Who logged in; the token opens the gateway for 14 days, so it stays out of the repr."""

    id: str
    email: str
    role: str
    token: str = field(repr=False)

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """Reads a login's reply; the password it echoes [61] is dropped."""
        value = as_dict(value)
        return cls(*(as_str(value.get(key)) for key in ("id", "email", "role", "token")))


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt stored at the gateway [42, 43]."""

    id: str
    title: str
    models: tuple[str, ...]
    params: Mapping[str, Any]
    parent_id: str | None
    version: int
    extra: Mapping[str, Any]

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """Reads a stored prompt."""
        value = as_dict(value)
        return cls(
            as_str(value.get("id")),
            as_str(value.get("title")),
            tuple(as_str(model) for model in as_list(value.get("models"))),
            as_dict(value.get("promptParams")),
            value.get("parentPromptId") or None,
            as_int(value.get("versionNumber")) or 0,
            rest_of(value, "id", "title", "models", "promptParams", "parentPromptId", "versionNumber"),
        )


@dataclass(frozen=True, slots=True)
class Image:
    """A generated picture: where it is [49] or its bytes in base64 [L46]."""

    url: str | None
    base64: str | None = field(repr=False)
    extra: Mapping[str, Any]

    @classmethod
    def list_from_json(cls, value: Any) -> tuple[Self, ...]:
        """Reads the reply of `generate-image`, in either vendor's form."""
        response = as_dict(value).get("response")
        items = response if isinstance(response, list) else as_list(as_dict(response).get("artifacts"))
        return tuple(
            cls(
                item.get("url"),
                item.get("base64") or item.get("b64_json"),
                rest_of(item, "url", "base64", "b64_json"),
            )
            for item in map(as_dict, items)
        )
