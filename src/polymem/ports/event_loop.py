"""Whether an event loop is running, asked without loading :mod:`asyncio` where none can be.

With what it brings (sockets, TLS, subprocesses, logging), asyncio takes a third of the time that the rest of the package
takes to load, and a program of :class:`~polymem.client.sync.Memory` alone never needs it. Modules that meet a running
loop, or start one, import it where they do.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop

__all__ = ["off_loop", "running_loop"]

T = TypeVar("T")


def running_loop() -> AbstractEventLoop | None:
    """Return the event loop that runs in this thread, None where there is none.

    Example:
        >>> import asyncio
        >>> async def here():
        ...     return running_loop() is asyncio.get_running_loop()
        >>> asyncio.run(here()), running_loop()
        (True, None)
    """
    if "asyncio" not in sys.modules:
        return None
    import asyncio

    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


async def off_loop(work: Callable[[], T]) -> T:
    """Do *work* in a thread, so that it holds up no event loop; in this one where there is none.

    Example:
        >>> import asyncio
        >>> asyncio.run(off_loop(lambda: running_loop() is None))
        True
    """
    loop = running_loop()
    return work() if loop is None else await loop.run_in_executor(None, work)
