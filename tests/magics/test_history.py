"""One conversation for all `%%gptrouter` cells, and what `%gptrouter` tells of it."""

from __future__ import annotations

import pickle
import signal
import threading

from replay import eventually
from shells import USER_KEY, dialogue


def interrupted(shell, cell):
    """Runs a cell and interrupts it when its answer has begun."""
    conversation = shell.magics_manager.registry["GPTRouterMagics"]._conversation

    def interrupt():
        eventually(lambda: conversation.last and conversation.last.answer.text)
        signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)

    interrupter = threading.Thread(target=interrupt)
    interrupter.start()
    result = shell.run_cell(cell)
    interrupter.join()
    assert isinstance(result.error_in_exec, KeyboardInterrupt)


def test_cells_go_on_with_one_conversation(shell, gateway):
    shell.run_cell("%%gptrouter -m demo/echo -o first\nOne")
    shell.run_cell("%%gptrouter -m demo/markdown\nTwo")
    assert dialogue(gateway) == [("user", "One"), ("assistant", shell.user_ns["first"].text), ("user", "Two")]


def test_no_history_asks_outside_of_the_conversation(shell, gateway):
    shell.run_cell("%%gptrouter -m demo/echo\nOne")
    shell.run_cell("%%gptrouter -m demo/echo --no-history -o aside\nAside")
    assert dialogue(gateway) == [("user", "Aside")]
    assert "Aside" in shell.user_ns["aside"].text
    shell.run_cell("%%gptrouter -m demo/echo\nTwo")
    assert [text for role, text in dialogue(gateway) if role == "user"] == ["One", "Two"]


def test_reset_forgets(shell, gateway, capsys):
    shell.run_cell("%%gptrouter -m demo/echo\nOne")
    assert shell.run_cell("%gptrouter reset").success
    assert "begins a new one" in capsys.readouterr().out
    shell.run_cell("%%gptrouter -m demo/echo\nTwo")
    assert dialogue(gateway) == [("user", "Two")]


def test_a_question_nobody_answered_is_not_told_to_the_next_model(shell, gateway):
    assert not shell.run_cell("%%gptrouter -m demo/fails-first\nOne").success
    assert not shell.run_cell("%%gptrouter -m demo/no-such-model\nTwo").success
    assert shell.run_cell("%%gptrouter -m demo/echo\nThree").success
    assert dialogue(gateway) == [("user", "Three")]


def test_a_partial_answer_is_part_of_the_conversation(shell, gateway):
    assert not shell.run_cell("%%gptrouter -m demo/breaks\nOne").success
    assert shell.run_cell("%%gptrouter -m demo/echo\nGo on").success
    (_, asked), (role, partial), (_, newest) = dialogue(gateway)
    assert (asked, role, newest) == ("One", "assistant", "Go on")
    assert partial.startswith("I am a demo model: in a moment")


def test_an_interrupted_answer_keeps_what_there_was(shell, gateway, capsys):
    interrupted(shell, "%%gptrouter -m demo/stalls -o ans\nOne")
    assert "ans" not in shell.user_ns
    eventually(lambda: gateway.open_streams == 0)
    shown = capsys.readouterr().out
    assert shell.run_cell("%%gptrouter -m demo/echo\nGo on").success
    _, (role, partial), (_, newest) = dialogue(gateway)
    assert (role, newest) == ("assistant", "Go on")
    assert partial
    assert partial in shown


def test_explain_names_who_would_answer_and_sends_nothing(shell, gateway, capsys):
    shell.run_cell("%gptrouter use demo/down demo/slow demo/never-checked demo/markdown demo/echo")
    capsys.readouterr()
    assert shell.run_cell("%gptrouter explain").success
    first, *listed = capsys.readouterr().out.strip().split("\n")
    assert first == "demo/markdown would answer now. Nothing was sent."
    assert [line for line in listed if line] == [
        "1. `demo/down`: skipped: down",
        "2. `demo/slow`: skipped: slower than 4 s",
        "3. `demo/never-checked`: skipped: never checked",
        "4. `demo/markdown`: asked first (its last check took 180 ms)",
        "5. `demo/echo`: asked only if those above it fail",
    ]
    assert not gateway.requests


def test_explain_says_when_nobody_would_answer(shell, capsys):
    shell.run_cell("%gptrouter use demo/down demo/slow")
    shell.run_cell("%gptrouter explain")
    assert "Nobody would answer now: every model of the list would be skipped." in capsys.readouterr().out
    shell.run_cell("%gptrouter use demo/echo demo/ecko")
    shell.run_cell("%gptrouter explain")
    shown = capsys.readouterr().out
    assert "Nobody would answer: demo/ecko is not known to this gateway." in shown
    assert "demo/echo would answer" not in shown


def test_usage_counts_the_conversation_and_the_gateways_costs(shell, monkeypatch, capsys):
    monkeypatch.setenv("GPT_ROUTER_API_KEY", USER_KEY)
    shell.run_cell("%gptrouter usage")
    assert "This conversation: 0 questions, 0 tokens." in capsys.readouterr().out
    shell.run_cell("%%gptrouter -m demo/echo -o one\nOne")
    shell.run_cell("%%gptrouter -m demo/echo -o two\nTwo")
    shell.run_cell("%%gptrouter -m demo/breaks\nThree")
    capsys.readouterr()
    assert shell.run_cell("%gptrouter usage").success
    shown = capsys.readouterr().out
    tokens = shell.user_ns["one"].usage["total_tokens"] + shell.user_ns["two"].usage["total_tokens"]
    assert f"This conversation: 3 questions, {tokens} tokens (and 1 answer that nobody counted)." in shown
    row = next(line for line in shown.splitlines() if "demo/echo" in line)
    _, _, counted, cost, _ = (cell.strip() for cell in row.split("|"))
    assert counted == str(tokens)
    assert 0 < float(cost.removeprefix("$")) < 1


def test_a_cost_that_is_not_known_is_not_made_up():
    from gptrouter_notebook import commands
    from gptrouter_notebook.records import ModelUsage, UsagePoint

    def cost(*costs):
        return commands._cost(ModelUsage("m", tuple(UsagePoint(1, 2, 3, cost, None) for cost in costs)))

    assert cost(0.25, 0.5) == "$0.7500"
    assert cost(None, None) == "unknown"
    assert cost(0.25, None) == "at least $0.2500"


def test_an_answer_says_what_it_cost_and_can_be_pickled(shell, monkeypatch):
    monkeypatch.setenv("GPT_ROUTER_API_KEY", USER_KEY)
    shell.run_cell("%%gptrouter -m demo/echo -o one\nOne")
    one = shell.user_ns["one"]
    eventually(lambda: one.cost is not None)
    assert 0 < one.cost < 1
    again = pickle.loads(pickle.dumps(one))  # noqa: S301 - our own bytes
    assert (again.text, again.usage, again.cost) == (one.text, one.usage, None)
