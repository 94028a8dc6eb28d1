"""An embedded GPTRouter gateway with demo models: no key, no network, no provider.

It says on the wire what a real gateway says (gptrouter-wire.md, compared with the recorded exchanges by
`tests/gateway/test_gateway_contract.py`) and imports nothing of the client, so that no bug is shared by both ends.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gptrouter_notebook.gateway.catalogue import Catalogue, Model, Provider, demo_catalogue
    from gptrouter_notebook.gateway.server import RunningGateway, start_gateway

__all__ = ["Catalogue", "Model", "Provider", "RunningGateway", "demo_catalogue", "start_gateway"]

_HOMES = {
    "Catalogue": "catalogue",
    "Model": "catalogue",
    "Provider": "catalogue",
    "RunningGateway": "server",
    "demo_catalogue": "catalogue",
    "start_gateway": "server",
}
_EXTRA = frozenset({"starlette", "uvicorn"})


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        module = import_module(f"{__name__}.{_HOMES[name]}")
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] in _EXTRA:
            raise ImportError(
                "The embedded gateway needs two more packages: "
                "run pip install 'gptrouter-notebook[gateway]', then import it again."
            ) from None
        raise
    return getattr(module, name)


def __dir__() -> list[str]:
    return sorted(__all__)
