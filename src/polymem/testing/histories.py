"""Random histories of one partition, as data, and their replay on a ledger and on the model."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal, TypeAlias

from hypothesis import strategies as st

from polymem.domain.batch import ItemDraft, Removal
from polymem.domain.change import DropDocument, StoreDocument
from polymem.domain.document import StoredChunk
from polymem.domain.scope import Scope
from polymem.testing.bench import Bench
from polymem.testing.cases import TALK
from polymem.testing.clock import NOON
from polymem.testing.documents import chunk_of, document_of, part_of
from polymem.testing.drafting import episode_of, fact_of, reworded
from polymem.testing.model import LedgerModel
from polymem.text.normalise import name_key

__all__ = ["Drop", "Ingest", "Remove", "Revise", "Say", "Step", "histories", "replay"]

TOWNS = ("Lyon", "Nice", "青岛", "Oslo", "Rome", "里昂")
TASTES = ("tea", "rain", "古筝")
PEOPLE = ("", "", "Harry", "小红")


@dataclass(frozen=True)
class Say:
    """An episode with facts (predicate, object, subject, hour from when it holds); what is said already is left out.

    What is said twice, and what is denied, has a suite of its own, since who keeps it needs rows of its own for it.
    """

    text: str
    hour: int
    facts: tuple[tuple[Literal["lives_in", "likes", "dislikes"], str, str, int], ...]
    run: str | None
    speaker: str
    expires_hour: int | None
    clock: int
    document: str | None = None

    @property
    def role(self) -> dict[str, Any]:
        """Who says it: the user, or the document of this title, "" for one without."""
        if self.document is None:
            return {}
        return {"role": "document", "metadata": {"title": self.document} if self.document else {}}


@dataclass(frozen=True)
class Revise:
    """New words for the episode at a place among those that are left."""

    place: int
    text: str


@dataclass(frozen=True)
class Remove:
    """A deletion or erasure of the item at a place among those that are left."""

    place: int
    erase: bool


@dataclass(frozen=True)
class Ingest:
    """A document at one of a few addresses, read for the first time or anew: what it says now, chunk by chunk."""

    place: int
    texts: tuple[str, ...]
    run: str | None
    title: str

    @property
    def uri(self) -> str:
        """Its address."""
        return f"file:///沼泽/{self.place}.md"


@dataclass(frozen=True)
class Drop:
    """A document at a place among those that are left, dropped with its chunks."""

    place: int


Step: TypeAlias = Say | Revise | Remove | Ingest | Drop

_facts = st.one_of(
    st.tuples(st.just("lives_in"), st.sampled_from(TOWNS), st.sampled_from(PEOPLE), st.integers(-9, 9)),
    st.tuples(
        st.sampled_from(("likes", "dislikes")),
        st.sampled_from(TASTES),
        st.sampled_from(PEOPLE),
        st.integers(-9, 9),
    ),
)
_says = st.builds(
    Say,
    text=st.sampled_from(TALK),
    hour=st.integers(-20, 20),
    facts=st.lists(_facts, max_size=2).map(tuple),
    run=st.sampled_from((None, None, "monday", "周二")),
    speaker=st.sampled_from(("", "", "Ann", "小红")),
    # Far enough that no sweep comes in between: what has expired is hidden by its time alone.
    expires_hour=st.sampled_from((None, None, None, 40)),
    clock=st.sampled_from((1, 1, 1, 3_600, -7_200)),
    document=st.sampled_from((None, None, None, "The_Fens 2021", "沼泽", "")),
)
_steps = st.one_of(
    _says,
    _says,
    st.builds(
        Ingest,
        place=st.integers(0, 2),
        texts=st.lists(st.sampled_from(TALK[:6]), max_size=4).map(tuple),
        run=st.sampled_from((None, None, "monday")),
        title=st.sampled_from(("The_Fens 2021", "沼泽", "")),
    ),
    st.builds(Drop, place=st.integers(0, 30)),
    st.builds(Revise, place=st.integers(0, 30), text=st.sampled_from(TALK)),
    st.builds(Remove, place=st.integers(0, 30), erase=st.booleans()),
)


def histories(*, max_size: int = 12) -> st.SearchStrategy[list[Step]]:
    """Return histories that begin with something said."""
    return st.tuples(_says, st.lists(_steps, max_size=max_size)).map(lambda pair: [pair[0], *pair[1]])


def replay(history: list[Step], bench: Bench, model: LedgerModel) -> None:
    """Do everything on both; the bench's scope is the user ``model.owner``."""
    for step in history:
        if isinstance(step, Say):
            _say(step, bench, model)
        elif isinstance(step, Revise):
            _revise(step, bench, model)
        elif isinstance(step, Ingest):
            _ingest(step, bench, model)
        elif isinstance(step, Drop):
            _drop(step, bench, model)
        else:
            _remove(step, bench, model)


