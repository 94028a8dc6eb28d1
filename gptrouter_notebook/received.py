"""What one request to the gateway brought back: its events or its plain reply, added up; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gptrouter_notebook import chunks, failures
from gptrouter_notebook.errors import GatewayUnreachable, GPTRouterError, InvalidRequest, StreamInterrupted
from gptrouter_notebook.sse import End, Meta, Source, StreamError, TextDelta

if TYPE_CHECKING:
    from collections.abc import Callable

    from langchain_core.outputs import ChatGenerationChunk

    from gptrouter_notebook.routing import Attempt
    from gptrouter_notebook.sse import StreamEvent
    from gptrouter_notebook.wire import Reply, Usage

__all__ = ["Received"]


class Received:
    """What has come back for one attempt so far.

    Args:
        attempt: The request.
        clock: Seconds that only grow.
    """

    def __init__(self, attempt: Attempt, clock: Callable[[], float]) -> None:
        self.attempt = attempt
        self.rich: list[ChatGenerationChunk] = []
        """The chunks that hold more than text: tool calls, reasoning, citations."""
        self.finish_reason: str | None = None
        self.reports_finish = False
        """Whether the stream spoke of a finish reason at all, so that one without is cut [L36]."""
        self.model_said: str | None = None
        """The model's name, where the updates or the reply have it."""
        self.id: str | None = None
        """The provider's id of the answer."""
        self.usage: Usage | None = None
        self.source: Source | None = None
        self.reply: Reply | None = None
        self.failure: failures.Cause | None = None
        """The stream's own error event."""
        self.error: GPTRouterError | None = None
        """The error that the request ended in."""
        self.first_token_at: float | None = None
        self._pieces: list[str] = []
        self._clock = clock
        self._started_at = clock()
        self._ended_at: float | None = None

    def feed(self, event: StreamEvent) -> ChatGenerationChunk | None:
        """Takes one event of a stream; returns the chunk it makes, if it makes one."""
        if isinstance(event, TextDelta):
            return self._take_delta(event)
        if isinstance(event, Meta):
            self.usage = event.usage
            self.model_said = event.model or self.model_said
        elif isinstance(event, Source):
            self.source = event
        elif isinstance(event, StreamError):
            self.failure = failures.cause_of(event.message)
            self._ended_at = self._clock()
        elif isinstance(event, End):
            self._ended_at = self._clock()
        return None

    def take(self, reply: Reply) -> None:
        """Takes a plain reply."""
        self._ended_at = self._clock()
        self.reply = reply
        self.usage = reply.usage
        self.source = Source(reply.model_id, reply.provider_id)
        self.model_said = reply.model
        self.id = reply.id or None
        self.finish_reason = reply.choices[0].finish_reason if reply.choices else None

    def refused(self, error: GPTRouterError) -> None:
        """Takes the error that the request ended in."""
        self._ended_at = self._clock()
        self.error = error

    @property
    def text(self) -> str:
        """The streamed text."""
        return "".join(self._pieces)

    @property
    def has_begun(self) -> bool:
        """Whether anything of an answer was streamed."""
        return bool(self._pieces or self.rich)

    @property
    def ended_at(self) -> float:
        """When the request was over; what is looked up since is not the model's time."""
        return self._clock() if self._ended_at is None else self._ended_at

    @property
    def seconds(self) -> float:
        """How long the request took."""
        return self.ended_at - self._started_at

    @property
    def is_catch_all(self) -> bool:
        """Whether it ended in what the gateway says to a plain request whatever went wrong [29, 30, 39, 55]."""
        status = 500
        return self.attempt.plain and isinstance(self.error, InvalidRequest) and self.error.status == status

    @property
    def blames_a_model(self) -> bool:
        """Whether its error tells of the chosen model, so that the next may do better."""
        if isinstance(self.error, StreamInterrupted) or self.is_catch_all:
            return True
        return self.attempt.plain and isinstance(self.error, GatewayUnreachable) and self.error.cause == "timeout"

    @property
    def said_position(self) -> int | None:
        """Which model of the attempt the updates named, if exactly one has that name."""
        matching = [at for at, model in enumerate(self.attempt.models) if model.name == self.model_said]
        return matching[0] if len(matching) == 1 else None

    def _take_delta(self, event: TextDelta) -> ChatGenerationChunk | None:
        if self.first_token_at is None and (event.text or event.tool_calls):
            self.first_token_at = self._clock()
            self.model_said, self.id = event.model, event.id
        if event.reports_finish:
            self.reports_finish = True
            self.finish_reason = event.finish_reason or self.finish_reason
        chunk = chunks.delta_chunk(event)
        if event.text:
            self._pieces.append(event.text)
        if chunk is not None and (event.tool_calls or event.reasoning or event.citations):
            self.rich.append(chunk)
        return chunk
