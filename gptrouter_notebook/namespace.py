"""The names of the running notebook as its reader knows them, for `context`: its values, and cells by their number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gptrouter_notebook import cell_errors
from gptrouter_notebook.context import visible

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

__all__ = ["namespace_of"]


def namespace_of(shell: InteractiveShell) -> dict[str, Any]:
    """The notebook's own names, `In` as it was written, `Out`, and `Err` if a cell failed since the magics came."""
    names = visible(shell.user_ns, shell.user_ns_hidden)
    history = shell.history_manager
    if history is not None and names.get("In") is history.input_hist_parsed:
        names["In"] = history.input_hist_raw  # as it was written, not as IPython rewrote it
    if errors := cell_errors.texts_of(shell):
        names.setdefault("Err", errors)
    return names
