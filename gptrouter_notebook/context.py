"""Values of the notebook in a prompt: `{df}` is replaced by it, `@df` is followed by it; every other brace stays; pure.

A name in braces is replaced when it stands for a value of the namespace, and nothing else ever is: a prompt may hold
JSON, f-strings, LaTeX, templates and code. Nothing is called, nothing private is looked at, and what was put in is
not read again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from gptrouter_notebook.values import Shown, is_value, keys, rank, show, summary

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["CAP", "Completion", "Expanded", "Inserted", "complete", "expand", "fenced", "visible"]

CAP = 8_000
"""How many characters of one value are sent, unless somebody says otherwise."""
MOST_COMPLETIONS = 200
MOST_STEPS = 9
"""Attributes and subscripts behind a name; a longer path stays as typed."""

_IPYTHONS = frozenset({"Err", "In", "Out", "exit", "get_ipython", "open", "quit"})

_NAME = r"[^\W\d]\w*"
_STEP = rf"""\.{_NAME}|\[-?\d+\]|\['[^'\\\n]*'\]|\["[^"\\\n]*"\]"""
_PATH = rf"{_NAME}(?:{_STEP}){{0,{MOST_STEPS}}}"
_GROUP = r"\{[^{}]*+\}"
for _ in range(4):
    _GROUP = rf"\{{(?:[^{{}}]++|{_GROUP})*+\}}"
_FOUND = re.compile(
    rf"""
      \\[A-Za-z]+\*?(?:\[[^\]\n]{{0,99}}\]|{_GROUP})*+                   # a LaTeX command, with its arguments
    | (?<!\w)(?:[fF][rR]?|[rR][fF])                               # an f-string
      (?: \"{{3}}[\s\S]*?\"{{3}} | '{{3}}[\s\S]*?'{{3}} | "(?:[^"\\\n]|\\.)*+" | '(?:[^'\\\n]|\\.)*+' )
    | (?<![\\$_^{{]) \{{ (?P<braced>{_PATH}) \}} (?!\}})
    | (?<![\w@]) @ (?P<mentioned>{_PATH})
    """,
    re.VERBOSE,
)
_KEY_BEGUN = re.compile(rf"(?P<path>{_PATH})\[(?P<quote>['\"])(?P<begun>[^'\"\\\n]*)")


@dataclass(frozen=True, slots=True)
class Inserted:
    """A value that was put into a prompt."""

    name: str
    """As it was written, such as `df['a']`."""
    kind: str
    """What it is, in one word, such as `DataFrame`."""
    length: int
    """Characters it became."""
    is_cut: bool
    """Whether the cap cut it."""


@dataclass(frozen=True, slots=True)
class Expanded:
    """A prompt with its values in it."""

    text: str
    inserted: tuple[Inserted, ...] = ()
    images: tuple[str, ...] = ()
    """Pictures as data URIs, in the order in which the text speaks of them."""


@dataclass(frozen=True, slots=True)
class Completion:
    """A name somebody may want to write."""

    name: str
    kind: str
    summary: str
    """How much there is of it, such as `3 rows × 2 columns`; may be ""."""


def expand(
    text: str,
    namespace: Mapping[str, Any],
    *,
    mentions: bool = False,
    images: bool = False,
    cap: int = CAP,
    errors: Mapping[int, str] | None = None,
) -> Expanded:
    r"""Puts values into a prompt.

    `{name}`, with attributes and subscripts behind the name, is replaced. It stays as typed when it stands for no
    value, when looking it up raises, beside another brace, and where LaTeX, a shell or an f-string means something
    else by it: `\cmd{a}`, `_{a}`, `^{a}`, `${a}`, `f"{a}"`.

    Args:
        text: What somebody wrote.
        namespace: The notebook's names.
        mentions: Whether `@name` counts too: it stays in the text, and the value follows at the end.
        images: Whether pictures may be sent beside the text; if not, a line says that there is one.
        cap: Characters of one value.
        errors: Tracebacks by the number of their cell, for `{Err[3]}`.
    """
    names = {"Err": errors, **namespace} if errors else namespace
    return _Expansion(names, cap, images=images).of(text, mentions=mentions)


