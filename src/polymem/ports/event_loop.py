"""Whether an event loop is running, asked without loading :mod:`asyncio` where none can be.

With what it brings (sockets, TLS, subprocesses, logging), asyncio takes a third of the time that the rest of the package
takes to load, and a program of :class:`~polymem.client.sync.Memory` alone never needs it. Modules that meet a running
loop, or start one, import it where they do.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop

__all__ = ["running_loop"]


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
