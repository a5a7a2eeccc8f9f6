"""Chinese questions that need two or three passages, and English ones over Chinese passages: names lead from one to the next."""

from __future__ import annotations

from collections import defaultdict

import pytest

from polymem import Memory
from polymem.evals.opening import built_in


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """Return for each kind of question whether all of its evidence is among the first five, with names and without."""
    (data,) = (each for each in built_in() if each.name == "own-passages-zh")
    (corpus,) = data.corpora()
    kinds = defaultdict(list)
    with Memory(tmp_path_factory.mktemp("zh") / "m.db") as memory:
        messages = [
            {
                "role": "document",
                "content": row.text,
                "metadata": {"id": row.id} | ({"title": row.title} if row.title else {}),
            }
            for row in corpus.rows
        ]
        memory.add(messages, user_id="u", infer=False)
        for question in corpus.questions:
            whole = []
            for mode in ("hybrid", "vector", "keyword"):
                hits = memory.search(question.text, user_id="u", limit=5, mode=mode)
                whole.append(question.evidence <= {hit.item.metadata["id"] for hit in hits})
            kinds[question.category].append(whole)
    return kinds


def share(rows, place):
    return sum(row[place] for row in rows) / len(rows)


@pytest.mark.parametrize(("kind", "least"), [("1hop", 1.0), ("2hop", 0.9), ("3hop", 1.0), ("mixed", 1.0)])
def test_evidence_of_every_kind_is_found(found, kind, least):
    assert share(found[kind], 0) >= least


def test_names_find_what_words_and_vectors_do_not(found):
    rows = [row for kind in ("2hop", "3hop") for row in found[kind]]
    assert share(rows, 0) > max(share(rows, 1), share(rows, 2)) + 0.2
