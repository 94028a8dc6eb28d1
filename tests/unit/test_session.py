"""The engine against a real gateway: what is asked, told and kept, and what is refused."""

import threading
from queue import Queue

import pytest
from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.messages import AIMessage
from waiting import PATIENCE_S, all_events, asked_of, next_event

from gptrouter_notebook.errors import ConfigurationError, GPTRouterError
from gptrouter_notebook.routing import as_models
from gptrouter_notebook.session import Refused
from gptrouter_notebook.settings import Settings
from gptrouter_notebook.turn_events import Delta, Ended, Rearranged, Started
from gptrouter_notebook.worker import shared_worker


def test_an_answer_is_told_in_order_and_kept(make_session):
    session = make_session("demo/echo")
    answer = session.send("Hello there").result(PATIENCE_S)
    started, *deltas, ended = all_events(session)
    assert started == Started(session.conversation.last, as_models(["demo/echo"]))
    assert all(isinstance(delta, Delta) and delta.turn == 1 for delta in deltas)
    assert len(deltas) > 2
    assert "".join(delta.text for delta in deltas) == answer.content
    assert "Hello there" in answer.content
    assert (ended.turn, ended.reason, ended.error) == (1, "complete", None)
    assert ended.meta.label == "demo/echo"
    assert [hop["outcome"] for hop in ended.meta.route] == ["answered"]
    assert 0 < ended.meta.first_token_s < ended.meta.total_s
    assert ended.meta.usage["output_tokens"] > 0
    assert answer.response_metadata["provider"] == "demo"
    assert answer.usage_metadata == ended.meta.usage
    assert session.conversation.messages()[-1] == answer


def test_the_next_question_carries_the_history_and_the_system_prompt(make_session, gateway):
    session = make_session("demo/echo", settings=Settings("Be short."))
    first = session.send("One").result(PATIENCE_S)
    session.send("Two").result(PATIENCE_S)
    assert asked_of(gateway) == [
        ("system", "Be short."),
        ("user", "One"),
        ("assistant", first.content),
        ("user", "Two"),
    ]


def test_a_changed_list_is_used_by_the_next_question_and_the_model_keeps_its_own(make_session, gateway):
    session = make_session("demo/echo")
    session.models = as_models(["demo/down", "demo/markdown"])
    session.send("Hi").result(PATIENCE_S)
    assert [entry["modelName"] for entry in gateway.requests[-1]["data"]] == ["down", "markdown"]
    ended = all_events(session)[-1]
    assert [hop["outcome"] for hop in ended.meta.route] == ["skipped", "answered"]
    assert [model.label for model in session._model.models_priority_list] == ["demo/echo"]


def test_a_flood_of_20000_tokens_arrives_whole_in_few_pieces(make_session):
    session = make_session("demo/long")
    answer = session.send("Go").result(60)
    deltas = [event.text for event in all_events(session) if isinstance(event, Delta)]
    # LangChain joins all of them when the answer ends, and whoever waits for its last words waits for that.
    assert 2 < len(deltas) < 2_000
    assert "".join(deltas) == answer.content


def test_a_plain_provider_answers_too(make_session):
    answer = make_session("demo_plain/no-stream").send("Hi").result(PATIENCE_S)
    assert answer.response_metadata["model_name"] == "no-stream"


def test_half_characters_never_leave_the_session(make_session):
    halves = GenericFakeChatModel(messages=iter([AIMessage("a \ud83d b")]))
    answer = make_session("p/m", model=halves).send("\ud83d\ude00 \udc00").result(PATIENCE_S)
    assert answer.content == "a \ufffd b"


def test_any_langchain_model_can_be_asked(make_session):
    session = make_session("p/m", model=GenericFakeChatModel(messages=iter([AIMessage("Good day to you")])))
    assert session.send("Hi").result(PATIENCE_S).content == "Good day to you"
    meta = all_events(session)[-1].meta
    assert (meta.label, meta.route, meta.usage) == (None, (), None)
    assert 0 <= meta.first_token_s <= meta.total_s


@pytest.mark.parametrize("text", ["", "  \n\t"])
def test_an_empty_message_is_not_sent(make_session, gateway, text):
    session = make_session("demo/echo")
    before = len(gateway.requests)
    with pytest.raises(Refused, match="empty"):
        session.send(text)
    assert len(gateway.requests) == before
    assert len(session.conversation) == 0


