"""What is made of each turn, kept until the turn says something else: a long conversation costs what is new in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from gptrouter_notebook.conversation import Conversation, Turn

__all__ = ["PerTurn"]

T = TypeVar("T")


class PerTurn(Generic[T]):
    """Makes the same thing of every turn, and keeps it; nothing is kept of turns that were not asked for last.

    Args:
        make: Makes it; what is made must not be changed by whoever gets it.
    """

    def __init__(self, make: Callable[[Turn, Conversation], T]) -> None:
        self._make = make
        self._kept: dict[int, tuple[object, T]] = {}

    def of(self, turns: Iterable[Turn], conversation: Conversation) -> list[T]:
        """What was made of these turns of a conversation, in their order."""
        kept: dict[int, tuple[object, T]] = {}
        made: list[T] = []
        for turn in turns:
            stamp = _stamp(turn, conversation)
            known = self._kept.get(turn.id)
            if known is None or stamp is None or known[0] != stamp:
                known = (stamp, self._make(turn, conversation))
            if stamp is not None:
                kept[turn.id] = known
            made.append(known[1])
        self._kept = kept
        return made


def _stamp(turn: Turn, conversation: Conversation) -> object | None:
    """Equal as long as the turn says the same and stands where it stood; None while it grows."""
    answer = turn.answer
    if answer.reason == "streaming":
        return None
    said = (turn.question, answer, answer.reason, answer.error, answer.meta, answer.extras)
    return (said, turn.is_left_out, turn.parent, conversation.is_active(turn), conversation.branch(turn))
