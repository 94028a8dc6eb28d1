"""What the view asks for: answered, done, or refused with the id it came with."""

import pytest
from recorded_view import is_idle
from waiting import PATIENCE_S, wait_until

from gptrouter_notebook import assets
from gptrouter_notebook.chat_model import GPTRouter
from gptrouter_notebook.turn_events import Delta


def test_hello_is_answered_by_a_snapshot_then_the_catalog(open_panel):
    _, view = open_panel("demo/echo", "nobody/nothing")
    view.command("hello", id="h")
    catalog = view.wait_for("catalog")
    assert [message["kind"] for message in view.messages()] == ["snapshot", "catalog"]
    assert view.messages()[0] == {
        "kind": "snapshot",
        "conversation": {"turns": []},
        "status": "idle",
        "queue": [],
        "reply_to": "h",
    }
    assert catalog["error"] is None
    rows = {f"{row['provider_name']}/{row['name']}": row for row in catalog["models"]}
    assert rows["demo/echo"]["state"] == "up"
    assert rows["nobody/nothing"]["state"] == "missing"


def test_a_catalog_that_cannot_be_read_says_why(open_panel):
    model = GPTRouter(models_priority_list=["demo/echo"], base_url="http://127.0.0.1:9", api_key="k", max_retries=0)
    _, view = open_panel(model=model)
    view.command("catalog", id=1)
    catalog = view.wait_for("catalog")
    assert catalog["models"] == []
    assert "127.0.0.1:9" in catalog["error"]


def test_a_snapshot_in_mid_stream_fits_between_two_deltas(open_panel):
    panel, view = open_panel("demo/markdown")
    heard = []

    def ask(event):
        # Most of the time, some text is waiting to be sent just then.
        heard.append(event)
        if isinstance(event, Delta) and len(heard) % 20 == 0:
            view.command("snapshot", id=len(heard))

    panel._session.listen(ask)
    view.command("send", id=1, text="Hi")
    view.wait(is_idle(view))
    deltas, snapshots = view.values("delta"), view.messages("snapshot")
    assert len(snapshots) > 3
    for number, snapshot in enumerate(snapshots, start=1):
        assert (snapshot["reply_to"], snapshot["status"]) == (number * 20, "streaming")
        answer = snapshot["conversation"]["turns"][0]["answer"]
        (part,) = answer["parts"]
        rest = [delta["text"] for delta in deltas if delta["seq"] > answer["seq"]]
        assert part["text"] + "".join(rest) == panel.messages[-1].content


def test_stop_closes_the_connection_and_stopping_again_is_answered_by_a_snapshot(open_panel, gateway):
    panel, view = open_panel("demo/stalls")
    view.command("send", id=1, text="Hi")
    view.wait(lambda: view.values("delta"))
    wait_until(lambda: gateway.open_streams == 1)
    view.command("stop", id=2, turn=1)
    view.command("stop", id=3, turn=1)
    ended = view.wait_for("turn_ended")
    wait_until(lambda: gateway.open_streams == 0)
    assert (ended["reason"], ended["error"]) == ("stopped", None)
    view.wait(is_idle(view))
    view.command("stop", id=4, turn=1)
    view.wait(lambda: [snapshot["reply_to"] for snapshot in view.messages("snapshot")][-1:] == [4])
    assert len(view.messages("turn_ended")) == 1
    assert panel.messages[-1].content == "".join(delta["text"] for delta in view.values("delta"))


def test_while_busy_a_message_waits_and_the_rest_is_refused(open_panel, gateway):
    panel, view = open_panel("demo/stalls")
    panel.ask("Hi")
    view.wait(lambda: view.values("delta"))
    asked = len(gateway.requests)
    view.command("send", id="s", text="Me too")
    view.command("regenerate", id="r", turn=1)
    view.command("clear", id="c")
    view.wait_for("refused", 2)
    regenerate, clear = view.messages("refused")
    assert "still streaming" in clear["message"]
    assert [item["text"] for item in view.wait_for("queue")["queue"]] == ["Me too"]
    assert (regenerate["reply_to"], clear["reply_to"]) == ("r", "c")
    assert len(gateway.requests) == asked
    assert [turn.user for turn in panel._session.conversation] == ["Hi"]


