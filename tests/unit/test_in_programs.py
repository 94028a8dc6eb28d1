"""Leaving, copying, pickling, sharing and chaining a model."""

from __future__ import annotations

import asyncio
import copy
import json
import pickle
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing, closing
from pathlib import Path

import pytest
from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.load import dumpd, load
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.rate_limiters import InMemoryRateLimiter
from pydantic import ValidationError
from waiting import wait_until

from gptrouter_notebook import GPTRouter, GPTRouterModel
from gptrouter_notebook.errors import ConfigurationError, GPTRouterError, NoModelAvailable

pytest_plugins = ["asking"]

CANCELLED_STREAMS = 1_000


async def until(condition):
    """Waits for a state that no event announces."""
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - it is another thread's state
            await asyncio.sleep(0.002)


# Leaving a stream.


def test_closing_a_stream_closes_the_connection_at_once(chat, gateway):
    with closing(chat("demo/stalls").stream("hi")) as chunks:
        next(chunks)
        assert gateway.open_streams == 1
    wait_until(lambda: gateway.open_streams == 0)


@pytest.mark.parametrize("call", ["ainvoke", "astream"])
def test_cancelling_the_task_closes_the_connection_while_the_gateway_is_silent(chat, gateway, call):
    async def cancel():
        async def collect():
            return [chunk async for chunk in chat("demo/stalls").astream("hi")]

        task = asyncio.ensure_future(collect() if call == "astream" else chat("demo/stalls").ainvoke("hi"))
        await until(lambda: gateway.open_streams == 1)
        before = time.monotonic()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await until(lambda: gateway.open_streams == 0)
        return time.monotonic() - before

    assert asyncio.run(cancel()) < 1


def test_a_thousand_cancelled_streams_leave_nothing_behind(chat, gateway):
    model = chat("demo/stalls")
    threads_before = set(threading.enumerate())

    async def close_one():
        async with aclosing(model.astream("hi")) as stream:
            await anext(stream)

    async def cancel_one():
        begun = asyncio.Event()

        async def read():
            async for _ in model.astream("hi"):
                begun.set()

        task = asyncio.ensure_future(read())
        await begun.wait()
        task.cancel()
        await asyncio.wait([task])

    async def leave_one(number, turn):
        async with turn:
            await (close_one() if number % 2 else cancel_one())

    async def cancel_all():
        turn = asyncio.Semaphore(50)
        await asyncio.gather(*(leave_one(number, turn) for number in range(CANCELLED_STREAMS)))
        await until(lambda: gateway.open_streams == 0)
        # Python closes a generator that was left in a task of its own.
        await until(lambda: asyncio.all_tasks() == {asyncio.current_task()})
        return sockets()

    files_before = sockets()
    files = asyncio.run(cancel_all())
    assert set(threading.enumerate()) <= threads_before
    assert files <= files_before + 10, "a few idle connections at most"


def sockets() -> int:
    return len(list(Path("/dev/fd").iterdir()))


# In programs.


def test_a_pickle_holds_no_key_and_reads_it_where_it_wakes_up(chat, gateway, monkeypatch):
    model = chat("demo/echo", temperature=0.5)
    model.invoke("opens the line")
    data = pickle.dumps(model)
    assert gateway.key.encode() not in data
    asleep = pickle.loads(data)  # noqa: S301 - our own bytes
    monkeypatch.delenv("GPT_ROUTER_API_KEY", raising=False)
    with pytest.raises(ConfigurationError, match="GPT_ROUTER_API_KEY"):
        asleep.invoke("hi")
    monkeypatch.setenv("GPT_ROUTER_API_KEY", gateway.key)
    awake = pickle.loads(data)  # noqa: S301 - our own bytes
    assert awake.temperature == 0.5
    assert "you said" in awake.invoke("hi").content


def test_errors_come_home_from_another_process(chat):
    with pytest.raises(NoModelAvailable) as caught:
        chat("demo/down").invoke("hi")
    home = pickle.loads(pickle.dumps(caught.value))  # noqa: S301 - our own bytes
    assert (type(home), str(home), home.route) == (NoModelAvailable, str(caught.value), caught.value.route)


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda model: model.model_copy(deep=True)])
def test_a_copy_keeps_the_key(chat, copied):
    model = chat("demo/echo")
    model.invoke("opens the line")
    assert "you said" in copied(model).invoke("hi").content


def test_the_key_is_nowhere_to_be_read(chat, gateway):
    model = chat("demo/echo")
    model.invoke("opens the line")
    shown = [repr(model), str(model), json.dumps(dumpd(model)), str(model.model_dump()), str(model._identifying_params)]
    shown += [repr(model.client), repr(vars(model.client)), repr(model._connected.__dict__)]
    assert not [text for text in shown if gateway.key in text]
    with pytest.raises(ValidationError) as caught:
        GPTRouter(models_priority_list=["demo/echo"], gpt_router_api_key=["s3cret"])
    assert "s3cret" not in str(caught.value)


