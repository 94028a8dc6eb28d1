"""A generate request and its plain reply, as frozen typed values, no I/O (the streamed reply is in `sse`).

Facts: gptrouter-wire.md; numbers in brackets name the recorded exchange. Unknown fields are kept in `extra`
where a caller may want them, and otherwise passed over; a field of the wrong shape reads as unset.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

from gptrouter_notebook.reading import as_dict, as_int, as_list, as_str, rest_of

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Allowance", "Choice", "GenerateRequest", "Reply", "RequestEntry", "Usage"]


@dataclass(frozen=True, slots=True)
class RequestEntry:
    """One model of the priority list with what it is asked; `order` decides who comes first [58]."""

    name: str
    provider_name: str
    order: int
    params: Mapping[str, Any]
    """The provider's parameters. Leave out what is unset: `null` is a value to the gateway [L21]."""
    model_id: str | None = None
    """Ids, where known, stand for the names [L27]: a name alone can belong to two providers."""
    provider_id: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The entry as the gateway reads it."""
        if self.model_id and self.provider_id:
            who = {"modelId": self.model_id, "providerId": self.provider_id}
        else:
            who = {"modelName": self.name, "providerName": self.provider_name}
        return {**who, "order": self.order, "promptParams": dict(self.params)}


@dataclass(frozen=True, slots=True)
class GenerateRequest:
    """The body of `POST /api/v1/generate`."""

    entries: tuple[RequestEntry, ...]
    stream: bool
    extra: Mapping[str, Any] = field(default_factory=dict)
    """Fields beside `data`: `timeout` (milliseconds per attempt), `maxRetries`, `metadata`, `tag` …"""

    def to_json(self) -> dict[str, Any]:
        """The body as the gateway reads it."""
        return {**self.extra, "stream": self.stream, "data": [entry.to_json() for entry in self.entries]}


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one answer, as the gateway counts them."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int

    @classmethod
    def from_json(cls, value: Any) -> Self | None:
        """Reads a `usage` object; None when there is none, which is not the same as zero."""
        if not isinstance(value, dict):
            return None
        prompt, completion = as_int(value.get("prompt_tokens")), as_int(value.get("completion_tokens"))
        if prompt is None and completion is None:
            return None
        prompt, completion = prompt or 0, completion or 0
        return cls(prompt, completion, as_int(value.get("total_tokens")) or prompt + completion)


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a plain reply's answers."""

    index: int
    text: str
    finish_reason: str | None
    role: str | None
    function_call: Mapping[str, Any] | None
    extra: Mapping[str, Any]
    """What else the gateway said, such as `tool_calls` or `citations` from newer ones."""

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """Reads one choice."""
        value = as_dict(value)
        call = value.get("function_call")
        return cls(
            index=as_int(value.get("index")) or 0,
            text=as_str(value.get("text")),
            finish_reason=value.get("finish_reason") or None,
            role=value.get("role") or None,
            function_call=call if isinstance(call, dict) else None,
            extra=rest_of(value, "index", "text", "finish_reason", "role", "function_call"),
        )


@dataclass(frozen=True, slots=True)
class Reply:
    """A plain answer of `POST /api/v1/generate`; `choices` may be empty [L35]."""

    id: str
    choices: tuple[Choice, ...]
    model: str
    model_id: str
    provider_id: str
    usage: Usage | None
    extra: Mapping[str, Any]

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """Reads a plain reply."""
        value = as_dict(value)
        return cls(
            id=as_str(value.get("id")),
            choices=tuple(Choice.from_json(choice) for choice in as_list(value.get("choices"))),
            model=as_str(value.get("model")),
            model_id=as_str(value.get("modelId")),
            provider_id=as_str(value.get("providerId")),
            usage=Usage.from_json(as_dict(value.get("meta")).get("usage")),
            extra=rest_of(value, "id", "choices", "model", "modelId", "providerId", "meta"),
        )


@dataclass(frozen=True, slots=True)
class Allowance:
    """How many generate calls the key has left; the gateway says it in the headers of every reply [L41]."""

    limit: int
    remaining: int
    reset_s: float
    """Seconds until the allowance is full again."""

    @classmethod
    def from_headers(cls, headers: Mapping[str, str]) -> Self | None:
        """Reads the `x-ratelimit-*` headers; None for a key without a limit."""
        try:
            return cls(
                int(headers["x-ratelimit-limit"]),
                int(headers["x-ratelimit-remaining"]),
                float(headers["x-ratelimit-reset"]),
            )
        except (KeyError, ValueError):
            return None
