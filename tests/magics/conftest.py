"""A terminal's shell with the magics loaded, and the embedded gateway behind it."""

from __future__ import annotations

import pytest
from IPython.core.interactiveshell import InteractiveShell
from shells import USER_KEY, Script, scripted_catalogue
from traitlets.config import Config

from gptrouter_notebook.gateway import start_gateway


@pytest.fixture(scope="module")
def script():
    """What `demo/script` answers; set its `text`."""
    return Script()


@pytest.fixture(scope="module")
def gateway(script):
    with start_gateway(catalogue=scripted_catalogue(script), user_keys=[USER_KEY]) as running:
        yield running


@pytest.fixture
def shell(gateway, monkeypatch):
    monkeypatch.setenv("GPT_ROUTER_API_BASE", gateway.url)
    monkeypatch.setenv("GPT_ROUTER_API_KEY", gateway.key)
    monkeypatch.delenv("GPTROUTER_DEMO_GATEWAY", raising=False)
    gateway.requests.clear()
    shell = InteractiveShell(config=Config({"HistoryManager": {"enabled": False}}))
    shell.run_line_magic("load_ext", "gptrouter_notebook")
    return shell
