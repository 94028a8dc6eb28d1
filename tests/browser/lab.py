"""Driving a real JupyterLab or Notebook 7 page: open, run, save, switch the theme; every wait is for a state."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote

from playwright.sync_api import TimeoutError  # noqa: A004 - its own is no subclass of the builtin

if TYPE_CHECKING:
    from collections.abc import Sequence

    from playwright.sync_api import ConsoleMessage, Locator, Page

__all__ = ["Lab"]

App = Literal["lab", "notebook"]
Theme = Literal["JupyterLab Light", "JupyterLab Dark"]

START_S = 30
IDLE_S = 60
REVIVAL_S = 25

# The panel of the notebook that is in front, in both applications.
_PANEL = "window.jupyterapp.shell.currentWidget"
_IS_OPEN = f"() => window.jupyterapp && {_PANEL}?.context?.isReady && {_PANEL}.sessionContext.isReady"
# Running is counted from the call on: until the kernel has heard of it, it still says that it is idle.
_EXECUTE = """(command) => {
  window.labRunning = (window.labRunning ?? 0) + 1;
  window.jupyterapp.commands.execute(command).finally(() => { window.labRunning -= 1; });
}"""
_IS_IDLE = f"""() => !window.labRunning && {_PANEL}.sessionContext.session?.kernel?.status === "idle"
  && ![...document.querySelectorAll(".jp-InputPrompt")].some((prompt) => prompt.textContent.includes("[*]"))"""
_ACTIVATE = f"(index) => {{ {_PANEL}.content.activeCellIndex = index; {_PANEL}.content.deselectAll(); }}"


class Lab:
    """One page on a running Jupyter server, with one notebook open.

    Args:
        page: The browser page, blank.
        server_url: The server's address with a slash at the end.
        folder: The folder the server serves; notebooks are written into it.
    """

    page: Page
    console_errors: list[str]
    """What the page's console showed as errors, and exceptions nobody caught, oldest first."""
    path: Path
    """The open notebook's file."""

    def __init__(self, page: Page, server_url: str, folder: Path) -> None:
        self.page = page
        self.console_errors = []
        self._server_url = server_url
        self._folder = folder
        page.on("console", self._note)
        page.on("pageerror", lambda error: self.console_errors.append(str(error)))

    def open(self, notebook: Path | Sequence[str], *, app: App = "lab", name: str = "notebook") -> Page:
        """Open a copy of a notebook, or a new one with these code cells, and wait for its kernel.

        Args:
            notebook: A notebook's path, or the sources of code cells.
            app: JupyterLab or Notebook 7; both are on the same server.
            name: What to call a notebook made of cells, and its workspace.
        """
        document = json.loads(notebook.read_text("utf-8")) if isinstance(notebook, Path) else _notebook(notebook)
        self.path = self._folder / (notebook.name if isinstance(notebook, Path) else f"{name}.ipynb")
        self.path.write_text(json.dumps(document), "utf-8")
        file = quote(self.path.name)
        place = f"lab/workspaces/{quote(name)}/tree/{file}?reset" if app == "lab" else f"notebooks/{file}"
        self.page.goto(self._server_url + place)
        self.wait_open()
        return self.page

    def wait_open(self) -> None:
        """Wait until the notebook is shown and its kernel is ready; after `page.reload()` too."""
        self.page.locator(".jp-Notebook .jp-Cell").first.wait_for(timeout=START_S * 1000)
        self.page.wait_for_function(_IS_OPEN, timeout=START_S * 1000)

    def run_all(self, *, wait: bool = True) -> None:
        """Run every cell; with `wait=False` return while they run."""
        self._execute("notebook:run-all-cells", wait=wait)

    def run_cell(self, index: int, *, wait: bool = True) -> None:
        """Run one cell, counted from 0 with the Markdown ones."""
        self.page.evaluate(_ACTIVATE, index)
        self._execute("notebook:run-cell", wait=wait)

    def wait_idle(self, timeout_s: float = IDLE_S) -> None:
        """Wait until nothing that was started runs any more, and the kernel says that it is idle."""
        self.page.wait_for_function(_IS_IDLE, timeout=timeout_s * 1000)

    def wait_revived(self) -> None:
        """Wait until a kernel that ended runs again; "Reconnect to Kernel" where JupyterLab went deaf."""
        try:
            self.wait_idle(REVIVAL_S)
        except TimeoutError:
            self.page.evaluate(f"() => {{ {_PANEL}.sessionContext.session.kernel.reconnect() }}")
            self.wait_idle()

    def save(self) -> dict[str, Any]:
        """Save the notebook and return it as it is on the disk."""
        self.page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")
        self.page.wait_for_function(f"() => !{_PANEL}.context.model.dirty", timeout=START_S * 1000)
        saved: dict[str, Any] = json.loads(self.path.read_text("utf-8"))
        return saved

    def cell(self, index: int) -> Locator:
        """Return one cell, counted from 0 with the Markdown ones."""
        return self.page.locator(".jp-Notebook .jp-Cell").nth(index)

    def output(self, index: int) -> Locator:
        """Return what one cell has put out."""
        return self.cell(index).locator(".jp-Cell-outputArea")

    def set_theme(self, theme: Theme) -> None:
        """Switch the whole application's colours."""
        self.page.evaluate("(theme) => window.jupyterapp.commands.execute('apputils:change-theme', {theme})", theme)
        light = "true" if theme == "JupyterLab Light" else "false"
        self.page.wait_for_function("(light) => document.body.dataset.jpThemeLight === light", arg=light)
        # A splash lies over the page meanwhile, and for a moment longer.
        self.page.locator("#jupyterlab-splash").wait_for(state="detached")

    def _execute(self, command: str, *, wait: bool) -> None:
        self.page.evaluate(_EXECUTE, command)
        if wait:
            self.wait_idle()

    def _note(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.console_errors.append(message.text)


def _notebook(sources: Sequence[str]) -> dict[str, Any]:
    cells = [
        {
            "cell_type": "code",
            "id": f"cell-{index}",
            "metadata": {},
            "execution_count": None,
            "outputs": [],
            "source": source,
        }
        for index, source in enumerate(sources)
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
