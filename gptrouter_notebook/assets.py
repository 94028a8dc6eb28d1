"""The built files of the front end: the bundle that every widget carries, and the parts a page is sent on request.

The bundle goes with each widget into the page and into saved notebooks, so it is kept small. What only some answers
need comes from the kernel, once per page: no network but the comm, and nothing from a CDN.
"""

from __future__ import annotations

from pathlib import Path

from gptrouter_notebook.errors import GPTRouterError

__all__ = ["PARTS", "MissingPart", "bundled", "part_source"]

PARTS = ("markdown", "highlight", "math")
"""What a page may ask for, by name; twin of `PartModules` in `js/src/parts.ts`."""

_STATIC = Path(__file__).parent / "static"


class MissingPart(GPTRouterError):
    """A part of the front end that cannot be sent."""


def bundled(name: str) -> Path | str:
    """The path of a built file; `""` if there is none.

    anywidget reads a missing file when the class is made, which would make the whole module impossible to import.
    """
    path = _STATIC / name
    return path if path.is_file() else ""


def part_source(name: str) -> str:
    """The source of a part, an ES module.

    Args:
        name: One of `PARTS`. Anything else is no path to be tried.

    Raises:
        MissingPart: There is no such part, or it is not built.
    """
    if name not in PARTS:
        raise MissingPart(f"The panel asked for an unknown part ({name!r}): reload the page, or update the package.")
    try:
        return (_STATIC / f"{name}.js").read_text("utf-8")
    except OSError:
        raise MissingPart(
            f"The panel's part {name!r} is missing on the kernel's side, so some of the answers stay plain text: "
            "install the package again, or run `./dev build` in its repository."
        ) from None
