"""Items, what an ``add`` made, profiles, entities, receipts."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from polymem import Added, Entity, Item, Receipt
from polymem.cli.screen import cells, day, minute, one_line, safe, table
from polymem.domain.entity import Resolved
from polymem.read.profile import Detail, ProfileValue


def item_table(items: Sequence[Item]) -> Table:
    """Return items, one a row, with date, kind and id below the words."""
    shown = table("when", "memory")
    shown.columns[0].no_wrap = True
    for item in items:
        words = Text(f"{one_line(item.speaker)}: ") if item.kind == "episode" and item.speaker else Text()
        words.append(one_line(item.text))
        words.append(f"\n{item.kind}  {item.id}", style="dim")
        shown.add_row(day(item.valid_at), words)
    return shown


def new_items(added: Added) -> list[RenderableType]:
    """Return what an ``add`` made, and what it changed."""
    parts: list[RenderableType] = []
    if added.replayed:
        parts.append("This call was carried out before; nothing was stored.")
    if added.items:
        parts.append(item_table(added.items))
    for label, ids in (("replaces", added.superseded), ("was known", added.repeated)):
        parts += [Text(f"{label}  {item_id}", style="dim") for item_id in ids]
    if added.n_unembedded:
        parts.append(
            f"{added.n_unembedded} without a vector, since the embedder failed; `polymem rebuild` tries again."
        )
    if added.pending is not None:
        why = f" ({added.problem})" if added.problem else ""
        parts.append(
            f"The messages are stored; what they say is still to be derived{why}. `polymem work` does it."
        )
    return parts


def item_card(item: Item) -> Table:
    """Return all that an item carries, one field a line."""
    card = Table.grid(padding=(0, 2))
    card.add_column(style="dim", no_wrap=True)
    card.add_column(overflow="fold")
    fields: dict[str, str] = {
        "id": item.id,
        "kind": item.kind,
        "text": safe(item.text),
        "said by": " ".join(word for word in (item.speaker, f"({item.role})" if item.role else "") if word),
        "holds": f"from {minute(item.valid_at)}"
        + (f" until {minute(item.invalid_at)}" if item.invalid_at else ""),
        "stored": minute(item.created_at),
        "closed": minute(item.expired_at),
        "expires": minute(item.expires_at),
        "version": str(item.version),
        "archived": "yes" if item.archived else "",
        "importance": f"{item.importance:.2f}",
        "evidence": str(item.n_evidence),
        "replaced by": item.superseded_by or "",
        "metadata": json.dumps(dict(item.metadata), ensure_ascii=False) if item.metadata else "",
        "scope": _scope(item),
        "episodes": ", ".join(item.episode_ids) if item.kind != "episode" else "",
    }
    for name, value in fields.items():
        if value:
            card.add_row(name, Text(value if name == "text" else one_line(value)))
    return card


def _scope(item: Item) -> str:
    ids = {"tenant": item.tenant, "user": item.user_id, "agent": item.agent_id, "run": item.run_id}
    return ", ".join(f"{name} {value}" for name, value in ids.items() if value is not None)


def profile_table(known: Mapping[str, ProfileValue]) -> Table:
    """Return a profile, one thing known a row."""
    shown = table("what", "is", "since", right=("since",))
    for key, value in known.items():
        details = [value] if isinstance(value, Detail) else list(value)
        for n, detail in enumerate(details):
            shown.add_row(*cells("" if n else key, detail.value, day(detail.since)))
    return shown


def entity_table(entities: Sequence[Entity]) -> Table:
    """Return entities, one a row."""
    shown = table("name", "type", "also", "mentions", right=("mentions",))
    for entity in entities:
        shown.add_row(*cells(entity.name, entity.type, ", ".join(entity.aliases), entity.n_mentions))
    return shown


def same_table(found: Resolved) -> Table:
    """Return which entities are, or may be, the same."""
    shown = table("entity", "same as", "score", "because", "done", right=("score",))
    for pairs, word in (
        (found.merged, "would merge" if found.dry_run else "merged"),
        (found.ambiguous, "perhaps"),
    ):
        for same in pairs:
            because = ", ".join(name for name, _ in same.evidence)
            shown.add_row(*cells(same.name, same.keep_name, f"{same.score:.2f}", because, word))
    return shown


def receipt_card(receipt: Receipt) -> Table:
    """Return what an erasure did, or would do."""
    card = Table.grid(padding=(0, 2))
    card.add_column(style="dim", no_wrap=True)
    card.add_column(overflow="fold")
    n_items = len(receipt.erased)
    card.add_row(
        "would go" if receipt.dry_run else "erased", f"{n_items:,} item{'' if n_items == 1 else 's'}"
    )
    if not receipt.dry_run:
        rows = ", ".join(f"{face} {n:,}" for face, n in receipt.counts.items() if n)
        card.add_row("rows", rows or "none")
        card.add_row("receipt", receipt.tombstone_id)
        card.add_row("status", receipt.status)
    for n, item_id in enumerate(receipt.erased[:20]):
        card.add_row("" if n else "ids", item_id)
    if len(receipt.erased) > 20:
        card.add_row("", f"and {len(receipt.erased) - 20:,} more; --json lists all")
    return card
