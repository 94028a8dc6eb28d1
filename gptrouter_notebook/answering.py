"""One answer while it is on its way: asked of one model after the other, gathered, ended; on the worker's thread."""

from __future__ import annotations

import asyncio
import re
import time
from concurrent.futures import Future
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from langchain_core.messages.ai import add_usage

from gptrouter_notebook.answer import Extras, Failure, Meta
from gptrouter_notebook.chat_model import GPTRouter
from gptrouter_notebook.errors import GPTRouterError, StreamInterrupted
from gptrouter_notebook.turn_events import Delta, Ended, PartBroke
from gptrouter_notebook.worker import check_may_wait

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Mapping, Sequence

    from langchain_core.language_models.chat_models import BaseChatModel
    from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, UsageMetadata

    from gptrouter_notebook.answer import Answer, Reason
    from gptrouter_notebook.conversation import Turn
    from gptrouter_notebook.directory import Directory
    from gptrouter_notebook.routing import GPTRouterModel
    from gptrouter_notebook.turn_events import TurnEvent
    from gptrouter_notebook.worker import Handle

__all__ = ["Answering", "Asked", "sendable"]

_LONGEST_CAUSE = 300
_PIECE_S = 0.01
"""The shortest time between two pieces of text from a model of ours; a listener's own pace is slower."""
_PRICE_PAUSES_S = (0, 1)
"""When the gateway is asked what an answer cost: its row is written when the provider is done, not when we are."""
_TOO_LONG = re.compile(
    r"context[\s_-]*(?:length|window|size)|maximum context|(?:prompt|input|messages?) (?:is|are) too long|"
    r"too many (?:input )?tokens|reduce the length",
    re.IGNORECASE,
)


class Answering:
    """What is asked for one turn, and what comes of it.

    Args:
        turn: Whose answer it is.
        asked: The priority list.
        history: The request's messages, the question last.
        parameters: What else the model is called with.
    """

    handle: Handle[None]
    """The task it runs in."""

    def __init__(
        self,
        turn: Turn,
        asked: tuple[GPTRouterModel, ...],
        history: list[BaseMessage],
        parameters: Mapping[str, Any],
    ) -> None:
        self.turn = turn
        self.answer: Answer = turn.answer
        self.asked = asked
        self.outcome: Future[AIMessage] = Future()
        self.is_stopping = False
        self._history = history
        self._parameters = dict(parameters)
        self._started_at = time.perf_counter()
        self._first_token_s: float | None = None
        self._route: list[Mapping[str, Any]] = []
        self._usage: UsageMetadata | None = None
        self._metadata: dict[str, Any] = {}
        self._reasoning: list[str] = []
        self._citations: list[Any] = []
        self._calls: AIMessageChunk | None = None

    async def stream(self, model: BaseChatModel, emit: Callable[[TurnEvent], object]) -> None:
        """Streams an answer into the turn, over as many models as it takes.

        Raises:
            GPTRouterError: Nobody answered, or not to the end; whatever else the model raises passes through.
        """
        self._started_at = time.perf_counter()
        models: Sequence[GPTRouterModel] = self.asked
        while True:
            try:
                await self._stream_part(model, models, emit)
            except StreamInterrupted as broke:
                if not broke.remaining:
                    raise
                self._route += broke.route
                models = tuple(broke.remaining)
                if not self.answer.parts[-1].is_empty:
                    sentence = f"{_broke_off(broke)}; {models[0].label} was asked instead."
                    self.answer.break_off(sentence)
                    emit(PartBroke(self.turn.id, sentence))
            else:
                return

    async def _stream_part(
        self, model: BaseChatModel, models: Sequence[GPTRouterModel], emit: Callable[[TurnEvent], object]
    ) -> None:
        self._usage, self._metadata = None, {}
        self._reasoning, self._citations, self._calls = [], [], None
        stream = cast(
            "AsyncGenerator[AIMessageChunk]",
            _in_few_pieces(model).astream(self._history, models_priority_list=list(models), **self._parameters),
        )
        async with aclosing(stream) as chunks:
            async for chunk in chunks:
                if text := sendable(str(chunk.text)):
                    if self._first_token_s is None:
                        self._first_token_s = time.perf_counter() - self._started_at
                    self.answer.append(text)
                    emit(Delta(self.turn.id, text))
                if chunk.additional_kwargs or chunk.tool_call_chunks:
                    self._take_extras(chunk)
                if chunk.usage_metadata:
                    self._usage = add_usage(self._usage, chunk.usage_metadata)
                self._metadata.update(chunk.response_metadata)

    def _take_extras(self, chunk: AIMessageChunk) -> None:
        beside = chunk.additional_kwargs
        self._reasoning.append(str(beside.get("reasoning_content") or ""))
        self._citations += beside.get("citations") or []
        if chunk.tool_call_chunks:
            # Only LangChain knows how the pieces of a call fit together.
            self._calls = chunk if self._calls is None else self._calls + chunk

    def finish(self, reason: Reason, error: BaseException | None = None) -> Ended:
        """Ends the turn's answer, and says how."""
        # Whoever keeps every `Asked` would keep the conversation as often as it has turns.
        self._history = []
        failure = _failure(error) if reason == "failed" and error is not None else None
        if failure is not None:
            self._route += getattr(error, "route", [])
        extras = Extras(
            reasoning=sendable("".join(self._reasoning)),
            citations=tuple(self._citations),
            tool_calls=tuple(self._calls.tool_calls) if self._calls else (),
        )
        self.answer.finish(reason, error=failure, meta=self._meta(reason), extras=extras)
        return Ended(self.turn.id, reason, failure, self.answer.meta, extras)

    async def price(self, directory: Directory) -> float | None:
        """Asks the gateway what the answer cost: it says so elsewhere, and a moment after the answer."""
        if (meta := self.answer.meta) is None or not meta.usage:
            return None
        for pause_s in _PRICE_PAUSES_S:
            await asyncio.sleep(pause_s)
            cost = await directory.acost(meta.model_id, meta.usage)
            if cost is not None:
                self.answer.meta = replace(meta, cost=cost)
                return cost
        return None

    def _meta(self, reason: Reason) -> Meta | None:
        """What is known of the answer; None when that is nothing."""
        total_s = round(time.perf_counter() - self._started_at, 4)
        first_token_s = None if self._first_token_s is None else round(self._first_token_s, 4)
        route = tuple(dict(hop) for hop in self._route)
        if reason != "complete":
            return Meta(route=route, first_token_s=first_token_s, total_s=total_s) if route else None
        said = self._metadata
        # The model's own clock saw one request only.
        latency = said.get("latency") if not route else None
        return Meta(
            model_name=said.get("model_name"),
            provider=said.get("provider"),
            model_id=said.get("model_id"),
            provider_id=said.get("provider_id"),
            finish_reason=said.get("finish_reason"),
            route=(*route, *said.get("route", ())),
            first_token_s=latency["first_token"] if latency else first_token_s,
            total_s=latency["total"] if latency else total_s,
            usage=self._usage,
        )


