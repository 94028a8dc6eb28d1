"""Reading a gateway's JSON without trusting its shape: what does not fit reads as unset."""

from __future__ import annotations

import math
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["as_datetime", "as_dict", "as_float", "as_int", "as_list", "as_str", "rest_of"]


def as_dict(value: Any) -> dict[str, Any]:
    """The value if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def as_list(value: Any) -> list[Any]:
    """The value if it is an array, else an empty one."""
    return value if isinstance(value, list) else []


def as_str(value: Any) -> str:
    """The value if it is a string, else an empty one."""
    return value if isinstance(value, str) else ""


def as_int(value: Any) -> int | None:
    """The value as a whole number, or None."""
    number = as_float(value)
    return None if number is None else int(number)


def as_float(value: Any) -> float | None:
    """The value as a number, or None."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:  # JSON's whole numbers have no largest one
        return None
    return number if math.isfinite(number) else None


def as_datetime(value: Any) -> datetime | None:
    """The value as a point in time, or None; the gateway writes some dates as `{}` [03]."""
    try:
        return datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None


def rest_of(value: Mapping[str, Any], *known: str) -> dict[str, Any]:
    """What an object holds beside the known keys."""
    return {key: item for key, item in value.items() if key not in known}
