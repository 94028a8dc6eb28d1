"""What Tab offers in our magics: subcommands, flags, formats, models, and in a prompt the values of the notebook."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from IPython.core.completer import SimpleCompletion, context_matcher

from gptrouter_notebook import flags
from gptrouter_notebook.context import complete
from gptrouter_notebook.namespace import namespace_of

if TYPE_CHECKING:
    from argparse import ArgumentParser
    from collections.abc import Callable, Iterable, Sequence

    from IPython.core.completer import CompletionContext, SimpleMatcherResult
    from IPython.core.interactiveshell import InteractiveShell

__all__ = ["offer"]

_VALUE_BEGUN = re.compile(r"(?<![\\$_^{])\{(?P<begun>[^\s{}]*)$")


def offer(
    shell: InteractiveShell, parser: ArgumentParser, subcommands: Iterable[str], models: Callable[[], Sequence[str]]
) -> None:
    """Lets a shell complete our magics.

    Args:
        shell: Whose Tab.
        parser: Knows the flags.
        subcommands: What may follow `%gptrouter`.
        models: What may follow `-m`; must not wait for anything.
    """
    subcommands = tuple(subcommands)

    @context_matcher()  # type: ignore[untyped-decorator] # IPython's own is not typed
    def gptrouter_matcher(context: CompletionContext) -> SimpleMatcherResult:
        line = context.text_until_cursor.lstrip()
        if re.match(r"%%?gptrouter\s", line):
            words = line.rpartition(" ")
            before, fragment = words[0], words[2]
            return _result(fragment, flags.candidates(before, parser, subcommands, models()), "magic")
        if re.match(r"\s*%%gptrouter\b", context.full_text) and (begun := _VALUE_BEGUN.search(line)):
            fragment = begun["begun"]
            names = [found.name for found in complete(fragment, namespace_of(shell))]
            return _result(fragment, names, "instance")
        return {"completions": []}

    shell.Completer.custom_matchers.append(gptrouter_matcher)


def _result(fragment: str, names: Iterable[str], kind: str) -> SimpleMatcherResult:
    fitting = [name for name in names if name.startswith(fragment)]
    return {
        "completions": [SimpleCompletion(name, type=kind) for name in fitting],
        "matched_fragment": fragment,
        "ordered": True,
        # Files and Python's names fit no prompt and no flag.
        "suppress": bool(fitting),
    }
