"""A key that sings: it is looked for wherever text leaves the process, after successes and after failures."""

from __future__ import annotations

import asyncio
import copy
import io
import json
import logging
import pickle
import traceback

import pytest
from langchain_core.load import dumps
from recorded_view import is_idle

from gptrouter_notebook import GatewayClient, GPTRouter, GPTRouterError
from gptrouter_notebook.gateway import start_gateway

CANARY = "canary-5d41402abc4b2a76"


@pytest.fixture(scope="module")
def gateway():
    with start_gateway(key=CANARY, token_delay_s=0) as running:
        yield running


def model(gateway, *names, key=CANARY, **options):
    return GPTRouter(models_priority_list=list(names), base_url=gateway.url, api_key=key, max_retries=0, **options)


def failures(gateway):
    """Calls that fail, each in another way."""
    refused = model(gateway, "demo/echo", key=f"{CANARY}-wrong")
    away = GPTRouter(models_priority_list=["demo/echo"], base_url="http://127.0.0.1:9", api_key=CANARY, max_retries=0)
    return {
        "wrong key": lambda: refused.invoke("Hi"),
        "wrong key, streamed": lambda: list(refused.stream("Hi")),
        "unknown model": lambda: model(gateway, "demo/nobody").invoke("Hi"),
        "all down": lambda: model(gateway, "demo/down").invoke("Hi"),
        "breaks": lambda: list(model(gateway, "demo/breaks").stream("Hi")),
        "out of reach": lambda: away.invoke("Hi"),
        "out of reach, async": lambda: asyncio.run(away.ainvoke("Hi")),
        "bad parameter": lambda: model(gateway, "demo/echo").invoke("Hi", temperature="hot"),
        "misspelt": lambda: GPTRouter(models_priority_list=["demo/echo"], api_key=CANARY, temprature=1),
        "bad address": lambda: GPTRouter(models_priority_list=["p/m"], api_key=CANARY, base_url="ftp://x").invoke("Hi"),
        "bad key": lambda: GPTRouter(models_priority_list=["p/m"], api_key=f"{CANARY}\n").invoke("Hi"),
        "client": lambda: GatewayClient(gateway.url, f"{CANARY}-wrong", max_retries=0).models(),
    }


NAMES = list(failures(type("Nowhere", (), {"url": "http://127.0.0.1:9"})()))


@pytest.mark.parametrize("name", NAMES)
def test_no_failure_tells_the_key_not_even_with_all_local_variables(gateway, name):
    with pytest.raises(Exception) as caught:  # noqa: PT011 - each fails in a way of its own
        failures(gateway)[name]()
    error = caught.value
    told = [repr(error), str(error), "".join(traceback.format_exception(error))]
    inside = traceback.TracebackException.from_exception(error, capture_locals=True)
    # The test's own frame holds the model's making, not the key: what follows is ours and httpx's.
    told += [line for frame in inside.stack for line in (str(frame.locals), frame.line or "")]
    for chained in (error.__cause__, error.__context__):
        if chained is not None and not error.__suppress_context__:
            told += ["".join(traceback.format_exception(chained))]
    assert [text for text in told if CANARY in text] == []
    if isinstance(error, GPTRouterError):
        assert CANARY not in json.dumps([str(value) for value in vars(error).values()])


def test_no_representation_and_no_copy_for_others_tells_the_key(gateway):
    chat, client = model(gateway, "demo/echo"), GatewayClient(gateway.url, CANARY)
    chat.invoke("Hi")
    told = [repr(chat), str(chat), repr(client), dumps(chat), str(chat.model_dump()), chat.model_dump_json()]
    told += [repr(copy.copy(chat)), repr(copy.deepcopy(chat)), repr(chat.bind(stop=["x"])), str(chat.lc_secrets)]
    told += [repr(pickle.dumps(chat)), repr(chat._identifying_params), repr(chat._get_ls_params())]
    assert [text for text in told if CANARY in text] == []
    assert copy.deepcopy(chat).invoke("Hi").content


def test_no_log_tells_the_key(gateway):
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    root, level = logging.getLogger(), logging.getLogger().level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        model(gateway, "demo/echo").invoke("Hi")
        asyncio.run(model(gateway, "demo/echo").ainvoke("Hi"))
        for fail in failures(gateway).values():
            with pytest.raises(Exception):  # noqa: B017, PT011 - see above
                fail()
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
    assert "HTTP Request" in written.getvalue()
    assert CANARY not in written.getvalue()


def test_nothing_a_panel_sends_or_saves_tells_the_key(gateway, open_panel):
    panel, view = open_panel(model=model(gateway, "demo/down", "demo/breaks", "demo/echo"))
    view.command("hello", id=0)
    view.command("send", id=1, text="Hi")
    view.wait(is_idle(view))
    panel.models_priority_list = ["demo/nobody"]
    view.command("send", id=2, text="Hi again")
    view.wait(lambda: len(view.messages("turn_ended")) == 2)
    view.command("check_health", id=3)
    view.wait(lambda: len(view.messages("health_check")) == 2)
    told = [json.dumps(data) for _, _, data in list(view.sent)]
    told += [json.dumps(panel.to_dict()), panel.to_markdown(), repr(panel), str(panel.get_state())]
    told += [str(panel._repr_mimebundle_())]
    assert len(told) > 10
    assert [text for text in told if CANARY in text] == []
