"""Writing an answer under a cell while it comes: a display that is updated in a kernel, plain text in a terminal."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any, Protocol

from IPython.display import display

from gptrouter_notebook.formats import streaming

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from IPython.core.interactiveshell import InteractiveShell
    from IPython.display import DisplayHandle

    from gptrouter_notebook.formats import Left

__all__ = ["AnswerOutput", "KernelOutput", "Pace", "TerminalOutput", "output_for"]


class AnswerOutput(Protocol):
    """Where an answer is written."""

    def delta(self, text: str, *, at_once: bool = True) -> None:
        """Takes the next piece, and shows it unless it is to wait for the whole."""

    def pause(self) -> None:
        """Nothing comes for a moment: shows what was held back."""

    def broke(self, sentence: str) -> None:
        """Marks what stands so far as abandoned; another model's answer follows below it."""

    def close(self, note: str, left: Left | None = None) -> None:
        """Leaves the answer behind, with one quiet line of Markdown below it.

        Args:
            note: The line; "" for none.
            left: What stays of the whole answer; None when there is no whole one, and what came stays as it is.
        """


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

    def allows(self, length: int, *, in_a_pause: bool = False) -> bool:
        """Whether a text of this length may be sent now; if so, it counts as sent.

        Args:
            length: Characters.
            in_a_pause: Nothing else is coming just now, so that more may be spent on showing all there is.
        """
        now = self._clock()
        most = self._credit + self._factor * length * (2 if in_a_pause else 1)
        if now - self._sent_at < self._interval_s or self._sent + length > most:
            return False
        self._sent += length
        self._sent_at = now
        return True


class KernelOutput:
    """One display of the running cell, updated as the answer grows.

    Must be used on the thread that runs the cell, or the output lands in another one.

    Args:
        form: The format, one of `formats.FORMATS`.
        pace: When to send it again.
    """

    def __init__(self, form: str = "markdown", pace: Pace | None = None) -> None:
        self._form = form
        self._pace = pace or Pace()
        self._abandoned = ""
        self._pieces: list[str] = []
        self._length = self._shown_length = 0
        self._handle: DisplayHandle | None = None

    def delta(self, text: str, *, at_once: bool = True) -> None:
        """Takes the next piece, and shows it soon."""
        self._pieces.append(text)
        self._length += len(text)
        if at_once and self._pace.allows(self._length):
            self._show_so_far()

    def pause(self) -> None:
        """Shows what the pace held back."""
        if self._shown_length < self._length and self._pace.allows(self._length, in_a_pause=True):
            self._show_so_far()

    def broke(self, sentence: str) -> None:
        """Marks what stands so far as abandoned."""
        self._abandoned = f"{self._so_far()}\n\n> {sentence}\n\n"
        self._pieces.clear()
        self._length = len(self._abandoned)
        self._show_so_far()

    def close(self, note: str, left: Left | None = None) -> None:
        """Leaves the answer behind."""
        if left is None:
            self._show(_with_text(streaming(self._form, self._so_far()), "", note))
        elif set(left.bundle) <= {"text/markdown", "text/plain"}:
            self._show(_with_text(left.bundle, self._abandoned, note), left.metadata)
        else:
            # A tree or a frame has no room for words: they stand below it.
            self._show(left.bundle, left.metadata)
            if words := _joined(self._abandoned, note):
                display({"text/markdown": words, "text/plain": words}, raw=True)

    def _so_far(self) -> str:
        return self._abandoned + "".join(self._pieces)

    def _show_so_far(self) -> None:
        self._shown_length = self._length
        self._show(streaming(self._form, self._so_far()))

    def _show(self, bundle: Mapping[str, Any], metadata: Mapping[str, Any] | None = None) -> None:
        if self._handle is None:
            self._handle = display(dict(bundle), raw=True, display_id=True, metadata=dict(metadata or {}))
        else:
            self._handle.update(dict(bundle), raw=True, metadata=dict(metadata or {}))


_HARMLESS = {code: 0x2400 + code for code in range(0x20) if chr(code) not in "\n\t"} | {
    0x7F: 0x2421,
    # The same commands in one character each; and what would show the rest of a line backwards.
    **dict.fromkeys([*range(0x80, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A)], 0xFFFD),
}
"""A terminal obeys control characters: a model's are shown as pictures of themselves."""


class TerminalOutput:
    """Standard output: every piece once, as it comes; a terminal cannot take back what it showed."""

    def __init__(self) -> None:
        self._held: list[str] = []

    def delta(self, text: str, *, at_once: bool = True) -> None:
        """Prints the next piece."""
        self._held.append(text)
        if at_once:
            self._print()

    def pause(self) -> None:
        """Nothing is held back here."""

    def broke(self, sentence: str) -> None:
        """Prints that another model's answer follows."""
        self._held.append(f"\n\n> {sentence}\n\n")
        self._print()

    def close(self, note: str, left: Left | None = None) -> None:
        """Prints the line below the answer."""
        del left  # what was printed stays
        self._held.append(f"\n\n{note.strip('*')}\n" if note else "\n")
        self._print()

    def _print(self) -> None:
        # sys.stdout is looked up each time: capturing programs replace it.
        sys.stdout.write("".join(self._held).translate(_HARMLESS))
        sys.stdout.flush()
        self._held.clear()


def output_for(shell: InteractiveShell | None, form: str = "markdown") -> AnswerOutput:
    """The output that the front end of `shell` can show, for an answer in this format."""
    return KernelOutput(form) if getattr(shell, "kernel", None) is not None else TerminalOutput()


def _with_text(bundle: Mapping[str, Any], before: str, after: str) -> dict[str, Any]:
    return {mime: _joined(before, text, after) for mime, text in bundle.items()}


def _joined(*paragraphs: str) -> str:
    return "\n\n".join(stripped for part in paragraphs if (stripped := part.strip("\n")))
