"""What each `%gptrouter` subcommand answers; the magics only read its words and display what it returns."""

from __future__ import annotations

import difflib
import os
from dataclasses import dataclass
from importlib import metadata
from typing import TYPE_CHECKING

from gptrouter_notebook.auth import KEY_VARIABLE
from gptrouter_notebook.client import BASE_VARIABLE, GatewayClient
from gptrouter_notebook.context import fenced
from gptrouter_notebook.directory import Directory
from gptrouter_notebook.model_table import ModelTable
from gptrouter_notebook.routing import as_models

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gptrouter_notebook.conversation import Conversation
    from gptrouter_notebook.gateway import RunningGateway
    from gptrouter_notebook.records import ModelUsage
    from gptrouter_notebook.routing import GPTRouterModel

__all__ = [
    "DEMO_MODELS",
    "DEMO_VARIABLE",
    "SUBCOMMANDS",
    "Text",
    "demo",
    "explain",
    "fix_question",
    "help_text",
    "models",
    "unknown",
    "usage",
    "use",
    "version",
]

DEMO_VARIABLE = "GPTROUTER_DEMO_GATEWAY"
"""Set by `gptrouter-notebook demo` to the address of the demo gateway it runs beside JupyterLab."""

DEMO_MODELS = ("demo/markdown", "demo/echo")

SUBCOMMANDS = {
    "help": "what there is to say",
    "version": "the version of this package",
    "models [SEARCH]": "the gateway's models, their health and latency",
    "use PROVIDER/NAME …": "the priority list of `%%gptrouter` from now on",
    "explain": "which model would answer now, and why each other one would not; sends nothing",
    "usage": "tokens and cost: of this conversation, and at the gateway in the last 24 hours",
    "chat": "the conversation so far in a chat panel, which shares it and the list with all further cells",
    "fix [FLAGS]": "explains the last failed cell and offers a corrected one; takes the flags of `%%gptrouter`",
    "reset": "forgets the conversation of `%%gptrouter`",
    "demo": "a demo gateway in this kernel: no key, no network",
}

LONGEST_CELL = 8_000
"""Characters of a failed cell, and of its traceback, that are sent."""

_demo: RunningGateway | None = None


@dataclass(frozen=True)
class Text:
    """Markdown that is readable as plain text too."""

    markdown: str

    def __repr__(self) -> str:
        return self.markdown

    def _repr_markdown_(self) -> str:
        return self.markdown


def help_text() -> Text:
    """The subcommands and a first example."""
    listed = "\n".join(f"- `%gptrouter {usage}`: {meaning}" for usage, meaning in SUBCOMMANDS.items())
    return Text(
        "**GPTRouter magics**\n\n"
        "`%%gptrouter -m PROVIDER/NAME` asks the text of its cell and streams the answer below it:\n\n"
        "    %%gptrouter -m anthropic/claude-2 -m chat_openai/gpt-4\n"
        "    Why is the sky blue?\n\n"
        "The models are asked in this order. `{df}` in the text is replaced by what `df` is; all other braces stay. "
        "`-f code` puts the code of the answer into a new cell, `-o answer` keeps the answer in a variable, "
        "`--no-history` asks outside of the conversation. `%%gptrouter?` lists all flags, `%config GPTRouterMagics` "
        "the settings.\n\n"
        f"{listed}\n"
    )


def version() -> Text:
    """The package's version."""
    return Text(f"gptrouter-notebook {metadata.version('gptrouter-notebook')}")


def models(listed: Sequence[GPTRouterModel]) -> ModelTable:
    """The gateway's models, read now, and those of the list that it does not know.

    Raises:
        GPTRouterError: The gateway refused, or is out of reach.
    """
    return ModelTable(Directory(GatewayClient()).rows(listed))


def use(labels: Sequence[str]) -> tuple[tuple[GPTRouterModel, ...], Text]:
    """A new priority list, and what to say of it.

    Raises:
        ConfigurationError: An entry lacks its name or its provider, or there is none.
    """
    chosen = as_models(list(labels))
    return chosen, Text("From now on asked in this order: " + ", ".join(f"`{model.label}`" for model in chosen) + ".")


