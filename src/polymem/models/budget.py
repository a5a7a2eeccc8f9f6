"""What may be spent on a language model."""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from collections.abc import Callable

from polymem.domain.derivation import NO_USAGE, Usage
from polymem.errors import BudgetError, ModelError
from polymem.ports.llm import JsonSchema, LanguageModel, Reply

__all__ = ["Budget", "BudgetedModel"]


class Budget:
    """Counts what a model was asked in this process, and says when it was enough.

    Calls are counted when they are made, so the limit of calls is never passed. Tokens are known once an answer
    is there: requests that are on their way when the limit is reached may pass it.

    Args:
        calls: Most calls; None for any number.
        tokens: Most tokens, read and written; None for any number.
        window_s: The limits hold for any span of so many seconds; 0 for the life of this object.
        model: Name for errors.
        clock: Seconds, ever growing.

    Example:
        >>> budget = Budget(calls=1, tokens=None, window_s=0, model="openai:gpt")
        >>> budget.begin()
        >>> budget.end(Usage(1, 100, 20))
        >>> budget.begin()
        Traceback (most recent call last):
        polymem.errors.BudgetError: the budget of 1 calls for 'openai:gpt' is used up
    """

    def __init__(
        self,
        *,
        calls: int | None,
        tokens: int | None,
        window_s: float,
        model: str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._limits = {"calls": calls, "tokens": tokens}
        self._window_s = window_s
        self._model = model
        self._clock = clock
        self._spent: deque[tuple[float, Usage]] = deque()
        self._total = NO_USAGE
        self._n_running = 0
        self._pid, self._lock = os.getpid(), threading.Lock()

    @property
    def spent(self) -> Usage:
        """What was spent in the window that ends now."""
        with self._gate():
            self._forget_old()
            return self._total

    def begin(self) -> None:
        """Claim one call.

        Raises:
            BudgetError: A limit is reached; ``error.budget`` and ``error.limit`` say which, ``error.retry_after_s``
                when there is room again (None: never).
        """
        with self._gate():
            self._forget_old()
            spent = {
                "calls": self._total.calls + self._n_running,
                "tokens": self._total.prompt_tokens + self._total.completion_tokens,
            }
            for name, limit in self._limits.items():
                if limit is not None and spent[name] >= limit:
                    raise BudgetError(
                        f"the budget of {limit} {name} for {self._model!r} is used up",
                        model=self._model,
                        budget=name,
                        limit=limit,
                        retry_after_s=self._room_in_s(),
                    )
            self._n_running += 1

    def end(self, usage: Usage) -> None:
        """Account for a call that was begun; :data:`NO_USAGE` for one that was not answered."""
        with self._gate():
            self._n_running -= 1
            if usage != NO_USAGE:
                self._total += usage
                if self._window_s:
                    self._spent.append((self._clock(), usage))

    def _gate(self) -> threading.Lock:
        if self._pid != os.getpid():
            # The lock may have been held by another thread at the moment of the fork, and its calls are not ours.
            self._pid, self._lock, self._n_running = os.getpid(), threading.Lock(), 0
        return self._lock

    def _forget_old(self) -> None:
        if not self._window_s:
            return
        begin = self._clock() - self._window_s
        while self._spent and self._spent[0][0] <= begin:
            self._spent.popleft()
        self._total = sum((usage for _, usage in self._spent), NO_USAGE)

    def _room_in_s(self) -> float | None:
        if not self._window_s or not self._spent:
            return None
        return max(0.0, self._spent[0][0] + self._window_s - self._clock())


class BudgetedModel:
    """A language model that is asked as long as a budget allows; what a failed request cost counts as far as its error says.

    Args:
        model: Any model; one that is configured keeps its budget itself.
        budget: What may be spent.
    """

    def __init__(self, model: LanguageModel, budget: Budget) -> None:
        self.model = model
        self.budget = budget

    @property
    def name(self) -> str:
        """The model's own name."""
        return self.model.name

    async def generate(
        self, prompt: str, *, system: str, schema: JsonSchema, max_tokens: int = 2_000
    ) -> Reply:
        """Answer; see :meth:`polymem.ports.llm.LanguageModel.generate`."""
        self.budget.begin()
        usage = NO_USAGE
        try:
            reply = await self.model.generate(prompt, system=system, schema=schema, max_tokens=max_tokens)
            usage = reply.usage
        except ModelError as error:
            spent = error.facts.get("usage")
            usage = spent if isinstance(spent, Usage) else NO_USAGE
            raise
        finally:
            self.budget.end(usage)
        return reply
