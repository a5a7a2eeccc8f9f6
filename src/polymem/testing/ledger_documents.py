"""What a ledger promises about documents: kept with their chunks or not at all, behind the wall, gone with their words."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta
from typing import Any, Literal

import pytest

from polymem.domain.batch import Outcome, Removal
from polymem.domain.change import DropDocument, StoreDocument
from polymem.domain.document import StoredChunk
from polymem.domain.scope import Scope
from polymem.errors import ConflictError, InputError, NotFoundError
from polymem.ports.ledger import Snapshot
from polymem.testing.bench import ALICE, BOB, Bench
from polymem.testing.clock import NOON
from polymem.testing.documents import chunk_of, document_of, parts_of, stored
from polymem.testing.drafting import new_id
from polymem.testing.shelf import chunk_ids, ingest, listed

__all__ = ["DocumentPromises"]

HOW: tuple[Literal["delete", "erase", "expire"], ...] = ("delete", "erase", "expire")
MONDAY = Scope(user_id="alice", run_id="周一")
COOK = Scope(user_id="alice", agent_id="cook", run_id="周一")
SCOPES = (ALICE, BOB, MONDAY, COOK, Scope(agent_id="alice"), Scope(run_id="alice"))


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
