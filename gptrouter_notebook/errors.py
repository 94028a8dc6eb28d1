"""What can go wrong, named after what the reader can do about it.

The tree::

    GPTRouterError
    ├── ConfigurationError   no key, a refused key, a wrong address: change a setting
    ├── InvalidRequest       the gateway or every model refused the request itself: change the request
    ├── ModelNotFound        a name the gateway does not know: correct the list
    ├── RateLimited          the key's allowance is used up: wait, or use another key
    ├── GatewayUnreachable   nobody answers at the address: check the network, try again
    ├── NoModelAvailable     every model was skipped or failed: change the list, try again
    └── StreamInterrupted    an answer broke off after text was handed out: `partial` has the text

Messages are one sentence for the person who reads them and never hold the key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "ConfigurationError",
    "GPTRouterError",
    "GatewayUnreachable",
    "InvalidRequest",
    "ModelNotFound",
    "NoModelAvailable",
    "RateLimited",
    "StreamInterrupted",
]


class GPTRouterError(Exception):
    """Anything that went wrong between you, the gateway and the models.

    Args:
        message: One sentence: what happened, to which model, what to do next.
        model: The model concerned as `"provider/name"`, or None.
        status: The HTTP status the gateway answered with, or None.
        cause: The gateway's or the provider's own words, or None.
        route: Who was asked so far, as dicts like those of `response_metadata["route"]`.
    """

    def __init__(
        self,
        message: str,
        *,
        model: str | None = None,
        status: int | None = None,
        cause: str | None = None,
        route: Sequence[dict[str, Any]] = (),
    ) -> None:
        super().__init__(message)
        self.message = message
        self.model = model
        self.status = status
        self.cause = cause
        self.route = list(route)

    def __reduce__(self) -> tuple[Any, ...]:
        # Exceptions are pickled by their args alone; ours carry keywords that a Dask worker must bring home.
        # What a notebook hung on it to show it shortly cannot travel and is not part of it.
        return _revive, (type(self), {k: v for k, v in self.__dict__.items() if k != "_render_traceback_"})


class ConfigurationError(GPTRouterError):
    """The key is missing or refused, or the address is not a GPTRouter gateway's."""


class InvalidRequest(GPTRouterError):
    """The request itself was refused; asking again unchanged cannot help."""


class ModelNotFound(GPTRouterError):
    """The gateway does not know a model or a provider of the priority list."""


class RateLimited(GPTRouterError):
    """The key has used up its allowance at the gateway.

    Args:
        message: One sentence.
        retry_after_s: Seconds until the gateway will answer this key again, or None if it did not say.
        **details: As for `GPTRouterError`.
    """

    def __init__(self, message: str, *, retry_after_s: float | None = None, **details: Any) -> None:
        super().__init__(message, **details)
        self.retry_after_s = retry_after_s


class GatewayUnreachable(GPTRouterError):
    """Nobody answered at the gateway's address, or the connection broke before an answer began."""


class NoModelAvailable(GPTRouterError):
    """No model of the list answered: each was skipped by the gateway or failed."""


class StreamInterrupted(GPTRouterError):
    """An answer broke off after some of it had been handed out.

    Args:
        message: One sentence.
        partial: The text handed out so far.
        remaining: The models of the list after the one that broke off, in order; they were not asked.
        **details: As for `GPTRouterError`.
    """

    def __init__(self, message: str, *, partial: str = "", remaining: Sequence[Any] = (), **details: Any) -> None:
        super().__init__(message, **details)
        self.partial = partial
        self.remaining = list(remaining)


def _revive(kind: type[GPTRouterError], state: dict[str, Any]) -> GPTRouterError:
    error = kind.__new__(kind, state["message"])
    error.__dict__.update(state)
    return error