def test_while_an_answer_streams_nothing_else_is_begun(make_session):
    session = make_session("demo/stalls")
    asked = session.send("Hi")
    for other in (lambda: session.send("Me too"), lambda: session.regenerate(asked.turn), session.clear):
        with pytest.raises(Refused, match="still streaming"):
            other()
    asked.stop()
    asked.result(PATIENCE_S)
    assert [turn.user for turn in session.conversation] == ["Hi"]


def test_regenerate_asks_again_and_keeps_both_answers(make_session, gateway):
    session = make_session("demo/echo")
    session.send("One").result(PATIENCE_S)
    session.send("Two").result(PATIENCE_S)
    all_events(session), all_events(session)
    asked = session.regenerate(2)
    asked.result(PATIENCE_S)
    assert asked_of(gateway)[-1] == ("user", "Two")
    assert len(asked_of(gateway)) == 3
    started = all_events(session)[0]
    assert (started.turn.id, started.turn.parent, started.turn.user) == (3, 1, "Two")
    assert session.conversation.branch(started.turn) == (2, 3)
    with pytest.raises(Refused, match="not there"):
        session.regenerate(9)


def test_regenerate_retries_a_failed_turn(make_session):
    session = make_session("demo/down")
    asked = session.send("Hi")
    with pytest.raises(GPTRouterError):
        asked.result(PATIENCE_S)
    session.models = as_models(["demo/echo"])
    session.regenerate(asked.turn).result(PATIENCE_S)
    (turn,) = session.conversation
    assert (turn.answer.reason, turn.id) == ("complete", asked.turn)


def test_clear_forgets_everything(make_session, gateway):
    session = make_session("demo/echo")
    session.send("One").result(PATIENCE_S)
    session.clear()
    next_event(session, Rearranged)
    assert session.conversation.messages() == []
    assert session.send("Two").turn == 2
    next_event(session, Ended)
    assert asked_of(gateway) == [("user", "Two")]


def test_waiting_in_a_listener_is_refused_and_the_others_still_hear(make_session):
    session = make_session("demo/echo")
    caught, named = Queue(), threading.Event()

    def wait(event):
        named.wait(PATIENCE_S)
        try:
            asked.result(1)
        except RuntimeError as error:
            caught.put(error)
        raise LookupError(event)

    session.listen(wait)
    heard = Queue()
    session.listen(heard.put)
    asked = session.send("Hi")
    named.set()
    asked.result(PATIENCE_S)
    assert "cannot be waited for" in str(caught.get(timeout=PATIENCE_S))
    assert isinstance(heard.get(timeout=PATIENCE_S), Started)


def test_two_sessions_at_once_do_not_cross(make_session):
    sessions = [make_session("demo/markdown"), make_session("demo/echo"), make_session("demo/long")]
    answers = [session.send(f"Question {number}") for number, session in enumerate(sessions)]
    contents = [answer.result(60).content for answer in answers]
    assert len(set(contents)) == 3
    for session, content in zip(sessions, contents, strict=True):
        assert "".join(event.text for event in all_events(session) if isinstance(event, Delta)) == content


def test_threads_do_not_grow_with_sessions(make_session):
    def ask():
        session = make_session("demo/echo")
        session.send("Hi").result(PATIENCE_S)
        session.close()

    for _ in range(10):
        ask()
    before = threading.active_count()
    for _ in range(20):
        ask()
    assert threading.active_count() <= before
    assert sum(thread.name == "gptrouter-worker" for thread in threading.enumerate()) == 1


def test_the_catalog_has_the_gateways_models_and_what_the_list_has_beyond(make_session):
    session = make_session("demo/echo", "nobody/nothing")
    rows = shared_worker().submit(session.catalog()).result(PATIENCE_S)
    states = {f"{row['provider_name']}/{row['name']}": row["state"] for row in rows}
    assert states["demo/echo"] == "up"
    assert states["nobody/nothing"] == "missing"


def test_a_model_without_a_gateway_has_no_catalog(make_session):
    session = make_session("p/m", model=GenericFakeChatModel(messages=iter([])))
    with pytest.raises(ConfigurationError, match="no gateway"):
        shared_worker().submit(session.catalog()).result(PATIENCE_S)
