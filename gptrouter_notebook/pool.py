"""The process's HTTP connections: one pooled `httpx.Client`, and one `httpx.AsyncClient` per event loop.

A fresh client costs 18 ms, nearly all of it the TLS context, and a new connection for every call; so all gateways
of a process share these, and the TLS context with them. Proxies and certificate authorities come from the
environment, as httpx reads it (`HTTPS_PROXY`, `NO_PROXY`, `SSL_CERT_FILE` …), when the first call is made.
"""

from __future__ import annotations

import asyncio
import atexit
import functools
import os
import threading
from typing import TYPE_CHECKING

import httpx

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncGenerator

__all__ = ["async_client", "client", "close"]

# No ceiling on connections: a thousand streams at once are a thousand connections, and a queue here would
# look like a slow gateway. Idle ones are kept for the next call, but not without end.
_LIMITS = httpx.Limits(max_connections=None, max_keepalive_connections=64, keepalive_expiry=30.0)

_lock = threading.Lock()
_client: httpx.Client | None = None
_async_clients: dict[asyncio.AbstractEventLoop, tuple[httpx.AsyncClient, AsyncGenerator[None]]] = {}


def client() -> httpx.Client:
    """The process's client, for any thread."""
    global _client  # noqa: PLW0603 - one per process is the point
    with _lock:
        if _client is None:
            _client = httpx.Client(verify=_tls_context(), limits=_LIMITS)
        return _client


async def async_client() -> httpx.AsyncClient:
    """The running event loop's client; it is closed when the loop is shut down."""
    loop = asyncio.get_running_loop()
    entry = _async_clients.get(loop)
    if entry is None:
        with _lock:
            for gone in [known for known in _async_clients if known.is_closed()]:
                del _async_clients[gone]
        made = httpx.AsyncClient(verify=_tls_context(), limits=_LIMITS)
        keeper = _close_with_loop(loop, made)
        entry = _async_clients[loop] = (made, keeper)
        await anext(keeper)
    return entry[0]


async def _close_with_loop(loop: asyncio.AbstractEventLoop, made: httpx.AsyncClient) -> AsyncGenerator[None]:
    # A loop has no hook for its end, but it closes the async generators that were started on it
    # (`loop.shutdown_asyncgens`, which `asyncio.run` calls): this one waits for that.
    try:
        yield
    finally:
        _async_clients.pop(loop, None)
        await made.aclose()


def close() -> None:
    """Closes the idle connections of the process's client; the next call opens new ones."""
    global _client
    with _lock:
        old, _client = _client, None
    if old is not None:
        old.close()


def _forget() -> None:
    # A forked child must not speak on its parent's sockets, nor wait for a lock that a parent's thread held.
    global _client, _lock
    _client, _lock = None, threading.Lock()
    _async_clients.clear()


@functools.cache
def _tls_context() -> ssl.SSLContext:
    return httpx.create_ssl_context()


atexit.register(close)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
