"""What a ledger promises about documents: kept with their chunks or not at all, behind the wall, gone with their words."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any, Literal

import pytest

from polymem.domain.batch import Outcome, Removal
from polymem.domain.change import DropDocument, StoreDocument
from polymem.domain.document import Document, Place, StoredChunk
from polymem.domain.scope import Scope
from polymem.errors import ConflictError, InputError, NotFoundError
from polymem.ports.ledger import Snapshot
from polymem.testing.bench import ALICE, BOB, Bench, OpenLedger
from polymem.testing.clock import NOON
from polymem.testing.documents import chunk_of, document_of, parts_of, stored
from polymem.testing.drafting import episode_of, new_id, reworded

__all__ = ["DocumentPromises", "ingest"]

HOW: tuple[Literal["delete", "erase", "expire"], ...] = ("delete", "erase", "expire")
MONDAY = Scope(user_id="alice", run_id="周一")
COOK = Scope(user_id="alice", agent_id="cook", run_id="周一")
SCOPES = (ALICE, BOB, MONDAY, COOK, Scope(agent_id="alice"), Scope(run_id="alice"))


def ingest(
    bench: Bench, uri: str, *texts: str, scope: Scope = ALICE, **fields: Any
) -> tuple[Document, list[str]]:
    """Store a document in one commit; return it and the ids of its chunks."""
    document = document_of(uri, **fields)
    parts = parts_of(document, *texts)
    bench.commit(*parts, scope=scope, changes=(stored(document, parts),))
    return document, [part.id for part in parts]


def listed(bench: Bench, scope: Scope = ALICE, **fields: Any) -> list[str]:
    """Return the addresses of the documents of *scope*."""
    return bench.read(lambda s: [one.uri for one in s.documents.listed(scope, **fields)], scope=scope)


def chunk_ids(bench: Bench, document: Document, scope: Scope = ALICE) -> list[str]:
    """Return the ids of what is left of a document."""
    return bench.read(lambda s: [chunk.item_id for chunk in s.documents.chunks(document.id)], scope=scope)


def found(bench: Bench, document_id: str, scope: Scope = ALICE) -> Document | None:
    """Return a document by its id."""
    return bench.read(lambda s: s.documents.get(document_id, scope), scope=scope)


def at(bench: Bench, uri: str, scope: Scope = ALICE) -> Document | None:
    """Return the document at an address."""
    return bench.read(lambda s: s.documents.by_uri([uri], scope).get(uri), scope=scope)


def places(bench: Bench, *ids: str, scope: Scope = ALICE) -> dict[str, Place]:
    """Return where items stand."""
    return bench.read(lambda s: s.documents.places(ids), scope=scope)


class DocumentPromises:
    """Documents beside their chunks."""

    def test_a_document_comes_back_as_it_was_kept(self, bench: Bench) -> None:
        """Every field but those that follow from the write: agent, run, time of storing, number of chunks."""
        document = document_of(
            "file:///沼泽/报告%201.pdf",
            folder="file:///沼泽",
            title="沼泽报告 › The Fens",
            media_type="application/pdf",
            digest=hashlib.sha256("沼".encode()).hexdigest(),
            form="pdf/1 zh",
            metadata={"year": 2021, "公司": "青岛水务", "tags": ["a", {"b": None}]},
            n_pages=3,
            n_chars=12_345,
            n_chunks=77,
            size=2**40,
            modified_at=NOON - timedelta(days=3, microseconds=7),
            agent_id="somebody else",
            notes=("images", "encrypted_part"),
        )
        parts = parts_of(document, "会被淹。", "It floods.", "第三页")
        change = stored(document, parts)
        bench.commit(*parts, scope=COOK, changes=(change,))
        bench.reopen()
        kept = replace(document, agent_id="cook", run_id="周一", n_chunks=3, ingested_at=bench.now)
        assert bench.read(lambda s: s.documents.get(document.id, COOK)) == kept
        assert bench.read(lambda s: s.documents.listed(ALICE)) == [kept]
        assert bench.read(lambda s: s.documents.by_uri([document.uri, "x", document.uri], COOK)) == {
            document.uri: kept
        }
        assert bench.read(lambda s: s.documents.chunks(document.id)) == list(change.chunks)
        places = bench.read(lambda s: s.documents.places([*(part.id for part in parts), new_id(), "?"]))
        assert [places[part.id].page for part in parts] == [1, 1, 2]
        assert {(p.document_id, p.uri, p.title) for p in places.values()} == {(kept.id, kept.uri, kept.title)}
        assert (places[parts[1].id].start, places[parts[1].id].stop) == (6, 16)
        assert len(places) == 3
        assert bench.verify() == []

    def test_what_stays_is_not_written_anew(self, bench: Bench) -> None:
        """A changed document keeps the items of its chunks, in a new order, beside new ones; the rest is erased."""
        document, (first, second, third) = ingest(bench, "file:///a", "one", "two", "drei")
        new = parts_of(document, "四")[0]
        order = (chunk_of(third, "drei"), chunk_of(new.id, "四"), chunk_of(first, "one", start=9, page=4))
        rows = bench.read(lambda s: s.n)
        change = StoreDocument(replace(document, title="Anew"), order)
        bench.commit(new, removals=(Removal((second,), "erase"),), changes=(change,))
        assert bench.read(lambda s: s.n) == rows + 1
        assert chunk_ids(bench, document) == [third, new.id, first]
        kept = bench.read(lambda s: s.documents.get(document.id, ALICE))
        assert kept is not None
        assert (kept.title, kept.n_chunks, kept.ingested_at) == ("Anew", 3, bench.now)
        place = bench.read(lambda s: s.documents.places([first, second]))
        assert (place[first].page, place[first].start, set(place)) == (4, 9, {first})
        assert bench.verify() == []

    def test_all_chunks_may_be_replaced_at_once(self, bench: Bench) -> None:
        """Although the document goes with its last chunk, the batch that brings others keeps it."""
        document, ids = ingest(bench, "file:///a", "one", "two")
        part = parts_of(document, "three")[0]
        bench.commit(part, removals=(Removal(tuple(ids), "erase"),), changes=(stored(document, [part]),))
        assert chunk_ids(bench, document) == [part.id]
        assert bench.texts() == ["three"]

    def test_a_document_without_chunks_is_kept(self, bench: Bench) -> None:
        """As a record that it was read; it goes when it is dropped."""
        document, _ = ingest(bench, "file:///empty")
        assert listed(bench) == ["file:///empty"]
        bench.say("something else")
        bench.remove(bench.seen()[0].id, how="erase")
        assert listed(bench) == ["file:///empty"]
        bench.commit(changes=(DropDocument(document.id),))
        assert listed(bench) == []
        assert bench.verify() == []

    def test_documents_are_listed_by_address_and_folder(self, bench: Bench) -> None:
        """In order of the address; of one folder alone if asked."""
        for name in ("b", "a", "丙", "c"):
            ingest(bench, f"file:///{name}", name, folder="file:///f" if name < "c" else "")
        assert listed(bench) == ["file:///a", "file:///b", "file:///c", "file:///丙"]
        assert listed(bench, folder="file:///f") == ["file:///a", "file:///b"]
        assert listed(bench, folder="") == ["file:///c", "file:///丙"]
        assert listed(bench, folder="file:///none") == []

    # ------------------------------------------------------------ together or not at all
    def test_a_reader_sees_a_document_whole_or_not_at_all(self, bench: Bench) -> None:
        """While documents come and change, every snapshot has for each as many live chunks as it says."""

        def whole(snapshot: Snapshot) -> list[tuple[int, int, int]]:
            seen: list[tuple[int, int, int]] = []
            for document in snapshot.documents.listed(ALICE):
                ids = [chunk.item_id for chunk in snapshot.documents.chunks(document.id)]
                found = [snapshot.rows.position(item) for item in ids]
                live = [at for at in found if at is not None and snapshot.columns.flags[at] & 1]
                seen.append((document.n_chunks, len(live), len(snapshot.documents.places(ids))))
            return seen

        works: list[Any] = []
        for n in range(12):
            document = document_of(f"file:///{n}")
            parts = parts_of(document, *(f"part {n} {m}" for m in range(n % 4 + 1)))
            works.append(bench.ledger.commit(bench.batch(*parts, changes=(stored(document, parts),))))
            works.append(bench.ledger.read(ALICE.partition, whole))
        for result in bench.gather(*works):
            assert not isinstance(result, BaseException), result
            if not isinstance(result, Outcome):
                assert all(n == live == placed for n, live, placed in result)
        assert len(listed(bench)) == 12

    def test_a_failing_batch_keeps_no_document(self, bench: Bench) -> None:
        """Neither does a trial run; nor is anything dropped by one."""
        kept, ids = ingest(bench, "file:///kept", "kept")
        lost = document_of("file:///lost")
        parts = parts_of(lost, "lost", "失")
        change = stored(lost, parts)
        with pytest.raises(NotFoundError):
            bench.commit(*parts, changes=(change, DropDocument(new_id())))
        with pytest.raises(ConflictError):
            bench.commit(*parts, changes=(change,), if_version=99)
        bench.commit(*parts, changes=(change,), dry_run=True)
        gone = (Removal(tuple(ids), "erase"),)
        bench.commit(removals=gone, changes=(DropDocument(kept.id),), dry_run=True)
        assert listed(bench) == ["file:///kept"]
        assert chunk_ids(bench, kept) == ids
        assert bench.texts() == ["kept"]
        assert bench.verify() == []

    # ------------------------------------------------------------ what is refused
    def test_a_chunk_is_a_live_row_of_the_same_agent_and_run(self, bench: Bench) -> None:
        """What was never stored, was removed, or lies elsewhere is not found, in the same words."""
        gone, mine = bench.say("gone"), bench.say("mine")
        elsewhere = [bench.say("elsewhere", scope=scope) for scope in SCOPES[1:]]
        bench.remove(gone)
        document = document_of("file:///a")
        messages = set[str]()
        for item in (*elsewhere, gone, new_id(), "no id"):
            with pytest.raises(NotFoundError) as caught:
                bench.commit(
                    changes=(StoreDocument(document, (chunk_of(mine, "mine"), chunk_of(item, "x"))),)
                )
            messages.add(str(caught.value))
        assert len(messages) == 1
        assert listed(bench) == []
        bench.commit(changes=(StoreDocument(document, (chunk_of(mine, "mine"),)),))
        assert chunk_ids(bench, document) == [mine]

    def test_a_chunk_is_of_one_document(self, bench: Bench) -> None:
        """A chunk of another document is refused; once that lets go of it, it may be taken."""
        one, ids = ingest(bench, "file:///one", "shared", "其他")
        other = document_of("file:///other")
        with pytest.raises(ConflictError):
            bench.commit(changes=(StoreDocument(other, (chunk_of(ids[0], "shared"),)),))
        with pytest.raises(InputError):
            bench.commit(changes=(StoreDocument(one, (chunk_of(ids[0], "shared"),) * 2),))
        assert (listed(bench), chunk_ids(bench, one)) == (["file:///one"], ids)

    def test_an_address_is_of_one_document(self, bench: Bench) -> None:
        """Of two who read the same file for the first time one succeeds; in another run the address is free."""
        document, _ = ingest(bench, "file:///沼泽", "one")
        with pytest.raises(ConflictError):
            ingest(bench, "file:///沼泽", "two")
        assert bench.texts() == ["one"]
        ingest(bench, "file:///沼泽", "three", scope=MONDAY)
        moved = replace(document, uri="file:///moved")
        chunks = bench.read(lambda s: s.documents.chunks(document.id))
        bench.commit(changes=(StoreDocument(moved, tuple(chunks)),))
        ingest(bench, "file:///沼泽", "two")
        assert listed(bench) == ["file:///moved", "file:///沼泽", "file:///沼泽"]

    def test_who_changed_a_document_meanwhile_is_not_overwritten(self, bench: Bench) -> None:
        """A document that has chunks which are neither kept nor removed was changed by another; so when it is dropped."""
        document, (first,) = ingest(bench, "file:///a", "one")
        more = parts_of(document, "two")[0]
        both = (chunk_of(first, "one"), chunk_of(more.id, "two"))
        bench.commit(more, changes=(StoreDocument(document, both),))
        with pytest.raises(ConflictError):
            bench.commit(changes=(StoreDocument(document, both[:1]),))
        with pytest.raises(ConflictError):
            bench.commit(removals=(Removal((first,), "erase"),), changes=(DropDocument(document.id),))
        assert chunk_ids(bench, document) == [first, more.id]

    @pytest.mark.parametrize(
        "wrong",
        [
            {"uri": ""},
            {"uri": "file:///\ud800"},
            {"title": "a\0b"},
            {"title": None},
            {"metadata": {"x": float("nan")}},
            {"metadata": {"x": 2**70}},
            {"size": -1},
            {"size": 2**60},
            {"n_pages": True},
            {"n_chars": 1.5},
            {"notes": ("\udfff",)},
            {"id": "no id"},
        ],
        ids=repr,
    )
    def test_what_could_not_be_given_back_is_refused(self, bench: Bench, wrong: dict[str, Any]) -> None:
        """Nothing is stored of it, and the value is not in the message."""
        document = replace(document_of("file:///a"), **wrong)
        with pytest.raises(InputError) as caught:
            bench.commit(changes=(StoreDocument(document, ()),))
        assert "file" not in str(caught.value)
        assert listed(bench) == []

    @pytest.mark.parametrize(
        "wrong",
        [
            {"digest": "x"},
            {"digest": "AB" * 32},
            {"start": 9},
            {"start": -1},
            {"page": 0},
            {"last_page": 1.5},
            {"stop": True},
        ],
        ids=repr,
    )
    def test_a_place_that_is_none_is_refused(self, bench: Bench, wrong: dict[str, Any]) -> None:
        """Spans run forwards, pages count from one, digests are SHA-256."""
        item = bench.say("text")
        chunk: StoredChunk = replace(chunk_of(item, "text", start=1), **wrong)
        with pytest.raises(InputError):
            bench.commit(changes=(StoreDocument(document_of("file:///a"), (chunk,)),))
        assert listed(bench) == []

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
