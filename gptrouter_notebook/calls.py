"""Every call of a gateway beside the streamed answer, as a value: method, path, what is sent, how the reply reads.

Pure: `client` carries a call out, sync or async. Facts: gptrouter-wire.md, "Calls".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from urllib.parse import quote

from gptrouter_notebook import records
from gptrouter_notebook.reading import as_dict, as_list
from gptrouter_notebook.wire import GenerateRequest, Reply

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

T = TypeVar("T")

__all__ = [
    "Call",
    "check_health",
    "create_prompt",
    "delete_prompt",
    "embeddings",
    "generate",
    "generate_from_prompt",
    "generate_image",
    "health",
    "image_question",
    "login",
    "model",
    "models",
    "optimize_prompt",
    "prompt",
    "prompts",
    "providers",
    "update_prompt",
    "usage",
]


@dataclass(frozen=True, slots=True)
class Call(Generic[T]):
    """One call: what is sent, and how the reply's JSON is read."""

    method: str
    path: str
    read: Callable[[Any], T]
    body: Any = field(default=None, repr=False)
    query: Mapping[str, str] = field(default_factory=dict)
    is_open: bool = False
    """Whether the gateway answers it without a key."""


def models() -> Call[tuple[records.Model, ...]]:
    """All models [03]."""
    return Call("GET", "/api/v1/model/all", _tuple_of(records.Model.from_json))


def model(model_id: str) -> Call[records.Model]:
    """One model by its id [L01]."""
    return Call("GET", f"/api/v1/model/{quote(model_id, safe='')}", records.Model.from_json)


def providers() -> Call[tuple[records.Provider, ...]]:
    """All providers [04]."""
    return Call("GET", "/api/v1/provider/all", _tuple_of(records.Provider.from_json))


def health(start: date | None = None, end: date | None = None) -> Call[tuple[records.ModelHealth, ...]]:
    """The checks of all models [09]; by default those of the last 24 hours."""
    return Call("GET", "/api/v1/healthcheck", _tuple_of(records.ModelHealth.from_json), query=_span(start, end))


def check_health() -> Call[tuple[records.HealthRow, ...]]:
    """Checks every model now, which costs tokens [08]; the gateway refuses an empty body, hence `{}` [07]."""
    return Call("POST", "/api/v1/healthcheck", _tuple_of(records.HealthRow.from_json), body={})


def usage(start: date | None = None, end: date | None = None) -> Call[tuple[records.ModelUsage, ...]]:
    """What the key's user used [62]; by default in the last 24 hours."""
    return Call("GET", "/api/v1/model-usage/model", _tuple_of(records.ModelUsage.from_json), query=_span(start, end))


def generate(request: GenerateRequest) -> Call[Reply]:
    """A plain answer [10]."""
    return Call("POST", "/api/v1/generate", Reply.from_json, body=request.to_json())


def login(email: str, password: str) -> Call[records.User]:
    """A user and a token good for 14 days [61]."""
    return Call(
        "POST",
        "/api/v1/user/login",
        records.User.from_json,
        body={"email": email, "password": password},
        is_open=True,
    )


def prompts() -> Call[tuple[records.Prompt, ...]]:
    """All stored prompts [L43]."""
    return Call("GET", "/api/v1/prompt/all", _tuple_of(records.Prompt.from_json))


def prompt(prompt_id: str) -> Call[records.Prompt]:
    """One stored prompt."""
    return Call("GET", _prompt_path(prompt_id), records.Prompt.from_json)


def create_prompt(body: Mapping[str, Any]) -> Call[records.Prompt]:
    """Stores a prompt; needs id, title, models, promptParams, parentPromptId and versionNumber [L42]."""
    return Call("POST", "/api/v1/prompt", records.Prompt.from_json, body=dict(body))


def update_prompt(prompt_id: str, body: Mapping[str, Any]) -> Call[records.Prompt]:
    """Changes a stored prompt."""
    return Call("PUT", _prompt_path(prompt_id), records.Prompt.from_json, body=dict(body))


def delete_prompt(prompt_id: str) -> Call[dict[str, Any]]:
    """Deletes a stored prompt."""
    return Call("DELETE", _prompt_path(prompt_id), as_dict)


def optimize_prompt(prompt_id: str, body: Mapping[str, Any]) -> Call[dict[str, Any]]:
    """Asks the gateway to better a stored prompt; the reply is passed on as it comes."""
    return Call("POST", f"{_prompt_path(prompt_id)}/optimize", as_dict, body=dict(body))


def generate_from_prompt(data: Mapping[str, Any]) -> Call[Reply]:
    """An answer to a stored prompt [L44]; never streamed, for that can end the whole gateway [L52]."""
    return Call("POST", "/api/v1/generate/prompt", Reply.from_json, body={"stream": False, "data": dict(data)})


def generate_image(body: Mapping[str, Any]) -> Call[tuple[records.Image, ...]]:
    """Pictures from a prompt [49, L46]."""
    return Call("POST", "/api/v1/generate/generate-image", records.Image.list_from_json, body=dict(body))


def image_question(data: Mapping[str, Any]) -> Call[str]:
    """A question about a picture [L47]."""
    return Call(
        "POST",
        "/api/v1/generate/image",
        lambda value: str(as_dict(value).get("response", "")),
        body={"data": dict(data)},
    )


def embeddings(body: Mapping[str, Any]) -> Call[dict[str, Any]]:
    """Embeddings, at newer gateways only; the recorded one answers 404."""
    return Call("POST", "/api/v1/generate/embeddings", as_dict, body=dict(body))


def _prompt_path(prompt_id: str) -> str:
    return f"/api/v1/prompt/{quote(prompt_id, safe='')}"


def _tuple_of(read: Callable[[Any], T]) -> Callable[[Any], tuple[T, ...]]:
    return lambda value: tuple(map(read, as_list(value)))


def _span(start: date | None, end: date | None) -> dict[str, str]:
    # Both are needed, and the end day is included [L06]. Tomorrow, so that a gateway whose clock or time zone
    # is ahead of ours does not hide its newest rows.
    now = datetime.now(UTC)
    return {
        "startDate": _moment(start if start is not None else now - timedelta(days=1)),
        "endDate": _moment(end if end is not None else (now + timedelta(days=1)).date()),
    }


def _moment(value: date) -> str:
    if not isinstance(value, datetime):
        return value.isoformat()
    aware = value if value.tzinfo else value.astimezone()
    return aware.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
