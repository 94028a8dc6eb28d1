"""`%gptrouter` and `%%gptrouter`: flags read, values put in, the answer under its cell, a failure that fails it."""

from __future__ import annotations

import copy
import os
from typing import TYPE_CHECKING, Any

from IPython.core.error import UsageError
from IPython.core.magic import Magics, cell_magic, line_magic, magics_class, no_var_expand
from IPython.core.magic_arguments import argument, magic_arguments
from IPython.display import display
from traitlets import Enum, Float, Int, List, Unicode, observe

from gptrouter_notebook import commands, completion, flags
from gptrouter_notebook.cell_answer import CellAnswer, CellSettings
from gptrouter_notebook.cell_errors import CellErrors
from gptrouter_notebook.chat_model import GPTRouter
from gptrouter_notebook.client import BASE_VARIABLE
from gptrouter_notebook.context import CAP, Expanded, expand
from gptrouter_notebook.conversation import Conversation, Question
from gptrouter_notebook.display import output_for
from gptrouter_notebook.errors import ConfigurationError, GPTRouterError
from gptrouter_notebook.formats import FORMATS, INSTRUCTIONS
from gptrouter_notebook.namespace import namespace_of
from gptrouter_notebook.result import Result
from gptrouter_notebook.routing import as_models
from gptrouter_notebook.session import Session
from gptrouter_notebook.settings import Settings
from gptrouter_notebook.worker import shared_worker

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Callable, Sequence

    from IPython.core.interactiveshell import InteractiveShell

    from gptrouter_notebook.context import Inserted
    from gptrouter_notebook.directory import Directory
    from gptrouter_notebook.routing import GPTRouterModel
    from gptrouter_notebook.shared_panel import SharedPanel

__all__ = ["GPTRouterMagics", "register"]


