"""How patiently a provider is asked: time-outs, attempts, pauses, how many at a time."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar
from weakref import WeakKeyDictionary

from polymem.errors import ConfigError, PolymemError, RateLimitError
from polymem.models.failures import Failure, failure_of

__all__ = ["Patience", "Turnstile"]

T = TypeVar("T")


@dataclass(frozen=True)
class Patience:
    """Limits of patience.

    Attributes:
        timeout_s: Longest wait for one answer, in seconds.
        attempts: How often a request is sent when the provider is busy, fails or cannot be reached. A request that
            was not answered in time is not sent again here.
        backoff_s: Seconds before the second attempt; doubled with each further one, less up to half at random.
        max_wait_s: Longest pause. Where a provider asks for a longer one, nobody asks it again before it is over.
        concurrency: Most requests at a time (in one event loop).

    Raises:
        ConfigError: A value cannot be used.
    """

    timeout_s: float = 60.0
    attempts: int = 4
    backoff_s: float = 0.5
    max_wait_s: float = 60.0
    concurrency: int = 8

    def __post_init__(self) -> None:
        """Check the values."""
        lowest = {"timeout_s": 0.001, "attempts": 1, "backoff_s": 0, "max_wait_s": 0, "concurrency": 1}
        for name, least in lowest.items():
            if not getattr(self, name) >= least:
                raise ConfigError(f"{name} must be at least {least}", setting=name)


@dataclass
class Turnstile:
    """Lets requests through to one provider.

    Usable from any number of event loops, one after the other or in several threads.

    Args:
        patience: Its limits.
        model: Name for errors.
        key: The key, which no error shows.
    """

    patience: Patience
    model: str
    key: str | None = field(default=None, repr=False)
    _not_before: float = field(default=0.0, init=False, repr=False)
    _gates: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = field(
        default_factory=WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore],
        init=False,
        repr=False,
    )

    async def ask(self, request: Callable[[], Awaitable[T]]) -> T:
        """Send a request until it is answered.

        Args:
            request: Sends it once.

        Raises:
            ModelTimeoutError: No answer in time.
            RateLimitError: The provider asks to wait longer than `max_wait_s`, or for the last time.
            RefusalError: The provider's filter declined.
            InvalidOutputError: What it sent cannot be read.
            ModelError: It failed, or cannot be reached, for the last time.
        """
        attempt = 1
        while True:
            await self._wait_for_the_limit(attempts=attempt - 1)
            answer, failure = await self._attempt(request)
            if failure is None:
                return answer[0]
            pause_s = self._pause_s(failure, attempt=attempt)
            if pause_s is None:
                # Outside of the handler, so that no context holds what was sent.
                raise failure.error(model=self.model, attempts=attempt)
            await asyncio.sleep(pause_s)
            attempt += 1

    async def follow(self, begin: Callable[[], AsyncGenerator[T]]) -> AsyncGenerator[T]:
        """Send a request until the first piece of its answer comes, and hand on piece after piece.

        Args:
            begin: Sends it once.

        Raises:
            ModelTimeoutError: A piece did not come in time.
            ModelError: As :meth:`ask`; once a piece was handed on, nothing is sent again.
        """
        attempt = 1
        while True:
            await self._wait_for_the_limit(attempts=attempt - 1)
            failure, begun, pieces = None, False, begin()
            async with self._gate():
                try:
                    while True:
                        async with asyncio.timeout(self.patience.timeout_s):
                            piece = await anext(pieces)
                        begun = True
                        yield piece
                except StopAsyncIteration:
                    return
                except PolymemError:
                    raise
                except Exception as error:
                    failure = failure_of(error, key=self.key)
                finally:
                    await pieces.aclose()
            pause_s = None if begun else self._pause_s(failure, attempt=attempt)
            if pause_s is None:
                raise failure.error(model=self.model, attempts=attempt)
            await asyncio.sleep(pause_s)
            attempt += 1

    async def _attempt(self, request: Callable[[], Awaitable[T]]) -> tuple[tuple[T, ...], Failure | None]:
        try:
            async with self._gate(), asyncio.timeout(self.patience.timeout_s):
                return (await request(),), None
        except PolymemError:
            raise
        except Exception as error:
            return (), failure_of(error, key=self.key)

    def _gate(self) -> asyncio.Semaphore:
        loop = asyncio.get_running_loop()
        gate = self._gates.get(loop)
        if gate is None:
            gate = self._gates[loop] = asyncio.Semaphore(self.patience.concurrency)
        return gate

    async def _wait_for_the_limit(self, *, attempts: int) -> None:
        """Wait out the pause that the provider asked one of the requests for."""
        left_s = self._not_before - time.monotonic()
        if left_s > self.patience.max_wait_s:
            raise RateLimitError(
                f"{self.model!r} asks to wait {left_s:.0f} s more",
                model=self.model,
                attempts=attempts,
                retry_after_s=left_s,
            )
        if left_s > 0:
            await asyncio.sleep(left_s)

    def _pause_s(self, failure: Failure, *, attempt: int) -> float | None:
        """Seconds until the next attempt; None if there is to be none."""
        asked_s = failure.retry_after_s
        if asked_s is not None and failure.again:
            self._not_before = max(self._not_before, time.monotonic() + asked_s)
        if not failure.again or attempt >= self.patience.attempts:
            return None
        if asked_s is not None:
            return asked_s if asked_s <= self.patience.max_wait_s else None
        jitter = random.uniform(0.5, 1.0)  # noqa: S311 - spreads clients, guards nothing
        return min(self.patience.backoff_s * 2.0 ** (attempt - 1) * jitter, self.patience.max_wait_s)
