"""What names the same more precisely, and what is something else."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from polymem.domain.timeline import Stated, refines

AT = datetime(2026, 5, 20, tzinfo=UTC)


def stated(predicate: str, object_: str) -> Stated:
    return Stated("i", predicate, object_.casefold(), True, object_, AT, AT, None, AT)


SAME = [
    ("studies_at", "Leiden University", "Leiden"),
    ("studies_at", "the University of Leiden", "Leiden"),
    ("works_at", "Siemens AG", "siemens"),
    ("works_at", "Acme, Inc.", "Acme"),
    ("studies_at", "清华大学", "清华"),
    ("works_at", "华为技术有限公司", "华为"),
    ("lives_in", "Lyon, France", "France"),
    ("lives_in", "杭州西湖区", "杭州"),
]
OTHER = [
    ("works_at", "Leeds University Hospital", "Leeds University"),
    ("works_at", "Bank of England", "England"),
    ("works_at", "Google", "Goo"),
    ("studies_at", "北京大学第一医院", "北京大学"),
    ("works_at", "腾讯音乐", "腾讯"),
    ("works_at", "Nokia", "Nokia"),
]


@pytest.mark.parametrize(("predicate", "precise", "vague"), SAME)
def test_the_same_more_precisely(predicate, precise, vague):
    assert refines(stated(predicate, precise), stated(predicate, vague))
    assert not refines(stated(predicate, vague), stated(predicate, precise))


@pytest.mark.parametrize(("predicate", "one", "other"), OTHER)
def test_something_else(predicate, one, other):
    assert not refines(stated(predicate, one), stated(predicate, other))
