"""The magics' notebook, which uses nothing else, run by nbclient and by papermill, its gateway up and down."""

from __future__ import annotations

import socket
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from gptrouter_notebook.gateway import start_gateway

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "magics.ipynb"

# The runners leave sockets and loops to the garbage collector, and papermill's dependencies are behind the times.
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
]


def by_nbclient(_):
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    client = NotebookClient(notebook, timeout=60, kernel_name="python3")
    try:
        client.execute()
    except Exception as error:  # noqa: BLE001 - the test looks at it
        return notebook, error
    return notebook, None


def by_papermill(folder):
    import papermill

    target, error = folder / "ran.ipynb", None
    try:
        papermill.execute_notebook(NOTEBOOK, target, kernel_name="python3", progress_bar=False)
    except papermill.PapermillExecutionError as raised:
        error = raised
    return nbformat.read(target, as_version=4), error


@pytest.fixture(params=[by_nbclient, by_papermill], ids=["nbclient", "papermill"])
def run(request, tmp_path, monkeypatch):
    """Runs the notebook against a gateway at this address; gives its code cells by their names, and what was raised."""

    def run(url, key):
        monkeypatch.setenv("GPT_ROUTER_API_BASE", url)
        monkeypatch.setenv("GPT_ROUTER_API_KEY", key)
        monkeypatch.setenv("GPTROUTER_DEMO_GATEWAY", url)  # so that %gptrouter demo starts none of its own
        monkeypatch.setenv("JUPYTER_PREFER_ENV_PATH", "1")
        notebook, error = request.param(tmp_path)
        return {cell.id: cell for cell in notebook.cells if cell.cell_type == "code"}, error

    return run


def markdown(cell):
    return "\n".join(output.data.get("text/markdown", "") for output in cell.outputs if "data" in output)


def test_with_its_gateway_up_it_runs_whole(run):
    with start_gateway(token_delay_s=0.0) as gateway:
        cells, error = run(gateway.url, gateway.key)
        assert error is None
        assert "demo/markdown would answer now" in markdown(cells["explain"])
        assert "*demo/markdown · first token" in markdown(cells["ask"]).splitlines()[-1]
        asked = [
            (e["data"][0]["modelName"], e["data"][0]["promptParams"]["messages"][-1]["content"])
            for e in gateway.requests
        ]
    assert len(cells["ask"].outputs) == 1
    rows = "[{'city': 'Bern', 'degrees': 3}, {'city': 'Rome', 'degrees': 14}]"
    assert asked[1] == ("echo", f'Which is colder? {rows} Answer in JSON like {{"city": "…"}}.')
    assert asked[2][1].startswith('Explain this code: rows = [{"city": "Bern"')
    [code] = cells["code"].outputs
    assert "def first_available" not in code.data["text/markdown"]
    assert "def first_available" in code.data["text/plain"]
    assert "This conversation: 3 questions" in markdown(cells["usage"])


def test_with_its_gateway_down_it_stops_at_the_first_cell_that_needs_it_with_a_sentence(run):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: nobody answers, and nobody else can have the port
        cells, error = run(f"http://127.0.0.1:{taken.getsockname()[1]}", "a-key-nobody-may-see")
    assert error is not None
    [failed] = [output for output in cells["models"].outputs if output.output_type == "error"]
    assert failed.ename == "GatewayUnreachable"
    assert "127.0.0.1" in failed.evalue
    shown = "\n".join(failed.traceback)
    assert shown.startswith("GatewayUnreachable: ")
    assert ".py" not in shown
    assert "a-key-nobody-may-see" not in shown + str(error)
    assert not cells["use"].outputs
    assert cells["use"].execution_count is None
