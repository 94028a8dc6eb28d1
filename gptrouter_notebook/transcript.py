"""A conversation as JSON, version 1, and as Markdown; pure. Neither ever holds a key.

The Markdown is for readers and for diffs: one paragraph per thing said, roles in bold, everything that is not the
model's own text in italics.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, get_args

from langchain_core.messages import UsageMetadata

from gptrouter_notebook.conversation import Answer, Conversation, Failure, Meta, Part, Reason, Turn
from gptrouter_notebook.errors import ConfigurationError
from gptrouter_notebook.routing import GPTRouterModel, as_models

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["VERSION", "Transcript", "facts", "from_dict", "to_dict", "to_markdown"]

VERSION = 1

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_TOKEN_COUNTS = ("input_tokens", "output_tokens", "total_tokens")


@dataclass(frozen=True, slots=True)
class Transcript:
    """What a saved conversation holds."""

    conversation: Conversation
    models: tuple[GPTRouterModel, ...]
    system_prompt: str | None = None


def to_dict(conversation: Conversation, models: Sequence[GPTRouterModel], system_prompt: str | None) -> dict[str, Any]:
    """The conversation as values that JSON knows."""
    return {
        "version": VERSION,
        "system_prompt": system_prompt,
        "models": [model.label for model in models],
        "turns": [
            {
                "id": turn.id,
                "user": turn.user,
                "active": turn.active,
                "answers": [_answer_to_dict(answer) for answer in turn.answers],
            }
            for turn in conversation
        ],
    }


def from_dict(saved: Any) -> Transcript:
    """Reads what `to_dict` wrote. An answer that was still streaming then counts as stopped.

    Raises:
        ConfigurationError: It is not a conversation of ours, or of a later version, or its list has no model.
    """
    if not isinstance(saved, Mapping) or "version" not in saved:
        raise ConfigurationError("This is no saved conversation: pass what ChatWidget.to_dict() returned.")
    if saved["version"] != VERSION:
        raise ConfigurationError(
            f"This conversation was saved in version {saved['version']!r}, and only version {VERSION} can be read "
            "here: update gptrouter-notebook."
        )
    turns = [_turn(turn, f"turns[{at}]") for at, turn in enumerate(_get(saved, "turns", list, "the conversation"))]
    if len({turn.id for turn in turns}) != len(turns):
        raise ConfigurationError('The saved conversation is damaged: two of its turns have the same "id".')
    system_prompt = _get(saved, "system_prompt", str | None, "the conversation")
    return Transcript(Conversation(turns), as_models(saved.get("models")), system_prompt)


def to_markdown(conversation: Conversation, system_prompt: str | None = None) -> str:
    """The conversation as Markdown; "" when nothing was said."""
    paragraphs = []
    if system_prompt and len(conversation):
        paragraphs += ["**System**", _closed(system_prompt)]
    for turn in conversation:
        paragraphs += ["**You**", _closed(turn.user), *_answer_to_markdown(turn.answer)]
    return "\n\n".join(paragraphs) + "\n" if paragraphs else ""


def _answer_to_dict(answer: Answer) -> dict[str, Any]:
    meta = answer.meta
    return {
        "reason": answer.reason,
        "parts": [{"text": part.text, "broke": part.broke} for part in answer.parts],
        "error": {"message": answer.error.message, "kind": answer.error.kind} if answer.error else None,
        "meta": {**meta.response_metadata(), "usage": _counts(meta.usage)} if meta else None,
    }


def _counts(usage: Mapping[str, Any] | None) -> dict[str, int] | None:
    return {name: usage[name] for name in _TOKEN_COUNTS} if usage else None


# Reading. `where` is the place in the saved value, for the sentence that says what is wrong with it.


def _turn(saved: Any, where: str) -> Turn:
    answers = [
        _answer(answer, f"{where}.answers[{at}]") for at, answer in enumerate(_get(saved, "answers", list, where))
    ]
    turn = Turn(
        _get(saved, "id", int, where), _get(saved, "user", str, where), answers, _get(saved, "active", int, where)
    )
    if not 0 <= turn.active < len(turn.answers):
        raise ConfigurationError(f'The saved conversation is damaged: "active" of {where} names no answer.')
    return turn


def _answer(saved: Any, where: str) -> Answer:
    reason = _get(saved, "reason", str, where)
    if reason not in get_args(Reason):
        raise ConfigurationError(f'The saved conversation is damaged: {where} cannot have ended as "{reason}".')
    parts = [
        Part(_get(part, "text", str, f"{where}.parts[{at}]"), _get(part, "broke", str | None, f"{where}.parts[{at}]"))
        for at, part in enumerate(_get(saved, "parts", list, where))
    ]
    error = _get(saved, "error", Mapping | None, where)
    meta = _get(saved, "meta", Mapping | None, where)
    return Answer(
        parts or [Part()],
        "stopped" if reason == "streaming" else reason,
        Failure(*(_get(error, name, str, f"{where}.error") for name in ("message", "kind"))) if error else None,
        _meta(meta, f"{where}.meta") if meta else None,
    )


def _meta(saved: Mapping[str, Any], where: str) -> Meta:
    latency = _get(saved, "latency", Mapping, where)
    usage = _get(saved, "usage", Mapping | None, where)
    route = _get(saved, "route", list, where)
    return Meta(
        model_name=_get(saved, "model_name", str | None, where),
        provider=_get(saved, "provider", str | None, where),
        model_id=_get(saved, "model_id", str | None, where),
        provider_id=_get(saved, "provider_id", str | None, where),
        finish_reason=_get(saved, "finish_reason", str | None, where),
        route=tuple(dict(_checked(hop, Mapping, f"{where}.route[{at}]")) for at, hop in enumerate(route)),
        first_token_s=_get(latency, "first_token", float | int | None, f"{where}.latency"),
        total_s=_get(latency, "total", float | int | None, f"{where}.latency"),
        usage=UsageMetadata(
            input_tokens=_get(usage, "input_tokens", int, f"{where}.usage"),
            output_tokens=_get(usage, "output_tokens", int, f"{where}.usage"),
            total_tokens=_get(usage, "total_tokens", int, f"{where}.usage"),
        )
        if usage
        else None,
    )


def _get(saved: Any, name: str, kind: Any, where: str) -> Any:
    return _checked(_checked(saved, Mapping, where).get(name), kind, f'"{name}" of {where}')


def _checked(value: Any, kind: Any, what: str) -> Any:
    if not isinstance(value, kind) or isinstance(value, bool):
        raise ConfigurationError(
            f"The saved conversation is damaged: {what} is missing or of the wrong kind ({type(value).__name__})."
        )
    return value


# Writing for readers.


def _answer_to_markdown(answer: Answer) -> list[str]:
    meta = answer.meta
    paragraphs = [f"**{(meta and meta.label) or 'Answer'}**"]
    for part in answer.parts:
        if not part.is_empty:
            paragraphs.append(_closed(part.text))
        if part.broke:
            paragraphs.append(_italic(part.broke))
    if answer.error:
        paragraphs.append(_italic(answer.error.message))
    elif answer.reason in {"stopped", "streaming"}:
        paragraphs.append(_italic("Stopped here." if answer.reason == "stopped" else "Still streaming."))
    elif meta and (known := facts(meta)):
        paragraphs.append(_italic(known))
    return paragraphs


def facts(meta: Meta) -> str:
    """How fast and how much, in a few words; what is not known is left out."""
    known = []
    if meta.first_token_s is not None:
        known.append(f"first token {meta.first_token_s:.2f} s")
    if meta.total_s is not None:
        known.append(f"total {meta.total_s:.2f} s")
    if meta.usage:
        known.append(f"{meta.usage['total_tokens']} tokens")
    return " · ".join(known)


def _italic(sentence: str) -> str:
    return "*{}*".format(" ".join(sentence.replace("\\", "\\\\").replace("*", "\\*").split()))


def _closed(text: str) -> str:
    """The text with its last code block closed, so that what follows is not swallowed by it."""
    text = text.strip("\n")
    open_fence = ""
    for line in text.split("\n"):
        found = _FENCE.match(line)
        if found is None:
            continue
        fence = found[1]
        if not open_fence:
            open_fence = fence
        elif fence.startswith(open_fence) and not line.strip(" `~"):
            open_fence = ""
    return f"{text}\n{open_fence}" if open_fence else text
