"""Editing, asking again, branches, messages that wait, what is left out, and how models are asked."""

import pytest
from waiting import PATIENCE_S, all_events, asked_of, next_event

from gptrouter_notebook.conversation import Question
from gptrouter_notebook.errors import ConfigurationError, GPTRouterError
from gptrouter_notebook.routing import as_models
from gptrouter_notebook.session import Refused
from gptrouter_notebook.settings import Settings
from gptrouter_notebook.turn_events import Ended, Queued, Rearranged, Started

PICTURE = "data:image/png;base64,iVBORw0KGgo="


def said(session, *texts):
    """The turns of a conversation that has been led so far."""
    turns = []
    for text in texts:
        asked = session.send(text)
        asked.result(PATIENCE_S)
        next_event(session, Ended)
        turns.append(asked.turn)
    return turns


def users(session):
    return [turn.user for turn in session.conversation]


def test_an_edited_question_is_asked_without_what_followed_it_and_the_old_branch_comes_back(make_session, gateway):
    session = make_session("demo/echo")
    _, two, _ = said(session, "One", "Two", "Three")
    session.edit(two, "Two!").result(PATIENCE_S)
    assert [text for role, text in asked_of(gateway) if role == "user"] == ["One", "Two!"]
    assert users(session) == ["One", "Two!"]
    next_event(session, Ended)
    session.show(two)
    next_event(session, Rearranged)
    assert users(session) == ["One", "Two", "Three"]
    said(session, "Four")
    assert [text for role, text in asked_of(gateway) if role == "user"] == ["One", "Two", "Three", "Four"]


def test_an_earlier_turn_can_be_asked_again_and_another_model_first(make_session, gateway):
    session = make_session("demo/echo", "demo/markdown")
    one, _ = said(session, "One", "Two")
    [other] = as_models(["demo/markdown"])
    answer = session.regenerate(one, other).result(PATIENCE_S)
    assert answer.response_metadata["model_name"] == "markdown"
    assert [entry["modelName"] for entry in gateway.requests[-1]["data"]] == ["markdown", "echo"]
    assert users(session) == ["One"]
    assert [model.name for model in session.models] == ["echo", "markdown"]
    assert len(session.conversation.branch(session.conversation.last)) == 2


def test_models_are_told_nothing_of_a_deleted_or_left_out_turn(make_session, gateway):
    session = make_session("demo/echo")
    one, two, _ = said(session, "One", "Two", "Three")
    session.delete(two)
    session.leave_out([one])
    next_event(session, Rearranged), next_event(session, Rearranged)
    said(session, "Four")
    assert [text for role, text in asked_of(gateway) if role == "user"] == ["Three", "Four"]
    session.leave_out([one], is_left_out=False)
    said(session, "Five")
    assert [text for role, text in asked_of(gateway) if role == "user"] == ["One", "Three", "Four", "Five"]


def test_what_is_not_there_is_refused(make_session):
    session = make_session("demo/echo")
    for act in (
        lambda: session.edit(9, "Hi"),
        lambda: session.show(9),
        lambda: session.delete(9),
        lambda: session.leave_out([9]),
        lambda: session.unqueue(9),
        lambda: session.send_now(9),
    ):
        with pytest.raises(Refused, match="nothing was done"):
            act()


def test_messages_wait_for_the_answer_before_them_and_are_asked_in_order(make_session, gateway):
    session = make_session("demo/markdown")
    for text in ("One", "Two", "Three"):
        session.enqueue(text)
    assert [waiting.question.text for waiting in session.waiting] == ["Two", "Three"]
    for text in ("One", "Two", "Three"):
        assert next_event(session, Started).turn.user == text
    next_event(session, Ended)
    assert session.waiting == ()
    assert [text for role, text in asked_of(gateway) if role == "user"] == ["One", "Two", "Three"]


