"""Few numbered pieces out of many small ones."""

from hypothesis import given
from hypothesis import strategies as st

from gptrouter_notebook.coalescer import INTERVAL_S, Coalescer, Numbered


def test_the_first_piece_goes_at_once():
    assert Coalescer().push("a", 10.0) == Numbered(1, "a")


def test_pieces_within_the_interval_are_joined_into_the_next():
    coalescer = Coalescer()
    coalescer.push("a", 10.0)
    assert coalescer.push("b", 10.01) is None
    assert coalescer.push("c", 10.02) is None
    assert coalescer.push("d", 10.0 + INTERVAL_S) == Numbered(2, "bcd")


def test_what_is_held_says_when_it_is_due():
    coalescer = Coalescer(interval_s=0.5)
    assert coalescer.due_in_s(10.0) is None
    coalescer.push("a", 10.0)
    assert coalescer.due_in_s(10.0) is None
    coalescer.push("b", 10.25)
    assert coalescer.due_in_s(10.25) == 0.25
    assert coalescer.due_in_s(99.0) == 0.0
    assert coalescer.flush(99.0) == Numbered(2, "b")
    assert coalescer.due_in_s(99.0) is None


def test_a_flush_with_nothing_held_uses_no_number():
    coalescer = Coalescer()
    assert coalescer.flush(1.0) is None
    assert coalescer.push("", 1.0) is None
    assert coalescer.seq == 0


@given(st.lists(st.tuples(st.text(max_size=4), st.floats(0, 0.2)), max_size=200))
def test_nothing_is_lost_numbers_have_no_gap_and_there_are_at_most_31_a_second(pieces):
    coalescer, now, handed_on = Coalescer(), 0.0, []
    for text, pause_s in pieces:
        now += pause_s
        if (numbered := coalescer.push(text, now)) is not None:
            handed_on.append((now, numbered))
    times = [at for at, _ in handed_on]
    if (tail := coalescer.flush(now)) is not None:
        handed_on.append((now, tail))
    assert "".join(numbered.text for _, numbered in handed_on) == "".join(text for text, _ in pieces)
    assert [numbered.seq for _, numbered in handed_on] == list(range(1, len(handed_on) + 1))
    assert all(sum(start <= at < start + 1 for at in times) <= 31 for start in times)
