"""What happens in a conversation, as a session tells its listeners."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gptrouter_notebook.answer import Extras, Failure, Meta, Reason
    from gptrouter_notebook.conversation import Question, Turn
    from gptrouter_notebook.routing import GPTRouterModel

__all__ = ["Delta", "Ended", "PartBroke", "Priced", "Queued", "Rearranged", "Started", "TurnEvent", "Waiting"]


@dataclass(frozen=True, slots=True)
class Started:
    """A question is on its way; with the number of an earlier turn, its answer begins anew.

    A new turn is shown after the one it follows, and whatever was shown there before is not.
    """

    turn: Turn
    asked: tuple[GPTRouterModel, ...]


@dataclass(frozen=True, slots=True)
class Delta:
    """A piece of text came."""

    turn: int
    text: str


@dataclass(frozen=True, slots=True)
class PartBroke:
    """A model broke off in mid-answer and the next one was asked; its text follows as a part of its own."""

    turn: int
    sentence: str


@dataclass(frozen=True, slots=True)
class Ended:
    """The answer is over."""

    turn: int
    reason: Reason
    error: Failure | None
    meta: Meta | None
    extras: Extras


@dataclass(frozen=True, slots=True)
class Priced:
    """What an answer cost is known now."""

    turn: int
    cost: float


@dataclass(frozen=True, slots=True)
class Rearranged:
    """Turns were forgotten, left out, or another branch is shown: what was known of the shown path is void."""


@dataclass(frozen=True, slots=True)
class Queued:
    """The messages that wait are these now."""

    waiting: tuple[Waiting, ...]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message that waits for the end of an answer."""

    id: int
    question: Question


TurnEvent = Started | Delta | PartBroke | Ended | Priced | Rearranged | Queued
