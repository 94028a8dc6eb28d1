"""The gateway's door: the Host header, the key and the allowance, before any route is looked at."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Any

from starlette.datastructures import Headers
from starlette.responses import Response

from gptrouter_notebook.gateway.generate import to_json
from gptrouter_notebook.gateway.keys import Allowances, Keys

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

API = "/api/v1"
LOGIN = f"{API}/user/login"
GENERATE = f"{API}/generate"
ANYWHERE = frozenset({"0.0.0.0", "::", ""})  # noqa: S104 # recognised here, bound to only if asked
MOST_REQUESTS = 256
"""Answered at the same time; what comes beyond is told to come again."""
RETRY_AFTER_S = 1


class Door:
    """Lets known callers through, and not more than a crowd at a time.

    Args:
        app: What lies behind.
        keys: Who is known.
        bound_host: The address the server listens on.
    """

    def __init__(self, app: ASGIApp, keys: Keys, bound_host: str) -> None:
        self._app = app
        self._keys = keys
        self._bound_host = bound_host
        self._allowances = Allowances()
        self._inside = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or refuse it."""
        if self._inside >= MOST_REQUESTS:
            refusal = respond(
                {"message": "Too many requests at the same time"}, 503, {"retry-after": str(RETRY_AFTER_S)}
            )
            await refusal(scope, receive, send)
            return
        self._inside += 1
        try:
            await self._admit(scope, receive, send)
        finally:
            self._inside -= 1

    async def _admit(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers, path = Headers(scope=scope), scope["path"]
        if not is_own_name(headers.get("host", ""), self._bound_host):
            await respond({"message": "Forbidden"}, 403)(scope, receive, send)
            return
        if not path.startswith(API) or path == LOGIN:
            await self._app(scope, receive, send)
            return
        caller = self._keys.recognise(headers)
        if caller is None:
            await respond({"message": "Unauthorized"}, 401)(scope, receive, send)
            return
        scope["caller"] = caller
        if caller.allowance is None or not path.startswith(GENERATE):
            await self._app(scope, receive, send)
            return
        left = self._allowances.take(caller.allowance)

        async def send_with_allowance(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *left.headers()]
            await send(message)

        if left.refused:
            refusal = respond({"message": "You've reached a limit on preview generations"}, 429)
            await refusal(scope, receive, send_with_allowance)
        else:
            await self._app(scope, receive, send_with_allowance)


def is_own_name(host: str, bound_host: str) -> bool:
    """Whether a Host header names this machine.

    A web page may send requests to a name of its own that points here (DNS rebinding); its Host header tells.

    Args:
        host: The header, with or without a port.
        bound_host: The address the server listens on. If it is every address, any IP address will do.
    """
    name = _without_port(host)
    if name == "localhost" or (name and name == bound_host.lower()):
        return True
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return False
    return address.is_loopback or bound_host in ANYWHERE


def respond(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON reply with the gateway's content type."""
    content_type = "application/json; charset=utf-8"
    return Response(to_json(value), status, {"content-type": content_type, **(headers or {})})


def _without_port(host: str) -> str:
    if host.startswith("["):
        return host[1:].partition("]")[0].lower()
    return host.partition(":")[0].lower()
