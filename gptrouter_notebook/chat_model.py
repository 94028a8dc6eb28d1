"""`GPTRouter`: a LangChain chat model for a GPTRouter gateway that says what really happened."""

from __future__ import annotations

import warnings
from contextlib import aclosing, closing
from typing import TYPE_CHECKING, Any

from langchain_core.utils.function_calling import convert_to_openai_tool
from pydantic import Field, PrivateAttr

from gptrouter_notebook.errors import GPTRouterError
from gptrouter_notebook.exchange import Exchange
from gptrouter_notebook.gateway_model import GatewayModel
from gptrouter_notebook.keywords import check_call
from gptrouter_notebook.messages import Question
from gptrouter_notebook.pacing import apaced, paced
from gptrouter_notebook.structured import Method, Schema, parser, response_format, tool_choice_param, with_raw

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Iterator, Sequence

    from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
    from langchain_core.language_models import LanguageModelInput
    from langchain_core.language_models.base import LangSmithParams
    from langchain_core.messages import AIMessage, BaseMessage
    from langchain_core.outputs import ChatGenerationChunk, ChatResult
    from langchain_core.runnables import Runnable
    from langchain_core.tools import BaseTool

    from gptrouter_notebook.client import GatewayClient
    from gptrouter_notebook.sse import StreamEvent
    from gptrouter_notebook.wire import GenerateRequest

__all__ = ["GPTRouter"]

_NOT_SENT = frozenset({"model", "models_priority_list", "timeout", "max_retries", "stream"})
"""Keywords of a call that are ours or LangChain's own."""


