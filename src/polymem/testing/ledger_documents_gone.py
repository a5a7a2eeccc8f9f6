"""What a ledger promises about documents that go, and about who sees those that are kept."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Literal

import pytest

from polymem.domain.batch import Removal
from polymem.domain.change import DropDocument, StoreDocument
from polymem.domain.scope import Scope
from polymem.errors import NotFoundError
from polymem.ports.ledger import Snapshot
from polymem.testing.bench import ALICE, BOB, Bench, OpenLedger
from polymem.testing.clock import NOON
from polymem.testing.documents import chunk_of, document_of, parts_of, stored
from polymem.testing.drafting import episode_of, new_id, reworded
from polymem.testing.shelf import at, chunk_ids, found, ingest, listed, places

__all__ = ["DocumentRemovalPromises"]

HOW: tuple[Literal["delete", "erase", "expire"], ...] = ("delete", "erase", "expire")
MONDAY = Scope(user_id="alice", run_id="周一")
COOK = Scope(user_id="alice", agent_id="cook", run_id="周一")
SCOPES = (ALICE, BOB, MONDAY, COOK, Scope(agent_id="alice"), Scope(run_id="alice"))


class DocumentRemovalPromises:
    """Removal, order, the wall and the upkeep of documents."""

    # ------------------------------------------------------------ gone
    @pytest.mark.parametrize("how", HOW)
    def test_a_removed_chunk_leaves_its_document(
        self, bench: Bench, how: Literal["delete", "erase", "expire"]
    ) -> None:
        """In whichever way it goes; with the last one the document goes, in its own transaction."""
        document, (first, second) = ingest(bench, "file:///a", "one", "二")
        other, _ = ingest(bench, "file:///b", "three")
        bench.remove(first, how=how)
        assert chunk_ids(bench, document) == [second]
        assert places(bench, first) == {}
        kept = bench.read(lambda s: s.documents.get(document.id, ALICE))
        assert kept is not None
        assert kept.n_chunks == 1
        counts = bench.remove(second, how=how).counts
        assert (counts["chunks"], counts["documents"]) == (1, 1)
        assert listed(bench) == [other.uri]
        assert chunk_ids(bench, document) == []
        assert bench.verify() == []

    def test_a_chunk_that_expires_leaves_its_document(self, bench: Bench) -> None:
        """Swept with the next write, also when that keeps or drops the document itself."""
        end = NOON + timedelta(hours=1)
        documents = [document_of(f"file:///{n}") for n in range(3)]
        parts = [
            parts_of(document, "short", expires_at=end) + parts_of(document, "long") for document in documents
        ]
        changes = [stored(document, mine) for document, mine in zip(documents, parts, strict=True)]
        bench.commit(*(part for mine in parts for part in mine), changes=tuple(changes))
        bench.now = end
        ids = [part.id for part in parts[2]]
        gone = (Removal(tuple(ids), "erase"),)
        bench.commit(removals=gone, changes=(changes[0], DropDocument(documents[2].id)))
        assert [chunk_ids(bench, one) for one in documents] == [[parts[0][1].id], [parts[1][1].id], []]
        assert listed(bench) == ["file:///0", "file:///1"]
        assert bench.verify() == []

    def test_a_document_is_dropped_with_its_chunks(self, bench: Bench) -> None:
        """Whether it went with the last of them or not; dropping what is not there is an error, in the same words."""
        document, ids = ingest(bench, "file:///a", "one", "two")
        other, _ = ingest(bench, "file:///other", "three", scope=MONDAY)
        bench.commit(removals=(Removal(tuple(ids), "erase"),), changes=(DropDocument(document.id),))
        assert listed(bench) == [other.uri]
        messages = set[str]()
        for wanted, scope in (
            (document.id, ALICE),
            (new_id(), ALICE),
            ("?", ALICE),
            (other.id, BOB),
            (other.id, COOK),
        ):
            with pytest.raises(NotFoundError) as caught:
                bench.commit(scope=scope, changes=(DropDocument(wanted),))
            messages.add(str(caught.value))
        assert len(messages) == 1
        assert listed(bench) == [other.uri]

    def test_a_revised_chunk_stays_in_its_place(self, bench: Bench) -> None:
        """Its words are another's, its place is the document's."""
        document, (first, second) = ingest(bench, "file:///a", "one", "two")
        bench.revise(reworded(episode_of("x", id=first, role="document"), "eins"))
        assert chunk_ids(bench, document) == [first, second]
        assert bench.verify() == []

    # ------------------------------------------------------------ beside one another
    def test_chunks_are_beside_those_of_their_document(self, bench: Bench) -> None:
        """In its order, also after a change in its midst, and whatever the titles; deleted ones leave no gap."""

        def order(first: str) -> list[str]:
            """Return what follows one another from *first* on."""

            def walk(snapshot: Snapshot) -> list[str]:
                at, near, found = snapshot.rows.position(first), snapshot.rows.adjacent(), list[int]()
                while at is not None and at >= 0:
                    found.append(at)
                    at = int(near.following[at])
                return [item.text for item in snapshot.rows.items(found)]

            return bench.read(walk)

        document, ids = ingest(bench, "file:///a", "one", "two", "三", title="Notes")
        ingest(bench, "file:///b", "other", title="Notes")
        bench.say("between")
        assert order(ids[0]) == ["one", "two", "三"]
        new = parts_of(document, "one and a half", "zero")
        texts = {ids[0]: "one", ids[1]: "two", ids[2]: "三", new[0].id: "one and a half", new[1].id: "zero"}

        def keep(*order: str) -> StoreDocument:
            return StoreDocument(document, tuple(chunk_of(item, texts[item]) for item in order))

        bench.commit(*new, changes=(keep(new[1].id, ids[0], new[0].id, ids[1], ids[2]),))
        assert order(new[1].id) == ["zero", "one", "one and a half", "two", "三"]
        bench.commit(changes=(keep(ids[2], ids[1], new[0].id, ids[0], new[1].id),))
        assert order(ids[2]) == ["三", "two", "one and a half", "one", "zero"]
        bench.reopen()
        assert order(ids[2]) == ["三", "two", "one and a half", "one", "zero"]
        bench.remove(new[0].id)
        assert order(ids[2]) == ["三", "two", "one", "zero"]
        bench.commit(changes=(keep(*ids, new[1].id),))
        assert order(ids[0]) == ["one", "two", "三", "zero"]
        inherited = {"document": document.id, "title": "Notes"}
        bench.revise(reworded(episode_of("x", id=ids[0], role="document", metadata=inherited), "eins"))
        assert order(ids[0]) == ["eins", "two", "三", "zero"]
        assert bench.verify() == []

    # ------------------------------------------------------------ the wall
    def test_no_scope_sees_the_documents_of_another(self, bench: Bench) -> None:
        """By none of the face's ways, whatever id, address or item is guessed."""
        mine = {
            scope: ingest(bench, "file:///same", f"secret {n}", scope=scope) for n, scope in enumerate(SCOPES)
        }
        for scope in SCOPES:
            for other, (document, ids) in mine.items():
                one = found(bench, document.id, scope)
                seen = (
                    other == scope
                    or (scope == ALICE and other in (MONDAY, COOK))
                    or (scope == MONDAY and other == COOK)
                )
                assert (one is not None) == seen
                if other.partition != scope.partition:
                    assert chunk_ids(bench, document, scope) == []
                    assert places(bench, *ids, scope=scope) == {}
            exact = at(bench, "file:///same", scope)
            assert exact is not None
            assert exact.id == mine[scope][0].id
        assert [len(listed(bench, scope)) for scope in SCOPES] == [3, 1, 2, 1, 1, 1]
        assert listed(bench, Scope(user_id="alice", run_id="other")) == []
        assert at(bench, "file:///same", Scope(user_id="alice", agent_id="cook")) is None

    def test_no_scope_changes_the_documents_of_another(self, bench: Bench) -> None:
        """Neither by their ids nor by their chunks; a document stays in the run in which it was stored."""
        document, ids = ingest(bench, "file:///a", "one", scope=MONDAY)
        for scope in (ALICE, COOK, BOB):
            with pytest.raises(NotFoundError):
                bench.commit(scope=scope, changes=(StoreDocument(document, (chunk_of(ids[0], "one"),)),))
        for scope in (ALICE, COOK):
            with pytest.raises(NotFoundError):
                bench.commit(scope=scope, changes=(StoreDocument(document, ()),))
        bench.commit(scope=BOB, changes=(StoreDocument(document, ()),))
        assert chunk_ids(bench, document, MONDAY) == ids
        assert bench.read(lambda s: s.documents.listed(MONDAY))[0].title == document.title

    # ------------------------------------------------------------ upkeep
    def test_documents_are_counted(self, bench: Bench) -> None:
        """By partition."""
        for n in range(3):
            ingest(bench, f"file:///{n}", "x", scope=MONDAY if n else ALICE)
        bench.say("of bob", scope=BOB)
        assert [info.n_documents for info in bench.run(bench.ledger.partitions())] == [3, 0]

    def test_an_export_holds_the_documents(self, bench: Bench, open_ledger: OpenLedger) -> None:
        """A second store has the same documents with the same places, and exports the same; a second time adds nothing."""
        document, ids = ingest(
            bench, "file:///沼泽", "一", "two", metadata={"年": 2021}, notes=("images",), modified_at=NOON
        )
        ingest(bench, "file:///run", "three", scope=COOK)
        ingest(bench, "file:///empty")
        ingest(bench, "file:///bob", "four", scope=BOB)
        bench.remove(ids[0])
        records = bench.export()
        twin = Bench(open_ledger, "two")
        try:
            for _ in range(2):
                twin.restore(records)
                for scope in (ALICE, COOK, BOB):
                    assert listed(bench, scope) == listed(twin, scope)
                    for uri in listed(bench, scope):
                        assert at(bench, uri, scope) == at(twin, uri, scope)
                assert chunk_ids(bench, document) == chunk_ids(twin, document)
                assert places(bench, *ids) == places(twin, *ids)
                assert twin.verify() == []
            assert [r for r in twin.export() if r["type"] in {"document", "chunk"}] == [
                r for r in records if r["type"] in {"document", "chunk"}
            ]
            assert {r["uri"] for r in bench.export(COOK) if r["type"] == "document"} == {"file:///run"}
            assert "bob" not in repr([r for r in bench.export(ALICE) if r["type"] != "polymem"])
        finally:
            twin.close()

    def test_an_import_brings_back_no_forgotten_document(self, bench: Bench) -> None:
        """Not with its address; of one that was erased in part the rest stays as it is."""
        _, ids = ingest(bench, "file:///gone", "one", "two")
        half, (first, second) = ingest(bench, "file:///half", "three", "four")
        records = bench.export()
        bench.remove(*ids, first, how="erase")
        bench.restore(records)
        assert listed(bench) == ["file:///half"]
        assert chunk_ids(bench, half) == [second]
        bench.remove(second, how="erase")
        bench.restore(records)
        assert listed(bench) == []
        assert bench.verify() == []

    def test_erasing_a_document_leaves_no_byte(
        self, bench: Bench, raw_bytes: Callable[[], bytes] | None
    ) -> None:
        """Address, folder, title, metadata and notes are content as the words are."""
        word = "kvartettxylofon"
        document, ids = ingest(
            bench,
            f"file:///{word}/琥珀翡翠",
            f"the {word} plays",
            f"璇玑 {word}",
            folder=f"file:///{word}",
            title=f"{word} 琥珀翡翠",
            metadata={"about": word, word: 1},
            notes=(word,),
        )
        bare, _ = ingest(bench, f"file:///bare/{word}", title=word)
        bench.say("the band plays")
        bench.commit(removals=(Removal(tuple(ids), "erase"),), changes=(DropDocument(bare.id),))
        assert listed(bench) == []
        assert bench.read(lambda s: s.documents.get(document.id, ALICE)) is None
        if raw_bytes is not None:
            content = raw_bytes()
            assert content.count(word.encode()) == 0
            assert "琥珀翡翠".encode() not in content
        assert bench.verify() == []
