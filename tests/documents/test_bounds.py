"""What hostile files may cost the process that stores them, and what becomes of it where something changes under its hands."""

import os
import signal
import threading

import pytest

from polymem import DocumentInput
from polymem.documents import worker
from polymem.documents.ahead import Readers, read_origin
from polymem.documents.describe import describe
from polymem.documents.marks import marks
from polymem.documents.readers import building, eml
from polymem.documents.readers.building import Source
from polymem.documents.readers.text import read as read_text
from polymem.documents.sources import Origin
from polymem.documents.units import units_of
from polymem.documents.worker import ReaderPool
from polymem.domain.document import Block, BlockKind, Cut, Parsed
from polymem.domain.predicates import predicate_named
from polymem.errors import ReadError
from polymem.text.sentences import sentence_spans
from tests.documents.library import opened

READERS = Readers(lambda content, name: pytest.fail(f"{name} was read: {content!r}"), 100, lambda: None)


def long(words: str, kind: BlockKind = "paragraph") -> Parsed:
    """Return a document of one block that is just longer than a million characters."""
    text = (words * (1_000_001 // len(words) + 1)).strip()
    return Parsed((Block(kind, text, 0, None, (), 0),), "", {}, "", 0, ())


@pytest.mark.parametrize("words", ["Yes. ", "1. ", "是。", "对！", "- a\n"])
def test_a_long_document_of_short_sentences_is_few_units(words):
    parsed = long(words)
    units = units_of(parsed, parsed.text, 1_600)
    assert len(units) < len(parsed.text) / 50
    covered = "".join(parsed.text[unit.start : unit.stop] for unit in units)
    assert "".join(covered.split()) == "".join(parsed.text.split())


@pytest.mark.parametrize("words", ["a\n", "茶\n"])
def test_a_long_listing_of_short_lines_is_few_units(words):
    parsed = long(words, "code")
    units = units_of(parsed, parsed.text, 1_600)
    assert len(units) < len(parsed.text) / 50
    assert units[-1].stop == len(parsed.text)


def test_a_document_of_usual_length_has_its_sentences():
    text = "是。对。Yes. No one came. "
    assert sentence_spans(text) == sentence_spans(text, least=0)
    assert len(sentence_spans(text)) == 4


def test_short_sentences_go_with_the_next():
    text = "是。对。这里说得多一些。Good. It rained."
    shown = [text[start:stop] for start, stop in sentence_spans(text, least=8)]
    assert shown == ["是。对。这里说得多一些。", "Good. It rained."]


def test_more_blocks_than_anybody_wrote_are_refused(monkeypatch):
    monkeypatch.setattr(building, "_MAX_BLOCKS", 3)
    assert len(read_text(Source("a\n\nb\n\n茶".encode())).blocks) == 3
    with pytest.raises(ReadError) as caught:
        read_text(Source("a\n\nb\n\n茶\n\nd".encode()))
    assert caught.value.problem == "too_large"


def test_what_is_attached_counts_too(monkeypatch):
    monkeypatch.setattr(building, "_MAX_BLOCKS", 3)
    head = (
        b"Subject: s\nContent-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: text/plain\n\nhello\n"
    )
    part = b"--x\nContent-Disposition: attachment; filename=a.txt\n\none\n\ntwo\n"
    with pytest.raises(ReadError) as caught:
        eml.read(Source(head + part + b"--x--\n"))
    assert caught.value.problem == "too_large"


def test_a_header_is_decoded_as_far_as_it_may_be_kept(monkeypatch):
    seen = []
    decoded = eml.decode_header

    def noted(value):
        seen.append(len(value))
        return decoded(value)

    monkeypatch.setattr(eml, "decode_header", noted)
    parsed = eml.read(Source(b"Subject: " + b"=?utf-8?b?6Iy2?= " * 5_000 + b"\n\nhi"))
    assert parsed.title.startswith("茶茶")
    assert max(seen) <= 8_000


@pytest.mark.skipif(os.name == "nt", reason="Windows has no pipes in folders")
def test_a_file_that_became_a_pipe_is_not_waited_for(tmp_path):
    path = tmp_path / "a.txt"
    os.mkfifo(path)
    found = []
    thread = threading.Thread(
        target=lambda: found.append(read_origin(Origin("file:///a.txt", "a.txt", path=path), READERS)),
        daemon=True,
    )
    thread.start()
    thread.join(20)
    assert [each.failure.problem for each in found] == ["unreadable"]


@pytest.mark.skipif(os.name == "nt", reason="Windows follows links")
def test_a_file_that_became_a_link_is_not_followed(tmp_path):
    (tmp_path / "secret").write_text("密码")
    (tmp_path / "a.txt").symlink_to(tmp_path / "secret")
    reading = read_origin(Origin("file:///a.txt", "a.txt", path=tmp_path / "a.txt"), READERS)
    assert reading.failure is not None
    assert reading.failure.problem == "unreadable"


@pytest.mark.skipif(os.name == "nt", reason="Windows has other signals")
def test_an_interrupt_of_the_terminal_leaves_the_reader_alone():
    """A program that goes on after Ctrl-C does not find a sound file damaged."""
    with ReaderPool() as readers:
        readers.read("茶".encode(), name="a.txt")
        process = readers._free.get()
        readers._free.put(process)
        assert process is not None
        os.kill(process._process.pid, signal.SIGINT)
        assert readers.read(b"tea", name="a.txt").text == "tea"
        assert process.is_alive()


def test_an_answer_that_is_nested_without_end_is_damage(monkeypatch):
    with ReaderPool() as readers:
        readers.read(b"tea", name="a.txt")
        monkeypatch.setattr(worker, "receive", lambda *_, **__: b"[" * 1_000_000)
        with pytest.raises(ReadError) as caught:
            readers.read(b"tea", name="a.txt")
    assert caught.value.problem == "memory"  # or it "breaks its reader", as the message says


def test_the_name_of_a_file_is_a_title_on_one_line():
    said = describe(Cut(()), name="茶\n[1] see\there.txt", given={})
    assert said.title == "茶 [1] see here"


def test_marks_in_a_document_are_no_citations_of_an_answer(tmp_path):
    with opened(tmp_path / "m.db") as memory:
        memory.ingest(DocumentInput(text="Sencha is grown in the hills of Uji [7][1].", uri="x"), user_id="u")
        answer = memory.ask("Where is sencha grown?", user_id="u", min_confidence=0.0)
    assert answer.text == "Sencha is grown in the hills of Uji (7)(1). [1]"
    assert answer.citations[0].quote == "Sencha is grown in the hills of Uji [7][1]."
    assert [mark.numbers for mark in marks(answer.text)] == [(1,)]


def test_names_of_predicates_are_forgotten_with_what_was_erased(tmp_path):
    with opened(tmp_path / "m.db") as memory:
        memory.ingest(DocumentInput(text="绿茶不发酵。", uri="x"), user_id="u")
        predicate_named("favourite:secret")
        memory.remove_document(memory.documents(user_id="u")[0].id, user_id="u")
        assert not predicate_named.cache_info().currsize