def complete(prefix: str, namespace: Mapping[str, Any]) -> list[Completion]:
    """What may be meant by the beginning of a name, or of a key as in `df['`; the likeliest come first.

    Args:
        prefix: What was written behind `{` or `@`; the mark itself may be part of it.
        namespace: The notebook's names.
    """
    prefix = prefix.lstrip("{@")
    home = namespace.get("__name__", "__main__")
    if (begun := _KEY_BEGUN.fullmatch(prefix)) is not None:
        found = [
            (f"{begun['path']}[{begun['quote']}{key}{begun['quote']}]", value)
            for key, value in _items(begun, namespace)
        ]
    else:
        found = [
            (name, value)
            for name, value in list(namespace.items())
            if name.startswith(prefix) and not name.startswith("_") and name not in _IPYTHONS and is_value(value, home)
        ]
        found.sort(key=lambda item: (rank(item[1]), item[0].lower()))
    return [Completion(name, type(value).__name__, summary(value)) for name, value in found[:MOST_COMPLETIONS]]


def visible(namespace: Mapping[str, Any], hidden: Mapping[str, Any]) -> dict[str, Any]:
    """The names that are the notebook's own, and `In` and `Out`.

    Args:
        namespace: A shell's `user_ns`.
        hidden: Its `user_ns_hidden`: what IPython put there; a name that means something else by now is the user's.
    """
    return {
        name: value
        for name, value in list(namespace.items())
        if name in {"In", "Out"} or name not in hidden or hidden[name] is not value
    }


def fenced(text: str, language: str = "") -> str:
    """The text as a Markdown code block, in a fence that is longer than any in it."""
    longest = max(map(len, re.findall(r"`{3,}", text)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{language}\n{text}\n{fence}"


class _Expansion:
    """One prompt on its way."""

    def __init__(self, namespace: Mapping[str, Any], cap: int, *, images: bool) -> None:
        self._namespace = namespace
        self._show = partial(show, cap=cap, images=images)
        self._texts: dict[str, str | None] = {}
        self._inserted: list[Inserted] = []
        self._images: list[str] = []
        self._mentioned: dict[str, str] = {}

    def of(self, text: str, *, mentions: bool) -> Expanded:
        replaced = _FOUND.sub(partial(self._replaced, mentions=mentions), text)
        blocks = [f"`{name}`:\n{fenced(shown)}" for name, shown in self._mentioned.items()]
        return Expanded("\n\n".join([replaced, *blocks]), tuple(self._inserted), tuple(self._images))

    def _replaced(self, found: re.Match[str], *, mentions: bool) -> str:
        if path := found["braced"]:
            shown = self._text(path)
            return found[0] if shown is None else shown
        if mentions and (path := found["mentioned"]):
            # A full stop and a word behind a mention need not be an attribute.
            for shorter in _shorter(path):
                if (shown := self._text(shorter)) is not None:
                    self._mentioned[shorter] = shown
                    break
        return found[0]

    def _text(self, path: str) -> str | None:
        """The value at a path as text; None when there is none."""
        if path not in self._texts:
            self._texts[path] = None
            try:
                value = _look_up(path, self._namespace)
                shown = self._show(value)
            except Exception:  # noqa: BLE001 - the notebook's own code may raise anything; what was typed stays then
                return None
            self._texts[path] = self._insert(path, shown)
        return self._texts[path]

    def _insert(self, path: str, shown: Shown) -> str:
        text = shown.text
        if shown.image is not None:
            self._images.append(shown.image)
            text = f"[picture {len(self._images)}: {text}]"
        self._inserted.append(Inserted(path, shown.kind, len(text), shown.is_cut))
        return text


def _look_up(path: str, namespace: Mapping[str, Any]) -> Any:
    """What a path stands for.

    Raises:
        LookupError: There is no such value.
        Exception: Whatever a property raises.
    """
    name, *steps = _steps(path)
    if name.startswith("_"):
        raise LookupError(name)
    value = namespace[name]
    for step in steps:
        if step.startswith("."):
            if step.startswith("._"):
                raise LookupError(step)
            value = getattr(value, step[1:])
        else:
            key = step[2:-2] if step[1] in "'\"" else int(step[1:-1])
            # Asked first: a defaultdict would make what it lacks.
            if isinstance(value, Mapping) and key not in value:
                raise LookupError(step)
            value = value[key]
    if not is_value(value, namespace.get("__name__", "__main__")):
        raise LookupError(path)
    return value


def _steps(path: str) -> list[str]:
    return re.findall(rf"^{_NAME}|{_STEP}", path)


def _shorter(path: str) -> Iterator[str]:
    steps = _steps(path)
    for count in range(len(steps), 0, -1):
        yield "".join(steps[:count])


def _items(begun: re.Match[str], namespace: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    try:
        value = _look_up(begun["path"], namespace)
        for key in keys(value):
            if key.startswith(begun["begun"]) and not set(key) & set("'\"\\\n"):
                yield key, value[key]
    except Exception:  # noqa: BLE001 - the notebook's own code may raise anything; nothing is offered then
        return
