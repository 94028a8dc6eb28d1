"""`GatewayClient`: every call of a GPTRouter gateway, sync and async, over the process's pooled connections.

Here bytes meet the network and nothing is decided: what is sent is in `wire` and `calls`, what a stream says in
`sse`, what a refusal means in `refusals`. Retries happen before the first byte of an answer only.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import time
from typing import TYPE_CHECKING, Any, TypeVar

import httpx

from gptrouter_notebook import address, pool, refusals
from gptrouter_notebook.auth import GatewayAuth, Secret
from gptrouter_notebook.client_calls import GatewayCalls
from gptrouter_notebook.errors import GatewayUnreachable, GPTRouterError, RateLimited, StreamInterrupted
from gptrouter_notebook.sse import EventDecoder, Unknown
from gptrouter_notebook.timeout import Deadline, Timeout
from gptrouter_notebook.wire import Allowance, GenerateRequest

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Generator, Iterator

    from gptrouter_notebook.calls import Call
    from gptrouter_notebook.sse import StreamEvent

__all__ = ["BASE_VARIABLE", "DEFAULT_BASE_URL", "GatewayClient", "Timeout"]

BASE_VARIABLE = "GPT_ROUTER_API_BASE"
DEFAULT_BASE_URL = "https://gpt-router-preview.writesonic.com"
"""The public preview gateway, where LangChain's guide for GPTRouter points too."""

_BODY_LIMIT = 64 * 1024 * 1024
_FIRST_WAIT_S = 0.5
_LONGEST_BACKOFF_S = 8.0

T = TypeVar("T")


