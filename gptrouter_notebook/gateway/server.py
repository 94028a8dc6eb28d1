"""The embedded gateway as Python code starts, watches and stops it."""

from __future__ import annotations

import atexit
import secrets
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self

from gptrouter_notebook.gateway.catalogue import Catalogue, demo_catalogue
from gptrouter_notebook.gateway.keys import Keys, User
from gptrouter_notebook.gateway.serving import Serving, listen
from gptrouter_notebook.gateway.state import State

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

REQUESTS_KEPT = 1000
CHECKS_BEFORE_START = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How a gateway is run; what `start_gateway` does not offer is for tests."""

    catalogue: Catalogue
    host: str = "127.0.0.1"
    port: int = 0
    key: str = field(repr=False)
    user_keys: Sequence[str] = field(default=(), repr=False)
    users: Sequence[User] = ()
    checks_before_start: int = CHECKS_BEFORE_START
    """Health rows each checkable model has at the start; with 0 nothing is available at first."""


def start_gateway(
    host: str = "127.0.0.1",
    port: int = 0,
    key: str | None = None,
    *,
    catalogue: Catalogue | None = None,
    user_keys: Sequence[str] = (),
    token_delay_s: float = 0.02,
) -> RunningGateway:
    """Start an embedded gateway in this process; it answers when this returns.

    Args:
        host: Address to listen on. Anything but a loopback address opens it to other machines.
        port: Port to listen on; 0 takes a free one.
        key: The server's own secret; None makes a random one (`gateway.key`).
        catalogue: What it offers; None: the demo models.
        user_keys: Keys with an allowance of ten generations a day each.
        token_delay_s: Seconds between two pieces of a demo model's streamed answer.

    Returns:
        The running gateway. Close it, or use it in a `with` statement; it ends with the process anyway.

    Raises:
        OSError: The address is in use or not this machine's.
        ValueError: The key is empty.
    """
    if key == "":
        raise ValueError("A gateway needs a key: pass a non-empty one, or None for a random one.")
    settings = Settings(
        catalogue=catalogue or demo_catalogue(token_delay_s),
        host=host,
        port=port,
        key=key or secrets.token_urlsafe(24),
        user_keys=tuple(user_keys),
    )
    return RunningGateway(settings)


class RunningGateway:
    """A gateway that is listening, until `close()` or the end of the process.

    Args:
        settings: How to run it.
    """

    url: str
    """`http://HOST:PORT`, without a slash at the end."""
    key: str
    """The server's own secret."""
    requests: deque[dict[str, Any]]
    """The bodies of the last thousand generate requests as received, newest last."""

    def __init__(self, settings: Settings) -> None:
        self.key = settings.key
        self.requests = deque(maxlen=REQUESTS_KEPT)
        self._state = State(settings.catalogue, Keys(settings.key, settings.user_keys, settings.users), self.requests)
        now = datetime.now(UTC)
        for back in range(settings.checks_before_start - 1, -1, -1):
            self._state.health.check(settings.catalogue.models, now=now, back=back)
        listening = listen(settings.host, settings.port)
        host, port = listening.getsockname()[:2]
        self.url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
        self._serving = Serving(self._state, listening, settings.host)
        atexit.register(self.close)

    @property
    def open_streams(self) -> int:
        """How many clients are being streamed to right now."""
        return self._state.open_streams

    def set_health(self, model: str, available: bool, latency_ms: int) -> None:  # noqa: FBT001 # promised so
        """Append a newest health row.

        Args:
            model: `provider/name`.
            available: Whether the check was good.
            latency_ms: What it took; above 4000 the gateway skips the model.

        Raises:
            ValueError: The gateway has no such model.
        """
        found = self._state.catalogue.model_by_full_name(model)
        status = "ok" if available else "set unavailable by hand"
        now = datetime.now(UTC)
        self._state.health.add(found, status, available=available, latency_ms=latency_ms, at=now)

    def forget_health(self, model: str) -> None:
        """Remove a model's health rows, as if it had never been checked.

        Args:
            model: `provider/name`.

        Raises:
            ValueError: The gateway has no such model.
        """
        self._state.health.forget(self._state.catalogue.model_by_full_name(model))

    def close(self) -> None:
        """End every stream, stop listening and wait until the thread is gone; again is no error."""
        atexit.unregister(self.close)
        self._serving.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<RunningGateway {self.url}{' (closed)' if self._serving.is_over else ''}>"
