"""`%gptrouter` and `%%gptrouter`: the flags read, the answer streamed under the cell, a failure that fails the cell."""

from __future__ import annotations

import json
import shlex
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

from IPython.core.error import UsageError
from IPython.core.magic import Magics, cell_magic, line_magic, magics_class, no_var_expand
from IPython.core.magic_arguments import argument, magic_arguments
from IPython.display import display
from traitlets import List, Unicode

from gptrouter_notebook import commands
from gptrouter_notebook.chat_model import GPTRouter
from gptrouter_notebook.conversation import Conversation
from gptrouter_notebook.display import output_for
from gptrouter_notebook.errors import ConfigurationError, GPTRouterError
from gptrouter_notebook.result import Result
from gptrouter_notebook.routing import as_models
from gptrouter_notebook.session import Session
from gptrouter_notebook.transcript import facts
from gptrouter_notebook.turn_events import Delta, Ended, PartBroke

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable

    from IPython.core.interactiveshell import InteractiveShell
    from langchain_core.messages import AIMessage

    from gptrouter_notebook.display import AnswerOutput
    from gptrouter_notebook.routing import GPTRouterModel
    from gptrouter_notebook.turn_events import TurnEvent

__all__ = ["GPTRouterMagics", "register"]


@magics_class
class GPTRouterMagics(Magics):
    """The magics of one shell."""

    models = List(Unicode(), help='Who %%gptrouter asks when it names nobody: "provider/name" strings, in order.').tag(
        config=True
    )

    def __init__(self, shell: InteractiveShell) -> None:
        super().__init__(shell)
        self._conversation = Conversation()
        self._subcommands: dict[str, Callable[[str], object]] = {
            "help": lambda _: commands.help_text(),
            "version": lambda _: commands.version(),
            "models": lambda search: commands.models(search, self._list() if self.models else ()),
            "use": self._use,
            "explain": lambda _: commands.explain(self._list()),
            "usage": lambda _: commands.usage(self._conversation),
            "reset": self._reset,
            "demo": self._demo,
        }

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
        except (GPTRouterError, ImportError) as error:
            raise _for_readers(error) from None
        display(shown)

    @magic_arguments()
    @argument("-m", "--model", action="append", metavar="PROVIDER/NAME", help="Who is asked; repeat it for a list.")
    @argument("-o", "--out", metavar="NAME", help="Keeps the answer in this variable.")
    @argument("-s", "--system", metavar="TEXT", help="The system prompt.")
    @argument("-t", "--temperature", type=float, metavar="T", help="The sampling temperature.")
    @argument("--max-tokens", type=int, metavar="N", help="The longest answer, in tokens.")
    @argument("--param", action="append", default=[], metavar="KEY=VALUE", help="A parameter for the provider.")
    @argument("--no-stream", action="store_true", help="Shows the answer when it is whole.")
    @argument("--no-history", action="store_true", help="Asks outside of the conversation, and leaves it as it is.")
    @cell_magic("gptrouter")  # type: ignore[arg-type] # its stub takes no methods
    @no_var_expand
    def cell(self, line: str, cell: str) -> None:
        """Asks the text of the cell and streams the answer below it."""
        args = self._arguments(line)
        text = cell.strip("\n")
        if not text.strip():
            raise UsageError("The cell has no text, so nothing was sent: write your question below %%gptrouter.")
        try:
            session = self._session(args)
            message = self._stream(session, text, streams=not args.no_stream)
        except GPTRouterError as error:
            raise _for_readers(error) from None
        if args.out:
            self.shell.user_ns[args.out] = Result(message)  # type: ignore[union-attr] # a magic has its shell

    def _use(self, labels: str) -> object:
        chosen, shown = commands.use(labels.split())
        self.models = [model.label for model in chosen]
        return shown

    def _reset(self, _: str) -> object:
        self._conversation.clear()
        return commands.Text("The conversation is forgotten: the next cell begins a new one.")

    def _demo(self, _: str) -> object:
        shown = commands.demo()
        if not self.models:
            self.models = list(commands.DEMO_MODELS)
        return shown

    def _arguments(self, line: str) -> Namespace:
        try:
            # Not IPython's parse_argstring, which leaves the quotes round a quoted text.
            args: Namespace = self.cell.parser.parse_args(shlex.split(line))
        except ValueError as error:
            raise UsageError(f"The flags of %%gptrouter cannot be read ({error}): close the quote.") from None
        if args.out and not args.out.isidentifier():
            raise UsageError(f'-o needs the name of a variable, not "{args.out}".')
        return args

    def _session(self, args: Namespace) -> Session:
        models = as_models(args.model) if args.model else self._list()
        model = GPTRouter(
            models_priority_list=list(models),
            temperature=args.temperature,
            max_tokens=args.max_tokens,
            model_kwargs=dict(map(_param, args.param)),
        )
        conversation = None if args.no_history else self._conversation
        return Session(model, models, system_prompt=args.system, conversation=conversation)

    def _list(self) -> tuple[GPTRouterModel, ...]:
        if not self.models:
            raise ConfigurationError(
                "No model is named: write %%gptrouter -m PROVIDER/NAME, or %gptrouter use PROVIDER/NAME once; "
                "%gptrouter models lists them."
            )
        return as_models(self.models)

    def _stream(self, session: Session, text: str, *, streams: bool) -> AIMessage:
        """Shows the answer as it comes, on the cell's own thread, and returns it."""
        events: SimpleQueue[TurnEvent] = SimpleQueue()
        session.listen(events.put)
        output = output_for(self.shell)
        try:
            asked = session.send(text)
            ended = _show(events, output, streams=streams)
        except KeyboardInterrupt:
            # Nothing to wait for if it came before the question was on its way.
            if session.stop():
                _leave(_show(events, output, streams=streams), output)
            raise
        finally:
            session.close()
        _leave(ended, output)
        return asked.result()


def register(ipython: InteractiveShell) -> None:
    """Adds the magics to a shell and their settings to its `%config`."""
    magics = GPTRouterMagics(ipython)
    ipython.register_magics(magics)
    ipython.configurables.append(magics)  # type: ignore[arg-type] # typed as a list of shells, used for all


def _show(events: SimpleQueue[TurnEvent], output: AnswerOutput, *, streams: bool) -> Ended:
    while True:
        event = events.get()
        if isinstance(event, Delta):
            output.delta(event.text, at_once=streams)
        elif isinstance(event, PartBroke):
            output.broke(event.sentence)
        elif isinstance(event, Ended):
            return event


def _leave(ended: Ended, output: AnswerOutput) -> None:
    known = []
    if ended.meta is not None and ended.reason == "complete":
        known = [ended.meta.label or "", facts(ended.meta)]
    note = " · ".join(part for part in (*known, "stopped" if ended.reason == "stopped" else "") if part)
    output.close(f"*{note}*" if note else "")


def _param(text: str) -> tuple[str, Any]:
    key, equals, value = text.partition("=")
    if not (key and equals):
        raise ConfigurationError(f'"{text}" is no parameter: write --param KEY=VALUE, as in --param top_p=0.5.')
    try:
        return key, json.loads(value)
    except ValueError:
        return key, value


def _for_readers(error: Exception) -> Exception:
    """The same error, shown by IPython as its sentence instead of the stack of our internals."""
    shown = [f"{type(error).__name__}: {error}"]
    error._render_traceback_ = lambda: shown  # type: ignore[attr-defined] # IPython's own protocol
    return error