class GPTRouter(GatewayModel):
    """A chat model behind a GPTRouter gateway.

    The whole priority list goes to the gateway in one request; it asks the first model that its health checks let
    through. When that one fails, the models after it are asked. Every answer says who gave it and what was tried.

    Setup:
        Set `GPT_ROUTER_API_KEY`, and `GPT_ROUTER_API_BASE` for a gateway of your own.

    Instantiate:
        ```python
        from gptrouter_notebook import GPTRouter, GPTRouterModel

        chat = GPTRouter(
            models_priority_list=["anthropic/claude-2", GPTRouterModel(name="gpt-4", provider_name="chat_openai")]
        )
        ```

    Invoke, stream, batch, async:
        ```python
        answer = chat.invoke("Why is the sky blue?")
        for chunk in chat.stream("Why is the sky blue?"):
            print(chunk.content, end="")
        answers = chat.batch(["One?", "Two?"])
        answer = await chat.ainvoke("Why is the sky blue?")
        ```

    Who answered:
        `answer.response_metadata` has `model_name`, `provider`, `model_id`, `provider_id`, `finish_reason`,
        `route` (who was asked, skipped and why, failed and how), `latency` (`first_token` and `total`, in seconds),
        and `dropped` when parameters did not reach the model. `answer.usage_metadata` has the tokens, where the
        gateway counts them.

    Tools and structured output:
        `bind_tools` and `with_structured_output` as everywhere in LangChain, with models of OpenAI's family.

    Errors:
        All below `GPTRouterError`, named after what you can do about them (`gptrouter_notebook.errors`).
        Leaving a stream closes its connection; the gateway may let the model finish all the same, and charge for it.
    """

    temperature: float | None = None
    """Sampling temperature; the gateway's default when unset. anthropic does not get it."""
    max_tokens: int | None = None
    """The longest answer, in tokens; the gateway's default when unset."""
    n: int | None = Field(default=None, ge=1)
    """How many answers; more than one through `generate` only, and not streamed."""
    stop: list[str] | str | None = Field(default=None, alias="stop_sequences")
    """Texts at which an answer stops. anthropic and cohere do not get them."""
    stream_interval: float = Field(default=0, ge=0, allow_inf_nan=False)
    """The shortest time between two chunks of a stream, in seconds; 0 makes a chunk of every event.

    With 0.02, say, the first text comes at once and what follows in one chunk every 20 ms, also when the model pauses:
    the same text at a fraction of LangChain's cost per chunk. A sync stream is then read on a thread of the package.
    """
    streaming: bool = False
    """Whether `invoke` and `generate`, too, hand tokens to callbacks as they come."""
    model_kwargs: dict[str, Any] = Field(default_factory=dict)
    """Further parameters for the provider, such as `top_p`, `tools`, `reasoning_effort`, or, beside the models,
    `metadata`, `tags`, `timeout` (milliseconds per attempt at the gateway) and `maxRetries`."""

    _said: set[str] = PrivateAttr(default_factory=set)

    # What LangChain asks of a model.

    @property
    def _llm_type(self) -> str:
        return "gptrouter"

    @property
    def _identifying_params(self) -> dict[str, Any]:
        return {
            "models_priority_list": [model.label for model in self._models_for({})],
            "gpt_router_api_base": self.client.shown_url,
            **self._own_params(),
        }

    def _get_ls_params(self, stop: list[str] | None = None, **kwargs: Any) -> LangSmithParams:
        params = super()._get_ls_params(stop=stop, **kwargs)
        first = self._models_for(kwargs)[0]
        params["ls_provider"] = first.provider_name
        params["ls_model_name"] = first.name
        if (temperature := kwargs.get("temperature", self.temperature)) is not None:
            params["ls_temperature"] = temperature
        if (max_tokens := kwargs.get("max_tokens", self.max_tokens)) is not None:
            params["ls_max_tokens"] = max_tokens
        return params

    @classmethod
    def is_lc_serializable(cls) -> bool:
        """`dumps` and `load` work, the key left out."""
        return True

    @classmethod
    def get_lc_namespace(cls) -> list[str]:
        """Where LangChain's loader finds the class."""
        return ["gptrouter_notebook", "chat_model"]

    def _should_stream(self, *, async_api: bool, run_manager: Any = None, **kwargs: Any) -> bool:
        """Not with several answers: a stream does not say which one a piece belongs to [23]."""
        if ({**self._own_params(), **kwargs}.get("n") or 1) > 1:
            return False
        return super()._should_stream(async_api=async_api, run_manager=run_manager, **kwargs)

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        del run_manager  # LangChain itself tells callbacks of the result
        exchange = self._exchange(messages, stop, kwargs, hands_out=False)
        # Closed by hand: an interrupt here keeps this frame, and with it the connection, in its traceback.
        with closing(self._chunks(exchange, self._client_for(kwargs))) as chunks:
            for _ in chunks:
                pass
        self._warn_of_dropped(exchange)
        return exchange.result()

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        del run_manager
        exchange = self._exchange(messages, stop, kwargs, hands_out=False)
        async with aclosing(self._achunks(exchange, self._client_for(kwargs))) as chunks:
            async for _ in chunks:
                pass
        self._warn_of_dropped(exchange)
        return exchange.result()

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        del run_manager  # LangChain itself hands every chunk to callbacks
        exchange = self._exchange(messages, stop, kwargs, hands_out=True)
        with closing(self._chunks(exchange, self._client_for(kwargs))) as chunks:
            yield from chunks
        self._warn_of_dropped(exchange)
        yield exchange.closing_chunk()

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        del run_manager  # LangChain itself hands every chunk to callbacks
        exchange = self._exchange(messages, stop, kwargs, hands_out=True)
        async with aclosing(self._achunks(exchange, self._client_for(kwargs))) as chunks:
            async for chunk in chunks:
                yield chunk
        self._warn_of_dropped(exchange)
        yield exchange.closing_chunk()

    # The two loops: every decision is the exchange's, every byte the client's.

    def _chunks(self, exchange: Exchange, client: GatewayClient) -> Generator[ChatGenerationChunk]:
        while (request := exchange.next_request()) is not None:
            try:
                if request.stream:
                    with closing(self._events(client, request)) as events:
                        for event in events:
                            if (chunk := exchange.feed(event)) is not None:
                                yield chunk
                else:
                    exchange.take(client.generate(request))
            except GPTRouterError as error:
                exchange.refused(error)
            models = self.directory.models() if exchange.needs_models else None
            exchange.settle(models, self.directory.newest() if exchange.needs_newest(models) else None)
        yield from exchange.reply_chunks()

    async def _achunks(self, exchange: Exchange, client: GatewayClient) -> AsyncGenerator[ChatGenerationChunk]:
        while (request := exchange.next_request()) is not None:
            try:
                if request.stream:
                    async with aclosing(self._aevents(client, request)) as events:
                        async for event in events:
                            if (chunk := exchange.feed(event)) is not None:
                                yield chunk
                else:
                    exchange.take(await client.agenerate(request))
            except GPTRouterError as error:
                exchange.refused(error)
            models = await self.directory.amodels() if exchange.needs_models else None
            exchange.settle(models, await self.directory.anewest() if exchange.needs_newest(models) else None)
        for chunk in exchange.reply_chunks():
            yield chunk

    def _events(self, client: GatewayClient, request: GenerateRequest) -> Generator[StreamEvent]:
        if not self.stream_interval:
            return client.stream(request)
        return paced(lambda: client.astream(request), self.stream_interval)

    def _aevents(self, client: GatewayClient, request: GenerateRequest) -> AsyncGenerator[StreamEvent]:
        events = client.astream(request)
        return apaced(events, self.stream_interval) if self.stream_interval else events

    def _exchange(
        self, messages: list[BaseMessage], stop: list[str] | None, kwargs: dict[str, Any], *, hands_out: bool
    ) -> Exchange:
        check_call(kwargs)
        at_call = {name: value for name, value in kwargs.items() if name not in _NOT_SENT}
        params = {**self._own_params(), **at_call}
        if stop is not None:
            params["stop"] = stop
        return Exchange(
            Question(messages, params),
            self._models_for(kwargs),
            hands_out=hands_out,
            manners=self._connected.manners,
        )

    def _own_params(self) -> dict[str, Any]:
        own = {name: getattr(self, name) for name in ("temperature", "max_tokens", "n", "stop")}
        return {name: value for name, value in own.items() if value is not None} | self.model_kwargs

    def _warn_of_dropped(self, exchange: Exchange) -> None:
        # Said once; the answer's metadata says it every time.
        if not (dropped := exchange.dropped()) or exchange.answer is None:
            return
        sentence = (
            f"{exchange.answer.label} answered without {_and(dropped)}: the gateway does not hand them on to "
            f"{exchange.answer.provider_name}; leave them out, or put another provider's model first."
        )
        self._warn_once(sentence, UserWarning, stacklevel=3)

    def _warn_once(self, sentence: str, category: type[Warning], *, stacklevel: int) -> None:
        # Python's own "once" forgets whenever somebody touches the filters, as LangChain does in every call.
        if sentence not in self._said:
            self._said.add(sentence)
            warnings.warn(sentence, category, stacklevel=stacklevel)

    # What people do with it.

    def __call__(
        self, messages: list[BaseMessage], stop: list[str] | None = None, callbacks: Any = None, **kwargs: Any
    ) -> BaseMessage:
        """Asks, as LangChain's guide for GPTRouter does it; `invoke` is the name for it today."""
        self._warn_once(
            "chat(messages) is deprecated in LangChain: call chat.invoke(messages).", DeprecationWarning, stacklevel=3
        )
        return self.generate([messages], stop=stop, callbacks=callbacks, **kwargs).generations[0][0].message  # type: ignore[union-attr] # a chat model makes chat generations

    def bind_tools(
        self,
        tools: Sequence[dict[str, Any] | type | Callable[..., Any] | BaseTool],
        *,
        tool_choice: str | dict[str, Any] | bool | None = None,
        strict: bool | None = None,
        **kwargs: Any,
    ) -> Runnable[LanguageModelInput, AIMessage]:
        """Lets the model call tools.

        Args:
            tools: Functions, LangChain tools, pydantic classes, or schemas in OpenAI's form.
            tool_choice: A tool's name, `"auto"`, `"none"`, or `"any"`, `"required"` or True to insist on one. The
                recorded gateway does not hand it on; newer ones do.
            strict: Whether arguments must follow the schema to the letter, for providers that can.
            **kwargs: Further parameters of the call.
        """
        converted = [convert_to_openai_tool(tool, strict=strict) for tool in tools]
        if tool_choice is not None and tool_choice is not False:
            kwargs["tool_choice"] = tool_choice_param(tool_choice, converted)
        return self.bind(tools=converted, **kwargs)

    def with_structured_output(
        self,
        schema: Schema,
        *,
        include_raw: bool = False,
        method: Method = "function_calling",
        strict: bool | None = None,
        **kwargs: Any,
    ) -> Runnable[LanguageModelInput, Any]:
        """A model that answers in the shape of a schema.

        Args:
            schema: A pydantic class (answers are its instances), or a TypedDict, JSON schema or tool (answers are
                dicts).
            include_raw: Whether to answer with a dict of `raw`, `parsed` and `parsing_error`, and never to raise for
                an answer that cannot be read.
            method: `"function_calling"`; `"json_mode"`, for which the prompt must ask for JSON and say which keys; or
                `"json_schema"`, which the recorded gateway refuses and newer ones take.
            strict: Whether the answer must follow the schema to the letter, for providers that can.
            **kwargs: Further parameters of the call.
        """
        told = {"ls_structured_output_format": {"kwargs": {"method": method}, "schema": schema}}
        model: Runnable[LanguageModelInput, AIMessage]
        if method == "function_calling":
            model = self.bind_tools([schema], tool_choice="any", strict=strict, **told, **kwargs)
        else:
            model = self.bind(response_format=response_format(schema, method, strict=strict), **told, **kwargs)
        parse = parser(schema, method)
        return with_raw(model, parse) if include_raw else model | parse


def _and(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
