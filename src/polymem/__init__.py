"""Polymem: long-term memory for language-model applications.

A vector index, a property graph, a key-value face and a relational ledger behind one ``add`` and one ``search``.

Example:
    >>> import tempfile
    >>> from polymem import Memory
    >>> with tempfile.TemporaryDirectory() as folder, Memory(folder + "/memory.db") as m:
    ...     _ = m.add("My name is Alice and I live in Lisbon.", user_id="alice")
    ...     m.search("Where does Alice live?", user_id="alice")[0].item.text
    'My name is Alice and I live in Lisbon.'
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from polymem.client.aio import AsyncMemory
    from polymem.client.sync import Memory
    from polymem.domain.document import Answer, Document, DocumentInput, Ingested
    from polymem.domain.entity import Entity, Relation
    from polymem.domain.event import Event, Receipt
    from polymem.domain.hit import Added, Hit, Hits, Page
    from polymem.domain.item import Episode, Item
    from polymem.errors import PolymemError
    from polymem.read.subgraph import Subgraph
    from polymem.text.recalled import mark_recalled

__version__ = "0.1.0"

_HOMES: Final = {
    "AsyncMemory": "polymem.client.aio",
    "Memory": "polymem.client.sync",
    "Answer": "polymem.domain.document",
    "Added": "polymem.domain.hit",
    "Document": "polymem.domain.document",
    "DocumentInput": "polymem.domain.document",
    "Ingested": "polymem.domain.document",
    "Hit": "polymem.domain.hit",
    "Hits": "polymem.domain.hit",
    "Page": "polymem.domain.hit",
    "Entity": "polymem.domain.entity",
    "Relation": "polymem.domain.entity",
    "Subgraph": "polymem.read.subgraph",
    "Event": "polymem.domain.event",
    "Receipt": "polymem.domain.event",
    "Episode": "polymem.domain.item",
    "Item": "polymem.domain.item",
    "PolymemError": "polymem.errors",
    "mark_recalled": "polymem.text.recalled",
}

__all__ = [
    "Added",
    "Answer",
    "AsyncMemory",
    "Document",
    "DocumentInput",
    "Entity",
    "Episode",
    "Event",
    "Hit",
    "Hits",
    "Ingested",
    "Item",
    "Memory",
    "Page",
    "PolymemError",
    "Receipt",
    "Relation",
    "Subgraph",
    "__version__",
    "mark_recalled",
]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used, so that ``import polymem`` stays quick."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(home), name)


def __dir__() -> list[str]:
    return __all__
