"""The calls of a gateway as methods, sync and async; how they are carried out is `GatewayClient`'s."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, TypeVar

from gptrouter_notebook import calls

if TYPE_CHECKING:
    from datetime import date

    from gptrouter_notebook.records import (
        HealthRow,
        Image,
        Model,
        ModelHealth,
        ModelUsage,
        Prompt,
        Provider,
        User,
    )
    from gptrouter_notebook.wire import GenerateRequest, Reply

__all__ = ["GatewayCalls"]

T = TypeVar("T")


class GatewayCalls(ABC):
    """What a gateway can be asked; facts: gptrouter-wire.md, "Calls".

    Every method has an async twin with an `a` in front, which takes the same, returns the same and raises the same.
    """

    @abstractmethod
    def run(self, call: calls.Call[T]) -> T:
        """Carries out a call and returns its reply, read.

        Args:
            call: One of those that `gptrouter_notebook.calls` makes.

        Raises:
            GPTRouterError: The gateway refused, is out of reach, or its reply broke off or cannot be read.
        """

    @abstractmethod
    async def arun(self, call: calls.Call[T]) -> T:
        """The async twin of `run`."""

    def generate(self, request: GenerateRequest) -> Reply:
        """A plain answer, in one piece. The gateway names no cause when it fails; a stream does.

        Args:
            request: Models, messages and parameters.

        Raises:
            InvalidRequest: The gateway refused the request, or the model failed: it gives both the same status.
            StreamInterrupted: The reply broke off.
            GPTRouterError: The gateway refused the key, or is out of reach.
        """
        return self.run(calls.generate(request))

    async def agenerate(self, request: GenerateRequest) -> Reply:
        """The async twin of `generate`."""
        return await self.arun(calls.generate(request))

    def models(self) -> tuple[Model, ...]:
        """All models the gateway knows, as `records.Model`s with their ids, providers and what they take.

        Raises:
            GPTRouterError: The gateway refused, or is out of reach.
        """
        return self.run(calls.models())

    async def amodels(self) -> tuple[Model, ...]:
        """The async twin of `models`."""
        return await self.arun(calls.models())

    def model(self, model_id: str) -> Model:
        """One model.

        Args:
            model_id: Its id, a UUID, as `Model.id` and `response_metadata["model_id"]` have it.

        Raises:
            InvalidRequest: The gateway has none with this id.
            GPTRouterError: The gateway refused the key, or is out of reach.
        """
        return self.run(calls.model(model_id))

    async def amodel(self, model_id: str) -> Model:
        """The async twin of `model`."""
        return await self.arun(calls.model(model_id))

    def providers(self) -> tuple[Provider, ...]:
        """All providers the gateway knows, as `records.Provider`s.

        Raises:
            GPTRouterError: The gateway refused, or is out of reach.
        """
        return self.run(calls.providers())

    async def aproviders(self) -> tuple[Provider, ...]:
        """The async twin of `providers`."""
        return await self.arun(calls.providers())

    def health(self, start: date | None = None, end: date | None = None) -> tuple[ModelHealth, ...]:
        """How every model did in the gateway's checks.

        Args:
            start: First day or moment. Default: 24 hours ago.
            end: Last day or moment, included. Default: now.

        Returns:
            The models, each with its checks, oldest first; latencies in milliseconds.

        Raises:
            GPTRouterError: The gateway refused, or is out of reach.
        """
        return self.run(calls.health(start, end))

    async def ahealth(self, start: date | None = None, end: date | None = None) -> tuple[ModelHealth, ...]:
        """The async twin of `health`."""
        return await self.arun(calls.health(start, end))

    def check_health(self) -> tuple[HealthRow, ...]:
        """Has the gateway check every model now, which costs tokens and takes as long as the slowest model.

        Returns:
            One row per model: up or down, and its latency in milliseconds.

        Raises:
            GPTRouterError: The gateway refused, or is out of reach.
        """
        return self.run(calls.check_health())

    async def acheck_health(self) -> tuple[HealthRow, ...]:
        """The async twin of `check_health`."""
        return await self.arun(calls.check_health())

    def usage(self, start: date | None = None, end: date | None = None) -> tuple[ModelUsage, ...]:
        """Tokens and cost by model, for the user the key belongs to.

        Args:
            start: First day or moment. Default: 24 hours ago.
            end: Last day or moment, included. Default: now.

        Returns:
            One row per model; what it cost is in the gateway's currency.

        Raises:
            GPTRouterError: The gateway refused, or is out of reach.
        """
        return self.run(calls.usage(start, end))

    async def ausage(self, start: date | None = None, end: date | None = None) -> tuple[ModelUsage, ...]:
        """The async twin of `usage`."""
        return await self.arun(calls.usage(start, end))

    def generate_image(
        self, prompt: str, *, model: str = "dall-e-3", vendor: str = "dall-e", count: int = 1, **options: Any
    ) -> tuple[Image, ...]:
        """Draws pictures.

        Args:
            prompt: What to draw.
            model: The vendor's model.
            vendor: `dall-e`; anything else goes to Stability.
            count: How many pictures.
            **options: What the vendor takes, such as `size="1024x1024"`, or `width` and `height` in pixels.

        Returns:
            The pictures, by address or as Base64, as the vendor sends them.

        Raises:
            GPTRouterError: The gateway refused, or is out of reach.
        """
        return self.run(calls.generate_image(_image_body(prompt, model, vendor, count, options)))

    async def agenerate_image(
        self, prompt: str, *, model: str = "dall-e-3", vendor: str = "dall-e", count: int = 1, **options: Any
    ) -> tuple[Image, ...]:
        """The async twin of `generate_image`."""
        return await self.arun(calls.generate_image(_image_body(prompt, model, vendor, count, options)))

    def ask_about_image(
        self, image_url: str, question: str, *, model: str = "gpt-4-vision-preview", **params: Any
    ) -> str:
        """Asks about a picture.

        Args:
            image_url: Where the picture is; the gateway's provider must be able to fetch it.
            question: What to ask.
            model: `gpt-4-vision-preview` or `llava`.
            **params: The provider's parameters, such as `max_tokens`.

        Returns:
            The answer's text.

        Raises:
            GPTRouterError: The gateway refused, or is out of reach.
        """
        return self.run(calls.image_question(_question(image_url, question, model, params)))

    async def aask_about_image(
        self, image_url: str, question: str, *, model: str = "gpt-4-vision-preview", **params: Any
    ) -> str:
        """The async twin of `ask_about_image`."""
        return await self.arun(calls.image_question(_question(image_url, question, model, params)))

    def embeddings(self, **body: Any) -> dict[str, Any]:
        """Embeddings, where the gateway has them: the open-source one of 2023 answers 404.

        Args:
            **body: What the gateway takes, such as `model` and `input`; sent as it is.

        Returns:
            The reply as it comes.

        Raises:
            GPTRouterError: The gateway refused, or is out of reach.
        """
        return self.run(calls.embeddings(body))

    async def aembeddings(self, **body: Any) -> dict[str, Any]:
        """The async twin of `embeddings`."""
        return await self.arun(calls.embeddings(body))

    def login(self, email: str, password: str) -> User:
        """Logs a user in; `GatewayClient(key=f"Bearer {user.token}")` then speaks as that user.

        Args:
            email: The user's address.
            password: The user's password; it is sent once and kept nowhere.

        Raises:
            ConfigurationError: The password is not right.
            GPTRouterError: The gateway refused, or is out of reach.
        """
        return self.run(calls.login(email, password))

    async def alogin(self, email: str, password: str) -> User:
        """The async twin of `login`."""
        return await self.arun(calls.login(email, password))

    def prompts(self) -> tuple[Prompt, ...]:
        """All prompts stored at the gateway; for the other calls on them use `run` with those of `calls`.

        Raises:
            GPTRouterError: The gateway refused, or is out of reach.
        """
        return self.run(calls.prompts())

    async def aprompts(self) -> tuple[Prompt, ...]:
        """The async twin of `prompts`."""
        return await self.arun(calls.prompts())


def _image_body(prompt: str, model: str, vendor: str, count: int, options: dict[str, Any]) -> dict[str, Any]:
    return {"model": model, "imageVendor": vendor, "prompt": prompt, "numImages": count, **options}


def _question(image_url: str, question: str, model: str, params: dict[str, Any]) -> dict[str, Any]:
    return {"imageUrl": image_url, "model": model, "promptParams": {"prompt": question, **params}}
