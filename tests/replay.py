"""A loopback gateway that answers with recorded bytes, and remembers what it was asked."""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

# A copy of the recordings, so that a clone is all that the tests need.
WIRE = Path(__file__).resolve().parent / "wire"


def recorded(prefix: str) -> dict[str, Any]:
    """The recorded exchange whose file name starts with `prefix`."""
    [path] = WIRE.glob(f"{prefix}-*.json")
    return json.loads(path.read_text())


def recorded_bytes(exchange: dict[str, Any]) -> tuple[bytes, bool]:
    """The reply of a recorded exchange as it stood on the wire, and whether the connection breaks behind it."""
    response = exchange["response"]
    broken = "transport_error" in response
    if "raw_http" in response:
        return response["raw_http"].encode(), False
    headers = {"connection": "keep-alive", **response["headers"]}
    if "raw_sse" in response:
        headers["transfer-encoding"] = "chunked"
        frames = [frame + "\n\n" for frame in response["raw_sse"].split("\n\n")[:-1]]
        body = b"".join(chunk(frame.encode()) for frame in frames) + (b"" if broken else b"0\r\n\r\n")
    else:
        text = json.dumps(response["body"], ensure_ascii=False) if "body" in response else response.get("raw_body", "")
        body = text.encode()
        headers["content-length"] = str(len(body))
    head = f"HTTP/1.1 {response['status']} X\r\n" + "".join(f"{k}: {v}\r\n" for k, v in headers.items())
    return head.encode() + b"\r\n" + body, broken


def chunk(data: bytes) -> bytes:
    """One chunk of a chunked body."""
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


def json_reply(status: int, value: Any, **headers: str) -> bytes:
    """A JSON reply as bytes."""
    body = json.dumps(value).encode()
    lines = {"content-type": "application/json; charset=utf-8", "content-length": str(len(body)), **headers}
    head = f"HTTP/1.1 {status} X\r\n"
    head += "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in lines.items())
    return head.encode() + b"\r\n" + body


def sse_reply(*events: dict[str, Any] | str) -> bytes:
    """A streamed reply as bytes: dicts become `data:` events, strings stand as they are; no chunk ends it."""
    head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ntransfer-encoding: chunked\r\n\r\n"
    frames = [
        event if isinstance(event, str) else f"data: {json.dumps(event, ensure_ascii=False)}\n\n" for event in events
    ]
    return head + b"".join(chunk(frame.encode()) for frame in frames)


END_OF_BODY = b"0\r\n\r\n"


@dataclass
class Asked:
    """One request as it arrived."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body) if self.body else None


@dataclass
class Answer:
    """What to do with the next request."""

    data: bytes
    then: str = "keep"  # keep the connection, "close", "half-close" or "reset" it, or "hold" it open and silent
    split: int = 0  # bytes per write; 0 sends all at once
    pause_s: float = 0  # between two writes
    again: bytes = b""  # sent for ever after, with the same pauses, until the client leaves


@dataclass
class Replay:
    """A server on loopback that answers from a queue by path prefix; the last answer of a queue is repeated."""

    answers: dict[str, list[Answer]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    open_connections: int = 0

    def __post_init__(self) -> None:
        self._changed = threading.Condition()
        self._closing = threading.Event()
        self._sockets: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._accepting = threading.Thread(target=self._accept)
        self._accepting.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._changed:
            for held in self._sockets:
                held.close() if held.fileno() < 0 else held.shutdown(socket.SHUT_RDWR)
        self._accepting.join()
        for thread in self._threads:
            thread.join()

    def on(self, path: str, *answers: Answer | bytes) -> Replay:
        """Answers requests for paths that start with `path`, one answer each."""
        self.answers[path] = [answer if isinstance(answer, Answer) else Answer(answer) for answer in answers]
        return self

    def wait_for(self, condition: Any, timeout_s: float = 5.0) -> None:
        """Waits until `condition(self)` holds."""
        with self._changed:
            assert self._changed.wait_for(lambda: condition(self), timeout_s), "the server never saw that"

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with self._changed:
                self._sockets.add(connection)
                self.open_connections += 1
                self._changed.notify_all()
            thread = threading.Thread(target=self._serve, args=(connection,))
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            with connection:
                stream = connection.makefile("rb")
                while (asked := self._read(stream)) is not None:
                    answer = self._note(asked)
                    step = answer.split or len(answer.data)
                    for start in range(0, len(answer.data), max(step, 1)):
                        connection.sendall(answer.data[start : start + step])
                        self._closing.wait(answer.pause_s)
                    while answer.again and not self._closing.wait(answer.pause_s):
                        connection.sendall(answer.again)
                    if answer.then == "reset":
                        # Closed with nothing lingering, a socket says RST instead of FIN.
                        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                        stream.close()
                    if answer.then in {"close", "reset"}:
                        return
                    if answer.then == "half-close":
                        connection.shutdown(socket.SHUT_WR)
                    if answer.then in {"hold", "half-close"}:
                        stream.read(1)  # returns when the client leaves
                        return
        except OSError:
            pass
        finally:
            with self._changed:
                self._sockets.discard(connection)
                self.open_connections -= 1
                self._changed.notify_all()

    def _note(self, asked: Asked) -> Answer:
        with self._changed:
            self.asked.append(asked)
            self._changed.notify_all()
            matching = [path for path in self.answers if asked.path.startswith(path)]
            if not matching:
                return Answer(json_reply(404, {"message": f"Route {asked.method}:{asked.path} not found"}))
            queue = self.answers[max(matching, key=len)]
            return queue.pop(0) if len(queue) > 1 else queue[0]

    @staticmethod
    def _read(stream: Any) -> Asked | None:
        line = stream.readline()
        if not line:
            return None
        method, path, _ = line.decode().split(" ", 2)
        headers = {}
        while (line := stream.readline().strip()) != b"":
            name, _, value = line.decode().partition(":")
            headers[name.lower()] = value.strip()
        return Asked(method, path, headers, stream.read(int(headers.get("content-length", 0))))


def eventually(condition: Any, timeout_s: float = 5.0) -> None:
    """Waits for a state that no event announces."""
    ends = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < ends, "that never came to be"
        time.sleep(0.005)
