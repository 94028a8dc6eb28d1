"""Talk to language models through a GPTRouter gateway from a notebook.

The names below are the package's promises. Each is imported when it is first asked for, so that `import
gptrouter_notebook` costs nothing and a program without a notebook never loads one.
"""

from __future__ import annotations

from importlib import import_module, metadata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from gptrouter_notebook.chat_model import GPTRouter
    from gptrouter_notebook.client import GatewayClient
    from gptrouter_notebook.errors import (
        ConfigurationError,
        GatewayUnreachable,
        GPTRouterError,
        InvalidRequest,
        ModelNotFound,
        NoModelAvailable,
        RateLimited,
        StreamInterrupted,
    )
    from gptrouter_notebook.routing import GPTRouterModel
    from gptrouter_notebook.widget import ChatWidget

    __version__: str

__all__ = [
    "ChatWidget",
    "ConfigurationError",
    "GPTRouter",
    "GPTRouterError",
    "GPTRouterModel",
    "GatewayClient",
    "GatewayUnreachable",
    "InvalidRequest",
    "ModelNotFound",
    "NoModelAvailable",
    "RateLimited",
    "StreamInterrupted",
    "__version__",
]

_HOMES = dict.fromkeys(__all__, "errors") | {
    "ChatWidget": "widget",
    "GPTRouter": "chat_model",
    "GPTRouterModel": "routing",
    "GatewayClient": "client",
}


def load_ipython_extension(ipython: InteractiveShell) -> None:
    """Register `%gptrouter` and `%%gptrouter`; IPython calls this on `%load_ext gptrouter_notebook`."""
    import_module("gptrouter_notebook.magics").register(ipython)


if not TYPE_CHECKING:  # a type checker would take any misspelt name for a good one

    def __getattr__(name: str) -> object:
        if name == "__version__":
            return metadata.version("gptrouter-notebook")
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*__all__, "load_ipython_extension"])
