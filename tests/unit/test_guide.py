"""The calls of LangChain's guide for GPTRouter, as written there; only the imports and the address are ours."""

from __future__ import annotations

import asyncio
import warnings

import pytest
from langchain_core.callbacks import CallbackManager, StreamingStdOutCallbackHandler
from langchain_core.messages import AIMessage, HumanMessage

from gptrouter_notebook import GPTRouter, GPTRouterModel

pytest_plugins = ["asking"]

FRENCH = "J'aime programmer."


@pytest.fixture(autouse=True)
def setup(gateway, monkeypatch):
    monkeypatch.setenv("GPT_ROUTER_API_BASE", gateway.url)
    monkeypatch.setenv("GPT_ROUTER_API_KEY", gateway.key)


@pytest.fixture
def anthropic_claude():
    return GPTRouterModel(name="claude-instant-1.2", provider_name="anthropic")


@pytest.fixture
def messages():
    return [HumanMessage(content="Translate this sentence from English to French. I love programming.")]


def test_calling_the_model_answers_with_a_message_and_says_once_that_it_is_deprecated(anthropic_claude, messages):
    chat = GPTRouter(models_priority_list=[anthropic_claude])
    with pytest.warns(DeprecationWarning, match=r"chat\.invoke\(messages\)") as caught:
        answer = chat(messages)
    assert isinstance(answer, AIMessage)
    assert FRENCH in answer.content
    assert [warning.filename for warning in caught] == [__file__]


def test_generate_and_agenerate_name_the_finish_reason(anthropic_claude, messages):
    chat = GPTRouter(models_priority_list=[anthropic_claude])

    async def both():
        return await chat.agenerate([messages]), chat.generate([messages])

    for result in asyncio.run(both()):
        [[generation]] = result.generations
        assert generation.generation_info == {"finish_reason": "stop_sequence"}
        assert FRENCH in generation.text
        assert generation.message.response_metadata["finish_reason"] == "stop_sequence"


def test_streaming_prints_every_token_as_it_comes(anthropic_claude, messages, capsys):
    printed_before = []

    class Watching(StreamingStdOutCallbackHandler):
        def on_llm_new_token(self, token, **kwargs):
            printed_before.append(capsys.readouterr().out)
            super().on_llm_new_token(token, **kwargs)

    with pytest.warns(DeprecationWarning, match="pass callbacks=") as caught:
        chat = GPTRouter(
            models_priority_list=[anthropic_claude],
            streaming=True,
            verbose=True,
            callback_manager=CallbackManager([Watching()]),
        )
    assert [warning.filename for warning in caught] == [__file__]
    with pytest.warns(DeprecationWarning, match=r"chat\.invoke"):
        answer = chat(messages)
    tokens = [*printed_before[1:], capsys.readouterr().out]
    assert "".join(tokens) == answer.content
    assert len([token for token in tokens if token]) > 10


def test_what_is_deprecated_is_said_once_in_a_session(anthropic_claude, messages):
    chat = GPTRouter(models_priority_list=[anthropic_claude])
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        for _ in range(3):
            chat(messages)
    assert len(caught) == 1


def test_the_guide_s_keywords_have_their_places(anthropic_claude, gateway):
    chat = GPTRouter(
        models_priority_list=[anthropic_claude],
        gpt_router_api_key="another",
        gpt_router_api_base=gateway.url,
        temperature=0.7,
        max_tokens=256,
        n=1,
        max_retries=4,
        streaming=False,
    )
    assert chat.gpt_router_api_key.get_secret_value() == "another"
    assert (chat.temperature, chat.max_tokens, chat.n, chat.max_retries) == (0.7, 256, 1, 4)


@pytest.mark.parametrize(
    ("keyword", "suggestion"),
    [
        ("temprature", "did you mean temperature="),
        ("model_priority_list", "did you mean models_priority_list="),
        ("model", "did you mean models_priority_list="),
        ("gpt_router_key", "did you mean gpt_router_api_key="),
        ("top_p", "goes into model_kwargs={'top_p'"),
        ("xyzzy", "model_kwargs="),
    ],
)
def test_a_misspelt_keyword_is_an_error_without_its_value(anthropic_claude, keyword, suggestion):
    with pytest.raises(TypeError) as caught:
        GPTRouter(**{"models_priority_list": [anthropic_claude], keyword: "s3cret"})
    assert f"{keyword}=" in str(caught.value)
    assert suggestion in str(caught.value)
    assert "s3cret" not in str(caught.value)


def test_a_misspelt_keyword_of_a_call_is_an_error_too(anthropic_claude, messages, ask):
    chat = GPTRouter(models_priority_list=[anthropic_claude])
    with pytest.raises(TypeError, match="temprature=: did you mean temperature=") as caught:
        ask(chat, messages, temprature="s3cret")
    assert "s3cret" not in str(caught.value)


def test_what_we_do_not_know_a_newer_gateway_may(messages, gateway):
    chat = GPTRouter(models_priority_list=["demo/echo"], model_kwargs={"reasoning_effort": "low", "tag": "t"})
    chat.invoke(messages, web_search_options={"a": 1}, wholly_new=True)
    [params] = [entry["promptParams"] for entry in gateway.requests[-1]["data"]]
    assert {"reasoning_effort": "low", "web_search_options": {"a": 1}, "wholly_new": True}.items() <= params.items()
    assert gateway.requests[-1]["tag"] == "t"
