"""An answer: the parts it has, why it ended, and what is known of who gave it; no loop, no Jupyter.

Text comes in pieces and is joined when it is read, so that a long answer costs what its length is.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from langchain_core.messages import AIMessage

if TYPE_CHECKING:
    from langchain_core.messages import ToolCall, UsageMetadata

__all__ = ["Answer", "Extras", "Failure", "Meta", "Part", "Reason"]

Reason = Literal["streaming", "complete", "stopped", "failed"]
"""How far an answer is, or why it ended."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why there is no whole answer, in one sentence."""

    message: str
    kind: str
    """The exception's class name, such as `RateLimited`."""
    is_too_long: bool = False
    """Whether the conversation is longer than the model takes."""


@dataclass(frozen=True, slots=True)
class Meta:
    """Who answered, how fast, at what length; the words are those of `response_metadata` (design.md, Promises)."""

    model_name: str | None = None
    provider: str | None = None
    model_id: str | None = None
    provider_id: str | None = None
    finish_reason: str | None = None
    route: tuple[dict[str, Any], ...] = ()
    first_token_s: float | None = None
    total_s: float | None = None
    usage: UsageMetadata | None = None
    cost: float | None = None
    """In the gateway's currency, US dollars in the open server; None where it does not say."""

    @property
    def label(self) -> str | None:
        """Who answered, as `provider/name`; None when nobody said."""
        return f"{self.provider}/{self.model_name}" if self.provider and self.model_name else None

    @property
    def latency(self) -> dict[str, float | None]:
        """Seconds to the first token and to the end."""
        return {"first_token": self.first_token_s, "total": self.total_s}

    def response_metadata(self) -> dict[str, Any]:
        """What a LangChain message of this answer says in `response_metadata`."""
        return {
            "model_name": self.model_name,
            "provider": self.provider,
            "model_id": self.model_id,
            "provider_id": self.provider_id,
            "finish_reason": self.finish_reason,
            "route": [dict(hop) for hop in self.route],
            "latency": self.latency,
            "cost": self.cost,
            "model_provider": "gptrouter",
        }


@dataclass(frozen=True, slots=True)
class Extras:
    """What came beside the text, from gateways and models that send it."""

    reasoning: str = ""
    citations: tuple[Any, ...] = ()
    """As the gateway sent them: addresses, or mappings with `url` and `title`."""
    tool_calls: tuple[ToolCall, ...] = ()


class Part:
    """A run of text by one model.

    Args:
        text: What it begins with.
        broke: As the attribute.
    """

    def __init__(self, text: str = "", broke: str | None = None) -> None:
        self._pieces = [text] if text else []
        self.broke = broke
        """The sentence that says why the text ends here and another model went on; None when it does not."""

    @property
    def text(self) -> str:
        """The text so far."""
        return "".join(self._pieces)

    @property
    def is_empty(self) -> bool:
        """Whether there is no text yet."""
        return not self._pieces

    def append(self, text: str) -> None:
        """Adds a piece of text."""
        if text:
            self._pieces.append(text)

    def close(self) -> None:
        """Joins the pieces for good."""
        if len(self._pieces) > 1:
            self._pieces = [self.text]


@dataclass(slots=True)
class Answer:
    """One answer to a question: usually one part, more when a model broke off and the next one was asked."""

    parts: list[Part] = field(default_factory=lambda: [Part()])
    reason: Reason = "streaming"
    error: Failure | None = None
    meta: Meta | None = None
    extras: Extras = field(default_factory=Extras)

    @property
    def text(self) -> str:
        """The text that counts: the last part that has any. A model asked after a break begins anew."""
        return next((part.text for part in reversed(self.parts) if not part.is_empty), "")

    @property
    def is_empty(self) -> bool:
        """Whether no part has any text."""
        return all(part.is_empty for part in self.parts)

    def append(self, text: str) -> None:
        """Adds a piece of text to the current part."""
        self.parts[-1].append(text)

    def break_off(self, sentence: str) -> None:
        """Ends the current part; what follows goes into a new one."""
        self.parts[-1].broke = sentence
        self.parts[-1].close()
        self.parts.append(Part())

    def finish(
        self,
        reason: Reason,
        *,
        error: Failure | None = None,
        meta: Meta | None = None,
        extras: Extras | None = None,
    ) -> None:
        """Says why the answer ended, and what is known of it."""
        self.parts[-1].close()
        self.extras = extras or Extras()
        self.error, self.meta, self.reason = error, meta, reason

    def message(self, *, with_calls: bool = True) -> AIMessage:
        """The answer as LangChain has it.

        Args:
            with_calls: Whether its tool calls are in it. Providers refuse a history with a call and no result.
        """
        meta, extras = self.meta or Meta(), self.extras
        beside = {"reasoning_content": extras.reasoning, "citations": list(extras.citations)}
        return AIMessage(
            content=self.text,
            additional_kwargs={name: value for name, value in beside.items() if value},
            response_metadata=meta.response_metadata(),
            usage_metadata=meta.usage,
            tool_calls=list(extras.tool_calls) if with_calls else [],
        )