@magics_class
class GPTRouterMagics(Magics):
    """The magics of one shell."""

    models = List(Unicode(), help='Who is asked when a cell names nobody: "provider/name" strings, in order.').tag(
        config=True
    )
    format = Enum(FORMATS, "markdown", help="The format of answers whose cell names none.").tag(config=True)
    system_prompt = Unicode("", help="The system prompt of cells that have none; empty for no prompt.").tag(config=True)
    temperature = Float(
        None, allow_none=True, help="The sampling temperature of cells that name none; None leaves it to the model."
    ).tag(config=True)
    max_tokens = Int(
        None,
        allow_none=True,
        help="The longest answer, in tokens, of cells that name none; None leaves it to the model.",
    ).tag(config=True)
    value_characters = Int(CAP, min=200, help="How many characters of a value a {name} in a prompt may become.").tag(
        config=True
    )

    _panel: SharedPanel | None = None

    def __init__(self, shell: InteractiveShell) -> None:
        super().__init__(shell)
        self._shell = shell  # `shell` itself is typed as something that may be missing
        self._conversation = Conversation()
        self._known: Sequence[str] = ()
        self._errors = CellErrors(shell)
        self._subcommands: dict[str, Callable[[str], object]] = {
            "help": lambda _: commands.help_text(),
            "version": lambda _: commands.version(),
            "models": self._table,
            "use": self._use,
            "explain": lambda _: commands.explain(self._list()),
            "usage": lambda _: commands.usage(self._conversation),
            "chat": self._chat,
            "fix": self._fix,
            "reset": self._reset,
            "demo": self._demo,
        }
        completion.offer(shell, self._parser, self._subcommands, lambda: self._known or self.models)

    @line_magic("gptrouter")  # type: ignore[arg-type] # its stub takes no methods
    @no_var_expand
    def line(self, line: str) -> None:
        """Answers a subcommand; `%gptrouter help` lists them."""
        name, _, rest = line.strip().partition(" ")
        answer = self._subcommands.get(name or "help")
        if answer is None:
            raise UsageError(commands.unknown(name))
        try:
            shown = answer(rest.strip())
        except (GPTRouterError, ImportError, KeyboardInterrupt) as error:
            raise _for_readers(error) from None
        if shown is not None:
            display(shown)

    @magic_arguments("%gptrouter")
    @argument("-m", "--model", action="append", metavar="PROVIDER/NAME", help="Who is asked; repeat it for a list.")
    @argument("-f", "--format", choices=FORMATS, metavar="FORMAT", help=f"What the answer is: {', '.join(FORMATS)}.")
    @argument("-o", "--out", metavar="NAME", help="Keeps the answer in this variable.")
    @argument("-s", "--system", metavar="TEXT", help="The system prompt.")
    @argument("-t", "--temperature", type=float, metavar="T", help="The sampling temperature.")
    @argument("--max-tokens", type=int, metavar="N", help="The longest answer, in tokens.")
    @argument("--param", action="append", default=[], metavar="KEY=VALUE", help="A parameter for the provider.")
    @argument("--no-stream", action="store_true", help="Shows the answer when it is whole.")
    @argument("--no-history", action="store_true", help="Asks outside of the conversation, and leaves it as it is.")
    @argument("--raw", action="store_true", help="Sends braces as they are: no {name} is replaced by its value.")
    @cell_magic("gptrouter")  # type: ignore[arg-type] # its stub takes no methods
    @no_var_expand
    def cell(self, line: str, cell: str) -> None:
        """Asks the text of the cell and streams the answer below it."""
        args = self._arguments(line)
        text = cell.strip("\n")
        if not text.strip():
            raise UsageError("The cell has no text, so nothing was sent: write your question below %%gptrouter.")
        try:
            expanded = Expanded(text) if args.raw else self._expanded(text)
            question = Question(text, None if expanded.text == text else expanded.text, expanded.images)
            self._ask(question, args, [_cut(one) for one in expanded.inserted if one.is_cut])
        except (GPTRouterError, KeyboardInterrupt) as error:
            raise _for_readers(error) from None

    def _table(self, search: str) -> object:
        table = commands.models(self._list() if self.models else ())
        self._known = [f"{row['provider_name']}/{row['name']}" for row in table if row["state"] != "missing"]
        return table.search(search) if search else table

    def _use(self, labels: str) -> object:
        chosen, shown = commands.use(labels.split())
        self._take(chosen)
        return shown

    def _chat(self, _: str) -> object:
        if self._panel is None or not self._panel.is_open:
            # The panel's front end takes its time to import, and most sessions never open one.
            from gptrouter_notebook.shared_panel import SharedPanel  # noqa: PLC0415

            settings = Settings(self.system_prompt or None, self.temperature, self.max_tokens)
            self._panel = SharedPanel(self._conversation, self._list(), settings, self._take)
        return self._panel.widget

    def _take(self, models: Sequence[GPTRouterModel]) -> None:
        self.models = [model.label for model in models]

    @observe("models")
    def _on_models(self, change: dict[str, Any]) -> None:
        if self._panel is not None and self._panel.is_open and change["new"]:
            self._panel.use(as_models(change["new"]))

    def _fix(self, line: str) -> None:
        args = self._arguments(line)
        args.format = args.format or "code"
        failed = self._errors.last
        if failed is None:
            raise UsageError("No cell has failed since the magics were loaded, so there is nothing to fix.")
        self._ask(Question(commands.fix_question(failed.source, failed.traceback)), args)

    def _reset(self, _: str) -> object:
        if self._panel is not None and self._panel.is_open:
            self._panel.widget.clear()
        else:
            self._conversation.clear()
        return commands.Text("The conversation is forgotten: the next cell begins a new one.")

    def _demo(self, _: str) -> object:
        before = os.environ.get(BASE_VARIABLE)
        shown = commands.demo()
        if os.environ.get(BASE_VARIABLE) != before:
            # An open panel stays with its gateway, on its own from here; the next one goes on at the new gateway.
            self._panel, self._conversation = None, copy.deepcopy(self._conversation)
        if not self.models:
            self.models = list(commands.DEMO_MODELS)
        return shown

    @property
    def _parser(self) -> ArgumentParser:
        parser: ArgumentParser = self.cell.parser
        return parser

    def _arguments(self, line: str) -> Namespace:
        try:
            return flags.read(self._parser, line, self._subcommands)
        except ValueError as error:
            raise UsageError(str(error)) from None

    def _expanded(self, text: str) -> Expanded:
        return expand(text, namespace_of(self._shell), images=True, cap=self.value_characters)

    def _ask(self, question: Question, args: Namespace, cut: Sequence[str] = ()) -> None:
        """Asks, shows the answer, and keeps it as `_`, in `Out`, and under the name that `-o` gives it."""
        form = args.format or self.format
        models = as_models(args.model) if args.model else self._list()
        settings = self._settings(args, INSTRUCTIONS[form])
        answer = CellAnswer(output_for(self._shell, form), form, not args.no_stream, self._shell.set_next_input)
        if self._panel is not None and self._panel.is_open and not args.no_history:
            session = self._panel.session
            message = answer.ask(session, question, models=models, settings=settings, notes=cut)
        else:
            conversation = None if args.no_history else self._conversation
            model = GPTRouter(models_priority_list=list(models))
            session = Session(model, models, conversation=conversation)
            try:
                message = answer.ask(session, question, models=models, settings=settings, notes=cut)
            finally:
                session.close()
            shared_worker().submit(self._learn(model.directory))
        result = Result(message, session.price)
        self._shell.displayhook.update_user_ns(result)
        if args.out:
            self._shell.user_ns[args.out] = result

    async def _learn(self, directory: Directory) -> None:
        """Keeps the names of the gateway's models for Tab, which must not wait for them; an answer has read them."""
        known = await directory.amodels()
        self._known = [f"{model.provider_name}/{model.name}" for model in known or ()] or self._known

    def _settings(self, args: Namespace, instruction: str) -> CellSettings:
        prompt = "\n\n".join(part for part in (args.system or self.system_prompt, instruction) if part)
        return CellSettings(
            system_prompt=prompt or None,
            temperature=self.temperature if args.temperature is None else args.temperature,
            max_tokens=self.max_tokens if args.max_tokens is None else args.max_tokens,
            provider=flags.parameters(args.param),
        )

    def _list(self) -> tuple[GPTRouterModel, ...]:
        if not self.models:
            raise ConfigurationError(
                "No model is named: write %%gptrouter -m PROVIDER/NAME, or %gptrouter use PROVIDER/NAME once; "
                "%gptrouter models lists them."
            )
        return as_models(self.models)


def register(ipython: InteractiveShell) -> None:
    """Adds the magics to a shell and their settings to its `%config`; once per shell, whoever loads them again."""
    if GPTRouterMagics.__name__ not in ipython.magics_manager.registry:
        ipython.register_magics(GPTRouterMagics(ipython))


def _cut(one: Inserted) -> str:
    return f"{one.name}: only the first {one.length:,} characters"


def _for_readers(error: BaseException) -> BaseException:
    """The same error, shown by IPython as its sentence instead of the stack of our internals."""
    shown = [": ".join(part for part in (type(error).__name__, str(error)) if part)]
    error._render_traceback_ = lambda: shown  # type: ignore[attr-defined] # IPython's own protocol
    return error
