"""An HTTP connection that is given up when its client takes for ever to ask.

uvicorn waits for a request's head as long as a client likes, and a byte now and then keeps an idle connection: a few
hundred of those, and nobody else gets in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from uvicorn.protocols.http.h11_impl import H11Protocol

if TYPE_CHECKING:
    import asyncio

HEAD_PATIENCE_S = 30.0
"""From the beginning of a connection, or the first byte after an answer, to the end of a request's head."""


class PatientProtocol(H11Protocol):
    """uvicorn's connection, with a limit on how long a request's head may take."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._giving_up: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        """Begin to wait for a request."""
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Stop waiting if the head is there; a part of it earns no more time."""
        super().data_received(data)
        is_asked = self.cycle is not None and not self.cycle.response_complete
        if is_asked:
            self._stop_waiting()
        elif self._giving_up is None:
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Leave no timer behind."""
        self._stop_waiting()
        super().connection_lost(exc)

    def _wait(self) -> None:
        self._giving_up = self.loop.call_later(HEAD_PATIENCE_S, self.transport.abort)

    def _stop_waiting(self) -> None:
        if self._giving_up is not None:
            self._giving_up.cancel()
            self._giving_up = None
