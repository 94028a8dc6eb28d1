"""`GPTRouter`: a LangChain chat model for a GPTRouter gateway that says what really happened."""

from __future__ import annotations

import difflib
import warnings
from collections.abc import Mapping
from contextlib import aclosing, closing
from typing import TYPE_CHECKING, Any, Literal

from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.utils.function_calling import convert_to_openai_tool
from pydantic import ConfigDict, Field, PrivateAttr, SecretStr, field_validator, model_validator

from gptrouter_notebook.auth import KEY_VARIABLE, Secret
from gptrouter_notebook.client import GatewayClient
from gptrouter_notebook.directory import Directory
from gptrouter_notebook.errors import GPTRouterError
from gptrouter_notebook.exchange import Exchange
from gptrouter_notebook.messages import Question
from gptrouter_notebook.routing import GPTRouterModel, as_models
from gptrouter_notebook.timeout import Timeout

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Iterator, Sequence

    from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
    from langchain_core.language_models import LanguageModelInput
    from langchain_core.language_models.base import LangSmithParams
    from langchain_core.messages import AIMessage, BaseMessage
    from langchain_core.outputs import ChatGenerationChunk, ChatResult
    from langchain_core.runnables import Runnable
    from langchain_core.tools import BaseTool

__all__ = ["GPTRouter"]