def _say(step: Say, bench: Bench, model: LedgerModel) -> None:
    bench.now += timedelta(seconds=step.clock)
    expires_at = None if step.expires_hour is None else NOON + timedelta(hours=step.expires_hour)
    said = episode_of(
        step.text,
        valid_at=NOON + timedelta(hours=step.hour),
        speaker=step.speaker,
        expires_at=expires_at,
        **step.role,
    )
    facts = [
        fact_of(
            f"{subject or 'I'} {predicate} {thing}",
            predicate,
            thing,
            subject=subject,
            valid_at=NOON + timedelta(hours=hour),
            expires_at=expires_at,
        )
        for (predicate, thing, subject), hour in _once(step).items()
        if not model.states(subject or model.owner, predicate, name_key(thing))
    ]
    bench.commit(said, *facts, scope=Scope(user_id=model.owner, run_id=step.run))
    model.commit(bench.now, [said, *facts], run_id=step.run)


def _once(step: Say) -> dict[tuple[str, str, str], int]:
    return {(predicate, thing, subject): hour for predicate, thing, subject, hour in step.facts}


def _revise(step: Revise, bench: Bench, model: LedgerModel) -> None:
    left = model.alive("episode")
    if left:
        old = left[step.place % len(left)]
        draft = reworded(
            episode_of(
                old.text,
                id=old.id,
                valid_at=old.valid_at,
                speaker=old.speaker,
                expires_at=old.expires_at,
                role=old.role,
                metadata=old.metadata,
            ),
            step.text,
        )
        if step.text != old.text:
            bench.revise(draft, scope=Scope(user_id=model.owner))
            model.revise(bench.now, draft)


def _remove(step: Remove, bench: Bench, model: LedgerModel) -> None:
    left = model.alive("episode", "fact")
    if left:
        chosen = left[step.place % len(left)]
        bench.remove(chosen.id, how="erase" if step.erase else "delete", scope=Scope(user_id=model.owner))
        model.remove(bench.now, chosen.id, erase=step.erase)


def _ingest(step: Ingest, bench: Bench, model: LedgerModel) -> None:
    """Keep the chunks that say the same, whatever order they have now; store the new ones and erase the rest."""
    known = model.document(step.uri, step.run)
    document = document_of(step.uri, title=step.title) if known is None else known[0]
    left = [] if known is None else [chunk.item_id for chunk in known[1]]
    new: list[ItemDraft] = []
    places: list[StoredChunk] = []
    for text in step.texts:
        kept = next((item for item in left if model.newest(item).text == text), None)
        if kept is None:
            new.append(part_of(document, text))
        else:
            left.remove(kept)
        start = places[-1].stop + 2 if places else 0
        places.append(chunk_of(kept or new[-1].id, text, start=start, page=len(places) + 1))
    change = StoreDocument(document, tuple(places))
    scope = Scope(user_id=model.owner, run_id=step.run)
    bench.commit(*new, scope=scope, removals=(Removal(tuple(left), "erase"),), changes=(change,))
    for item in left:
        model.remove(bench.now, item, erase=True)
    model.commit(bench.now, new, run_id=step.run)
    model.keep(bench.now, change, run_id=step.run)


def _drop(step: Drop, bench: Bench, model: LedgerModel) -> None:
    left = list(model.documents.values())
    if left:
        document, chunks = left[step.place % len(left)]
        ids = tuple(chunk.item_id for chunk in chunks)
        scope = Scope(user_id=model.owner)
        bench.commit(scope=scope, removals=(Removal(ids, "erase"),), changes=(DropDocument(document.id),))
        for item in ids:
            model.remove(bench.now, item, erase=True)
        model.drop(document.id)
