"""One question on its way: which request to make, what its events add up to, and whether to go on after a failure.

Pure: `chat_model` makes the requests, sync or async, and hands every event in; both loops are the same few lines
because everything is decided here. What is known when:

1. `next_request()` says what to send; `feed`, `take` or `refused` receive what comes back;
2. `needs_models` and `needs_newest` say what is still to be looked up to name who answered or failed;
3. `settle()` draws the conclusion: answered, go on with the next request, or raise.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from langchain_core.outputs import ChatGeneration, ChatResult

from gptrouter_notebook import chunks, failures
from gptrouter_notebook.errors import GatewayUnreachable, GPTRouterError, InvalidRequest, StreamInterrupted
from gptrouter_notebook.providers import provider
from gptrouter_notebook.routing import Attempt, Attempts, GPTRouterModel
from gptrouter_notebook.sse import End, Meta, Source, StreamError, TextDelta
from gptrouter_notebook.wire import GenerateRequest

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from langchain_core.outputs import ChatGenerationChunk

    from gptrouter_notebook.messages import Question
    from gptrouter_notebook.records import Model
    from gptrouter_notebook.routing import Newest
    from gptrouter_notebook.sse import StreamEvent
    from gptrouter_notebook.wire import Reply, Usage

__all__ = ["Exchange"]


class Exchange:
    """One question to a priority list.

    Args:
        question: What is asked.
        models: Who is asked, in order.
        hands_out: Whether the caller passes every chunk on at once; then nobody is asked behind a partial text.
        clock: Seconds that only grow.
    """

    def __init__(
        self,
        question: Question,
        models: Sequence[GPTRouterModel],
        *,
        hands_out: bool,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._question = question
        self._models = tuple(models)
        self._hands_out = hands_out
        self._clock = clock
        self._started_at = clock()
        self._plain_always = question.needs_plain
        # A stream of anthropic's or openai's never says why it ended, a plain reply does [10, 17]. If that fails,
        # a stream is asked for the cause.
        first = provider(models[0].provider_name)
        self._plain_first = not hands_out and first.takes is not None and first.streams and not question.has_tools
        self._attempts = Attempts(
            models, plain_only=[model for model in models if not provider(model.provider_name).streams]
        )
        self.answer: GPTRouterModel | None = None
        """Who answered; None as long as nobody has."""
        self.id: str | None = None
        """The provider's id of the answer."""
        self._reset()

    def _reset(self) -> None:
        self._attempt_at = self._clock()
        self._pieces: list[str] = []
        self._rich: list[ChatGenerationChunk] = []
        self._first_token_s: float | None = None
        self._finish_reason: str | None = None
        self._reports_finish = False
        self._model_said: str | None = None
        self._usage: Usage | None = None
        self._source: Source | None = None
        self._reply: Reply | None = None
        self._failure: failures.Cause | None = None
        self._error: GPTRouterError | None = None

    # One request.

    def next_request(self) -> GenerateRequest | None:
        """The next request to make; None once somebody has answered."""
        if self.answer is not None:
            return None
        attempt = self._attempts.next()
        if attempt is None:
            raise failures.nobody_answered(self._attempts.hops)
        if self._plain_always or self._plain_first:
            attempt = Attempt(attempt.models, plain=True)
        self._attempt = attempt
        self._reset()
        entries = tuple(self._question.entry(model, order) for order, model in enumerate(attempt.models, 1))
        return GenerateRequest(entries, stream=not attempt.plain, extra=self._question.body_fields)

    def feed(self, event: StreamEvent) -> ChatGenerationChunk | None:
        """Takes one event of a stream; returns the chunk it makes, if it makes one."""
        if isinstance(event, TextDelta):
            if self._first_token_s is None and (event.text or event.tool_calls):
                self._first_token_s = self._clock() - self._started_at
                self._model_said, self.id = event.model, event.id
            if event.reports_finish:
                self._reports_finish = True
                self._finish_reason = event.finish_reason or self._finish_reason
            chunk = chunks.delta_chunk(event)
            if event.text:
                self._pieces.append(event.text)
            if chunk is not None and (event.tool_calls or event.reasoning or event.citations):
                self._rich.append(chunk)
            return chunk
        if isinstance(event, Meta):
            self._usage = event.usage
            self._model_said = event.model or self._model_said
        elif isinstance(event, Source):
            self._source = event
        elif isinstance(event, StreamError):
            self._failure = failures.cause_of(event.message)
        elif isinstance(event, End):
            self._ended_at = self._clock()
        return None

    def take(self, reply: Reply) -> None:
        """Takes a plain reply."""
        self._ended_at = self._clock()
        self._reply = reply
        self._usage = reply.usage
        self._source = Source(reply.model_id, reply.provider_id)
        self._model_said = reply.model
        self.id = reply.id or None
        self._finish_reason = reply.choices[0].finish_reason if reply.choices else None

    def refused(self, error: GPTRouterError) -> None:
        """Takes the error that the request ended in."""
        self._error = error

    # Its conclusion.

    @property
    def needs_models(self) -> bool:
        """Whether the gateway's models are to be looked up: to name who answered, or what was meant."""
        return len(self._attempt.models) > 1 or isinstance(self._failure, failures.UnknownName)

    def needs_newest(self, models: Sequence[Model] | None) -> bool:
        """Whether the health rows are to be looked up: to say who was skipped, and who failed."""
        if self._failure is not None:
            one = len(self._attempt.models) == 1 and isinstance(self._failure, failures.ProviderFailed)
            return not one and not isinstance(self._failure, failures.UnknownName)
        if self._error is not None:
            return self._blames_a_model and (len(self._attempt.models) > 1 or self._attempt.plain)
        return self._position(models) != 0

    def settle(self, models: Sequence[Model] | None, newest: Newest | None) -> None:
        """Concludes one request: somebody answered, or the next request goes on, or it is over.

        Args:
            models: The gateway's models, if they were needed and could be read.
            newest: Their newest checks, likewise.

        Raises:
            GPTRouterError: Going on is no use, or not allowed behind a text that was handed out.
        """
        seconds = self._clock() - self._attempt_at
        if self._error is not None:
            self._settle_error(self._error, newest, seconds)
        elif self._failure is not None:
            self._settle_failure(self._failure, models, newest, seconds)
        else:
            position = self._position(models)
            model = self._attempt.models[position]
            reports = self._reports_finish or (provider(model.provider_name).reports_finish and not self._attempt.plain)
            if reports and self._finish_reason is None:
                self._failed(failures.CUT, newest, seconds, position)
                return
            self._attempts.answered(position, seconds, newest)
            self.answer = model

    def _settle_error(self, error: GPTRouterError, newest: Newest | None, seconds: float) -> None:
        if not self._blames_a_model:
            error.route = [hop.to_dict() for hop in self._attempts.hops]
            raise error
        if self._attempt.plain and isinstance(error, InvalidRequest):
            if self._plain_first:
                self._plain_first = False
                return
            if self._attempts.all_skipped(self._attempt, newest):
                self._attempts.none_available(self._attempt, newest)
                return
        self._plain_first = False
        self._failed(error.cause or "the gateway named no cause", newest, seconds, None)

    def _settle_failure(
        self, failure: failures.Cause, models: Sequence[Model] | None, newest: Newest | None, seconds: float
    ) -> None:
        if isinstance(failure, failures.UnknownName):
            known = [f"{model.provider_name}/{model.name}" for model in models or ()]
            error = failures.unknown_name(failure, self._attempt.models, known)
            error.route = [hop.to_dict() for hop in self._attempts.hops]
            raise error
        if isinstance(failure, failures.NoneAvailable):
            self._attempts.none_available(self._attempt, newest)
        elif isinstance(failure, failures.CannotStream):
            if not self._attempts.cannot_stream(failure.provider_name, newest):
                self._failed(f"it cannot stream ({failure.provider_name})", newest, seconds, None)
        else:
            self._failed(failure.reason, newest, seconds, self._said_position())

    def _failed(self, reason: str, newest: Newest | None, seconds: float, position: int | None) -> None:
        model = self._attempts.failed(self._attempt, reason, seconds, position=position, newest=newest)
        if self._hands_out and (self._pieces or self._rich):
            raise failures.broke_off(
                model, reason, "".join(self._pieces), self._attempts.remaining, self._attempts.hops
            )

    @property
    def _blames_a_model(self) -> bool:
        """Whether the error tells of the chosen model, so that the next may do better."""
        if isinstance(self._error, StreamInterrupted):
            return True
        if not self._attempt.plain:
            return False
        hung = isinstance(self._error, GatewayUnreachable) and self._error.cause == "timeout"
        return hung or (isinstance(self._error, InvalidRequest) and self._error.status == 500)  # noqa: PLR2004 - status

    def _position(self, models: Sequence[Model] | None) -> int:
        """Which model of the attempt answered."""
        asked = self._attempt.models
        if len(asked) == 1:
            return 0
        if self._source is not None:
            for model in models or ():
                if model.id == self._source.model_id:
                    named = [(other.name, other.provider_name) for other in asked]
                    if (model.name, model.provider_name) in named:
                        return named.index((model.name, model.provider_name))
        return self._said_position() or 0

    def _said_position(self) -> int | None:
        """Which model of the attempt the updates named, if exactly one has that name."""
        matching = [i for i, model in enumerate(self._attempt.models) if model.name == self._model_said]
        return matching[0] if len(matching) == 1 else None

    # The answer.

    def metadata(self) -> dict[str, Any]:
        """What `response_metadata` says of the answer; the names are promises (design.md)."""
        assert self.answer is not None  # noqa: S101 - asked for after settle() only
        data: dict[str, Any] = {
            "model_name": self.answer.name,
            "provider": self.answer.provider_name,
            "model_id": self._source.model_id if self._source is not None else None,
            "provider_id": self._source.provider_id if self._source is not None else None,
            "finish_reason": self._finish_reason,
            "route": [hop.to_dict() for hop in self._attempts.hops],
            "latency": {
                "first_token": None if self._first_token_s is None else round(self._first_token_s, 4),
                "total": round(self._ended_at - self._started_at, 4),
            },
            # Not the vendor: LangChain would read the content with that vendor's own parser.
            "model_provider": "gptrouter",
        }
        if self.id:
            data["id"] = self.id
        if dropped := self.dropped():
            data["dropped"] = dropped
        return data

    def dropped(self) -> list[str]:
        """What of the question did not reach the model that answered, in words."""
        return [] if self.answer is None else self._question.dropped_by(self.answer.provider_name)

    def closing_chunk(self) -> ChatGenerationChunk:
        """The last chunk of a stream that was handed out."""
        return chunks.closing_chunk(self.metadata(), self._usage)

    def reply_chunks(self) -> list[ChatGenerationChunk]:
        """A plain reply as the chunk of a stream; empty when the answer was streamed."""
        if self._reply is None:
            return []
        return [chunks.plain_chunk(choice) for choice in self._reply.choices[:1]]

    def result(self) -> ChatResult:
        """The whole answer, for callers that wait for it."""
        metadata = self.metadata()
        generations: list[ChatGeneration]
        if self._reply is None:
            generations = [chunks.whole_message("".join(self._pieces), self._rich, metadata, self._usage)]
        else:
            # The count is of all choices together; it is said once, so that nobody adds it up twice.
            generations = [
                chunks.generation(choice, metadata, self._usage if position == 0 else None)
                for position, choice in enumerate(self._reply.choices)
            ] or [chunks.whole_message("", [], metadata, self._usage)]
        # No llm_output: LangChain would copy it over the metadata of `invoke` only, and stream would differ.
        return ChatResult(generations=generations)
