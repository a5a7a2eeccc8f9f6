"""Words of a question to words of the other language."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from polymem.domain.slotted import dataclass

__all__ = ["Lexicon", "Word"]


@dataclass(frozen=True, slots=True)
class Word:
    """A word, and what may be said for it in the other language.

    Attributes:
        text: As it stands in the question, folded.
        others: Words of the other language with how alike they are, above 0 and at most 1, the likest first.
    """

    text: str
    others: tuple[tuple[str, float], ...]


class Lexicon(Protocol):
    """Knows which words of English and Chinese mean nearly the same.

    Example:
        A whole lexicon, good for tests alone:

        >>> class Pets:
        ...     def translate(self, text, *, chinese):
        ...         found = {"猫": "cat"} if chinese else {"cat": "猫"}
        ...         return [Word(word, ((other, 0.8),)) for word, other in found.items() if word in text]
        >>> Pets().translate("Who has a cat?", chinese=False)
        [Word(text='cat', others=(('猫', 0.8),))]
    """

    def translate(self, text: str, *, chinese: bool) -> Sequence[Word]:
        """Return the words of a question that are of its language, each once, in order; those that say nothing are left out.

        It neither blocks nor waits, keeps nothing of the question, and may be called from any thread.

        Args:
            text: The question.
            chinese: Whether its Chinese words are to become English ones, or its English words Chinese ones.
        """
        ...
