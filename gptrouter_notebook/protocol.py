"""What the kernel says to the panel, by name and shape; twin of `js/src/protocol.ts`.

The view sends *commands* (`view_commands`), each with an `id`; the kernel sends *messages*, whose `reply_to` names the
command that asked. Text itself does not go this way but through the trait `delta` (`DeltaValue`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Literal, TypedDict

from gptrouter_notebook.answer import Extras

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gptrouter_notebook.answer import Answer, Failure, Meta
    from gptrouter_notebook.context import Completion, Inserted
    from gptrouter_notebook.conversation import Conversation, Turn
    from gptrouter_notebook.exports import Export
    from gptrouter_notebook.routing import GPTRouterModel
    from gptrouter_notebook.turn_events import Ended, Waiting
    from gptrouter_notebook.view_commands import CommandId
    from gptrouter_notebook.wire import Allowance

__all__ = [
    "AnswerView",
    "ConversationView",
    "DeltaValue",
    "TurnView",
    "asset",
    "catalog",
    "completions",
    "copy",
    "exported",
    "health_check",
    "model_entries",
    "part",
    "preview",
    "priced",
    "queue",
    "refused",
    "saved",
    "snapshot",
    "turn_ended",
    "turn_started",
    "turn_view",
]

Status = Literal["idle", "streaming"]
Message = dict[str, Any]


# What the traits hold.


class DeltaValue(TypedDict):
    """The trait `delta`: the text that follows the one numbered `seq - 1`; the first of an answer has number 1."""

    turn: int
    seq: int
    text: str


class PartView(TypedDict):
    """A run of text by one model; `broke` says why another one went on after it."""

    text: str
    broke: str | None


class ErrorView(TypedDict):
    """Why there is no whole answer: a sentence, the error's class name, whether the conversation is too long."""

    message: str
    kind: str
    is_too_long: bool


class MetaView(TypedDict):
    """What the line under an answer shows. Names are None where nobody answered to the end, but `route` is known."""

    model_name: str | None
    provider: str | None
    finish_reason: str | None
    latency: dict[str, float | None]
    usage: dict[str, int] | None
    cost: float | None
    route: list[dict[str, Any]]


class ExtrasView(TypedDict):
    """What came beside the text: reasoning, citations as `{url, title}`, tool calls as `{name, arguments}`."""

    reasoning: str
    citations: list[dict[str, str]]
    tool_calls: list[dict[str, str]]


class AnswerView(TypedDict):
    """An answer up to and with the delta numbered `seq`."""

    seq: int
    reason: Literal["streaming", "complete", "stopped", "failed"]
    parts: list[PartView]
    error: ErrorView | None
    meta: MetaView | None
    extras: ExtrasView | None


class QuestionView(TypedDict):
    """What was asked, and where it stands."""

    user: str
    images: list[str]
    is_left_out: bool
    inserted: list[dict[str, Any]]
    """The values of the notebook that went with it: `name`, `kind`, `length` in characters, `is_cut`."""
    branch: list[int]
    """The turns that stand in this one's place, itself among them."""


class TurnView(QuestionView):
    """A question and its answer."""

    turn: int
    answer: AnswerView | None


class ConversationView(TypedDict):
    """The trait `conversation`, and what a snapshot holds."""

    turns: list[TurnView]


def turn_view(turn: Turn, conversation: Conversation, seq: int) -> TurnView:
    """A turn of a conversation; `seq` is the number of the last delta handed on, 0 when there was none."""
    return {"turn": turn.id, **_question_view(turn, conversation), "answer": _answer_view(turn.answer, seq)}


def model_entries(models: Iterable[GPTRouterModel]) -> list[dict[str, str]]:
    """A priority list as it stands on the wire."""
    return [{"name": model.name, "provider_name": model.provider_name} for model in models]


# Messages of the kernel.


def snapshot(
    conversation: ConversationView, status: str, waiting: Iterable[Waiting] = (), reply_to: CommandId | None = None
) -> Message:
    """Everything there is."""
    message: Message = {
        "kind": "snapshot",
        "conversation": conversation,
        "status": status,
        "queue": _queue(waiting),
    }
    return message if reply_to is None else {**message, "reply_to": reply_to}


def turn_started(turn: Turn, conversation: Conversation, asked: Iterable[GPTRouterModel]) -> Message:
    """A question is on its way. Known already, its answer begins anew; else what was shown after `parent` is not."""
    return {
        "kind": "turn_started",
        "turn": turn.id,
        **_question_view(turn, conversation),
        "parent": turn.parent,
        "asked": model_entries(asked),
    }


def part(turn: int, seq: int, broke: str) -> Message:
    """The part that delta `seq` ended broke off, and a new one begins."""
    return {"kind": "part", "turn": turn, "seq": seq, "broke": broke}


