"""Sessions, and what their summaries lack."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import numpy as np

from polymem.domain.batch import ItemDraft
from polymem.domain.item import KINDS, NO_DOCUMENT, Item
from polymem.domain.slotted import dataclass
from polymem.ports.faces import Mask
from polymem.ports.ledger import Snapshot
from polymem.ports.summariser import Summary, Told
from polymem.text.indexed import indexed_terms
from polymem.text.keys import index_keys
from polymem.text.mentions import find_mentions
from polymem.write.drafts import new_id

__all__ = ["Session", "read_session", "sessions_due", "summary_draft"]

_EPISODE: Final = KINDS.index("episode")
_SUMMARY: Final = KINDS.index("summary")
SUMMARY_IMPORTANCE: Final = 0.5


@dataclass(frozen=True, slots=True)
class Session:
    """The messages of one run, of one agent where the rows name several.

    Attributes:
        run: Label number of the run.
        agent: Label number of the agent, -1 for none.
        positions: Its messages in order of time.
        summary: Where its summary lies, -1 for none.
    """

    run: int
    agent: int
    positions: tuple[int, ...]
    summary: int = -1


@dataclass(frozen=True, slots=True)
class Reading:
    """A session as it is read.

    Attributes:
        run_id: Name of the run.
        agent_id: Name of the agent.
        episodes: Its messages.
        summary: Its summary, None for none.
    """

    run_id: str
    agent_id: str | None
    episodes: tuple[Item, ...]
    summary: Item | None

    @property
    def told(self) -> list[Told]:
        """The messages as a summariser takes them."""
        return [Told(item.speaker or item.role, item.text, item.valid_at) for item in self.episodes]


def sessions_due(snapshot: Snapshot, visible: Mask, *, least: int) -> list[Session]:
    """Return the sessions that have no summary and at least *least* messages, or grew by as many since; oldest first.

    A summary falls with each of its messages, so one that is there lacks new messages alone.

    Args:
        snapshot: The partition.
        visible: bool[n], the rows that a reader sees now, of the scope.
        least: How many messages.
    """
    columns = snapshot.columns
    said = (columns.kind == _EPISODE) & (columns.run >= 0) & (columns.speaker >= NO_DOCUMENT)
    episodes: list[int] = np.flatnonzero(visible & said).tolist()
    summaries: list[int] = np.flatnonzero(visible & (columns.kind == _SUMMARY) & (columns.run >= 0)).tolist()
    known = {(int(columns.run[p]), int(columns.agent[p])): p for p in summaries}
    groups: dict[tuple[int, int], list[int]] = {}
    for position in episodes:
        groups.setdefault((int(columns.run[position]), int(columns.agent[position])), []).append(position)
    read = {position: len(names) for position, names in snapshot.rows.sources(summaries).items()}
    found: list[Session] = []
    for (run, agent), positions in groups.items():
        summary = known.get((run, agent), -1)
        if len(positions) - read.get(summary, 0) >= least:
            ordered = sorted(positions, key=lambda p: (int(columns.valid[p]), p))
            found.append(Session(run, agent, tuple(ordered), summary))
    return sorted(found, key=lambda session: session.positions[0])


def read_session(snapshot: Snapshot, session: Session) -> Reading:
    """Return the messages of a session."""
    items = snapshot.rows.items(session.positions)
    summary = snapshot.rows.items([session.summary])[0] if session.summary >= 0 else None
    return Reading(items[0].run_id or "", items[0].agent_id, tuple(items), summary)


def still_due(snapshot: Snapshot, visible: Mask, session: Session) -> bool:
    """Tell whether the session still has the messages that were read, word for word, and the summary that it had."""
    columns = snapshot.columns
    if not all(visible[position] for position in session.positions):
        return False
    kind = (
        visible & (columns.kind == _SUMMARY) & (columns.run == session.run) & (columns.agent == session.agent)
    )
    return np.flatnonzero(kind).tolist() == ([session.summary] if session.summary >= 0 else [])


def summary_draft(reading: Reading, summary: Summary, *, by: str, vector: dict[str, Any]) -> ItemDraft:
    """Return the draft of a summary, or of its next version.

    It holds from the last message on: nobody knew it before.

    Args:
        reading: The session.
        summary: What it came to.
        by: What derived it.
        vector: The draft's fields of the vector.
    """
    first, last = _span(reading.episodes)
    told = {
        "from": first.isoformat(),
        "to": last.isoformat(),
        "n_messages": len(reading.episodes),
        "n_read": summary.n_read,
    }
    return ItemDraft(
        id=new_id() if reading.summary is None else reading.summary.id,
        kind="summary",
        text=summary.text,
        terms=indexed_terms("summary", summary.text, role="assistant", metadata={}),
        keys=index_keys("summary", summary.text, role="assistant", metadata={}),
        valid_at=last,
        importance=SUMMARY_IMPORTANCE,
        metadata={"session": told},
        role="assistant",
        mentions=tuple(find_mentions(summary.text)),
        derived_by=by,
        **vector,
    )


def _span(episodes: Sequence[Item]) -> tuple[datetime, datetime]:
    return episodes[0].valid_at, episodes[-1].valid_at
