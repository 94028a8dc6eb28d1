"""One question on its way: which request to make, what came of it, and whether to go on after a failure.

Pure: `chat_model` makes the requests, sync or async, and hands every event in; both loops are the same few lines
because everything is decided here. What is known when:

1. `next_request()` says what to send; `feed`, `take` or `refused` receive what comes back (`received`);
2. `needs_models` and `needs_newest` say what is still to be looked up to name who answered or failed;
3. `settle()` draws the conclusion: answered, go on with the next request, or raise.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from langchain_core.outputs import ChatGeneration, ChatResult

from gptrouter_notebook import chunks, failures
from gptrouter_notebook.providers import Manners
from gptrouter_notebook.received import Received
from gptrouter_notebook.routing import Attempt, Attempts, GPTRouterModel, why_skipped
from gptrouter_notebook.wire import GenerateRequest

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from langchain_core.outputs import ChatGenerationChunk

    from gptrouter_notebook.errors import GPTRouterError
    from gptrouter_notebook.messages import Question
    from gptrouter_notebook.records import Model
    from gptrouter_notebook.routing import Newest
    from gptrouter_notebook.sse import StreamEvent
    from gptrouter_notebook.wire import Reply

__all__ = ["Exchange"]


class Exchange:
    """One question to a priority list.

    Args:
        question: What is asked.
        models: Who is asked, in order.
        hands_out: Whether the caller passes every chunk on at once; then nobody is asked behind a partial text.
        manners: What is known of the gateway's providers; what is learned is noted there.
        clock: Seconds that only grow.
    """

    def __init__(
        self,
        question: Question,
        models: Sequence[GPTRouterModel],
        *,
        hands_out: bool,
        manners: Manners | None = None,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._question = question
        self._hands_out = hands_out
        self._manners = manners or Manners()
        self._clock = clock
        self._started_at = clock()
        self._plain_always = question.needs_plain
        # A stream of anthropic's or openai's never says why it ended, a plain reply does [10, 17]. If that fails,
        # a stream is asked for the cause.
        first = self._manners.of(models[0].provider_name)
        self._plain_first = not hands_out and first.takes is not None and first.streams and not question.has_tools
        self._attempts = Attempts(
            models, plain_only=[model for model in models if not self._manners.of(model.provider_name).streams]
        )
        self._received = Received(Attempt((), plain=False), clock)
        self.answer: GPTRouterModel | None = None
        """Who answered; None as long as nobody has."""

    # One request.

    def next_request(self) -> GenerateRequest | None:
        """The next request to make; None once somebody has answered.

        Raises:
            GPTRouterError: Nobody is left to ask.
        """
        if self.answer is not None:
            return None
        attempt = self._attempts.next()
        if attempt is None:
            raise failures.nobody_answered(self._attempts.hops)
        if self._plain_always or self._plain_first:
            attempt = Attempt(attempt.models, plain=True)
        self._received = Received(attempt, self._clock)
        entries = tuple(
            self._question.entry(model, order, self._manners.of(model.provider_name))
            for order, model in enumerate(attempt.models, 1)
        )
        return GenerateRequest(entries, stream=not attempt.plain, extra=self._question.body_fields)

    def feed(self, event: StreamEvent) -> ChatGenerationChunk | None:
        """Takes one event of a stream; returns the chunk it makes, if it makes one."""
        return self._received.feed(event)

    def take(self, reply: Reply) -> None:
        """Takes a plain reply."""
        self._received.take(reply)

    def refused(self, error: GPTRouterError) -> None:
        """Takes the error that the request ended in."""
        self._received.refused(error)

    # Its conclusion.

    @property
    def needs_models(self) -> bool:
        """Whether the gateway's models are to be looked up: to name who answered, or what was meant."""
        several = len(self._received.attempt.models) > 1
        return several or self._is_unexplained or isinstance(self._received.failure, failures.UnknownName)

    def needs_newest(self, models: Sequence[Model] | None) -> bool:
        """Whether the health rows are to be looked up: to say who was skipped, and who failed."""
        got = self._received
        several = len(got.attempt.models) > 1
        if got.failure is not None:
            told = failures.UnknownName | failures.WantsPrompt
            return not isinstance(got.failure, told if several else told | failures.ProviderFailed)
        if got.error is not None:
            return self._is_unexplained or (got.blames_a_model and several)
        return self._position(models) != 0

    def settle(self, models: Sequence[Model] | None, newest: Newest | None) -> None:
        """Concludes one request: somebody answered, or the next request goes on, or it is over.

        Args:
            models: The gateway's models, if they were needed and could be read.
            newest: Their newest checks, likewise.

        Raises:
            GPTRouterError: Going on is no use, or not allowed behind a text that was handed out.
        """
        got = self._received
        if got.error is not None:
            self._settle_error(got.error, models, newest)
        elif got.failure is not None:
            self._settle_failure(got.failure, models, newest)
        else:
            position = self._position(models)
            model = got.attempt.models[position]
            always = self._manners.of(model.provider_name).reports_finish and not got.attempt.plain
            if (always or got.reports_finish) and got.finish_reason is None:
                self._failed(failures.CUT, newest, position)
                return
            self._attempts.answered(position, got.seconds, newest)
            self.answer = model

    def _settle_error(self, error: GPTRouterError, models: Sequence[Model] | None, newest: Newest | None) -> None:
        if not self._received.blames_a_model:
            error.route = self._route()
            raise error
        if self._received.is_catch_all and self._plain_first:
            self._plain_first = False
            return
        if self._is_unexplained:
            if unknown := self._unknown_name(models, newest):
                raise self._not_found(unknown, models)
            if self._attempts.all_skipped(self._received.attempt, newest):
                self._attempts.none_available(self._received.attempt, newest)
                return
        self._plain_first = False
        reason = "nothing came in time" if error.cause == "timeout" else error.cause
        self._failed(reason or "the gateway named no cause", newest, self._received.said_position)

    def _settle_failure(self, failure: failures.Cause, models: Sequence[Model] | None, newest: Newest | None) -> None:
        attempt = self._received.attempt
        if isinstance(failure, failures.UnknownName):
            raise self._not_found(failure, models)
        if isinstance(failure, failures.NoneAvailable):
            self._attempts.none_available(attempt, newest)
        elif isinstance(failure, failures.CannotStream):
            self._manners.cannot_stream(failure.provider_name)
            if not self._attempts.cannot_stream(attempt, failure.provider_name, newest):
                self._failed(f"it cannot stream ({failure.provider_name})", newest, None)
        elif isinstance(failure, failures.WantsPrompt):
            # Which of them wants it is not said: all that are not known to want none are sent both.
            news = [self._manners.takes_prompt(model.provider_name) for model in attempt.models]
            if not any(news):
                self._failed(failure.reason, newest, None)
        else:
            self._failed(failure.reason, newest, self._received.said_position)

    @property
    def _is_unexplained(self) -> bool:
        """Whether the gateway named no cause, and no stream will tell it."""
        return self._received.is_catch_all and not self._plain_first

    def _not_found(self, unknown: failures.UnknownName, models: Sequence[Model] | None) -> GPTRouterError:
        known = [f"{model.provider_name}/{model.name}" for model in models or ()]
        error = failures.unknown_name(unknown, self._received.attempt.models, known)
        error.route = self._route()
        return error

    def _unknown_name(self, models: Sequence[Model] | None, newest: Newest | None) -> failures.UnknownName | None:
        """The name that a plain request ended at, which a stream would have told [29, L29]."""
        names = {model.name for model in models or ()}
        providers = {model.provider_name for model in models or ()}
        for model in self._received.attempt.models if models else ():
            if model.name not in names:
                return failures.UnknownName(model.name, is_provider=False)
            if model.provider_name not in providers:
                return failures.UnknownName(model.provider_name, is_provider=True)
            if newest is None or why_skipped(newest.get(model)) is None:
                return None
        return None

    def _failed(self, reason: str, newest: Newest | None, position: int | None) -> None:
        got = self._received
        model = self._attempts.failed(got.attempt, reason, got.seconds, position=position, newest=newest)
        if self._hands_out and got.has_begun:
            raise failures.broke_off(model, reason, got.text, self._attempts.remaining, self._attempts.hops)

    def _position(self, models: Sequence[Model] | None) -> int:
        """Which model of the attempt answered."""
        got = self._received
        if len(got.attempt.models) > 1 and got.source is not None:
            named = [(model.name, model.provider_name) for model in got.attempt.models]
            for model in models or ():
                if model.id == got.source.model_id and (model.name, model.provider_name) in named:
                    return named.index((model.name, model.provider_name))
        return got.said_position or 0

    # The answer.

    def metadata(self) -> dict[str, Any]:
        """What `response_metadata` says of the answer; the names are promises (design.md)."""
        assert self.answer is not None  # noqa: S101 - asked for after settle() only
        got = self._received
        first_token_s = None if got.first_token_at is None else round(got.first_token_at - self._started_at, 4)
        data: dict[str, Any] = {
            "model_name": self.answer.name,
            "provider": self.answer.provider_name,
            "model_id": got.source.model_id if got.source is not None else None,
            "provider_id": got.source.provider_id if got.source is not None else None,
            "finish_reason": got.finish_reason,
            "route": self._route(),
            "latency": {"first_token": first_token_s, "total": round(got.ended_at - self._started_at, 4)},
            # Not the vendor: LangChain would read the content with that vendor's own parser.
            "model_provider": "gptrouter",
        }
        if got.id:
            data["id"] = got.id
        if dropped := self.dropped():
            data["dropped"] = dropped
        return data

    def dropped(self) -> list[str]:
        """What of the question did not reach the model that answered, in words."""
        if self.answer is None:
            return []
        return self._question.dropped_by(self._manners.of(self.answer.provider_name))

    def closing_chunk(self) -> ChatGenerationChunk:
        """The last chunk of a stream that was handed out."""
        return chunks.closing_chunk(self.metadata(), self._received.usage)

    def reply_chunks(self) -> list[ChatGenerationChunk]:
        """A plain reply as the chunk of a stream; empty when the answer was streamed."""
        reply = self._received.reply
        return [] if reply is None else [chunks.plain_chunk(choice) for choice in reply.choices[:1]]

    def result(self) -> ChatResult:
        """The whole answer, for callers that wait for it."""
        got, metadata = self._received, self.metadata()
        generations: list[ChatGeneration] = []
        if got.reply is not None:
            # The count is of all choices together; it is said once, so that nobody adds it up twice.
            generations = [
                chunks.generation(choice, metadata, got.usage if position == 0 else None)
                for position, choice in enumerate(got.reply.choices)
            ]
        # A plain reply may have no choices [L35]: that is an empty answer.
        generations = generations or [chunks.whole_message(got.text, got.rich, metadata, got.usage)]
        # No llm_output: LangChain would copy it over the metadata of `invoke` only, and stream would differ.
        return ChatResult(generations=generations)

    def _route(self) -> list[dict[str, Any]]:
        return [hop.to_dict() for hop in self._attempts.hops]
