"""How two names are alike; being alike decides nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polymem.text.names import alike, parts_of, search_keys
from polymem.text.names_known import known_as

ALIKE = [
    ("José", "Jose", "spelling"),
    ("Ｊｏｓｅ", "José", "spelling"),
    ("Anna's", "Anna", "spelling"),
    ("The Beatles", "beatles", "spelling"),
    ("Jean-Luc", "Jean Luc", "spelling"),
    ("北京", "Beijing", "known"),
    ("北京市", "Peking", "known"),
    ("北大", "北京大學", "known"),
    ("NYC", "纽约", "known"),
    ("Dr. John Watson", "John Watson", "title"),
    ("王伟老师", "王偉", "title"),
    ("Prof. Chen", "David Chen", "surname"),
    ("王老师", "王伟", "surname"),
    ("小王", "王伟", "surname"),
    ("欧阳教授", "欧阳修", "surname"),
    ("J. Smith", "John Smith", "initials"),
    ("J. R. Tolkien", "John Ronald Tolkien", "initials"),
    ("Anna", "Anna Lee", "part"),
    ("EFF", "Electronic Frontier Foundation", "acronym"),
    ("南师大", "南京师范大学", "short"),
]
NOT_ALIKE = [
    ("北大", "北大荒"),
    ("南京", "南京路"),
    ("王伟", "王维"),
    ("王伟", "王伟明"),
    ("小王", "老王"),
    ("王总", "王老师"),
    ("小明", "王小明"),
    ("北京大学", "北京师范大学"),
    ("李先生", "李女士"),
    ("John Smith Jr", "John Smith Sr"),
    ("John Smith Jr.", "John Smith"),
    ("Mr. Lee", "Mrs. Lee"),
    ("Mr. John Lee", "Ms. John Lee"),
    ("Jon", "John"),
    ("Henry IV", "Henry III"),
    ("MIT", "Manukau Institute of Technology"),
    ("Smith", "John Smith"),
    ("York", "New York"),
    ("Model 3", "Model 33"),
    ("Paris", "London"),
    ("", "Paris"),
    ("!!!", "???"),
]


@pytest.mark.parametrize(("one", "other", "how"), ALIKE)
def test_alike(one: str, other: str, how: str):
    assert alike(one, other) == how
    assert alike(other, one) == how
    assert search_keys(one) & search_keys(other), "else the pair would never be looked at"


@pytest.mark.parametrize(("one", "other"), NOT_ALIKE)
def test_not_alike(one: str, other: str):
    assert alike(one, other) == ""
    assert alike(other, one) == ""


def test_parts():
    smith = parts_of("Prof. Dr. Ana María Smith, Jr.")
    assert (smith.bare, smith.suffix, smith.title, smith.loose) == ("ana maria smith", "jr", "", False)
    wang = parts_of("王老師")
    assert (wang.surname, wang.loose, wang.han) == ("王", True, True)
    assert parts_of("司马医生").surname == "司马"
    assert parts_of("人民医院").title is None
    assert parts_of("Mr. Lee").loose


def test_the_table_knows_no_name_twice():
    from polymem.text import names_known

    table = names_known._TABLE
    for name, held in names_known._WITH_COMMAS:
        table = table.replace(name, held)
    lines = [line.partition(": ")[2] for line in table.strip().splitlines()]
    assert len(lines) > 150
    names = [name for line in lines for name in line.split(", ")]
    assert sorted(name for name in set(names) if names.count(name) > 1) == []
    for ambiguous in ("georgia", "jordan", "washington", "cambridge", "长安", "南大"):
        assert known_as(ambiguous) is None


_NAMES = st.one_of(
    st.sampled_from([name for pair in (*ALIKE, *NOT_ALIKE) for name in pair[:2]]),
    st.text(st.sampled_from("王李小老张北京大学院Aab. ,'é\u0301Jr"), max_size=8),
    st.text(max_size=6),
)


@given(one=_NAMES, other=_NAMES)
def test_it_does_not_matter_who_is_first(one: str, other: str):
    assert alike(one, other) == alike(other, one)
    if alike(one, other):
        assert search_keys(one) & search_keys(other)
