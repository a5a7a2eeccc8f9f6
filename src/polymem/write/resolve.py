"""What becomes of a new fact beside the facts that are known: it repeats, ends, or stands beside them.

What was said later wins, whatever the order of arrival: a statement that was made earlier but arrives later is stored
as already ended. Of two statements made at one time, the one that holds from a later time wins. Whoever tells of his
past does not change his present: "in 2019 I moved there" is over for one who lives elsewhere since.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from polymem.domain.batch import FactDraft, ItemDraft, KnownFact, Resolution
from polymem.domain.predicates import predicate_named

LONG_AGO: Final = timedelta(days=31)
"""What happened less than this before a rival began is news, not the past."""


def resolve(draft: ItemDraft, known: Sequence[KnownFact]) -> Resolution:
    """Decide about *draft* among the current facts of the same subject that it may touch.

    Pure, so that an engine can call it inside the transaction and no race is possible.
    """
    fact = draft.fact
    if fact is None:
        return Resolution()
    for other in known:
        if (other.predicate, other.slot, other.positive) == (fact.predicate, fact.slot, fact.positive):
            return Resolution(repeats=other.item_id)
    rivals = [other for other in known if contradicts(fact, other)]
    turn = (fact.said_at or draft.valid_at, draft.valid_at)
    later = [
        other
        for other in rivals
        if _turn(other) > turn or (fact.past and other.valid_at - draft.valid_at > LONG_AGO)
    ]
    # "I moved there yesterday", told after "I live here": the older statement never held beside the newer one.
    closes = tuple(
        (other.item_id, max(other.valid_at, draft.valid_at)) for other in rivals if other not in later
    )
    if later:
        first = min(later, key=_turn)
        end = max(first.valid_at, draft.valid_at)
        return Resolution(closes=closes, invalid_at=end, superseded_by=first.item_id)
    return Resolution(closes=closes)


def contradicts(fact: FactDraft, other: KnownFact) -> bool:
    """Tell whether both cannot hold at one time."""
    predicate = predicate_named(fact.predicate)
    same_slot = other.slot == fact.slot
    if other.predicate == fact.predicate:
        if other.positive != fact.positive:
            return same_slot
        return predicate.functional and fact.positive and not same_slot
    if other.predicate != predicate.opposite:
        return False
    # "Likes" against "dislikes" clash, "likes" against "does not dislike" do not.
    return same_slot and other.positive == fact.positive


def _turn(fact: KnownFact) -> tuple[datetime, datetime]:
    """Return what orders contradicting facts: when it was said, then from when it holds."""
    return fact.said_at or fact.valid_at, fact.valid_at
