"""How models are asked, beside whom: system prompt, temperature, longest answer, stop sequences."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from gptrouter_notebook.errors import ConfigurationError

__all__ = ["Settings"]


@dataclass(frozen=True, slots=True)
class Settings:
    """What every request of a conversation carries; what is None or empty is not sent, so that the model decides.

    Args:
        system_prompt: What every request begins with.
        temperature: How much chance there is in an answer, from 0 up; most providers end at 1 or 2.
        max_tokens: The longest answer, in tokens.
        stop_sequences: Texts that end an answer.

    Raises:
        ConfigurationError: The temperature is below 0 or no number, or `max_tokens` below 1.
    """

    system_prompt: str | None = None
    temperature: float | None = None
    max_tokens: int | None = None
    stop_sequences: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.temperature is not None and not (math.isfinite(self.temperature) and self.temperature >= 0):
            raise ConfigurationError(f"The temperature cannot be {self.temperature}: choose a number from 0 up.")
        if self.max_tokens is not None and self.max_tokens < 1:
            raise ConfigurationError(f"An answer cannot be {self.max_tokens} tokens long: choose 1 or more.")

    def parameters(self) -> dict[str, Any]:
        """The keywords that a LangChain chat model takes."""
        chosen: dict[str, Any] = {}
        if self.temperature is not None:
            chosen["temperature"] = self.temperature
        if self.max_tokens is not None:
            chosen["max_tokens"] = self.max_tokens
        if self.stop_sequences:
            chosen["stop"] = list(self.stop_sequences)
        return chosen
