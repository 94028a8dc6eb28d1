"""What was asked and answered: a tree of turns, of which one path is shown; no loop, no Jupyter.

A turn is one question and one answer. Asking again, or asking something else in its place, adds a turn beside it: the
two are branches, and whatever follows one of them belongs to it alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from langchain_core.messages import HumanMessage

from gptrouter_notebook.answer import Answer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from langchain_core.messages import BaseMessage

    from gptrouter_notebook.context import Inserted

__all__ = ["Conversation", "Question", "Turn", "turn_messages"]


@dataclass(frozen=True, slots=True)
class Question:
    """What a person asks."""

    text: str
    """As it was typed."""
    told: str | None = None
    """What models are told instead, with values of the notebook put in; None when that is the same."""
    images: tuple[str, ...] = ()
    """Pictures that go with it, as `data:` addresses."""
    inserted: tuple[Inserted, ...] = ()
    """The values of the notebook in what models are told."""

    def message(self) -> HumanMessage:
        """The question as LangChain has it."""
        text = self.text if self.told is None else self.told
        if not self.images:
            return HumanMessage(text)
        parts: list[str | dict[str, Any]] = [{"type": "text", "text": text}] if text.strip() else []
        parts += [{"type": "image_url", "image_url": {"url": image}} for image in self.images]
        return HumanMessage(parts)


@dataclass(slots=True)
class Turn:
    """One question and its answer."""

    id: int
    question: Question
    parent: int | None = None
    """The turn it follows; None begins the conversation."""
    answer: Answer = field(default_factory=Answer)
    is_left_out: bool = False
    """Whether models are told nothing of it, because a person chose so."""

    @property
    def user(self) -> str:
        """What was asked, as it was typed."""
        return self.question.text


def turn_messages(turn: Turn) -> list[BaseMessage]:
    """A turn as models are told it: two messages, or none, for which `Conversation.messages` has the reasons."""
    if turn.answer.is_empty or turn.is_left_out:
        return []
    return [turn.question.message(), turn.answer.message(with_calls=False)]


class Conversation:
    """Turns, and which of several branches is shown. Iterating gives the shown path, from the first turn to the last.

    Args:
        turns: What was said before; a turn comes after the one it follows.
        active: The turns that are shown among their branches; where none is, the newest is.
    """

    def __init__(self, turns: Iterable[Turn] = (), active: Iterable[int] = ()) -> None:
        self._turns: dict[int, Turn] = {}
        self._children: dict[int | None, list[int]] = {None: []}
        self._shown: dict[int | None, int] = {}
        self._last_id = 0
        for turn in turns:
            self._add(turn)
        for turn_id in active:
            self._shown[self._turns[turn_id].parent] = turn_id

    def __len__(self) -> int:
        return len(self.path())

    def __iter__(self) -> Iterator[Turn]:
        return iter(self.path())

    def path(self) -> list[Turn]:
        """The turns that are shown, in their order."""
        path: list[Turn] = []
        at: int | None = None
        while (turn := self._turns.get(self._shown.get(at, 0))) is not None:
            path.append(turn)
            at = turn.id
        return path

    def everything(self) -> list[Turn]:
        """The turns of all branches; each comes after the one it follows."""
        found: list[Turn] = []
        waiting = [*reversed(self._children[None])]
        while waiting:
            turn = self._turns[waiting.pop()]
            found.append(turn)
            waiting += reversed(self._children[turn.id])
        return found

    def get(self, turn_id: int) -> Turn | None:
        """The turn with this number, shown or not; None when there is none."""
        return self._turns.get(turn_id)

    @property
    def last(self) -> Turn | None:
        """The last turn of the shown path."""
        path = self.path()
        return path[-1] if path else None

    def branch(self, turn: Turn) -> tuple[int, ...]:
        """The numbers of the turns that stand in this one's place, itself among them."""
        return tuple(self._children[turn.parent])

    def is_active(self, turn: Turn) -> bool:
        """Whether it is the one that is shown of its branches."""
        return self._shown.get(turn.parent) == turn.id

    def begin(self, question: Question) -> Turn:
        """Adds a question with an empty answer to the end of the shown path."""
        last = self.last
        return self._add(Turn(self._last_id + 1, question, last.id if last else None))

    def edit(self, turn: Turn, question: Question) -> Turn:
        """Adds another question in this one's place, with an empty answer, and shows it."""
        return self._add(Turn(self._last_id + 1, question, turn.parent))

    def ask_again(self, turn: Turn) -> Turn:
        """The turn for another answer to the same question: one beside it, or itself if it never got any text."""
        if turn.answer.is_empty:
            turn.answer = Answer()
            self.show(turn)
            return turn
        return self.edit(turn, turn.question)

    def show(self, turn: Turn) -> None:
        """Shows this branch instead of the other ones in its place."""
        self._shown[turn.parent] = turn.id

    def delete(self, turn: Turn) -> None:
        """Forgets the turn. What followed it follows the one before it; without any, the nearest branch is shown."""
        branch = self._children[turn.parent]
        at = branch.index(turn.id)
        followers = self._children.pop(turn.id)
        for follower in followers:
            self._turns[follower].parent = turn.parent
        branch[at : at + 1] = followers
        shown = self._shown.pop(turn.id, None)
        if self.is_active(turn):
            if shown is None and branch:
                shown = branch[max(at - 1, 0)]
            if shown is None:
                del self._shown[turn.parent]
            else:
                self._shown[turn.parent] = shown
        del self._turns[turn.id]

    def clear(self) -> None:
        """Forgets every turn. Numbers go on: a late message about an old turn must not meet a new one."""
        self._turns, self._children, self._shown = {}, {None: []}, {}

    def graft(self, other: Conversation) -> None:
        """Adds all turns of another one, under new numbers, as a branch beside what is here, and shows it."""
        shift = self._last_id
        turns = other.everything()
        for turn in turns:
            parent = None if turn.parent is None else turn.parent + shift
            self._add(replace(turn, id=turn.id + shift, parent=parent))
        for turn in turns:
            if other.is_active(turn):
                self.show(self._turns[turn.id + shift])

    def messages(self, before: Turn | None = None) -> list[BaseMessage]:
        """The shown path as LangChain messages, as models are told it.

        A partial answer is in it. A turn without any text is not, nor is its question: providers refuse two
        questions in a row and empty answers. Nor is a turn that was left out.

        Args:
            before: Where to stop; None goes to the end.
        """
        messages: list[BaseMessage] = []
        for turn in self:
            if turn is before:
                break
            messages += turn_messages(turn)
        return messages

    def _add(self, turn: Turn) -> Turn:
        self._turns[turn.id] = turn
        self._children[turn.id] = []
        self._children[turn.parent].append(turn.id)
        self._shown[turn.parent] = turn.id
        self._last_id = max(self._last_id, turn.id)
        return turn
