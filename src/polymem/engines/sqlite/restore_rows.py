"""One partition while exported rows are stored into it."""

from __future__ import annotations

import json
from typing import Final

from polymem.domain.item import KINDS, NO_DOCUMENT
from polymem.domain.scope import Partition
from polymem.engines.sqlite import exchange_queue, withheld
from polymem.engines.sqlite.check_timeline import straighten
from polymem.engines.sqlite.codec import id_text, or_forever, pack_scan, pack_terms, voice
from polymem.engines.sqlite.derive import EPISODE, sound
from polymem.engines.sqlite.encoder import EncoderName
from polymem.engines.sqlite.evidence import restore_evidence
from polymem.engines.sqlite.exchange import Fields, refuse
from polymem.engines.sqlite.exchange_documents import RestoredDocuments
from polymem.engines.sqlite.insert import INSERTS
from polymem.engines.sqlite.partition import PartitionWriter
from polymem.engines.sqlite.restore_graph import EntityMap
from polymem.engines.sqlite.restore_settle import settle
from polymem.engines.sqlite.schema import POSITION_MASK
from polymem.ports.faces import ARCHIVED, EMBEDDED, INDEXED, PENDING, REMOVED, SUPERSEDED
from polymem.text.indexed import document_number, indexed_terms
from polymem.text.keys import index_keys

REASON: Final = "imported"
_BUFFERED: Final = 500