def explain(listed: Sequence[GPTRouterModel]) -> Text:
    """What would become of each model of the list if a question were asked now, by the gateway's own rules.

    Raises:
        GPTRouterError: The gateway refused, or is out of reach.
    """
    rows = {(row["provider_name"], row["name"]): row for row in Directory(GatewayClient()).rows(listed)}
    unknown_here = [model.label for model in listed if rows[model.provider_name, model.name]["state"] == "missing"]
    lines, first = [], None
    for place, model in enumerate(listed, 1):
        row = rows[model.provider_name, model.name]
        if row["state"] == "missing":
            fate = "not known to this gateway: take it off the list"
        elif row["skip"]:
            fate = f"skipped: {row['skip']}"
        elif unknown_here:
            fate = "not asked, for the gateway refuses a list with an unknown model"
        elif first is None:
            first = model.label
            fate = f"asked first (its last check took {row['latency_ms']:.0f} ms)"
        else:
            fate = "asked only if those above it fail"
        lines.append(f"{place}. `{model.label}`: {fate}")
    if first is not None:
        verdict = f"{first} would answer now."
    elif unknown_here:
        verdict = f"Nobody would answer: {unknown_here[0]} is not known to this gateway."
    else:
        verdict = "Nobody would answer now: every model of the list would be skipped."
    return Text(f"{verdict} Nothing was sent.\n\n" + "\n".join(lines))


def usage(conversation: Conversation) -> Text:
    """What was used: by the conversation, and by the key's user at the gateway in the last 24 hours.

    Raises:
        GPTRouterError: The gateway refused, or is out of reach.
    """
    answers = [turn.answer for turn in conversation.everything() if not turn.answer.is_empty]
    counted = [answer.meta.usage["total_tokens"] for answer in answers if answer.meta and answer.meta.usage]
    uncounted = len(answers) - len(counted)
    here = f"This conversation: {_count(len(conversation.everything()), 'question')}, {_count(sum(counted), 'token')}"
    here += f" (and {_count(uncounted, 'answer')} that nobody counted)." if uncounted else "."
    client = GatewayClient()
    names = {model.id: f"{model.provider_name}/{model.name}" for model in client.models()}
    rows = "\n".join(
        f"| `{names.get(used.model_id, used.model_id)}` | {sum(point.total_tokens for point in used.points):,} | "
        f"{_cost(used)} |"
        for used in client.usage()
    )
    there = f"| model | tokens | cost |\n| --- | ---: | ---: |\n{rows}" if rows else "Nothing."
    return Text(f"{here}\n\nAt the gateway, in the last 24 hours:\n\n{there}")


def fix_question(source: str, traceback: str) -> str:
    """What is asked about a cell that failed; of a long one its beginning, of a long traceback its end."""
    source = source if len(source) <= LONGEST_CELL else f"{source[:LONGEST_CELL]}\n# … (cut here)"
    traceback = (
        traceback if len(traceback) <= LONGEST_CELL else f"(the beginning is cut) …\n{traceback[-LONGEST_CELL:]}"
    )
    return (
        f"This cell of a Python notebook failed:\n\n{fenced(source, 'python')}\n\nwith:\n\n{fenced(traceback)}\n\n"
        "Say in a few sentences what went wrong and why. Then give the whole cell, corrected, in one fenced code block."
    )


def demo() -> Text:
    """Points this process at a demo gateway; starts one in it, unless one is running already.

    Raises:
        ImportError: The extra `gateway` is not installed; the message says how.
    """
    global _demo  # noqa: PLW0603 - one per process is the point
    beside = os.environ.get(DEMO_VARIABLE)
    if beside and beside == os.environ.get(BASE_VARIABLE):
        return Text(f"The demo gateway at {beside} is at your service. Its models are demos and say so.")
    if _demo is None:
        from gptrouter_notebook.gateway import start_gateway  # noqa: PLC0415 - needs an extra that may be missing

        _demo = start_gateway()
    replaced = os.environ.get(BASE_VARIABLE) not in {None, "", _demo.url}
    os.environ[BASE_VARIABLE] = _demo.url
    os.environ[KEY_VARIABLE] = _demo.key
    back = " Restart the kernel to go back to your own gateway." if replaced else ""
    return Text(f"A demo gateway runs in this kernel at {_demo.url}. Its models are demos and say so.{back}")


def unknown(word: str) -> str:
    """One sentence for a subcommand that does not exist."""
    names = [usage.split()[0] for usage in SUBCOMMANDS]
    near = difflib.get_close_matches(word, names, n=1)
    hint = f"did you mean `%gptrouter {near[0]}`?" if near else f"there are {', '.join(names)}."
    return f'%gptrouter has no subcommand "{word}": {hint}'


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _cost(used: ModelUsage) -> str:
    """US dollars; a sum that lacks an answer's cost says so."""
    known = [point.cost for point in used.points if point.cost is not None]
    if not known:
        return "unknown"
    more = "at least " if len(known) < len(used.points) else ""
    return f"{more}${sum(known):.4f}"
