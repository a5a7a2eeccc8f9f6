"""The memory behind mem0's interface; ``polymem.mem0`` is the name to import it by."""

from __future__ import annotations

from polymem.interop.mem0_aio import AsyncMemory
from polymem.interop.mem0_config import CompatibilityWarning
from polymem.interop.mem0_rows import Row, Rows
from polymem.interop.mem0_store import MemoryNotFoundError
from polymem.interop.mem0_sync import Memory

__all__ = ["AsyncMemory", "CompatibilityWarning", "Memory", "MemoryNotFoundError", "Row", "Rows"]