class Target:
    """Stores records of one partition.

    Args:
        writer: The partition, freshly opened.
        fields: Its record.
        encoder: Of the store.
        given: Of the records' vectors.
    """

    def __init__(
        self, writer: PartitionWriter, fields: Fields, *, encoder: EncoderName, given: EncoderName | None
    ) -> None:
        self.writer = writer
        self.fields = fields
        self.dim = encoder.dim
        self.same_encoder = given == encoder
        self.start = writer.next_position
        # Nothing is there that the exported history could contradict, so it is taken as it is.
        self.fresh = fields["complete"] and not writer.next_position and not writer.n_events
        self.n_new = 0
        self.last_event = 0
        self._entities = EntityMap(writer, fresh=self.fresh)
        self._skipped: set[bytes] = set()
        self._documents = RestoredDocuments(writer, self._skipped)
        self._versions: dict[bytes, int] = {}
        self._episode: Fields | None = None
        self._rows: dict[str, list[tuple[object, ...]]] = {name: [] for name in INSERTS}

    def add(self, name: str, fields: Fields, line: int) -> None:
        """Store one record of the type *name*."""
        match name:
            case "entity":
                self._entities.add(fields, line)
            case "episode":
                self._add_episode(fields, line)
            case "item":
                self._add_item(fields, line)
            case "alias":
                self._add_alias(fields, line)
            case "source":
                self._add_source(fields, line)
            case "relation" | "evidence" | "belief" | "basis":
                self._add_stated(name, fields, line)
            case "merge":
                self._entities.merge(fields, line)
            case "document" | "chunk":
                self._documents.add(name, fields, line)
            case _:
                self._add_history(name, fields)

    def flush(self) -> None:
        """Write what is buffered."""
        for name, rows in self._rows.items():
            if rows:
                self.writer.connection.executemany(INSERTS[name], rows)
                rows.clear()

    def finish(self, line: int) -> int:
        """Bring everything that follows from the new rows up to date; return how many items were new."""
        if self._episode is not None:
            refuse(line, "the episode before it has no item")
        self.flush()
        self._documents.finish()
        if self.fresh or self.writer.next_position > self.start:
            settle(self)
            if self.fresh and self._entities.is_old:
                straighten(self.writer.connection, self.writer.no)
        return self.n_new

    # ---------------------------------------------------------------- rows
    def _add_episode(self, fields: Fields, line: int) -> None:
        if self._episode is not None:
            refuse(line, "the episode before it has no item")
        self._episode = fields

    def _add_item(self, fields: Fields, line: int) -> None:
        key, version = fields["id"], fields["version"]
        episode, self._episode = self._episode, None
        if episode is not None and (episode["id"], 1, EPISODE) != (key, version, fields["kind"]):
            refuse(line, "is not the item of the episode before it", field="id")
        if version == 1 and self._knows(key, line):
            self._skipped.add(key)
        if key in self._skipped:
            return
        if self._versions.get(key, 0) != version - 1:
            refuse(line, "does not follow the item's version before", field="version")
        self._versions[key] = version
        self.n_new += version == 1
        self._check_wall(fields, line)
        self._reach(fields["created_at"], fields["updated_at"], fields["expired_at"])
        position = self.writer.take_position()
        if episode is not None:
            self._rows["episode"].append((self.writer.rid(position), *episode.values()))
        self._store(fields, position, line)
        if len(self._rows["item"]) >= _BUFFERED:
            self.flush()

    def _knows(self, key: bytes, line: int) -> bool:
        """Tell whether the partition holds the item or has erased it: what was forgotten does not come back."""
        connection, low = self.writer.connection, self.writer.rid(0)
        row = connection.execute("SELECT min(rid) FROM item WHERE id = ?", (key,)).fetchone()
        if key in self._versions or (row[0] is not None and not low <= row[0] <= low | POSITION_MASK):
            refuse(line, "is taken", field="id")
        if row[0] is not None:
            return True
        known = "SELECT 1 FROM event WHERE item = ? AND partition = ? LIMIT 1"
        return connection.execute(known, (key, self.writer.no)).fetchone() is not None

    def _check_wall(self, fields: Fields, line: int) -> None:
        partition: Partition = self.writer.partition
        name = f"{partition.kind}_id"
        if partition.kind != "user" and fields[name] != partition.owner:
            refuse(line, "is not the owner's", field=name)

    def _reach(self, *instants: int | None) -> None:
        """Let the partition's time reach what happened to a row, whatever clock that went by."""
        self.writer.at = max(self.writer.at, *(at for at in instants if at is not None))

    def _store(self, fields: Fields, position: int, line: int) -> None:
        writer, rid = self.writer, self.writer.rid(position)
        kind, text, role = KINDS[int(fields["kind"])], fields["text"], fields["role"]
        metadata = json.loads(fields["metadata"])
        words = indexed_terms(kind, text, role=role, metadata=metadata)
        blob, length = pack_terms(words, index_keys(kind, text, role=role, metadata=metadata))
        flags = self._flags(fields, line)
        columns = (
            *(
                "id",
                "version",
                "kind",
                "text",
                "metadata",
                "importance",
                "role",
                "speaker",
                "agent_id",
                "run_id",
            ),
            *("valid_at", "invalid_at", "created_at", "expired_at", "expires_at", "updated_at", "first_at"),
            *("superseded_by", "n_evidence"),
        )
        self._rows["item"].append((rid, *(fields[name] for name in columns), flags, fields["derived_by"]))
        speaker = document_number(kind, role=role, metadata=metadata)
        if speaker == NO_DOCUMENT:
            speaker = writer.label(voice(fields["speaker"], role), speaks=True)
        labels = (speaker, writer.label(fields["agent_id"]), writer.label(fields["run_id"]))
        times = [
            or_forever(fields[f"{name}_at"]) for name in ("valid", "invalid", "created", "expired", "expires")
        ]
        scan = pack_scan(fields["kind"], flags, length, fields["importance"], *labels, *times)
        self._rows["scan"].append((rid, scan))
        if flags & INDEXED:
            self._rows["terms"].append((rid, blob))
            writer.n_indexed += 1
            writer.n_terms += length
            writer.n_pending += bool(flags & PENDING)
            writer.expect_expiry(fields["expires_at"])
            numbers = [self._entities.number(entity, line) for entity in fields["mentions"]]
            if numbers:
                self._entities.mention(numbers, position)
        if flags & EMBEDDED:
            self._rows["vector"].append((rid, fields["vector"]))
        if not self.fresh:
            version: int = fields["version"]
            writer.event(
                "ADD" if version == 1 else "UPDATE",
                fields["id"],
                content=(fields["text"], fields["metadata"]),
                versions=(version - 1, version),
                reason=REASON,
            )

    def _flags(self, fields: Fields, line: int) -> int:
        given: int = fields["flags"]
        kept = given & SUPERSEDED
        if given & REMOVED:
            return kept | REMOVED
        kept |= given & ARCHIVED
        if not self.same_encoder:
            return kept | INDEXED | PENDING
        if fields["vector"] is None:
            return kept | INDEXED | (PENDING if given & (EMBEDDED | PENDING) else 0)
        if not sound(fields["vector"], dim=self.dim):
            refuse(line, "is of a wrong size or not finite", field="vector")
        return kept | INDEXED | EMBEDDED

    # ---------------------------------------------------------------- what points to rows
    def _added(self, key: bytes, version: int, line: int) -> int | None:
        """Return the row of an item that came with these records, None when it was passed over."""
        if key in self._skipped:
            return None
        row = self.writer.connection.execute(
            "SELECT rid FROM item WHERE id = ? AND version = ?", (key, version)
        ).fetchone()
        if row is None or key not in self._versions:
            refuse(line, "names an item that is not there", field="item")
        return int(row[0])

    def _add_alias(self, fields: Fields, line: int) -> None:
        source = None
        if fields["item"] is not None:
            source = self._added(fields["item"], fields["version"] or 0, line)
            if source is None:
                return
        self._entities.alias(fields, None if source is None else source & POSITION_MASK, line)

    def _episode_row(self, key: bytes, line: int) -> int | None:
        """Return the row of an episode, None when it was passed over."""
        low = self.writer.rid(0)
        row = self.writer.connection.execute(
            "SELECT e.rid FROM item i JOIN episode e ON e.rid = i.rid WHERE i.id = ? AND i.version = 1 AND i.rid BETWEEN ? AND ?",
            (key, low, low | POSITION_MASK),
        ).fetchone()
        if row is None and key not in self._skipped:
            refuse(line, "names an episode that is not there", field="episode")
        return None if row is None else int(row[0])

    def _add_source(self, fields: Fields, line: int) -> None:
        rid = self._added(fields["item"], fields["version"], line)
        episode = None if rid is None else self._episode_row(fields["episode"], line)
        if episode is not None:
            self.writer.connection.execute(INSERTS["source"], (rid, episode, fields["start"], fields["stop"]))

    def _add_stated(self, name: str, fields: Fields, line: int) -> None:
        add = {
            "relation": self._add_relation,
            "evidence": self._add_evidence,
            "belief": self._add_belief,
            "basis": self._add_basis,
        }
        add[name](fields, line)

    def _add_evidence(self, fields: Fields, line: int) -> None:
        rid = self._added(fields["item"], 1, line)
        episode = None if rid is None else self._episode_row(fields["episode"], line)
        if episode is None:
            return
        vector = fields["vector"] if self.same_encoder else None
        if vector is not None and not sound(vector, dim=self.dim):
            refuse(line, "is of a wrong size or not finite", field="vector")
        words = json.loads(fields["words"])
        words["embedded"] = words["embedded"] and (self.same_encoder or fields["vector"] is None)
        self._reach(fields["at"])
        restore_evidence(
            self.writer,
            fields | {"words": words, "vector": vector},
            episode=episode,
            subject=self._entities.number(fields["subject"], line),
        )

    def _add_belief(self, fields: Fields, line: int) -> None:
        rid = self._added(fields["item"], fields["version"], line)
        if rid is not None:
            order = ("until_at", "valid_at", "invalid_at", "expired_at")
            self.writer.connection.execute(
                "INSERT INTO belief VALUES (?, ?, ?, ?, ?)", (rid, *(fields[name] for name in order))
            )

    def _add_basis(self, fields: Fields, line: int) -> None:
        rid = self._added(fields["item"], fields["version"], line)
        if rid is not None:
            self.writer.connection.execute("INSERT INTO basis VALUES (?, ?)", (rid, fields["on"]))

    def _add_relation(self, fields: Fields, line: int) -> None:
        rid = self._added(fields["item"], fields["version"], line)
        if rid is not None:
            self._entities.relate(fields, rid, line)

    def _add_history(self, name: str, fields: Fields) -> None:
        match name:
            case "withheld":
                withheld.restored(self.writer, fields)
            case "derivation":
                exchange_queue.restored(self.writer, fields, self._skipped)
            case "event":
                self._add_event(fields)
            case _:
                self._add_result(fields)

    def _add_event(self, fields: Fields) -> None:
        if self.fresh:
            self._reach(fields["at"])
            self.last_event = max(self.last_event, fields["n"])
            order = (
                "n",
                "item",
                "event",
                "at",
                "actor",
                "reason",
                "old_version",
                "new_version",
                "salt",
                "commitment",
            )
            values = (self.writer.no, *(fields[name] for name in order), fields["link"])
            self.writer.connection.execute(f"INSERT INTO event VALUES ({', '.join('?' * 12)})", values)

    def _add_result(self, fields: Fields) -> None:
        result = {
            name: [id_text(key) for key in fields[name]] for name in ("items", "superseded", "repeated")
        }
        self.writer.connection.execute(
            f"INSERT {'' if self.fresh else 'OR IGNORE '}INTO idempotency VALUES (?, ?, ?, ?, ?)",
            (self.writer.no, fields["key"], fields["digest"], json.dumps(result), fields["at"]),
        )
