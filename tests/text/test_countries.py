"""Countries: one key for a country, its people and its things, in both languages."""

import pytest

from polymem.text.countries import forms_of_country, same_as
from polymem.text.spans import entity_key


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("South Korean", "South Korea"),
        ("Norwegians", "Norway"),
        ("Frenchmen", "France"),
        ("Dutch", "Netherlands"),
        ("法国人", "France"),
        ("法国", "French"),
        ("大韩民国", "South Korean"),
        ("Côte d'Ivoire", "科特迪瓦"),
        ("Sri Lankan", "Ceylon"),
        ("U.S.", "United States"),
        ("UK", "British"),
        ("Réunion", "留尼汪"),
        ("São Tomé and Príncipe", "圣多美和普林西比"),
    ],
)
def test_what_is_said_of_a_country_means_it(said, meant):
    said, meant = entity_key(said), entity_key(meant)
    assert meant in {said, *forms_of_country(said)}
    assert said in {meant, *forms_of_country(meant)}


def test_a_key_is_not_among_its_own_forms():
    assert "norway" not in forms_of_country("norway")
    assert len(set(forms_of_country("norway"))) == len(forms_of_country("norway"))


def test_one_word_may_mean_two_countries():
    forms = forms_of_country("congolese")
    assert {"republic of the congo", "democratic republic of the congo"} <= set(forms)


@pytest.mark.parametrize(
    "key", ["", "springfield", "kore", "south", "法", "人", "korean peninsula", "norwegian wood"]
)
def test_other_words_mean_no_country(key):
    assert forms_of_country(key) == ()


@pytest.mark.parametrize(
    ("one", "other"), [("munich", "慕尼黑"), ("peking", "北京"), ("world health organization", "世卫组织")]
)
def test_cities_and_organisations_have_names_in_both_languages(one, other):
    assert other in same_as(one)
    assert one in same_as(other)


def test_near_countries_are_kept_apart():
    assert "north korea" not in forms_of_country("south korean")
    assert "niger" not in forms_of_country("nigerian")
    assert "dominica" not in forms_of_country("dominican")
    assert "刚果共和国" not in forms_of_country("刚果民主共和国")
