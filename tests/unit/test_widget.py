"""The panel's half in the kernel: its construction, its list, and what Python does with it."""

import json

import pytest
import traitlets
from recorded_view import Panel
from waiting import PATIENCE_S, wait_until

from gptrouter_notebook import widget as widget_module
from gptrouter_notebook.chat_model import GPTRouter
from gptrouter_notebook.errors import ConfigurationError, GPTRouterError
from gptrouter_notebook.routing import GPTRouterModel
from gptrouter_notebook.widget import ChatWidget


def test_an_unknown_keyword_is_named():
    with pytest.raises(TypeError, match="temprature"):
        Panel(models_priority_list=["demo/echo"], temprature=1)


def test_without_anybody_to_ask_it_says_what_to_pass():
    with pytest.raises(ConfigurationError, match=r'models_priority_list=\["'):
        Panel()


@pytest.mark.parametrize("models", [[], ["echo"], [{"name": "echo"}], 3])
def test_a_list_that_names_no_model_is_refused_at_construction(models):
    with pytest.raises(ConfigurationError):
        Panel(models_priority_list=models)


def test_a_missing_bundle_is_said_with_the_command_that_builds_it():
    class Unbuilt(ChatWidget):
        _esm = ""

    with pytest.raises(ConfigurationError, match=r"\./dev build"):
        Unbuilt(models_priority_list=["demo/echo"])


def test_the_list_comes_from_the_model_unless_one_is_given(open_panel):
    panel, _ = open_panel("demo/echo")
    assert panel.models_priority_list == [GPTRouterModel(name="echo", provider_name="demo")]
    other, _ = open_panel("demo/echo", models_priority_list=["demo/long", {"name": "a/b", "provider_name": "p"}])
    assert [model.label for model in other.models_priority_list] == ["demo/long", "p/a/b"]


def test_a_list_alone_makes_a_model_from_the_environment(gateway, monkeypatch):
    monkeypatch.setenv("GPT_ROUTER_API_KEY", gateway.key)
    monkeypatch.setenv("GPT_ROUTER_API_BASE", gateway.url)
    panel = Panel(models_priority_list=["demo/echo"])
    assert "Hello" in panel.ask("Hello").result(PATIENCE_S).content
    panel.close()


def test_the_view_follows_an_assigned_list_and_so_does_the_next_request(open_panel, gateway):
    panel, view = open_panel("demo/echo")
    panel.models_priority_list = ["demo/down", GPTRouterModel(name="echo", provider_name="demo")]
    assert view.values("models_priority_list")[-1] == [
        {"name": "down", "provider_name": "demo"},
        {"name": "echo", "provider_name": "demo"},
    ]
    panel.ask("Hi").result(PATIENCE_S)
    assert [entry["modelName"] for entry in gateway.requests[-1]["data"]] == ["down", "echo"]


@pytest.mark.parametrize("models", [[], ["echo"], None])
def test_a_bad_assignment_raises_one_sentence_and_changes_nothing(open_panel, models):
    panel, view = open_panel("demo/echo")
    with pytest.raises(ConfigurationError):
        panel.models_priority_list = models
    assert [model.label for model in panel.models_priority_list] == ["demo/echo"]
    assert not view.values("models_priority_list")


def test_the_view_reorders_and_the_next_request_follows(open_panel, gateway):
    panel, view = open_panel("demo/echo", "demo/long")
    before = list(panel._session._model.models_priority_list)
    view.write(models_priority_list=[{"name": name, "provider_name": "demo"} for name in ("down", "echo")])
    assert [model.label for model in panel.models_priority_list] == ["demo/down", "demo/echo"]
    view.command("send", id=1, text="Hi")
    view.wait_for("turn_ended")
    assert [entry["modelName"] for entry in gateway.requests[-1]["data"]] == ["down", "echo"]
    assert panel._session._model.models_priority_list == before


@pytest.mark.parametrize("entries", [[], [{"name": "echo"}], None, 3, ["x"]])
def test_a_bad_list_from_the_view_is_refused_and_the_old_one_sent_again(open_panel, entries):
    panel, view = open_panel("demo/echo")
    view.write(models_priority_list=entries)
    refused = view.wait_for("refused")
    assert refused["reply_to"] is None
    assert refused["message"]
    assert view.values("models_priority_list") == [[{"name": "echo", "provider_name": "demo"}]]
    assert [model.label for model in panel.models_priority_list] == ["demo/echo"]


