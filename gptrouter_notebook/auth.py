"""The API key, in a box that does not print or pickle what it holds, and the one place that opens it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import httpx

from gptrouter_notebook.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

__all__ = ["KEY_VARIABLE", "GatewayAuth", "Secret"]

KEY_VARIABLE = "GPT_ROUTER_API_KEY"


class Secret:
    """A key; `get_secret_value()` is the only way to it, and `GatewayAuth` its only caller.

    A pickle of it is empty: where it wakes up, the key is read from that machine's `GPT_ROUTER_API_KEY`.
    """

    __slots__ = ("get_secret_value",)

    get_secret_value: Callable[[], str]

    def __init__(self, value: str) -> None:
        value = value.strip()
        # A closure, so that neither `vars`, `__slots__` nor a traceback that prints attributes shows the text.
        self.get_secret_value = lambda: value

    @classmethod
    def from_environment(cls) -> Secret | None:
        """The key of `GPT_ROUTER_API_KEY`, or None when the variable is unset or empty."""
        value = os.environ.get(KEY_VARIABLE, "").strip()
        return cls(value) if value else None

    def checked(self) -> Secret:
        """This secret, if it can be sent at all.

        Raises:
            ConfigurationError: The key has characters that no HTTP header can carry.
        """
        if not all("!" <= letter <= "~" or letter == " " for letter in self.get_secret_value()):
            raise ConfigurationError(
                f"The key holds a line break or a character outside ASCII: copy it again into {KEY_VARIABLE}."
            )
        return self

    def __repr__(self) -> str:
        return "Secret('**********')"

    __str__ = __repr__

    def __reduce__(self) -> tuple[Any, ...]:
        return _wake, ()


def _wake() -> Secret | None:
    return Secret.from_environment()


class GatewayAuth(httpx.Auth):
    """Puts the key on a request: the one place that unwraps it.

    Args:
        key: The key; one that starts with `Bearer ` is sent as an `Authorization` header, for login tokens.
    """

    def __init__(self, key: Secret) -> None:
        self._key = key

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response]:
        """Adds the header to `request`, until there is an answer or a failure: a debugger prints what is left."""
        value = self._key.get_secret_value
        name = "authorization" if value().startswith("Bearer ") else "ws-secret"
        request.headers[name] = value()
        try:
            yield request
        finally:
            del request.headers[name]
