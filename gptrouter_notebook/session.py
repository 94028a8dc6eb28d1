"""The engine behind every panel: one conversation with a priority list, answered on the worker's thread; no Jupyter.

`Session` may be called from any thread. What happens is told to listeners as `TurnEvent`s, always on the worker's
thread and in order: a listener must not block, and needs no lock of its own.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from typing import TYPE_CHECKING, Any

from gptrouter_notebook.answering import Answering, Asked
from gptrouter_notebook.chat_model import GPTRouter
from gptrouter_notebook.conversation import Conversation
from gptrouter_notebook.errors import ConfigurationError
from gptrouter_notebook.refused import Refused, checked
from gptrouter_notebook.settings import Settings
from gptrouter_notebook.told import Told
from gptrouter_notebook.turn_events import Priced, Queued, Rearranged, Started, Waiting
from gptrouter_notebook.worker import shared_worker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from langchain_core.language_models.chat_models import BaseChatModel
    from langchain_core.messages import AIMessage

    from gptrouter_notebook.answer import Reason
    from gptrouter_notebook.conversation import Question, Turn
    from gptrouter_notebook.routing import GPTRouterModel
    from gptrouter_notebook.turn_events import TurnEvent
    from gptrouter_notebook.wire import Allowance

    Models = Sequence[GPTRouterModel]

__all__ = ["Refused", "Session"]

_log = logging.getLogger(__name__)


class Session:
    """One conversation and who answers in it.

    Args:
        model: Asked with the session's own list and settings at call time; never changed.
        models: The priority list.
        settings: How they are asked.
        conversation: What was said before.
    """

    def __init__(
        self,
        model: BaseChatModel,
        models: Models,
        *,
        settings: Settings | None = None,
        conversation: Conversation | None = None,
    ) -> None:
        self.models = tuple(models)
        """Who is asked from the next question on."""
        self.settings = settings or Settings()
        """How models are asked from the next question on."""
        self.conversation = conversation if conversation is not None else Conversation()
        self._model = model
        self._told = Told()
        self._listeners: list[Callable[[TurnEvent], object]] = []
        self._lock = threading.Lock()
        self._run: Answering | None = None
        self._waiting: list[Waiting] = []
        self._last_waiting = 0
        self._closed = False

    @property
    def is_streaming(self) -> bool:
        """Whether an answer is on its way."""
        return self._run is not None

    @property
    def waiting(self) -> tuple[Waiting, ...]:
        """The messages that wait for the end of an answer, in their order."""
        return tuple(self._waiting)

    def listen(self, listener: Callable[[TurnEvent], object]) -> Callable[[], None]:
        """Calls `listener` with every event from now on, on the worker's thread; calling what it returns ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def send(
        self, question: Question | str, *, models: Models | None = None, settings: Settings | None = None
    ) -> Asked:
        """Asks a question; `models` and `settings` are for this time, instead of the session's.

        Raises:
            Refused: There is no text, an answer is still streaming, or the session is closed.
        """
        question = checked(question)
        with self._lock:
            self._check_idle("send it again")
            return self._start(self.conversation.begin(question), models, settings)

    def enqueue(self, question: Question | str) -> None:
        """Asks a question as soon as every answer before it is over; at once when nothing is on its way.

        Raises:
            Refused: There is no text, or the session is closed.
        """
        question = checked(question)
        with self._lock:
            self._check_open()
            if self._run is None and not self._waiting:
                self._start(self.conversation.begin(question))
                return
            self._last_waiting += 1
            self._waiting.append(Waiting(self._last_waiting, question))
            self._tell_waiting()

    def send_now(self, waiting: int) -> None:
        """Asks a message that waits because the answer before it failed; those after it follow.

        Raises:
            Refused: It does not wait any more, an answer is still streaming, or the session is closed.
        """
        with self._lock:
            self._check_idle("send it again")
            self._start(self.conversation.begin(self._take_waiting(waiting).question))

    def unqueue(self, waiting: int) -> None:
        """Forgets a message that waits.

        Raises:
            Refused: It does not wait any more.
        """
        with self._lock:
            self._take_waiting(waiting)

    def edit(self, turn: int, question: Question | str) -> Asked:
        """Asks something else in a turn's place; the turn stays, as a branch beside the new one.

        Raises:
            Refused: There is no such turn or no text, an answer is still streaming, or the session is closed.
        """
        question = checked(question)
        with self._lock:
            self._check_idle("ask again")
            return self._start(self.conversation.edit(self._turn(turn), question))

    def regenerate(self, turn: int, model: GPTRouterModel | None = None) -> Asked:
        """Asks a turn's question again, this model first; the turn stays as a branch, unless it has no text.

        Raises:
            Refused: There is no such turn, an answer is still streaming, or the session is closed.
        """
        with self._lock:
            self._check_idle("ask again")
            others = (listed for listed in self.models if listed != model)
            return self._start(self.conversation.ask_again(self._turn(turn)), (model, *others) if model else None)

    def show(self, turn: int) -> None:
        """Shows this turn of the branches in its place, and what follows it.

        Raises:
            Refused: There is no such turn, an answer is still streaming, or the session is closed.
        """
        with self._lock:
            self._check_idle("switch")
            self.conversation.show(self._turn(turn))
            self._rearranged()

    def delete(self, turn: int) -> None:
        """Forgets a turn; what followed it follows the one before it.

        Raises:
            Refused: There is no such turn, an answer is still streaming, or the session is closed.
        """
        with self._lock:
            self._check_idle("delete")
            self.conversation.delete(self._turn(turn))
            self._rearranged()

    def leave_out(self, turns: Iterable[int], *, is_left_out: bool = True) -> None:
        """Tells models nothing of these turns from now on, or tells them again.

        Raises:
            Refused: There is no such turn, or the session is closed.
        """
        with self._lock:
            self._check_open()
            for turn in [self._turn(number) for number in turns]:
                turn.is_left_out = is_left_out
            self._rearranged()

    def stop(self, turn: int | None = None) -> bool:
        """Stops the answer that is on its way, or only that of this turn; what came so far is kept.

        Returns:
            Whether there is such an answer; stopping twice, or one that has ended, does nothing.
        """
        with self._lock:
            run = self._run
            if run is None or (turn is not None and run.turn.id != turn):
                return False
            if not run.is_stopping:
                run.is_stopping = True
                run.handle.cancel()
            return True

    def clear(self) -> None:
        """Forgets every turn.

        Raises:
            Refused: An answer is still streaming, or the session is closed.
        """
        with self._lock:
            self._check_idle("clear the conversation")
            self.conversation.clear()
            self._rearranged()

    def add(self, conversation: Conversation) -> None:
        """Shows another conversation; what was said here stays as a branch beside it.

        Raises:
            Refused: An answer is still streaming, or the session is closed.
        """
        with self._lock:
            self._check_idle("import")
            self.conversation.graft(conversation)
            self._rearranged()

    def close(self) -> None:
        """Stops what is on its way and refuses everything from now on."""
        self._closed = True
        self._waiting.clear()
        self.stop()

    @property
    def allowance(self) -> Allowance | None:
        """What the gateway said last of the calls the key has left; None when it has not, or the key has no limit."""
        return self._model.client.allowance if isinstance(self._model, GPTRouter) else None

    def price(self, message: AIMessage) -> float | None:
        """What an answer cost, in the gateway's currency, asked now; None where the gateway does not say."""
        if not isinstance(self._model, GPTRouter):
            return None
        return self._model.directory.cost(message.response_metadata.get("model_id"), message.usage_metadata)

    async def catalog(self) -> list[dict[str, Any]]:
        """The gateway's models and their health, as `GPTRouter.acatalog` describes the rows.

        Raises:
            GPTRouterError: The gateway refused or is out of reach, or the model has none behind it.
        """
        return await self._gateway_model().directory.arows(self.models)

    async def check_health(self) -> None:
        """Has the gateway ask each of its models something short, which costs tokens; the catalog is new then.

        Raises:
            GPTRouterError: The gateway refused or is out of reach, or the model has none behind it.
        """
        await self._gateway_model().client.acheck_health()

    def _gateway_model(self) -> GPTRouter:
        if not isinstance(self._model, GPTRouter):
            raise ConfigurationError(f"{type(self._model).__name__} has no gateway behind it that lists its models.")
        return self._model

    def _check_open(self) -> None:
        if self._closed:
            raise Refused("This chat is closed: make a new one.")

    def _check_idle(self, then: str) -> None:
        self._check_open()
        if self._run is not None:
            raise Refused(f"An answer is still streaming: stop it or wait for its end, then {then}.")

    def _turn(self, number: int) -> Turn:
        if (turn := self.conversation.get(number)) is None:
            raise Refused("That message is not there any more, so nothing was done.")
        return turn

    def _take_waiting(self, number: int) -> Waiting:
        found = next((waiting for waiting in self._waiting if waiting.id == number), None)
        if found is None:
            raise Refused("That message does not wait any more, so nothing was done.")
        self._waiting.remove(found)
        self._tell_waiting()
        return found

    def _start(self, turn: Turn, models: Models | None = None, settings: Settings | None = None) -> Asked:
        settings = settings or self.settings
        history = self._told.request(self.conversation, turn, settings.system_prompt)
        self._run = run = Answering(turn, tuple(models or self.models), history, settings.parameters())
        run.handle = shared_worker().submit(self._answer(run))
        return Asked(run, self.stop)

    def _rearranged(self) -> None:
        shared_worker().call_soon(self._emit, Rearranged())

    def _tell_waiting(self) -> None:
        shared_worker().call_soon(self._emit, Queued(self.waiting))

    # From here on: the worker's thread.

    async def _answer(self, run: Answering) -> None:
        self._emit(Started(run.turn, run.asked))
        try:
            await run.stream(self._model, self._emit)
        except asyncio.CancelledError as cancelled:
            self._end(run, "stopped", cancelled)
            if not run.is_stopping:
                raise
        except Exception as error:  # noqa: BLE001 - whatever a model raises ends its turn, with a sentence
            self._end(run, "failed", error)
        else:
            self._end(run, "complete")

    def _end(self, run: Answering, reason: Reason, error: BaseException | None = None) -> None:
        if reason == "failed":
            _log.debug("Turn %d failed.", run.turn.id, exc_info=error)
        with self._lock:
            ended = run.finish(reason, error)
            self._run = None
        self._emit(ended)
        if ended.error is not None:
            run.outcome.set_exception(error)
        else:
            run.outcome.set_result(run.answer.message())
            shared_worker().submit(self._price(run))
            self._go_on()

    async def _price(self, run: Answering) -> None:
        """Asks the gateway what the answer cost: it says so elsewhere, and a moment after the answer."""
        if isinstance(self._model, GPTRouter) and (cost := await run.price(self._model.directory)) is not None:
            self._emit(Priced(run.turn.id, cost))

    def _go_on(self) -> None:
        """Asks what waits. After a failure it is not called: the next message may build on what failed."""
        with self._lock:
            if self._waiting and self._run is None and not self._closed:
                self._start(self.conversation.begin(self._take_waiting(self._waiting[0].id).question))

    def _emit(self, event: TurnEvent) -> None:
        for listener in tuple(self._listeners):
            try:
                listener(event)
            except Exception:  # noqa: BLE001 - one listener's fault must not end the answer, or deafen the others
                _log.debug("A listener failed at %s.", type(event).__name__, exc_info=True)
