"""The clients that are compared, each behind the same two questions: stream an answer, and give it in one piece.

Libraries are imported when a client is opened, so that a process holds the one it measures and no other. Every client
is used as its own guide says, and every one is asked for the same answer.
"""
# ruff: noqa: INP001, PLC0415 - scripts, no package; what a client loads is part of what is compared

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple

import frames

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

__all__ = ["CLIENTS", "Client", "Opened"]

_MODEL = {"name": "gpt-4-0613", "provider_name": "chat_openai"}
_INTERVAL_S = 0.02
_PLAIN_MODEL = {"name": "claude-2", "provider_name": "anthropic"}


class Opened(NamedTuple):
    """A client at work; both functions take the question's text, and belong to one event loop if they are async."""

    stream: Callable[[str], Any] | None
    """Gives an iterator, async or not, of whatever the client makes of a token."""
    text_of: Callable[[Any], str]
    """The text in one of those."""
    plain: Callable[[str], Any] | None
    """Gives the whole answer's text, or an awaitable of it."""


class Client(NamedTuple):
    """One row of the table."""

    label: str
    open: Callable[[str], Opened]
    """Takes the gateway's address."""
    floor: str = "httpx"
    """The key of the client whose figures are 1.00."""
    hands_out: bool = True
    """Whether its tokens can be had before the answer is whole."""
    is_peer: bool = False
    """Whether it is somebody else's product: compared at everyday lengths only."""


def _httpx(base_url: str) -> Opened:
    from floor import Http

    http = Http(base_url)
    return Opened(http.stream, str, http.plain)


def _httpx_async(base_url: str) -> Opened:
    from floor import AsyncHttp

    http = AsyncHttp(base_url)
    return Opened(http.stream, str, http.plain)


def _gateway_client(base_url: str, *, is_async: bool = False) -> Opened:
    from gptrouter_notebook import GatewayClient
    from gptrouter_notebook.sse import TextDelta
    from gptrouter_notebook.wire import GenerateRequest, RequestEntry

    client = GatewayClient(base_url, key="bench")

    def request(text: str, *, stream: bool) -> GenerateRequest:
        entry = RequestEntry(**_MODEL, order=1, params={"messages": [{"role": "user", "content": text}]})
        return GenerateRequest((entry,), stream=stream)

    def plain(text: str) -> str:
        return client.generate(request(text, stream=False)).choices[0].text

    async def aplain(text: str) -> str:
        return (await client.agenerate(request(text, stream=False))).choices[0].text

    ask = client.astream if is_async else client.stream
    return Opened(
        lambda text: ask(request(text, stream=True)),
        lambda event: event.text if type(event) is TextDelta else "",
        aplain if is_async else plain,
    )


def _gateway_client_async(base_url: str) -> Opened:
    return _gateway_client(base_url, is_async=True)


def _of_chat(chat: Any) -> Opened:
    return Opened(chat.stream, attrgetter("content"), lambda text: chat.invoke(text).content)


def _of_chat_async(chat: Any) -> Opened:
    async def plain(text: str) -> str:
        return str((await chat.ainvoke(text)).content)

    return Opened(chat.astream, attrgetter("content"), plain)


def _minimal(base_url: str) -> Opened:
    from minimal_model import MinimalModel

    return _of_chat(MinimalModel.at(base_url))


def _minimal_async(base_url: str) -> Opened:
    from minimal_model import MinimalModel

    return _of_chat_async(MinimalModel.at(base_url))


def _gptrouter(base_url: str, model: dict[str, str], **options: Any) -> Any:
    from gptrouter_notebook import GPTRouter, GPTRouterModel

    return GPTRouter(models_priority_list=[GPTRouterModel(**model)], base_url=base_url, api_key="bench", **options)


def _gptrouter_stream(base_url: str) -> Opened:
    return _of_chat(_gptrouter(base_url, _MODEL))._replace(plain=None)


def _gptrouter_astream(base_url: str) -> Opened:
    return _of_chat_async(_gptrouter(base_url, _MODEL))._replace(plain=None)


def _gptrouter_joined(base_url: str) -> Opened:
    return _of_chat(_gptrouter(base_url, _MODEL, stream_interval=_INTERVAL_S))._replace(plain=None)


