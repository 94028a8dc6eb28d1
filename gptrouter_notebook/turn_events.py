"""What happens to a turn, as a session tells its listeners."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gptrouter_notebook.conversation import Failure, Meta, Reason
    from gptrouter_notebook.routing import GPTRouterModel

__all__ = ["Cleared", "Delta", "Ended", "PartBroke", "Started", "TurnEvent"]


@dataclass(frozen=True, slots=True)
class Started:
    """A question is on its way; with the number of an earlier turn, its answer begins anew."""

    turn: int
    user: str
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


@dataclass(frozen=True, slots=True)
class Cleared:
    """Every turn was forgotten."""


TurnEvent = Started | Delta | PartBroke | Ended | Cleared
