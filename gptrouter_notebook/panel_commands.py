"""What the panel's view asks for, done; on the worker's thread."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any, TypeVar, assert_never

from gptrouter_notebook import protocol
from gptrouter_notebook.assets import part_source
from gptrouter_notebook.context import Expanded, complete, expand
from gptrouter_notebook.conversation import Question
from gptrouter_notebook.errors import GPTRouterError
from gptrouter_notebook.exports import export, read
from gptrouter_notebook.session import Refused
from gptrouter_notebook.view_commands import (
    CheckHealth,
    Clear,
    Complete,
    Delete,
    Edit,
    ExportChat,
    GetAsset,
    GetCopy,
    Hello,
    ImportChat,
    LeaveOut,
    ListCatalog,
    Preview,
    Regenerate,
    Send,
    SendNow,
    SetTraits,
    Show,
    Stop,
    TakeSnapshot,
    Unqueue,
)
from gptrouter_notebook.worker import shared_worker

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gptrouter_notebook.panel_feed import PanelFeed
    from gptrouter_notebook.saved_output import SavedOutput
    from gptrouter_notebook.session import Session
    from gptrouter_notebook.view_commands import Command

__all__ = ["PanelCommands"]

_T = TypeVar("_T")

_log = logging.getLogger(__name__)


class PanelCommands:
    """Does what the view of a session asks for.

    Args:
        session: Of what.
        feed: Who tells the view what comes of it.
        saved: What the notebook keeps of it.
        post: Sends a message to the view.
        namespace: Gives the notebook's names, as they are then.
        write: Writes traits as the view wants them.
    """

    def __init__(
        self,
        session: Session,
        feed: PanelFeed,
        saved: SavedOutput,
        *,
        post: Callable[[protocol.Message], object],
        namespace: Callable[[], Mapping[str, Any]],
        write: Callable[[dict[str, Any]], object],
    ) -> None:
        self._session, self._feed, self._saved = session, feed, saved
        self._post, self._namespace, self._write = post, namespace, write
        self._in_order = asyncio.Lock()

    def obey(self, command: Command) -> None:
        """Does it, or says why not."""
        try:
            self._do(command)
        except GPTRouterError as error:
            self._refuse(command, error)

    def _refuse(self, command: Command, error: GPTRouterError) -> None:
        self._post(protocol.refused(command.id, error.message, getattr(command, "text", None)))

    def _do(self, command: Command) -> None:  # noqa: C901, PLR0912 - one line each
        session = self._session
        match command:
            case Hello():
                self._feed.greet(command.id)
                shared_worker().submit(self._feed.post_catalog())
            case TakeSnapshot():
                self._feed.post_snapshot(command.id)
            case Send() | Edit():
                shared_worker().submit(self._ask(command))
            case Preview():
                shared_worker().submit(self._preview(command))
            case Complete():
                shared_worker().submit(self._complete(command))
            case Regenerate():
                session.regenerate(command.turn, command.model)
            case Show():
                session.show(command.turn)
            case Delete():
                session.delete(command.turn)
            case LeaveOut():
                session.leave_out(command.turns, is_left_out=command.is_left_out)
            case Stop():
                if not session.stop(command.turn):
                    self._feed.post_snapshot(command.id)
            case SendNow():
                session.send_now(command.item)
            case Unqueue():
                session.unqueue(command.item)
            case Clear():
                session.clear()
            case SetTraits():
                self._write(dict(command.traits))
            case ListCatalog():
                shared_worker().submit(self._feed.post_catalog())
            case GetAsset():
                self._post(protocol.asset(command.name, part_source(command.name), command.id))
            case CheckHealth():
                shared_worker().submit(self._feed.check_health(command.id))
            case ExportChat():
                file = export(session.conversation, session.models, session.settings, command.form)
                self._post(protocol.exported(file, command.id))
            case ImportChat():
                session.add(read(command.file))
            case GetCopy():
                self._saved.post_copy(command.id)
            case _:
                assert_never(command)

    async def _ask(self, command: Send | Edit) -> None:
        # Looking at a value may take a while, and the next message must not overtake this one.
        async with self._in_order:
            expanded = await self._expand(command.text)
            told = None if expanded.text == command.text else expanded.text
            question = Question(command.text, told, (*command.images, *expanded.images), expanded.inserted)
            try:
                if isinstance(command, Send):
                    self._session.enqueue(question)
                else:
                    self._session.edit(command.turn, question)
            except Refused as error:
                self._refuse(command, error)

    async def _preview(self, command: Preview) -> None:
        expanded = await self._expand(command.text)
        self._post(protocol.preview(command.id, expanded.inserted))

    async def _complete(self, command: Complete) -> None:
        found = await self._look(lambda: complete(command.prefix, self._namespace()))
        self._post(protocol.completions(command.id, found or []))

    async def _expand(self, text: str) -> Expanded:
        # Most messages hold no value: those do not wait for a thread.
        if "{" not in text and "@" not in text:
            return Expanded(text)
        found = await self._look(lambda: expand(text, self._namespace(), mentions=True, images=True))
        return found or Expanded(text)

    async def _look(self, look: Callable[[], _T]) -> _T | None:
        """What `look` finds, on a thread of its own: a value's code may take its time, and answers must not wait."""
        try:
            return await asyncio.to_thread(look)
        except Exception:  # noqa: BLE001 - the notebook's own code may raise anything; what was typed is sent then
            _log.debug("The notebook's values could not be read.", exc_info=True)
            return None
