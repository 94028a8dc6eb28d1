"""`ModelList`: a trait that holds a priority list."""

from __future__ import annotations

from typing import Any

import traitlets

from gptrouter_notebook.routing import GPTRouterModel, as_models

__all__ = ["ModelList"]


class ModelList(traitlets.TraitType[list[GPTRouterModel], Any]):
    """A trait that holds a priority list and takes it in any of its spellings."""

    info_text = 'models, such as ["anthropic/claude-2"]'

    def validate(self, obj: Any, value: Any) -> list[GPTRouterModel]:
        """Reads the list. A TraitError would print all of the bad value; `as_models` has the better sentence."""
        del obj
        return list(as_models(value))
