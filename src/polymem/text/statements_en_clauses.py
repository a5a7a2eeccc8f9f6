"""Cut an English sentence into clauses, each of which may hold one statement."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from polymem.domain.slotted import dataclass
from polymem.text import statements_en_words as words
from polymem.text.lazy import lazy
from polymem.text.statement_rules import phrase_set
from polymem.text.statements_en_rules import ADVERB

__all__ = ["CARRIED_ON", "SUBORDINATE", "THIRD_VERB", "Clause", "clauses_of"]


@dataclass(frozen=True, slots=True)
class Clause:
    """A stretch of text that may hold one statement, and the conjunction that introduces it."""

    start: int
    end: int
    intro: str


THIRD_VERB: Final = (
    r"(?:loves|likes|hates|enjoys|adores|prefers|dislikes|lives|works|studies|speaks|has|owns|is|was|wants|plans|plays|moved|grew|used\sto"
    r"|can't\sstand|doesn't|does\snot|isn't|usually|always|often|went|visited|bought|got|goes)"
)
CARRIED_ON: Final = (
    rf"(?:{ADVERB}\s+)*(?:(?:{words.ATTITUDES})s?\b|can't\s+stand|don't\s+(?:like|enjoy|have|speak|live|work)|doesn't|works?\s+(?:at|as|for|in)\b"
    r"|lives?\s+in\b|(?:moved|relocated)\s+(?:back\s+)?(?:to|from|out\s+of|away\s+from)\b|(?:have|has|own|owns)\s+(?:an?|two|three|four)\b|(?:am|'m|is)\s+(?:an?\b|allergic|from|into|married|fluent)"
    r"|stud(?:y|ies)\b|speaks?\s+[A-Z])"
)
_SUBJECT_AHEAD: Final = (
    rf"(?:(?:I|i|we|my|our|he|she|his|her|it|they|you|there|this|that|these|those|their|your|the|who|let's|what|how)\b(?:'|\s)"
    rf"|[A-Z]\w+(?:'s\s+\w+)?\s+(?:{ADVERB}\s+)?{THIRD_VERB}\b|[a-z]+\s+{THIRD_VERB}\b)"
)
_BOUNDARY = lazy(
    rf"""[;()\[\]—…]\s* | :(?=\s)\s* | \.\.+\s*
    | [,\s]\s*(?:[-–—]+\s\s*
        | (?P<c>but|because|cause|cuz|although|though|however|while|whereas|yet|which|who|where|when|whenever|if|unless|until|whether|so\ that
            |since(?=\s+(?:I|he|she|we|they|it|my)\b))\s+
        | (?P<d>and|or|so|then|plus)\s+(?=(?:also\s+|now\s+|then\s+|later\s+)?{_SUBJECT_AHEAD}|(?:then\s+|later\s+)?{CARRIED_ON}))
    | ,\s*(?P<e>)(?={_SUBJECT_AHEAD}|(?!like\b|love\b){CARRIED_ON})
    """,
    re.VERBOSE,
)
SUBORDINATE: Final = phrase_set("which|who|where|when|whenever|if|unless|until|whether|so that|or|while")
"""What these introduce is not stated as a fact of its own."""

_SUPPOSING: Final = frozenset(("if", "unless"))


def clauses_of(text: str, start: int, end: int) -> Iterator[Clause]:
    """Cut a sentence into clauses; one that hangs on a following "if" is left out."""
    intro, supposed = "", False
    for match in _BOUNDARY.finditer(text, start, end):
        following = match["c"] or match["d"] or ""
        comma = match[0].startswith(",")
        if not supposed and (comma or following not in _SUPPOSING):
            yield Clause(start, match.start(), intro)
        # What hangs on an "if" goes on until a comma.
        supposed = following in _SUPPOSING or (supposed and not comma)
        start, intro = match.end(), following
    if not supposed:
        yield Clause(start, end, intro)
