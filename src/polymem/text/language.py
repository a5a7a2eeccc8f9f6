"""Tell by its script whether a text is English, Chinese, both or something else."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

from polymem.text.lazy import lazy

__all__ = ["Language", "is_chinese", "language"]

Language: TypeAlias = Literal["en", "zh", "mixed", "other", ""]

SAMPLE_CHARS: Final = 2_000
MINOR_SHARE: Final = 0.2
_HAN_PER_WORD: Final = 1.5

_HAN = lazy("[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U000323af]+")
_KANA = lazy("[\u3041-\u309f\u30a1-\u30ff]")
_LATIN_WORD = lazy("[A-Za-z\u00c0-\u024f\uff21-\uff3a\uff41-\uff5a]+")
_OTHER_WORD = lazy(
    "[^\\W\\d_A-Za-z\u00c0-\u024f\uff21-\uff3a\uff41-\uff5a\u3005-\u30ff\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U000323af]+"
)


def language(text: str) -> Language:
    """Return the language of *text*, judged by the scripts of its first 2,000 characters.

    Latin script counts as English. A text is mixed if English and Chinese each make up a fifth of its words (a
    Chinese word taken as one and a half characters); other if a third script prevails; ``""`` without any letter.

    Example:
        >>> language("I like hiking"), language("我喜欢用 Python 写代码"), language("Привет"), language("42!")
        ('en', 'zh', 'other', '')
        >>> language("please help me 翻译一下这段话 thanks a lot")
        'mixed'
    """
    text = text[:SAMPLE_CHARS]
    if text.isascii():
        return "en" if _LATIN_WORD.search(text) else ""
    english = len(_LATIN_WORD.findall(text))
    chinese = sum(map(len, _HAN.findall(text))) / _HAN_PER_WORD
    other = float(len(_OTHER_WORD.findall(text)))
    kana = len(_KANA.findall(text)) / _HAN_PER_WORD
    if kana > MINOR_SHARE * chinese:  # Japanese: its Han characters are not Chinese
        chinese, other = 0.0, other + kana + chinese
    total = english + chinese + other
    if not total:
        return ""
    if other >= total / 2:
        return "other"
    if min(english, chinese) >= MINOR_SHARE * total:
        return "mixed"
    return "en" if english > chinese else "zh"


def is_chinese(text: str) -> bool:
    """Tell whether at least half of the words of *text* are Chinese, in simplified or traditional characters.

    Only its first 2,000 characters are looked at; a name in Latin letters makes no Chinese question English.

    Example:
        >>> is_chinese("Caroline 和 Melanie 喜欢什么？"), is_chinese("How do you say 你好 in Chinese?"), is_chinese("42")
        (True, False, False)
    """
    text = text[:SAMPLE_CHARS]
    if text.isascii():
        return False
    n_han, n_words = sum(map(len, _HAN.findall(text))), len(_LATIN_WORD.findall(text))
    return n_han > 0 and n_han / _HAN_PER_WORD >= n_words and len(_KANA.findall(text)) <= MINOR_SHARE * n_han
