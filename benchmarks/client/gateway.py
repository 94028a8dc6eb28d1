"""The gateway that all clients are measured against: replies encoded beforehand, on loopback, in its own process.

Run as a script it prints its address and serves until its standard input closes. A question says how long its answer
is to be: `[[1000]]` anywhere in it stands for a thousand tokens.
"""
# ruff: noqa: INP001, T201 - a script that speaks on stdout

from __future__ import annotations

import asyncio
import functools
import re
import sys
from typing import cast

import frames

_LENGTH = re.compile(rb"\[\[(\d+)]]")
_STREAMED = re.compile(rb'"stream":\s*true')
_CONTENT_LENGTH = re.compile(rb"\r\ncontent-length:\s*(\d+)", re.IGNORECASE)


class Connection(asyncio.Protocol):
    """One client's connection: answers each request as soon as it is whole."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keeps the way back."""
        self._transport = cast("asyncio.Transport", transport)
        self._received = b""

    def data_received(self, data: bytes) -> None:
        """Takes what came, and answers once a request is whole."""
        self._received += data
        head, blank, body = self._received.partition(b"\r\n\r\n")
        length = _CONTENT_LENGTH.search(head)
        if not blank or length is None or len(body) < int(length[1]):
            return
        self._received = b""
        asked = _LENGTH.search(body)
        count = int(asked[1]) if asked and _STREAMED.search(body) else 0
        self._transport.write(_reply(head.split(b" ", 2)[1].decode(), count))


@functools.cache
def _reply(path: str, count: int) -> bytes:
    return frames.streamed_reply(path, count) if count else frames.plain_reply(path)


async def _serve() -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Connection, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    print(f"http://{host}:{port}", flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(_serve())
