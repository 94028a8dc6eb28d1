"""Writing an answer under a cell while it comes: a display that is updated in a kernel, plain text in a terminal."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Protocol

from IPython.display import display

if TYPE_CHECKING:
    from collections.abc import Callable

    from IPython.core.interactiveshell import InteractiveShell
    from IPython.display import DisplayHandle

__all__ = ["AnswerOutput", "KernelOutput", "Pace", "TerminalOutput", "output_for"]


class AnswerOutput(Protocol):
    """Where an answer is written."""

    def delta(self, text: str, *, at_once: bool = True) -> None:
        """Takes the next piece, and shows it unless it is to wait for the whole."""

    def broke(self, sentence: str) -> None:
        """Marks what stands so far as abandoned; another model's answer follows below it."""

    def close(self, note: str) -> None:
        """Leaves the whole answer behind, with one quiet line of Markdown below it."""


class Pace:
    """When to send a growing text again.

    A display re-sends the whole text at every update, so that a steady rhythm costs the square of an answer's
    length. Here all updates together cost at most a fixed multiple of it: short answers are sent ten times a
    second, and the longer one grows the rarer its updates become.

    Args:
        interval_s: The shortest time between two updates, in seconds.
        credit: Characters that may be sent whatever the length.
        factor: How many times its length an answer may cost.
        clock: Seconds that only grow.
    """

    def __init__(
        self,
        *,
        interval_s: float = 0.1,
        credit: int = 32_768,
        factor: int = 12,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._interval_s = interval_s
        self._credit = credit
        self._factor = factor
        self._clock = clock
        self._sent = 0
        self._sent_at = float("-inf")

    def allows(self, length: int) -> bool:
        """Whether a text of this length may be sent now; if so, it counts as sent."""
        now = self._clock()
        if now - self._sent_at < self._interval_s or self._sent + length > self._credit + self._factor * length:
            return False
        self._sent += length
        self._sent_at = now
        return True


class KernelOutput:
    """One display of the running cell, updated as the answer grows; Markdown, with plain text for other viewers.

    Must be used on the thread that runs the cell, or the output lands in another one.
    """

    def __init__(self, pace: Pace | None = None) -> None:
        self._pieces: list[str] = []
        self._length = 0
        self._pace = pace or Pace()
        self._handle: DisplayHandle | None = None

    def delta(self, text: str, *, at_once: bool = True) -> None:
        """Takes the next piece, and shows it soon."""
        self._pieces.append(text)
        self._length += len(text)
        if at_once and self._pace.allows(self._length):
            self._show("".join(self._pieces))

    def broke(self, sentence: str) -> None:
        """Marks what stands so far as abandoned."""
        self._pieces.append(f"\n\n> {sentence}\n\n")
        self._show("".join(self._pieces))

    def close(self, note: str) -> None:
        """Leaves the whole answer behind."""
        text = "".join(self._pieces).rstrip()
        self._show("\n\n".join(part for part in (text, note) if part))

    def _show(self, text: str) -> None:
        bundle = {"text/markdown": text, "text/plain": text}
        if self._handle is None:
            self._handle = display(bundle, raw=True, display_id=True)
        else:
            self._handle.update(bundle, raw=True)


class TerminalOutput:
    """Standard output: every piece once, as it comes; a terminal cannot take back what it showed."""

    def __init__(self) -> None:
        self._held: list[str] = []

    def delta(self, text: str, *, at_once: bool = True) -> None:
        """Prints the next piece."""
        self._held.append(text)
        if at_once:
            self._print()

    def broke(self, sentence: str) -> None:
        """Prints that another model's answer follows."""
        self._held.append(f"\n\n> {sentence}\n\n")
        self._print()

    def close(self, note: str) -> None:
        """Prints the line below the answer."""
        self._held.append(f"\n\n{note.strip('*')}\n" if note else "\n")
        self._print()

    def _print(self) -> None:
        # sys.stdout is looked up each time: capturing programs replace it.
        sys.stdout.write("".join(self._held))
        sys.stdout.flush()
        self._held.clear()


def output_for(shell: InteractiveShell | None) -> AnswerOutput:
    """The output that the front end of `shell` can show."""
    return KernelOutput() if getattr(shell, "kernel", None) is not None else TerminalOutput()
