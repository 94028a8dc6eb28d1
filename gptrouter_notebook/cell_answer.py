"""One answer under a cell: shown as it comes, on the cell's own thread, and left behind in its format."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any

from gptrouter_notebook.formats import leave
from gptrouter_notebook.script import facts
from gptrouter_notebook.settings import Settings
from gptrouter_notebook.turn_events import Delta, Ended, PartBroke

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from types import FrameType

    from langchain_core.messages import AIMessage

    from gptrouter_notebook.conversation import Question
    from gptrouter_notebook.display import AnswerOutput
    from gptrouter_notebook.routing import GPTRouterModel
    from gptrouter_notebook.session import Session
    from gptrouter_notebook.turn_events import TurnEvent

__all__ = ["CellAnswer", "CellSettings"]

PAUSE_S = 0.3
"""Silence after which what was held back is shown."""


@dataclass(frozen=True, slots=True)
class CellSettings(Settings):
    """How models are asked by a cell: as by a panel, and with parameters of the provider.

    Args:
        provider: Those parameters.
    """

    provider: Mapping[str, Any] = field(default_factory=dict)

    def parameters(self) -> dict[str, Any]:
        """The keywords that a LangChain chat model takes."""
        return {**Settings.parameters(self), **self.provider}


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

    def ask(
        self,
        session: Session,
        question: Question,
        *,
        models: Sequence[GPTRouterModel],
        settings: Settings,
        notes: Sequence[str] = (),
    ) -> AIMessage:
        """Asks, shows the answer as it comes, and returns it.

        Args:
            session: The conversation; others may ask in it, too.
            question: What is asked.
            models: Who is asked.
            settings: How they are asked.
            notes: What else is to be said in the line below the answer.

        Raises:
            GPTRouterError: Nobody answered, or not to the end, or not in the format; what came stays shown.
            KeyboardInterrupt: Somebody stopped it; what came stays shown.
        """
        events: SimpleQueue[TurnEvent | None] = SimpleQueue()
        stop_listening = session.listen(events.put)
        try:
            with _interrupts_as_none(events):
                asked = session.send(question, models=models, settings=settings)
                ended, is_interrupted = self._show(events, session, asked.turn)
        finally:
            stop_listening()
        if ended.reason == "complete":
            said = [ended.meta.label or "", facts(ended.meta)] if ended.meta is not None else []
            self._leave(asked.result(), [*said, *notes])
        else:
            self.output.close(_line("stopped" if ended.reason == "stopped" else ""))
        if is_interrupted:
            raise KeyboardInterrupt("The answer was stopped; what came so far is kept.")
        return asked.result()

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

    def _show(self, events: SimpleQueue[TurnEvent | None], session: Session, turn: int) -> tuple[Ended, bool]:
        """Shows the turn to its end; returns that, and whether somebody interrupted it."""
        is_interrupted = False
        while True:
            try:
                event = events.get(timeout=PAUSE_S)
            except Empty:
                if self.streams:
                    self.output.pause()
                continue
            match event:
                case None:
                    is_interrupted = True
                    session.stop(turn)
                case Delta() if event.turn == turn:
                    self.output.delta(event.text, at_once=self.streams)
                case PartBroke() if event.turn == turn:
                    self.output.broke(event.sentence)
                case Ended() if event.turn == turn:
                    return event, is_interrupted


@contextmanager
def _interrupts_as_none(events: SimpleQueue[TurnEvent | None]) -> Iterator[None]:
    """Turns the first interrupt into a None among the events; the second one is raised.

    Raised, the first could come between an event's being taken and its being shown, and a piece of text would be lost.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def on_interrupt(number: int, frame: FrameType | None) -> None:
        del number, frame
        signal.signal(signal.SIGINT, before)
        events.put(None)

    before = signal.signal(signal.SIGINT, on_interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _line(*said: str) -> str:
    note = " · ".join(part for part in said if part)
    return f"*{note}*" if note else ""
