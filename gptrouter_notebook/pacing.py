"""A stream's events at a bounded rate: text that comes faster is joined, and nothing is held longer than that.

Every chunk costs LangChain twice what reading it off the wire costs (shared/performance.md, A1), so few of them make
long answers cheap. Joined here, before there are chunks. The sync form runs on the worker's loop: a thread that
blocks in a read could not hand on what it holds when the stream stalls, nor be told to stop.
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing, suppress
from queue import SimpleQueue
from typing import TYPE_CHECKING

from gptrouter_notebook.sse import TextDelta
from gptrouter_notebook.worker import check_may_wait, shared_worker

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Generator

    from gptrouter_notebook.sse import StreamEvent

__all__ = ["apaced", "paced"]


async def apaced(events: AsyncGenerator[StreamEvent], interval_s: float) -> AsyncGenerator[StreamEvent]:
    """Yields the events of a stream, neighbouring text joined: the first at once, then a batch per interval.

    Closing the generator closes `events`.

    Args:
        events: The stream; it is read by a task of its own.
        interval_s: The shortest time between two batches, in seconds.

    Raises:
        Exception: Whatever `events` raises, after everything that came before it.
    """
    held: list[StreamEvent] = []
    has_some = asyncio.Event()

    async def read() -> None:
        try:
            async with aclosing(events) as source:
                async for event in source:
                    held.append(event)
                    if not has_some.is_set():
                        has_some.set()
                        # Else a whole read of buffered events would be held before the first is handed on.
                        await asyncio.sleep(0)
        finally:
            has_some.set()

    reader = asyncio.create_task(read())
    try:
        while True:
            await has_some.wait()
            has_some.clear()
            batch = _joined(held)
            held.clear()
            for event in batch:
                yield event
            await asyncio.wait((reader,), timeout=interval_s)
            if reader.done():
                for event in _joined(held):
                    yield event
                reader.result()
                return
    finally:
        reader.cancel()
        with suppress(asyncio.CancelledError, Exception):
            await reader


def paced(opened: Callable[[], AsyncGenerator[StreamEvent]], interval_s: float) -> Generator[StreamEvent]:
    """The sync twin of `apaced`; the stream itself is read on the worker's thread.

    Args:
        opened: Makes the stream; called on the worker's thread.
        interval_s: The shortest time between two batches, in seconds.

    Raises:
        Exception: Whatever the stream raises, after everything that came before it.
        RuntimeError: Called on the worker's thread, which would wait for itself.
    """
    check_may_wait()
    came: SimpleQueue[StreamEvent | _Over] = SimpleQueue()

    async def read() -> None:
        over = _Over(None)
        try:
            async with aclosing(apaced(opened(), interval_s)) as events:
                async for event in events:
                    came.put(event)
        except Exception as error:  # noqa: BLE001 - raised again where it is waited for
            over = _Over(error)
        finally:
            came.put(over)

    handle = shared_worker().submit(read())
    try:
        while not isinstance(event := came.get(), _Over):
            yield event
        if event.error is not None:
            raise event.error
    finally:
        handle.cancel()


class _Over:
    """The end of a stream, and what ended it."""

    def __init__(self, error: Exception | None) -> None:
        self.error = error


def _joined(events: list[StreamEvent]) -> list[StreamEvent]:
    """The events with each run of plain text in one."""
    joined: list[StreamEvent] = []
    run: list[TextDelta] = []
    for event in events:
        if type(event) is TextDelta and not (event.finish_reason or event.tool_calls or event.citations):
            run.append(event)
        else:
            joined += _one(run)
            run.clear()
            joined.append(event)
    return joined + _one(run)


def _one(run: list[TextDelta]) -> list[StreamEvent]:
    if len(run) < 2:  # noqa: PLR2004 - one is joined already
        return list(run)
    text = "".join([event.text for event in run])
    return [run[-1]._replace(text=text, reasoning="".join([event.reasoning for event in run]))]
