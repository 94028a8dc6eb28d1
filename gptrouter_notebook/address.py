"""A gateway's address, as people write it and as it is used."""

from __future__ import annotations

import httpx

from gptrouter_notebook.errors import ConfigurationError

__all__ = ["base_url", "shown"]


def base_url(url: str) -> str:
    """The address without a slash, `/api` or `/api/v1` at its end.

    Raises:
        ConfigurationError: It is not an http(s) URL.
    """
    trimmed = url.strip().rstrip("/")
    for suffix in ("/v1", "/api"):
        trimmed = trimmed.removesuffix(suffix).rstrip("/")
    try:
        parsed = httpx.URL(trimmed)
        # Python itself looks names up in this encoding, and fails in its own way where they have none.
        usable = parsed.scheme in {"http", "https"} and bool(parsed.raw_host.decode("ascii").encode("idna"))
    except (httpx.InvalidURL, UnicodeError):
        usable = False
    if not usable:
        raise ConfigurationError(
            f"{url!r} is not the address of a gateway: write it as in http://127.0.0.1:8000 "
            "(GPT_ROUTER_API_BASE, or gpt_router_api_base=)."
        )
    return trimmed


def shown(url: str) -> str:
    """The address as it may be printed: without a user name and password."""
    parsed = httpx.URL(url)
    return str(parsed.copy_with(userinfo=b"")) if parsed.userinfo else url
