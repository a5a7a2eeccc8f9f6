"""Questions are led to long documents by what their titles name, and to pages by their heads and what they state."""

from typing import Any

import pytest

from polymem.domain.hit import Hits
from polymem.ranking.routing import LEAST_SHARE, TitleMatch, fits
from polymem.testing.snapshot import MemorySnapshot
from polymem.text.asking_documents import asked_documents
from polymem.text.keys_title import HEAD, LONG_CHARS, LONG_PAGE, STATEMENT, page_keys, title_keys, title_parts
from polymem.text.statements_of_account import asked_statements, statement_of
from polymem.text.tokenise import KEY_MARK
from tests.read.conftest import ask, row

FILLER = "The company makes many things in many places and sells them. "
PAGE = FILLER * 30


def explained(hits: Hits) -> Any:
    return hits.explanation


def page(name, text, title, **more):
    return row(name, text, role="document", metadata={"title": title}, **more)


def library(titles, n_pages=10):
    """Documents whose pages all say the same, so that their titles alone tell them apart."""
    return [
        page(f"{title}#{n}", f"Page {n} of it. Wells were dug. 挖了井。{PAGE}", title)
        for title in titles
        for n in range(n_pages)
    ]


def first(rows, question, **more):
    return [hit.item.id.partition("#")[0] for hit in ask(MemorySnapshot(rows), question, **more)]


REPORTS = [
    "ACMEWATERWORKS_2020_10K",
    "ACMEWATERWORKS_2021_10K",
    "ACMEWATERWORKS_2021Q2_10Q",
    "ACMEWATERWORKS_2021_8K_dated-2021-07-02",
    "BOREALBANK_2021_10K",
    "MERIDIAN_MERIDIAN_2021_10K",
    "员工手册2021",
    "安全手册2021",
]


@pytest.mark.parametrize(
    ("question", "title"),
    [
        ("How many wells did Acme Water Works dig in FY2021?", "ACMEWATERWORKS_2021_10K"),
        ("How many wells did Acme Water Works dig in FY21?", "ACMEWATERWORKS_2021_10K"),
        ("How many wells did Acme dig in 2020?", "ACMEWATERWORKS_2020_10K"),
        ("Wells of Acme Water Works from FY2019 to FY2020", "ACMEWATERWORKS_2020_10K"),
        ("How many wells did Acme Water Works dig in Q2 of FY2021?", "ACMEWATERWORKS_2021Q2_10Q"),
        ("How many wells did Acme Water Works dig in 2Q21?", "ACMEWATERWORKS_2021Q2_10Q"),
        ("Acme Water Works's second quarter 2021 wells", "ACMEWATERWORKS_2021Q2_10Q"),
        (
            "What does the Acme Water Works 8-K of July 2, 2021 say of wells?",
            "ACMEWATERWORKS_2021_8K_dated-2021-07-02",
        ),
        ("how many wells did acme water works dig in 2020?", "ACMEWATERWORKS_2020_10K"),
        ("What are the wells of M&M in 2021?", "MERIDIAN_MERIDIAN_2021_10K"),
        ("How many wells has Boreal Bank?", "BOREALBANK_2021_10K"),
        ("2021年的员工手册里怎么说井的？", "员工手册2021"),
        ("安全手册讲井的哪一页？", "安全手册2021"),
    ],
)
def test_the_document_that_is_named_comes_first(question, title):
    assert first(library(REPORTS), question, limit=4) == [title] * 4


def test_a_document_of_few_passages_is_not_routed_to():
    rows = library(["ACMEWATERWORKS_2021_10K"], n_pages=2)
    hits = ask(MemorySnapshot(rows), "Wells of Acme Water Works in 2021", explain=True)
    assert "routed" not in explained(hits)["n_candidates"]
    assert not any(hit.signals.get("titled") for hit in hits)
    rows = library(["ACMEWATERWORKS_2021_10K"])
    hits = ask(MemorySnapshot(rows), "Wells of Acme Water Works in 2021", explain=True)
    assert explained(hits)["n_candidates"]["routed"] == len(rows)
    assert all(hit.signals["route"] > 0 for hit in hits)


