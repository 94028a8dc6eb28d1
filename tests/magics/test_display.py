from __future__ import annotations

from gptrouter_notebook.display import Pace, TerminalOutput


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
