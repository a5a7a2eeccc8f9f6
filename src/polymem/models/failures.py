"""What went wrong at a provider, read from the library's exceptions without a word of what was sent or received."""

from __future__ import annotations

import re
from collections.abc import Mapping
from json import JSONDecodeError
from typing import Any, Final, cast

from polymem.domain.slotted import dataclass
from polymem.errors import (
    InvalidOutputError,
    ModelError,
    ModelTimeoutError,
    RateLimitError,
    RefusalError,
)

__all__ = ["Failure", "failure_of"]

_WORTH_ANOTHER_TRY: Final = frozenset((408, 409, 429, 500, 502, 503, 504, 529))
_CODE: Final = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,47}")
_SECONDS: Final[Mapping[str, float]] = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_RESETS: Final = (
    "x-ratelimit-reset-requests",
    "x-ratelimit-reset-tokens",
    "x-ratelimit-reset",
)
_TOO_MANY: Final = 429
_TRANSPORTS: Final = frozenset(("httpx", "httpx2", "httpcore", "httpcore2", "anyio", "h11"))
_READERS: Final = frozenset(
    ("pydantic", "pydantic_core", "openai", "anthropic", "groq", "google", "mistralai")
)


@dataclass(frozen=True, slots=True)
class Failure:
    """One failed attempt.

    Attributes:
        kind: The error that it becomes.
        reason: A few words of ours.
        again: Whether another attempt may succeed.
        status: Status of the answer, None where there was none.
        code: The provider's word for it, None where it gave none that can be shown.
        retry_after_s: How long the provider asks to wait, in seconds.
    """

    kind: type[ModelError]
    reason: str
    again: bool = False
    status: int | None = None
    code: str | None = None
    retry_after_s: float | None = None

    def error(self, *, model: str, attempts: int) -> ModelError:
        """Return the error, without a cause: the library's exceptions hold what was sent."""
        told = f"answered {self.status}" if self.status is not None else self.reason
        code = f" ({self.code})" if self.code else ""
        return self.kind(
            f"{model!r} {told}{code} in attempt {attempts}",
            model=model,
            status=self.status,
            code=self.code,
            attempts=attempts,
            retry_after_s=self.retry_after_s,
        )


def failure_of(error: Exception, *, key: str | None) -> Failure:
    """Read an exception of the library, or of what it stands on.

    Args:
        error: What was raised.
        key: The key, which must not be shown whatever the provider says.
    """
    from pydantic_ai import exceptions as library

    if isinstance(error, library.ContentFilterError):
        return Failure(RefusalError, "declined to answer")
    if isinstance(error, library.UnexpectedModelBehavior):
        return Failure(InvalidOutputError, "sent an answer that cannot be read")
    if isinstance(error, library.ModelAPIError):
        return _api_failure(error, key=key)
    if isinstance(error, library.UserError):
        return Failure(ModelError, "cannot be asked in this way")
    if isinstance(error, TimeoutError):
        return Failure(ModelTimeoutError, "did not answer in time")
    return _transport_failure(error)


def _transport_failure(error: Exception) -> Failure:
    """Read what some of the providers' libraries let through: errors of the connection, and answers that are no JSON."""
    package = type(error).__module__.partition(".")[0]
    if isinstance(error, OSError) or package in _TRANSPORTS:
        if "Timeout" in type(error).__name__ and "Connect" not in type(error).__name__:
            return Failure(ModelTimeoutError, "did not answer in time")
        return Failure(ModelError, "cannot be reached", again=True)
    if isinstance(error, (JSONDecodeError, UnicodeDecodeError)) or package in _READERS:
        return Failure(InvalidOutputError, "sent an answer that cannot be read")
    return Failure(ModelError, f"cannot be asked: {type(error).__name__}")


def _api_failure(error: Any, *, key: str | None) -> Failure:
    from pydantic_ai import exceptions as library

    status: int | None = getattr(error, "status_code", None)
    code = _shown(error.provider_error_code, key=key) or _shown(error.provider_error_type, key=key)
    wait_s: float | None = error.retry_after
    if wait_s is None:
        wait_s = _reset_s(getattr(error, "headers", None))
    if isinstance(error, library.ModelTimeoutError | library.ModelRequestTimeout):
        if getattr(error, "phase", None) == "connect":
            return Failure(ModelError, "cannot be reached", again=True)
        return Failure(ModelTimeoutError, "did not answer in time")
    if isinstance(error, library.ModelQuotaExceededError):
        return Failure(
            RateLimitError, "has used up its quota", status=status, code=code, retry_after_s=wait_s
        )
    if isinstance(error, library.ModelRateLimitError) or status == _TOO_MANY:
        return Failure(
            RateLimitError, "asks to wait", again=True, status=status, code=code, retry_after_s=wait_s
        )
    if isinstance(error, library.ModelConnectionError):
        return Failure(ModelError, "cannot be reached", again=True)
    if status is None and code is None and isinstance(error.__cause__, ValueError):
        return Failure(InvalidOutputError, "sent an answer that cannot be read")
    again = status in _WORTH_ANOTHER_TRY or isinstance(
        error, library.ModelUnavailableError | library.ModelServerError
    )
    return Failure(ModelError, "failed", again=again, status=status, code=code, retry_after_s=wait_s)


def _shown(code: object, *, key: str | None) -> str | None:
    """Return a provider's code if it is one: prose may quote the texts or the key."""
    if not isinstance(code, str) or not _CODE.fullmatch(code):
        return None
    return None if key is not None and (key in code or code in key) else code


def _reset_s(headers: object) -> float | None:
    """Read when a rate limit ends ("1.5s", "6m0s", "20ms", or seconds) from the headers of an answer."""
    if not isinstance(headers, Mapping):
        return None
    given = cast("Mapping[str, str]", headers)
    waits = [_duration_s(given[name]) for name in _RESETS if name in given]
    known = [wait for wait in waits if wait is not None]
    return max(known) if known else None


def _duration_s(text: str) -> float | None:
    parts = re.findall(r"(\d+(?:\.\d+)?)(ms|s|m|h)?", text.strip())
    if not parts or "".join(number + unit for number, unit in parts) != text.strip():
        return None
    return sum(float(number) * _SECONDS[unit or "s"] for number, unit in parts)
