"""A conversation as readers get it: who speaks, what they say, and what is remarked; pure.

`transcript_markdown` and `transcript_html` write the same lines, so that no form says more than the other. Only the
branches that are shown are in it, and what models were told instead of what was typed is not.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gptrouter_notebook.answer import Answer, Extras, Meta
    from gptrouter_notebook.conversation import Conversation, Turn

__all__ = ["Aside", "Code", "Line", "Pictures", "Remark", "Source", "Sources", "Speaker", "Typed", "Words", "facts"]
__all__ += ["lines", "turn_lines"]

CENT = 0.01


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who says what follows."""

    name: str
    begins_turn: bool = False


@dataclass(frozen=True, slots=True)
class Typed:
    """What a person typed: plain text."""

    text: str


@dataclass(frozen=True, slots=True)
class Words:
    """What a model said: Markdown."""

    text: str


@dataclass(frozen=True, slots=True)
class Pictures:
    """Pictures that went with a question, as `data:` addresses."""

    addresses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Aside:
    """What need not be read: Markdown under a title."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Source:
    """An address a model named; the title may be empty."""

    url: str
    title: str


@dataclass(frozen=True, slots=True)
class Sources:
    """What a model said it drew on."""

    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class Code:
    """What a model wants to be called, under a title."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Remark:
    """One sentence of ours."""

    text: str


Line = Speaker | Typed | Words | Pictures | Aside | Sources | Code | Remark


def lines(conversation: Conversation, system_prompt: str | None = None) -> Iterator[Line]:
    """The shown path, from the system prompt to the last answer; nothing when nothing was said."""
    path = conversation.path()
    if system_prompt and path:
        yield Speaker("System")
        yield Typed(system_prompt)
    for turn in path:
        yield from turn_lines(turn, conversation.branch(turn))


def turn_lines(turn: Turn, branch: Sequence[int]) -> Iterator[Line]:
    """One question and its answer.

    Args:
        turn: The turn.
        branch: The numbers of the turns in its place, itself among them.
    """
    question = turn.question
    yield Speaker("You", begins_turn=True)
    if turn.user.strip():
        yield Typed(turn.user)
    if question.images:
        yield Pictures(question.images)
    if question.inserted:
        yield Remark("With " + ", ".join(f"{value.name} ({value.kind})" for value in question.inserted) + ".")
    if len(branch) > 1:
        yield Remark(f"Version {branch.index(turn.id) + 1} of {len(branch)}.")
    if turn.is_left_out:
        yield Remark("Models are not told this.")
    yield from _answer_lines(turn.answer)


def _answer_lines(answer: Answer) -> Iterator[Line]:
    meta = answer.meta
    yield Speaker((meta and meta.label) or "Answer")
    for part in answer.parts:
        if not part.is_empty:
            yield Words(part.text)
        if part.broke:
            yield Remark(part.broke)
    yield from _extra_lines(answer.extras)
    if answer.error:
        yield Remark(answer.error.message)
    elif answer.reason in {"stopped", "streaming"}:
        yield Remark("Stopped here." if answer.reason == "stopped" else "Still streaming.")
    elif meta and (known := facts(meta)):
        yield Remark(known)


def _extra_lines(extras: Extras) -> Iterator[Line]:
    if extras.reasoning.strip():
        yield Aside("Reasoning", extras.reasoning)
    for call in extras.tool_calls:
        yield Code(f"Calls {call['name']}", json.dumps(call["args"], ensure_ascii=False, indent=2, default=str))
    if extras.citations:
        yield Sources(tuple(map(_source, extras.citations)))


def _source(citation: Any) -> Source:
    """Newer gateways send mappings with `url` and `title`, others bare addresses."""
    if not isinstance(citation, Mapping):
        return Source(str(citation), "")
    return Source(str(citation.get("url") or ""), str(citation.get("title") or ""))


def facts(meta: Meta) -> str:
    """How fast and how much, in a few words; what is not known is left out."""
    known = []
    if meta.first_token_s is not None:
        known.append(f"first token {meta.first_token_s:.2f} s")
    if meta.total_s is not None:
        known.append(f"total {meta.total_s:.2f} s")
    if meta.usage:
        known.append(f"{meta.usage['total_tokens']} tokens")
    if meta.cost is not None:
        known.append(f"${meta.cost:.2f}" if meta.cost >= CENT else f"${meta.cost:.6f}".rstrip("0").rstrip("."))
    return " · ".join(known)