def test_what_may_not_be_seen_is_not_routed_to():
    rows = library(REPORTS)
    rows += [page("gone#0", f"Wells. {PAGE}", "ACMEWATERWORKS_2021_10K", removed=True)]
    found = ask(MemorySnapshot(rows), "Wells of Acme Water Works in FY2021", limit=50)
    assert "gone#0" not in {hit.item.id for hit in found}


def test_turns_are_never_routed():
    rows = [row(f"e{n}", "Wells were dug.", metadata={"title": "ACMEWATERWORKS_2021_10K"}) for n in range(4)]
    hits = ask(MemorySnapshot(rows), "Wells of Acme Water Works in 2021", explain=True)
    assert not any("route" in hit.signals for hit in hits)


BALANCE = f"CONSOLIDATED BALANCE SHEETS\nTotal assets 7\nTotal current assets 3\nAccounts payable 2\n{PAGE}"
FLOWS = f"现金流量表\n经营活动产生的现金 5\n投资活动使用的现金 4\n{PAGE}"


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("What is Acme's working capital?", "balance"),
        ("What was Acme's capital expenditure?", "flows"),
        ("Acme的现金流怎么样？", "flows"),
        ("Acme的应付账款是多少？", "balance"),
    ],
)
def test_the_statement_on_which_it_stands_comes_first(question, name):
    title = "ACME_2021_10K"
    rows = [page(f"p{n}", f"Working capital and cash. 现金, 账款. {PAGE}", title) for n in range(12)]
    rows += [page("balance", BALANCE, title), page("flows", FLOWS, title)]
    assert ask(MemorySnapshot(rows), question)[0].item.id == name


def test_a_page_is_known_by_its_head():
    title = "ACME_2021_10K"
    rows = [page(f"p{n}", f"{PAGE} Lawsuits are told of elsewhere.", title) for n in range(12)]
    rows.append(page("head", f"Lawsuits.\n{PAGE}", title))
    hits = ask(MemorySnapshot(rows), "Which lawsuits are there?", explain=True)
    assert hits[0].item.id == "head"
    assert hits[0].signals["head"] > 0


class TestTitles:
    @pytest.mark.parametrize(
        ("title", "parts"),
        [
            ("ACME_2021Q2_10Q", (("acme",), ("2021", "q2", "10q"))),
            ("Q2FY? The Acme Company", (("q2fy", "acme", "company"), ())),
            ("3M_FY2022_10K", (("3m",), ("2022", "10k"))),
            ("員工手冊（2021年版）", (("员工手册",), ("2021", "年版"))),
            ("", ((), ())),
            ("§§§", ((), ())),
            ("2021", (("2021",), ())),
        ],
    )
    def test_a_name_ends_where_numbers_begin(self, title, parts):
        assert title_parts(title) == parts

    @pytest.mark.parametrize(
        "title", ["ACME_2021Q2_10Q", "员工手册2021", "a b c d e f g h i j " * 50, "=n:x", ""]
    )
    def test_keys_bear_the_mark_and_stand_once(self, title):
        keys = title_keys(title)
        assert all(key.startswith(KEY_MARK) and "\n" not in key for key in keys)
        assert len(set(keys)) == len(keys) <= 64

    def test_short_passages_have_no_keys_of_pages(self):
        assert page_keys("x" * LONG_CHARS) == ()
        assert page_keys("Reeds. " + "x" * LONG_CHARS)[0] == LONG_PAGE
        assert HEAD + "reed" in page_keys("Reeds. " + "x" * LONG_CHARS)
        assert f"{STATEMENT}balance" in page_keys(BALANCE)

    @pytest.mark.parametrize("row", ["P-{n} | Pump model {n} | {n}.50 EUR", "泵{n} | 离心泵{n}型 | {n}元"])
    def test_a_part_of_a_table_is_no_page(self, row):
        table = "\n".join(row.format(n=n) for n in range(100, 200))
        assert len(table) > LONG_CHARS
        assert LONG_PAGE not in page_keys(f"Price list\n\n{table}")
        assert LONG_PAGE in page_keys(table.replace(" | ", ", "))
        assert LONG_PAGE in page_keys("\n".join(line.replace("  ", " | ") for line in BALANCE.splitlines()))

    @pytest.mark.parametrize(("statement", "kind"), [(BALANCE, "balance"), (FLOWS, "cash")])
    def test_a_statement_on_less_than_a_long_page_is_one(self, statement, kind):
        keys = page_keys(statement[: LONG_CHARS - 100])
        assert STATEMENT + kind in keys
        assert any(key.startswith(HEAD) for key in keys)
        assert LONG_PAGE not in keys
        assert page_keys(statement[:200]) == ()


