"""What each `%gptrouter` subcommand answers; the magics only read its words and display what it returns."""

from __future__ import annotations

import difflib
import os
from dataclasses import dataclass
from importlib import metadata
from typing import TYPE_CHECKING

from gptrouter_notebook.auth import KEY_VARIABLE
from gptrouter_notebook.client import BASE_VARIABLE, GatewayClient
from gptrouter_notebook.directory import Directory
from gptrouter_notebook.model_table import ModelTable
from gptrouter_notebook.routing import as_models

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gptrouter_notebook.gateway import RunningGateway
    from gptrouter_notebook.routing import GPTRouterModel

__all__ = [
    "DEMO_MODELS",
    "DEMO_VARIABLE",
    "SUBCOMMANDS",
    "Text",
    "demo",
    "help_text",
    "models",
    "unknown",
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
    "demo": "a demo gateway in this kernel: no key, no network",
}

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
        "The models are asked in this order; `%%gptrouter?` lists the other flags.\n\n"
        f"{listed}\n"
    )


def version() -> Text:
    """The package's version."""
    return Text(f"gptrouter-notebook {metadata.version('gptrouter-notebook')}")


def models(search: str, listed: Sequence[GPTRouterModel]) -> ModelTable:
    """The gateway's models, read now.

    Raises:
        GPTRouterError: The gateway refused, or is out of reach.
    """
    table = ModelTable(Directory(GatewayClient()).rows(listed))
    return table.search(search) if search else table


def use(labels: Sequence[str]) -> tuple[tuple[GPTRouterModel, ...], Text]:
    """A new priority list, and what to say of it.

    Raises:
        ConfigurationError: An entry lacks its name or its provider, or there is none.
    """
    chosen = as_models(list(labels))
    return chosen, Text("From now on asked in this order: " + ", ".join(f"`{model.label}`" for model in chosen) + ".")


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
