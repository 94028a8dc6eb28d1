"""An HTTP client that hides nothing: the head, and every chunk as it was framed."""

from __future__ import annotations

import json
import socket
from contextlib import closing
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

PATIENCE_S = 10.0


@dataclass
class Reply:
    """One reply: the body is in `chunks` as framed, or whole."""

    head: bytes
    chunks: list[bytes]
    raw_body: bytes
    is_whole: bool
    """False if the connection broke, or fell silent, before the end."""

    @property
    def status(self) -> int:
        return int(self.head.split(b" ", 2)[1])

    @property
    def headers(self) -> dict[str, str]:
        lines = self.head.decode("latin-1").split("\r\n")[1:]
        return {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}

    @property
    def text(self) -> str:
        return b"".join(self.chunks).decode()

    def json(self) -> Any:
        return json.loads(self.text)


def connect(url: str, *, receive_buffer_bytes: int = 0) -> socket.socket:
    """A connection; a small receive buffer makes a client that does not read felt soon."""
    where = urlsplit(url)
    connection = socket.socket()
    connection.settimeout(PATIENCE_S)
    if receive_buffer_bytes:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer_bytes)
    connection.connect((where.hostname, where.port))
    return connection


def head_of(url: str, method: str, path: str, headers: dict[str, str], body: bytes) -> bytes:
    lines = {"host": urlsplit(url).netloc, **headers}
    if body or method == "POST":
        lines["content-length"] = str(len(body))
    told = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"{method} {path} HTTP/1.1\r\n{told}\r\n".encode()


def talk(
    url: str, method: str, path: str, headers: dict[str, str], body: bytes = b"", *, silence_s: float = 0
) -> Reply:
    """Send one request and read its reply.

    Args:
        url: The gateway's address.
        method: HTTP method.
        path: Path with query.
        headers: Headers beside host and content-length.
        body: Request body.
        silence_s: Seconds without a byte after which the reply counts as fallen silent; 0: that is an error.
    """
    with closing(connect(url)) as connection:
        connection.sendall(head_of(url, method, path, headers, body) + body)
        if silence_s:
            connection.settimeout(silence_s)
        with connection.makefile("rb") as incoming:
            return _read(incoming, forgiving=bool(silence_s))


def read_reply(connection: socket.socket) -> Reply:
    """The next reply on a connection that stays open."""
    with connection.makefile("rb") as incoming:
        return _read(incoming, forgiving=False)


def _read(incoming: Any, *, forgiving: bool) -> Reply:
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += incoming.readline() or _refuse("the connection broke before the head")
    reply = Reply(head.removesuffix(b"\r\n\r\n"), [], b"", is_whole=False)
    if "content-length" in reply.headers:
        reply.raw_body = incoming.read(int(reply.headers["content-length"]))
        reply.chunks = [reply.raw_body]
        reply.is_whole = True
        return reply
    try:
        while size := incoming.readline():
            chunk = incoming.read(int(size, 16) + 2)
            reply.raw_body += size + chunk
            if size == b"0\r\n":
                reply.is_whole = True
                break
            reply.chunks.append(chunk.removesuffix(b"\r\n"))
    except TimeoutError:
        if not forgiving:
            raise
    return reply


def _refuse(why: str) -> bytes:
    raise AssertionError(why)