def turn_ended(ended: Ended, seq: int, allowance: Allowance | None = None) -> Message:
    """The answer is over; `seq` is the number of its last delta, `allowance` what the key has left."""
    left = None if allowance is None else {"limit": allowance.limit, "remaining": allowance.remaining}
    return {
        "kind": "turn_ended",
        "turn": ended.turn,
        "seq": seq,
        "reason": ended.reason,
        "error": _error_view(ended.error),
        "meta": _meta_view(ended.meta),
        "extras": _extras_view(ended.extras),
        "allowance": left,
    }


def priced(turn: int, cost: float) -> Message:
    """What an answer cost is known now."""
    return {"kind": "priced", "turn": turn, "cost": cost}


def catalog(models: list[dict[str, Any]], error: str | None = None) -> Message:
    """The gateway's models and their health, or the sentence that says why there are none."""
    return {"kind": "catalog", "models": models, "error": error}


def health_check(reply_to: CommandId, *, is_running: bool, error: str | None = None) -> Message:
    """A check of all models began, or is over; `error` says why it came to nothing."""
    return {"kind": "health_check", "reply_to": reply_to, "is_running": is_running, "error": error}


def preview(reply_to: CommandId, inserted: Iterable[Inserted]) -> Message:
    """The values of the notebook that would go with a message."""
    return {"kind": "preview", "reply_to": reply_to, "inserted": [asdict(value) for value in inserted]}


def completions(reply_to: CommandId, found: Iterable[Completion]) -> Message:
    """Names of the notebook that may be meant."""
    return {"kind": "completions", "reply_to": reply_to, "found": [asdict(name) for name in found]}


def queue(waiting: Iterable[Waiting]) -> Message:
    """The messages that wait for the end of an answer."""
    return {"kind": "queue", "queue": _queue(waiting)}


def asset(name: str, source: str, reply_to: CommandId) -> Message:
    """A part of the front end: the source of an ES module."""
    return {"kind": "asset", "name": name, "source": source, "reply_to": reply_to}


def exported(file: Export, reply_to: CommandId) -> Message:
    """The conversation as a file."""
    return {"kind": "exported", "reply_to": reply_to, "name": file.name, "mime": file.mime, "text": file.text}


def saved() -> Message:
    """The readable copy in the notebook was sent again; it comes before this."""
    return {"kind": "saved"}


def copy(data: dict[str, Any], reply_to: CommandId) -> Message:
    """The readable copy, by MIME type."""
    return {"kind": "copy", "reply_to": reply_to, "data": data}


def refused(reply_to: CommandId | None, message: str, text: str | None = None) -> Message:
    """A command was not done; `text` gives back what would be lost."""
    answer: Message = {"kind": "refused", "reply_to": reply_to, "message": message}
    return answer if text is None else {**answer, "text": text}


def _queue(waiting: Iterable[Waiting]) -> list[dict[str, Any]]:
    return [{"item": item.id, "text": item.question.text, "images": list(item.question.images)} for item in waiting]


def _question_view(turn: Turn, conversation: Conversation) -> QuestionView:
    return {
        "user": turn.user,
        "images": list(turn.question.images),
        "is_left_out": turn.is_left_out,
        "inserted": [asdict(value) for value in turn.question.inserted],
        "branch": list(conversation.branch(turn)),
    }


def _answer_view(answer: Answer, seq: int) -> AnswerView:
    return {
        "seq": seq,
        "reason": answer.reason,
        "parts": [{"text": part.text, "broke": part.broke} for part in answer.parts],
        "error": _error_view(answer.error),
        "meta": _meta_view(answer.meta),
        "extras": _extras_view(answer.extras),
    }


def _extras_view(extras: Extras) -> ExtrasView | None:
    if extras == Extras():
        return None
    return {
        "reasoning": extras.reasoning,
        "citations": [_citation_view(citation) for citation in extras.citations],
        "tool_calls": [
            {"name": call["name"], "arguments": json.dumps(call["args"], ensure_ascii=False, indent=2, default=str)}
            for call in extras.tool_calls
        ],
    }


def _citation_view(citation: Any) -> dict[str, str]:
    """Newer gateways send mappings with `url` and `title`, others bare addresses."""
    if not isinstance(citation, Mapping):
        return {"url": str(citation), "title": ""}
    return {"url": str(citation.get("url") or ""), "title": str(citation.get("title") or "")}


def _error_view(error: Failure | None) -> ErrorView | None:
    if error is None:
        return None
    return {"message": error.message, "kind": error.kind, "is_too_long": error.is_too_long}


def _meta_view(meta: Meta | None) -> MetaView | None:
    if meta is None:
        return None
    counts = meta.usage
    return {
        "model_name": meta.model_name,
        "provider": meta.provider,
        "finish_reason": meta.finish_reason,
        "latency": meta.latency,
        "usage": None
        if counts is None
        else {
            "input_tokens": counts["input_tokens"],
            "output_tokens": counts["output_tokens"],
            "total_tokens": counts["total_tokens"],
        },
        "cost": meta.cost,
        "route": [dict(hop) for hop in meta.route],
    }
