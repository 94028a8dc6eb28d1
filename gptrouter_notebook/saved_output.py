"""What a notebook keeps of a panel: a display below it, sent again after each turn, that any viewer can read.

The panel itself is a view that lives in a page: nothing of it is in the file. So a second output stands below it. The
panel hides it (`js/src/components/HiddenTranscript.tsx`) as long as it is there itself, and viewers without it show it.
It is no part of the panel's own output, for two reasons seen in JupyterLab: a new version of that output would build
the view anew under the reader's cursor, and a view whose kernel is gone leaves nothing but an error in its place.
"""

from __future__ import annotations

import asyncio
import logging
from contextvars import Context
from typing import TYPE_CHECKING, Any

from IPython.core.displaypub import CapturingDisplayPublisher
from IPython.core.getipython import get_ipython

from gptrouter_notebook import protocol
from gptrouter_notebook.transcript_bundle import TranscriptBundle
from gptrouter_notebook.turn_events import Ended, Priced, Rearranged

if TYPE_CHECKING:
    from collections.abc import Callable

    from IPython.core.displaypub import DisplayPublisher

    from gptrouter_notebook.protocol import Message
    from gptrouter_notebook.session import Session
    from gptrouter_notebook.turn_events import TurnEvent
    from gptrouter_notebook.view_commands import CommandId

__all__ = ["SavedOutput"]

SETTLE_S = 0.3
"""How long to wait for more before a change of the settings is written."""

_log = logging.getLogger(__name__)


class SavedOutput:
    """The readable copy of a session's conversation.

    Args:
        session: Whose.
        mark: What the copy is known by to the panel's view, and to the front end as a display.
        post: Sends a message to the view.
    """

    def __init__(self, session: Session, mark: str, post: Callable[[Message], object]) -> None:
        self._session, self._post = session, post
        self.mark = mark
        self._bundle = TranscriptBundle()
        self._publisher: DisplayPublisher | None = None
        self._settling: asyncio.TimerHandle | None = None
        session.listen(self._on_event)

    @property
    def title(self) -> str:
        """What stands in the panel's place where it cannot be drawn, above the copy; it does not change."""
        return "GPTRouter chat"

    def bundle(self) -> dict[str, Any]:
        """The copy as it is now, by MIME type."""
        session = self._session
        return self._bundle.write(session.conversation, session.models, session.settings, mark=self.mark)

    def show(self) -> None:
        """Puts the copy below what the running cell has shown so far; in a terminal there is no room for it."""
        shell = get_ipython()
        if shell is None or getattr(shell, "kernel", None) is None:
            return
        # Kept, for `%%capture` puts another one in its place: what is captured then is not ours to update.
        if self._publisher is None or isinstance(self._publisher, CapturingDisplayPublisher):
            self._publisher = shell.display_pub
        self._publish(shell.display_pub, update=False)

    # From here on: the worker's thread.

    def post_copy(self, reply_to: CommandId) -> None:
        """Sends the copy to a view that will put it into its notebook itself."""
        self._post(protocol.copy(self.bundle(), reply_to))

    def refresh_soon(self) -> None:
        """Sends the copy again when nothing more has changed for a moment."""
        if self._publisher is None:
            return
        if self._settling is not None:
            self._settling.cancel()
        self._settling = asyncio.get_running_loop().call_later(SETTLE_S, self._refresh)

    def _on_event(self, event: TurnEvent) -> None:
        if isinstance(event, Ended | Rearranged):
            self._refresh()
        elif isinstance(event, Priced):
            self.refresh_soon()

    def _refresh(self) -> None:
        if self._settling is not None:
            self._settling.cancel()
            self._settling = None
        if self._publisher is not None:
            # In a context of its own: in the one that asked, the update would be told as coming from that cell, and
            # whoever runs notebooks without a front end drops what comes from a cell that is over.
            Context().run(self._publish, self._publisher, update=True)
            # A page that was loaded again does not know the display any more, and nobody tells it of the update.
            self._post(protocol.saved())

    def _publish(self, publisher: DisplayPublisher, *, update: bool) -> None:
        try:
            publisher.publish(self.bundle(), transient={"display_id": self.mark}, update=update)
        except Exception:  # noqa: BLE001 - a front end that is gone must not end the conversation
            _log.debug("The readable copy of a conversation could not be sent.", exc_info=True)
