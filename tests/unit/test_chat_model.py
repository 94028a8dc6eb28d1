from __future__ import annotations

import asyncio
import itertools

import pytest
from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.runnables import ConfigurableField
from pydantic import ValidationError

from gptrouter_notebook import GPTRouter
from gptrouter_notebook.errors import ConfigurationError, InvalidRequest

pytest_plugins = ["asking"]


def last_params(gateway):
    return gateway.requests[-1]["data"][0]["promptParams"]


# Who, how long, how much.


def test_every_answer_says_who_gave_it(chat, ask):
    answer = ask(chat("chat_openai/gpt-4-0613", "demo/echo"), "hi")
    said = answer.response_metadata
    assert (said["model_name"], said["provider"], said["finish_reason"]) == ("gpt-4-0613", "chat_openai", "stop")
    assert said["model_id"] == "28472b6a-3ae5-4b93-9bcc-b17a458300fa"
    assert said["provider_id"] == "bb65b370-d759-402e-9f4d-dfb6655b0fb2"
    assert said["model_provider"] == "gptrouter"
    assert 0 < said["latency"]["first_token"] <= said["latency"]["total"] < 5
    [hop] = said["route"]
    assert set(hop) == {"model", "provider", "outcome", "reason", "inferred", "seconds"}
    assert answer.usage_metadata["total_tokens"] == (
        answer.usage_metadata["input_tokens"] + answer.usage_metadata["output_tokens"]
    )
    assert answer.usage_metadata["output_tokens"] > 0


def test_invoke_and_stream_say_the_same(chat, every_way):
    model = chat("demo/down", "demo/echo")

    def without_times(message):
        said = {name: value for name, value in message.response_metadata.items() if name not in {"latency", "id"}}
        return {**said, "route": [{**hop, "seconds": None} for hop in said["route"]]}, message.usage_metadata

    first, *others = [without_times(way(model, "hi")) for way in every_way]
    assert others == [first] * 3


def test_names_are_resolved_from_ids_where_two_providers_share_a_name(chat, ask):
    answer = ask(chat("azure_chat_openai/gpt-4", "chat_openai/gpt-4-0613"), "hi")
    assert (answer.response_metadata["provider"], answer.response_metadata["model_name"]) == (
        "azure_chat_openai",
        "gpt-4",
    )


def test_a_stream_names_everything_in_one_chunk_only(chat):
    chunks = list(chat("demo/echo").stream("hi"))
    telling = [chunk for chunk in chunks if chunk.response_metadata.get("route") or chunk.usage_metadata]
    assert telling == chunks[-1:]
    assert chunks[-1].chunk_position == "last"
    assert len(chunks) > 5


# What can be changed.


def test_a_model_can_be_changed_at_call_time(chat, ask):
    model = chat("demo/echo", "chat_openai/gpt-4-0613")
    assert (
        ask(model, "hi", model="chat_openai/gpt-3.5-turbo-1106").response_metadata["model_name"] == "gpt-3.5-turbo-1106"
    )
    assert ask(model, "hi", model="gpt-4-0613").response_metadata["provider"] == "chat_openai"
    assert ask(model, "hi", models_priority_list=["demo/markdown"]).response_metadata["model_name"] == "markdown"


def test_attributes_may_be_changed_after_the_first_call(chat):
    model = chat("demo/echo", gpt_router_api_key="wrong")
    with pytest.raises(ConfigurationError):
        model.invoke("hi")
    good = chat("demo/echo")
    model.gpt_router_api_key = good.gpt_router_api_key
    model.models_priority_list = ["demo/markdown"]
    assert model.invoke("hi").response_metadata["model_name"] == "markdown"


def test_fields_can_be_made_configurable(chat, gateway):
    model = chat("demo/echo").configurable_fields(temperature=ConfigurableField(id="warmth"))
    model.invoke("hi", config={"configurable": {"warmth": 0.25}})
    assert last_params(gateway)["temperature"] == 0.25


def test_streaming_hands_tokens_to_callbacks_of_a_plain_call(chat, ask_plainly):
    tokens = []

    class Collecting(BaseCallbackHandler):
        def on_llm_new_token(self, token, **_kwargs):
            tokens.append(token)

    answer = ask_plainly(chat("demo/echo", streaming=True, callbacks=[Collecting()]), "hi")
    assert "".join(tokens) == answer.content
    assert len([token for token in tokens if token]) > 5
    assert answer.response_metadata["route"][0]["outcome"] == "answered"


def test_a_stop_is_sent_and_one_of_a_call_goes_before(chat, ask):
    model = chat("demo/echo", stop=["demo"])
    assert ask(model, "hi").content == "I am a "
    assert ask(model, "hi", stop=["model"]).content == "I am a demo "


def test_the_gateway_s_models_come_as_a_table(chat):
    for table in (chat("demo/echo").available_models(), asyncio.run(chat("demo/echo").aavailable_models())):
        assert "demo/echo" in repr(table)
        assert "<table>" in table._repr_html_()
        latencies = [row["latency_ms"] for row in table.sort_by_latency() if row["skip"] is None]
        assert latencies == sorted(latencies)
        assert len(latencies) > 5


# Bad settings.


def test_without_a_key_it_says_which_variable_to_set(gateway, ask, monkeypatch):
    monkeypatch.delenv("GPT_ROUTER_API_KEY", raising=False)
    with pytest.raises(ConfigurationError, match="set the environment variable GPT_ROUTER_API_KEY"):
        ask(GPTRouter(models_priority_list=["demo/echo"], base_url=gateway.url), "hi")


def test_an_address_that_is_none_is_said_to_be_none(ask):
    with pytest.raises(ConfigurationError, match="GPT_ROUTER_API_BASE"):
        ask(GPTRouter(models_priority_list=["demo/echo"], base_url="nonsense", api_key="k"), "hi")


@pytest.mark.parametrize("nobody", [[], ["gpt-4"], None, [None]])
def test_a_list_that_names_nobody_is_an_error_at_once(nobody):
    with pytest.raises(ConfigurationError, match=r"priority list has no model|does not name a model"):
        GPTRouter(models_priority_list=nobody)


@pytest.mark.parametrize(("name", "value"), [("timeout", 0), ("timeout", -1), ("max_retries", -1), ("n", 0)])
def test_settings_that_cannot_be_are_refused(name, value):
    with pytest.raises(ValidationError, match=name):
        GPTRouter(**{"models_priority_list": ["demo/echo"], name: value})


def test_nothing_to_answer_is_an_error_of_ours(chat, ask):
    with pytest.raises(InvalidRequest, match="no message"):
        ask(chat("demo/echo"), [])


def test_questions_of_any_script_come_through(chat, ask):
    text = "".join(itertools.islice(itertools.cycle('日本 😀 ä \\ " \u2028 {x} %s'), 400))
    assert text in ask(chat("demo/echo"), text).content
