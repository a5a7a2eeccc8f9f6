"""Documents beside models: facts derived from them, and an embedder that fails."""

import pytest

from polymem import DocumentInput
from polymem.domain.statement import Extraction, Statement
from polymem.testing.fakes import FailingEmbedder, ScriptedExtractor
from tests.documents.library import CONFIG, opened, paragraph, texts

SOURCES = [DocumentInput(text=paragraph(subject), uri=subject) for subject in ("oolong", "绿茶")]


def fact(text, subject):
    return Extraction(
        (
            Statement(
                "farmers",
                "related_to",
                subject,
                subject,
                "fact",
                True,
                f"They grow {subject}.",
                (0, len(text)),
            ),
        )
    )


@pytest.fixture
def extractor():
    return ScriptedExtractor(
        {paragraph(s): fact(paragraph(s), s) for s in ("oolong", "绿茶")}, name="model/1"
    )


def facts(memory):
    return sorted(item.text for item in memory.get_all(user_id="u", kinds=["fact"]))


class TestDerivation:
    def test_asked_for(self, tmp_path, extractor):
        with opened(tmp_path / "m.db", extractor=extractor) as memory:
            done = memory.ingest(SOURCES, user_id="u", infer=True)
            assert done.pending == ()
            assert facts(memory) == ["They grow oolong.", "They grow 绿茶."]
            assert all(message.role == "document" for message in extractor.seen)
            # Nothing is asked again of what stays.
            n = len(extractor.seen)
            memory.ingest(SOURCES, user_id="u", infer=True)
            assert len(extractor.seen) == n

    def test_not_asked_for_where_no_model_is_configured(self, tmp_path, extractor):
        with opened(tmp_path / "m.db", extractor=extractor) as memory:
            assert memory.ingest(SOURCES, user_id="u").pending == ()
            assert (facts(memory), extractor.seen) == ([], [])

    def test_a_model_that_fails_loses_nothing(self, tmp_path, extractor):
        extractor.fail()
        with opened(tmp_path / "m.db", extractor=extractor) as memory:
            done = memory.ingest(SOURCES, user_id="u", infer=True)
            assert len(done.added) == 2
            assert done.pending == tuple(each.id for each in memory.pending(user_id="u"))
            assert len(done.pending) == 1
            assert len(texts(memory)) == 2

    def test_in_the_background(self, tmp_path, extractor):
        config = {**CONFIG, "derivation": {"background": True}}
        with opened(tmp_path / "m.db", extractor=extractor, config=config) as memory:
            done = memory.ingest(SOURCES, user_id="u", infer=True)
            assert len(done.pending) == 1
            memory.work()
            assert len(facts(memory)) == 2

    def test_what_rests_on_a_chunk_goes_with_it(self, tmp_path, extractor):
        with opened(tmp_path / "m.db", extractor=extractor) as memory:
            done = memory.ingest(SOURCES, user_id="u", infer=True)
            gone = next(document for document in done.added if document.uri == "oolong")
            receipt = memory.remove_document(gone.id, user_id="u")
            assert len(receipt.erased) == 2
            assert facts(memory) == ["They grow 绿茶."]
            memory.ingest(DocumentInput(text=paragraph("红茶"), uri="绿茶"), user_id="u")
            assert facts(memory) == []
            assert memory.verify() == []


def test_an_embedder_that_fails(tmp_path):
    embedder = FailingEmbedder()
    embedder.fail(times=1)
    with opened(tmp_path / "m.db", embedder=embedder) as memory:
        done = memory.ingest(SOURCES, user_id="u")
        assert (len(done.added), done.n_unembedded) == (2, 2)
        assert "oolong" in memory.search("oolong", user_id="u", limit=1)[0].item.text.casefold()
        again = memory.ingest(DocumentInput(text=paragraph("sencha"), uri="s"), user_id="u")
        assert again.n_unembedded == 0
        assert memory.verify() == []
