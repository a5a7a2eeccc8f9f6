"""Bytes to text, whatever the encoding."""

from __future__ import annotations

import codecs
from typing import Final

from polymem.documents.readers.building import third_party

__all__ = ["decode"]

_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SAMPLE: Final = 1 << 16
_FREQUENT: Final = frozenset(
    "的一是不了在人有我他这中大来上个国到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可她里后小么心多天而能好都然"
    "没日于起还发成事只作当想看文无开手十用主行方又如前所本见经头面公同三已老从动两长"
    "這來個國說們為時過學對後麼還發當無開頭見經從動兩長會裡沒樣點現與於給讓"
)
_COMMON_LEADS: Final = {"gb18030": (0xB0, 0xD7), "big5": (0xA4, 0xC6)}
"""First bytes of the characters of everyday use; rare ones have others, and what is read in the wrong encoding is mostly rare."""
_ENOUGH: Final = 0.75


def decode(content: bytes, *, declared: str | None = None) -> tuple[str, str]:
    """Return the text and the name of its encoding.

    A byte order mark counts first, then what the document declares, then UTF-8 if the bytes are; then UTF-16 without a
    mark, the East Asian encodings by how usual the characters are that come out, and at last the European ones by
    ``charset-normalizer``. What cannot be decoded becomes U+FFFD.

    Args:
        content: The bytes.
        declared: What a header or a ``meta`` element says.

    Raises:
        MissingExtraError: The encoding has to be guessed and ``charset-normalizer`` is not installed.

    Example:
        >>> decode("数据库的备份".encode("gb18030"))
        ('数据库的备份', 'gb18030')
    """
    for mark, encoding in _BOMS:
        if content.startswith(mark):
            return content[len(mark) :].decode(encoding, "replace"), encoding
    for known in (_known(declared), "utf-8"):
        text = _strict(content, known) if known else None
        if known and text is not None:
            return text, known
    encoding = _wide(content) or _east_asian(content[:_SAMPLE]) or _european(content[:_SAMPLE])
    return content.decode(encoding, "replace"), encoding


def _known(declared: str | None) -> str | None:
    """Return the encoding that is declared; of GB 2312 the one that holds it and what is written under its name."""
    try:
        name = codecs.lookup((declared or "").strip()).name
    except (LookupError, ValueError):
        return None
    if name in {"gb2312", "gbk", "hz"}:
        return "gb18030"
    # Codecs such as "rot13" or "zlib" turn bytes into no text.
    return None if not getattr(codecs.lookup(name), "_is_text_encoding", True) else name


def _strict(content: bytes, encoding: str) -> str | None:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        # One sequence that is cut off at the very end is no sign of another encoding.
        if encoding == "utf-8" and 0 < len(content) - error.start < 4 <= error.start:
            return content[: error.start].decode(encoding)
        return None


def _wide(content: bytes) -> str | None:
    """Return UTF-16 if every other byte is zero in a good part of the text."""
    sample = content[: _SAMPLE & ~1]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if max(even, odd) * 4 < len(sample) // 2 or min(even, odd) * 8 > max(even, odd):
        return None
    return "utf-16-be" if even > odd else "utf-16-le"


def _east_asian(sample: bytes) -> str | None:
    """Return the encoding under which the sample is usual text of East Asia; None if there is none."""
    scores = {name: _usual(sample, name) for name in ("gb18030", "big5", "shift_jis", "euc_jp", "euc_kr")}
    best = max(scores, key=lambda name: scores[name])
    return best if scores[best] >= _ENOUGH else None


def _usual(sample: bytes, encoding: str) -> float:
    """Return how usual the characters beyond ASCII are, 0..2; 0 where the bytes are no text of the encoding."""
    text = sample.decode(encoding, "ignore")
    if text.encode(encoding, "ignore") != sample and len(sample) - len(text.encode(encoding, "ignore")) > 2:
        return 0.0
    letters = [char for char in text if char > "\u00a0"]
    if not letters:
        return 0.0
    if encoding in _COMMON_LEADS:
        low, high = _COMMON_LEADS[encoding]
        common = sum(1 for char in letters if _is_common(char, encoding, low, high)) / len(letters)
        return common + sum(char in _FREQUENT for char in letters) / len(letters)
    if encoding == "euc_kr":
        return 1.2 * sum("\uac00" <= char <= "\ud7a3" for char in letters) / len(letters)
    kana = sum("\u3041" <= char <= "\u30ff" for char in letters) / len(letters)
    return 2.0 * kana if kana >= 0.2 and encoding else 0.0


def _is_common(char: str, encoding: str, low: int, high: int) -> bool:
    if "\u3000" <= char <= "\u303f" or "\uff00" <= char <= "\uffef" or char in "—…“”‘’·":
        return True
    return "\u4e00" <= char <= "\u9fff" and low <= char.encode(encoding)[0] <= high


def _european(sample: bytes) -> str:
    best = third_party("charset-normalizer", "charset_normalizer").from_bytes(sample).best()
    return best.encoding if best else "cp1252"
