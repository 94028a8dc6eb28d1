"""`ChatWidget`: the panel's half in the kernel. It adapts `Session` to traits and messages; it decides nothing.

Three kinds of threads come here. People call from the main one; the view's commands arrive on the main one or on a
subshell's; and everything that is sent to the view leaves on the worker's, so that it leaves in order.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Self
from uuid import uuid4

import anywidget
import traitlets
from IPython.core.getipython import get_ipython
from IPython.display import display

from gptrouter_notebook import protocol, transcript, transcript_html
from gptrouter_notebook.assets import bundled
from gptrouter_notebook.chat_model import GPTRouter
from gptrouter_notebook.errors import ConfigurationError
from gptrouter_notebook.history_writer import HistoryWriter
from gptrouter_notebook.model_list import ModelList
from gptrouter_notebook.namespace import namespace_of
from gptrouter_notebook.notebook_file import chat_in_file
from gptrouter_notebook.panel_commands import PanelCommands
from gptrouter_notebook.panel_feed import PanelFeed
from gptrouter_notebook.routing import as_models
from gptrouter_notebook.saved_output import SavedOutput
from gptrouter_notebook.session import Session
from gptrouter_notebook.settings import Settings
from gptrouter_notebook.settings_traits import SETTINGS, SettingsTraits
from gptrouter_notebook.transcript_markdown import to_markdown
from gptrouter_notebook.view_commands import Malformed, parse
from gptrouter_notebook.worker import no_waiting, shared_worker

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from os import PathLike

    from langchain_core.chat_history import BaseChatMessageHistory
    from langchain_core.language_models.chat_models import BaseChatModel
    from langchain_core.messages import BaseMessage

    from gptrouter_notebook.answering import Asked
    from gptrouter_notebook.conversation import Conversation

__all__ = ["ChatWidget"]

_KERNEL_WRITES = frozenset({"delta", "conversation", "status", "_transcript_mark"})

_log = logging.getLogger(__name__)


class ChatWidget(anywidget.AnyWidget, SettingsTraits):
    """A chat panel in a cell's output. Answers stream while the kernel is busy with other cells.

    Args:
        model: The `GPTRouter` to ask; it is never changed. Default: one made from `models_priority_list` and the
            environment.
        models_priority_list: Who is asked, in this order. Default: the model's own list.
        system_prompt: What every request begins with.
        temperature: How much chance there is in an answer, from 0 up. Default: the model's own.
        max_tokens: The longest answer, in tokens. Default: the model's own.
        stop_sequences: Texts that end an answer.
        history: Where the conversation lives, such as LangChain's `SQLChatMessageHistory`: loaded now, added to after
            each answer. A failure is told in the panel.

    Raises:
        ConfigurationError: There is neither a model nor a list, the list names no model, or a setting is out of
            bounds.

    Example:
        ```python
        chat = ChatWidget(models_priority_list=["anthropic/claude-2", "chat_openai/gpt-4"])
        chat  # shows the panel
        answer = chat.ask("Why is the sky blue?").result()  # an AIMessage; the panel shows it, too
        ```
    """

    _esm = bundled("widget.js")
    _css = bundled("widget.css")

    # Written by both sides.

    models_priority_list = ModelList().tag(
        sync=True,
        to_json=lambda models, _widget: protocol.model_entries(models),
        from_json=lambda entries, _widget: entries,
    )
    """Who is asked from the next question on: a list of `GPTRouterModel`. Assign a list; `"provider/name"` will do."""

    # Written by the kernel only.

    delta = traitlets.Dict(read_only=True).tag(sync=True)
    """The piece of text that came last: `{turn, seq, text}`, at most one every 33 ms; `{}` before the first.

    `chat.observe(function, "delta")` sees every piece, on the worker's thread: be quick, and do not wait there.
    """
    conversation = traitlets.Dict(read_only=True).tag(sync=True)
    """The turns as the view shows them, set when a turn ends; sent only to views that do not follow by messages."""
    status = traitlets.Enum(("idle", "streaming"), "idle", read_only=True).tag(sync=True)
    """`"streaming"` while an answer is on its way, else `"idle"`."""
    _transcript_mark = traitlets.Unicode().tag(sync=True)
    """What the readable copy below the panel is known by, so that the view can hide it while it is there itself."""

    def __init__(
        self,
        model: BaseChatModel | None = None,
        *,
        models_priority_list: Any = None,
        system_prompt: str | None = None,
        temperature: float | None = None,
        max_tokens: int | None = None,
        stop_sequences: Sequence[str] = (),
        history: BaseChatMessageHistory | None = None,
        _conversation: Conversation | None = None,
    ) -> None:
        if not str(self._esm):
            raise ConfigurationError(
                "The panel's front end is not built: run `./dev build` in the repository, then restart the kernel."
            )
        if models_priority_list is None:
            models_priority_list = getattr(model, "models_priority_list", None)
        models = as_models(models_priority_list)
        if model is None:
            model = GPTRouter(models_priority_list=list(models))
        settings = Settings(system_prompt, temperature, max_tokens, tuple(stop_sequences))
        self._history = None
        if history is not None:
            self._history = HistoryWriter(history, lambda failure: self._post(protocol.refused(None, failure)))
        said = self._history.conversation if self._history else _conversation
        self._session = Session(model, models, settings=settings, conversation=said)
        if self._history:
            self._history.follow(self._session)
        self._feed = PanelFeed(self._session, self._post, self._write)
        self._saved = SavedOutput(self._session, f"gptrouter-{uuid4().hex[:12]}", self._post)
        self._commands = PanelCommands(
            self._session, self._feed, self._saved, post=self._post, namespace=_notebook, write=self._apply
        )
        # ipywidgets holds back what changes while it applies an update of the view, and merges it: two values of
        # `delta` set by the worker meanwhile would come out as one.
        self._applying = threading.RLock()
        super().__init__(
            models_priority_list=list(models),
            system_prompt=system_prompt or "",
            temperature=temperature,
            max_tokens=max_tokens,
            stop_sequences=list(stop_sequences),
            _transcript_mark=self._saved.mark,
        )
        _keep_subshell(self.comm)
        self.on_msg(self._on_command)

    def ask(self, text: str) -> Asked:
        """Asks a question and returns at once; `.result()` of what it returns waits for the answer.

        Raises:
            GPTRouterError: There is no text, an answer is still streaming, or the widget is closed.
        """
        return self._session.send(text)

    def stop(self) -> None:
        """Stops the answer on its way and keeps what came. The gateway may let the model finish, and charge for it."""
        self._session.stop()

    def clear(self) -> None:
        """Forgets the conversation.

        Raises:
            GPTRouterError: An answer is still streaming, or the widget is closed.
        """
        self._session.clear()

    @property
    def messages(self) -> list[BaseMessage]:
        """The conversation as LangChain messages, without the system prompt; as models are told it."""
        return self._session.conversation.messages()

    def to_markdown(self) -> str:
        """The conversation as Markdown."""
        return to_markdown(self._session.conversation, self._session.settings.system_prompt)

    def to_html(self) -> str:
        """The conversation as a web page of its own: no JavaScript, and nothing is fetched."""
        body = transcript_html.to_html(self._session.conversation, self._session.settings.system_prompt)
        return transcript_html.page(body, "GPTRouter chat")

    def to_dict(self) -> dict[str, Any]:
        """The conversation, the list and the settings as values that JSON knows; no key is among them."""
        return transcript.to_dict(self._session.conversation, self._session.models, self._session.settings)

    @classmethod
    def from_dict(cls, saved: Mapping[str, Any], model: BaseChatModel | None = None) -> Self:
        """A panel that goes on where `to_dict` was called.

        Args:
            saved: What `to_dict` returned.
            model: As for the constructor; the list is the saved one.

        Raises:
            ConfigurationError: It is no saved conversation.
        """
        read = transcript.from_dict(saved)
        return cls(
            model,
            models_priority_list=read.models,
            **asdict(read.settings),
            _conversation=read.conversation,
        )

    @classmethod
    def from_notebook(
        cls, path: str | PathLike[str], cell: int | str | None = None, model: BaseChatModel | None = None
    ) -> Self:
        """A panel that goes on with a conversation a saved notebook holds; no gateway is needed to load it.

        Args:
            path: The notebook's file.
            cell: Only of this cell: its place from 0, Markdown cells counted, or its id. Default: the last chat.
            model: As for `from_dict`.

        Raises:
            ConfigurationError: There is no such file, or no such conversation in it, or it is damaged.
        """
        return cls.from_dict(chat_in_file(path, cell), model)

    def close(self) -> None:
        """Stops what is on its way, waits up to 5 s for a history to be written, and removes the panel."""
        # ipywidgets calls this for widgets whose constructor failed, too.
        if (session := getattr(self, "_session", None)) is not None and self.comm is not None:
            session.close()
            if self._history is not None:
                self._history.wait()
            self.layout.close()
        super().close()

    def __repr__(self) -> str:
        turns = len(self._session.conversation)
        models = ", ".join(model.label for model in self._session.models)
        return f"<ChatWidget {turns} turn{'' if turns == 1 else 's'}, {models}>"

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:
        bundle = super()._repr_mimebundle_(**kwargs)
        if bundle is not None:
            bundle[0].update(self._saved.bundle() | {"text/plain": repr(self)})
        return bundle

    def _ipython_display_(self) -> None:
        """Shows the panel, and the readable copy that a saved notebook keeps of it below."""
        if self.comm is not None:
            data, metadata = super()._repr_mimebundle_() or ({}, {})
            display({**data, "text/plain": self._saved.title}, metadata=metadata, raw=True)
        self._saved.show()

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Applies what the view changed, as far as it may: ipywidgets calls this, on the thread of the message."""
        state = {name: value for name, value in sync_data.items() if name not in _KERNEL_WRITES}
        for name in [name for name in state if name in (*SETTINGS, "models_priority_list")]:
            try:
                # Else the view would show what is not so; and a TraitError is no sentence for a person.
                self._check_written(name, state[name])
            except (ConfigurationError, traitlets.TraitError) as error:
                del state[name]
                message = getattr(error, "message", f'This cannot be the value of "{name}", so nothing was changed.')
                shared_worker().call_soon(self._refuse_trait, name, message)
        with self._applying, no_waiting():
            super().set_state(state)

    def send_state(self, key: str | Iterable[str] | None = None) -> None:
        """Sends traits to the view: ipywidgets calls this when one has changed.

        The conversation is as long as everything said so far. A view that was drawn has it already, piece by piece,
        and keeps what a notebook saves of it up to date; a page that is loaded anew asks for all traits.
        """
        if key != "conversation" or not self._feed.is_followed:
            super().send_state(key)

    def _check_written(self, name: str, value: Any) -> None:
        if name == "models_priority_list":
            as_models(value)
        else:
            self.settings(**{name: self.traits()[name]._validate(self, value)})  # noqa: SLF001 - there is no public way

    @traitlets.default("conversation")
    def _conversation_now(self) -> protocol.ConversationView:
        return self._feed.conversation()

    @traitlets.observe("models_priority_list")
    def _on_models(self, change: dict[str, Any]) -> None:
        self._session.models = tuple(change["new"])
        shared_worker().call_soon(self._saved.refresh_soon)

    @traitlets.observe(*SETTINGS)
    def _on_settings(self, _change: object) -> None:
        self._session.settings = self.settings()
        shared_worker().call_soon(self._saved.refresh_soon)

    # On the thread of the message: nothing is done here but reading it.

    def _on_command(self, _widget: object, content: object, _buffers: object) -> None:
        try:
            command = parse(content)
        except Malformed as error:
            shared_worker().call_soon(self._post, protocol.refused(error.reply_to, error.message))
        else:
            shared_worker().call_soon(self._commands.obey, command)

    # From here on: the worker's thread.

    def _apply(self, traits: dict[str, Any]) -> None:
        try:
            self.set_state(traits)
        except Exception as error:  # noqa: BLE001 - somebody's observer raised: the conversation goes on
            _log.warning("An observer of a ChatWidget raised %s.", type(error).__name__, exc_info=True)

    def _refuse_trait(self, name: str, message: str) -> None:
        self.send_state(name)
        self._post(protocol.refused(None, message))

    def _post(self, message: protocol.Message) -> None:
        try:
            self.send(message)
        except Exception:  # noqa: BLE001 - a lost connection must not end the answer: it is for `messages`, too
            _log.debug("A message to the panel was lost.", exc_info=True)

    def _write(self, name: str, value: object) -> None:
        try:
            with self._applying:
                self.set_trait(name, value)
        except Exception as error:  # noqa: BLE001 - somebody's observer raised: the answer goes on
            _log.warning("An observer of ChatWidget.%s raised %s.", name, type(error).__name__, exc_info=True)


def _notebook() -> Mapping[str, Any]:
    """The notebook's names; none outside of IPython."""
    shell = get_ipython()
    return {} if shell is None else namespace_of(shell)


def _keep_subshell(comm: Any) -> None:
    """Lets the view's commands go to the subshell that the view asked for, also while a cell runs.

    ipykernel 7.4.0 sends them to the shell that published on the comm last instead: a panel made in a cell would
    hear Stop only after the next long cell has ended (shared/performance.md, B4). Earlier kernels lack the name.
    """
    if hasattr(comm, "_reply_subshell_for"):
        comm._reply_subshell_for = lambda _data, default: default  # noqa: SLF001 - there is no public way
