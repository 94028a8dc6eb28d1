"""A real Jupyter server and a real Chromium, as the browser tests and the benchmarks run them."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

__all__ = ["CHROMIUM_FLAGS", "JupyterServer", "chromium_path", "end_kernels", "serve"]

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
NOTIFICATIONS = "@jupyterlab/apputils-extension:notification"
NO_NEWS = {"fetchNews": "false", "checkForUpdates": False}
START_S = 30
STOP_S = 10
POLL_S = 0.05


class JupyterServer(NamedTuple):
    """A running server: its address with a slash at the end, and the folder it serves."""

    url: str
    folder: Path
    log: Path


@contextmanager
def serve(
    home: Path,
    environment: Mapping[str, str],
    *,
    python: str = sys.executable,
    settings: Mapping[str, object] | None = None,
) -> Iterator[JupyterServer]:
    """Run JupyterLab, Notebook 7 on the same server, that reads and writes nothing outside `home`.

    Args:
        home: An empty folder.
        environment: What the kernels are to find in theirs, beside this process's.
        python: What the kernels are run by.
        settings: JupyterLab's settings by the plugin they belong to, `extension:plugin`.

    Raises:
        RuntimeError: It did not start.
    """
    folder = home / "notebooks"
    folder.mkdir()
    _write_settings(home, {NOTIFICATIONS: NO_NEWS, **(settings or {})})
    _write_kernel(home, python)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    log = home / "server.log"
    with log.open("wb") as sink:
        process = subprocess.Popen(
            _command(port), cwd=folder, env=_environment(home) | environment, stdout=sink, stderr=subprocess.STDOUT
        )
    try:
        _wait_until_answering(process, port, log)
        yield JupyterServer(f"http://127.0.0.1:{port}/", folder, log)
    finally:
        process.terminate()
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def chromium_path() -> str | None:
    """Find Chromium: the one named by GPTROUTER_TEST_CHROMIUM (./dev test sets it), or one on the PATH."""
    named = os.environ.get("GPTROUTER_TEST_CHROMIUM")
    return named or next((found for found in map(shutil.which, CHROMIUM_NAMES) if found), None)


def end_kernels(url: str) -> None:
    """End every session of the server at this address."""
    port = int(url.rsplit(":", 1)[1].strip("/"))
    for session in json.loads(_ask("GET", port, "/api/sessions")):
        _ask("DELETE", port, f"/api/sessions/{session['id']}")


def _command(port: int) -> list[str]:
    # No token, for nobody but this machine can reach it and it lives as long as the tests.
    return [
        *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}"),
        *("--ServerApp.port_retries=0", "--IdentityProvider.token=", "--ServerApp.disable_check_xsrf=True"),
        *("--LabApp.expose_app_in_browser=True", "--JupyterNotebookApp.expose_app_in_browser=True"),
        "--LabApp.extension_manager=readonly",
    ]


def _environment(home: Path) -> dict[str, str]:
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
        }
    )


def _write_settings(home: Path, settings: Mapping[str, object]) -> None:
    for plugin, values in settings.items():
        extension, _, name = plugin.partition(":")
        _write(home / "settings" / extension / f"{name}.jupyterlab-settings", values)


def _write_kernel(home: Path, python: str) -> None:
    kernel = {
        "argv": [python, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": "Python 3",
        "language": "python",
        "metadata": {"debugger": False},
    }
    _write(home / "data" / "kernels" / "python3" / "kernel.json", kernel)


def _write(path: Path, value: object) -> None:
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(value), "utf-8")


def _wait_until_answering(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + START_S
    while process.poll() is None and time.monotonic() < deadline:
        with suppress(OSError):
            _ask("GET", port, "/api")
            return
        time.sleep(POLL_S)
    raise RuntimeError(f"JupyterLab did not start:\n{log.read_text('utf-8', errors='replace')[-4000:]}")


def _ask(method: str, port: int, path: str) -> bytes:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=STOP_S)
    try:
        connection.request(method, path)
        return connection.getresponse().read()
    finally:
        connection.close()
