"""A stored prompt filled with what a caller sends [L44]."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from gptrouter_notebook.gateway.validation import Entry

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gptrouter_notebook.gateway.catalogue import Catalogue
    from gptrouter_notebook.gateway.validation import PromptCall

_KEY = re.compile(r"\[([^\[\]]+)\]")


def filled_entries(prompt: Mapping[str, Any], call: PromptCall, catalogue: Catalogue) -> list[Entry]:
    """A priority list of the prompt's models, each asked the filled prompt.

    `[key]` becomes the value from the inputs, a missing one the word `undefined`; a language adds a message; `n`
    replaces only an `n` the prompt has.
    """
    params = _filled(prompt["promptParams"], call.inputs)
    if "n" in params:
        params["n"] = call.n
    if call.language and "messages" in params:
        request = {"role": "user", "content": f"Please generate in {call.language} language."}
        params["messages"] = [*params["messages"], request]
    return [_entry(model_id, order, params, catalogue) for order, model_id in enumerate(prompt["models"])]


def _entry(model_id: str, order: int, params: Mapping[str, Any], catalogue: Catalogue) -> Entry:
    model = catalogue.model_by_id(model_id)
    return Entry(
        model_name=None,
        provider_name=None,
        model_id=model_id,
        provider_id=model.provider.id if model else None,
        order=order,
        params=params,
    )


def _filled(value: Any, inputs: Mapping[str, Any]) -> Any:
    if isinstance(value, str):
        return _KEY.sub(lambda found: str(inputs.get(found[1], "undefined")), value)
    if isinstance(value, list):
        return [_filled(item, inputs) for item in value]
    if isinstance(value, dict):
        return {name: _filled(item, inputs) for name, item in value.items()}
    return value
