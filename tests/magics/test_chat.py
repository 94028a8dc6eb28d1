"""`%gptrouter chat`: cells and panel are one conversation, with one list."""

from __future__ import annotations

import signal
import threading

import pytest
from replay import eventually
from shells import asked, dialogue


@pytest.fixture
def chat(shell):
    """Opens the panel of a shell's cells."""
    magics = shell.magics_manager.registry["GPTRouterMagics"]

    def chat():
        assert shell.run_cell("%gptrouter chat").success
        return magics._panel.widget

    yield chat
    if magics._panel is not None:
        magics._panel.widget.close()


def labels(panel):
    return [model.label for model in panel.models_priority_list]


def test_the_panel_has_what_the_cells_said_and_they_go_on_together(shell, gateway, chat):
    shell.run_cell("%gptrouter use demo/echo")
    shell.run_cell("%%gptrouter\nOne")
    panel = chat()
    assert panel.messages[0].content == "One"
    panel.ask("Two").result()
    shell.run_cell("%%gptrouter\nThree")
    assert [text for role, text in dialogue(gateway) if role == "user"] == ["One", "Two", "Three"]
    assert len(panel.messages) == 6


def test_a_cells_answer_streams_in_the_panel_too(shell, chat):
    shell.run_cell("%gptrouter use demo/markdown")
    panel = chat()
    pieces = []
    panel.observe(lambda change: pieces.append(change["new"]["text"]), "delta")
    shell.run_cell("%%gptrouter -o ans\nOne")
    assert "".join(pieces) == shell.user_ns["ans"].text
    eventually(lambda: panel.status == "idle")
    assert panel.conversation["turns"][-1]["user"] == "One"


def test_list_and_panel_follow_each_other(shell, gateway, chat):
    shell.run_cell("%gptrouter use demo/echo")
    panel = chat()
    shell.run_cell("%gptrouter use demo/markdown demo/echo")
    assert labels(panel) == ["demo/markdown", "demo/echo"]
    panel.models_priority_list = ["demo/echo", "demo/slow"]
    shell.run_cell("%%gptrouter\nHi")
    assert [label for label, _ in asked(gateway)] == ["demo/echo", "demo/slow"]


def test_a_cells_own_flags_are_for_this_question_only(shell, gateway, chat):
    shell.run_cell("%gptrouter use demo/echo")
    panel = chat()
    shell.run_cell("%%gptrouter -m demo/markdown -s Once. -t 0.5 --param top_p=0.1\nHi")
    assert [label for label, _ in asked(gateway)] == ["demo/markdown"]
    params = gateway.requests[-1]["data"][0]["promptParams"]
    assert (params["temperature"], params["top_p"], params["messages"][0]["content"]) == (0.5, 0.1, "Once.")
    assert labels(panel) == ["demo/echo"]
    panel.ask("Two").result()
    params = gateway.requests[-1]["data"][0]["promptParams"]
    assert params.keys() == {"messages"}
    assert params["messages"][0]["role"] == "user"


def test_outside_of_the_conversation_is_outside_of_the_panel(shell, gateway, chat):
    shell.run_cell("%gptrouter use demo/echo")
    panel = chat()
    shell.run_cell("%%gptrouter --no-history\nAside")
    assert panel.messages == []
    panel.ask("One").result()
    assert dialogue(gateway) == [("user", "One")]


def test_one_panel_is_enough_and_a_closed_one_is_replaced(shell, chat):
    shell.run_cell("%gptrouter use demo/echo")
    first = chat()
    assert chat() is first
    shell.run_cell("%%gptrouter\nOne")
    first.close()
    assert shell.run_cell("%%gptrouter\nTwo").success
    second = chat()
    assert second is not first
    assert [m.content for m in second.messages if m.type == "human"] == ["One", "Two"]


def test_reset_clears_the_panel(shell, gateway, chat):
    shell.run_cell("%gptrouter use demo/echo")
    panel = chat()
    shell.run_cell("%%gptrouter\nOne")
    assert shell.run_cell("%gptrouter reset").success
    assert panel.messages == []
    shell.run_cell("%%gptrouter\nTwo")
    assert dialogue(gateway) == [("user", "Two")]


def test_a_cell_that_comes_while_the_panel_streams_is_refused_with_a_sentence(shell, gateway, chat, capsys):
    shell.run_cell("%gptrouter use demo/stalls")
    panel = chat()
    panel.ask("One")
    eventually(lambda: gateway.open_streams == 1)
    assert not shell.run_cell("%%gptrouter -m demo/echo\nTwo").success
    assert "An answer is still streaming" in capsys.readouterr().out
    panel.stop()
    eventually(lambda: panel.status == "idle")
    assert shell.run_cell("%%gptrouter -m demo/echo\nTwo").success


def test_an_interrupted_cell_stops_only_its_own_answer(shell, gateway, chat):
    shell.run_cell("%gptrouter use demo/stalls")
    panel = chat()

    def interrupt():
        eventually(lambda: panel.messages)
        signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)

    interrupter = threading.Thread(target=interrupt)
    interrupter.start()
    result = shell.run_cell("%%gptrouter\nOne")
    interrupter.join()
    assert isinstance(result.error_in_exec, KeyboardInterrupt)
    eventually(lambda: panel.status == "idle" and gateway.open_streams == 0)
    assert panel.ask("Two").turn == 2
    panel.stop()


def test_without_a_list_there_is_no_panel_but_a_sentence(shell, capsys):
    assert not shell.run_cell("%gptrouter chat").success
    assert "No model is named" in capsys.readouterr().out


def test_with_another_gateway_the_open_panel_goes_its_own_way(shell, gateway, chat, monkeypatch):
    shell.run_cell("%gptrouter use demo/echo")
    panel = chat()
    shell.run_cell("%%gptrouter\nOne")
    monkeypatch.setenv("GPT_ROUTER_API_BASE", gateway.url)  # set back at the end, with the key
    monkeypatch.setenv("GPT_ROUTER_API_KEY", gateway.key)
    assert shell.run_cell("%gptrouter demo").success
    gateway.requests.clear()
    assert shell.run_cell("%%gptrouter\nTwo").success
    assert not gateway.requests
    assert len(panel.messages) == 2
    magics = shell.magics_manager.registry["GPTRouterMagics"]
    assert len(magics._conversation) == 2
    panel.ask("Three").result()
    assert dialogue(gateway)[-1] == ("user", "Three")
    panel.close()
