"""The flags of `%%gptrouter` as people type them: split, corrected and completed; pure.

What they are stands where they are used, in `magics`.
"""

from __future__ import annotations

import difflib
import json
import shlex
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from gptrouter_notebook import keywords
from gptrouter_notebook.errors import ConfigurationError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterable, Sequence

__all__ = ["candidates", "options", "parameters", "read"]


_WHO, _WHAT = "-m says who is asked", "the text of the cell is what is asked"
_NOT_FOR_PROVIDERS = {
    "model": _WHO,
    "models_priority_list": _WHO,
    "messages": _WHAT,
    "prompt": _WHAT,
    "input": _WHAT,
    "config": "leave it out",
    "stream": "--no-stream shows the answer when it is whole",
}


def options(parser: ArgumentParser) -> list[str]:
    """The flags a parser knows, the long and the short ones."""
    return [flag for action in parser._actions for flag in action.option_strings]  # noqa: SLF001 - argparse has no other way


def read(parser: ArgumentParser, line: str, subcommands: Iterable[str]) -> Namespace:
    """The flags of a line.

    Args:
        parser: Knows the flags.
        line: What follows `%%gptrouter`.
        subcommands: Words that belong behind `%gptrouter`, to tell the two apart.

    Raises:
        ValueError: The line cannot be read; the message is a sentence that says what is meant, or how to write it.
    """
    try:
        words = shlex.split(_with_json_quoted(line))
    except ValueError as error:
        raise ValueError(f"The flags of %%gptrouter cannot be read ({error}): close the quote.") from None
    args, unknown = parser.parse_known_args(words)
    if unknown:
        raise ValueError(_correction(unknown[0], options(parser), subcommands))
    if args.out and not args.out.isidentifier():
        raise ValueError(f'-o needs the name of a variable, not "{args.out}".')
    return args


def parameters(texts: Iterable[str]) -> dict[str, Any]:
    """What several `--param KEY=VALUE` mean; a value that is no JSON is text.

    Raises:
        ConfigurationError: There is no key or no value, or the key is misspelt or none of a provider's.
    """
    read: dict[str, Any] = {}
    for text in texts:
        key, equals, value = text.partition("=")
        if not (key and equals):
            raise ConfigurationError(f'"{text}" is no parameter: write --param KEY=VALUE, as in --param top_p=0.5.')
        if key in _NOT_FOR_PROVIDERS:
            raise ConfigurationError(f"{key} is no parameter of a provider: {_NOT_FOR_PROVIDERS[key]}.")
        try:
            read[key] = json.loads(value)
        except ValueError:
            read[key] = value
    try:
        keywords.check_call(read)
    except TypeError as error:
        raise ConfigurationError(str(error)) from None
    return read


def candidates(
    before: str, parser: ArgumentParser, subcommands: Iterable[str], models: Sequence[str]
) -> tuple[str, ...]:
    """What may be written next on a line that begins with one of our magics.

    Args:
        before: The line up to the word that is being written.
        parser: Knows the flags.
        subcommands: What may follow `%gptrouter`.
        models: What may follow `-m`, as far as it is known.
    """
    magic, *words = before.split() or [""]
    if magic == "%gptrouter":
        if not words:
            return tuple(subcommands)
        if words[0] == "use":
            return tuple(model for model in models if model not in words)
        if words[0] != "fix":
            return ()
    if words and words[-1] in {"-m", "--model"}:
        return tuple(models)
    if words and words[-1] in {"-f", "--format"}:
        return tuple(_choices(parser))
    return tuple(options(parser))


def _with_json_quoted(line: str) -> str:
    """The line with quotes round what is JSON behind an equals sign, whose own quotes a shell would take away."""
    pieces, at, quote = [], 0, ""
    while at < len(line):
        mark, end = line[at], at + 1
        if quote:
            quote = "" if mark == quote else quote
        elif mark in "'\"":
            quote = mark
        elif mark in "{[" and line[at - 1 : at] == "=":
            with suppress(ValueError):
                _, end = json.JSONDecoder().raw_decode(line, at)
        pieces.append(shlex.quote(line[at:end]) if end > at + 1 else mark)
        at = end
    return "".join(pieces)


def _choices(parser: ArgumentParser) -> Iterable[str]:
    return next(action.choices or () for action in parser._actions if "--format" in action.option_strings)  # noqa: SLF001 - as above


def _correction(word: str, flags: Sequence[str], subcommands: Iterable[str]) -> str:
    if not word.startswith("-"):
        if word in set(subcommands):
            return f"%%gptrouter asks the text of its cell: the subcommand is %gptrouter {word}, with one percent sign."
        if "/" in word:
            return f'%%gptrouter does not know what to do with "{word}": did you mean -m {word}?'
        return f'%%gptrouter does not know what to do with "{word}": the question goes below it, texts into quotes.'
    flag = word.partition("=")[0]
    near = difflib.get_close_matches(flag, flags, n=1)
    hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(one for one in flags if one[:2] == '--')}."
    return f'%%gptrouter has no flag "{flag}": {hint}'
