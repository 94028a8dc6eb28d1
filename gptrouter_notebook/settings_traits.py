"""The settings of a conversation as traits that kernel and view share."""

from __future__ import annotations

from typing import Any

import traitlets

from gptrouter_notebook.settings import Settings

__all__ = ["SETTINGS", "SettingsTraits"]

SETTINGS = ("system_prompt", "temperature", "max_tokens", "stop_sequences")


class SettingsTraits(traitlets.HasTraits):
    """How models are asked from the next question on; written by both sides."""

    system_prompt = traitlets.Unicode("").tag(sync=True)
    """What every request begins with; "" for nothing."""
    temperature = traitlets.Float(None, allow_none=True).tag(sync=True)
    """How much chance there is in an answer, from 0 up; None leaves it to the model."""
    max_tokens = traitlets.Int(None, allow_none=True).tag(sync=True)
    """The longest answer, in tokens, from 1 up; None leaves it to the model."""
    stop_sequences = traitlets.List(traitlets.Unicode()).tag(sync=True)
    """Texts that end an answer."""

    @traitlets.validate(*SETTINGS)
    def _check(self, proposal: Any) -> Any:
        self.settings(**{proposal["trait"].name: proposal["value"]})
        return proposal["value"]

    def settings(self, **instead: Any) -> Settings:
        """The settings as the traits have them.

        Args:
            **instead: What another value is taken for.

        Raises:
            ConfigurationError: A value is out of bounds.
        """
        values = {name: instead.get(name, getattr(self, name)) for name in SETTINGS}
        return Settings(
            system_prompt=values["system_prompt"] or None,
            temperature=values["temperature"],
            max_tokens=values["max_tokens"],
            stop_sequences=tuple(values["stop_sequences"]),
        )
