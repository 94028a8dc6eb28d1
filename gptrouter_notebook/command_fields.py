"""What the fields of the view's commands may hold, by name."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, get_args

from gptrouter_notebook.exports import Format
from gptrouter_notebook.routing import GPTRouterModel, as_models

__all__ = ["READERS"]

_WRITABLE = frozenset({"models_priority_list", "system_prompt", "temperature", "max_tokens", "stop_sequences"})
_PICTURE = re.compile(r"data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/]+={0,2}")


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _number(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError
    return value


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _numbers(value: Any) -> tuple[int, ...]:
    if not isinstance(value, list):
        raise TypeError
    return tuple(map(_number, value))


def _pictures(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(item, str) and _PICTURE.fullmatch(item) for item in value):
        raise TypeError
    return tuple(value)


def _model(value: Any) -> GPTRouterModel | None:
    if value is None:
        return None
    [model] = as_models([value])
    return model


def _traits(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping) or not value.keys() <= _WRITABLE:
        raise TypeError
    return value


def _form(value: Any) -> Format:
    if value not in get_args(Format):
        raise TypeError
    form: Format = value
    return form


READERS: dict[str, Callable[[Any], Any]] = {
    "text": _text,
    "name": _text,
    "prefix": _text,
    "images": _pictures,
    "turn": _number,
    "turns": _numbers,
    "item": _number,
    "traits": _traits,
    "model": _model,
    "is_left_out": _flag,
    "form": _form,
    "file": _text,
}
"""Each gives the value, or raises TypeError, or ConfigurationError for a model that is none."""
