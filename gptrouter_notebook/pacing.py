"""A stream's events at a bounded rate: text that comes faster is joined, and nothing is held longer than that.

Every chunk costs LangChain twice what reading it off the wire costs (shared/performance.md, A1), so few of them make
long answers cheap. Joined here, before there are chunks. The sync form runs on the worker's loop: a thread that
blocks in a read could not hand on what it holds when the stream stalls, nor be told to stop.
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing, suppress
from dataclasses import dataclass
from queue import SimpleQueue
from typing import TYPE_CHECKING

from gptrouter_notebook.sse import StreamEvent, TextDelta
from gptrouter_notebook.worker import check_may_wait, shared_worker

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Generator

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
    came: asyncio.Queue[_Batch] = asyncio.Queue()
    reader = asyncio.create_task(_read(events, came.put_nowait, interval_s))
    try:
        while not isinstance(batch := await came.get(), _Over):
            for event in batch:
                yield event
        if batch.error is not None:
            raise batch.error
    finally:
        reader.cancel()
        with suppress(asyncio.CancelledError):
            await reader


def paced(opened: Callable[[], AsyncGenerator[StreamEvent]], interval_s: float) -> Generator[StreamEvent]:
    """The sync twin of `apaced`; the stream itself is read on the worker's thread.

    Args:
        opened: Makes the stream.
        interval_s: The shortest time between two batches, in seconds.

    Raises:
        Exception: Whatever the stream raises, after everything that came before it.
        RuntimeError: Called on the worker's thread, which would wait for itself.
    """
    check_may_wait()
    came: SimpleQueue[_Batch] = SimpleQueue()
    handle = shared_worker().submit(_read(opened(), came.put, interval_s))
    try:
        while not isinstance(batch := came.get(), _Over):
            yield from batch
        if batch.error is not None:
            raise batch.error
    finally:
        handle.cancel()


@dataclass(frozen=True, slots=True)
class _Over:
    """The end of a stream, and what ended it."""

    error: Exception | None = None


_Batch = list[StreamEvent] | _Over


async def _read(events: AsyncGenerator[StreamEvent], put: Callable[[_Batch], object], interval_s: float) -> None:
    """Reads a stream to its end and puts its events in batches, and `_Over` behind them, also when cancelled."""
    held: list[StreamEvent] = []
    timer: asyncio.TimerHandle | None = None
    loop = asyncio.get_running_loop()

    def hand_on() -> None:
        nonlocal timer
        timer = None
        if held:
            put(_joined(held))
            held.clear()
            timer = loop.call_later(interval_s, hand_on)

    over = _Over()
    try:
        async with aclosing(events) as source:
            async for event in source:
                held.append(event)
                if timer is None:
                    hand_on()
                    # Else whoever waits would get the first one only after all that is buffered has been read.
                    await asyncio.sleep(0)
    except Exception as error:  # noqa: BLE001 - raised again where it is waited for
        over = _Over(error)
    finally:
        if timer is not None:
            timer.cancel()
        if held:
            put(_joined(held))
        put(over)


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
