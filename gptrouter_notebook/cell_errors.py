"""What cells failed with, by the number their reader sees: `{Err[3]}` in a prompt, and what `%gptrouter fix` fixes."""

from __future__ import annotations

import re
import traceback
from dataclasses import dataclass
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from IPython.core.error import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from IPython.core.interactiveshell import ExecutionResult, InteractiveShell

__all__ = ["CellError", "CellErrors", "texts_of"]

MOST_KEPT = 100
_listening: WeakKeyDictionary[InteractiveShell, CellErrors] = WeakKeyDictionary()
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True, slots=True)
class CellError:
    """A cell that failed."""

    source: str
    traceback: str
    """As it was shown, without its colours."""


class CellErrors:
    """The cells of one shell that failed, from the moment it begins to listen.

    Args:
        shell: Whose cells.
    """

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell = shell
        self._by_number: dict[int, CellError] = {}
        self._last: CellError | None = None
        shell.events.register("post_run_cell", self._note)
        _listening[shell] = self

    @property
    def last(self) -> CellError | None:
        """The cell that failed last, cells of ours and interrupted ones aside; None when there is none."""
        return self._last

    @property
    def by_number(self) -> Mapping[int, CellError]:
        """The cells that failed, by their number."""
        return self._by_number

    def _note(self, result: ExecutionResult) -> None:
        error = result.error_before_exec or result.error_in_exec
        if error is None or result.info is None:
            return
        failed = CellError(result.info.raw_cell, self._text(error))
        # The result has the number that the reader sees; the shell's own count is a step ahead by now.
        if result.execution_count is not None:
            self._by_number[result.execution_count] = failed
            while len(self._by_number) > MOST_KEPT:
                del self._by_number[next(iter(self._by_number))]
        if not isinstance(error, KeyboardInterrupt) and not re.match(r"\s*%%?gptrouter\b", failed.source):
            self._last = failed

    def _text(self, error: BaseException) -> str:
        try:
            if isinstance(error, UsageError):
                lines = [f"UsageError: {error}"]
            elif (render := getattr(error, "_render_traceback_", None)) is not None:
                lines = render()
            elif isinstance(error, SyntaxError):
                lines = traceback.format_exception_only(error)  # the frames would be the parser's
            else:
                lines = self._shell.InteractiveTB.structured_traceback(type(error), error, error.__traceback__)
        except Exception:  # noqa: BLE001 - an error whose text cannot be made must not end in another one
            lines = traceback.format_exception_only(error)
        return _COLOURS.sub("", "\n".join(line.rstrip("\n") for line in lines)).strip("\n")


def texts_of(shell: InteractiveShell) -> dict[int, str]:
    """The tracebacks of a shell by the number of their cell; none before somebody listens to it."""
    errors = _listening.get(shell)
    return {number: failed.traceback for number, failed in errors.by_number.items()} if errors is not None else {}
