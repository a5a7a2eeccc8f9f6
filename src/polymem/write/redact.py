"""Take secrets out of what is handed in, before anything is derived from it, sent to a model or stored."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from inspect import iscoroutinefunction
from typing import Any, Final, TypeAlias, cast

from polymem.domain.slotted import dataclass
from polymem.errors import ConfigError, InputError
from polymem.text.sensitive import FINDERS, Finder, narrow
from polymem.write.messages import Message

__all__ = ["ALL", "RedactFunction", "Redactor", "make_redactor"]

RedactFunction: TypeAlias = Callable[[str], str]
"""Returns a text without what is not to be stored."""

ALL: Final = "all"
"""Stands for every built-in pattern."""
MAX_PATTERN_CHARS: Final = 500
MAX_UNBOUNDED: Final = 3
"""Quantifiers without an end that an own pattern may have: each may multiply the time by the length of the text."""
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,31}")


@dataclass(frozen=True, slots=True)
class Redactor:
    """Replaces what is found by its name in square brackets.

    Attributes:
        finders: By name, in the order in which they are applied.
        function: Applied after them.

    Example:
        >>> Redactor({"email": FINDERS["email"]}).text("write to ann@example.org")
        ('write to [email]', 1)
    """

    finders: Mapping[str, Finder] = field(default_factory=dict[str, Finder])
    function: RedactFunction | None = None

    def text(self, text: str) -> tuple[str, int]:
        """Return a text without secrets, and how many there were; what the function changed counts as one."""
        n = 0
        for name, find in self.finders.items():
            parts, start = list[str](), 0
            for first, last in find(narrow(text)):
                parts += (text[start:first], f"[{name}]")
                start = last
                n += 1
            if parts:
                text = "".join((*parts, text[start:]))
        if self.function is None:
            return text, n
        cleaned = cast("object", self.function(text))
        if not isinstance(cleaned, str):
            raise InputError(f"redact returned {type(cleaned).__name__}, not a text", argument="redact")
        return cleaned, n + (cleaned != text)

    def value(self, value: Any) -> tuple[Any, int]:
        """Return plain JSON without secrets in its texts, names of fields and long numbers, and how many there were."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return self._mapping(cast("Mapping[str, Any]", value))
        if isinstance(value, (list, tuple)):
            pairs = [self.value(each) for each in cast("Sequence[Any]", value)]
            return [each for each, _ in pairs], sum(n for _, n in pairs)
        if isinstance(value, int) and not isinstance(value, bool):
            cleaned, n = self.text(str(value))
            return (cleaned, n) if n else (value, 0)
        return value, 0

    def _mapping(self, value: Mapping[str, Any]) -> tuple[dict[str, Any], int]:
        out: dict[str, Any] = {}
        total = 0
        for key, inner in value.items():
            name, n_key = self.text(key)
            free = (
                name
                if name not in out
                else next(f"{name} {n}" for n in _from_two() if f"{name} {n}" not in out)
            )
            out[free], n = self.value(inner)
            total += n + n_key
        return out, total

    def records(self, records: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        """Yield exported records as they are, as long as nothing in them had to be redacted.

        Raises:
            InputError: A record holds what is to be redacted: changed, it would belie the chain of its history.
                ``error.record`` counts from 1.
        """
        for n, record in enumerate(records, start=1):
            if any(self.value(value)[1] for value in _worded(record)):
                raise InputError(
                    f"record {n} holds what redaction takes out; export it anew without, or import without redaction",
                    argument="records",
                    record=n,
                )
            yield record

    def messages(self, messages: Sequence[Message], *, owner: str) -> tuple[list[Message], int]:
        """Return messages without secrets, and how many there were.

        What stands in the raw message and in its words is counted once. A speaker who goes by the id of the *owner* stays
        the owner, even if that id is an address.
        """
        pairs = [self._message(message, owner=owner) for message in messages]
        return [message for message, _ in pairs], sum(n for _, n in pairs)

    def _message(self, message: Message, *, owner: str) -> tuple[Message, int]:
        text, n_text = self.text(message.text)
        role, n_role = self.text(message.role)
        speaker, n_speaker = self.text(message.speaker)
        if n_speaker and message.speaker.casefold() == owner.casefold():
            speaker = ""
        metadata, n_metadata = self.value(message.metadata)
        raw, n_raw = self.value(message.raw)
        n = n_metadata + max(n_text + n_role + n_speaker, n_raw)
        if not n:
            return message, 0
        return replace(message, role=role, speaker=speaker, text=text, metadata=metadata, raw=raw), n


def _from_two() -> Iterator[int]:
    n = 2
    while True:
        yield n
        n += 1


def make_redactor(
    names: Sequence[str], own: Sequence[tuple[str, str]], function: RedactFunction | None
) -> Redactor | None:
    """Return what redacts, None where nothing is asked for.

    Args:
        names: Built-in patterns, or ``"all"``.
        own: Names with regular expressions; the group ``value``, if there is one, is what is replaced.
        function: Applied after the patterns.

    Raises:
        ConfigError: There is no such pattern; an expression is malformed, or could take time out of all proportion.
    """
    given: object = function
    if given is not None and (not callable(given) or iscoroutinefunction(given)):
        raise ConfigError("redact must be a plain function from text to text", argument="redact")
    unknown = [name for name in names if name != ALL and name not in FINDERS]
    if unknown:
        raise ConfigError(
            f"redaction.patterns: no {unknown[0]!r}; there are {ALL}, {', '.join(FINDERS)}",
            setting="redaction.patterns",
        )
    finders = {name: find for name, find in FINDERS.items() if name in names or ALL in names}
    # What somebody wrote for his own secrets knows more than what is built in.
    finders = {name: _own_finder(name, pattern) for name, pattern in own} | finders
    return Redactor(finders, function) if finders or function is not None else None


def _own_finder(name: str, expression: str) -> Finder:
    def refused(why: str) -> ConfigError:
        return ConfigError(
            f"redaction.own: the expression {name!r} {why}", setting="redaction.own", name=name
        )

    if _NAME.fullmatch(name) is None or name in FINDERS or name == ALL:
        raise ConfigError(
            "redaction.own: a name is 1 to 32 small letters, digits and _, and none that is built in",
            setting="redaction.own",
        )
    if len(expression) > MAX_PATTERN_CHARS:
        raise refused(f"is longer than {MAX_PATTERN_CHARS} characters")
    try:
        pattern = re.compile(expression)
    except (re.error, RecursionError, OverflowError):
        # Without its cause: an expression may hold the very secret.
        raise refused("is not a regular expression") from None
    if pattern.match("") is not None:
        raise refused("matches nothing at all")
    problem = _slow(expression)
    if problem:
        raise refused(problem)
    group = "value" if "value" in pattern.groupindex else 0

    def find(text: str) -> Iterator[tuple[int, int]]:
        for match in pattern.finditer(text):
            start, end = match.span(group)
            if start < end:
                yield start, end

    return find


_TOKEN: Final = re.compile(
    r"""(?P<skip>\\[^1-9gk] | \[\^?\]?(?:\\.|[^\]\\])*\]) | (?P<back>\\[1-9] | \(\?P=) | (?P<open>\()
    | (?P<close>\)) | (?P<repeat>[*+] | \{\d*(?:,\d*)?\}) | (?P<maybe>\?) | (?P<either>\|)""",
    re.VERBOSE | re.DOTALL,
)


def _slow(expression: str) -> str:
    """Return why an expression could take long, "" if it could not: repeats of repeats, references, many open ends.

    It errs on the side of refusing.
    """
    varying: list[bool] = [False]  # by depth, whether what stands there may match in several ways
    n_unbounded, before, end, closed = 0, "", 0, False
    for token in _TOKEN.finditer(expression):
        kind, touches = token.lastgroup or "", token.start() == end
        if kind == "back":
            return "refers back to a group"
        if kind == "repeat":
            if touches and before == "close" and closed and _repeats(token[0]):
                return "repeats what already varies"
            n_unbounded += _unbounded(token[0])
            varying[-1] |= _varies(token[0])
        elif kind == "open":
            varying.append(False)
        elif kind == "close" and len(varying) > 1:
            closed = varying.pop()
            varying[-1] |= closed
        elif kind == "either" or (kind == "maybe" and not (touches and before in {"open", "repeat"})):
            varying[-1] = True
        before, end = kind, token.end()
    return f"has more than {MAX_UNBOUNDED} repeats without an end" if n_unbounded > MAX_UNBOUNDED else ""


def _unbounded(repeat: str) -> bool:
    return repeat in {"*", "+"} or repeat.endswith(",}")


def _varies(repeat: str) -> bool:
    return _unbounded(repeat) or "," in repeat


def _repeats(repeat: str) -> bool:
    return repeat not in {"{0}", "{1}", "{0,1}"}


_WORDS: Final = frozenset(
    {
        "text",
        "metadata",
        "message",
        "name",
        "speaker",
        "role",
        "slot",
        "value",
        "evidence",
        "reason",
        "prompt",
    }
)
"""Fields of an exported record that hold what people said; the rest are ids, times, figures and vectors."""


def _worded(record: Mapping[str, Any]) -> Iterator[Any]:
    """Yield the fields with words in them, those of fields within fields as well."""
    for name, value in record.items():
        if name in _WORDS:
            yield value
        elif isinstance(value, Mapping):
            yield from _worded(cast("Mapping[str, Any]", value))
