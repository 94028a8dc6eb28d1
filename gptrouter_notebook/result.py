"""One answer as a value: what `%%gptrouter -o NAME` leaves in the notebook."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gptrouter_notebook.formats import read_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from langchain_core.messages import AIMessage, UsageMetadata

__all__ = ["Result"]


@dataclass(frozen=True)
class Result:
    """What a model said, and what is known of how it came to be said.

    Args:
        message: The answer as LangChain has it.
        price: Asks the gateway what an answer cost; called when somebody wants to know, and not pickled.
    """

    message: AIMessage
    price: Callable[[AIMessage], float | None] | None = field(default=None, repr=False, compare=False)

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
        """What the answer cost, in the gateway's currency (US dollars in the open server); asked for when it is read.

        None where the gateway does not say: it counts for users, not for the server's own key, and says so a moment
        after the answer.
        """
        return None if self.price is None else self.price(self.message)

    def __getstate__(self) -> dict[str, Any]:
        return {"message": self.message, "price": None}

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
