"""An answer on its way to the view: through the trait `delta`, whole, in order, in few messages."""

import time
from contextlib import closing
from itertools import islice

import pytest
import traitlets
from langchain_core.messages import AIMessage
from recorded_view import Panel, is_idle, streaming_parts
from waiting import PATIENCE_S, wait_until

from gptrouter_notebook.gateway.outages import TOKENS_BEFORE_STALL


def test_an_answer_streams_through_the_delta_trait_in_order(open_panel):
    panel, view = open_panel("demo/markdown")
    view.command("send", id=1, text="Hi")
    view.wait(is_idle(view))
    answer = panel.messages[-1]
    assert isinstance(answer, AIMessage)
    assert streaming_parts(view, 1) == [answer.content]
    assert len(view.values("delta")) > 3
    kinds = [message["kind"] for message in view.messages()]
    assert kinds == ["turn_started", "turn_ended"]
    assert view.messages("turn_started")[0]["asked"] == [{"name": "markdown", "provider_name": "demo"}]
    ended = view.messages("turn_ended")[0]
    assert (ended["reason"], ended["error"]) == ("complete", None)
    assert ended["meta"]["model_name"] == "markdown"
    assert view.values("status") == ["streaming", "idle"]
    (conversation,) = view.values("conversation")
    (turn,) = conversation["turns"]
    assert (turn["turn"], turn["user"], turn["answer"]["seq"]) == (1, "Hi", ended["seq"])
    assert turn["answer"]["parts"] == [{"text": answer.content, "broke": None}]
    assert panel.conversation == conversation


def test_a_view_that_follows_is_not_sent_the_conversation_again(open_panel):
    panel, view = open_panel("demo/markdown")
    seen = []
    panel.observe(lambda change: seen.append(change["new"]), "conversation")
    view.command("hello", id=1)
    for text in ("One", "Two"):
        before = len(seen)
        view.command("send", id=text, text=text)
        view.wait(lambda before=before: len(seen) > before)
    assert view.values("conversation") == []
    # Python is told, and so is whoever asks for everything: a page that is loaded anew, a notebook that is saved.
    assert [len(conversation["turns"]) for conversation in seen] == [1, 2]
    assert panel.conversation == seen[-1] == panel.get_state()["conversation"]
    view.say({"method": "request_state"})
    assert view.values("conversation") == [seen[-1]]
    snapshot = view.wait_for("snapshot")
    assert snapshot["conversation"] == {"turns": []}


def test_a_flood_costs_at_most_31_messages_a_second_and_arrives_whole(open_panel):
    panel, view = open_panel("demo/long")
    view.command("send", id=1, text="Go")
    view.wait(is_idle(view))
    times = [at for at, kind, data in view.sent if kind == "comm_msg" and "delta" in data.get("state", {})]
    assert streaming_parts(view, 1) == [panel.messages[-1].content]
    assert len(panel.messages[-1].content) > 50_000
    assert len(times) > 5
    assert len(times) <= 31 * (times[-1] - times[0]) + 2


def test_a_stall_does_not_hide_the_last_words(open_panel):
    panel, view = open_panel("demo/stalls")
    model = panel._session._model
    with closing(model.stream("Hi")) as chunks:
        words = "".join(chunk.content for chunk in islice(chunks, TOKENS_BEFORE_STALL))
    view.command("send", id=1, text="Hi")
    view.wait(lambda: streaming_parts(view, 1) == [words])
    assert panel.status == "streaming"


def test_an_observer_that_waits_is_told_not_to_and_one_that_fails_harms_nobody(open_panel):
    panel, _ = open_panel("demo/echo")
    seen, refusals = [], []

    def wait(change):
        with pytest.raises(RuntimeError, match="cannot be waited for"):
            asked.result(PATIENCE_S)
        refusals.append(change["new"]["seq"])
        raise LookupError

    panel.observe(wait, "delta")
    panel.observe(lambda change: seen.append(change["new"]), "delta")
    with panel._applying:  # no delta before `asked` has its name
        asked = panel.ask("Hello there")
    answer = asked.result(PATIENCE_S)
    panel.unobserve(wait, "delta")
    assert refusals == list(range(1, len(refusals) + 1)) != []
    assert panel.status == "idle"
    assert panel.messages == [*panel.messages[:1], answer]
    again = panel.ask("Hello again").result(PATIENCE_S)
    assert "".join(delta["text"] for delta in seen if delta["turn"] == 2) == again.content


def test_an_update_of_the_view_does_not_swallow_deltas(open_panel):
    class Slow(Panel):
        @traitlets.validate("models_priority_list")
        def _dawdle(self, proposal):
            # ipywidgets holds notifications here: give the worker the time to lose some.
            first = self.delta.get("seq", 0)
            give_up_at = time.monotonic() + 0.3
            while self.delta.get("seq", 0) < first + 3 and time.monotonic() < give_up_at:
                time.sleep(0.005)
            return proposal["value"]

    panel, _ = open_panel("demo/markdown")
    slow = Slow(panel._session._model)
    numbers = []
    slow.observe(lambda change: numbers.append(change["new"]["seq"]), "delta")
    asked = slow.ask("Hi")
    wait_until(lambda: numbers)
    slow.set_state({"models_priority_list": [{"name": "echo", "provider_name": "demo"}]})
    asked.result(PATIENCE_S)
    slow.close()
    assert numbers == list(range(1, len(numbers) + 1))


def test_the_next_model_goes_on_in_a_part_of_its_own(open_panel):
    panel, view = open_panel("demo/breaks", "demo/echo")
    view.command("send", id=1, text="Hello")
    view.wait(is_idle(view))
    partial, whole = streaming_parts(view, 1)
    (broke,) = view.messages("part")
    assert broke["broke"].startswith("demo/breaks broke off")
    assert panel.conversation["turns"][0]["answer"]["parts"] == [
        {"text": partial, "broke": broke["broke"]},
        {"text": whole, "broke": None},
    ]
    assert partial
    assert panel.messages[-1].content == whole


def test_a_failed_turn_says_why_and_can_be_asked_again(open_panel):
    panel, view = open_panel("demo/down")
    view.command("send", id=1, text="Hello")
    view.wait(is_idle(view))
    ended = view.messages("turn_ended")[0]
    assert (ended["reason"], ended["error"]["kind"]) == ("failed", "NoModelAvailable")
    assert "demo/down" in ended["error"]["message"]
    assert ended["meta"]["route"][0]["outcome"] == "skipped"
    assert panel.messages == []
    panel.models_priority_list = ["demo/echo"]
    view.command("regenerate", id=2, turn=1)
    view.wait_for("turn_ended", 2)
    assert view.messages("turn_started")[1]["turn"] == 1
    assert streaming_parts(view, 1) == [panel.messages[-1].content]


def test_two_panels_at_once_do_not_cross(open_panel):
    panels = [open_panel("demo/markdown"), open_panel("demo/long"), open_panel("demo/echo")]
    for number, (_, view) in enumerate(panels):
        view.command("send", id=1, text=f"Question {number}")
    for panel, view in panels:
        view.wait(is_idle(view))
        assert streaming_parts(view, 1) == [panel.messages[-1].content]
    assert len({panel.messages[-1].content for panel, _ in panels}) == 3