def test_stopping_an_answer_sends_what_waits(make_session):
    session = make_session("demo/stalls")
    session.enqueue("One")
    next_event(session, Started)
    session.models = as_models(["demo/echo"])
    session.enqueue("Two")
    session.stop()
    assert next_event(session, Ended).reason == "stopped"
    assert next_event(session, Started).turn.user == "Two"
    assert next_event(session, Ended).reason == "complete"


def test_after_a_failure_messages_wait_until_they_are_sent_or_taken_back(make_session):
    session = make_session("demo/down")
    asked = session.send("One")
    for text in ("Two", "Three", "Four"):
        session.enqueue(text)
    with pytest.raises(GPTRouterError):
        asked.result(PATIENCE_S)
    next_event(session, Ended)
    two, three, four = session.waiting
    session.models = as_models(["demo/echo"])
    session.unqueue(three.id)
    session.send_now(two.id)
    assert [next_event(session, Started).turn.user for _ in "12"] == ["Two", "Four"]
    assert next_event(session, Ended).reason == "complete"
    assert users(session) == ["One", "Two", "Four"]
    assert four not in session.waiting
    with pytest.raises(Refused, match="does not wait"):
        session.unqueue(three.id)


def test_listeners_hear_what_waits(make_session):
    session = make_session("demo/stalls")
    session.enqueue("One")
    session.enqueue(Question("Two", images=(PICTURE,)))
    (waiting,) = next_event(session, Queued).waiting
    assert (waiting.question.text, waiting.question.images) == ("Two", (PICTURE,))
    session.unqueue(waiting.id)
    assert next_event(session, Queued).waiting == ()


def test_closing_forgets_what_waits(make_session):
    session = make_session("demo/stalls")
    session.enqueue("One")
    session.enqueue("Two")
    session.close()
    assert all_events(session)[-1].reason == "stopped"
    assert session.waiting == ()
    with pytest.raises(Refused, match="closed"):
        session.enqueue("Three")


def test_a_conversation_that_is_too_long_says_so_and_fits_when_turns_are_left_out(make_session):
    session = make_session("demo/echo")
    said(session, "first " * 60, "second " * 60)
    session.models = as_models(["demo/short-memory"])
    asked = session.send("Third")
    with pytest.raises(GPTRouterError):
        asked.result(PATIENCE_S)
    failure = next_event(session, Ended).error
    assert failure.is_too_long
    assert "maximum context length" in failure.message
    session.leave_out([1, 2])
    assert "Third" in session.regenerate(asked.turn).result(PATIENCE_S).content


def test_other_failures_are_not_taken_for_a_conversation_too_long(make_session):
    session = make_session("demo/down", "demo/fails-first")
    with pytest.raises(GPTRouterError):
        session.send("One").result(PATIENCE_S)
    assert not next_event(session, Ended).error.is_too_long


def test_settings_go_with_every_request_and_those_not_set_do_not(make_session, gateway):
    session = make_session("demo/echo", settings=Settings("Be short.", 0.25, 100, ("END",)))
    said(session, "One")
    params = gateway.requests[-1]["data"][0]["promptParams"]
    assert (params["temperature"], params["max_tokens"], params["stop"]) == (0.25, 100, ["END"])
    session.settings = Settings()
    said(session, "Two")
    assert set(gateway.requests[-1]["data"][0]["promptParams"]) == {"messages"}
    assert asked_of(gateway)[0][0] == "user"


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"temperature": -0.1}, "-0.1"),
        ({"temperature": float("nan")}, "nan"),
        ({"max_tokens": 0}, "0 tokens"),
    ],
)
def test_settings_out_of_bounds_are_refused(values, sentence):
    with pytest.raises(ConfigurationError, match=sentence):
        Settings(**values)


def test_pictures_go_with_the_question(make_session, gateway):
    session = make_session("demo/echo")
    session.send(Question("What is this?", images=(PICTURE,))).result(PATIENCE_S)
    [message] = gateway.requests[-1]["data"][0]["promptParams"]["messages"]
    assert [part["type"] for part in message["content"]] == ["text", "image_url"]
    assert session.send(Question("", images=(PICTURE,))).result(PATIENCE_S).content
