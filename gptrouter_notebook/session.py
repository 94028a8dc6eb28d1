"""The engine behind every panel: one conversation with a priority list, answered on the worker's thread; no Jupyter.

`Session` may be called from any thread. What happens is told to listeners as `TurnEvent`s, always on the worker's
thread and in order: a listener must not block, and needs no lock of its own.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from concurrent.futures import Future
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from langchain_core.messages import AIMessage, HumanMessage, SystemMessage
from langchain_core.messages.ai import add_usage

from gptrouter_notebook.chat_model import GPTRouter
from gptrouter_notebook.conversation import Answer, Conversation, Failure, Meta, Reason, Turn
from gptrouter_notebook.errors import ConfigurationError, GPTRouterError, StreamInterrupted
from gptrouter_notebook.turn_events import Cleared, Delta, Ended, PartBroke, Started
from gptrouter_notebook.worker import Handle, check_may_wait, shared_worker

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Sequence

    from langchain_core.language_models.chat_models import BaseChatModel
    from langchain_core.messages import AIMessageChunk, BaseMessage, UsageMetadata

    from gptrouter_notebook.routing import GPTRouterModel
    from gptrouter_notebook.turn_events import TurnEvent

__all__ = ["Asked", "Refused", "Session"]

_LONGEST_CAUSE = 300

_log = logging.getLogger(__name__)


class Refused(GPTRouterError):
    """Something that cannot be done now; nothing has changed by it."""


class Asked:
    """A question on its way, and the place to wait for its answer."""

    def __init__(self, session: Session, run: _Run) -> None:
        self._session, self._run = session, run

    @property
    def turn(self) -> int:
        """The turn's number."""
        return self._run.turn.id

    @property
    def reason(self) -> Reason:
        """How far the answer is: streaming, complete, stopped or failed."""
        return self._run.answer.reason

    def result(self, timeout_s: float | None = None) -> AIMessage:
        """Waits for the answer. Interrupting the wait stops the answer.

        Args:
            timeout_s: How long to wait, in seconds; None waits for ever.

        Returns:
            The answer; of a stopped one what there was of it.

        Raises:
            GPTRouterError: Nobody answered, or not to the end.
            TimeoutError: It took longer; the answer goes on.
            RuntimeError: Called where waiting would wait for itself, such as in an observer of `delta`.
        """
        check_may_wait()
        try:
            return self._run.outcome.result(timeout_s)
        except KeyboardInterrupt:
            self.stop()
            raise

    def stop(self) -> None:
        """Stops the answer; what came so far is kept."""
        self._session.stop(self.turn)

    def __repr__(self) -> str:
        return f"<Asked turn {self.turn}: {self.reason}>"