class GatewayClient(GatewayCalls):
    """A GPTRouter gateway. Cheap to make: connections belong to the process and are shared.

    Every call has an async twin with an `a` in front: `models()` and `amodels()`.

    Args:
        base_url: The gateway's address, with or without a slash or `/api` at the end. Default: the environment
            variable `GPT_ROUTER_API_BASE`, else the public preview gateway.
        key: The key. Default: the environment variable `GPT_ROUTER_API_KEY`, read at the first call.
        timeout: Seconds of silence (default 60), a pair (connect, read), or a `Timeout`.
        max_retries: How often a gateway out of reach is asked again, with growing, jittered waits.

    Raises:
        ConfigurationError: The address is not an http(s) URL.

    Example:
        >>> GatewayClient("http://127.0.0.1:8000/api/", key="secret")
        GatewayClient('http://127.0.0.1:8000')
    """

    def __init__(
        self,
        base_url: str | None = None,
        key: str | Secret | None = None,
        *,
        timeout: float | tuple[float | None, float | None] | Timeout | None = Timeout(),  # noqa: B008 - frozen
        max_retries: int = 2,
    ) -> None:
        self._secret = key if isinstance(key, Secret) or key is None else Secret(key)
        del key  # a traceback that prints variables is not to find it
        self.base_url = address.base_url(base_url or os.environ.get(BASE_VARIABLE) or DEFAULT_BASE_URL)
        self.timeout = Timeout.of(timeout)
        self.max_retries = max_retries
        self.allowance: Allowance | None = None
        """How many calls the key had left when the gateway last said; None for a key without a limit."""
        self.shown_url = address.shown(self.base_url)
        """The address as it may be printed: without a user name and password."""

    def __repr__(self) -> str:
        return f"GatewayClient({getattr(self, 'shown_url', None)!r})"

    # What the model object, the panel and the magics live on.

    def stream(self, request: GenerateRequest) -> Generator[StreamEvent]:
        """Asks for an answer and yields its events as they come; the last is `End` or a `StreamError`.

        Close the generator to close the connection.

        Args:
            request: Models, messages and parameters.

        Raises:
            StreamInterrupted: The connection broke, or was silent too long, before the end event.
            GPTRouterError: The gateway refused, or is out of reach.
        """
        deadline = Deadline(self.timeout)
        response = self._open("POST", "/api/v1/generate", request.to_json(), {}, deadline)
        decoder = EventDecoder()
        fault: Exception | None = None
        try:
            for data in response.iter_bytes():
                events = decoder.feed(data)
                yield from events
                deadline.check(heard=any(type(event) is not Unknown for event in events))
        except (httpx.HTTPError, httpx.StreamError, ValueError, TimeoutError) as error:
            fault = error
        finally:
            response.close()
        if not decoder.whole:
            raise self._interrupted(fault)

    async def astream(self, request: GenerateRequest) -> AsyncGenerator[StreamEvent]:
        """The async twin of `stream`; cancelling the task, too, closes the connection at once."""
        deadline = Deadline(self.timeout)
        response = await self._aopen("POST", "/api/v1/generate", request.to_json(), {}, deadline)
        decoder = EventDecoder()
        fault: Exception | None = None
        try:
            async for data in response.aiter_bytes():
                events = decoder.feed(data)
                for event in events:
                    yield event
                deadline.check(heard=any(type(event) is not Unknown for event in events))
        except (httpx.HTTPError, httpx.StreamError, ValueError, TimeoutError) as error:
            fault = error
        finally:
            await response.aclose()
        if not decoder.whole:
            raise self._interrupted(fault)

    def run(self, call: Call[T]) -> T:
        """Carries out any call of `calls` and returns its reply, read.

        Raises:
            StreamInterrupted: The reply broke off, or the gateway was silent too long.
            GPTRouterError: The gateway refused, or is out of reach.
        """
        deadline = Deadline(self.timeout)
        response = self._open(call.method, call.path, call.body, call.query, deadline, is_open=call.is_open)
        fault: Exception | None = None
        try:
            body = _limited(response.iter_bytes(), deadline)
        except (httpx.HTTPError, ValueError, TimeoutError) as error:
            fault = error
        finally:
            response.close()
        if fault is not None:
            raise self._interrupted(fault)
        return call.read(self._json(body, response))

    async def arun(self, call: Call[T]) -> T:
        """The async twin of `run`."""
        deadline = Deadline(self.timeout)
        response = await self._aopen(call.method, call.path, call.body, call.query, deadline, is_open=call.is_open)
        fault: Exception | None = None
        try:
            body = await _alimited(response.aiter_bytes(), deadline)
        except (httpx.HTTPError, ValueError, TimeoutError) as error:
            fault = error
        finally:
            await response.aclose()
        if fault is not None:
            raise self._interrupted(fault)
        return call.read(self._json(body, response))

    # Opening a reply: the two loops differ in their awaits only.

    def _open(
        self, method: str, path: str, body: Any, query: Any, deadline: Deadline, *, is_open: bool = False
    ) -> httpx.Response:
        http = pool.client()
        request = self._request(http, method, path, body, query)
        auth = None if is_open else self._auth()
        attempt = 0
        while True:
            try:
                response = http.send(request, auth=auth, stream=True)
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                refused = self._unreachable(error)
            else:
                if self._accepts(response):
                    deadline.heard()
                    return response
                refused = self._refusal(response, _read_some(response, deadline), path)
            wait_s = self._wait_s(attempt, refused, deadline)
            if wait_s is None:
                raise refused
            time.sleep(wait_s)
            attempt += 1

    async def _aopen(
        self, method: str, path: str, body: Any, query: Any, deadline: Deadline, *, is_open: bool = False
    ) -> httpx.Response:
        http = await pool.async_client()
        request = self._request(http, method, path, body, query)
        auth = None if is_open else self._auth()
        attempt = 0
        while True:
            try:
                response = await http.send(request, auth=auth, stream=True)
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                refused = self._unreachable(error)
            else:
                if self._accepts(response):
                    deadline.heard()
                    return response
                refused = self._refusal(response, await _aread_some(response, deadline), path)
            wait_s = self._wait_s(attempt, refused, deadline)
            if wait_s is None:
                raise refused
            await asyncio.sleep(wait_s)
            attempt += 1

    def _request(
        self, http: httpx.Client | httpx.AsyncClient, method: str, path: str, body: Any, query: Any
    ) -> httpx.Request:
        # Without a body there must be no content type either [07]; and the gateway sends UTF-8 unescaped, so we do.
        content = None if body is None else json.dumps(body, ensure_ascii=False, separators=(",", ":"), default=str)
        return http.build_request(
            method,
            self.base_url + path,
            params=query or None,
            content=None if content is None else content.encode("utf-8", "replace"),
            headers={"accept": "text/event-stream, application/json"}
            | ({} if content is None else {"content-type": "application/json"}),
            timeout=self.timeout.for_httpx(),
        )

    def _auth(self) -> GatewayAuth:
        if self._secret is None:
            self._secret = Secret.from_environment()
        if self._secret is None:
            raise refusals.missing_key()
        return GatewayAuth(self._secret.checked())

    # What came back.

    def _accepts(self, response: httpx.Response) -> bool:
        self.allowance = Allowance.from_headers(response.headers) or self.allowance
        if not response.is_success:
            return False
        kind = response.headers.get("content-type", "").partition(";")[0]
        return kind in {"text/event-stream", "application/json"} or response.status_code == httpx.codes.NO_CONTENT

    def _refusal(self, response: httpx.Response, body: bytes, path: str) -> GPTRouterError:
        return refusals.refusal(response.status_code, response.headers, body, base_url=self.shown_url, path=path)

    def _json(self, body: bytes, response: httpx.Response) -> Any:
        if not body:
            return None
        try:
            return json.loads(body)
        except (ValueError, RecursionError):
            pass
        raise refusals.not_a_gateway(self.shown_url, f"a reply that is not JSON (status {response.status_code})")

    def _unreachable(self, error: Exception) -> GPTRouterError:
        if isinstance(error, httpx.ReadTimeout):
            silence_s = self.timeout.for_httpx().read
            return GatewayUnreachable(
                f"The gateway at {self.shown_url} was silent for {silence_s:g} s: "
                "give it a longer timeout, or ask whoever runs it.",
                cause="timeout",
            )
        return GatewayUnreachable(
            f"No gateway can be reached at {self.shown_url} ({_plainly(error)}): check the address in "
            f"{BASE_VARIABLE} and the network, or run `%gptrouter demo` for a demo gateway.",
            cause=_plainly(error),
        )

    def _interrupted(self, fault: Exception | None) -> StreamInterrupted:
        if isinstance(fault, httpx.TimeoutException):
            cause = f"nothing came for {self.timeout.for_httpx().read:g} s"
        elif fault is None:
            cause = "the connection closed before the end of the answer"
        else:
            cause = _plainly(fault)
        return StreamInterrupted(f"The answer from {self.shown_url} broke off: {cause}.", cause=cause)

    def _wait_s(self, attempt: int, refused: GPTRouterError, deadline: Deadline) -> float | None:
        """Seconds to wait before asking again, or None when asking again is no use."""
        if attempt >= self.max_retries:
            return None
        if isinstance(refused, RateLimited):
            # The key's own limit is waited out only if the gateway says that it is a matter of seconds.
            wait_s = refused.retry_after_s
            if wait_s is None or wait_s > refusals.LONGEST_WAIT_S:
                return None
        elif isinstance(refused, GatewayUnreachable) and refused.cause != "timeout":
            wait_s = min(_LONGEST_BACKOFF_S, _FIRST_WAIT_S * 2**attempt) * random.uniform(0.5, 1.0)  # noqa: S311 - jitter
        else:
            return None
        return wait_s if deadline.allows(wait_s) else None


