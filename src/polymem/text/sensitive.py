"""Find what had better not be stored: numbers of cards, accounts and people, keys, passwords, addresses.

Each finder gives spans ``[start, end)`` in ascending order, without overlap, in time linear in the text. Where a number
carries a check digit, only numbers that pass it are found. Full-width characters are read as their narrow forms.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from ipaddress import AddressValueError, IPv6Address
from types import MappingProxyType
from typing import Final, TypeAlias

from polymem.text.lazy import lazy

__all__ = ["FINDERS", "Finder", "narrow"]

Span: TypeAlias = tuple[int, int]
Finder: TypeAlias = Callable[[str], Iterator[Span]]

_WIDE: Final = {0xFF01 + n: 0x21 + n for n in range(94)} | {
    0x3000: 0x20,
    0xA0: 0x20,
    0x2011: 0x2D,
    0x2013: 0x2D,
}


def narrow(text: str) -> str:
    """Return *text*, of the same length, with full-width forms, odd spaces and dashes as their plain ones."""
    return text if text.isascii() else text.translate(_WIDE)


def _matches(pattern: re.Pattern[str], hint: str = "") -> Finder:
    """Return a finder for a pattern, or for its group ``value``; a text without *hint* is not searched."""

    def find(text: str) -> Iterator[Span]:
        if hint and hint not in text:
            return
        for match in pattern.finditer(text):
            yield match.span("value" if "value" in match.re.groupindex else 0)

    return find


_DIGIT: Final = lazy(r"\d")
_CARD_RUN = lazy(r"(?<![\d.])\d(?:[ -]?\d){12,}")
_CARD_DIGITS: Final = range(19, 12, -1)


def _cards(text: str) -> Iterator[Span]:
    """Find numbers of 13 to 19 digits, in groups or not, with a right Luhn digit, wherever groups begin and end."""
    for run in _CARD_RUN.finditer(text):
        places = [match.start() for match in _DIGIT.finditer(text, *run.span())]
        last = len(places)
        begins = [n for n in range(last) if n == 0 or places[n] != places[n - 1] + 1]
        ends = {n for n in range(1, last + 1) if n == last or places[n] != places[n - 1] + 1}
        done = 0
        for first in begins:
            if first < done or text[places[first]] not in "23456":
                continue
            stop = next(
                (
                    first + size
                    for size in _CARD_DIGITS
                    if first + size in ends and _luhn([int(text[p]) for p in places[first : first + size]])
                ),
                None,
            )
            if stop is not None:
                done = stop
                yield places[first], places[stop - 1] + 1


def _luhn(digits: list[int]) -> bool:
    """Tell whether the last digit is right. Source: H. P. Luhn, US patent 2,950,048; ISO/IEC 7812-1, annex B."""
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
    return (sum(doubled) + sum(digits[::-2])) % 10 == 0


_CN_ID = lazy(
    r"(?<![0-9A-Za-z])[1-9]\d{5}(?:18|19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?![0-9A-Za-z])"
)
_CN_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def _cn_ids(text: str) -> Iterator[Span]:
    """Find numbers of Chinese identity cards. Source: GB 11643-1999, ISO 7064 MOD 11-2."""
    for match in _CN_ID.finditer(text):
        total = sum(int(digit) * weight for digit, weight in zip(match[0], _CN_WEIGHTS, strict=False))
        if "10X98765432"[total % 11] == match[0][-1].upper():
            yield match.span()


_IBAN = lazy(r"(?<![0-9A-Za-z])[A-Za-z]{2}\d\d(?:[ ]?[0-9A-Za-z]){11,30}")
_IBAN_CHARS: Final = range(15, 35)


def _ibans(text: str) -> Iterator[Span]:
    """Find account numbers. Source: ISO 13616-1, check by ISO 7064 MOD 97-10."""
    for match in _IBAN.finditer(text):
        places = [n for n in range(*match.span()) if text[n] != " "]
        for size in reversed(_IBAN_CHARS):
            if size > len(places):
                continue
            end = places[size - 1] + 1
            if end < len(text) and text[end].isascii() and text[end].isalnum():
                continue
            code = "".join(text[n] for n in places[:size])
            if int("".join(str(int(char, 36)) for char in code[4:] + code[:4])) % 97 == 1:
                yield match.start(), end
                break


_PHONE = lazy(
    r"(?<![\d.+-])(?:(?:\+|00)\d{1,3}[ .-]?(?:\(\d{1,4}\)[ .-]?)?\d{1,5}(?:[ .-]?\d{2,5}){1,4}"
    r"|1[3-9]\d[ -]?\d{4}[ -]?\d{4}|0\d{2,3}-\d{7,8}|(?:\(\d{3}\)[ ]?|\d{3}[.-])\d{3}[.-]\d{4})(?![\d-]|\.\d)"
)


def _phones(text: str) -> Iterator[Span]:
    """Find telephone numbers: with a country code, Chinese ones, American ones."""
    for match in _PHONE.finditer(text):
        if 9 <= sum(char.isdigit() for char in match[0]) <= 17:
            yield match.span()


_IPV4 = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_ADDRESS = lazy(
    rf"(?<![0-9A-Za-z_.:])(?:{_IPV4}(?:\.{_IPV4}){{3}}(?!\.?\d)|(?=[0-9A-Fa-f]{{0,4}}:)[0-9A-Fa-f:]{{6,39}}(?![0-9A-Za-z_:]))"
)


def _addresses(text: str) -> Iterator[Span]:
    """Find addresses of machines, IPv4 and IPv6."""
    for match in _ADDRESS.finditer(text):
        if ":" not in match[0] or _is_ipv6(match[0]):
            yield match.span()


def _is_ipv6(text: str) -> bool:
    try:
        IPv6Address(text)
    except AddressValueError:
        return False
    return True


_EMAIL = lazy(r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]++@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}")
_SSN = lazy(r"(?<![\d-])(?!000|666|9)\d{3}([ -])(?!00)\d\d\1(?!0000)\d{4}(?![\d-])")
_API_KEY = lazy(
    r"(?<![A-Za-z0-9_-])(?:(?:sk|pk|rk)[-_][A-Za-z0-9_-]{16,}|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}"
    r"|xox[abeoprs]-[A-Za-z0-9-]{10,}|A[KS]IA[0-9A-Z]{16}|AIza[A-Za-z0-9_-]{30,}|glpat-[A-Za-z0-9_-]{16,}|hf_[A-Za-z0-9]{20,}"
    r"|npm_[A-Za-z0-9]{30,}|pypi-[A-Za-z0-9_-]{30,}|eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,})"
    r"|-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----(?:(?!-----END).)*(?:-----END [A-Z ]{0,30}PRIVATE KEY-----)?",
    re.DOTALL,
)
_PASSWORD = lazy(
    r"(?:(?<![A-Za-z])(?:password|passwd|passphrase|pwd|api[_ -]?key|secret[_ -]?key|access[_ -]?token|secret|token)"
    r"|密码|口令|密钥|密碼|密鑰)[\"']?\s{0,3}(?:is|are|as|=|:|：|是|为|為)\s{0,3}[\"'“「]?"
    r"(?P<value>(?=[^\s,;，。；\"'“”「」]*[0-9!@#$%^&*_+=?/-])[^\s,;，。；\"'“”「」]{5,})",
    re.IGNORECASE,
)
_URL_CREDENTIALS = lazy(
    r"(?<![A-Za-z])[A-Za-z][A-Za-z0-9+.-]{1,20}://(?P<value>[^\s/@:?#]{1,256}:[^\s/@]{1,512})@"
)

FINDERS: Final[Mapping[str, Finder]] = MappingProxyType(
    {
        "url_credentials": _matches(_URL_CREDENTIALS, "://"),
        "api_key": _matches(_API_KEY),
        "password": _matches(_PASSWORD),
        "email": _matches(_EMAIL, "@"),
        "iban": _ibans,
        "cn_id": _cn_ids,
        "card": _cards,
        "ssn": _matches(_SSN),
        "phone": _phones,
        "ip": _addresses,
    }
)
"""By name, in the order in which they are applied: what says more about a text comes before what says less.

Example:
    >>> [text[a:b] for text in ["card 4111 1111 1111 1111, 12/26"] for a, b in FINDERS["card"](text)]
    ['4111 1111 1111 1111']
"""
