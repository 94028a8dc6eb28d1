"""A value that fits a JSON schema, with the user's words and numbers where they fit."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

DEEPEST = 12
"""Schemas may refer to themselves."""
MOST_ITEMS = 20
MOST_VALUES = 1000
"""Together with the depth this bounds what a hostile schema can make of twenty lines."""
_NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?![\w])")
_QUOTED = re.compile(r"[\"“”«»`]([^\"“”«»`]+)[\"“”«»`]|(?<!\w)'([^']+)'(?!\w)")
_PROPER = re.compile(r"(?<![.!?:] )(?<!^)\b[A-Z][\w-]+(?: [A-Z][\w-]+)*")
_FORMATS = {
    "date": "2024-01-01",
    "date-time": "2024-01-01T12:00:00Z",
    "time": "12:00:00Z",
    "email": "demo@example.org",
    "uri": "https://example.org",
    "uuid": "00000000-0000-4000-8000-000000000000",
}
_WHOLE_TEXT = frozenset({"question", "query", "text", "input", "sentence", "message", "prompt", "content", "setup"})


def fill(schema: Mapping[str, Any], text: str) -> Any:
    """A value for a schema: types, enums, const, defaults, nested objects, arrays, `$ref`, `anyOf`, `allOf`.

    Args:
        schema: JSON schema; without a type it is an object's.
        text: The user's words. Numbers and quoted words in it are used once each, in order.
    """
    return _Filler(schema, text).value({"type": "object", **schema}, "", 0)


class _Filler:
    def __init__(self, root: Mapping[str, Any], text: str) -> None:
        self._root = root
        self._values_left = MOST_VALUES
        self._text = text
        self._numbers = [float(number) for number in _NUMBER.findall(text)]
        self._strings = [a or b for a, b in _QUOTED.findall(text)] or _PROPER.findall(text)

    def value(self, schema: Any, name: str, depth: int) -> Any:
        schema = self._resolved(schema)
        self._values_left -= 1
        if depth > DEEPEST or self._values_left < 0:
            return None
        if "const" in schema:
            return schema["const"]
        if schema.get("enum"):
            said = self._text.lower()
            return next((word for word in schema["enum"] if str(word).lower() in said), schema["enum"][0])
        kind = self._type_of(schema)
        if kind == "object":
            return self._object(schema, depth)
        if kind == "array":
            return self._array(schema, name, depth)
        return self._scalar(kind, schema, name)

    def _scalar(self, kind: str, schema: Mapping[str, Any], name: str) -> Any:
        match kind:
            case "integer":
                return round(self._number(schema, name))
            case "number":
                number = self._number(schema, name)
                return int(number) if number.is_integer() else number
            case "boolean":
                return bool(schema.get("default", True))
            case "null":
                return None
        return self._string(schema, name)

    def _resolved(self, schema: Any) -> dict[str, Any]:
        for _ in range(DEEPEST):
            if not isinstance(schema, dict):
                return {}
            if "$ref" in schema:
                schema = {**self._referred(schema["$ref"]), **_without(schema, "$ref")}
            elif isinstance(schema.get("allOf"), list):
                merged: dict[str, Any] = {}
                for part in schema["allOf"]:
                    merged |= self._resolved(part)
                schema = {**merged, **_without(schema, "allOf")}
            elif schema.get("anyOf") or schema.get("oneOf"):
                options: list[Any] = schema.get("anyOf") or schema["oneOf"]
                usable = [option for option in options if option != {"type": "null"}] or options
                schema = {**_without(schema, "anyOf", "oneOf"), **self._resolved(usable[0])}
            else:
                return schema
        return {}

    def _referred(self, path: Any) -> dict[str, Any]:
        found: Any = self._root
        for step in str(path).removeprefix("#").strip("/").split("/"):
            found = found.get(step.replace("~1", "/").replace("~0", "~"), {}) if isinstance(found, dict) else {}
        return found if isinstance(found, dict) else {}

    @staticmethod
    def _type_of(schema: Mapping[str, Any]) -> str:
        kinds = schema.get("type")
        if isinstance(kinds, list):
            kinds = next((kind for kind in kinds if kind != "null"), "null")
        if kinds is None:
            kinds = "object" if "properties" in schema else "array" if "items" in schema else "string"
        return str(kinds)

    def _object(self, schema: Mapping[str, Any], depth: int) -> dict[str, Any]:
        properties = schema.get("properties")
        properties = properties if isinstance(properties, dict) else {}
        required = schema.get("required")
        filled = {}
        for name, inner in properties.items():
            if required is None or name in required:
                filled[name] = self.value(inner, name, depth + 1)
            elif isinstance(inner, dict) and inner.get("default") is not None:
                filled[name] = inner["default"]
        return filled

    def _array(self, schema: Mapping[str, Any], name: str, depth: int) -> list[Any]:
        inner = self._resolved(schema.get("items", {}))
        least = max(1, int(schema.get("minItems", 1)))
        ready: list[Any] = []
        if self._type_of(inner) in {"integer", "number"}:
            ready, self._numbers = self._numbers, []
        elif self._type_of(inner) == "string" and not inner.get("enum"):
            ready, self._strings = self._strings, []
        many = min(max(least, len(ready)), MOST_ITEMS, int(schema.get("maxItems", MOST_ITEMS)))
        if self._type_of(inner) == "integer":
            ready = [round(number) for number in ready]
        return [ready[at] if at < len(ready) else self.value(inner, name, depth + 1) for at in range(many)]

    def _number(self, schema: Mapping[str, Any], name: str) -> float:
        named = re.search(rf"\b{re.escape(name)}\b\s*(?:=|:|is|of)?\s*(-?\d+(?:\.\d+)?)", self._text, re.IGNORECASE)
        if named and name:
            number = float(named[1])
            if number in self._numbers:
                self._numbers.remove(number)
        elif self._numbers:
            number = self._numbers.pop(0)
        else:
            number = float(schema.get("default", 1))
        low, high = float(schema.get("minimum", -math.inf)), float(schema.get("maximum", math.inf))
        return max(low, min(high, number))

    def _string(self, schema: Mapping[str, Any], name: str) -> str:
        if schema.get("format") in _FORMATS:
            return _FORMATS[str(schema["format"])]
        if name.lower() in _WHOLE_TEXT and self._text:
            return self._text
        if self._strings:
            return str(self._strings.pop(0))
        return str(schema.get("default") or f"demo {name or 'text'}")


def _without(schema: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in schema.items() if name not in names}
