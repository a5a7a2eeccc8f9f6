"""JSON over HTTP to a model's server, with the standard library alone."""

from __future__ import annotations

import asyncio
import json
import random
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from typing import Any, Final
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, OpenerDirector, Request, build_opener

from polymem.errors import ConfigError, InvalidOutputError, ModelError, ModelTimeoutError, RateLimitError

__all__ = ["Endpoint"]

_WORTH_ANOTHER_TRY: Final = frozenset({408, 429, 500, 502, 503, 504, 529})
_UNREACHABLE: Final = 0
_MAX_REPLY_BYTES: Final = 1 << 28
_CHUNK_BYTES: Final = 1 << 16
_CODE: Final = re.compile(r"[A-Za-z0-9_.-]{1,64}")


class _NoRedirect(HTTPRedirectHandler):
    """Treat a redirect as the error it is: urllib would turn the POST into a GET."""

    def redirect_request(self, *_args: Any, **_kwargs: Any) -> None:
        """Follow none."""


@dataclass(frozen=True, slots=True)
class _Reply:
    status: int
    body: bytes = field(repr=False)
    retry_after: str | None = None


@dataclass(frozen=True)
class Endpoint:
    """Where a model's server is and how patiently it is asked.

    Proxies are taken from where :mod:`urllib.request` takes them. Redirects are refused, since the key
    would travel along. Neither the key nor what is sent or received gets into an error or a representation.

    Attributes:
        base_url: ``http`` or ``https`` address that the paths are appended to, usually ending in ``/v1``.
        api_key: Sent as a bearer token; None for servers that want none.
        timeout_s: Seconds to wait for a connection, and for the whole of an answer.
        max_attempts: How often a request is sent when the server is busy, fails or cannot be reached. A
            timeout is not tried again here.
        backoff_s: Seconds before the second attempt; doubled with each further one, less up to half at random.
        max_wait_s: Longest pause. A server that asks for a longer one is not asked again.

    Raises:
        ConfigError: A value cannot be used.

    Example:
        >>> Endpoint("http://localhost:8080/v1/", api_key="secret")
        Endpoint(base_url='http://localhost:8080/v1', timeout_s=30.0, max_attempts=4, backoff_s=0.5, max_wait_s=60.0)
    """

    base_url: str = "https://api.openai.com/v1"
    api_key: str | None = field(default=None, repr=False, kw_only=True)
    timeout_s: float = field(default=30.0, kw_only=True)
    max_attempts: int = field(default=4, kw_only=True)
    backoff_s: float = field(default=0.5, kw_only=True)
    max_wait_s: float = field(default=60.0, kw_only=True)
    _opener: OpenerDirector = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Check the values."""
        parts = urlsplit(self.base_url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ConfigError("base_url must be an http or https address", setting="base_url")
        if parts.username or parts.password or parts.query or parts.fragment:
            raise ConfigError("base_url must have no user, password, query or fragment", setting="base_url")
        # A stray line break would make http.client quote the whole header in its error.
        if self.api_key is not None and not re.fullmatch("[!-~]+", self.api_key):
            raise ConfigError("api_key must be printable ASCII without spaces", setting="api_key")
        for name, lowest in (("timeout_s", 0.001), ("max_attempts", 1), ("backoff_s", 0), ("max_wait_s", 0)):
            if not getattr(self, name) >= lowest:
                raise ConfigError(f"{name} must be at least {lowest}", setting=name)
        object.__setattr__(self, "base_url", self.base_url.rstrip("/"))
        object.__setattr__(self, "_opener", build_opener(_NoRedirect))

    async def post(
        self, path: str, body: Mapping[str, Any], *, failure: type[ModelError] = ModelError
    ) -> Any:
        """Send a JSON body and return the JSON of the answer.

        Args:
            path: Appended to `base_url`, with a leading slash.
            body: What is sent.
            failure: The error for refusals, server errors and connections that cannot be made.

        Returns:
            The decoded answer of status 200.

        Raises:
            ModelTimeoutError: No whole answer within `timeout_s`.
            RateLimitError: Status 429 until the attempts were used up; ``retry_after_s`` may be set.
            InvalidOutputError: The answer is not JSON.
            ModelError: Anything else, as `failure`, with ``status`` (None when unreachable) and ``code``.
        """
        payload = json.dumps(body).encode()
        attempt = 1
        while True:
            reply = await asyncio.to_thread(self._send, path, payload)
            if reply.status == 200:
                return self._decoded(reply.body)
            pause_s = self._pause_s(reply, attempt=attempt)
            if pause_s is None:
                raise self._error(reply, failure=failure, attempts=attempt)
            await asyncio.sleep(pause_s)
            attempt += 1

    def _send(self, path: str, payload: bytes) -> _Reply:
        """Make one attempt, in a thread."""
        request = Request(self.base_url + path, data=payload, method="POST")  # noqa: S310 - checked above
        request.add_header("Content-Type", "application/json")
        # Some gateways turn away what urllib calls itself.
        request.add_header("User-Agent", "polymem")
        if self.api_key is not None:
            request.add_unredirected_header("Authorization", f"Bearer {self.api_key}")
        deadline = time.monotonic() + self.timeout_s
        try:
            with self._opener.open(request, timeout=self.timeout_s) as response:
                return _Reply(response.status, self._read(response, deadline=deadline))
        except HTTPError as error:
            with error:
                return _Reply(error.code, error.read(_CHUNK_BYTES), error.headers.get("Retry-After"))
        except TimeoutError:
            raise self._timeout() from None
        except URLError as error:
            if isinstance(error.reason, TimeoutError):
                raise self._timeout() from None
            return _Reply(_UNREACHABLE, b"")
        except (OSError, HTTPException):
            return _Reply(_UNREACHABLE, b"")

    def _read(self, response: Any, *, deadline: float) -> bytes:
        """Read in pieces, for urllib's own timeout begins anew with each packet."""
        pieces: list[bytes] = []
        size = 0
        while piece := response.read1(_CHUNK_BYTES):
            pieces.append(piece)
            size += len(piece)
            if time.monotonic() > deadline:
                raise TimeoutError
            if size > _MAX_REPLY_BYTES:
                raise InvalidOutputError("the model's server sent too long an answer", url=self.base_url)
        return b"".join(pieces)

    def _decoded(self, body: bytes) -> Any:
        try:
            return json.loads(body)
        except (ValueError, RecursionError):
            # Without its cause, which holds the whole answer.
            raise InvalidOutputError("the model's server did not answer in JSON", url=self.base_url) from None

    def _pause_s(self, reply: _Reply, *, attempt: int) -> float | None:
        """Seconds until the next attempt; None if there is to be none."""
        worth = reply.status == _UNREACHABLE or reply.status in _WORTH_ANOTHER_TRY
        if not worth or attempt >= self.max_attempts:
            return None
        asked_s = _retry_after_s(reply.retry_after)
        if asked_s is not None:
            return asked_s if asked_s <= self.max_wait_s else None
        jitter = random.uniform(0.5, 1.0)  # noqa: S311 - spreads clients, guards nothing
        return min(self.backoff_s * 2.0 ** (attempt - 1) * jitter, self.max_wait_s)

    def _timeout(self) -> ModelTimeoutError:
        return ModelTimeoutError(
            f"the model's server at {self.base_url!r} did not answer within {self.timeout_s} s",
            url=self.base_url,
            timeout_s=self.timeout_s,
        )

    def _error(self, reply: _Reply, *, failure: type[ModelError], attempts: int) -> ModelError:
        where = f"the model's server at {self.base_url!r}"
        if reply.status == _UNREACHABLE:
            return failure(f"{where} cannot be reached", url=self.base_url, status=None, attempts=attempts)
        code = self._code(reply.body)
        message = f"{where} answered {reply.status}{f' ({code})' if code else ''} in attempt {attempts}"
        kind = RateLimitError if reply.status == 429 else failure
        return kind(
            message,
            url=self.base_url,
            status=reply.status,
            code=code,
            attempts=attempts,
            retry_after_s=_retry_after_s(reply.retry_after),
        )

    def _code(self, body: bytes) -> str | None:
        """Read the machine-readable part of an error; its prose may quote the texts or the key."""
        try:
            error = json.loads(body)["error"]
            code = error.get("code") or error.get("type")
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return None
        if not isinstance(code, str) or not _CODE.fullmatch(code):
            return None
        return None if self.api_key is not None and self.api_key in code else code


def _retry_after_s(value: str | None) -> float | None:
    """Read ``Retry-After``, seconds or a date, as seconds from now."""
    if value is None:
        return None
    if re.fullmatch(r"\d{1,9}(\.\d+)?", value.strip(), re.ASCII):
        return float(value)
    try:
        at = parsedate_to_datetime(value)
    except (TypeError, ValueError):
        return None
    aware = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max(0.0, (aware - datetime.now(UTC)).total_seconds())
