"""The drop-in for programs written for mem0: change the import, keep the rest; see ``docs/mem0.md``.

Example:
    >>> import tempfile
    >>> from polymem.mem0 import Memory
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     config = {"vector_store": {"provider": "polymem", "config": {"path": folder + "/memory.db"}}}
    ...     with Memory.from_config(config) as m:
    ...         _ = m.add("我喜欢打网球", user_id="alice")
    ...         m.search("球类运动", user_id="alice")["results"][0]["memory"]
    '我喜欢打网球'
"""

from __future__ import annotations

from polymem.interop.mem0 import AsyncMemory, CompatibilityWarning, Memory, MemoryNotFoundError, Row, Rows

__all__ = ["AsyncMemory", "CompatibilityWarning", "Memory", "MemoryNotFoundError", "Row", "Rows"]