def test_what_the_kernel_says_the_view_cannot_change(open_panel):
    panel, view = open_panel("demo/echo")
    view.write(status="streaming", delta={"turn": 1}, conversation={"turns": [1]}, tooltip="mine")
    assert (panel.status, panel.delta, panel.conversation) == ("idle", {}, {"turns": []})
    assert panel.tooltip == "mine"
    for name in ("status", "delta", "conversation"):
        with pytest.raises(traitlets.TraitError):
            setattr(panel, name, getattr(panel, name))


def test_it_works_without_a_front_end(gateway):
    model = GPTRouter(models_priority_list=["demo/echo"], base_url=gateway.url, api_key=gateway.key)
    panel = Panel(model, system_prompt="Be short.")
    asked = panel.ask("Hello")
    answer = asked.result(PATIENCE_S)
    assert repr(asked) == "<Asked turn 1: complete>"
    assert "Hello" in answer.content
    assert [message.type for message in panel.messages] == ["human", "ai"]
    assert panel.to_markdown().startswith("**System**\n\nBe short.\n\n**You**\n\nHello\n\n**demo/echo**\n\n")
    assert gateway.requests[-1]["data"][0]["promptParams"]["messages"][0]["content"] == "Be short."
    panel.close()


def test_a_saved_panel_goes_on_where_it_was(open_panel, gateway):
    panel, _ = open_panel("demo/echo", system_prompt="Be short.")
    first = panel.ask("One").result(PATIENCE_S)
    saved = json.loads(json.dumps(panel.to_dict()))
    assert gateway.key not in json.dumps(saved)
    again = Panel.from_dict(saved, panel._session._model)
    (_, kind, opened), *_ = again.comm.sent
    assert kind == "comm_open"
    assert opened["state"]["conversation"]["turns"][0]["user"] == "One"
    assert again.messages == panel.messages
    assert again.ask("Two").turn == 2
    again.comm.wait_for("turn_ended")
    sent = gateway.requests[-1]["data"][0]["promptParams"]["messages"]
    assert [message["content"] for message in sent] == ["Be short.", "One", first.content, "Two"]
    again.close()


def test_its_bundle_has_the_conversation_in_every_form(open_panel):
    panel, _ = open_panel("demo/echo")
    assert repr(panel) == "<ChatWidget 0 turns, demo/echo>"
    panel.ask("Hello").result(PATIENCE_S)
    data, _ = panel._repr_mimebundle_()
    assert data["text/plain"] == repr(panel) == "<ChatWidget 1 turn, demo/echo>"
    assert data["text/markdown"] == panel.to_markdown()
    assert data["text/html"].split("\n", 1)[1].removesuffix("</div>\n") in panel.to_html()
    assert data["application/vnd.gptrouter.chat.v1+json"] == panel.to_dict()
    assert data["application/vnd.jupyter.widget-view+json"]["model_id"] == panel.model_id


def test_the_key_is_in_nothing_that_is_sent_or_shown(open_panel, gateway):
    panel, view = open_panel("demo/echo", "demo/down")
    view.command("hello", id=1)
    view.wait_for("catalog")
    panel.ask("Hi").result(PATIENCE_S)
    everything = json.dumps([data for _, _, data in view.sent]) + json.dumps(panel.get_state()["conversation"])
    assert gateway.key not in everything + repr(panel) + json.dumps(panel.to_dict()) + panel.to_markdown()


def test_close_stops_the_answer_and_frees_the_panel(open_panel, gateway):
    panel, view = open_panel("demo/stalls")
    asked = panel.ask("Hi")
    view.wait(lambda: view.values("delta"))
    panel.close()
    asked.result(PATIENCE_S)
    wait_until(lambda: gateway.open_streams == 0)
    assert panel.comm is None
    assert panel.layout.comm is None
    with pytest.raises(GPTRouterError, match="closed"):
        panel.ask("Hi")
    panel.close()
    wait_until(lambda: panel.status == "idle")


def test_commands_go_to_the_subshell_the_view_asked_for():
    class Comm:
        _reply_subshell_id = "the last one"

        def _reply_subshell_for(self, data, default):
            del data, default
            return self._reply_subshell_id

    kernel_7_4 = Comm()
    widget_module._keep_subshell(kernel_7_4)
    assert kernel_7_4._reply_subshell_for({"content": {}}, "asked for") == "asked for"
    older = object()
    widget_module._keep_subshell(older)
