"""The gateway that the panel asks: answers encoded beforehand, at the pace the question asks for.

Run as a script it prints its address and serves until its standard input closes.
"""
# ruff: noqa: INP001, T201 - a script that speaks on stdout

from __future__ import annotations

import asyncio
import functools
import json
import re
import sys
from pathlib import Path
from typing import cast

HERE = Path(__file__).resolve().parent
sys.path.append(str(HERE.parent / "client"))

import answers  # noqa: E402
import frames  # noqa: E402

WIRE = HERE.parents[1] / "tests" / "wire"
RECORDED = {
    "/api/v1/model/all": "03-models-all",
    "/api/v1/healthcheck": "09-healthcheck-history",
    "/api/v1/model-usage/model": "50-usage",
}
"""What else a panel reads, as a real gateway said it."""

TICK_S = 0.001
_ASKED = re.compile(rb"\[\[(\w+) (\d+) (\d+)]]")
_CONTENT_LENGTH = re.compile(rb"\r\ncontent-length:\s*(\d+)", re.IGNORECASE)


class Connection(asyncio.Protocol):
    """One client's connection: answers each request when it is whole."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keeps the way back."""
        self._transport = cast("asyncio.Transport", transport)
        self._received = b""
        self._answering: asyncio.Task[None] | None = None

    def connection_lost(self, exc: Exception | None) -> None:
        """Says no more: the client pressed Stop."""
        del exc
        if self._answering is not None:
            self._answering.cancel()

    def data_received(self, data: bytes) -> None:
        """Takes what came, and answers once a request is whole."""
        self._received += data
        head, blank, body = self._received.partition(b"\r\n\r\n")
        length = _CONTENT_LENGTH.search(head)
        if not blank or len(body) < (int(length[1]) if length else 0):
            return
        self._received = b""
        # The newest question: those before it stand in the conversation.
        if asked := _ASKED.findall(body):
            kind, count, rate = asked[-1]
            self._answering = asyncio.create_task(self._answer(kind.decode(), int(count), int(rate)))
        else:
            self._transport.write(_recorded(head.split(b" ", 2)[1].decode().partition("?")[0]))

    async def _answer(self, kind: str, count: int, rate: int) -> None:
        events = _events(kind, count)
        self._transport.write(frames.STREAM_HEADERS)
        began, sent = asyncio.get_running_loop().time(), 0
        while rate and sent < count:
            # By the clock: sleeps that take too long do not add up.
            due = min(count, int((asyncio.get_running_loop().time() - began) * rate))
            if due > sent:
                self._transport.write(b"".join(events[sent:due]))
                sent = due
            await asyncio.sleep(TICK_S)
        self._transport.write(b"".join(events[sent:]) + frames.chunked(b""))


@functools.cache
def _events(kind: str, count: int) -> list[bytes]:
    return [frames.chunked(event) for event in frames.gateway_events(list(answers.pieces(kind, count)))]


@functools.cache
def _recorded(path: str) -> bytes:
    name = RECORDED.get(path)
    body = json.loads((WIRE / f"{name}.json").read_text())["response"]["body"] if name else {"message": "Not Found"}
    content = json.dumps(body).encode()
    status = b"200 OK" if name else b"404 Not Found"
    head = f"content-type: application/json\r\ncontent-length: {len(content)}\r\n\r\n"
    return b"HTTP/1.1 " + status + b"\r\n" + head.encode() + content


async def _serve() -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Connection, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    print(f"http://{host}:{port}", flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(_serve())
