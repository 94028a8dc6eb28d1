"""What each provider takes, behind the recorded gateway: which input, which parameters, whether it streams.

Facts: gptrouter-wire.md, "What happens to a generate request", point 4; numbers in brackets name the recorded
exchange. A provider that is not listed is taken to take everything, as newer gateways' do.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Provider", "provider"]

_NUMBERS = frozenset({"temperature", "top_p", "n", "max_tokens", "presence_penalty", "frequency_penalty"})


@dataclass(frozen=True, slots=True)
class Provider:
    """One provider's manners."""

    takes: frozenset[str] | None = None
    """The parameters that reach it; the gateway drops others without a word. None: not known, so all are sent."""
    wants_prompt: bool = False
    """Whether it takes a `prompt` in place of `messages` [13, 16]."""
    plain_text_only: bool = False
    """Whether content in parts must be flattened: it arrives as `[object Object]` otherwise [L25]."""
    takes_tool_messages: bool = True
    """Whether tool calls and results in the history reach it; else they vanish [L24]."""
    streams: bool = True
    """Whether it can stream [21]."""
    reports_finish: bool = False
    """Whether its stream always ends in a finish reason, so that one without is cut [L36]."""

    def drops(self, params: set[str]) -> set[str]:
        """Which of `params` would not reach it."""
        return set() if self.takes is None else params - self.takes


_CHAT = Provider(reports_finish=True)
_PROVIDERS = {
    # tool_choice and the like are dropped by the recorded gateway, but newer ones take them: nothing is withheld.
    "chat_openai": _CHAT,
    "azure_chat_openai": _CHAT,
    "openai": Provider(
        takes=_NUMBERS | {"stop", "user", "logit_bias"},
        wants_prompt=True,
        plain_text_only=True,
        takes_tool_messages=False,
    ),
    "anthropic": Provider(takes=frozenset({"max_tokens"}), plain_text_only=True, takes_tool_messages=False),
    "cohere": Provider(
        takes=frozenset(), wants_prompt=True, plain_text_only=True, takes_tool_messages=False, streams=False
    ),
}
_OTHER = Provider()


def provider(name: str) -> Provider:
    """The manners of the provider called `name`."""
    return _PROVIDERS.get(name, _OTHER)
