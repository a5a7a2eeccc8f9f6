from __future__ import annotations

import pytest

from polymem.domain.predicates import KINSHIP, PREDICATES


@pytest.mark.parametrize("name", sorted(PREDICATES))
def test_a_predicate_is_complete(name):
    predicate = PREDICATES[name]
    assert predicate.name == name
    assert all((predicate.profile_key, predicate.label_en, predicate.label_zh))
    assert not predicate.label_zh.isascii()


@pytest.mark.parametrize("name", sorted(PREDICATES))
def test_opposites_are_mutual_and_behave_alike(name):
    opposite = PREDICATES[name].opposite
    if opposite is not None:
        assert PREDICATES[opposite].opposite == name
        assert PREDICATES[opposite].functional == PREDICATES[name].functional is False


def test_the_single_valued_ones():
    single = {name for name, predicate in PREDICATES.items() if predicate.functional}
    assert {
        "name",
        "lives_in",
        "works_at",
        "age",
        "birthday",
        "from",
        "partner",
        "mother",
        "father",
    } <= single
    assert not {"nickname", "likes", "friend", "has_pet", "sister", "event", "speaks"} & single


def test_kinship_relates_people():
    assert {"sister", "friend", "boss", "partner"} <= KINSHIP
    assert all(PREDICATES[name].object_type == "person" for name in KINSHIP)


def test_the_list_is_closed():
    with pytest.raises(TypeError):
        PREDICATES["likes"] = PREDICATES["dislikes"]  # type: ignore[index]