class Session:
    """One conversation and who answers in it.

    Args:
        model: Asked with the session's own list at call time; never changed.
        models: The priority list.
        system_prompt: What every request begins with.
        conversation: What was said before.
    """

    def __init__(
        self,
        model: BaseChatModel,
        models: Sequence[GPTRouterModel],
        *,
        system_prompt: str | None = None,
        conversation: Conversation | None = None,
    ) -> None:
        self.models = tuple(models)
        """Who is asked from the next question on."""
        self.system_prompt = system_prompt
        """What every request begins with from the next question on."""
        self.conversation = conversation if conversation is not None else Conversation()
        self._model = model
        self._listeners: list[Callable[[TurnEvent], object]] = []
        self._lock = threading.Lock()
        self._run: _Run | None = None
        self._closed = False

    @property
    def is_streaming(self) -> bool:
        """Whether an answer is on its way."""
        return self._run is not None

    def listen(self, listener: Callable[[TurnEvent], object]) -> None:
        """Calls `listener` with every event from now on, on the worker's thread."""
        self._listeners.append(listener)

    def send(self, text: str) -> Asked:
        """Asks a question.

        Raises:
            Refused: There is no text, an answer is still streaming, or the session is closed.
        """
        if not text.strip():
            raise Refused("The message is empty, so nothing was sent: write something first.")
        with self._lock:
            self._check_idle("send it again")
            return self._start(self.conversation.begin(_sendable(text)))

    def regenerate(self, turn: int) -> Asked:
        """Asks the last question again; the answers so far are kept beside the new one.

        Raises:
            Refused: It is not the last turn, an answer is still streaming, or the session is closed.
        """
        with self._lock:
            self._check_idle("ask again")
            last = self.conversation.last
            if last is None or last.id != turn:
                raise Refused("Only the last message can be asked again: what follows an earlier one builds on it.")
            last.ask_again()
            return self._start(last)

    def stop(self, turn: int | None = None) -> bool:
        """Stops the answer that is on its way; what came so far is kept.

        Args:
            turn: Only if it is this one's.

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
        shared_worker().call_soon(self._emit, Cleared())

    def close(self) -> None:
        """Stops what is on its way and refuses everything from now on."""
        self._closed = True
        self.stop()

    async def catalog(self) -> list[dict[str, Any]]:
        """The gateway's models and their health, as `GPTRouter.acatalog` describes the rows.

        Raises:
            GPTRouterError: The gateway refused or is out of reach, or the model has none behind it.
        """
        if not isinstance(self._model, GPTRouter):
            raise ConfigurationError(f"{type(self._model).__name__} has no gateway behind it that lists its models.")
        return await self._model.directory.arows(self.models)

    def _check_idle(self, then: str) -> None:
        if self._closed:
            raise Refused("This chat is closed: make a new one.")
        if self._run is not None:
            raise Refused(f"An answer is still streaming: stop it or wait for its end, then {then}.")

    def _start(self, turn: Turn) -> Asked:
        history: list[BaseMessage] = [SystemMessage(self.system_prompt)] if self.system_prompt else []
        history += [*self.conversation.messages(before=turn), HumanMessage(turn.user)]
        self._run = run = _Run(turn, turn.answer, self.models, history)
        run.handle = shared_worker().submit(self._answer(run))
        return Asked(self, run)

    # From here on: the worker's thread.

    async def _answer(self, run: _Run) -> None:
        run.started_at = time.perf_counter()
        self._emit(Started(run.turn.id, run.turn.user, run.asked))
        try:
            await self._stream(run)
        except asyncio.CancelledError as cancelled:
            self._end(run, "stopped", cancelled)
            if not run.is_stopping:
                raise
        except Exception as error:  # noqa: BLE001 - whatever a model raises ends its turn, with a sentence
            self._end(run, "failed", error)
        else:
            self._end(run, "complete")

    async def _stream(self, run: _Run) -> None:
        """Streams an answer into the turn, over as many models as it takes."""
        models = run.asked
        while True:
            try:
                await self._stream_part(run, models)
            except StreamInterrupted as broke:
                if not broke.remaining:
                    raise
                run.route += broke.route
                models = tuple(broke.remaining)
                if not run.answer.parts[-1].is_empty:
                    sentence = f"{_broke_off(broke)}; {models[0].label} was asked instead."
                    run.answer.break_off(sentence)
                    self._emit(PartBroke(run.turn.id, sentence))
            else:
                return

    async def _stream_part(self, run: _Run, models: Sequence[GPTRouterModel]) -> None:
        run.usage, run.metadata = None, {}
        stream = cast(
            "AsyncGenerator[AIMessageChunk]", self._model.astream(run.history, models_priority_list=list(models))
        )
        async with aclosing(stream) as chunks:
            async for chunk in chunks:
                if text := _sendable(str(chunk.text)):
                    if run.first_token_s is None:
                        run.first_token_s = time.perf_counter() - run.started_at
                    run.answer.append(text)
                    self._emit(Delta(run.turn.id, text))
                if chunk.usage_metadata:
                    run.usage = add_usage(run.usage, chunk.usage_metadata)
                run.metadata.update(chunk.response_metadata)

    def _end(self, run: _Run, reason: Reason, error: BaseException | None = None) -> None:
        failure = None
        if reason == "failed" and error is not None:
            _log.debug("Turn %d failed.", run.turn.id, exc_info=error)
            failure = _failure(error)
            run.route += getattr(error, "route", [])
        with self._lock:
            run.answer.finish(reason, error=failure, meta=run.meta(reason))
            self._run = None
        self._emit(Ended(run.turn.id, reason, failure, run.answer.meta))
        if failure is not None:
            run.outcome.set_exception(error)
        else:
            run.outcome.set_result(run.answer.message())

    def _emit(self, event: TurnEvent) -> None:
        for listener in tuple(self._listeners):
            try:
                listener(event)
            except Exception:  # noqa: BLE001 - one listener's fault must not end the answer, or deafen the others
                _log.debug("A listener failed at %s.", type(event).__name__, exc_info=True)


@dataclass(slots=True)
class _Run:
    """One answer while it is on its way, and what is gathered about it."""

    turn: Turn
    answer: Answer
    asked: tuple[GPTRouterModel, ...]
    history: list[BaseMessage]
    outcome: Future[AIMessage] = field(default_factory=Future)
    handle: Handle[None] = field(init=False)
    is_stopping: bool = False
    started_at: float = 0.0
    first_token_s: float | None = None
    route: list[dict[str, Any]] = field(default_factory=list)
    """What became of the models asked before the last request."""
    usage: UsageMetadata | None = None
    metadata: dict[str, Any] = field(default_factory=dict)

    def meta(self, reason: Reason) -> Meta | None:
        """What is known of the answer; None when that is nothing."""
        total_s = round(time.perf_counter() - self.started_at, 4)
        first_token_s = None if self.first_token_s is None else round(self.first_token_s, 4)
        if reason != "complete":
            return Meta(route=tuple(self.route), first_token_s=first_token_s, total_s=total_s) if self.route else None
        said = self.metadata
        # The model's own clock saw one request only.
        latency = said.get("latency") if not self.route else None
        return Meta(
            model_name=said.get("model_name"),
            provider=said.get("provider"),
            model_id=said.get("model_id"),
            provider_id=said.get("provider_id"),
            finish_reason=said.get("finish_reason"),
            route=(*self.route, *said.get("route", ())),
            first_token_s=latency["first_token"] if latency else first_token_s,
            total_s=latency["total"] if latency else total_s,
            usage=self.usage,
        )


def _failure(error: BaseException) -> Failure:
    if isinstance(error, StreamInterrupted):
        message = f"{_broke_off(error)}, and no model is left to ask: ask again, or add a model to the list."
    elif isinstance(error, GPTRouterError):
        message = error.message
    else:
        cause = " ".join(str(error).split()) or "it says no more"
        cause = cause if len(cause) <= _LONGEST_CAUSE else f"{cause[:_LONGEST_CAUSE]}…"
        message = f"The answer ended in an unforeseen error, {type(error).__name__}: {cause}"
    return Failure(message, type(error).__name__)


def _broke_off(error: StreamInterrupted) -> str:
    length = f"{len(error.partial)} character{'' if len(error.partial) == 1 else 's'}"
    return f"{error.model or 'The model'} broke off after {length} ({error.cause or 'no cause given'})"


def _sendable(text: str) -> str:
    """The text without half characters, which no message can carry: a gateway may cut one in two."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text
