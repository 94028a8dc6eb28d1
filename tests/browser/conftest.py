"""A real Jupyter server, a real Chromium and the embedded gateway, each started once for all browser tests."""

from __future__ import annotations

import re
import shutil
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from lab import Lab
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import sync_playwright
from servers import CHROMIUM_FLAGS, JupyterServer, chromium_path, end_kernels, serve

from gptrouter_notebook.gateway import RunningGateway, start_gateway

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

HERE = Path(__file__).parent
RESULTS = HERE.parent.parent / "test-results"
VIEWPORT = {"width": 1280, "height": 900}
TOKEN_DELAY_S = 0.02
_FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is in this folder `browser`, before -m chooses, and run it last.

    Playwright keeps an event loop running in the main thread until the end: no test after it could start another.
    """
    ours = [item for item in items if HERE in item.path.parents]
    for item in ours:
        item.add_marker(pytest.mark.browser)
    items[:] = [item for item in items if item not in set(ours)] + ours


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item):
    """Let the fixtures know whether their test failed."""
    report = yield
    item.stash[_FAILED] = item.stash.get(_FAILED, False) or report.failed
    return report


@pytest.fixture(scope="session")
def gateway() -> Iterator[RunningGateway]:
    """Return the embedded gateway that every kernel of the browser tests is pointed at."""
    with start_gateway(token_delay_s=TOKEN_DELAY_S) as running:
        yield running


@pytest.fixture(scope="session")
def jupyter(gateway: RunningGateway, tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    """Return a JupyterLab server, Notebook 7 on it, whose kernels know the gateway."""
    known = {
        "GPT_ROUTER_API_BASE": gateway.url,
        "GPT_ROUTER_API_KEY": gateway.key,
        "GPTROUTER_DEMO_GATEWAY": gateway.url,
    }
    with serve(tmp_path_factory.mktemp("jupyter"), known) as running:
        yield running
    RESULTS.mkdir(exist_ok=True)
    shutil.copyfile(running.log, RESULTS / "jupyter-server.log")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Return Chromium: the one named by GPTROUTER_TEST_CHROMIUM (./dev test sets it), or one on the PATH."""
    path = chromium_path()
    if path is None:
        pytest.fail("The browser tests need Chromium: run ./dev test browser, or set GPTROUTER_TEST_CHROMIUM.")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=list(CHROMIUM_FLAGS))
        yield chromium
        chromium.close()


@pytest.fixture
def lab(request: pytest.FixtureRequest, browser: Browser, jupyter: JupyterServer) -> Iterator[Lab]:
    """Return a fresh page on the server; after a failure its picture and console are in test-results/."""
    with browser.new_context(viewport=VIEWPORT) as context:
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        it = Lab(context.new_page(), jupyter.url, jupyter.folder)
        yield it
        if request.node.stash.get(_FAILED, False):
            RESULTS.mkdir(exist_ok=True)
            name = re.sub(r"[^\w.-]+", "-", request.node.name)
            (RESULTS / f"{name}.console.txt").write_text("\n".join(it.console_errors), "utf-8")
            with suppress(PlaywrightError):  # what went wrong in the test is worth more than its picture
                it.page.screenshot(path=RESULTS / f"{name}.png")
    end_kernels(jupyter.url)
