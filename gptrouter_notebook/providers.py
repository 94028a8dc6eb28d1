"""What each provider takes, behind the recorded gateway: which input, which parameters, whether it streams.

Facts: gptrouter-wire.md, "What happens to a generate request", point 4; numbers in brackets name the recorded
exchange. A provider that is not listed is taken to take everything, as newer gateways' do, until it is seen not to.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

__all__ = ["Manners", "Provider"]

_NUMBERS = frozenset({"temperature", "top_p", "n", "max_tokens", "presence_penalty", "frequency_penalty"})


@dataclass(frozen=True, slots=True)
class Provider:
    """One provider's manners."""

    takes: frozenset[str] | None = None
    """The parameters that reach it; the gateway drops others without a word. None: not known, so all are sent."""
    takes_messages: bool = True
    """Whether it reads `messages` [13, 15]."""
    takes_prompt: bool = False
    """Whether it reads a `prompt` [14, 16]; one that may read either is sent both."""
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
        takes_messages=False,
        takes_prompt=True,
        plain_text_only=True,
        takes_tool_messages=False,
    ),
    "anthropic": Provider(takes=frozenset({"max_tokens"}), plain_text_only=True, takes_tool_messages=False),
    "cohere": Provider(
        takes=frozenset(),
        takes_messages=False,
        takes_prompt=True,
        plain_text_only=True,
        takes_tool_messages=False,
        streams=False,
    ),
}
_OTHER = Provider()


class Manners:
    """The providers of one gateway: those listed here, and what others showed when they were asked."""

    def __init__(self) -> None:
        self._seen: dict[str, Provider] = {}

    def of(self, name: str) -> Provider:
        """The manners of the provider called `name`."""
        return self._seen.get(name) or _PROVIDERS.get(name, _OTHER)

    def cannot_stream(self, name: str) -> None:
        """Notes that the gateway cannot stream what this provider says.

        The one that is known for it takes prompts only, so the next may well do, too.
        """
        self._seen[name] = replace(self.of(name), streams=False)
        self.takes_prompt(name)

    def takes_prompt(self, name: str) -> bool:
        """Notes that this provider may want a prompt; returns whether that is news."""
        known = self.of(name)
        if name in _PROVIDERS or known.takes_prompt:
            return False
        self._seen[name] = replace(known, takes_prompt=True)
        return True
