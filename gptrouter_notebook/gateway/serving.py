"""A daemon thread with a loop of its own, in which uvicorn serves the gateway."""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import uvicorn

from gptrouter_notebook.gateway.app import build_app
from gptrouter_notebook.gateway.patience import PatientProtocol
from gptrouter_notebook.gateway.store import CHECK_EVERY

if TYPE_CHECKING:
    from gptrouter_notebook.gateway.state import State

MOST_CONNECTIONS = 512
"""The server's last line, idle ones counted; requests in progress are bounded by the door."""
START_PATIENCE_S = 10.0
GRACE_S = 1
KEEP_ALIVE_S = 72
"""As long as the real gateway's: a shorter one would close connections that clients still count on."""
DATE_EVERY_S = 1.0
_POLL_S = 0.005
_POLLS_BEFORE_LEAVING = 200
_LOGGERS = ("uvicorn", "uvicorn.error", "uvicorn.access", "uvicorn.asgi")


def listen(host: str, port: int) -> socket.socket:
    """A socket bound to an address, so that the port is known, or refused, in the caller's thread.

    Raises:
        OSError: The address is in use or not this machine's.
    """
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    listening = socket.socket(family, kind, protocol)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
    except OSError:
        listening.close()
        raise
    return listening


class Serving:
    """The thread, from its start to its end.

    Args:
        state: What the gateway knows.
        listening: The socket to serve.
        host: The address it is bound to, as given.
    """

    def __init__(self, state: State, listening: socket.socket, host: str) -> None:
        self._state = state
        self._listening = listening
        self._begun = threading.Event()
        self._server = _Server(
            uvicorn.Config(
                build_app(state, host),
                http=PatientProtocol,
                ws="none",
                lifespan="off",
                interface="asgi3",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                limit_concurrency=MOST_CONNECTIONS,
                timeout_keep_alive=KEEP_ALIVE_S,
                timeout_graceful_shutdown=GRACE_S,
            ),
            self._begun,
        )
        self._loop: asyncio.AbstractEventLoop | None = None
        self._over = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="gptrouter-gateway", daemon=True)
        self._thread.start()
        if not self._begun.wait(START_PATIENCE_S):
            raise RuntimeError("The embedded gateway did not start: restart the kernel and try again.")

    @property
    def is_over(self) -> bool:
        """Whether the thread has ended."""
        return not self._thread.is_alive()

    def stop(self) -> None:
        """End every stream and wait until the thread is gone; again is no error."""
        if self._loop is not None:
            with suppress(RuntimeError):  # the loop is closed already
                self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join()

    def _run(self) -> None:
        quiet = _Quiet(threading.get_ident())
        for name in _LOGGERS:
            logging.getLogger(name).addFilter(quiet)
        try:
            asyncio.run(self._serve())
        finally:
            for name in _LOGGERS:
                logging.getLogger(name).removeFilter(quiet)

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        serving = asyncio.create_task(self._server.serve(sockets=[self._listening]))
        checking = asyncio.create_task(self._keep_checking())
        await self._over.wait()
        checking.cancel()
        connected = self._server.server_state
        for task in list(connected.tasks):
            task.cancel()
        self._server.leave()
        await asyncio.gather(serving, checking, return_exceptions=True)
        for connection in list(connected.connections):
            connection.transport.abort()  # its client reads no more, so closing would wait for ever
        for _ in range(_POLLS_BEFORE_LEAVING):
            if not connected.connections and not connected.tasks:
                break
            await asyncio.sleep(_POLL_S)

    async def _keep_checking(self) -> None:
        while True:
            await asyncio.sleep(CHECK_EVERY.total_seconds())
            self._state.health.check(self._state.catalogue.models, now=datetime.now(UTC))


class _Server(uvicorn.Server):
    """Says when it has begun to answer, and sleeps until it is told to leave.

    uvicorn's own loop wakes ten times a second to ask itself whether to go on.
    """

    def __init__(self, config: uvicorn.Config, begun: threading.Event) -> None:
        super().__init__(config)
        self._begun = begun
        self._leaving = asyncio.Event()

    def leave(self) -> None:
        self.should_exit = True
        self._leaving.set()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._begun.set()

    async def main_loop(self) -> None:
        while not await self.on_tick(0):  # refreshes the Date header
            with suppress(TimeoutError):
                await asyncio.wait_for(self._leaving.wait(), DATE_EVERY_S)


class _Quiet(logging.Filter):
    """Drops what uvicorn logs on one thread: a kernel has no log to read, only cells to spoil."""

    def __init__(self, thread_id: int) -> None:
        super().__init__()
        self._thread_id = thread_id

    def filter(self, record: logging.LogRecord) -> bool:
        return record.thread != self._thread_id
