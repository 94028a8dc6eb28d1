"""What the panel's two halves say to each other, by name and shape; twin of `js/src/protocol.ts`.

The view sends *commands*, each with an `id`; the kernel sends *messages*, whose `reply_to` names the command that
asked. Text itself does not go this way but through the trait `delta` (`DeltaValue`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypedDict

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gptrouter_notebook.conversation import Answer, Conversation, Failure, Meta
    from gptrouter_notebook.routing import GPTRouterModel

__all__ = [
    "AnswerView",
    "Clear",
    "Command",
    "ConversationView",
    "DeltaValue",
    "GetAsset",
    "Hello",
    "ListCatalog",
    "Malformed",
    "Regenerate",
    "Send",
    "Stop",
    "TakeSnapshot",
    "TurnView",
    "asset",
    "catalog",
    "conversation_view",
    "model_entries",
    "parse",
    "part",
    "refused",
    "snapshot",
    "turn_ended",
    "turn_started",
]

CommandId = str | int
Status = Literal["idle", "streaming"]
Message = dict[str, Any]


# Commands of the view.


@dataclass(frozen=True, slots=True)
class Hello:
    """`hello`: a view was drawn; answered by a snapshot, and by the catalog when it is known."""

    id: CommandId


@dataclass(frozen=True, slots=True)
class Send:
    """`send`: ask this."""

    id: CommandId
    text: str


@dataclass(frozen=True, slots=True)
class Stop:
    """`stop`: end the answer of this turn."""

    id: CommandId
    turn: int


@dataclass(frozen=True, slots=True)
class TakeSnapshot:
    """`snapshot`: something was lost; answered by everything there is."""

    id: CommandId


@dataclass(frozen=True, slots=True)
class Regenerate:
    """`regenerate`: ask the last turn again."""

    id: CommandId
    turn: int


@dataclass(frozen=True, slots=True)
class Clear:
    """`clear`: forget the conversation."""

    id: CommandId


@dataclass(frozen=True, slots=True)
class ListCatalog:
    """`catalog`: look the gateway's models up again."""

    id: CommandId


@dataclass(frozen=True, slots=True)
class GetAsset:
    """`asset`: send this part of the front end; answered by its source."""

    id: CommandId
    name: str


Command = Hello | Send | Stop | TakeSnapshot | Regenerate | Clear | ListCatalog | GetAsset

_COMMANDS: dict[str, type[Command]] = {
    "hello": Hello,
    "send": Send,
    "stop": Stop,
    "snapshot": TakeSnapshot,
    "regenerate": Regenerate,
    "clear": Clear,
    "catalog": ListCatalog,
    "asset": GetAsset,
}
_FIELDS: dict[str, type] = {"text": str, "turn": int, "name": str}


