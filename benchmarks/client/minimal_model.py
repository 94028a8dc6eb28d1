"""LangChain's own floor: a chat model that does nothing but make chunks of what the floor reads."""
# ruff: noqa: INP001 - scripts, no package

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from floor import AsyncHttp, Http
from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from pydantic import PrivateAttr

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from langchain_core.messages import BaseMessage

__all__ = ["MinimalModel"]


class MinimalModel(BaseChatModel):
    """Reads no more of a question than its text, and says nothing of an answer but its text."""

    _http: Http = PrivateAttr()
    _async_http: AsyncHttp = PrivateAttr()

    @classmethod
    def at(cls, base_url: str) -> Self:
        """The model behind the gateway at that address."""
        model = cls()
        model._http, model._async_http = Http(base_url), AsyncHttp(base_url)
        return model

    @property
    def _llm_type(self) -> str:
        return "minimal"

    def _generate(self, messages: list[BaseMessage], *_: Any, **__: Any) -> ChatResult:
        return _result(self._http.plain(str(messages[-1].content)))

    async def _agenerate(self, messages: list[BaseMessage], *_: Any, **__: Any) -> ChatResult:
        return _result(await self._async_http.plain(str(messages[-1].content)))

    def _stream(self, messages: list[BaseMessage], *_: Any, **__: Any) -> Iterator[ChatGenerationChunk]:
        for piece in self._http.stream(str(messages[-1].content)):
            yield ChatGenerationChunk(message=AIMessageChunk(content=piece))

    async def _astream(self, messages: list[BaseMessage], *_: Any, **__: Any) -> AsyncIterator[ChatGenerationChunk]:
        async for piece in self._async_http.stream(str(messages[-1].content)):
            yield ChatGenerationChunk(message=AIMessageChunk(content=piece))


def _result(text: str) -> ChatResult:
    return ChatResult(generations=[ChatGeneration(message=AIMessage(content=text))])
