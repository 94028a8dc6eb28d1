"""`GatewayModel`: whom a chat model asks, and where; its gateway, opened when first needed and never pickled."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from langchain_core.language_models.chat_models import BaseChatModel
from pydantic import ConfigDict, Field, PrivateAttr, SecretStr, field_validator, model_validator

from gptrouter_notebook import keywords
from gptrouter_notebook.auth import KEY_VARIABLE, Secret
from gptrouter_notebook.client import GatewayClient
from gptrouter_notebook.directory import Directory
from gptrouter_notebook.model_table import ModelTable
from gptrouter_notebook.providers import Manners
from gptrouter_notebook.routing import GPTRouterModel, as_models
from gptrouter_notebook.timeout import Timeout

if TYPE_CHECKING:
    from typing import Self

__all__ = ["GatewayModel"]

_GLANCE = Timeout(connect_s=2.0, read_s=3.0, total_s=4.0)
"""How long an answer's details may keep it waiting."""


class GatewayModel(BaseChatModel):
    """A priority list at a gateway; `GPTRouter` is what is made of it."""

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
    timeout: float | tuple[float | None, float | None] | Timeout | None = 60.0
    """Seconds of silence (default 60), a pair (connect, read), or a `Timeout` with a total; None waits for ever."""
    max_retries: int = Field(default=2, ge=0)
    """How often a gateway out of reach is asked again, with growing, jittered waits."""

    _line: _Line | None = PrivateAttr(default=None)

    # Reading what people write.

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # Below this frame are pydantic's: a traceback that prints variables would print what they were given.
        for name in ("gpt_router_api_key", "api_key"):
            if isinstance(kwargs.get(name), str):
                kwargs[name] = SecretStr(kwargs[name])
        super().__init__(*args, **kwargs)

    @model_validator(mode="before")
    @classmethod
    def _read_keywords(cls, values: Any) -> Any:
        """Takes the names of LangChain's guide; any other unknown name is an error, where pydantic is silent."""
        if not isinstance(values, Mapping):
            return values
        values = dict(values)
        if "callback_manager" in values:
            warnings.warn("callback_manager= is deprecated: pass callbacks=.", DeprecationWarning, stacklevel=5)
            values["callbacks"] = values.pop("callback_manager")
        keywords.check_init(
            values, (name for key, info in cls.model_fields.items() for name in (key, info.alias or key))
        )
        return values

    @field_validator("models_priority_list", mode="before")
    @classmethod
    def _read_list(cls, value: Any) -> list[GPTRouterModel]:
        return list(as_models(value))

    @field_validator("timeout", mode="after")
    @classmethod
    def _check_timeout(cls, value: Any) -> Any:
        Timeout.of(value)
        # As it was given: a number survives being dumped and loaded, an object of ours would not.
        return value

    @property
    def lc_secrets(self) -> dict[str, str]:
        """The key is written as the name of its environment variable."""
        return {"gpt_router_api_key": KEY_VARIABLE}

    # The gateway.

    @property
    def client(self) -> GatewayClient:
        """The gateway, for its other calls: `chat.client.health()`, `chat.client.usage()` and so on."""
        return self._connected.client

    @property
    def directory(self) -> Directory:
        """The gateway's models and their health, kept for a short while."""
        return self._connected.directory

    def catalog(self) -> list[dict[str, Any]]:
        """The gateway's models and their health, read now, and those of the list that it does not know.

        Each row has `name`, `provider_name`, `input_type`, `state` (up, slow, down, unknown, missing), `latency_ms`,
        `checked_at` (ISO 8601), `history` (latencies, None for a failed check) and `skip` (why the gateway would
        skip it, or None).

        Raises:
            GPTRouterError: The gateway refused, or is out of reach.
        """
        return self.directory.rows(as_models(self.models_priority_list))

    async def acatalog(self) -> list[dict[str, Any]]:
        """The async twin of `catalog`."""
        return await self.directory.arows(as_models(self.models_priority_list))

    def available_models(self) -> ModelTable:
        """The rows of `catalog` as a table that displays in a notebook and sorts by latency.

        Raises:
            GPTRouterError: The gateway refused, or is out of reach.
        """
        return ModelTable(self.catalog())

    async def aavailable_models(self) -> ModelTable:
        """The async twin of `available_models`."""
        return ModelTable(await self.acatalog())

    @property
    def _connected(self) -> _Line:
        # Compared, not kept for ever: a copy of the model, or a changed attribute, may mean another gateway.
        settings = (self.gpt_router_api_base, self.gpt_router_api_key, self.timeout, self.max_retries)
        line = self._line
        if line is None or line.settings != settings:
            line = self._line = _Line(*settings)
        return line

    def _client_for(self, params: Mapping[str, Any]) -> GatewayClient:
        """The gateway for one call, whose `timeout=` and `max_retries=` go before the model's own."""
        if "timeout" not in params and "max_retries" not in params:
            return self.client
        return _Line(
            self.gpt_router_api_base,
            self.gpt_router_api_key,
            params.get("timeout", self.timeout),
            params.get("max_retries", self.max_retries),
        ).client

    def _models_for(self, params: Mapping[str, Any]) -> tuple[GPTRouterModel, ...]:
        """Who is asked by one call: its `models_priority_list=` or `model=` goes before the model's own list."""
        if params.get("models_priority_list") is not None:
            return as_models(params["models_priority_list"])
        own = as_models(self.models_priority_list)
        model = params.get("model")
        if model is None:
            return own
        if isinstance(model, str) and "/" not in model:
            same = next((listed for listed in own if listed.name == model), own[0])
            return (GPTRouterModel(name=model, provider_name=same.provider_name),)
        return as_models(model)

    # The key stays here.

    def __getstate__(self) -> dict[Any, Any]:
        """What a pickle holds: everything but the key and the connections."""
        state = super().__getstate__()
        state["__dict__"] = {**state["__dict__"], "gpt_router_api_key": None}
        state["__pydantic_private__"] = {**(state["__pydantic_private__"] or {}), "_line": None}
        return state


class _Line:
    """The way to one gateway: its client, and what was learned there."""

    def __init__(self, base_url: str | None, key: SecretStr | None, timeout: Any, max_retries: int) -> None:
        self.settings = (base_url, key, timeout, max_retries)
        secret = Secret(key.get_secret_value()) if key is not None else None
        self.client = GatewayClient(base_url, secret, timeout=timeout, max_retries=max_retries)
        self.directory = Directory(self.client, GatewayClient(base_url, secret, timeout=_GLANCE, max_retries=0))
        self.manners = Manners()

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        # A copied secret is an empty one; and a model's copy may well speak over the same line.
        return self
