"""One answer under a cell: shown as it comes, on the cell's own thread, and left behind in its format."""

from __future__ import annotations

from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from gptrouter_notebook.formats import leave
from gptrouter_notebook.transcript import facts
from gptrouter_notebook.turn_events import Delta, Ended, PartBroke

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from langchain_core.messages import AIMessage

    from gptrouter_notebook.conversation import Question
    from gptrouter_notebook.display import AnswerOutput
    from gptrouter_notebook.session import Session
    from gptrouter_notebook.turn_events import TurnEvent

__all__ = ["CellAnswer"]

PAUSE_S = 0.3
"""Silence after which what was held back is shown."""


@dataclass(frozen=True)
class CellAnswer:
    """How one question is answered under its cell.

    Args:
        output: Where the answer is written.
        form: One of `formats.FORMATS`.
        streams: Whether it is shown before it is whole.
        next_cell: Puts code into a new cell below.
    """

    output: AnswerOutput
    form: str
    streams: bool
    next_cell: Callable[[str], object]

    def ask(self, session: Session, question: Question, notes: Sequence[str] = ()) -> AIMessage:
        """Asks, shows the answer as it comes, and returns it.

        Args:
            session: Who is asked.
            question: What is asked.
            notes: What else is to be said in the line below the answer.

        Raises:
            GPTRouterError: Nobody answered, or not to the end, or not in the format; what came stays shown.
            KeyboardInterrupt: Somebody stopped it; what came stays shown.
        """
        events: SimpleQueue[TurnEvent] = SimpleQueue()
        session.listen(events.put)
        try:
            asked = session.send(question)
            ended = self._show(events)
        except KeyboardInterrupt:
            # Nothing to wait for if it came before the question was on its way.
            if session.stop():
                self._show(events)
                self.output.close(_line("stopped"))
            raise
        if ended.reason != "complete":
            self.output.close(_line("stopped" if ended.reason == "stopped" else ""))
            return asked.result()
        message = asked.result()
        said = [ended.meta.label or "", facts(ended.meta)] if ended.meta is not None else []
        self._leave(message, [*said, *notes])
        return message

    def _leave(self, message: AIMessage, said: Sequence[str]) -> None:
        answered = said[0] if said and said[0] else "The model"
        try:
            left = leave(self.form, str(message.text), answered)
        except Exception:
            self.output.close(_line(*said))
            raise
        if left.code is not None:
            self.next_cell(left.code)
            said = [*said, "the code is in a new cell below"]
        self.output.close(_line(*said), left)

    def _show(self, events: SimpleQueue[TurnEvent]) -> Ended:
        while True:
            try:
                event = events.get(timeout=PAUSE_S)
            except Empty:
                if self.streams:
                    self.output.pause()
                continue
            if isinstance(event, Delta):
                self.output.delta(event.text, at_once=self.streams)
            elif isinstance(event, PartBroke):
                self.output.broke(event.sentence)
            elif isinstance(event, Ended):
                return event


def _line(*said: str) -> str:
    note = " · ".join(part for part in said if part)
    return f"*{note}*" if note else ""
