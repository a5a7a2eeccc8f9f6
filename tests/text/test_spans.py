"""Names as texts write them, and the keys of passages that they make."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polymem.text.keys_passage import HAN_TITLE, MAX_CHARS, MENTIONS, TITLED, YEAR, passage_keys
from polymem.text.spans import MAX_KEY_CHARS, entity_key, find_spans, no_name, title_forms
from polymem.text.tokenise import KEY_MARK

TEXTS = st.text(st.sampled_from("Ann Lee of the 《》“”. 's-李雷在1999é,（()\n"), max_size=60)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("The boat of Marta Quill sank off Cape Ferrow.", ["marta quill", "cape ferrow"]),
        ("It belongs to the Order of the Brass Key.", ["order of the brass key"]),
        ("He met Jonas and Tilda in March.", ["jonas", "tilda"]),
        ("She left for Ostby. He stayed.", ["ostby"]),
        ("Dr. Ilse Brandt and J. R. Moss wrote it.", ["dr ilse brandt", "j r moss"]),
        ("Ostby’s harbour is deep, and Núñez knows Ostby.", ["nunez", "ostby"]),
        ("A play by Łukasz Ødegård", ["lukasz odegard"]),
        ("她写了《雾中的灯塔》和“第七日”。", ["雾中的灯塔", "第七日"]),
        ("他讀過《電腦之歌》", ["电脑之歌"]),
        ("nothing here has a name 42", []),
        ("", []),
    ],
)
def test_names_are_found_by_their_form(text, names):
    assert find_spans(text) == names


def test_a_word_that_begins_a_sentence_is_a_name_if_it_is_one_elsewhere():
    assert find_spans("Ferrow is small. People love it.") == []
    assert find_spans("Ferrow is small. People love Ferrow.") == ["ferrow"]


@pytest.mark.parametrize("word", ["march", "the", "1999", "x", "monday"])
def test_small_words_months_and_numbers_name_nothing(word):
    assert no_name(word)
    assert not no_name("ferrow")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Nguyễn Huệ", "Nguyen Hue"),
        ("Quill's", "quill"),
        ("The A-Team", "the a team"),
        ("Ａｎｎ", "ann"),
        ("《電腦》", "电脑"),
        ("O’Hara", "O'Hara"),
    ],
)
def test_spellings_of_one_name_have_one_key(one, other):
    assert entity_key(one) == entity_key(other)


def test_a_name_of_signs_alone_keeps_them():
    assert entity_key("+++") == "+++"


@pytest.mark.parametrize(
    ("title", "forms"),
    [
        ("Lighthouse (novel)", ("lighthouse novel", "lighthouse")),
        ("Ferrow, Northland", ("ferrow northland", "ferrow")),
        ("Ab, cd", ("ab cd",)),
        ("The Copper Garden", ("the copper garden", "copper garden")),
        ("A", ("a",)),
        ("雾灯（小说）", ("雾灯 小说", "雾灯")),
        ("   ", ()),
    ],
)
def test_a_title_has_forms(title, forms):
    assert title_forms(title) == forms


def named_by(text, title):
    """Return the keys that are of names and years; those of long documents have tests of their own."""
    mine = (TITLED, MENTIONS)
    return tuple(key for key in passage_keys(text, title) if key.startswith(mine) or key in {HAN_TITLE, YEAR})


def test_keys_of_a_passage_in_two_languages():
    assert named_by("Built in 1871 for Marta Quill.", "Cape Ferrow (light)") == (
        f"{TITLED}cape ferrow light",
        f"{TITLED}cape ferrow",
        f"{MENTIONS}marta quill",
        YEAR,
    )
    assert named_by("见《雾灯》。", "渔港") == (f"{TITLED}渔港", HAN_TITLE, f"{MENTIONS}雾灯")


def test_names_behind_the_beginning_of_a_long_passage_are_passed_over():
    filler = "and so on " * (MAX_CHARS // 10)
    assert named_by(f"{filler} Marta Quill", "") == ()
    assert named_by(f"Marta Quill {filler}", "") == (f"{MENTIONS}marta quill",)


@given(text=TEXTS, title=TEXTS)
def test_keys_are_keys_each_once_short_and_the_same_again(text, title):
    keys = passage_keys(text, title)
    assert len(set(keys)) == len(keys)
    assert all(key.startswith(KEY_MARK) and "\n" not in key for key in keys)
    assert all(len(key) <= MAX_KEY_CHARS + 3 for key in named_by(text, title))
    assert passage_keys(text, title) == keys


@given(st.text(max_size=80))
def test_no_text_breaks_the_rules(text):
    for name in find_spans(text):
        assert name
        assert name == name.strip()
    assert "\n" not in entity_key(text)
