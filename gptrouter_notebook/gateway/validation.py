"""A request body read as the gateway reads it: values are coerced, `null` is a value, a wrong shape is refused.

Coercions are those of the gateway's validator (gptrouter-wire.md, 2): `"0.5"` is 0.5, `["a"]` is `"a"` where a text
is expected, and `null` is 0 or `""` [L21].
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ROLES = frozenset({"system", "user", "assistant", "function", "tool"})
DEFAULT_TIMEOUT_MS = 60_000.0
DEFAULT_MAX_RETRIES = 3


class Invalid(Exception):
    """The body has not the shape the gateway expects; the caller only hears the catch-all 500."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One model of the priority list; an id wins over a name."""

    model_name: str | None
    provider_name: str | None
    model_id: str | None
    provider_id: str | None
    order: float
    params: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Calling:
    """How providers are called: a stream or not, milliseconds per attempt, repetitions."""

    stream: bool
    timeout_ms: float
    max_retries: int


@dataclass(frozen=True, slots=True)
class PromptCall:
    """A stored prompt to be filled and sent."""

    prompt_id: str
    inputs: Mapping[str, Any]
    n: float
    language: str
    user_id: str


def read_calling(body: Any) -> Calling:
    """The fields beside `data`; unknown ones are passed over.

    Raises:
        Invalid: A field cannot be coerced, or `timeout` is not above 0.
    """
    body = _as_dict(body)
    timeout_ms = _as_number(body["timeout"]) if "timeout" in body else DEFAULT_TIMEOUT_MS
    retries = _as_number(body["maxRetries"]) if "maxRetries" in body else DEFAULT_MAX_RETRIES
    if timeout_ms <= 0 or retries < 0:
        raise Invalid
    return Calling(_as_flag(body.get("stream", False)), timeout_ms, int(retries))


def read_entries(body: Any) -> list[Entry]:
    """The priority list, sorted by `order`; ties stay in list order.

    Raises:
        Invalid: The list is missing or empty, or an entry has a wrong shape.
    """
    data = _as_dict(body).get("data")
    data = [data] if isinstance(data, dict) else data
    if not isinstance(data, list) or not data:
        raise Invalid
    return sorted((_read_entry(item) for item in data), key=lambda entry: entry.order)


def read_params(value: Any) -> dict[str, Any]:
    """The parameters of one entry, coerced; unknown ones stay, for the provider to drop.

    Raises:
        Invalid: A known parameter has a value that cannot be coerced.
    """
    params = dict(_as_dict(value))
    for name, read in _PARAMS.items():
        if name in params:
            params[name] = read(params[name])
    return params


def read_prompt_call(body: Any) -> PromptCall:
    """What `POST /generate/prompt` asks for.

    Raises:
        Invalid: A field is missing or has a wrong shape.
    """
    data = _as_dict(_as_dict(body).get("data"))
    return PromptCall(
        prompt_id=_as_uuid(data.get("promptId")),
        inputs=_as_dict(data.get("inputData", {})),
        n=_as_number(data.get("n", 1)),
        language=_as_text(data.get("language", "")),
        user_id=_as_text(data.get("userId", "")),
    )


def read_prompt(body: Any) -> dict[str, Any]:
    """A stored prompt as `POST /prompt` sends it.

    Raises:
        Invalid: One of its six fields is missing or has a wrong shape.
    """
    body = _as_dict(body)
    try:
        return {
            "id": _as_uuid(body["id"]),
            "title": _as_text(body["title"]),
            "models": [_as_uuid(item) for item in _as_list(body["models"])],
            "promptParams": read_params(body["promptParams"]),
            "parentPromptId": _as_uuid(body["parentPromptId"]),
            "versionNumber": _as_number(body["versionNumber"]),
        }
    except KeyError:
        raise Invalid from None


def _read_entry(item: Any) -> Entry:
    item = _as_dict(item)
    if "order" not in item or "promptParams" not in item:
        raise Invalid
    return Entry(
        model_name=_as_text(item["modelName"]) if "modelName" in item else None,
        provider_name=_as_text(item["providerName"]) if "providerName" in item else None,
        model_id=_as_uuid(item["modelId"]) if "modelId" in item else None,
        provider_id=_as_uuid(item["providerId"]) if "providerId" in item else None,
        order=_as_number(item["order"]),
        params=read_params(item["promptParams"]),
    )


def _as_number(value: Any) -> float:
    match value:
        case None:
            return 0
        case bool():
            return int(value)
        case int() | float() if math.isfinite(value):
            return value
        case str() if value.strip():
            try:
                number = float(value)
            except ValueError:
                raise Invalid from None
            return _as_number(int(number) if number.is_integer() else number)
        case [only]:
            return _as_number(only)
    raise Invalid


def _as_flag(value: Any) -> bool:
    if value in (None, 0, "false"):
        return False
    if value in (1, "true"):
        return True
    raise Invalid


def _as_text(value: Any) -> str:
    match value:
        case None:
            return ""
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case int() | float():
            return f"{value}"
        case [only]:
            return _as_text(only)
    raise Invalid


def _as_texts(value: Any) -> str | list[str]:
    if isinstance(value, list) and len(value) != 1:
        return [_as_text(item) for item in value]
    return _as_text(value)


def _as_uuid(value: Any) -> str:
    try:
        return str(UUID(value))
    except (ValueError, AttributeError, TypeError):
        raise Invalid from None


def _as_dict(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Invalid
    return value


def _as_list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise Invalid
    return value


def _as_dicts(value: Any) -> list[dict[str, Any]]:
    return [_as_dict(item) for item in _as_list(value)]


def _as_messages(value: Any) -> list[dict[str, Any]]:
    return [_as_message(item) for item in _as_dicts(value)]


def _as_message(message: dict[str, Any]) -> dict[str, Any]:
    if message.get("role") not in ROLES:
        raise Invalid
    if "content" not in message and message["role"] != "assistant":
        raise Invalid
    read = dict(message)
    if isinstance(read.get("content"), list):
        read["content"] = _as_dicts(read["content"])
    elif read.get("content") is not None:
        read["content"] = _as_text(read["content"])
    if "tool_calls" in read:
        read["tool_calls"] = _as_dicts(read["tool_calls"])
    return read


_PARAMS: dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys(("temperature", "top_p", "n", "max_tokens", "presence_penalty", "frequency_penalty"), _as_number),
    "prompt": _as_text,
    "user": _as_text,
    "stop": _as_texts,
    "logit_bias": _as_dict,
    "function_call": _as_dict,
    "response_format": _as_dict,
    "functions": _as_dicts,
    "tools": _as_dicts,
    "messages": _as_messages,
}
