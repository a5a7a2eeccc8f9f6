"""What a process may do in which hostile bytes are read: little memory, little time, no network, no other processes."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any, Final

from polymem.documents.limits import ReadLimits

__all__ = ["allow_time", "confine"]

_FORBIDDEN: Final = (
    "socket.connect",
    "socket.bind",
    "socket.getaddrinfo",
    "subprocess.Popen",
    "os.system",
    "os.exec",
    "os.fork",
    "os.posix_spawn",
    "os.spawn",
    "os.remove",
    "os.rename",
    "os.truncate",
    "shutil.rmtree",
    "ctypes.dlopen.remote",
    "urllib.Request",
)


def confine(limits: ReadLimits) -> None:
    """Hold this process to its memory, and forbid what no reader needs.

    On Linux the address space is limited; macOS takes the limit and does not hold to it, and Windows has none: there the wall clock,
    with which the parent ends the process, is all. The audit hook guards against parsers written in Python that open what
    a document names; those written in C are told not to.
    """
    # It is large, it starts threads with memory of their own, and openpyxl imports it without need.
    sys.modules["numpy"] = None  # type: ignore[assignment]
    if sys.platform != "win32":
        resource = import_module("resource")
        n_bytes = limits.memory_mb << 20
        _lower(resource, "RLIMIT_AS", n_bytes)
        _lower(resource, "RLIMIT_CORE", 0)
        _lower(resource, "RLIMIT_FSIZE", 0)
    sys.addaudithook(_audit)


def _lower(resource: Any, name: str, value: int) -> None:
    which = getattr(resource, name)
    _, hard = resource.getrlimit(which)
    if hard != resource.RLIM_INFINITY:
        value = min(value, hard)
    try:
        resource.setrlimit(which, (value, value))
    except (OSError, ValueError):  # the system does not know this limit
        return


def _audit(event: str, _arguments: tuple[object, ...]) -> None:
    if event in _FORBIDDEN:
        raise PermissionError(f"a reader may not do this: {event}")


def allow_time(limits: ReadLimits) -> None:
    """Give this process the CPU time of one more file; when it is spent the system ends it. Not on Windows."""
    if sys.platform == "win32":
        return
    resource = import_module("resource")
    spent = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(spent.ru_utime + spent.ru_stime + limits.timeout_s) + 2
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    if hard != resource.RLIM_INFINITY:
        soft = min(soft, hard)
    resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))
