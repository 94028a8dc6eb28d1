"""`%gptrouter fix`: the last failed cell, explained, with a corrected one that is never run."""

from __future__ import annotations

from shells import asked, dialogue


def test_it_sends_code_and_traceback_and_offers_a_cell(shell, gateway, script, capsys):
    shell.run_cell("total = 1 + '2'", store_history=True)
    shell.run_cell("%%gptrouter\nno model is named here", store_history=True)
    capsys.readouterr()
    script.text = "A number and a text cannot be added.\n\n```python\ntotal = 1 + 2\n```\n"
    assert shell.run_cell("%gptrouter fix -m demo/script -o ans", store_history=True).success
    (system, how), (_, question) = dialogue(gateway)
    assert (system, "fenced code block" in how) == ("system", True)
    assert "```python\ntotal = 1 + '2'\n```" in question
    assert "TypeError: unsupported operand" in question
    assert "A number and a text" in (printed := capsys.readouterr().out)
    assert "the code is in a new cell below" in printed
    assert shell.rl_next_input == "total = 1 + 2"
    assert "total" not in shell.user_ns
    assert shell.user_ns["ans"].text == script.text


def test_it_asks_who_is_in_use_and_goes_on_with_the_conversation(shell, gateway, script):
    script.text = "```python\n1\n```"
    shell.run_cell("%gptrouter use demo/script demo/echo")
    shell.run_cell("raise ValueError('one')")
    assert shell.run_cell("%gptrouter fix").success
    assert [label for label, _ in asked(gateway)] == ["demo/script", "demo/echo"]
    assert shell.run_cell("%%gptrouter\nWhy?").success
    assert [text for role, text in dialogue(gateway) if role == "user"][1:] == ["Why?"]


def test_a_long_cell_is_cut_and_says_so(shell, gateway):
    shell.run_cell("x = '" + "x" * 20_000 + "'; y.missing")
    assert shell.run_cell("%gptrouter fix -m demo/echo").success
    question = dialogue(gateway)[-1][1]
    assert "# … (cut here)" in question
    assert "(the beginning is cut) …" in question
    assert "NameError" in question
    assert len(question) < 18_000


def test_an_interrupted_cell_is_no_mistake(shell, capsys):
    shell.run_cell("raise KeyboardInterrupt")
    assert not shell.run_cell("%gptrouter fix -m demo/echo").success
    assert "No cell has failed" in capsys.readouterr().err
