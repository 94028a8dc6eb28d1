"""A conversation that lives in somebody's LangChain chat history, such as a table in SQLite; no store of our own.

What was there is loaded, and what is said is added after each answer. Editing, another branch, deleting: a history is
a plain list and knows none of it. Then it is written anew, as what is shown now.
"""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from langchain_core.messages import SystemMessage

from gptrouter_notebook.message_turns import conversation_of
from gptrouter_notebook.told import Told
from gptrouter_notebook.turn_events import Ended, Rearranged
from gptrouter_notebook.worker import shared_worker

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from langchain_core.chat_history import BaseChatMessageHistory
    from langchain_core.messages import BaseMessage

    from gptrouter_notebook.conversation import Conversation
    from gptrouter_notebook.session import Session
    from gptrouter_notebook.turn_events import TurnEvent

__all__ = ["HistoryWriter"]

PATIENCE_S = 5.0
"""How long a panel that is closed waits for its history."""

_log = logging.getLogger(__name__)


class HistoryWriter:
    """Keeps a history in step with a session. Its methods are called on threads of their own, one at a time.

    Args:
        history: Where the conversation lives; its synchronous methods are used.
        on_failure: Told, in one sentence, what could not be written; on the worker's thread.

    Raises:
        Exception: Whatever the history raises when it is read.
    """

    def __init__(self, history: BaseChatMessageHistory, on_failure: Callable[[str], object]) -> None:
        self._history, self._on_failure = history, on_failure
        loaded = history.messages
        # What a conversation has no place for stays in front when the history is written anew.
        self._head = [message for message in loaded if isinstance(message, SystemMessage)]
        self.conversation: Conversation = conversation_of(loaded)
        """What was said before."""
        self._written = [*self._head, *self.conversation.messages()]
        self._told = Told()
        self._lock = threading.Lock()
        self._wanted: list[BaseMessage] | None = None
        self._writing: threading.Thread | None = None

    def follow(self, session: Session) -> None:
        """Writes what is said in this session from now on."""
        session.listen(lambda event: self._on_event(event, session))

    def wait(self, timeout_s: float = PATIENCE_S) -> None:
        """Waits until what was said so far is written, or has failed to be.

        Args:
            timeout_s: How long at most, in seconds; the writing goes on.
        """
        if (writing := self._writing) is not None:
            writing.join(timeout_s)

    def _on_event(self, event: TurnEvent, session: Session) -> None:
        """On the worker's thread, which must not wait for a database."""
        if not isinstance(event, Ended | Rearranged):
            return
        with self._lock:
            self._wanted = [*self._head, *self._told.messages(session.conversation)]
            if self._writing is None:
                # No daemon: what was said is in the history when the process ends.
                self._writing = threading.Thread(target=self._write, name="gptrouter-history", daemon=False)
                self._writing.start()

    def _write(self) -> None:
        """Writes until nothing new is wanted; whatever happens meanwhile is written at once after it."""
        while True:
            with self._lock:
                wanted, self._wanted = self._wanted, None
                if wanted is None:
                    self._writing = None
                    return
            try:
                self._bring_to(wanted)
            except Exception as error:  # noqa: BLE001 - a database may raise anything; the conversation goes on
                # Not the error's own words: they may hold the database's address, and with it a password.
                _log.warning("A chat history could not be written (%s).", type(error).__name__)
                shared_worker().call_soon(
                    self._on_failure,
                    f"The conversation could not be written to its history ({type(error).__name__}): "
                    "it is tried again after the next answer.",
                )

    def _bring_to(self, wanted: list[BaseMessage]) -> None:
        if _said(wanted[: len(self._written)]) != _said(self._written):
            self._history.clear()
            self._written = []
        if more := wanted[len(self._written) :]:
            self._history.add_messages(more)
        self._written = wanted


def _said(messages: Sequence[BaseMessage]) -> list[tuple[str, object]]:
    """What counts when two conversations are compared; what an answer cost is known later, and changes nothing."""
    return [(message.type, message.content) for message in messages]