class GPTRouter(BaseChatModel):
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
    """

    # Inputs are hidden from validation errors: one of them is the key.
    model_config = ConfigDict(
        arbitrary_types_allowed=True, hide_input_in_errors=True, populate_by_name=True, protected_namespaces=()
    )

    models_priority_list: list[GPTRouterModel]
    """Who is asked, in this order. A model may be written `"provider/name"`."""
    gpt_router_api_key: SecretStr | None = Field(default=None, alias="api_key", repr=False)
    """The key. Default: the environment variable `GPT_ROUTER_API_KEY`, read at the first call."""
    gpt_router_api_base: str | None = Field(default=None, alias="base_url")
    """The gateway's address. Default: `GPT_ROUTER_API_BASE`, else the public preview gateway."""
    temperature: float | None = None
    """Sampling temperature; the gateway's default when unset. anthropic does not get it."""
    max_tokens: int | None = None
    """The longest answer, in tokens; the gateway's default when unset."""
    n: int | None = Field(default=None, ge=1)
    """How many answers; more than one through `generate` only, and not streamed."""
    stop: list[str] | str | None = Field(default=None, alias="stop_sequences")
    """Texts at which an answer stops. anthropic and cohere do not get them."""
    timeout: float | tuple[float | None, float | None] | Timeout | None = Timeout()
    """Seconds of silence (default 60), a pair (connect, read), or a `Timeout` with a total; None waits for ever."""
    max_retries: int = Field(default=2, ge=0)
    """How often a gateway out of reach is asked again, with growing, jittered waits."""
    streaming: bool = False
    """Whether `invoke` and `generate`, too, hand tokens to callbacks as they come."""
    model_kwargs: dict[str, Any] = Field(default_factory=dict)
    """Further parameters for the provider, such as `top_p`, `tools`, `reasoning_effort`, or, beside the models,
    `metadata`, `tags`, `timeout` (milliseconds per attempt at the gateway) and `maxRetries`."""

    _client: GatewayClient | None = PrivateAttr(default=None)
    _directory: Directory | None = PrivateAttr(default=None)

    # Reading what people write.

    @model_validator(mode="before")
    @classmethod
    def _read_keywords(cls, values: Any) -> Any:
        """Takes the names of LangChain's guide; any other unknown name is an error, where pydantic is silent."""
        if not isinstance(values, Mapping):
            return values
        values = dict(values)
        if "callback_manager" in values:
            warnings.warn("callback_manager= is deprecated: pass callbacks=.", DeprecationWarning, stacklevel=4)
            values["callbacks"] = values.pop("callback_manager")
        known = {name for key, info in cls.model_fields.items() for name in (key, info.alias) if name}
        for name in values.keys() - known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]}=?" if near else "parameters of a provider go into model_kwargs=."
            raise TypeError(f"GPTRouter has no parameter {name}=: {hint}")
        return values

    @field_validator("models_priority_list", mode="before")
    @classmethod
    def _read_list(cls, value: Any) -> list[GPTRouterModel]:
        return list(as_models(value))

    @field_validator("timeout", mode="after")
    @classmethod
    def _read_timeout(cls, value: Any) -> Timeout:
        return Timeout.of(value)

    # What LangChain asks of a model.

    @property
    def _llm_type(self) -> str:
        return "gptrouter"

    @property
    def _identifying_params(self) -> dict[str, Any]:
        return {
            "models_priority_list": [model.label for model in self.models_priority_list],
            "gpt_router_api_base": self.client.shown_url,
            **self._own_params(),
        }

    def _get_ls_params(self, stop: list[str] | None = None, **kwargs: Any) -> LangSmithParams:
        params = super()._get_ls_params(stop=stop, **kwargs)
        first = self._models_of(kwargs)[0]
        params["ls_provider"] = first.provider_name
        params["ls_model_name"] = first.name
        if (temperature := kwargs.get("temperature", self.temperature)) is not None:
            params["ls_temperature"] = temperature
        if (max_tokens := kwargs.get("max_tokens", self.max_tokens)) is not None:
            params["ls_max_tokens"] = max_tokens
        return params

    @property
    def lc_secrets(self) -> dict[str, str]:
        """The key is written as the name of its environment variable."""
        return {"gpt_router_api_key": KEY_VARIABLE}

    @classmethod
    def is_lc_serializable(cls) -> bool:
        """`dumps` and `load` work, the key left out."""
        return True

    @classmethod
    def get_lc_namespace(cls) -> list[str]:
        """Where LangChain's loader finds the class."""
        return ["gptrouter_notebook", "chat_model"]

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        del run_manager  # LangChain itself tells callbacks of the result
        exchange = self._exchange(messages, stop, kwargs, hands_out=False)
        for _ in self._chunks(exchange):
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
        async with aclosing(self._achunks(exchange)) as chunks:
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
        with closing(self._chunks(exchange)) as chunks:
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
        async with aclosing(self._achunks(exchange)) as chunks:
            async for chunk in chunks:
                yield chunk
        self._warn_of_dropped(exchange)
        yield exchange.closing_chunk()

    # The two loops: every decision is the exchange's, every byte the client's.

    def _chunks(self, exchange: Exchange) -> Generator[ChatGenerationChunk]:
        while (request := exchange.next_request()) is not None:
            try:
                if request.stream:
                    with closing(self.client.stream(request)) as events:
                        for event in events:
                            if (chunk := exchange.feed(event)) is not None:
                                yield chunk
                else:
                    exchange.take(self.client.generate(request))
            except GPTRouterError as error:
                exchange.refused(error)
            models = self.directory.models() if exchange.needs_models else None
            exchange.settle(models, self.directory.newest() if exchange.needs_newest(models) else None)
        yield from exchange.reply_chunks()

    async def _achunks(self, exchange: Exchange) -> AsyncGenerator[ChatGenerationChunk]:
        while (request := exchange.next_request()) is not None:
            try:
                if request.stream:
                    async with aclosing(self.client.astream(request)) as events:
                        async for event in events:
                            if (chunk := exchange.feed(event)) is not None:
                                yield chunk
                else:
                    exchange.take(await self.client.agenerate(request))
            except GPTRouterError as error:
                exchange.refused(error)
            models = await self.directory.amodels() if exchange.needs_models else None
            exchange.settle(models, await self.directory.anewest() if exchange.needs_newest(models) else None)
        for chunk in exchange.reply_chunks():
            yield chunk

    def _exchange(
        self, messages: list[BaseMessage], stop: list[str] | None, kwargs: dict[str, Any], *, hands_out: bool
    ) -> Exchange:
        params = {**self._own_params(), **kwargs}
        if stop is not None:
            params["stop"] = stop
        models = self._models_of(params)
        for name in ("model", "models_priority_list"):
            params.pop(name, None)
        return Exchange(Question(messages, params), models, hands_out=hands_out)

    def _own_params(self) -> dict[str, Any]:
        own = {name: getattr(self, name) for name in ("temperature", "max_tokens", "n", "stop")}
        return {name: value for name, value in own.items() if value is not None} | self.model_kwargs

    def _models_of(self, params: Mapping[str, Any]) -> tuple[GPTRouterModel, ...]:
        """Who is asked by this call: `models_priority_list=` or `model=` at call time go before the model's own."""
        if params.get("models_priority_list") is not None:
            return as_models(params["models_priority_list"])
        model = params.get("model")
        if model is None:
            return tuple(self.models_priority_list)
        if isinstance(model, str) and "/" not in model:
            same = next((own for own in self.models_priority_list if own.name == model), self.models_priority_list[0])
            return (GPTRouterModel(name=model, provider_name=same.provider_name),)
        return as_models(model)

    def _warn_of_dropped(self, exchange: Exchange) -> None:
        # Python shows the same warning once; the answer's metadata says it every time.
        if (dropped := exchange.dropped()) and exchange.answer is not None:
            warnings.warn(
                f"{exchange.answer.label} answered without {_and(dropped)}: the gateway does not hand them on to "
                f"{exchange.answer.provider_name}; leave them out, or put another provider's model first.",
                UserWarning,
                stacklevel=2,
            )

    # The gateway behind it.

    @property
    def client(self) -> GatewayClient:
        """The gateway, for its other calls: `chat.client.health()`, `chat.client.usage()` and so on."""
        if self._client is None:
            key = self.gpt_router_api_key
            self._client = GatewayClient(
                self.gpt_router_api_base,
                Secret(key.get_secret_value()) if key is not None else None,
                timeout=self.timeout,
                max_retries=self.max_retries,
            )
        return self._client

    @property
    def directory(self) -> Directory:
        """The gateway's models and their health, kept for a short while."""
        if self._directory is None:
            self._directory = Directory(self.client)
        return self._directory

    async def acatalog(self) -> list[dict[str, Any]]:
        """The gateway's models and their health, read now, and those of the list that it does not know.

        Each row has `name`, `provider_name`, `input_type`, `state` (up, slow, down, unknown, missing), `latency_ms`,
        `checked_at` (ISO 8601), `history` (latencies, None for a failed check) and `skip` (why the gateway would
        skip it, or None).

        Raises:
            GPTRouterError: The gateway refused, or is out of reach.
        """
        return await self.directory.arows(self.models_priority_list)

    def catalog(self) -> list[dict[str, Any]]:
        """The sync twin of `acatalog`."""
        return self.directory.rows(self.models_priority_list)

    # What people do with it.

    def __call__(
        self, messages: list[BaseMessage], stop: list[str] | None = None, callbacks: Any = None, **kwargs: Any
    ) -> BaseMessage:
        """Asks, as LangChain's guide for GPTRouter does it; `invoke` is the name for it today."""
        warnings.warn("chat(messages) is deprecated in LangChain: call chat.invoke(messages).", DeprecationWarning, 2)
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
            kwargs["tool_choice"] = _tool_choice(tool_choice, converted)
        return self.bind(tools=converted, **kwargs)

    # The key stays here.

    def __getstate__(self) -> dict[Any, Any]:
        """What a pickle holds: everything but the key and the connections."""
        state = super().__getstate__()
        state["__dict__"] = {**state["__dict__"], "gpt_router_api_key": None}
        state["__pydantic_private__"] = {"_client": None, "_directory": None}
        return state


def _tool_choice(choice: str | dict[str, Any] | Literal[True], tools: Sequence[Mapping[str, Any]]) -> Any:
    if choice is True or choice == "any":
        return "required"
    if isinstance(choice, str) and choice not in {"auto", "none", "required"}:
        names = [tool["function"]["name"] for tool in tools]
        if choice not in names:
            raise ValueError(f'There is no tool "{choice}" among {", ".join(names)}.')
        return {"type": "function", "function": {"name": choice}}
    return choice


def _and(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
