"""A real Jupyter server, a real Chromium and the embedded gateway, each started once for all browser tests."""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest
from lab import Lab
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import sync_playwright

from gptrouter_notebook.gateway import RunningGateway, start_gateway

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

HERE = Path(__file__).parent
RESULTS = HERE.parent.parent / "test-results"
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
# Without the last four Chromium calls Google's hosts at every start.
CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
VIEWPORT = {"width": 1280, "height": 900}
TOKEN_DELAY_S = 0.02
SERVER_START_S = 30
SERVER_STOP_S = 10
POLL_S = 0.05
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


class JupyterServer(NamedTuple):
    """A running server: its address with a slash at the end, and the folder it serves."""

    url: str
    folder: Path


@pytest.fixture(scope="session")
def gateway() -> Iterator[RunningGateway]:
    """Return the embedded gateway that every kernel of the browser tests is pointed at."""
    with start_gateway(token_delay_s=TOKEN_DELAY_S) as running:
        yield running


@pytest.fixture(scope="session")
def jupyter(gateway: RunningGateway, tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    """Return a JupyterLab server, Notebook 7 on it, that reads and writes nothing outside a temporary folder."""
    home = tmp_path_factory.mktemp("jupyter")
    folder = home / "notebooks"
    folder.mkdir()
    _write_settings(home)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    log = home / "server.log"
    with log.open("wb") as sink:
        process = subprocess.Popen(
            _server_command(port), cwd=folder, env=_environment(home, gateway), stdout=sink, stderr=subprocess.STDOUT
        )
    try:
        _wait_until_answering(process, port, log)
        yield JupyterServer(f"http://127.0.0.1:{port}/", folder)
    finally:
        process.terminate()
        try:
            process.wait(SERVER_STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        RESULTS.mkdir(exist_ok=True)
        shutil.copyfile(log, RESULTS / "jupyter-server.log")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Return Chromium: the one named by GPTROUTER_TEST_CHROMIUM (./dev test sets it), or one on the PATH."""
    named = os.environ.get("GPTROUTER_TEST_CHROMIUM")
    path = named or next((found for found in map(shutil.which, CHROMIUM_NAMES) if found), None)
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
    _end_kernels(jupyter.url)


def _server_command(port: int) -> list[str]:
    # No token, for nobody but this machine can reach it and it lives as long as the tests.
    return [
        *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}"),
        *("--ServerApp.port_retries=0", "--IdentityProvider.token=", "--ServerApp.disable_check_xsrf=True"),
        *("--LabApp.expose_app_in_browser=True", "--JupyterNotebookApp.expose_app_in_browser=True"),
        "--LabApp.extension_manager=readonly",
    ]


def _environment(home: Path, gateway: RunningGateway) -> dict[str, str]:
    folders = {f"JUPYTER_{name}_DIR": str(home / name.lower()) for name in ("CONFIG", "DATA", "RUNTIME")}
    return (
        os.environ
        | folders
        | {
            "IPYTHONDIR": str(home / "ipython"),
            "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
            "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
            "JUPYTER_PREFER_ENV_PATH": "0",  # our kernel spec, whatever else is installed
            "JUPYTER_PLATFORM_DIRS": "1",  # else the server warns of them
            "GPT_ROUTER_API_BASE": gateway.url,
            "GPT_ROUTER_API_KEY": gateway.key,
            "GPTROUTER_DEMO_GATEWAY": gateway.url,
        }
    )


def _write_settings(home: Path) -> None:
    no_news = {"fetchNews": "false", "checkForUpdates": False}
    settings = home / "settings" / "@jupyterlab" / "apputils-extension" / "notification.jupyterlab-settings"
    kernel = {
        "argv": [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": "Python 3",
        "language": "python",
        "metadata": {"debugger": False},
    }
    for path, value in ((settings, no_news), (home / "data" / "kernels" / "python3" / "kernel.json", kernel)):
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(value), "utf-8")


def _wait_until_answering(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + SERVER_START_S
    while process.poll() is None and time.monotonic() < deadline:
        with suppress(OSError):
            _ask("GET", port, "/api")
            return
        time.sleep(POLL_S)
    pytest.fail(f"JupyterLab did not start:\n{log.read_text('utf-8', errors='replace')[-4000:]}")


def _end_kernels(url: str) -> None:
    port = int(url.rsplit(":", 1)[1].strip("/"))
    for session in json.loads(_ask("GET", port, "/api/sessions")):
        _ask("DELETE", port, f"/api/sessions/{session['id']}")


def _ask(method: str, port: int, path: str) -> bytes:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SERVER_STOP_S)
    try:
        connection.request(method, path)
        return connection.getresponse().read()
    finally:
        connection.close()
