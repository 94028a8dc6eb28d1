"""What an error event of a stream means, and the sentences for a question that nobody answered; pure.

An event has a message only, no code [40]; these are all that the gateway itself writes, and everything else is the
provider's. Facts: gptrouter-wire.md, "Stream grammar".
"""

from __future__ import annotations

import difflib
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gptrouter_notebook.errors import GPTRouterError, InvalidRequest, ModelNotFound, NoModelAvailable, StreamInterrupted
from gptrouter_notebook.reading import as_dict, as_list, as_str

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gptrouter_notebook.routing import GPTRouterModel, Hop

__all__ = [
    "CUT",
    "CannotStream",
    "Cause",
    "NoneAvailable",
    "ProviderFailed",
    "UnknownName",
    "WantsPrompt",
    "broke_off",
    "cause_of",
    "nobody_answered",
    "unknown_name",
]

CUT = "the provider stopped in mid-answer"

_UNKNOWN = re.compile(r"(Model|Provider) with name (.*) does not exist")
_NO_STREAM = re.compile(r"Stream not supported for provider (\S+)")
_REFUSED = re.compile(r"(400|404|413|422)\b|[\w/]+: Expected\b")
"""Reasons that lie in the request: a status, or a parameter that does not fit the provider [L13, L20]."""
_LONGEST_CAUSE = 300


@dataclass(frozen=True, slots=True)
class UnknownName:
    """A name of the list that the gateway does not have [31]; it ends the request wherever it stands [L29]."""

    name: str
    is_provider: bool


@dataclass(frozen=True, slots=True)
class NoneAvailable:
    """Every model was skipped for its health [56]."""


@dataclass(frozen=True, slots=True)
class CannotStream:
    """The chosen model's provider does not stream [21]."""

    provider_name: str


@dataclass(frozen=True, slots=True)
class WantsPrompt:
    """The chosen model completes a `prompt` and was sent messages only [L13]."""

    reason: str


@dataclass(frozen=True, slots=True)
class ProviderFailed:
    """The chosen model's provider failed, in its own words."""

    reason: str


Cause = UnknownName | NoneAvailable | CannotStream | WantsPrompt | ProviderFailed


def cause_of(message: str) -> Cause:
    """Reads the message of an error event."""
    if unknown := _UNKNOWN.fullmatch(message):
        return UnknownName(unknown[2], is_provider=unknown[1] == "Provider")
    if message == "No models available":
        return NoneAvailable()
    if no_stream := _NO_STREAM.fullmatch(message):
        return CannotStream(no_stream[1])
    reason = _plainly(message)
    return WantsPrompt(reason) if reason.startswith("prompt: Expected") else ProviderFailed(reason)


def unknown_name(cause: UnknownName, models: Sequence[GPTRouterModel], known: Iterable[str]) -> ModelNotFound:
    """The error for a name the gateway does not have.

    Args:
        cause: The name.
        models: The models that were asked.
        known: The labels of the models the gateway has, if it could be asked for them.
    """
    attribute = "provider_name" if cause.is_provider else "name"
    label = next((model.label for model in models if getattr(model, attribute) == cause.name), cause.name)
    near = difflib.get_close_matches(label, known, n=1, cutoff=0.5)
    what = "the provider" if cause.is_provider else "the model"
    hint = f"did you mean {near[0]}?" if near else "`GPTRouter.available_models()` lists those it has."
    return ModelNotFound(f'The gateway does not know {what} "{cause.name}" of {label}: {hint}', model=label)


def nobody_answered(hops: Sequence[Hop]) -> GPTRouterError:
    """The error for a list whose models were all skipped or failed."""
    failed = [hop for hop in hops if hop.outcome == "failed"]
    skipped = [hop for hop in hops if hop.outcome == "skipped"]
    reason = failed[-1].reason if failed else None
    kind: type[GPTRouterError] = NoModelAvailable
    refused = bool(failed) and all(_REFUSED.match(hop.reason or "") for hop in failed)
    if refused and not skipped:
        kind = InvalidRequest
    if not failed:
        who = ", ".join(f"{hop.model.label} ({hop.reason})" for hop in skipped)
        message = f"The gateway skipped every model of the list: {who}; add one that is up, or try again later."
    elif len(hops) == 1:
        advice = "change the request." if refused else "add a model to the list to fall back on, or try again."
        message = f"{failed[0].model.label} failed ({_clause(reason)}): {advice}"
    else:
        parts = [
            f"{hop.model.label} {'failed' if hop.outcome == 'failed' else 'was skipped'} ({_clause(hop.reason)})"
            for hop in hops
        ]
        advice = "change the request." if kind is InvalidRequest else "add one that is up, or try again."
        message = f"No model of the list answered: {', '.join(parts)}; {advice}"
    return kind(
        message,
        model=(failed or skipped)[-1].model.label,
        cause=reason,
        route=[hop.to_dict() for hop in hops],
    )


def broke_off(
    model: GPTRouterModel, reason: str, partial: str, remaining: Sequence[GPTRouterModel], hops: Sequence[Hop]
) -> StreamInterrupted:
    """The error for an answer that broke after some of it was handed out."""
    return StreamInterrupted(
        f"{model.label} broke off after {len(partial)} characters of its answer ({reason}): "
        "the text so far is in the error's `partial`; ask again for a whole answer.",
        partial=partial,
        remaining=remaining,
        model=model.label,
        cause=reason,
        route=[hop.to_dict() for hop in hops],
    )


def _plainly(message: str) -> str:
    """The provider's words without the JSON round them [L13, L33]."""
    status, _, rest = message.partition(" ")
    words = message
    if message.startswith("["):
        words = "; ".join(_fault(item) for item in as_list(_json(message))) or message
    elif rest.startswith("{"):
        inner = as_dict(as_dict(_json(rest)).get("error")).get("message")
        words = f"{status} {inner}" if isinstance(inner, str) and inner else message
    words = " ".join(words.split())
    return words if len(words) <= _LONGEST_CAUSE else f"{words[:_LONGEST_CAUSE]}…"


def _fault(item: object) -> str:
    fault = as_dict(item)
    return f"{as_str(fault.get('path')).lstrip('/')}: {as_str(fault.get('message'))}"


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _clause(reason: str | None) -> str | None:
    """A provider's sentence, to stand inside of ours."""
    return reason.removesuffix(".") if reason else reason
