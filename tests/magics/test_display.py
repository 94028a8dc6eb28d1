from __future__ import annotations

import re
import unicodedata

import pytest
from hostile_corpus import CASES

from gptrouter_notebook.display import Pace, TerminalOutput
from gptrouter_notebook.errors import GPTRouterError
from gptrouter_notebook.formats import FORMATS, leave

FRAME = r'<iframe sandbox srcdoc="[^<>"]*" title="[^<>"]*" style="[^<>"]*"></iframe>'
SOURCE = r"<details><summary>Source</summary><pre>[^<>]*</pre></details>"
"""Where an answer in HTML stands: in an attribute, for a frame that runs and fetches nothing; and as its source."""


def sent_by(pace_at, pieces, seconds):
    """Lengths sent for a text that grows evenly by `pieces` characters over `seconds`."""
    sent = []
    now = [0.0]
    pace = pace_at(lambda: now[0])
    for i in range(1, pieces + 1):
        now[0] = seconds * i / pieces
        if pace.allows(i):
            sent.append(i)
    return sent


def test_a_short_answer_is_shown_ten_times_a_second():
    sent = sent_by(lambda clock: Pace(clock=clock), 500, 5.0)
    assert 45 <= len(sent) <= 51


def test_a_long_answer_costs_a_fixed_multiple_of_its_length():
    for length in (50_000, 100_000, 200_000):
        sent = sent_by(lambda clock: Pace(clock=clock), length, length / 1000)
        assert sum(sent) <= 12 * length + 32_768
        # and it keeps moving to the end
        assert sent[-1] > 0.8 * length


def test_the_first_piece_is_shown_at_once():
    assert Pace(clock=lambda: 0.0).allows(1)


def test_a_terminal_shows_control_characters_and_does_not_obey_them(capsys):
    output = TerminalOutput()
    output.delta("a\x1b[2J\x1b]0;title\x07\x9b31m\x7f\u202egnp.exe\tb\nc\r")
    output.close("")
    assert capsys.readouterr().out == "a␛[2J␛]0;title␇\ufffd31m␡\ufffdgnp.exe\tb\nc␍\n"


def test_nothing_that_attacks_its_reader_reaches_a_terminal_as_a_command(capsys):
    for text in CASES:
        output = TerminalOutput()
        for at in range(0, len(text), 65_536):
            output.delta(text[at : at + 65_536])
        output.broke("It broke off.")
        output.close("note")
        printed = capsys.readouterr().out
        assert len(printed) >= len(text)
        commands = {one for one in printed if unicodedata.category(one) == "Cc"} - {"\n", "\t"}
        assert commands == set(), text[:200]
        assert not re.search("[\u202a-\u202e\u2066-\u2069]", printed), text[:200]


@pytest.mark.parametrize("form", FORMATS)
def test_nothing_that_attacks_its_reader_is_left_as_html_that_runs(form):
    for text in CASES:
        try:
            bundle = leave(form, text, "p/m").bundle
        except GPTRouterError:
            continue
        assert set(bundle) <= {"text/plain", "text/markdown", "text/latex", "text/html", "application/json"}
        if "text/html" in bundle:
            assert re.fullmatch(FRAME + SOURCE, bundle["text/html"]), text[:200]
