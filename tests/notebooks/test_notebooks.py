"""The notebooks, whole, in a real kernel without a front end."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from gptrouter_notebook.gateway import start_gateway
from gptrouter_notebook.transcript_bundle import CHAT_MIME

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
QUICKSTART = NOTEBOOKS / "quickstart.ipynb"

# nbclient and jupyter_client leave sockets and loops to the garbage collector.
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]


def run(notebook, monkeypatch, **environment):
    for name in ("GPT_ROUTER_API_BASE", "GPT_ROUTER_API_KEY", "GPTROUTER_DEMO_GATEWAY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    # A kernel of the same name in the home folder may belong to another Python.
    monkeypatch.setenv("JUPYTER_PREFER_ENV_PATH", "1")
    return NotebookClient(notebook, timeout=60, kernel_name="python3").execute()


def shown(cell):
    """Everything a cell shows, as text."""
    parts = []
    for output in cell.outputs:
        if output.output_type == "stream":
            parts.append(output.text)
        elif output.output_type == "error":
            parts.extend(output.traceback)
        else:
            parts.append(output.data.get("text/markdown") or output.data.get("text/plain", ""))
    return "\n".join(parts)


@pytest.mark.parametrize("path", sorted(NOTEBOOKS.glob("*.ipynb")), ids=lambda path: path.stem)
def test_notebooks_are_committed_without_outputs(path):
    for cell in nbformat.read(path, as_version=4).cells:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None


def test_it_has_five_cells():
    assert len(nbformat.read(QUICKSTART, as_version=4).cells) == 5


def test_it_runs_whole_with_nothing_set_up(monkeypatch):
    cells = {cell.id: cell for cell in run(nbformat.read(QUICKSTART, as_version=4), monkeypatch).cells}
    assert "A demo gateway runs in this kernel" in shown(cells["panel"])
    assert any("application/vnd.jupyter.widget-view+json" in o.get("data", {}) for o in cells["panel"].outputs)
    assert "What can a cell magic do that a chat cannot?" in shown(cells["magic"])
    assert "demo/fails-first: failed" in shown(cells["model"])
    assert "demo/echo: answered" in shown(cells["model"])
    assert "Say hello twice." in shown(cells["model"])


def test_the_guide_for_gptrouter_runs_as_langchain_shows_it(monkeypatch):
    guide = nbformat.read(NOTEBOOKS / "langchain-guide.ipynb", as_version=4)
    cells = {cell.id: cell for cell in run(guide, monkeypatch).cells}
    assert "J'aime programmer" in shown(cells["call"])
    assert "'finish_reason': 'stop_sequence'" in shown(cells["async"])
    printed = "".join(o.text for o in cells["stream"].outputs if o.output_type == "stream" and o.name == "stdout")
    assert "J'aime programmer" in printed


def test_what_is_said_stays_in_the_notebook_and_in_sqlite(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    notebook = run(nbformat.read(NOTEBOOKS / "kept-chats.ipynb", as_version=4), monkeypatch)
    cells = {cell.id: cell for cell in notebook.cells}
    question = "What stays of this?"
    [copy] = [output.data for output in cells["panel"].outputs if CHAT_MIME in output.get("data", {})]
    assert question in copy["text/markdown"]
    assert copy[CHAT_MIME] == json.loads((tmp_path / "chat.json").read_text("utf-8"))
    [again] = [output.data for output in cells["data"].outputs if CHAT_MIME in output.get("data", {})]
    assert [turn["user"] for turn in again[CHAT_MIME]["turns"]] == [question]
    assert "'human: Who remembers this?'" in shown(cells["added"])
    with closing(sqlite3.connect(tmp_path / "chats.db")) as database:
        [(count,)] = database.execute("select count(*) from message_store where session_id = 'my first chat'")
    assert count == 2


def test_the_magic_leaves_one_markdown_output_that_any_viewer_shows(monkeypatch):
    cells = [
        "%load_ext gptrouter_notebook",
        "%%gptrouter -m demo/markdown -o ans\nShow me",
        "print(len(ans.text))",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    with start_gateway(token_delay_s=0.001) as gateway:
        run(notebook, monkeypatch, GPT_ROUTER_API_BASE=gateway.url, GPT_ROUTER_API_KEY=gateway.key)
    [output] = notebook.cells[1].outputs
    text = output.data["text/markdown"]
    assert text.startswith("I am a demo model")
    assert "*demo/markdown · first token" in text.splitlines()[-1]
    assert output.data["text/plain"] == text
    assert int(notebook.cells[2].outputs[0].text) > 1000


def test_a_failure_fails_the_notebook(monkeypatch):
    cells = ["%load_ext gptrouter_notebook", "%%gptrouter -m demo/fails-first\nHi", "print('never')"]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    with start_gateway() as gateway, pytest.raises(CellExecutionError, match="demo/fails-first failed"):
        run(notebook, monkeypatch, GPT_ROUTER_API_BASE=gateway.url, GPT_ROUTER_API_KEY=gateway.key)
    assert ".py" not in shown(notebook.cells[1])
