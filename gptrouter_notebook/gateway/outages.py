"""Scripted outages: models that fail in the ways real ones do, each in one way only."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, NoReturn

from gptrouter_notebook.gateway.demo import DemoModel
from gptrouter_notebook.gateway.question import Question
from gptrouter_notebook.gateway.upstream import Checked, Chunk, Completion, Opened, ProviderError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping

TOKENS_BEFORE_BREAK = 12
TOKENS_BEFORE_EARLY_END = 12
TOKENS_BEFORE_STALL = 5
MEMORY_TOKENS = 200
CHECKS_DOWN = 3
"""How many of the newest checks of `down` failed."""


class Down(DemoModel):
    """Was well a quarter of an hour ago; answers 503 since."""

    def check(self, back: int) -> Checked | None:
        """Fail the newest checks."""
        if back < CHECKS_DOWN:
            _refuse()
        return super().check(back)

    async def complete(self, _body: Mapping[str, Any]) -> Completion:
        """Fail."""
        _refuse()

    async def open_stream(self, _body: Mapping[str, Any]) -> Opened:
        """Fail before the headers."""
        _refuse()


class NeverChecked(DemoModel):
    """Answers, but has no health row, so it is never asked."""

    def check(self, _back: int) -> Checked | None:
        """Leave no row."""
        return None


class FailsFirst(DemoModel):
    """Healthy, and fails after its headers, before the first token."""

    async def complete(self, _body: Mapping[str, Any]) -> Completion:
        """Fail."""
        raise ProviderError("The demo provider failed before its first word.")

    async def open_stream(self, body: Mapping[str, Any]) -> Opened:
        """Open a stream that begins with its error."""
        opened = await super().open_stream(body)
        error = ProviderError("The demo provider failed before its first word.")
        return Opened(opened.id, _cut(opened.chunks, 0, error))


class ShortMemory(DemoModel):
    """Healthy; refuses conversations that are longer than its memory, in the words of OpenAI's API."""

    async def complete(self, body: Mapping[str, Any]) -> Completion:
        """Answer, or refuse."""
        _check_length(body)
        return await super().complete(body)

    async def open_stream(self, body: Mapping[str, Any]) -> Opened:
        """Open a stream, or refuse before it."""
        _check_length(body)
        return await super().open_stream(body)


class Breaks(DemoModel):
    """Healthy; the connection breaks in mid-answer."""

    async def complete(self, _body: Mapping[str, Any]) -> Completion:
        """Fail."""
        raise ProviderError("Premature close")

    async def open_stream(self, body: Mapping[str, Any]) -> Opened:
        """Open a stream that breaks after some tokens."""
        opened = await super().open_stream(body)
        return Opened(opened.id, _cut(opened.chunks, TOKENS_BEFORE_BREAK, ProviderError("Premature close")))


class EndsEarly(DemoModel):
    """Healthy; the provider closes cleanly in mid-answer, without a finish_reason [L36]."""

    async def complete(self, _body: Mapping[str, Any]) -> Completion:
        """Fail: half a JSON text is none."""
        raise ProviderError("Unexpected end of JSON input")

    async def open_stream(self, body: Mapping[str, Any]) -> Opened:
        """Open a stream that just stops."""
        opened = await super().open_stream(body)
        return Opened(opened.id, _cut(opened.chunks, TOKENS_BEFORE_EARLY_END, None))


class Stalls(DemoModel):
    """Healthy; falls silent in mid-answer and keeps the connection open [48]."""

    async def complete(self, _body: Mapping[str, Any]) -> Completion:
        """Never answer: only a timeout or the client's leaving ends it."""
        return await asyncio.Future[Completion]()

    async def open_stream(self, body: Mapping[str, Any]) -> Opened:
        """Open a stream that falls silent."""
        opened = await super().open_stream(body)
        return Opened(opened.id, _silenced(opened.chunks))


def _check_length(body: Mapping[str, Any]) -> None:
    length = Question(body).tokens
    if length > MEMORY_TOKENS:
        raise ProviderError(
            f"This model's maximum context length is {MEMORY_TOKENS} tokens. However, your messages resulted in "
            f"{length} tokens. Please reduce the length of the messages.",
            400,
        )


def _refuse() -> NoReturn:
    raise ProviderError("The demo model is down.", 503)


async def _cut(chunks: AsyncGenerator[Chunk], after: int, error: ProviderError | None) -> AsyncGenerator[Chunk]:
    spoken = 0
    async with aclosing(chunks):
        async for chunk in chunks:
            # Never the last chunk: an answer too short to be cut must not look whole either.
            if spoken == after or chunk.finish_reason:
                break
            spoken += bool(chunk.text or chunk.tool_calls)
            yield chunk
    if error is not None:
        raise error


async def _silenced(chunks: AsyncGenerator[Chunk]) -> AsyncGenerator[Chunk]:
    async with aclosing(_cut(chunks, TOKENS_BEFORE_STALL, None)) as spoken:
        async for chunk in spoken:
            yield chunk
    await asyncio.Future[None]()
