"""A document is meant by whose it is, of when and of what kind, as its metadata say, though its title says nothing of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polymem.text.keys import index_keys
from polymem.text.keys_described import routing_keys
from polymem.text.keys_passage import passage_keys
from polymem.text.keys_title import INITIALS, NAME, NAME_WORD, PART, title_keys

DESCRIBING = [
    "company",
    "company_name",
    "organisation",
    "organization",
    "issuer",
    "author",
    "authors",
    "ticker",
    "symbol",
    "year",
    "fiscal_year",
    "report_year",
    "fy",
    "quarter",
    "fiscal_quarter",
    "period",
    "fiscal_period",
    "date",
    "report_date",
    "published",
    "form",
    "form_type",
    "type",
    "report_type",
    "document_type",
    "doc_type",
]
TEXT = "Wells were dug in the valley."


def names(title, metadata):
    return [key[len(NAME) :] for key in routing_keys(title, metadata) if key.startswith(NAME)]


def parts(title, metadata):
    return [key[len(PART) :] for key in routing_keys(title, metadata) if key.startswith(PART)]


@pytest.mark.parametrize(
    ("company", "name"),
    [
        ("Acme Water", "acmewater"),
        ("Acme Water, Inc.", "acmewater"),
        ("ACME WATER HOLDING CO., LTD.", "acmewaterholding"),
        ("3M Company", "3m"),
        ("Studio 54", "studio54"),
        ("The Bank of Fen", "bankfen"),
        ("沼泽水务股份有限公司", "沼泽水务"),
        ("沼澤水務集團有限公司", "沼泽水务"),
        (["Acme Water"], "acmewater"),
        (1812, "1812"),
    ],
)
def test_a_company_is_the_name(company, name):
    assert names("annual report", {"company": company}) == [name]
    assert parts("annual report", {"company": company}) == ["annual", "report"]


@pytest.mark.parametrize(
    "key", ["company", "Company Name", "ORGANISATION", "organization", "issuer", "公司", "發行人"]
)
def test_keys_of_metadata_are_known_however_they_are_written(key):
    assert names("report", {key: "Acme Water"}) == ["acmewater"]


@pytest.mark.parametrize(
    ("metadata", "found"),
    [
        ({"year": 2021}, ["2021"]),
        ({"year": 2021.0}, ["2021"]),
        ({"year": "2021"}, ["2021"]),
        ({"fiscal_year": "FY21"}, ["2021"]),
        ({"fiscal year": "FY2021"}, ["2021"]),
        ({"年度": "2021年度"}, ["2021"]),
        ({"year": [2020, 2021]}, ["2020", "2021"]),
        ({"year": "2020-2021"}, ["2020", "2021"]),
        ({"quarter": 2}, ["q2"]),
        ({"quarter": "Q2 2021"}, ["2021", "q2"]),
        ({"period": "2021Q2"}, ["2021", "q2"]),
        ({"period": "second quarter 2021"}, ["2021", "q2"]),
        ({"季度": "第二季度"}, ["q2"]),
        ({"季度": 2}, ["q2"]),
        ({"报告期": "2021年上半年"}, ["2021", "q2"]),
        ({"form": "10-K"}, ["10k"]),
        ({"form_type": "Form 10-Q"}, ["form", "10q"]),
        ({"类型": "年报"}, ["年报"]),
        ({"date": "2021-07-02T10:00:00"}, ["2021", "07", "02"]),
        ({"日期": "2021年7月2日"}, ["2021", "07", "02"]),
        ({"date": 2021}, ["2021"]),
        # A report on one year comes out in the next.
        ({"year": 2021, "date": "2022-02-01"}, ["2021"]),
        ({"year": 2021, "date": "2021-12-01"}, ["2021", "12", "01"]),
    ],
)
def test_times_and_kinds_are_parts(metadata, found):
    assert parts("report", metadata) == found


def test_a_stated_year_takes_the_place_of_that_in_the_title():
    assert parts("ACME_2020_10K", {"year": 2021}) == ["10k", "2021"]
    assert parts("ACME_2020_10K", {"date": "2021-02-01"}) == ["2020", "10k"]


def test_authors_and_symbols_are_further_names():
    said = {"author": "Anna Li <anna@example.org>, Bo Wu and 李安", "ticker": "ACWA"}
    keys = routing_keys("Fens", said)
    assert names("Fens", said) == ["fens", "annali", "bowu", "李安"]
    assert INITIALS + "acwa" in keys
    assert NAME_WORD + "anna" in keys
    assert names("Fens", {"author": "admin"}) == ["fens"]


@pytest.mark.parametrize(
    "metadata",
    [
        {"company": None},
        {"company": True, "year": False},
        {"company": {"name": "Acme"}},
        {"company": [[], {}]},
        {"company": "  "},
        {"company": "公司"},
        {"year": "soon", "quarter": 7},
        {"date": "tomorrow"},
    ],
)
def test_what_says_nothing_changes_nothing(metadata):
    assert routing_keys("ACME_2021_10K", metadata) == title_keys("ACME_2021_10K")


def test_rows_of_which_neither_title_nor_document_is_known_are_not_taken_for_one():
    assert routing_keys("", {"company": "Acme"}) == ()
    assert names("", {"company": "Acme", "document": "d1"}) == ["acme"]
    assert routing_keys("", {"year": 2021, "document": "d1"}) == ()


def test_long_values_are_cut():
    said = {
        "company": "水" * 5_000,
        "year": list(range(1900, 2100)),
        "form": "w " * 5_000,
        "author": ["A B"] * 500,
    }
    keys = routing_keys("t " * 500, said)
    assert len(keys) < 100
    assert max(map(len, keys)) < 64


VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.text(max_size=20), st.lists(st.text(max_size=8), max_size=4)
)
OTHERS = st.sampled_from(("page", "source", "pid", "language", "heading", "备注", "years", "companies"))


@given(st.text(max_size=40), st.dictionaries(OTHERS, VALUES, max_size=5))
def test_rows_without_such_metadata_are_indexed_as_by_their_title(title, metadata):
    assert routing_keys(title, metadata) == title_keys(title)
    said = {**metadata, "title": title}
    assert index_keys("episode", TEXT, role="document", metadata=said) == index_keys(
        "episode", TEXT, role="document", metadata={"title": title}
    )


@given(st.text(max_size=40), st.dictionaries(st.sampled_from(DESCRIBING), VALUES, max_size=6))
def test_any_values_make_keys_and_leave_the_true_title_its_own(title, metadata):
    keys = passage_keys(TEXT, title, metadata)
    assert all(key.startswith("=") for key in keys)
    routing = set(routing_keys(title, metadata)) | set(title_keys(title))
    assert [key for key in keys if key not in routing] == [
        key for key in passage_keys(TEXT, title) if key not in routing
    ]


def test_of_other_rows_metadata_make_no_keys():
    said = {"title": "annual report", "company": "Acme", "year": 2021}
    assert index_keys("episode", TEXT, role="user", metadata=said) == index_keys(
        "episode", TEXT, role="user", metadata={}
    )
