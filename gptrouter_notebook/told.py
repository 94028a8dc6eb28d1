"""What models are told of a conversation. The messages of a turn are made once: a long one has thousands of them."""

from __future__ import annotations

from itertools import chain, takewhile
from typing import TYPE_CHECKING

from langchain_core.messages import SystemMessage

from gptrouter_notebook.conversation import turn_messages
from gptrouter_notebook.per_turn import PerTurn

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage

    from gptrouter_notebook.conversation import Conversation, Turn

__all__ = ["Told"]


class Told:
    """Tells it again and again as it grows. The messages are the same objects every time: read them only."""

    def __init__(self) -> None:
        self._messages = PerTurn(lambda turn, _: turn_messages(turn))

    def messages(self, conversation: Conversation, before: Turn | None = None) -> list[BaseMessage]:
        """As `Conversation.messages`."""
        path = takewhile(lambda turn: turn is not before, conversation)
        return list(chain.from_iterable(self._messages.of(path, conversation)))

    def request(self, conversation: Conversation, turn: Turn, system_prompt: str | None) -> list[BaseMessage]:
        """What is sent for a turn: the system prompt, what was said before it, and its question."""
        head: list[BaseMessage] = [SystemMessage(system_prompt)] if system_prompt else []
        return [*head, *self.messages(conversation, before=turn), turn.question.message()]
