"""Questions are led to documents by whose they are and of when, as their metadata say."""

import pytest

from polymem.domain.query import Selection, Visibility
from polymem.ranking.scoring import Weights
from polymem.read.concat import concatenated
from polymem.read.plan import plan_query
from polymem.testing.snapshot import MemorySnapshot
from tests.read.conftest import NOW, SCOPE, ask, row, vector_of

PAGE = "The company makes many things in many places and sells them. " * 30
SHELF = {
    "acme20": {"company": "Acme Water Inc.", "year": 2020},
    "acme21": {"company": "Acme Water Inc.", "year": 2021},
    "acme21q2": {"company": "Acme Water Inc.", "year": "2021", "quarter": "Q2"},
    "boreal21": {"organisation": ["Boreal Bank"], "fiscal_year": "FY21"},
    "fen21": {"公司": "沼泽水务有限公司", "年度": 2021},
    "fen21q2": {"公司": "沼泽水务有限公司", "年度": 2021, "季度": "第二季度"},
}


def library(metadata, n_pages=10):
    return [
        row(
            f"{name}#{n}",
            f"Page {n} of it. Wells were dug. 挖了井。{PAGE}",
            role="document",
            metadata={"title": "annual report", "document": name, **said},
        )
        for name, said in metadata.items()
        for n in range(n_pages)
    ]


def first(rows, question, **more):
    return [hit.item.id.partition("#")[0] for hit in ask(MemorySnapshot(rows), question, limit=4, **more)]


QUESTIONS = [
    ("How many wells did Acme Water dig in FY2021?", "acme21"),
    ("How many wells did Acme Water dig in 2020?", "acme20"),
    ("How many wells did Acme dig in Q2 of 2021?", "acme21q2"),
    ("What does the annual report of Boreal Bank say of wells?", "boreal21"),
    ("沼泽水务2021年挖了几口井？", "fen21"),
    ("沼泽水务有限公司2021年第二季度挖了几口井？", "fen21q2"),
]


@pytest.mark.parametrize(("question", "document"), QUESTIONS)
def test_the_document_that_is_meant_comes_first(question, document):
    assert first(library(SHELF), question) == [document] * 4


@pytest.mark.parametrize("mode", ["vector", "graph"])
@pytest.mark.parametrize(("question", "document"), QUESTIONS)
def test_modes_are_led_there_too(question, document, mode):
    assert first(library(SHELF), question, mode=mode) == [document] * 4


@pytest.mark.parametrize(("question", "document"), QUESTIONS)
def test_both_halves_of_concat_are_led_there(question, document):
    plan = plan_query(question, now=NOW, vector=vector_of(question), mode="concat", limit=4)
    found = concatenated(
        MemorySnapshot(library(SHELF)), plan, Selection(SCOPE, Visibility(now=NOW)), weights=Weights()
    )
    assert [hit.item.id.partition("#")[0] for hit in found.hits] == [document] * 4