def _plainly(error: Exception) -> str:
    """The cause in a few words, without addresses of objects or modules of ours."""
    words = str(error).strip().rstrip(".")
    if isinstance(error, httpx.ConnectTimeout):
        return "it took too long to connect"
    if isinstance(error, httpx.RemoteProtocolError):
        return "the connection broke"
    return words or {"ReadError": "the connection was reset"}.get(type(error).__name__, "the connection failed")


def _limited(pieces: Iterator[bytes], deadline: Deadline) -> bytes:
    body = bytearray()
    for piece in pieces:
        body += piece
        deadline.check()
        if len(body) > _BODY_LIMIT:
            raise ValueError(f"the reply is longer than {_BODY_LIMIT // 2**20} MiB")
    return bytes(body)


async def _alimited(pieces: AsyncIterator[bytes], deadline: Deadline) -> bytes:
    body = bytearray()
    async for piece in pieces:
        body += piece
        deadline.check()
        if len(body) > _BODY_LIMIT:
            raise ValueError(f"the reply is longer than {_BODY_LIMIT // 2**20} MiB")
    return bytes(body)


def _read_some(response: httpx.Response, deadline: Deadline) -> bytes:
    """A refusal's body, as far as it comes: its cause is worth having, but not another fault."""
    try:
        return _limited(response.iter_bytes(), deadline)
    except (httpx.HTTPError, ValueError, TimeoutError):
        return b""
    finally:
        response.close()


async def _aread_some(response: httpx.Response, deadline: Deadline) -> bytes:
    try:
        return await _alimited(response.aiter_bytes(), deadline)
    except (httpx.HTTPError, ValueError, TimeoutError):
        return b""
    finally:
        await response.aclose()