class TestQuestions:
    @pytest.mark.parametrize(
        ("question", "years", "quarters"),
        [
            ("Sales in FY2021 and FY2022", (2021, 2022), ()),
            ("Sales in FY 21", (2021,), ()),
            ("Sales in Q22023", (2023,), (2,)),
            ("Sales in 2023Q1", (2023,), (1,)),
            ("Sales as of Q2'2023", (2023,), (2,)),
            ("Sales in H1 FY2023", (2023,), (2,)),
            ("Sales in the fourth quarter of 2020", (2020,), (4,)),
            ("2023年第三季度的销售", (2023,), (3,)),
            ("2023年上半年的销售", (2023,), (2,)),
            ("Sales of 1800 boats to 12345 people", (), ()),
            ("", (), ()),
        ],
    )
    def test_times(self, question, years, quarters):
        asked = asked_documents(question)
        assert (asked.years, asked.quarters) == (years, quarters)

    def test_may_is_a_month_where_it_has_its_capital(self):
        assert "05" in asked_documents("What happened on May 3?").parts
        assert "03" in asked_documents("What happened on May 3?").parts
        assert "05" not in asked_documents("What may Acme borrow?").parts

    def test_a_very_long_question_is_cut(self):
        asked = asked_documents("Acme " * 5_000 + "好" * 5_000)
        assert len(asked.first) <= 160

    @pytest.mark.parametrize(
        ("question", "kinds"),
        [
            ("What is the quick ratio?", ("balance",)),
            ("How high were dividends?", ("cash",)),
            ("毛利率是多少？", ("income",)),
            ("资产负债率是多少？", ("balance",)),
            ("Who is the new captain?", ()),
        ],
    )
    def test_statements(self, question, kinds):
        assert asked_statements(question) == kinds

    @pytest.mark.parametrize(
        ("text", "kind"),
        [
            (BALANCE, "balance"),
            (FLOWS, "cash"),
            ("Notes to the balance sheet: total assets rose.", ""),
            ("利润表\n营业收入 9\n净利润 2", "income"),
            ("", ""),
        ],
    )
    def test_a_statement_is_one_with_its_items(self, text, kind):
        assert statement_of(text) == kind


class TestFits:
    def test_the_best_is_as_good_as_its_name(self):
        found = fits(
            [TitleMatch(0.8, "latest"), TitleMatch(0.8), TitleMatch(LEAST_SHARE - 0.01)], asks_quarter=False
        )
        assert found[0] == pytest.approx(0.8)
        assert 0 < found[1] < found[0]
        assert found[2] == 0

    def test_nothing_named_is_nothing(self):
        assert fits([], asks_quarter=False) == []
        assert fits([TitleMatch(0.0, "latest", quarter=True)], asks_quarter=True) == [0.0]

    def test_a_report_on_a_part_of_the_year_is_for_those_who_ask_for_it(self):
        whole, part = TitleMatch(1.0, "latest"), TitleMatch(1.0, "latest", quarter=True, partial=True)
        asked, not_asked = fits([whole, part], asks_quarter=True), fits([whole, part], asks_quarter=False)
        assert asked[1] > asked[0]
        assert not_asked[0] > not_asked[1]
