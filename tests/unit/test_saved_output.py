"""What a notebook keeps of a panel, as a real kernel publishes it."""

import json

import nbformat
import pytest
from langchain_core.messages import HumanMessage
from nbclient import NotebookClient
from waiting import PATIENCE_S, wait_until

from gptrouter_notebook.chat_model import GPTRouter
from gptrouter_notebook.message_turns import conversation_of
from gptrouter_notebook.settings import Settings
from gptrouter_notebook.transcript import from_dict
from gptrouter_notebook.transcript_bundle import CHAT_MIME, TranscriptBundle

VIEW_MIME = "application/vnd.jupyter.widget-view+json"
SETUP = """
from gptrouter_notebook import ChatWidget, GPTRouter
from gptrouter_notebook.gateway import start_gateway

class Panel(ChatWidget):
    _esm = "export default {};"
    _css = ""

gateway = start_gateway()

def panel(*models, **options):
    model = GPTRouter(models_priority_list=models, base_url=gateway.url, api_key=gateway.key, max_retries=0)
    return Panel(model, **options)
"""


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Runs cells after SETUP in a kernel of their own, and gives what each of them put out."""
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))

    def run(*sources):
        cells = [nbformat.v4.new_code_cell(source) for source in (SETUP, *sources, "gateway.close()")]
        notebook = nbformat.v4.new_notebook(cells=cells)
        NotebookClient(notebook, timeout=60, kernel_name="python3").execute()
        nbformat.validate(notebook)
        return [cell.outputs for cell in notebook.cells[1:-1]]

    return run


def copies(outputs):
    return [output.data for output in outputs if CHAT_MIME in output.get("data", {})]


def test_the_copy_below_the_panel_follows_the_conversation_cells_later(run):
    shown, *_ = run(
        "chat = panel('demo/echo')\nchat",
        "chat.ask('One').result()\nchat.ask('Two').result();",
        "chat._session.regenerate(2).result();",
    )
    view, copy = shown
    assert set(view.data) == {VIEW_MIME, "text/plain"}
    assert set(copy.data) == {CHAT_MIME, "text/html", "text/markdown", "text/plain"}
    assert copy.data["text/plain"] == "GPTRouter chat, 2 turns"
    assert "*Version 2 of 2.*" in copy.data["text/markdown"]
    assert [turn.user for turn in from_dict(copy.data[CHAT_MIME]).conversation] == ["One", "Two"]
    assert len(copy.data[CHAT_MIME]["turns"]) == 3


def test_several_panels_and_two_views_of_one_have_copies_of_their_own(run):
    first, second, again, _ = run(
        "one = panel('demo/echo')\none",
        "two = panel('demo/echo')\ndisplay(two)\nthree = panel('demo/echo')\nthree",
        "one",
        "two.ask('Second').result()\none.ask('First').result()\nthree.ask('Third').result();",
    )
    said = [[data["text/markdown"].split("\n\n")[1] for data in copies(outputs)] for outputs in (first, second, again)]
    assert said == [["First"], ["Second", "Third"], ["First"]]


def test_an_answer_asked_for_in_one_cell_and_ended_in_another_is_in_the_copy(run):
    shown, *_ = run(
        "chat = panel('demo/echo')\nchat",
        "asked = chat.ask('One')",
        "asked.result();",
    )
    assert "said “One”" in copies(shown)[0]["text/markdown"]


def test_what_is_forgotten_or_changed_is_so_in_the_copy(run):
    cleared, changed, _ = run(
        "one = panel('demo/echo')\none",
        "two = panel('demo/echo')\ntwo",
        "one.ask('First').result()\none.clear()\ntwo.ask('Second').result()\n"
        "two.system_prompt = 'Be short.'\ntwo.models_priority_list = ['demo/long']\n"
        "import time\nfrom concurrent.futures import Future\nfrom gptrouter_notebook.worker import shared_worker\n"
        "heard = Future()\nshared_worker().call_soon(heard.set_result, None)\nheard.result()\n"
        "while two._saved._settling is not None: time.sleep(0.01)",
    )
    [one], [two] = copies(cleared), copies(changed)
    assert one[CHAT_MIME]["turns"] == []
    assert one["text/markdown"] == ""
    assert two["text/markdown"].startswith("**System**\n\nBe short.\n\n**You**\n\nSecond\n\n")
    assert two[CHAT_MIME]["models"] == ["demo/long"]


def test_an_answer_that_ends_under_capture_reaches_the_copy_and_not_the_captured(run):
    shown, _, captured = run(
        "chat = panel('demo/echo')\nchat",
        "%%capture caught\nprint('mine')\n_ = chat.ask('One').result()",
        "print(len(caught.outputs), caught.stdout)",
    )
    assert "One" in copies(shown)[0]["text/markdown"]
    assert captured[0].text == "0 mine\n\n"


def test_a_closed_panel_leaves_its_copy_and_a_failed_answer_is_in_it(run):
    shown, *_ = run(
        "chat = panel('demo/down')\nchat",
        "try:\n    chat.ask('One').result()\nexcept Exception: pass\nchat.close()",
    )
    [copy] = copies(shown)
    assert copy[CHAT_MIME]["turns"][0]["answer"]["reason"] == "failed"
    assert copy[CHAT_MIME]["turns"][0]["answer"]["error"]["message"] in copy["text/html"].replace("&#x27;", "'")


def test_the_same_conversation_is_saved_in_the_same_bytes(run):
    def normal(outputs):
        [copy] = copies(outputs)
        saved = copy[CHAT_MIME]
        for turn in saved["turns"]:
            turn["answer"]["meta"] = None
        return json.dumps(saved)

    source = ("chat = panel('demo/echo')\nchat", "chat.ask('One').result()\nchat.ask('Two').result();")
    assert normal(run(*source)[0]) == normal(run(*source)[0])


LARGEST_NOTEBOOK = 1_500_000


def test_three_panels_of_fifty_turns_stay_small(gateway):
    model = GPTRouter(models_priority_list=["demo/markdown"], base_url=gateway.url, api_key=gateway.key)
    answer = model.invoke("Show me what you can do")
    talk = conversation_of([HumanMessage("Show me what you can do"), answer] * 50)
    assert len(talk) == 50
    data = TranscriptBundle().write(
        talk, model.models_priority_list, Settings("Be short."), mark="gptrouter-0123456789"
    )
    outputs = [nbformat.v4.new_output("display_data", data=data) for _ in range(3)]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(outputs=[output]) for output in outputs])
    size = len(nbformat.writes(notebook).encode())
    assert size < LARGEST_NOTEBOOK
    short = TranscriptBundle().write(conversation_of([HumanMessage("Hi"), answer] * 20), (), Settings())
    assert "text/markdown" in short


def test_saving_the_widgets_too_adds_the_front_end_and_the_conversation_and_no_more(open_panel):
    panel, _ = open_panel("demo/echo")
    panel.ask("One").result(PATIENCE_S)
    wait_until(lambda: panel.conversation["turns"])
    state = panel.get_state()
    assert len(json.dumps(state.pop("conversation"))) < 2 * len(json.dumps(panel.to_dict()))
    front_end = len(json.dumps([state.pop("_esm"), state.pop("_css")]))
    assert front_end < 120_000  # as notebooks/kept-chats.ipynb says
    assert len(json.dumps(state, default=str)) < 3_000
