"""The panel that goes on with the conversation of `%%gptrouter` cells: `%gptrouter chat`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gptrouter_notebook.widget import ChatWidget

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gptrouter_notebook.conversation import Conversation
    from gptrouter_notebook.routing import GPTRouterModel
    from gptrouter_notebook.session import Session
    from gptrouter_notebook.settings import Settings

__all__ = ["SharedPanel"]


class SharedPanel:
    """A panel whose session cells ask through, so that their answers stream in it, too.

    Args:
        conversation: What the cells said so far.
        models: Their priority list.
        settings: How they ask.
        on_models: Called with the list when somebody changes it in the panel.
    """

    def __init__(
        self,
        conversation: Conversation,
        models: Sequence[GPTRouterModel],
        settings: Settings,
        on_models: Callable[[Sequence[GPTRouterModel]], object],
    ) -> None:
        self.widget = ChatWidget(
            models_priority_list=list(models),
            system_prompt=settings.system_prompt,
            temperature=settings.temperature,
            max_tokens=settings.max_tokens,
            _conversation=conversation,
        )
        self.widget.observe(lambda change: on_models(change["new"]), "models_priority_list")

    @property
    def is_open(self) -> bool:
        """Whether nobody has closed the panel."""
        return self.widget.comm is not None

    @property
    def session(self) -> Session:
        """What panel and cells ask through."""
        return self.widget._session  # noqa: SLF001 - the two are one conversation, and nobody else's business

    def use(self, models: Sequence[GPTRouterModel]) -> None:
        """Shows this list; does nothing when it is the one on show."""
        if list(models) != self.widget.models_priority_list:
            self.widget.models_priority_list = list(models)
