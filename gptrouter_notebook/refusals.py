"""What a gateway's refusal means for the person who reads it: status, headers and body in, an error out; pure.

Facts: gptrouter-wire.md, "Plain failures"; numbers in brackets name the recorded exchange.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from gptrouter_notebook.errors import (
    ConfigurationError,
    GatewayUnreachable,
    GPTRouterError,
    InvalidRequest,
    RateLimited,
)
from gptrouter_notebook.reading import as_dict

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["LONGEST_WAIT_S", "missing_key", "not_a_gateway", "refusal", "retry_after_s", "span"]

LONGEST_WAIT_S = 10.0
"""A `retry-after` beyond this is reported, not slept through."""

_UNREACHABLE = frozenset({502, 503, 504})


def missing_key() -> ConfigurationError:
    """No key was given and none is in the environment."""
    return ConfigurationError(
        "There is no key for the gateway: set the environment variable GPT_ROUTER_API_KEY, "
        "or run `%gptrouter demo` for a demo gateway that needs none of yours."
    )


def not_a_gateway(url: str, found: str) -> ConfigurationError:
    """Something answered at the address, but not a GPTRouter gateway."""
    return ConfigurationError(
        f"{url} answered with {found}, not as a GPTRouter gateway does: "
        "check the address in GPT_ROUTER_API_BASE (or gpt_router_api_base=)."
    )


def refusal(status: int, headers: Mapping[str, str], body: bytes, *, base_url: str, path: str) -> GPTRouterError:
    """The error for a reply that is not a success."""
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    said = _said(body) if kind == "application/json" else ""
    if status in {301, 302, 303, 307, 308}:
        target = headers.get("location", "another address")
        error: GPTRouterError = not_a_gateway(base_url, f"a redirect to {target}")
    elif status in {401, 403} and said == "Incorrect Password":
        error = ConfigurationError(f"The gateway at {base_url} refused the login: the password is not right.")
    elif status in {401, 403}:
        error = ConfigurationError(
            f"The gateway at {base_url} refused the key: check GPT_ROUTER_API_KEY (or gpt_router_api_key=)."
        )
    elif status == 429:  # noqa: PLR2004 - the name of a status is its number
        wait = retry_after_s(headers)
        when = f"; it can be asked again in {span(wait)}" if wait is not None else ""
        words = said or "too many requests"
        error = RateLimited(
            f"The gateway at {base_url} is not taking more requests with this key ({words}){when}.",
            retry_after_s=wait,
        )
    elif status in _UNREACHABLE:
        error = GatewayUnreachable(
            f"The gateway at {base_url} is not up (status {status}): try again in a moment, or ask whoever runs it."
        )
    elif kind != "application/json":
        error = not_a_gateway(base_url, f"{_document(kind)} (status {status})")
    elif status == 404:  # noqa: PLR2004 - the name of a status is its number
        words = said or "not found"
        error = InvalidRequest(f"The gateway at {base_url} does not have {path} ({words}).")
    else:
        # The catch-all 500 is all there is for a body the gateway could not read, and for any plain failure.
        error = InvalidRequest(
            f"The gateway at {base_url} refused the request to {path} (status {status}: {said or 'no cause named'}): "
            "check the messages and parameters."
        )
    error.status = status
    error.cause = said or None
    return error


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Seconds the gateway asks us to wait; None when it does not say."""
    try:
        wait = float(headers["retry-after"])
    except (KeyError, ValueError):
        return None
    return wait if 0 <= wait < float("inf") else None


def span(seconds: float) -> str:
    """A length of time as a person says it: `30 seconds`, `24 hours`."""
    for size, name in ((86_400.0, "day"), (3_600.0, "hour"), (60.0, "minute")):
        if seconds >= 2 * size:
            return f"{round(seconds / size)} {name}s"
    whole = max(1, round(seconds))
    if whole >= 3_600:  # noqa: PLR2004 - seconds of an hour
        return f"{round(whole / 60)} minutes"
    return f"{whole} second{'s' if whole > 1 else ''}"


def _said(body: bytes) -> str:
    try:
        value: Any = as_dict(json.loads(body))
    except (ValueError, RecursionError):
        return ""
    for key in ("message", "error"):
        if isinstance(value.get(key), str):
            return str(value[key])
    return ""


def _document(kind: str) -> str:
    return {"text/html": "an HTML page", "": "an untyped document"}.get(kind, f"a document of type {kind}")
