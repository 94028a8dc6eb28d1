"""Where the panel is measured: the gateway, a Jupyter server, Chromium, and pages that are watched from within."""
# ruff: noqa: INP001, S603, T201 - scripts, no package, that run our own commands and tell

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from lab import Lab
from panel import Panel
from playwright.sync_api import sync_playwright
from servers import CHROMIUM_FLAGS, chromium_path, end_kernels, serve

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from playwright.sync_api import Browser, Locator, Page

__all__ = ["PATIENCE_S", "ROOT", "STATIC", "Stage", "in_kernel", "open_panel", "open_rival", "start_watching"]

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
STATIC = ROOT / "gptrouter_notebook" / "static"
SAVES_WIDGETS = {"@jupyter-widgets/jupyterlab-manager:plugin": {"saveState": True}}
VIEWPORT = {"width": 1280, "height": 900}
PATIENCE_S = 180
POLL_S = 0.02
SETTLED_MS = 700


class Stage:
    """Everything that runs beside the pages.

    Args:
        python: What the kernels are run by.
    """

    browser: Browser
    naive: Path
    """The naive renderer as one module: a widget, and the function in it."""

    def __init__(self, python: str = sys.executable) -> None:
        self._python = python
        self._open = contextlib.ExitStack()

    def __enter__(self) -> Self:
        home = Path(self._open.enter_context(tempfile.TemporaryDirectory()))
        self._reports = home / "reports"
        self._reports.mkdir()
        self.naive = _bundle(home / "naive.js")
        gateway = self._open.enter_context(_gateway())
        (home / "jupyter").mkdir()
        known = {
            "GPT_ROUTER_API_BASE": gateway,
            "GPT_ROUTER_API_KEY": "benchmark",
            "GPTROUTER_BENCH_REPORTS": str(self._reports),
            "GPTROUTER_BENCH_NAIVE": str(self.naive),
            "PYTHONPATH": os.pathsep.join([str(ROOT), str(HERE), *filter(None, [os.environ.get("PYTHONPATH")])]),
        }
        self._server = self._open.enter_context(
            serve(home / "jupyter", known, python=self._python, settings=SAVES_WIDGETS)
        )
        playwright = self._open.enter_context(sync_playwright())
        self.browser = playwright.chromium.launch(executable_path=chromium_path(), args=list(CHROMIUM_FLAGS))
        self._open.callback(self.browser.close)
        return self

    def __exit__(self, *error: object) -> None:
        self._open.close()

    def tell(self, doing: str) -> None:
        """Says on standard error how far the benchmark is."""
        print(f"\r{doing:<78}", end="", file=sys.stderr, flush=True)

    @contextlib.contextmanager
    def page(self) -> Iterator[Page]:
        """A fresh page that is nowhere yet."""
        with self.browser.new_context(viewport=VIEWPORT) as context:
            context.set_default_timeout(PATIENCE_S * 1000)
            yield context.new_page()

    @contextlib.contextmanager
    def lab(self) -> Iterator[Lab]:
        """A fresh page on the server, watched from within, whose kernels end with it."""
        with self.page() as page:
            page.add_init_script(path=HERE / "watch.js")
            yield Lab(page, self._server.url, self._server.folder)
        end_kernels(self._server.url)

    def report(self, name: str, page: Page) -> Any:
        """What the kernel reports under this name, when it does; gone afterwards."""
        path = self._reports / f"{name}.json"
        deadline = time.monotonic() + PATIENCE_S
        while not path.exists():
            if time.monotonic() > deadline:
                raise TimeoutError(f"The kernel never reported {name!r}.")
            page.wait_for_timeout(POLL_S * 1000)  # what Playwright hears from the page is heard meanwhile
        found = json.loads(path.read_text())
        path.unlink()
        return found


def open_panel(lab: Lab, first: Sequence[str] = (), *more: str) -> Panel:
    """A notebook with a panel that reports.

    Args:
        lab: Where.
        first: Lines before the panel, in its cell.
        more: The cells below.
    """
    lab.open(["\n".join(["from kernel import *", *first, "chat = panel()", "chat"]), *more])
    lab.run_cell(0)
    return Panel(lab.output(0)).wait()


def open_rival(lab: Lab, name: str) -> Locator:
    """A notebook with one of the widgets that the panel is compared with."""
    lab.open([f"from kernel import *\nrival = {name}()\nrival"])
    lab.run_cell(0)
    rival = lab.output(0).locator(".rival")
    rival.wait_for(state="attached")
    return rival


def start_watching(lab: Lab) -> None:
    """Forgets what came while everything was set up."""
    lab.page.evaluate("(ms) => window.watched.quiet(ms)", SETTLED_MS)
    lab.page.evaluate("() => window.watched.forget()")


def in_kernel(page: Page, code: str) -> None:
    """Runs code without a cell, which would move the page."""
    page.evaluate(
        """async (code) => {
          const { kernel } = window.jupyterapp.shell.currentWidget.sessionContext.session;
          await kernel.requestExecute({ code }).done;
        }""",
        code,
    )


@contextlib.contextmanager
def _gateway() -> Iterator[str]:
    command = [sys.executable, str(HERE / "gateway.py")]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdin is not None  # noqa: S101 - both pipes are ours
        assert process.stdout is not None  # noqa: S101
        yield process.stdout.readline().strip()
        process.stdin.close()


def _bundle(into: Path) -> Path:
    modules = ROOT / "js" / "node_modules"
    command = [modules / ".bin" / "esbuild", HERE / "naive_markdown.js", "--bundle", "--format=esm", "--minify"]
    environment = os.environ | {"NODE_PATH": str(modules)}
    subprocess.run([*command, f"--outfile={into}", "--log-level=warning"], check=True, env=environment)
    return into
