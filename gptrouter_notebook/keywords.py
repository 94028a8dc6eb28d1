"""The names of parameters, and what a misspelt one was meant to be; pure."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["BODY_FIELDS", "check_call", "check_init"]

BODY_FIELDS = frozenset({"timeout", "maxRetries", "metadata", "tag", "tags", "createdByUserId", "historyId", "appId"})
"""Parameters that stand beside `data` in a request, not among a provider's own."""

_PROVIDERS = frozenset(
    {
        *("temperature", "top_p", "n", "max_tokens", "max_completion_tokens", "stop", "seed", "user", "logit_bias"),
        *("presence_penalty", "frequency_penalty", "logprobs", "top_logprobs", "response_format", "stream_options"),
        *("tools", "tool_choice", "parallel_tool_calls", "functions", "function_call"),
        *("reasoning_effort", "thinking", "verbosity", "web_search_options", "output_config", "use_response_api"),
    }
)
"""What providers and newer gateways are known to take."""
_OF_A_CALL = _PROVIDERS | BODY_FIELDS | {"model", "models_priority_list", "max_retries", "stream"}
_OTHER_WORDS = {
    "model": "models_priority_list",
    "model_name": "models_priority_list",
    "models": "models_priority_list",
    "callback": "callbacks",
    "key": "gpt_router_api_key",
    "url": "gpt_router_api_base",
}
_LIKENESS = 0.85
"""At a call, names that we do not know go to the gateway, which may: only a near miss of a known one is an error."""


def check_init(names: Iterable[str], known: Iterable[str]) -> None:
    """Refuses keywords that a model does not have.

    Raises:
        TypeError: With the name it may have been meant to be, and no value.
    """
    known = set(known)
    for name in sorted(set(names) - known):
        if name in _PROVIDERS:
            hint = f"a parameter of the provider goes into model_kwargs={{{name!r}: …}}."
        elif near := _OTHER_WORDS.get(name) or _nearest(name, known, 0.6):
            hint = f"did you mean {near}=?"
        else:
            hint = "parameters of a provider go into model_kwargs=."
        raise TypeError(f"GPTRouter has no parameter {name}=: {hint}")


def check_call(names: Iterable[str]) -> None:
    """Refuses keywords of a call that are all but a known one.

    Raises:
        TypeError: With the name it was meant to be, and no value.
    """
    for name in sorted(set(names) - _OF_A_CALL):
        if near := _nearest(name, _OF_A_CALL, _LIKENESS):
            raise TypeError(f"No provider has a parameter {name}=: did you mean {near}=?")


def _nearest(name: str, known: Iterable[str], likeness: float) -> str | None:
    return next(iter(difflib.get_close_matches(name, sorted(known), n=1, cutoff=likeness)), None)
