"""The same faults as seen from a panel: every turn ends, says what is so, and the next one is answered."""

from __future__ import annotations

import pytest
from recorded_view import is_idle, streaming_parts
from replay import eventually
from test_fault_matrix import BROKEN, FAULTS, FRAMES, SILENCE_S, TEXT, chunked, model_at, server

__all__ = ["server"]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_turn_ends_and_the_next_one_is_answered(server, open_panel, fault):
    answer, expected = FAULTS[fault]
    is_whole = isinstance(expected, str)
    panel, view = open_panel(model=model_at(server.url, 30.0 if is_whole else SILENCE_S))
    server.on("/api/v1/generate", answer)
    view.command("send", id=1, text="Hi")
    view.wait(is_idle(view))
    [ended] = view.messages("turn_ended")
    if is_whole:
        assert (ended["reason"], ended["error"]) == ("complete", None)
        assert streaming_parts(view, 1) == [expected]
    else:
        assert (ended["reason"], panel.status) == ("failed", "idle")
        assert ended["error"]["message"].rstrip("*_`")[-1] in ".!?"
        assert "\n" not in ended["error"]["message"]
        # What was shown stays.
        assert panel._session.conversation.last.answer.text == streaming_parts(view, 1)[-1]
        assert bool(panel.messages) == bool(streaming_parts(view, 1)[-1])
    if expected is BROKEN and "tokens" in fault:
        assert streaming_parts(view, 1)[-1] == TEXT[:6]
    server.on("/api/v1/generate", chunked(*FRAMES))
    view.command("send", id=2, text="Again")
    view.wait(lambda: len(view.messages("turn_ended")) == 2 and is_idle(view)())
    assert panel.messages[-1].content == TEXT
    panel.close()
    eventually(lambda: not panel._session.is_streaming)
