"""What one ``ingest`` has done so far."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field

from polymem.client.ingest_steps import Step
from polymem.domain.batch import Outcome
from polymem.domain.document import Document, Failure, Ingested
from polymem.domain.slotted import dataclass

__all__ = ["Tally"]


@dataclass(slots=True)
class Tally:
    """Counts by document and by chunk; documents are counted once, however many commits they take.

    Attributes:
        added: URIs of new documents.
        changed: Of those of which a chunk changed.
        moved: Of those that lay elsewhere.
        begun: Of those of which a commit was made.
        stale: Documents that keep what they had, since their file cannot be read.
        failed: What could not be read.
        skipped: What was passed over.
        item_ids: The chunks that were stored.
        unchanged: Documents that needed no work.
        n_done: Documents that are done, in whichever way.
        n_added: Chunks stored.
        n_kept: Chunks of changed documents that stayed.
        n_erased: Chunks erased.
        n_withheld: Chunks left out or shortened, because they were forgotten.
        n_unembedded: Chunks without a vector.
        n_redacted: Secrets taken out.
    """

    added: set[str] = field(default_factory=set[str])
    changed: set[str] = field(default_factory=set[str])
    moved: set[str] = field(default_factory=set[str])
    begun: set[str] = field(default_factory=set[str])
    stale: list[Document] = field(default_factory=list[Document])
    failed: list[Failure] = field(default_factory=list[Failure])
    skipped: list[Failure] = field(default_factory=list[Failure])
    item_ids: set[str] = field(default_factory=set[str])
    unchanged: int = 0
    n_done: int = 0
    n_added: int = 0
    n_kept: int = 0
    n_erased: int = 0
    n_withheld: int = 0
    n_unembedded: int = 0
    n_redacted: int = 0

    def count(self, steps: Sequence[Step], outcome: Outcome, *, failed: bool) -> None:
        """Count what a commit has done; with *failed* without vectors."""
        n_new = sum(len(step.now) for step in steps)
        self.n_added += n_new
        self.n_unembedded += n_new if failed else 0
        self.n_erased += sum(len(step.difference.gone) for step in steps)
        self.item_ids.update(item.id for item in outcome.items if item.kind == "episode")
        for step in steps:
            if step.prepared.messages is not None and step.document.uri not in self.begun:
                self.begun.add(step.document.uri)
                self._count_document(step)

    def _count_document(self, step: Step) -> None:
        uri = step.document.uri
        self.n_redacted += step.prepared.n_redacted
        self.n_withheld += step.prepared.n_withheld
        if step.stored is None:
            if not step.is_empty:
                self.added.add(uri)
        elif step.moved:
            self.moved.add(uri)
            self.n_kept += step.n_kept
        elif step.difference.new or step.difference.gone:
            self.changed.add(uri)
            self.n_kept += step.n_kept
        else:
            self.unchanged += 1

    def result(
        self, now: Mapping[str, Document], uris: Sequence[str], removed: Sequence[Document]
    ) -> Ingested:
        """Return what was done.

        Args:
            now: Documents as they are kept now, by URI.
            uris: What was named, in order.
            removed: Documents that were erased.
        """

        def among(these: set[str]) -> tuple[Document, ...]:
            return tuple(now[uri] for uri in uris if uri in these and uri in now)

        return Ingested(
            added=among(self.added),
            changed=among(self.changed),
            unchanged=self.unchanged,
            moved=among(self.moved),
            removed=tuple(removed),
            stale=tuple(sorted(self.stale, key=lambda document: document.uri)),
            failed=tuple(sorted(self.failed, key=lambda failure: failure.uri)),
            skipped=tuple(sorted(self.skipped, key=lambda failure: failure.uri)),
            n_chunks_added=self.n_added,
            n_chunks_kept=self.n_kept,
            n_chunks_erased=self.n_erased,
            n_chunks_withheld=self.n_withheld,
            n_unembedded=self.n_unembedded,
            n_redacted=self.n_redacted,
        )
