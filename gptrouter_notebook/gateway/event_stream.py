"""A reply that ends the moment its client goes away, sent event by event if it is a stream."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING, TypeVar

from gptrouter_notebook.gateway.generate import StreamBroken

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Coroutine

    from starlette.types import Receive, Scope, Send

STREAM_HEADERS = (
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"connection", b"keep-alive"),
    (b"cache-control", b"no-cache,no-transform"),
    (b"x-no-compression", b"1"),
)

T = TypeVar("T")


class EventStream:
    """An ASGI reply of one chunk per frame [L07].

    Starlette's own streaming reply notices a client's leaving only when it sends; a model that has fallen silent
    would be kept for ever.

    Args:
        frames: The events; closed when the client goes away.
        on_open: Called when the stream begins.
        on_close: Called when it has ended, however.
    """

    def __init__(
        self, frames: AsyncGenerator[bytes], on_open: Callable[[], None], on_close: Callable[[], None]
    ) -> None:
        self._frames = frames
        self._on_open = on_open
        self._on_close = on_close

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        """Send the events until they end or nobody listens."""
        self._on_open()
        try:
            await unless_gone(receive, self._send_all(send))
        except StreamBroken:
            return  # without a last chunk: the server cuts the connection
        finally:
            self._on_close()

    async def _send_all(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": list(STREAM_HEADERS)})
        async with aclosing(self._frames) as frames:
            async for frame in frames:
                await send({"type": "http.response.body", "body": frame, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def unless_gone(receive: Receive, work: Coroutine[None, None, T]) -> T | None:
    """Do some work for a client; None, and the work cancelled, as soon as the client has gone.

    Args:
        receive: The request's ASGI channel, its body read to the end.
        work: What to do.
    """
    working = asyncio.ensure_future(work)
    leaving = asyncio.ensure_future(_gone(receive))
    try:
        await asyncio.wait({working, leaving}, return_when=asyncio.FIRST_COMPLETED)
        return await working if working.done() else None
    finally:
        working.cancel()
        leaving.cancel()
        await asyncio.gather(working, leaving, return_exceptions=True)


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
