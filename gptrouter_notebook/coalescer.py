"""The pieces of one answer, joined into few numbered ones; pure, the clock is passed in.

The Jupyter server drops messages beyond a thousand per second and tells nobody, and each costs 600 bytes whatever is
in it: so the first piece goes at once, and what follows at most every 33 ms. Numbers are given after joining; given
before, joining would look like loss.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["INTERVAL_S", "Coalescer", "Numbered"]

INTERVAL_S = 0.033
"""The shortest time between two pieces handed on."""


@dataclass(frozen=True, slots=True)
class Numbered:
    """A piece of text to hand on; the first one of an answer has the number 1."""

    seq: int
    text: str


class Coalescer:
    """Joins the pieces of one answer.

    Args:
        interval_s: The shortest time between two pieces handed on, in seconds.
    """

    def __init__(self, interval_s: float = INTERVAL_S) -> None:
        self.seq = 0
        """The number of the last piece handed on; 0 before the first."""
        self._interval_s = interval_s
        self._held: list[str] = []
        self._ready_at = float("-inf")

    def push(self, text: str, now: float) -> Numbered | None:
        """Takes a piece; returns what is to be handed on now, if it is time."""
        if text:
            self._held.append(text)
        return self.flush(now) if now >= self._ready_at else None

    def flush(self, now: float) -> Numbered | None:
        """What is held, whatever the time; None when nothing is."""
        if not self._held:
            return None
        self.seq += 1
        numbered = Numbered(self.seq, "".join(self._held))
        self._held.clear()
        self._ready_at = now + self._interval_s
        return numbered

    def due_in_s(self, now: float) -> float | None:
        """Seconds until what is held must be flushed, so that a stall does not hide it; None when nothing is held."""
        return max(0.0, self._ready_at - now) if self._held else None
