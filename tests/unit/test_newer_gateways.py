"""What newer gateways send beside the text comes back with the answer, and what they take reaches them."""

import asyncio

import pytest
from langchain_core.messages import HumanMessage
from replay import END_OF_BODY, Replay, json_reply, sse_reply

from gptrouter_notebook import GPTRouter

CITATIONS = [{"url": "https://example.org/sky", "title": "Why the sky is blue"}]


@pytest.fixture
def replay():
    with Replay() as server:
        server.on("/api/v1/model", json_reply(200, []))
        server.on("/api/v1/healthcheck", json_reply(200, []))
        yield server


def model(replay, **options):
    return GPTRouter(
        models_priority_list=["chat_openai/gpt-4"], api_key="k", base_url=replay.url, max_retries=0, **options
    )


def streams(replay):
    def update(text, finish=None, **more):
        return {"event": "update", "id": "c1", "data": {"text": text, "finish_reason": finish, **more}}

    replay.on(
        "/api/v1/generate",
        sse_reply(
            update("", reasoning_content="Light scatters."),
            update("Blue", citations=CITATIONS),
            update("", "stop"),
            {"event": "meta", "data": {"text": "Blue"}},
            {"event": "generation_source", "data": {"modelId": "m", "providerId": "p"}},
            {"event": "end", "data": "end"},
        )
        + END_OF_BODY,
    )


def asked(chat, how):
    if how == "invoke":
        return chat.invoke("Why?")
    if how == "ainvoke":
        return asyncio.run(chat.ainvoke("Why?"))
    first, *rest = chat.stream("Why?")
    for chunk in rest:
        first += chunk
    return first


@pytest.mark.parametrize("how", ["invoke", "ainvoke", "stream"])
@pytest.mark.parametrize("stream_interval", [0, 0.02])
def test_citations_and_reasoning_of_a_stream_come_back(replay, how, stream_interval):
    streams(replay)
    answer = asked(model(replay, stream_interval=stream_interval), how)
    assert answer.text == "Blue"
    assert answer.additional_kwargs["citations"] == CITATIONS
    assert answer.additional_kwargs["reasoning_content"] == "Light scatters."


def test_citations_of_a_plain_reply_come_back(replay):
    choice = {"index": 0, "text": "Blue", "finish_reason": "stop", "citations": CITATIONS}
    reply = {"id": "r", "choices": [choice], "modelId": "m", "providerId": "p", "meta": {}}
    replay.on("/api/v1/generate", json_reply(200, reply))
    [answers] = model(replay, n=2).generate([[HumanMessage("Why?")]]).generations
    assert answers[0].message.additional_kwargs["citations"] == CITATIONS


@pytest.mark.parametrize("given", ["model_kwargs", "bound", "call"])
def test_what_newer_gateways_take_reaches_them(replay, given):
    streams(replay)
    params = {"reasoning_effort": "low", "web_search_options": {"search_context_size": "low"}}
    if given == "model_kwargs":
        model(replay, model_kwargs=params).invoke("Why?")
    elif given == "bound":
        model(replay).bind(**params).invoke("Why?")
    else:
        model(replay).invoke("Why?", **params)
    [sent] = [request.json for request in replay.asked if request.method == "POST"]
    told = sent["data"][0]["promptParams"]
    assert {name: told[name] for name in params} == params
