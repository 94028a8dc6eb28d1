"""Stop: early, late, twice, while nothing comes. The gateway counts its open streams."""

import signal
import threading
import time

import pytest
from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.messages import AIMessage
from waiting import PATIENCE_S, all_events, asked_of, next_event, wait_until

from gptrouter_notebook.routing import as_models
from gptrouter_notebook.session import Refused
from gptrouter_notebook.turn_events import Delta, Ended, Started


def test_stop_closes_the_connection_while_the_gateway_is_silent(make_session, gateway):
    session = make_session("demo/stalls")
    asked = session.send("Hi")
    next_event(session, Delta)
    wait_until(lambda: gateway.open_streams == 1)
    assert asked.reason == "streaming"
    stopped_at = time.monotonic()
    assert session.stop(asked.turn)
    ended = next_event(session, Ended)
    wait_until(lambda: gateway.open_streams == 0)
    assert time.monotonic() - stopped_at < 2
    assert (ended.reason, ended.error) == ("stopped", None)
    answer = asked.result(PATIENCE_S)
    assert answer.content
    assert asked.reason == "stopped"


def test_what_a_stopped_answer_said_is_told_to_the_next_model(make_session, gateway):
    session = make_session("demo/stalls")
    asked = session.send("One")
    next_event(session, Delta)
    asked.stop()
    partial = asked.result(PATIENCE_S).content
    session.models = as_models(["demo/echo"])
    session.send("Two").result(PATIENCE_S)
    assert asked_of(gateway) == [("user", "One"), ("assistant", partial), ("user", "Two")]


@pytest.mark.parametrize("attempt", range(5))
def test_stop_at_once_before_the_first_token(make_session, attempt):
    del attempt
    session = make_session("demo/long")
    asked = session.send("Hi")
    asked.stop()
    started, *_, ended = all_events(session)
    assert isinstance(started, Started)
    assert ended.reason == "stopped"
    assert asked.result(PATIENCE_S).content == session.conversation.last.answer.text
    assert not session.is_streaming


def test_stopping_twice_ends_once(make_session):
    session = make_session("demo/stalls")
    asked = session.send("Hi")
    next_event(session, Delta)
    for _ in range(10):
        asked.stop()
    assert next_event(session, Ended).reason == "stopped"
    assert not session.stop(asked.turn)
    session.models = as_models(["demo/echo"])
    session.send("Still there?").result(PATIENCE_S)
    assert [event.reason for event in all_events(session) if isinstance(event, Ended)] == ["complete"]


@pytest.mark.parametrize("heard", range(1, 8))
def test_a_stop_anywhere_up_to_the_end_leaves_one_end_and_a_working_session(make_session, heard):
    session = make_session("p/m", model=GenericFakeChatModel(messages=iter([AIMessage("a b c")] * 2)))
    numbers = iter(range(1, 99))
    # Started, five pieces of text, Ended: the last ones cross the end.
    session.listen(lambda _: session.stop() if next(numbers) == heard else None)
    asked = session.send("Hi")
    answer = asked.result(PATIENCE_S)
    events = all_events(session)
    assert session.events.empty()
    assert "".join(event.text for event in events if isinstance(event, Delta)) == answer.content
    assert "a b c".startswith(answer.content)
    assert events[-1].reason == asked.reason
    if heard == 7:
        assert (asked.reason, answer.content) == ("complete", "a b c")
    elif heard < 5:
        assert asked.reason == "stopped"
    assert session.send("Again").result(PATIENCE_S).content == "a b c"


def test_stop_of_another_turn_does_nothing(make_session):
    session = make_session("demo/stalls")
    asked = session.send("Hi")
    assert not session.stop(asked.turn + 1)
    assert session.is_streaming
    assert session.stop()


def test_an_interrupted_wait_stops_the_answer(make_session):
    session = make_session("demo/stalls")
    asked = session.send("Hi")

    def interrupt():
        wait_until(lambda: asked._run.outcome._condition._waiters)
        signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    thread.start()
    with pytest.raises(KeyboardInterrupt):
        asked.result(PATIENCE_S)
    thread.join()
    assert next_event(session, Ended).reason == "stopped"


def test_close_stops_the_answer_and_refuses_the_next(make_session, gateway):
    session = make_session("demo/stalls")
    asked = session.send("Hi")
    next_event(session, Delta)
    session.close()
    asked.result(PATIENCE_S)
    wait_until(lambda: gateway.open_streams == 0)
    with pytest.raises(Refused, match="closed"):
        session.send("Hi")
