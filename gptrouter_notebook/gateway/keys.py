"""Who may call the gateway, and how often."""

from __future__ import annotations

import hashlib
import hmac
import math
import secrets
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

GENERATIONS_A_DAY = 10
DAY_S = 86_400
TOKEN_LIFE_S = 14 * DAY_S
_TOKENS_KEPT = 1000
_ALL_TOKENS = "token"
"""All token users share one allowance [L40]."""


@dataclass(frozen=True, slots=True)
class User:
    """Someone who may log in."""

    id: str
    email: str
    password: str
    role: str = "admin"

    def __repr__(self) -> str:
        return f"User(email={self.email!r})"


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever a key or a token stands for; the server's own secret has neither allowance nor user."""

    allowance: str | None = None
    user_id: str | None = None


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left to a caller; `refused` if this call went beyond it."""

    remaining: int
    reset_s: int
    refused: bool

    def headers(self) -> list[tuple[bytes, bytes]]:
        """The headers of every generate reply to a user's key [L41, 59]."""
        shown = {
            "x-ratelimit-limit": GENERATIONS_A_DAY,
            "x-ratelimit-remaining": self.remaining,
            "x-ratelimit-reset": self.reset_s,
        }
        if self.refused:
            shown["retry-after"] = self.reset_s
        return [(name.encode(), str(value).encode()) for name, value in shown.items()]


class Keys:
    """The server's secret, the users' keys and the tokens handed out; kept as digests only.

    Args:
        secret: The key that may do everything without an allowance.
        user_keys: Keys with an allowance of ten generations a day each.
        users: Who may log in for a token.
        clock: Seconds, monotonic.
    """

    def __init__(
        self,
        secret: str,
        user_keys: Iterable[str] = (),
        users: Iterable[User] = (),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock = clock
        self._users = {user.email: user for user in users}
        self._callers = {_digest(secret): Caller()}
        for key in user_keys:
            name = _digest(key).hex()
            self._callers.setdefault(_digest(key), Caller(allowance=name, user_id=name))
        self._tokens: dict[bytes, tuple[float, Caller]] = {}

    def recognise(self, headers: Mapping[str, str]) -> Caller | None:
        """Who sends these headers; a non-empty `ws-secret` wins over a bearer token. None: refuse."""
        key = headers.get("ws-secret")
        if key:
            return self._match(key, self._callers)
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        now = self._clock()
        self._tokens = {held: entry for held, entry in self._tokens.items() if entry[0] > now}
        return self._match(token, {held: caller for held, (_, caller) in self._tokens.items()})

    def user(self, email: str) -> User | None:
        """The user with this address."""
        return self._users.get(email)

    def token_for(self, user: User, password: str) -> str | None:
        """A new token for a user; None if the password is wrong."""
        if not hmac.compare_digest(_digest(password), _digest(user.password)):
            return None
        while len(self._tokens) >= _TOKENS_KEPT:
            self._tokens.pop(next(iter(self._tokens)))
        token = secrets.token_urlsafe(32)
        caller = Caller(allowance=_ALL_TOKENS, user_id=user.id)
        self._tokens[_digest(token)] = (self._clock() + TOKEN_LIFE_S, caller)
        return token

    def _match(self, key: str, callers: Mapping[bytes, Caller]) -> Caller | None:
        sent = _digest(key)
        found = None
        # No early exit: the time this takes must not tell which key came close.
        for held, caller in callers.items():
            if hmac.compare_digest(sent, held):
                found = caller
        return found


class Allowances:
    """Ten generations a day for each key, counted in memory from its first one.

    Args:
        clock: Seconds, monotonic.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._windows: dict[str, tuple[float, int]] = {}

    def take(self, name: str) -> Allowance:
        """Count one call."""
        now = self._clock()
        ends, used = self._windows.get(name, (now + DAY_S, 0))
        if ends <= now:
            ends, used = now + DAY_S, 0
        used += 1
        self._windows[name] = (ends, used)
        remaining = max(0, GENERATIONS_A_DAY - used)
        return Allowance(remaining, math.ceil(ends - now), used > GENERATIONS_A_DAY)


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()
