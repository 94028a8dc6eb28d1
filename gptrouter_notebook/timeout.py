"""How long a call may take: to connect, in silence, and in all."""

from __future__ import annotations

import time
from dataclasses import dataclass

import httpx

__all__ = ["Deadline", "Timeout"]

SIGNS_OF_LIFE = 5
"""How many silences long a reply may go on without saying anything."""


@dataclass(frozen=True, slots=True)
class Timeout:
    """How long a call may take, in seconds; None waits for ever."""

    connect_s: float | None = 10.0
    """Until the connection stands, TLS included."""
    read_s: float | None = 60.0
    """The longest silence: before the first byte of a reply and between any two.

    Five times as long may pass with signs of life only: comments, unknown events, pieces of something without end.
    """
    total_s: float | None = None
    """The whole call, retries included."""

    @classmethod
    def of(cls, value: float | tuple[float | None, float | None] | Timeout | None) -> Timeout:
        """Reads a silence in seconds, a pair (connect, read), a `Timeout`, or None for no limit at all.

        Raises:
            ValueError: A number that is not above zero.
        """
        if isinstance(value, Timeout):
            return value
        if value is None:
            return cls(connect_s=None, read_s=None)
        connect_s, read_s = value if isinstance(value, tuple) else (cls().connect_s, value)
        if any(limit is not None and not limit > 0 for limit in (connect_s, read_s)):
            raise ValueError(f"A timeout is a number of seconds above zero, not {value!r}.")
        return cls(connect_s=connect_s, read_s=read_s)

    def for_httpx(self) -> httpx.Timeout:
        """The same as httpx takes it; its pool has no ceiling, so nobody waits for a place in it."""
        limits = [limit for limit in (self.read_s, self.total_s) if limit is not None]
        read = min(limits, default=None)
        return httpx.Timeout(connect=self.connect_s, read=read, write=read, pool=None)


class Deadline:
    """The moment by which a whole call must be over, if there is one, and the one by which something must be said.

    Args:
        timeout: The limits.
    """

    __slots__ = ("_ends_at", "_heard_at", "_mute_s", "_total_s")

    def __init__(self, timeout: Timeout) -> None:
        now = time.monotonic()
        self._total_s = timeout.total_s
        self._ends_at = None if timeout.total_s is None else now + timeout.total_s
        self._mute_s = None if timeout.read_s is None else timeout.read_s * SIGNS_OF_LIFE
        self._heard_at = now

    def heard(self) -> None:
        """Something was said just now."""
        self._heard_at = time.monotonic()

    def check(self, *, heard: bool = False) -> None:
        """Raises `TimeoutError`, with the cause in words, once the time is up.

        Args:
            heard: Something was said just now.
        """
        now = time.monotonic()
        if heard:
            self._heard_at = now
        if self._ends_at is not None and now > self._ends_at:
            raise TimeoutError(f"it took longer than {self._total_s:g} s")
        if self._mute_s is not None and now - self._heard_at > self._mute_s:
            raise TimeoutError(f"nothing was said for {self._mute_s:g} s")

    def allows(self, wait_s: float) -> bool:
        """Whether there is time for a wait of `wait_s` seconds."""
        return self._ends_at is None or time.monotonic() + wait_s < self._ends_at
