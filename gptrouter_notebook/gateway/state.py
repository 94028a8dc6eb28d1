"""Everything one running gateway knows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gptrouter_notebook.gateway.store import HealthTable, PromptShelf, UsageTable

if TYPE_CHECKING:
    from collections import deque

    from gptrouter_notebook.gateway.catalogue import Catalogue
    from gptrouter_notebook.gateway.keys import Keys


@dataclass(slots=True)
class State:
    """What the routes share; `requests` are the generate bodies as received, newest last."""

    catalogue: Catalogue
    keys: Keys
    requests: deque[dict[str, Any]]
    health: HealthTable = field(default_factory=HealthTable)
    usage: UsageTable = field(default_factory=UsageTable)
    prompts: PromptShelf = field(default_factory=PromptShelf)
    open_streams: int = 0

    def stream_opened(self) -> None:
        """Count a client that is being streamed to."""
        self.open_streams += 1

    def stream_closed(self) -> None:
        """Count it off."""
        self.open_streams -= 1