class Asked:
    """A question on its way, and the place to wait for its answer."""

    def __init__(self, run: Answering, stop: Callable[[int], bool]) -> None:
        self._run, self._stop = run, stop

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
        """Stops the answer and keeps what came; the gateway may let the model finish, and charge for it."""
        self._stop(self.turn)

    def __repr__(self) -> str:
        return f"<Asked turn {self.turn}: {self.reason}>"


def _in_few_pieces(model: BaseChatModel) -> BaseChatModel:
    """The model, handing out text in few pieces.

    In the end LangChain joins them all at once: after ten thousand everything here would stand still for a tenth of a
    second, the last words with it.
    """
    if not isinstance(model, GPTRouter) or model.stream_interval:
        return model
    _ = model.client  # made now, so that both have the same one: it knows the calls that the key has left
    return model.model_copy(update={"stream_interval": _PIECE_S})


def sendable(text: str) -> str:
    """The text without half characters, which no message can carry: a gateway may cut one in two."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def _failure(error: BaseException) -> Failure:
    if isinstance(error, StreamInterrupted):
        message = f"{_broke_off(error)}, and no model is left to ask: ask again, or add a model to the list."
    elif isinstance(error, GPTRouterError):
        message = error.message
    else:
        cause = " ".join(str(error).split()) or "it says no more"
        cause = cause if len(cause) <= _LONGEST_CAUSE else f"{cause[:_LONGEST_CAUSE]}…"
        message = f"The answer ended in an unforeseen error, {type(error).__name__}: {cause}"
    # There is no code for it on the wire: every provider has words of its own.
    said = [message, *(str(hop.get("reason") or "") for hop in getattr(error, "route", []))]
    return Failure(message, type(error).__name__, is_too_long=any(map(_TOO_LONG.search, said)))


def _broke_off(error: StreamInterrupted) -> str:
    length = f"{len(error.partial)} character{'' if len(error.partial) == 1 else 's'}"
    return f"{error.model or 'The model'} broke off after {length} ({error.cause or 'no cause given'})"
