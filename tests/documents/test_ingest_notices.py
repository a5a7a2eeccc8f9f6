"""A notice that stands in many documents is not what was meant when a passage with it was forgotten."""

from __future__ import annotations

import pytest

from polymem import DocumentInput, Memory
from tests.documents.library import opened, paragraph, texts

CASES = [
    (
        "Skarn Harbour owns this manual. Copying is not allowed anywhere.",
        "Albert Moss keeps his savings in the clock.",
    ),
    ("本手册归斯卡恩港所有，未经许可不得复制传播。", "老林的积蓄藏在客厅的旧座钟里，谁也不知道。"),
]


@pytest.fixture
def memory(tmp_path):
    with opened(tmp_path / "m.db", config={"documents": {"workers": 1}}) as memory:
        yield memory


def ingest(memory: Memory, uri: str, *parts: str, **options: object) -> int:
    """Ingest a text of these paragraphs, and return how many passages were left out or shortened."""
    source = DocumentInput(text="\n\n".join(parts), uri=uri)
    return memory.ingest(source, user_id="u", **options).n_chunks_withheld  # type: ignore[arg-type]


def forget(memory: Memory, words: str, run_id: str | None = None) -> None:
    """Forget the passages in which *words* stand."""
    found = memory.get_all(user_id="u", run_id=run_id, filters={"role": "document"}, limit=100)
    memory.forget([item.id for item in found if words in item.text], user_id="u", run_id=run_id)


@pytest.mark.parametrize(("notice", "secret"), CASES)
class TestNotices:
    def test_one_of_two_other_documents_stays(self, memory, notice, secret):
        for uri, subject in (("b", "oolong"), ("c", "红茶")):
            ingest(memory, uri, notice, paragraph(subject))
        ingest(memory, "a", notice, secret)
        forget(memory, secret)
        assert ingest(memory, "d", notice, paragraph("sencha")) == 0
        assert f"{notice}\n\n{paragraph('sencha')}" in texts(memory)
        # The passage itself stays out, and the secret wherever it stands.
        assert ingest(memory, "a", notice, secret) == 1
        assert ingest(memory, "a", notice, secret, paragraph("绿茶")) == 1
        assert f"{notice}\n\n{paragraph('绿茶')}" in texts(memory)
        assert not any(secret in text for text in texts(memory))
        assert memory.verify() == []

    def test_one_other_document_may_be_a_copy_that_was_overlooked(self, memory, notice, secret):
        """Nor do two passages of one document, or the document itself, make two."""
        ingest(memory, "b", notice, paragraph("oolong"), "\f", notice, paragraph("红茶"))
        ingest(memory, "a", notice, secret)
        forget(memory, secret)
        assert ingest(memory, "d", notice, paragraph("sencha")) == 1
        assert paragraph("sencha") in texts(memory)

    def test_what_goes_does_not_count(self, memory, notice, secret):
        """What was deleted, put away or will expire, and what stands amid other words."""
        ingest(memory, "b", notice, paragraph("oolong"))
        ingest(memory, "gone", notice, paragraph("红茶"))
        ingest(memory, "away", notice, paragraph("绿茶"))
        ingest(memory, "soon", notice, paragraph("matcha"), expires_at="2999-01-01")
        ingest(memory, "amid", f"{notice} {paragraph('gyokuro')}")
        ingest(memory, "a", notice, secret)
        found = {item.text: item.id for item in memory.get_all(user_id="u", limit=100)}
        memory.delete(found[f"{notice}\n\n{paragraph('红茶')}"])
        memory.archive(found[f"{notice}\n\n{paragraph('绿茶')}"])
        forget(memory, secret)
        assert ingest(memory, "d", notice, paragraph("sencha")) == 1
        assert paragraph("sencha") in texts(memory)

    def test_nor_does_what_another_session_has(self, memory, notice, secret):
        for uri in ("b", "c"):
            ingest(memory, uri, notice, paragraph("oolong"))
        ingest(memory, "a", notice, secret, run_id="r")
        forget(memory, secret, run_id="r")
        assert ingest(memory, "d", notice, paragraph("sencha"), run_id="r") == 1

    def test_what_was_said_does_not_count(self, memory, notice, secret):
        ingest(memory, "b", notice, paragraph("oolong"))
        memory.add([{"role": "user", "content": notice}], user_id="u", infer=False)
        ingest(memory, "a", notice, secret)
        forget(memory, secret)
        assert ingest(memory, "d", notice, paragraph("sencha")) == 1