@pytest.mark.filterwarnings("ignore::langchain_core._api.beta_decorator.LangChainBetaWarning")
def test_a_model_survives_being_dumped_and_loaded(chat, gateway, monkeypatch):
    monkeypatch.setenv("GPT_ROUTER_API_KEY", gateway.key)
    model = chat("demo/echo", temperature=0.5)
    loaded = load(
        dumpd(model),
        allowed_objects=[GPTRouter, GPTRouterModel],
        valid_namespaces=["gptrouter_notebook"],
        secrets_from_env=True,
    )
    assert (loaded.models_priority_list, loaded.temperature) == (model.models_priority_list, 0.5)
    assert "you said “hi”" in loaded.invoke("hi").content


def test_one_model_serves_many_threads(chat):
    model = chat("demo/echo")
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda i: model.invoke(f"number {i}").content, range(64)))
    assert answers == [f"I am a demo model: you said “number {i}”." for i in range(64)]


class Watermark(BaseCallbackHandler):
    """How many calls were under way at once."""

    def __init__(self):
        self.now = self.most = 0
        self.lock = threading.Lock()

    def on_chat_model_start(self, *_args, **_kwargs):
        with self.lock:
            self.now += 1
            self.most = max(self.most, self.now)

    def on_llm_end(self, *_args, **_kwargs):
        with self.lock:
            self.now -= 1


@pytest.mark.parametrize("way", ["batch", "abatch"])
def test_a_batch_keeps_its_order_and_its_concurrency(chat, way):
    mark = Watermark()
    config = {"max_concurrency": 3, "callbacks": [mark]}
    questions = [f"number {i}" for i in range(12)]
    model = chat("demo/echo")
    answers = model.batch(questions, config) if way == "batch" else asyncio.run(model.abatch(questions, config))
    assert [answer.content for answer in answers] == [f"I am a demo model: you said “{q}”." for q in questions]
    assert 1 <= mark.most <= 3


def test_calls_share_connections(chat):
    model = chat("demo/echo")
    model.invoke("hi")
    before = sockets()
    for _ in range(20):
        model.invoke("hi")
    assert sockets() <= before


def test_it_stands_in_a_chain(chat, ask):
    chain = (
        ChatPromptTemplate.from_messages([("system", "s"), ("human", "{x}")]) | chat("demo/echo") | StrOutputParser()
    )
    assert "you said “hi”" in ask(chain, {"x": "hi"})


def test_langchain_s_own_fallbacks_and_retries_work(chat, ask_plainly):
    model = chat("demo/fails-first").with_fallbacks([chat("demo/echo")])
    assert "you said" in ask_plainly(model, "hi").content
    tries = []

    class Counting(BaseCallbackHandler):
        def on_chat_model_start(self, *_args, **_kwargs):
            tries.append(1)

    retrying = chat("demo/fails-first", callbacks=[Counting()]).with_retry(
        retry_if_exception_type=(GPTRouterError,), stop_after_attempt=2, wait_exponential_jitter=False
    )
    with pytest.raises(NoModelAvailable):
        ask_plainly(retrying, "hi")
    assert len(tries) == 2


def test_astream_events_tells_of_tokens_and_of_the_end(chat):
    async def collect():
        chain = chat("demo/echo") | StrOutputParser()
        return [event async for event in chain.astream_events("hi", version="v2")]

    events = asyncio.run(collect())
    tokens = [event["data"]["chunk"].content for event in events if event["event"] == "on_chat_model_stream"]
    [end] = [event["data"]["output"] for event in events if event["event"] == "on_chat_model_end"]
    assert len(tokens) > 5
    assert "".join(tokens) == end.content
    assert end.response_metadata["model_name"] == "echo"


def test_a_rate_limiter_is_obeyed(chat, ask):
    limiter = InMemoryRateLimiter(requests_per_second=20, check_every_n_seconds=0.005, max_bucket_size=1)
    model = chat("demo/echo", rate_limiter=limiter)
    ask(model, "one")
    before = time.monotonic()
    ask(model, "two")
    ask(model, "three")
    assert time.monotonic() - before > 0.06


def test_langsmith_is_told_of_the_model(chat):
    params = chat("anthropic/claude-2", temperature=0.5, max_tokens=9)._get_ls_params(stop=["x"], max_tokens=10)
    assert {name: value for name, value in params.items() if name != "ls_integration"} == {
        "ls_provider": "anthropic",
        "ls_model_name": "claude-2",
        "ls_model_type": "chat",
        "ls_temperature": 0.5,
        "ls_max_tokens": 10,
        "ls_stop": ["x"],
    }
