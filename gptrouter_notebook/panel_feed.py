"""What happens in a session, told to the panel's view: text in numbered pieces, the rest in messages.

Everything here runs on the worker's thread, so that it leaves in order.
"""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING, assert_never

from gptrouter_notebook import protocol
from gptrouter_notebook.coalescer import Coalescer
from gptrouter_notebook.errors import GPTRouterError
from gptrouter_notebook.per_turn import PerTurn
from gptrouter_notebook.turn_events import Delta, Ended, PartBroke, Priced, Queued, Rearranged, Started

if TYPE_CHECKING:
    from collections.abc import Callable

    from gptrouter_notebook.coalescer import Numbered
    from gptrouter_notebook.session import Session
    from gptrouter_notebook.turn_events import TurnEvent
    from gptrouter_notebook.view_commands import CommandId

__all__ = ["PanelFeed"]

_log = logging.getLogger(__name__)


class PanelFeed:
    """Follows a session.

    Args:
        session: Which one.
        post: Sends a message to the view.
        write: Sets a trait, by name; what it raises ends here.
    """

    def __init__(
        self,
        session: Session,
        post: Callable[[protocol.Message], object],
        write: Callable[[str, object], object],
    ) -> None:
        self._session, self._post, self._write = session, post, write
        self._coalescer = Coalescer()
        self._timer: asyncio.TimerHandle | None = None
        self._seqs: dict[int, int] = {}
        self._views = PerTurn(lambda turn, said: protocol.turn_view(turn, said, self._seqs.get(turn.id, 0)))
        self.is_followed = False
        """Whether a view was drawn, which puts the conversation together from what it is told."""
        session.listen(self._on_event)

    def conversation(self) -> protocol.ConversationView:
        """The conversation as the view shows it."""
        said = self._session.conversation
        return {"turns": self._views.of(said, said)}

    def greet(self, reply_to: CommandId) -> None:
        """Sends everything there is to a view that was drawn just now."""
        self.is_followed = True
        self.post_snapshot(reply_to)

    def post_snapshot(self, reply_to: CommandId | None = None) -> None:
        """Sends everything there is."""
        if (turn := self._session.conversation.last) is not None:
            self._flush(turn.id)  # else its text would come twice: in the snapshot, and in the next delta
        status = "streaming" if self._session.is_streaming else "idle"
        self._post(protocol.snapshot(self.conversation(), status, self._session.waiting, reply_to))

    async def post_catalog(self) -> None:
        """Reads the gateway's models and their health, and sends them."""
        try:
            self._post(protocol.catalog(await self._session.catalog()))
        except Exception as error:  # noqa: BLE001 - the view waits for an answer, whatever went wrong
            _log.debug("The catalog could not be read.", exc_info=True)
            self._post(protocol.catalog([], _sentence("The gateway's models could not be read", error)))

    async def check_health(self, reply_to: CommandId) -> None:
        """Has all models checked, says when that begins and ends, and sends the catalog."""
        self._post(protocol.health_check(reply_to, is_running=True))
        said = None
        try:
            await self._session.check_health()
        except Exception as error:  # noqa: BLE001 - the view waits for an answer, whatever went wrong
            _log.debug("The models could not be checked.", exc_info=True)
            said = _sentence("The models could not be checked", error)
        self._post(protocol.health_check(reply_to, is_running=False, error=said))
        await self.post_catalog()

    def _on_event(self, event: TurnEvent) -> None:
        match event:
            case Started():
                self._coalescer = Coalescer()
                self._seqs[event.turn.id] = 0
                self._post(protocol.turn_started(event.turn, self._session.conversation, event.asked))
                self._write("status", "streaming")
            case Delta():
                self._take(event.turn, event.text)
            case PartBroke():
                self._flush(event.turn)
                self._post(protocol.part(event.turn, self._coalescer.seq, event.sentence))
            case Ended():
                self._flush(event.turn)
                seq = self._coalescer.seq
                self._post(protocol.turn_ended(event, seq, self._session.allowance))
                self._write("conversation", self.conversation())
                self._write("status", "idle")
            case Priced():
                self._post(protocol.priced(event.turn, event.cost))
            case Rearranged():
                said = self._session.conversation
                self._seqs = {turn: seq for turn, seq in self._seqs.items() if said.get(turn) is not None}
                self._write("conversation", self.conversation())
                self.post_snapshot()
            case Queued():
                self._post(protocol.queue(event.waiting))
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


def _sentence(happened: str, error: Exception) -> str:
    return error.message if isinstance(error, GPTRouterError) else f"{happened} ({type(error).__name__})."
