"""What a citation check sees and does not see: wrong numbers, units, names, negations, quotes; marks in odd forms."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from polymem.documents.citations import check
from polymem.documents.marks import Renumbered, marks
from polymem.documents.passages import Passage
from polymem.documents.quantities import quantities
from polymem.text.sentences import sentence_spans

NOON = datetime(2024, 5, 8, 12, tzinfo=UTC)
SKARN = (
    "Ann Holt kept the lighthouse on Skarn for thirty years. She had four goats. The tower was not painted white. "
    'It cost 1.2 million dollars and stands 40 metres high. She called it "the best house in the north".'
)
ISLAND = "陈海生看守灯塔三十年。他养了四只山羊。灯塔没有涂成白色。建塔花了120万元，塔高40米。他说这里是“北方最好的一座房子”。"


def passage(text: str, *, title: str = "", speaker: str = "", at: datetime = NOON) -> Passage:
    return Passage(1, "item-1", text, 0.9, title, "", speaker, at, None, tuple(sentence_spans(text)))


def supported(claim: str, text: str, *, question: str = "", title: str = "Skarn") -> bool:
    (citation,) = check(claim, {1: passage(text, title=title)}, question=question).citations
    return citation.supported


@pytest.mark.parametrize(
    ("claim", "text"),
    [
        ("Ann Holt kept the lighthouse for 30 years [1].", SKARN),
        ("She had 4 goats [1].", SKARN),
        ("The tower was not painted white [1].", SKARN),
        ("It cost $1,200,000 [1].", SKARN),
        ("The tower stands 40 m high [1].", SKARN),
        ("She called it “the best house in the north” [1].", SKARN),
        ("陈海生看守灯塔30年[1]。", ISLAND),
        ("他养了4只山羊[1]。", ISLAND),
        ("灯塔没有涂成白色[1]。", ISLAND),
        ("建塔花了1,200,000元[1]。", ISLAND),
        ("他说这里是「北方最好的一座房子」[1]。", ISLAND),
        ("Nothing but a storm stopped it in 1871 [1].", "A storm stopped it in 1871. Nothing else did."),
        ("It opened in 1871 [1].", "It was not until 1871 that it opened."),
        ("不仅渔民，商人也来到岛上[1]。", "不仅渔民来到岛上，商人也来到岛上。"),
        (
            "The NATO treaty binds Norway [1].",
            "The North Atlantic Treaty Organization has a treaty that binds Norway.",
        ),
        ("The Norwegian fleet left Bergen [1].", "The fleet of Norway left Bergen at dawn."),
    ],
)
def test_what_is_said_in_another_form_is_supported(claim: str, text: str):
    assert supported(claim, text)


@pytest.mark.parametrize(
    ("claim", "text"),
    [
        # Numbers.
        ("She had five goats [1].", SKARN),
        ("Ann Holt kept the lighthouse for 13 years [1].", SKARN),
        ("他养了五只山羊[1]。", ISLAND),
        ("陈海生看守灯塔十三年[1]。", ISLAND),
        # Of other things.
        ("She had thirty goats [1].", SKARN),
        ("他养了三十只山羊[1]。", ISLAND),
        # Units and scales.
        ("The tower stands 40 feet high [1].", SKARN),
        ("It cost 1.2 billion dollars [1].", SKARN),
        ("It cost 1.2 million euros [1].", SKARN),
        ("塔高40公里[1]。", ISLAND),
        ("建塔花了120亿元[1]。", ISLAND),
        ("Sales rose by 5 million [1].", "Sales rose by 5 percent."),
        # Names.
        ("Then Carl Berg kept the lighthouse on Skarn for thirty years [1].", SKARN),
        ("It was Ann Berg who kept the lighthouse on Skarn for thirty years [1].", SKARN),
        ("李明看守灯塔三十年[1]。", ISLAND),
        # Negations.
        (
            "Ann Holt never kept the lighthouse on Skarn for thirty years [1].",
            "Ann Holt kept the lighthouse on Skarn for thirty years.",
        ),
        ("The tower was painted white [1].", SKARN),
        ("灯塔涂成白色[1]。", ISLAND),
        ("陈海生没有看守灯塔三十年[1]。", "陈海生看守灯塔三十年。"),
        # Quotes.
        ("She called it “the finest house in the north” [1].", SKARN),
        ("他说这里是“南方最好的一座房子”[1]。", ISLAND),
    ],
)
def test_what_contradicts_is_marked(claim: str, text: str):
    assert not supported(claim, text)


@pytest.mark.parametrize(
    ("claim", "text"),
    [
        ("The storm made Ann sell the boat [1].", "A storm came. Then Ann had to sell the boat."),
        ("Ann failed to sell the boat [1].", "Ann tried to sell the boat."),
        ("风暴使小安卖船[1]。", "风暴来了。然后小安卖船。"),
    ],
)
def test_what_the_check_cannot_see(claim: str, text: str):
    """Documented limits: should one be seen one day, this test is to be changed and the docstring of the module with it."""
    assert supported(claim, text, title="")


@pytest.mark.parametrize(
    ("said", "day"),
    [("I sold the boat yesterday.", "7 May 2024"), ("我昨天把船卖了。", "2024年5月7日")],
)
def test_the_date_of_yesterday_is_supported(said: str, day: str):
    told = {"I sold": f"Ann sold the boat on {day} [1].", "我昨天把": f"小安{day}把船卖了[1]。"}
    claim = next(words for begins, words in told.items() if said.startswith(begins))
    message = {1: passage(said, speaker="Ann")}
    assert check(claim, message).citations[0].supported
    assert not check(claim.replace("7", "3"), message).citations[0].supported


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("Oslo [1-3].", [(1, 2, 3)]),
        ("Oslo [1–3].", [(1, 2, 3)]),
        ("Oslo [1, 2].", [(1, 2)]),
        ("奥斯陆［１，３］。", [(1, 3)]),
        ("奥斯陆【1、2】。", [(1, 2)]),
        ("Oslo [^1].", [(1,)]),
        ("Oslo [2?].", [(2,)]),
        ("Oslo (1).", []),
        ("奥斯陆（1）。", []),
        ("Oslo [a] [1.5] [x1].", []),
        ("The code `a[1]` is short.", []),
        ("```\na[1] = b[2]\n```\nIt is so [3].", [(3,)]),
        ("```\na[1]", []),
        ("Of 1658 to 1700 [1658-1700].", [(1658, 1700)]),
        ("A lone ` sign [1].", [(1,)]),
    ],
)
def test_marks_in_odd_forms(text: str, numbers: list[tuple[int, ...]]):
    assert [mark.numbers for mark in marks(text)] == numbers


def test_code_is_left_as_it_is():
    text = "Use `row[1]` [4].\n```\nrow[2]\n```\nDone [9]."
    stream = Renumbered(5)
    shown = "".join(part for sign in text for part in stream.feed(sign)) + "".join(stream.end())
    assert shown == "Use `row[1]` [1].\n```\nrow[2]\n```\nDone ."
    assert stream.n_invented == 1


def test_a_range_is_marked_one_by_one():
    both = {1: passage(SKARN), 2: passage("It rained.")}
    assert check("She had four goats [1-2].", both).text == "She had four goats [1][2?]."


def test_a_very_long_answer_is_checked_in_time():
    page = passage(" ".join(f"In {1900 + n % 100} the keeper number {n} had {n} goats." for n in range(300)))
    answer = " ".join(f"The keeper number {n} had {n} goats [1]." for n in range(300))
    began = time.process_time()
    checked = check(answer, {1: page})
    assert time.process_time() - began < 10
    assert len(checked.citations) == 300
    assert all(citation.supported for citation in checked.citations)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("twenty-one days and two hundred ships", [21, 200]),
        ("a million, 3.5 %, 12 percent", [1_000_000, 3.5, 12]),
        ("一九四九年，二百三十亿元，百分之五", [1949, 23_000_000_000, 5]),
        ("一个人十分高兴", []),
        ("one of them", []),
    ],
)
def test_numbers_in_words(text: str, values: list[float]):
    assert [number.value for number in quantities(text)] == values