@pytest.mark.parametrize(
    ("content", "reply_to"),
    [
        ({"kind": "fly", "id": 1}, 1),
        ({"kind": "send", "id": 1}, 1),
        ({"kind": "send", "id": 1, "text": " \n"}, 1),
        ({"kind": "regenerate", "id": 1, "turn": 9}, 1),
        ({}, None),
        ("send", None),
        (None, None),
    ],
)
def test_what_cannot_be_done_is_refused_with_a_sentence(open_panel, gateway, content, reply_to):
    _, view = open_panel("demo/echo")
    before = len(gateway.requests)
    view.say({"method": "custom", "content": content})
    refused = view.wait_for("refused")
    assert refused["reply_to"] == reply_to
    assert refused["message"].endswith(".")
    assert len(gateway.requests) == before


def test_clear_empties_every_view(open_panel):
    panel, view = open_panel("demo/echo")
    panel.ask("Hi").result(PATIENCE_S)
    view.command("clear", id=1)
    assert view.wait_for("snapshot")["conversation"] == {"turns": []}
    assert view.values("conversation")[-1] == {"turns": []}
    assert panel.messages == []
    panel.ask("Again").result(PATIENCE_S)
    panel.clear()
    view.wait_for("snapshot", 2)
    assert panel.conversation == {"turns": []}


def test_a_part_of_the_front_end_is_sent_to_whoever_asks(open_panel, monkeypatch, tmp_path):
    monkeypatch.setattr(assets, "_STATIC", tmp_path)
    (tmp_path / "markdown.js").write_text("export {};", "utf-8")
    _, view = open_panel("demo/echo")
    view.command("asset", id="a", name="markdown")
    assert view.wait_for("asset") == {"kind": "asset", "name": "markdown", "source": "export {};", "reply_to": "a"}


def test_a_part_that_is_missing_is_refused(open_panel):
    _, view = open_panel("demo/echo")
    view.command("asset", id="a", name="../errors")
    refused = view.wait_for("refused")
    assert refused["reply_to"] == "a"
    assert "unknown part" in refused["message"]
    assert not view.messages("asset")


def test_what_the_view_sets_is_there_before_the_question_that_follows(open_panel, gateway):
    panel, view = open_panel("demo/echo")
    markdown = [{"name": "markdown", "provider_name": "demo"}]
    view.command("set", id=1, traits={"temperature": 0.5, "models_priority_list": markdown})
    view.command("send", id=2, text="Hi")
    view.wait(is_idle(view))
    [entry] = gateway.requests[-1]["data"]
    assert (entry["modelName"], entry["promptParams"]["temperature"]) == ("markdown", 0.5)
    assert (panel.temperature, panel.models_priority_list[0].label) == (0.5, "demo/markdown")


def test_what_the_view_cannot_set_is_refused_and_sent_back(open_panel):
    panel, view = open_panel("demo/echo")
    view.command("set", id=1, traits={"temperature": -3, "max_tokens": "many", "models_priority_list": []})
    view.wait_for("refused", 3)
    sentences = " ".join(message["message"] for message in view.messages("refused"))
    assert "-3" in sentences
    assert "max_tokens" in sentences
    assert (panel.temperature, panel.max_tokens, panel.models_priority_list[0].label) == (None, None, "demo/echo")
    assert view.values("temperature")[-1] is None


def test_an_observer_that_raises_does_not_end_the_worker(open_panel):
    panel, view = open_panel("demo/echo")

    def fail(change):
        raise LookupError(change["new"])

    panel.observe(fail, "temperature")
    view.command("set", id=1, traits={"temperature": 0.5})
    view.command("send", id=2, text="Hi")
    view.wait(is_idle(view))
    assert view.messages("turn_ended")[0]["reason"] == "complete"
