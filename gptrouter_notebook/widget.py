"""`ChatWidget`: the panel's half in the kernel. It adapts `Session` to traits and messages; it decides nothing.

Three kinds of threads come here. People call from the main one; the view's commands arrive on the main one or on a
subshell's; and everything that is sent to the view leaves on the worker's, so that it leaves in order.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from typing import TYPE_CHECKING, Any, Self, assert_never

import anywidget
import traitlets

from gptrouter_notebook import protocol, transcript
from gptrouter_notebook.assets import MissingPart, bundled, part_source
from gptrouter_notebook.chat_model import GPTRouter
from gptrouter_notebook.coalescer import Coalescer
from gptrouter_notebook.errors import ConfigurationError, GPTRouterError
from gptrouter_notebook.model_list import ModelList
from gptrouter_notebook.protocol import Clear, Hello, ListCatalog, Malformed, Regenerate, Send, Stop, TakeSnapshot
from gptrouter_notebook.routing import as_models
from gptrouter_notebook.session import Refused, Session
from gptrouter_notebook.turn_events import Cleared, Delta, Ended, PartBroke, Started
from gptrouter_notebook.worker import no_waiting, shared_worker

if TYPE_CHECKING:
    from collections.abc import Mapping

    from langchain_core.language_models.chat_models import BaseChatModel
    from langchain_core.messages import BaseMessage

    from gptrouter_notebook.coalescer import Numbered
    from gptrouter_notebook.conversation import Conversation
    from gptrouter_notebook.protocol import Command, CommandId
    from gptrouter_notebook.session import Asked
    from gptrouter_notebook.turn_events import TurnEvent

__all__ = ["ChatWidget"]

_KERNEL_WRITES = frozenset({"delta", "conversation", "status"})

_log = logging.getLogger(__name__)


class ChatWidget(anywidget.AnyWidget):
    """A chat panel in a cell's output. Answers stream while the kernel is busy with other cells.

    Args:
        model: The `GPTRouter` to ask; it is never changed. Default: one made from `models_priority_list` and the
            environment.
        models_priority_list: Who is asked, in this order. Default: the model's own list.
        system_prompt: What every request begins with.

    Raises:
        ConfigurationError: There is neither a model nor a list, or the list names no model.

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
    """The turns as the view shows them, set when a turn ends."""
    status = traitlets.Enum(("idle", "streaming"), "idle", read_only=True).tag(sync=True)
    """`"streaming"` while an answer is on its way, else `"idle"`."""

    def __init__(
        self,
        model: BaseChatModel | None = None,
        *,
        models_priority_list: Any = None,
        system_prompt: str | None = None,
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
        self._session = Session(model, models, system_prompt=system_prompt, conversation=_conversation)
        self._coalescer = Coalescer()
        self._timer: asyncio.TimerHandle | None = None
        self._seqs: dict[int, int] = {}
        # ipywidgets holds back what changes while it applies an update of the view, and merges it: two values of
        # `delta` set by the worker meanwhile would come out as one.
        self._applying = threading.RLock()
        super().__init__(models_priority_list=list(models))
        _keep_subshell(self.comm)
        self._session.listen(self._on_event)
        self.on_msg(self._on_command)

    def ask(self, text: str) -> Asked:
        """Asks a question and returns at once; `.result()` of what it returns waits for the answer.

        Raises:
            GPTRouterError: There is no text, an answer is still streaming, or the widget is closed.
        """
        return self._session.send(text)

    def stop(self) -> None:
        """Stops the answer that is on its way; what came so far is kept. Without one, does nothing."""
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
        return transcript.to_markdown(self._session.conversation, self._session.system_prompt)

    def to_dict(self) -> dict[str, Any]:
        """The conversation, the list and the system prompt as values that JSON knows; no key is among them."""
        return transcript.to_dict(self._session.conversation, self._session.models, self._session.system_prompt)

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
            model, models_priority_list=read.models, system_prompt=read.system_prompt, _conversation=read.conversation
        )

    def close(self) -> None:
        """Stops what is on its way and removes the panel."""
        # ipywidgets calls this for widgets whose constructor failed, too.
        if (session := getattr(self, "_session", None)) is not None and self.comm is not None:
            session.close()
            self.layout.close()
        super().close()

    def __repr__(self) -> str:
        turns = len(self._session.conversation)
        models = ", ".join(model.label for model in self._session.models)
        return f"<ChatWidget {turns} turn{'' if turns == 1 else 's'}, {models}>"

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:
        bundle = super()._repr_mimebundle_(**kwargs)
        if bundle is not None and (markdown := self.to_markdown()):
            bundle[0]["text/markdown"] = markdown
        return bundle

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Applies what the view changed, as far as it may: ipywidgets calls this, on the thread of the message."""
        state = {name: value for name, value in sync_data.items() if name not in _KERNEL_WRITES}
        try:
            if "models_priority_list" in state:
                as_models(state["models_priority_list"])
        except ConfigurationError as error:
            del state["models_priority_list"]
            shared_worker().call_soon(self._refuse_list, error.message)
        with self._applying, no_waiting():
            super().set_state(state)

    @traitlets.default("conversation")
    def _conversation_now(self) -> protocol.ConversationView:
        return protocol.conversation_view(self._session.conversation, self._seqs)

    @traitlets.observe("models_priority_list")
    def _on_models(self, change: dict[str, Any]) -> None:
        self._session.models = tuple(change["new"])

    # On the thread of the message: nothing is done here but reading it.

    def _on_command(self, _widget: object, content: object, _buffers: object) -> None:
        try:
            command = protocol.parse(content)
        except Malformed as error:
            shared_worker().call_soon(self._post, protocol.refused(error.reply_to, error.message))
        else:
            shared_worker().call_soon(self._obey, command)

    # From here on: the worker's thread.

    def _obey(self, command: Command) -> None:  # noqa: C901 - one case per command
        try:
            match command:
                case Hello():
                    self._post_snapshot(command.id)
                    shared_worker().submit(self._post_catalog())
                case TakeSnapshot():
                    self._post_snapshot(command.id)
                case Send():
                    self._session.send(command.text)
                case Stop():
                    if not self._session.stop(command.turn):
                        self._post_snapshot(command.id)
                case Regenerate():
                    self._session.regenerate(command.turn)
                case Clear():
                    self._session.clear()
                case ListCatalog():
                    shared_worker().submit(self._post_catalog())
                case protocol.GetAsset():
                    self._post(protocol.asset(command.name, part_source(command.name), command.id))
                case _:
                    assert_never(command)
        except (Refused, MissingPart) as error:
            self._post(protocol.refused(command.id, error.message, getattr(command, "text", None)))

    def _on_event(self, event: TurnEvent) -> None:
        match event:
            case Started():
                self._coalescer = Coalescer()
                self._seqs[event.turn] = 0
                self._post(protocol.turn_started(event.turn, event.user, event.asked))
                self._write("status", "streaming")
            case Delta():
                self._take(event.turn, event.text)
            case PartBroke():
                self._flush(event.turn)
                self._post(protocol.part(event.turn, self._coalescer.seq, event.sentence))
            case Ended():
                self._flush(event.turn)
                seq = self._coalescer.seq
                self._post(protocol.turn_ended(event.turn, seq, event.reason, event.error, event.meta))
                self._write("conversation", self._conversation_now())
                self._write("status", "idle")
            case Cleared():
                self._seqs.clear()
                self._write("conversation", self._conversation_now())
                self._post_snapshot()
            case _:
                assert_never(event)

    def _take(self, turn: int, text: str) -> None:
        now = time.monotonic()
        self._hand_on(turn, self._coalescer.push(text, now))
        # Without a timer, a stream that stalls would keep its last words to itself.
        if self._timer is None and (due_in_s := self._coalescer.due_in_s(now)) is not None:
            self._timer = asyncio.get_running_loop().call_later(due_in_s, self._on_timer, turn)

    def _on_timer(self, turn: int) -> None:
        self._timer = None
        self._take(turn, "")  # not a flush: what is held by now may be newer, and not due yet

    def _flush(self, turn: int) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._hand_on(turn, self._coalescer.flush(time.monotonic()))

    def _hand_on(self, turn: int, numbered: Numbered | None) -> None:
        if numbered is not None:
            self._seqs[turn] = numbered.seq
            self._write("delta", {"turn": turn, "seq": numbered.seq, "text": numbered.text})

    def _post_snapshot(self, reply_to: CommandId | None = None) -> None:
        turn = self._session.conversation.last
        if turn is not None:
            self._flush(turn.id)  # else its text would come twice: in the snapshot, and in the next delta
        self._post(protocol.snapshot(self._conversation_now(), self.status, reply_to))

    async def _post_catalog(self) -> None:
        try:
            self._post(protocol.catalog(await self._session.catalog()))
        except Exception as error:  # noqa: BLE001 - the view waits for an answer, whatever went wrong
            _log.debug("The catalog could not be read.", exc_info=True)
            unforeseen = f"The gateway's models could not be read ({type(error).__name__})."
            self._post(protocol.catalog([], error.message if isinstance(error, GPTRouterError) else unforeseen))

    def _refuse_list(self, message: str) -> None:
        self.send_state("models_priority_list")
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


def _keep_subshell(comm: Any) -> None:
    """Lets the view's commands go to the subshell that the view asked for, also while a cell runs.

    ipykernel 7.4.0 sends them to the shell that published on the comm last instead: a panel made in a cell would
    hear Stop only after the next long cell has ended (shared/performance.md, B4). Earlier kernels lack the name.
    """
    if hasattr(comm, "_reply_subshell_for"):
        comm._reply_subshell_for = lambda _data, default: default  # noqa: SLF001 - there is no public way
