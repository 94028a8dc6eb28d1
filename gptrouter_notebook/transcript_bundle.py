"""A conversation in every form a saved notebook keeps of it: plain, Markdown, HTML, and as data; no Jupyter.

A display is sent whole at every change, so what was written of a turn is kept until the turn says something else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gptrouter_notebook import transcript
from gptrouter_notebook.script import Speaker, Typed, turn_lines
from gptrouter_notebook.transcript_html import TURN_RULE, lines_to_html
from gptrouter_notebook.transcript_markdown import lines_to_markdown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gptrouter_notebook.conversation import Conversation
    from gptrouter_notebook.routing import GPTRouterModel
    from gptrouter_notebook.script import Line
    from gptrouter_notebook.settings import Settings

__all__ = ["CHAT_MIME", "TranscriptBundle"]

CHAT_MIME = "application/vnd.gptrouter.chat.v1+json"
"""The conversation as data: what `transcript.to_dict` writes and `transcript.from_dict` reads."""


LARGEST_CHARACTERS = 250_000
"""Longer HTML and Markdown are not kept both: a notebook grows by each, and every viewer that knows one shows HTML."""


class TranscriptBundle:
    """Writes one conversation again and again as it grows."""

    def __init__(self) -> None:
        self._written: dict[int, tuple[list[Line], str, str]] = {}

    def write(
        self, conversation: Conversation, models: Sequence[GPTRouterModel], settings: Settings, *, mark: str = ""
    ) -> dict[str, Any]:
        """The conversation by MIME type; without Markdown when it is very long.

        Args:
            conversation: The turns; all branches are in the data, and those that are shown in the rest.
            models: The priority list.
            settings: How models are asked.
            mark: What the HTML's element is known by to the panel, which hides it while it is there itself.
        """
        path = conversation.path()
        written = {turn.id: self._turn(turn.id, list(turn_lines(turn, conversation.branch(turn)))) for turn in path}
        self._written = written
        head: list[Line] = [Speaker("System"), Typed(settings.system_prompt)] if settings.system_prompt and path else []
        markdown = [lines_to_markdown(head, pictures=False), *(markdown for _, markdown, _ in written.values())]
        html = [lines_to_html(head), *(html for _, _, html in written.values())]
        count = f"{len(path)} turn{'' if len(path) == 1 else 's'}"
        text = f'<div data-gptr-chat="{mark}">\n{TURN_RULE.join(filter(None, html))}</div>\n'
        bundle = {
            "text/plain": f"GPTRouter chat, {count}",
            "text/markdown": "\n".join(filter(None, markdown)),
            "text/html": text,
            CHAT_MIME: transcript.to_dict(conversation, models, settings),
        }
        if len(text) + len(bundle["text/markdown"]) > LARGEST_CHARACTERS:
            del bundle["text/markdown"]
        return bundle

    def _turn(self, turn: int, script: list[Line]) -> tuple[list[Line], str, str]:
        known = self._written.get(turn)
        if known is not None and known[0] == script:
            return known
        return script, lines_to_markdown(script, pictures=False), lines_to_html(script)
