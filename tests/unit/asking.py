"""The four ways to ask a model, and models to ask; `pytest_plugins = ["asking"]` brings these fixtures."""

from __future__ import annotations

import asyncio
import functools
import operator
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

import pytest

from gptrouter_notebook import GPTRouter

if TYPE_CHECKING:
    from collections.abc import Callable

    from langchain_core.messages import AIMessage

    from gptrouter_notebook.gateway import RunningGateway


def _model_at(gateway: RunningGateway, *models: str, **options: Any) -> GPTRouter:
    """A model at a running gateway, which asks its providers once only."""
    options["model_kwargs"] = {"maxRetries": 0, **options.get("model_kwargs", {})}
    options = {"gpt_router_api_key": gateway.key, "gpt_router_api_base": gateway.url, "max_retries": 0, **options}
    return GPTRouter(models_priority_list=list(models), **options)


@pytest.fixture
def model_at() -> Callable[..., GPTRouter]:
    """Makes a model at a gateway."""
    return _model_at


@pytest.fixture
def chat(gateway) -> Callable[..., GPTRouter]:
    """Makes a model at the module's gateway."""
    return functools.partial(_model_at, gateway)


def _invoke(model: Any, question: Any, /, **options: Any) -> AIMessage:
    return model.invoke(question, **options)


def _ainvoke(model: Any, question: Any, /, **options: Any) -> AIMessage:
    return asyncio.run(model.ainvoke(question, **options))


def _stream(model: Any, question: Any, /, **options: Any) -> AIMessage:
    return functools.reduce(operator.add, model.stream(question, **options))


def _astream(model: Any, question: Any, /, **options: Any) -> AIMessage:
    async def collect() -> AIMessage:
        async with aclosing(model.astream(question, **options)) as chunks:
            return functools.reduce(operator.add, [chunk async for chunk in chunks])

    return asyncio.run(collect())


def _named(way: Any) -> str:
    return way.__name__.lstrip("_")


@pytest.fixture(params=[_invoke, _ainvoke, _stream, _astream], ids=_named)
def ask(request) -> Callable[..., AIMessage]:
    """Asks plainly or streamed, sync or async; a streamed answer comes put together."""
    return request.param


@pytest.fixture(params=[_stream, _astream], ids=_named)
def ask_streamed(request) -> Callable[..., AIMessage]:
    """Asks for a stream, sync or async."""
    return request.param


@pytest.fixture(params=[_invoke, _ainvoke], ids=_named)
def ask_plainly(request) -> Callable[..., AIMessage]:
    """Asks for a whole answer, sync or async."""
    return request.param


@pytest.fixture
def every_way() -> list[Callable[..., AIMessage]]:
    """All four, for a test that compares them."""
    return [_invoke, _ainvoke, _stream, _astream]
