"""Derivations as tasks of the handle's event loop: so many at a time, those of one session one after another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, TypeAlias

from polymem.domain.derivation import Derivation, Lease, Worked
from polymem.domain.scope import Scope
from polymem.errors import ConflictError, StoreError
from polymem.ports.event_loop import running_loop
from polymem.write.derive import Carried, Deriver

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop, Semaphore, Task, TimerHandle

__all__ = ["Pool"]

Reports: TypeAlias = Callable[[int], None]


class _Running:
    """What runs on one event loop."""

    def __init__(self, loop: AbstractEventLoop, concurrency: int) -> None:
        # Not at the top: see running_loop.
        import asyncio

        self.loop = loop
        self.slots: Semaphore = asyncio.Semaphore(concurrency)
        self.tasks: set[Task[Carried]] = set()
        self.held: dict[Task[Carried], Lease] = {}
        self.last: dict[Scope, Task[Carried]] = {}
        self.timers: set[TimerHandle] = set()
        self.finished = Worked()


class Pool:
    """Runs derivations.

    Args:
        deriver: What carries them out.
        concurrency: Most at a time.
        close_s: For how long :meth:`close` waits for what runs.
    """

    def __init__(self, deriver: Deriver, *, concurrency: int = 4, close_s: float = 5.0) -> None:
        self.deriver = deriver
        self.concurrency = concurrency
        self._close_s = close_s
        self._running: _Running | None = None
        self._closed = False

    async def carry(self, lease: Lease) -> Carried:
        """Carry out a derivation that was leased, when its turn comes; it goes on if the caller stops waiting.

        Raises:
            StoreError: The store failed; the derivation is tried again once the lease ends.
        """
        loop = running_loop()
        if loop is None:
            return await self.deriver.carry_out(lease)
        # Not at the top: see running_loop.
        import asyncio

        task = self._spawn(loop, lease.derivation, lease)
        return await asyncio.shield(task)

    def start(self, derivation: Derivation) -> None:
        """Carry out a derivation in the background, and again after each failure, until it is done or given up."""
        loop = running_loop()
        if loop is not None and not self._closed:
            task = self._spawn(loop, derivation, None)
            task.add_done_callback(self._follow)

    def _follow(self, task: Task[Carried]) -> None:
        """Look after what a task in the background came to; nobody else waits for it."""
        running = self._running
        if running is None or task.cancelled():
            return
        error = task.exception()
        if error is not None:
            # The store failed; the derivation stays in its queue.
            if not isinstance(error, StoreError):
                running.loop.call_exception_handler(
                    {"message": "a derivation failed in the background", "exception": error, "task": task}
                )
            return
        carried = task.result()
        running.finished += carried.worked
        if carried.next_at is None or carried.dead or self._closed:
            return
        pause = (carried.next_at - self.deriver.writer.clock.now()).total_seconds()
        timer: list[TimerHandle] = []

        def again() -> None:
            running.timers.difference_update(timer)
            self.start(carried.derivation)

        timer.append(running.loop.call_later(max(pause, 0.0), again))
        running.timers.update(timer)

    def _state(self, loop: AbstractEventLoop) -> _Running:
        if self._running is None or self._running.loop is not loop:
            # The first one, or one of a forked child, or of a program that runs one loop after another.
            self._running = _Running(loop, self.concurrency)
        return self._running

    def _spawn(self, loop: AbstractEventLoop, derivation: Derivation, lease: Lease | None) -> Task[Carried]:
        running = self._state(loop)
        before = running.last.get(derivation.scope)
        task = loop.create_task(self._turn(running, derivation, lease, before))
        running.last[derivation.scope] = task
        running.tasks.add(task)

        def ended(task: Task[Carried]) -> None:
            running.tasks.discard(task)
            running.held.pop(task, None)
            if running.last.get(derivation.scope) is task:
                del running.last[derivation.scope]

        task.add_done_callback(ended)
        if lease is not None:
            running.held[task] = lease
        return task

    async def _turn(
        self, running: _Running, derivation: Derivation, lease: Lease | None, before: Task[Carried] | None
    ) -> Carried:
        import asyncio

        if before is not None:
            await asyncio.wait([before])
        async with running.slots:
            if lease is None:
                lease = await self.deriver.take(derivation.id)
            if lease is None:
                return await self._left(derivation)
            current = asyncio.current_task()
            if current is not None:
                running.held[current] = lease
            return await self.deriver.carry_out(lease)

    async def _left(self, derivation: Derivation) -> Carried:
        """Say when to look again at a derivation that could not be taken, if it is there at all."""
        deriver = self.deriver
        found = await deriver.queue.pending(None, ids=[derivation.id])
        if not found or found[0].state == "dead":
            return Carried(derivation)
        soon = deriver.writer.clock.now() + timedelta(seconds=deriver.pace.lease_s)
        return Carried(derivation, next_at=max(found[0].next_at, soon))

    async def work(self, *, limit: int | None, scope: Scope | None, told: Reports) -> Worked:
        """Carry out what is due, oldest first, after what this handle has begun; return what became of it.

        Args:
            limit: Most derivations to try; None for all that are due.
            scope: Those of this scope alone; None for the whole store.
            told: Called with how many were tried, after each.

        Raises:
            StoreError: The store failed.
        """
        total = await self.settled()
        loop = running_loop()
        n_tried = 0
        tasks: set[Task[Carried]] = set()
        while True:
            room = self.concurrency - len(tasks)
            if limit is not None:
                room = min(room, limit - n_tried - len(tasks))
            leases = await self._due(room, scope)
            if loop is None:
                found: Sequence[Carried] = [await self.deriver.carry_out(lease) for lease in leases]
            else:
                tasks |= {self._spawn(loop, lease.derivation, lease) for lease in leases}
                found, tasks = await _first(tasks)
            if not found:
                return total
            for carried in found:
                n_tried += 1
                total += carried.worked
                told(n_tried)

    async def _due(self, room: int, scope: Scope | None) -> list[Lease]:
        if room <= 0:
            return []
        deriver = self.deriver
        now = deriver.writer.clock.now()
        return await deriver.queue.lease(now=now, lease_s=deriver.pace.lease_s, limit=room, scope=scope)

    async def settled(self) -> Worked:
        """Wait for what this handle has begun; return what became of what ran in the background."""
        running = self._running
        if running is None or running.loop is not running_loop():
            return Worked()
        import asyncio

        while running.tasks:
            await asyncio.wait(set(running.tasks))
        finished, running.finished = running.finished, Worked()
        return finished

    async def close(self) -> None:
        """Wait a while for what runs; the rest stays in the queue, and anybody may take it at once."""
        self._closed = True
        running = self._running
        if running is None or running.loop is not running_loop():
            return
        import asyncio

        for timer in running.timers:
            timer.cancel()
        if not running.tasks:
            return
        _, late = await asyncio.wait(set(running.tasks), timeout=self._close_s)
        held = [running.held[task] for task in late if task in running.held]
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        for lease in held:
            await self._give_back(lease)

    async def _give_back(self, lease: Lease) -> None:
        now = self.deriver.writer.clock.now()
        try:
            await self.deriver.queue.postpone(lease, next_at=now, problem="", counted=False)
        except (ConflictError, StoreError):
            # It is done or taken over, or ends with its time.
            return


async def _first(tasks: set[Task[Carried]]) -> tuple[list[Carried], set[Task[Carried]]]:
    """Wait until one of *tasks* ends; return what those came to that have, and the others."""
    if not tasks:
        return [], set()
    import asyncio

    done, rest = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    return [task.result() for task in done], rest
