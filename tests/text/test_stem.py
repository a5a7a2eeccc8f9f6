"""Stems are Snowball's, and stay what they are. Chinese has none: see test_tokenise."""

from __future__ import annotations

import random

import pytest

from polymem.text.stem import stem
from polymem.text.tokenise import TOKENISER_VERSION, terms

STEMS = """
    abilities=abil able=abl added=add agreed=agre allies=alli apologist=apolog arrogant=arrog basically=basic
    basis=basi biologist=biolog bias=bias boyish=boyish caresses=caress cats=cat cement=cement communication=communic
    conditional=condit controlled=control cries=cri dying=die early=earli easily=easili egging=egg employment=employ
    evening=evening exceed=exceed failing=fail feed=feed formalize=formal gas=gas general=general generously=generous
    gently=gentl happily=happili happiness=happi hiked=hike hiking=hike hoping=hope hopping=hop hoped=hope
    inning=inning kiwis=kiwi knitted=knit luxuriating=luxuri national=nation news=news nodding=nod
    organization=organiz pasted=paste playing=play proceed=proceed rational=ration relational=relat say=say
    singing=sing skies=sky skis=ski smallest=smallest speedily=speedili studies=studi succeeded=succeed ties=tie
    triplicate=triplic university=universiti usefulness=use vietnamization=vietnam youthful=youth a=a is=is
"""
PAIRS = [tuple(pair.split("=")) for pair in STEMS.split()]
SUFFIXES = """
    s es ed ing ingly edly eed ly ness ful ization ational tional ism aliti biliti ogi ogist ative icate ical able
    ement ment ent ion sion ous ive ize ll le e y ying ied ies sses past er
"""


@pytest.mark.parametrize(("word", "expected"), PAIRS, ids=[word for word, _ in PAIRS])
def test_a_word_has_this_stem(word, expected):
    """A change here makes old postings unsearchable: TOKENISER_VERSION must be raised with it."""
    assert (stem(word), TOKENISER_VERSION) == (expected, 4)


def test_chinese_beside_english_is_not_stemmed():
    assert terms("我们hiking去") == ["我们", "hike", "去"]


def test_stems_are_those_of_snowball():
    english = pytest.importorskip("snowballstemmer.english_stemmer")
    draw, endings = random.Random(7), SUFFIXES.split()
    words = {
        "".join(draw.choice("bcdfglmnprstwxyaeiouy") for _ in range(draw.randint(1, 6)))
        + draw.choice(endings)
        + draw.choice(["", "", draw.choice(endings)])
        for _ in range(3_000)
    }
    reference = english.EnglishStemmer()
    assert {word: stem(word) for word in words} == {word: reference.stemWord(word) for word in words}
