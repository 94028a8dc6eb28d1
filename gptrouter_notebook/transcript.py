"""A conversation as JSON, version 1; pure. It never holds a key.

`chat.v1.schema.json` says the same to other programs. What is empty is not written, and what is missing is empty:
notebooks keep this, and people compare them line by line.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, get_args

from langchain_core.messages import ToolCall, UsageMetadata
from langchain_core.messages.tool import tool_call

from gptrouter_notebook.answer import Answer, Extras, Failure, Meta, Part, Reason
from gptrouter_notebook.context import Inserted
from gptrouter_notebook.conversation import Conversation, Question, Turn
from gptrouter_notebook.errors import ConfigurationError
from gptrouter_notebook.routing import GPTRouterModel, as_models
from gptrouter_notebook.settings import Settings
from gptrouter_notebook.transcript_upgrade import upgraded

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["VERSION", "Transcript", "from_dict", "read_hop", "to_dict", "turn_to_dict"]

VERSION = 1

_OUTCOMES = ("answered", "skipped", "failed")
_TOKEN_COUNTS = ("input_tokens", "output_tokens", "total_tokens")


@dataclass(frozen=True, slots=True)
class Transcript:
    """What a saved conversation holds."""

    conversation: Conversation
    models: tuple[GPTRouterModel, ...]
    settings: Settings


def to_dict(
    conversation: Conversation,
    models: Sequence[GPTRouterModel],
    settings: Settings,
    turns: list[dict[str, Any]] | None = None,
) -> dict[str, Any]:
    """The conversation as values that JSON knows; `turns`: what `turn_to_dict` made of all of its turns."""
    if turns is None:
        turns = [turn_to_dict(turn, conversation) for turn in conversation.everything()]
    return {
        "version": VERSION,
        "models": [model.label for model in models],
        **_filled(
            system_prompt=settings.system_prompt,
            temperature=settings.temperature,
            max_tokens=settings.max_tokens,
            stop_sequences=list(settings.stop_sequences),
        ),
        "turns": turns,
    }


def turn_to_dict(turn: Turn, conversation: Conversation) -> dict[str, Any]:
    """A turn of a conversation as values that JSON knows."""
    return {
        "id": turn.id,
        "parent": turn.parent,
        "is_active": conversation.is_active(turn),
        **_filled(
            is_left_out=turn.is_left_out,
            told=turn.question.told,
            images=list(turn.question.images),
            inserted=[asdict(value) for value in turn.question.inserted],
        ),
        "user": turn.user,
        "answer": _answer_to_dict(turn.answer),
    }


def from_dict(saved: Any) -> Transcript:
    """Reads what `to_dict` wrote. An answer that was still streaming then counts as stopped.

    Raises:
        ConfigurationError: It is not a conversation of ours, or of a later version, or its list has no model.
    """
    if not isinstance(saved, Mapping) or "version" not in saved:
        raise ConfigurationError("This is no saved conversation: pass what ChatWidget.to_dict() returned.")
    if saved["version"] != VERSION or isinstance(saved["version"], bool):
        raise ConfigurationError(
            f"This conversation was saved in version {saved['version']!r}, and only version {VERSION} can be read "
            "here: update gptrouter-notebook."
        )
    turns = upgraded(_get(saved, "turns", list, "the conversation"))
    read = [_turn(turn, f"turns[{at}]") for at, turn in enumerate(turns)]
    known: set[int | None] = {None}
    for at, (turn, _) in enumerate(read):
        if turn.id in known or turn.id < 1:
            raise ConfigurationError(f'The saved conversation is damaged: "id" of turns[{at}] is taken, or below 1.')
        if turn.parent not in known:
            raise ConfigurationError(f'The saved conversation is damaged: "parent" of turns[{at}] comes after it.')
        known.add(turn.id)
    conversation = Conversation([turn for turn, _ in read], [turn.id for turn, is_active in read if is_active])
    return Transcript(conversation, as_models(saved.get("models")), _settings(saved))


def _answer_to_dict(answer: Answer) -> dict[str, Any]:
    error, meta, extras = answer.error, answer.meta, answer.extras
    return {
        "reason": answer.reason,
        "parts": [{"text": part.text, **_filled(broke=part.broke)} for part in answer.parts],
        **_filled(
            error=error and {"message": error.message, "kind": error.kind, **_filled(is_too_long=error.is_too_long)},
            meta=meta and _meta_to_dict(meta),
            extras=_filled(
                reasoning=extras.reasoning or None,
                citations=list(extras.citations),
                tool_calls=[
                    {"name": call["name"], "args": call["args"], **_filled(id=call["id"])} for call in extras.tool_calls
                ],
            ),
        ),
    }


def _meta_to_dict(meta: Meta) -> dict[str, Any]:
    return {
        **_filled(
            model_name=meta.model_name,
            provider=meta.provider,
            model_id=meta.model_id,
            provider_id=meta.provider_id,
            finish_reason=meta.finish_reason,
            cost=meta.cost,
            latency=_filled(first_token=meta.first_token_s, total=meta.total_s),
            usage=meta.usage and {name: meta.usage[name] for name in _TOKEN_COUNTS},  # type: ignore[literal-required]
        ),
        "route": [
            {name: hop[name] for name in ("model", "provider", "outcome")}
            | _filled(**{name: hop.get(name) for name in ("reason", "inferred", "seconds")})
            for hop in meta.route
        ],
    }


def _filled(**values: Any) -> dict[str, Any]:
    """Those of the values that say something."""
    # Neither 0 nor "" is nothing.
    return {
        name: value
        for name, value in values.items()
        if value is not None and value is not False and value not in ([], {})
    }


# Reading. `where` is the place in the saved value, for the sentence that says what is wrong with it.


def _settings(saved: Mapping[str, Any]) -> Settings:
    where = "the conversation"
    stop = _get(saved, "stop_sequences", list, where, [])
    return Settings(
        system_prompt=_get(saved, "system_prompt", str | None, where, None),
        temperature=_get(saved, "temperature", float | int | None, where, None),
        max_tokens=_get(saved, "max_tokens", int | None, where, None),
        stop_sequences=tuple(_checked(text, str, f"stop_sequences[{at}]") for at, text in enumerate(stop)),
    )


def _turn(saved: Any, where: str) -> tuple[Turn, bool]:
    """A turn, and whether it is the one that is shown of its branches."""
    images = _get(saved, "images", list, where, [])
    question = Question(
        _get(saved, "user", str, where),
        _get(saved, "told", str | None, where, None),
        tuple(_checked(image, str, f"{where}.images[{at}]") for at, image in enumerate(images)),
        tuple(
            _inserted(value, f"{where}.inserted[{at}]")
            for at, value in enumerate(_get(saved, "inserted", list, where, []))
        ),
    )
    answer = _answer(_get(saved, "answer", Mapping, where), f"{where}.answer")
    turn = Turn(
        _get(saved, "id", int, where),
        question,
        _get(saved, "parent", int | None, where, None),
        answer,
        _flag(saved, "is_left_out", where, default=False),
    )
    return turn, _flag(saved, "is_active", where)


def _inserted(saved: Any, where: str) -> Inserted:
    return Inserted(
        _get(saved, "name", str, where),
        _get(saved, "kind", str, where),
        _get(saved, "length", int, where),
        _flag(saved, "is_cut", where),
    )


def _answer(saved: Any, where: str) -> Answer:
    reason = _get(saved, "reason", str, where)
    if reason not in get_args(Reason):
        raise ConfigurationError(f'The saved conversation is damaged: {where} cannot have ended as "{reason}".')
    parts = [_part(part, f"{where}.parts[{at}]") for at, part in enumerate(_get(saved, "parts", list, where))]
    error = _get(saved, "error", Mapping | None, where, None)
    meta = _get(saved, "meta", Mapping | None, where, None)
    return Answer(
        parts or [Part()],
        "stopped" if reason == "streaming" else reason,
        _failure(error, f"{where}.error") if error is not None else None,
        _meta(meta, f"{where}.meta") if meta is not None else None,
        _extras(_get(saved, "extras", Mapping, where, {}), f"{where}.extras"),
    )


def _part(saved: Any, where: str) -> Part:
    return Part(_get(saved, "text", str, where), _get(saved, "broke", str | None, where, None))


def _extras(saved: Mapping[str, Any], where: str) -> Extras:
    calls = enumerate(_get(saved, "tool_calls", list, where, []))
    return Extras(
        _get(saved, "reasoning", str, where, ""),
        tuple(_get(saved, "citations", list, where, [])),
        tuple(_tool_call(call, f"{where}.tool_calls[{at}]") for at, call in calls),
    )


def _tool_call(saved: Any, where: str) -> ToolCall:
    return tool_call(
        name=_get(saved, "name", str, where),
        args=dict(_get(saved, "args", Mapping, where)),
        id=_get(saved, "id", str | None, where, None),
    )


def _failure(saved: Mapping[str, Any], where: str) -> Failure:
    return Failure(
        _get(saved, "message", str, where),
        _get(saved, "kind", str, where),
        _flag(saved, "is_too_long", where, default=False),
    )


def _meta(saved: Mapping[str, Any], where: str) -> Meta:
    latency = _get(saved, "latency", Mapping, where, {})
    usage = _get(saved, "usage", Mapping | None, where, None)
    route = _get(saved, "route", list, where, [])
    return Meta(
        model_name=_get(saved, "model_name", str | None, where, None),
        provider=_get(saved, "provider", str | None, where, None),
        model_id=_get(saved, "model_id", str | None, where, None),
        provider_id=_get(saved, "provider_id", str | None, where, None),
        finish_reason=_get(saved, "finish_reason", str | None, where, None),
        route=tuple(read_hop(hop, f"{where}.route[{at}]") for at, hop in enumerate(route)),
        first_token_s=_get(latency, "first_token", float | int | None, f"{where}.latency", None),
        total_s=_get(latency, "total", float | int | None, f"{where}.latency", None),
        cost=_get(saved, "cost", float | int | None, where, None),
        usage=None if usage is None else _usage(usage, f"{where}.usage"),
    )


def read_hop(saved: Any, where: str) -> dict[str, Any]:
    """One step of a route, with what was left out.

    Raises:
        ConfigurationError: It is none.
    """
    outcome = _get(saved, "outcome", str, where)
    if outcome not in _OUTCOMES:
        raise ConfigurationError(f'The saved conversation is damaged: {where} cannot have come to "{outcome}".')
    return {
        "model": _get(saved, "model", str, where),
        "provider": _get(saved, "provider", str, where),
        "outcome": outcome,
        "reason": _get(saved, "reason", str | None, where, None),
        "inferred": _flag(saved, "inferred", where, default=False),
        "seconds": _get(saved, "seconds", float | int | None, where, None),
    }


def _usage(saved: Any, where: str) -> UsageMetadata:
    return UsageMetadata(
        input_tokens=_get(saved, "input_tokens", int, where),
        output_tokens=_get(saved, "output_tokens", int, where),
        total_tokens=_get(saved, "total_tokens", int, where),
    )


def _get(saved: Any, name: str, kind: Any, where: str, default: Any = ...) -> Any:
    """The value of this name; without a default it must be there."""
    found = _checked(saved, Mapping, where)
    if name in found:
        return _checked(found[name], kind, f'"{name}" of {where}')
    if default is ...:
        raise ConfigurationError(f'The saved conversation is damaged: "{name}" of {where} is missing.')
    return default


def _flag(saved: Mapping[str, Any], name: str, where: str, *, default: bool | None = None) -> bool:
    value = saved.get(name, default)
    if not isinstance(value, bool):
        raise ConfigurationError(f'The saved conversation is damaged: "{name}" of {where} is missing or no flag.')
    return value


def _checked(value: Any, kind: Any, what: str) -> Any:
    if not isinstance(value, kind) or isinstance(value, bool):
        raise ConfigurationError(
            f"The saved conversation is damaged: {what} is of the wrong kind ({type(value).__name__})."
        )
    return value
