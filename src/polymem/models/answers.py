"""The object in what a language model wrote."""

from __future__ import annotations

import json
import re
from typing import Any, Final, NoReturn, cast

__all__ = ["NoObjectError", "declines", "read_object"]

_THOUGHTS: Final = re.compile(
    r"<(think|thinking|thought|reasoning)>.*?(?:</\1>|\Z)", re.DOTALL | re.IGNORECASE
)
_FENCE: Final = re.compile(r"```[\w+-]*\s*\n?(.*?)(?:```|\Z)", re.DOTALL)
_REFUSAL: Final = re.compile(
    r"\W*(?:i['’]?m (?:very |really |truly )?(?:sorry|unable|not able)|sorry,|i (?:can(?:no|['’])t|am (?:unable|not able)|won['’]t)"
    r"|as an ai\b|unfortunately,? i (?:can|am)|(?:非常|很)?(?:抱歉|对不起)|我(?:无法|不能|没办法)|作为(?:一个|一名)?(?:ai|人工智能))",
    re.IGNORECASE,
)


class NoObjectError(ValueError):
    """There is no JSON object in the text."""


def read_object(text: str) -> dict[str, Any]:
    r"""Return the JSON object that a text consists of, or holds.

    Thoughts between tags, a fence of Markdown and words around the object are passed over. Of several objects the
    first counts.

    Raises:
        NoObjectError: There is none, or it breaks off. The text is not in the error.

    Example:
        >>> read_object('<think>hm</think>Here you are:\n```json\n{"city": "上海"}\n```')
        {'city': '上海'}
    """
    plain = _THOUGHTS.sub("", text).strip()
    fenced = _FENCE.search(plain)
    for candidate in (plain, fenced.group(1).strip() if fenced else ""):
        begin = candidate.find("{")
        if begin < 0:
            continue
        try:
            value, _ = _DECODER.raw_decode(candidate, begin)
        except (ValueError, RecursionError):
            continue
        return cast("dict[str, Any]", value)
    raise NoObjectError("no JSON object")


def declines(text: str) -> bool:
    """Tell whether a text that holds no object is a refusal, in English or Chinese.

    Example:
        >>> declines("I'm sorry, but I can't help with that."), declines("抱歉，我无法回答。"), declines("The facts are:")
        (True, True, False)
    """
    return _REFUSAL.match(_THOUGHTS.sub("", text).strip()) is not None


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


_DECODER: Final = json.JSONDecoder(parse_constant=_no_constant, strict=False)
