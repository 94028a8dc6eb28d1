"""Values of the notebook in the prompts of cells."""

from __future__ import annotations

import pytest
from shells import dialogue

from gptrouter_notebook.context import CAP


def sent(shell, gateway, prompt, flags=""):
    assert shell.run_cell(f"%%gptrouter -m demo/echo --no-history {flags}\n{prompt}", store_history=True).success
    [(role, text)] = dialogue(gateway)
    assert role == "user"
    return text


def test_names_of_the_notebook_are_replaced(shell, gateway):
    shell.run_cell("city, d = 'Bern', {'a': [1, 2]}")
    assert sent(shell, gateway, "{city} {d['a']} {d['b']} {missing} {'city': 1}") == (
        "Bern [1, 2] {d['b']} {missing} {'city': 1}"
    )


def test_raw_replaces_nothing(shell, gateway):
    shell.run_cell("city = 'Bern'")
    assert sent(shell, gateway, "{city}", "--raw") == "{city}"


@pytest.mark.parametrize("name", ["exit", "open", "get_ipython", "shell", "quit"])
def test_what_ipython_put_there_is_not_meant(shell, gateway, name):
    assert sent(shell, gateway, f"{{{name}}}") == f"{{{name}}}"


def test_cells_are_meant_by_the_number_their_reader_sees(shell, gateway):
    shell.run_cell("40 + 2", store_history=True)
    shell.run_cell("1 / 0", store_history=True)
    shell.run_cell("def broken(:", store_history=True)
    shell.run_cell("%no_such_magic", store_history=True)
    assert sent(shell, gateway, "{In[1]} gave {Out[1]}; {In[2]}: {Err[1]} {Out[2]}") == (
        "40 + 2 gave 42; 1 / 0: {Err[1]} {Out[2]}"
    )
    assert sent(shell, gateway, "{In[4]}") == "%no_such_magic"
    zero, syntax, usage = (sent(shell, gateway, f"{{Err[{number}]}}") for number in (2, 3, 4))
    assert "----> 1 1 / 0" in zero
    assert zero.endswith("ZeroDivisionError: division by zero")
    assert "\x1b" not in zero
    assert "def broken(:" in syntax
    assert "SyntaxError" in syntax
    assert "site-packages" not in zero + syntax
    assert usage == "UsageError: Line magic function `%no_such_magic` not found."


def test_an_answer_can_be_asked_about(shell, gateway):
    shell.run_cell("%%gptrouter -m demo/echo -o ans\nHi", store_history=True)
    assert sent(shell, gateway, "{ans} {Out[1].model}") == shell.user_ns["ans"].text + " echo"


def test_a_value_that_was_cut_is_told_to_both(shell, gateway, capsys):
    shell.run_cell("long, short = 'x' * 20_000, 'y'")
    assert sent(shell, gateway, "{long} {short}").endswith("(cut to 8,000 characters; the whole: 20,000 characters) y")
    printed = capsys.readouterr().out
    assert f"long: only the first {CAP:,} characters" in printed
    assert "short:" not in printed
    shell.run_cell("%config GPTRouterMagics.value_characters = 300")
    assert len(sent(shell, gateway, "{long}")) == 300


def test_a_value_whose_text_cannot_be_made_stays_as_typed(shell, gateway):
    shell.run_cell("class Odd:\n    def __str__(self):\n        raise KeyError('odd')\nodd = Odd()")
    assert sent(shell, gateway, "{odd}") == "{odd}"
    assert sent(shell, gateway, "{Odd}").startswith("class Odd:\n    def __str__")


def test_a_picture_goes_with_the_question(shell, gateway, capsys):
    image = pytest.importorskip("PIL.Image")
    shell.user_ns["photo"] = image.new("RGB", (8, 4))
    assert shell.run_cell("%%gptrouter -m demo/echo\nWhat is on {photo}?").success
    [(_, parts)] = dialogue(gateway)
    assert parts[0] == {"type": "text", "text": "What is on [picture 1: Image, 8 × 4 pixels]?"}
    assert parts[1]["image_url"]["url"].startswith("data:image/png;base64,")
    assert "I received 1 picture: image/png, 69 bytes, 8 × 4 pixels" in capsys.readouterr().out
