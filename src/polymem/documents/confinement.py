"""What a process may do in which hostile bytes are read: little memory, little time, no network, no other processes."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import Any, Final

from polymem.documents.limits import ReadLimits

__all__ = ["allow_time", "confine"]

_FORBIDDEN: Final = frozenset(
    (
        "socket.connect",
        "socket.bind",
        "socket.getaddrinfo",
        "socket.gethostbyaddr",
        "socket.gethostbyname",
        "socket.sendmsg",
        "socket.sendto",
        "subprocess.Popen",
        "os.system",
        "os.exec",
        "os.fork",
        "os.posix_spawn",
        "os.spawn",
        "os.startfile",
        "os.forkpty",
        "os.kill",
        "os.killpg",
        "os.chmod",
        "os.chown",
        "os.link",
        "os.mkdir",
        "os.remove",
        "os.rename",
        "os.rmdir",
        "os.symlink",
        "os.truncate",
        "shutil.rmtree",
        "ctypes.dlopen.remote",
        "urllib.Request",
    )
)

_WRITES: Final = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def confine(limits: ReadLimits) -> None:
    """Hold this process to its memory, and forbid what no reader needs.

    On Linux the address space is limited; macOS takes the limit and does not hold to it, and Windows has none: there the wall clock,
    with which the parent ends the process, is all. The audit hook guards against parsers written in Python that open what
    a document names; those written in C are told not to.
    """
    # It could not be written, and what was begun of it would stay beside the modules.
    sys.dont_write_bytecode = True
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


def _audit(event: str, arguments: tuple[object, ...]) -> None:
    if event in _FORBIDDEN or (event == "open" and _writes(*arguments)):
        raise PermissionError(f"a reader may not do this: {event}")


def _writes(_path: object = None, _mode: object = None, flags: object = 0) -> bool:
    """Tell whether a file is opened for more than to be read; who may write nothing may empty a file all the same."""
    return isinstance(flags, int) and bool(flags & _WRITES)


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
