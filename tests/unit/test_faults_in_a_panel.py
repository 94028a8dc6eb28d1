"""The same faults as seen from a panel: every turn ends, says what is so, and the next one is answered."""

from __future__ import annotations

import pytest
from faults import AWAY, BROKEN, FAULTS, FRAMES, SILENCE_S, STATUSES, TEXT, chunked, model_at
from recorded_view import is_idle, streaming_parts
from replay import Answer, eventually, json_reply
from test_fault_matrix import server

__all__ = ["server"]


ROWS = {
    **FAULTS,
    **{
        f"status {status}": (Answer(json_reply(status, {"message": "No."})), expected)
        for status, expected in STATUSES.items()
    },
    "a name that cannot be looked up": ("http://nowhere.invalid", AWAY),
    "refused": ("http://127.0.0.1:9", AWAY),
}


def names_of(*kinds):
    """The names of these errors, and of those that are kinds of them."""
    return {kind.__name__ for kind in kinds}.union(*(names_of(*kind.__subclasses__()) for kind in kinds))


@pytest.mark.parametrize("fault", ROWS)
def test_a_turn_ends_and_the_next_one_is_answered(server, open_panel, fault):
    answer, expected = ROWS[fault]
    is_whole = isinstance(expected, str)
    url = answer if isinstance(answer, str) else server.url
    panel, view = open_panel(model=model_at(url, 30.0 if is_whole else SILENCE_S))
    if url == server.url:
        server.on("/api/v1/generate", answer)
    view.command("send", id=1, text="Hi")
    view.wait(is_idle(view))
    [ended] = view.messages("turn_ended")
    if is_whole:
        assert (ended["reason"], ended["error"]) == ("complete", None)
        assert streaming_parts(view, 1) == [expected]
    else:
        assert (ended["reason"], panel.status) == ("failed", "idle")
        assert ended["error"]["kind"] in names_of(*expected)
        assert ended["error"]["message"].rstrip("*_`")[-1] in ".!?"
        assert "\n" not in ended["error"]["message"]
        # What was shown stays.
        assert panel._session.conversation.last.answer.text == streaming_parts(view, 1)[-1]
        assert bool(panel.messages) == bool(streaming_parts(view, 1)[-1])
    if expected is BROKEN and "tokens" in fault:
        assert streaming_parts(view, 1)[-1] == TEXT[:6]
    if url != server.url:
        return
    server.on("/api/v1/generate", chunked(*FRAMES))
    view.command("send", id=2, text="Again")
    view.wait(lambda: len(view.messages("turn_ended")) == 2 and is_idle(view)())
    assert panel.messages[-1].content == TEXT
    panel.close()
    eventually(lambda: not panel._session.is_streaming)