class Malformed(Exception):
    """A command that cannot be read.

    Args:
        message: What is wrong with it, in one sentence.
        reply_to: Its id, if it had one.
    """

    def __init__(self, message: str, reply_to: CommandId | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.reply_to = reply_to


def parse(content: Any) -> Command:
    """Reads what a view sent.

    Raises:
        Malformed: It is no command of this version, or lacks something.
    """
    if not isinstance(content, Mapping):
        raise Malformed("The panel sent something that is no command: reload the page.")
    reply_to = content.get("id")
    if not isinstance(reply_to, str | int) or isinstance(reply_to, bool):
        raise Malformed("The panel sent a command without an id: reload the page.")
    kind = content.get("kind")
    command = _COMMANDS.get(kind) if isinstance(kind, str) else None
    if command is None:
        raise Malformed(
            f"The panel sent an unknown command ({kind!r}): reload the page, or update the package.", reply_to
        )
    fields: dict[str, Any] = {}
    for name in command.__slots__:
        if name in _FIELDS:
            value = content.get(name)
            if not isinstance(value, _FIELDS[name]) or isinstance(value, bool):
                raise Malformed(f'The panel sent "{kind}" without a proper "{name}": reload the page.', reply_to)
            fields[name] = value
    return command(reply_to, **fields)


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
    """Why there is no whole answer: a sentence, and the error's class name."""

    message: str
    kind: str


class MetaView(TypedDict):
    """What the line under an answer shows. Names are None where nobody answered to the end, but `route` is known."""

    model_name: str | None
    provider: str | None
    finish_reason: str | None
    latency: dict[str, float | None]
    usage: dict[str, int] | None
    route: list[dict[str, Any]]


class AnswerView(TypedDict):
    """An answer up to and with the delta numbered `seq`."""

    seq: int
    reason: Literal["streaming", "complete", "stopped", "failed"]
    parts: list[PartView]
    error: ErrorView | None
    meta: MetaView | None


class TurnView(TypedDict):
    """A question and the answer that is shown."""

    turn: int
    user: str
    answer: AnswerView | None


class ConversationView(TypedDict):
    """The trait `conversation`, and what a snapshot holds."""

    turns: list[TurnView]


def conversation_view(conversation: Conversation, seqs: Mapping[int, int]) -> ConversationView:
    """The whole conversation.

    Args:
        conversation: The turns.
        seqs: By turn, the number of the last delta handed on; 0 when missing.
    """
    return {
        "turns": [
            {"turn": turn.id, "user": turn.user, "answer": _answer_view(turn.answer, seqs.get(turn.id, 0))}
            for turn in conversation
        ]
    }


def model_entries(models: Iterable[GPTRouterModel]) -> list[dict[str, str]]:
    """A priority list as it stands on the wire."""
    return [{"name": model.name, "provider_name": model.provider_name} for model in models]


# Messages of the kernel.


def snapshot(conversation: ConversationView, status: str, reply_to: CommandId | None = None) -> Message:
    """Everything there is."""
    message: Message = {"kind": "snapshot", "conversation": conversation, "status": status}
    return message if reply_to is None else {**message, "reply_to": reply_to}


def turn_started(turn: int, user: str, asked: Iterable[GPTRouterModel]) -> Message:
    """A question is on its way; known already, its answer begins anew with delta 1."""
    return {"kind": "turn_started", "turn": turn, "user": user, "asked": model_entries(asked)}


def part(turn: int, seq: int, broke: str) -> Message:
    """The part that delta `seq` ended broke off, and a new one begins."""
    return {"kind": "part", "turn": turn, "seq": seq, "broke": broke}


def turn_ended(turn: int, seq: int, reason: str, error: Failure | None, meta: Meta | None) -> Message:
    """The answer is over; `seq` is the number of its last delta."""
    return {
        "kind": "turn_ended",
        "turn": turn,
        "seq": seq,
        "reason": reason,
        "error": _error_view(error),
        "meta": _meta_view(meta),
    }


def catalog(models: list[dict[str, Any]], error: str | None = None) -> Message:
    """The gateway's models and their health, or the sentence that says why there are none."""
    return {"kind": "catalog", "models": models, "error": error}


def asset(name: str, source: str, reply_to: CommandId) -> Message:
    """A part of the front end: the source of an ES module."""
    return {"kind": "asset", "name": name, "source": source, "reply_to": reply_to}


def refused(reply_to: CommandId | None, message: str, text: str | None = None) -> Message:
    """A command was not done; `text` gives back what would be lost."""
    answer: Message = {"kind": "refused", "reply_to": reply_to, "message": message}
    return answer if text is None else {**answer, "text": text}


def _answer_view(answer: Answer, seq: int) -> AnswerView:
    return {
        "seq": seq,
        "reason": answer.reason,
        "parts": [{"text": part.text, "broke": part.broke} for part in answer.parts],
        "error": _error_view(answer.error),
        "meta": _meta_view(answer.meta),
    }


def _error_view(error: Failure | None) -> ErrorView | None:
    return {"message": error.message, "kind": error.kind} if error is not None else None


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
        "route": [dict(hop) for hop in meta.route],
    }