def _gptrouter_ajoined(base_url: str) -> Opened:
    return _of_chat_async(_gptrouter(base_url, _MODEL, stream_interval=_INTERVAL_S))._replace(plain=None)


def _gptrouter_invoke(base_url: str) -> Opened:
    chat = _gptrouter(base_url, _MODEL)
    return _of_chat(chat)._replace(stream=lambda text: [chat.invoke(text)])


def _gptrouter_ainvoke(base_url: str) -> Opened:
    chat = _gptrouter(base_url, _MODEL)

    async def stream(text: str) -> AsyncIterator[Any]:
        yield await chat.ainvoke(text)

    return _of_chat_async(chat)._replace(stream=stream)


def _gptrouter_invoke_plain(base_url: str) -> Opened:
    return _of_chat(_gptrouter(base_url, _PLAIN_MODEL))._replace(stream=None)


def _gptrouter_ainvoke_plain(base_url: str) -> Opened:
    return _of_chat_async(_gptrouter(base_url, _PLAIN_MODEL))._replace(stream=None)


def _sdk(base_url: str) -> Opened:
    from gpt_router.client import GPTRouterClient
    from gpt_router.models import GenerationParams, ModelGenerationRequest

    client = GPTRouterClient(base_url, "bench")

    def ask(text: str, *, is_stream: bool) -> Any:
        params = GenerationParams(messages=[{"role": "user", "content": text}])
        asked = ModelGenerationRequest(
            model_name=_MODEL["name"], provider_name=_MODEL["provider_name"], order=1, prompt_params=params
        )
        return client.generate(ordered_generation_requests=[asked], is_stream=is_stream)

    return Opened(
        lambda text: ask(text, is_stream=True),
        lambda chunk: chunk.data["text"] if chunk.event == "update" else "",
        lambda text: ask(text, is_stream=False).choices[0].text,
    )


def _community(base_url: str) -> Opened:
    from langchain_community.chat_models.gpt_router import GPTRouter, GPTRouterModel

    models = [GPTRouterModel(**_MODEL)]
    return _of_chat(GPTRouter(models_priority_list=models, gpt_router_api_base=base_url, gpt_router_api_key="bench"))


def _chat_openai(base_url: str) -> Opened:
    from langchain_openai import ChatOpenAI

    address = base_url + frames.OPENAI_PATH.removesuffix("/chat/completions")
    return _of_chat(ChatOpenAI(model=_MODEL["name"], base_url=address, api_key="bench"))


CLIENTS = {
    "httpx": Client("httpx, lines split by hand", _httpx),
    "client": Client("`GatewayClient.stream`, `.generate`", _gateway_client),
    "ahttpx": Client("httpx async, lines split by hand", _httpx_async, "ahttpx"),
    "aclient": Client("`GatewayClient.astream`, `.agenerate`", _gateway_client_async, "ahttpx"),
    "minimal": Client("LangChain's own floor, `.stream`, `.invoke`", _minimal),
    "stream": Client("`GPTRouter.stream`", _gptrouter_stream),
    "aminimal": Client("LangChain's own floor, `.astream`, `.ainvoke`", _minimal_async, "ahttpx"),
    "astream": Client("`GPTRouter.astream`", _gptrouter_astream, "ahttpx"),
    "joined": Client("`GPTRouter.stream`, a chunk per 20 ms", _gptrouter_joined),
    "ajoined": Client("`GPTRouter.astream`, a chunk per 20 ms", _gptrouter_ajoined, "ahttpx"),
    "invoke": Client("`GPTRouter.invoke`, streamed inside", _gptrouter_invoke, hands_out=False),
    "ainvoke": Client("`GPTRouter.ainvoke`, streamed inside", _gptrouter_ainvoke, "ahttpx", hands_out=False),
    "invoke-plain": Client("`GPTRouter.invoke`, plain inside", _gptrouter_invoke_plain),
    "ainvoke-plain": Client("`GPTRouter.ainvoke`, plain inside", _gptrouter_ainvoke_plain, "ahttpx"),
    "sdk": Client("GPTRouter SDK", _sdk, is_peer=True),
    "community": Client("langchain_community's `GPTRouter`", _community, is_peer=True),
    "openai": Client("`ChatOpenAI` (OpenAI's frames)", _chat_openai, is_peer=True),
}
"""In the order in which they take turns: what is compared closely stands close together."""
