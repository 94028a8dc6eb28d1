"""One answer as a value: what `%%gptrouter -o NAME` leaves in the notebook."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gptrouter_notebook.formats import read_json

if TYPE_CHECKING:
    from langchain_core.messages import AIMessage, UsageMetadata

__all__ = ["Result"]


@dataclass(frozen=True)
class Result:
    """What a model said, and what is known of how it came to be said.

    Args:
        message: The answer as LangChain has it.
    """

    message: AIMessage

    @property
    def text(self) -> str:
        """The answer's text."""
        return str(self.message.text)

    @property
    def model(self) -> str:
        """The name of the model that answered."""
        return str(self.message.response_metadata.get("model_name", ""))

    @property
    def provider(self) -> str:
        """The name of its provider."""
        return str(self.message.response_metadata.get("provider", ""))

    @property
    def usage(self) -> UsageMetadata | None:
        """Tokens; None where the gateway did not count them."""
        return self.message.usage_metadata

    @property
    def latency(self) -> dict[str, float | None]:
        """Seconds: `first_token` and `total`."""
        return dict(self.message.response_metadata.get("latency", {}))

    @property
    def route(self) -> list[dict[str, Any]]:
        """Who was asked, skipped and why, failed and how, and who answered."""
        return list(self.message.response_metadata.get("route", []))

    @property
    def cost(self) -> float | None:
        """What the answer cost, in the gateway's currency; None where the gateway does not say."""
        cost = self.message.response_metadata.get("cost")
        return float(cost) if isinstance(cost, int | float) else None

    def json(self) -> Any:
        """The value of an answer in JSON, with a code fence round it or without.

        Raises:
            NotJSON: It is none; the message has the place of the fault.
        """
        return read_json(self.text, f"{self.provider}/{self.model}")

    def __str__(self) -> str:
        return self.text

    def _repr_markdown_(self) -> str:
        return self.text
