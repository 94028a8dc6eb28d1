"""Finds saved conversations in a notebook's file; no kernel, no gateway, no Jupyter."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gptrouter_notebook.errors import ConfigurationError
from gptrouter_notebook.transcript_bundle import CHAT_MIME

if TYPE_CHECKING:
    from collections.abc import Iterator
    from os import PathLike

__all__ = ["chat_in", "chat_in_file"]


def chat_in_file(path: str | PathLike[str], cell: int | str | None = None) -> Any:
    """The saved conversation in a notebook's file, as data.

    Args:
        path: The file.
        cell: As for `chat_in`.

    Raises:
        ConfigurationError: There is no such file, it is no notebook, or holds no such conversation.
    """
    try:
        text = Path(path).read_text("utf-8")
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"{path} could not be read ({type(error).__name__}): check the path.") from None
    try:
        notebook = json.loads(text)
    except (ValueError, RecursionError):
        raise ConfigurationError(f"{path} is no notebook: pass the path of an .ipynb file.") from None
    return chat_in(notebook, cell, str(path))


def chat_in(notebook: Any, cell: int | str | None = None, name: str = "The notebook") -> Any:
    """The saved conversation in a notebook, as data; of several, the last.

    Args:
        notebook: What an .ipynb file holds.
        cell: Only of this cell: its place from 0, Markdown cells counted, or its id. Default: of any.
        name: What the notebook is called in sentences.

    Raises:
        ConfigurationError: It is no notebook, or holds no such conversation.
    """
    cells = notebook.get("cells") if isinstance(notebook, Mapping) else None
    if not isinstance(cells, list):
        raise ConfigurationError(f"{name} is no notebook: pass the path of an .ipynb file.")
    where = "" if cell is None else f" in cell {cell}"
    if isinstance(cell, int):
        cells = cells[cell:][:1] if -len(cells) <= cell < len(cells) else []
    elif cell is not None:
        cells = [candidate for candidate in cells if isinstance(candidate, Mapping) and candidate.get("id") == cell]
    found = [chat for candidate in cells for chat in _chats(candidate)]
    if not found:
        raise ConfigurationError(
            f"{name} holds no saved chat{where}: a chat is there once a notebook with a panel was saved."
        )
    return found[-1]


def _chats(cell: Any) -> Iterator[Any]:
    outputs = cell.get("outputs") if isinstance(cell, Mapping) else None
    for output in outputs if isinstance(outputs, list) else []:
        data = output.get("data") if isinstance(output, Mapping) else None
        if isinstance(data, Mapping) and CHAT_MIME in data:
            yield data[CHAT_MIME]
