"""The latest on a subject: among rows that are about it, later world time first.

"What did I last say about the roof?" is answered by one of many rows that fit equally well. How late a row is counts by
how much of what is said about the subject is older, so that neither the pace of a conversation nor its age matters.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from polymem.domain.slotted import dataclass
from polymem.ports.faces import F32, I32, I64, Mask
from polymem.ranking.select import one_of, top
from polymem.read.arms import Scene

__all__ = ["latest_candidates", "latest_signal"]

N_ABOUT: Final = 256
"""So many rows, those that fit best, tell what is said about a subject."""
_OWN: Final = np.float32(1.0)
_DENSE: Final = np.float32(0.5)
_SPEAKER: Final = np.float32(3.0)
_STEP: Final = np.float32(0.25)
_WIDEST: Final = np.float32(1.5)
"""A row whose fit is a fourth less than the best one's, at most so much, counts as about the subject by 1/e."""
_NAME: Final = "latest"


@dataclass(frozen=True, slots=True)
class _Subject:
    """What is said about the subject of a question.

    Attributes:
        fit: float32[n], how well each row fits.
        best: The largest of them.
        step: By how much less a row must fit to count by 1/e.
        times: int64[k], world times of the rows about it, ascending.
        older: float32[k + 1], share of the subject that the first so many of them make up.
    """

    fit: F32
    best: np.float32
    step: np.float32
    times: I64
    older: F32


def latest_signal(scene: Scene, positions: I32) -> F32 | None:
    """Return float32[m] in 0..1: how surely each row is about the subject, by how much of what is said of it is older.

    None unless the latest is asked for.

    Args:
        scene: What the faces say.
        positions: int32[m], rows, none of them a passage.
    """
    subject = _subject(scene)
    if subject is None:
        return None
    about = np.exp(np.minimum(subject.fit[positions] - subject.best, 0) / subject.step)
    older = subject.older[subject.times.searchsorted(scene.columns.valid[positions])]
    signal: F32 = (about * older).astype(np.float32)
    return signal


def latest_candidates(scene: Scene, limit: int) -> I32:
    """Return int32[<= limit]: the rows about the subject for which most speaks; none unless the latest is asked for."""
    subject = _subject(scene)
    if subject is None:
        return np.empty(0, dtype=np.int32)
    rows = top(subject.fit, N_ABOUT, among=_turns(scene, scene.mask), above=0.0)
    signal = latest_signal(scene, rows)
    return rows if signal is None else rows[top(signal, limit)]


def _subject(scene: Scene) -> _Subject | None:
    """Return what is said about the subject, among all that can be seen, so that a filter changes no score."""
    if "latest" not in scene.plan.kinds or scene.plan.mode != "hybrid":
        return None
    if _NAME not in scene.kept:
        scene.kept[_NAME] = _found(scene)
    kept = scene.kept[_NAME]
    return kept if isinstance(kept, _Subject) else None


def _found(scene: Scene) -> _Subject | None:
    fit = np.zeros(scene.snapshot.n, dtype=np.float32)
    if scene.matches.positions.size:
        fit += scene.own * (_OWN * np.float32(scene.matches.weights.sum() ** -0.5))
    if scene.blended is not None:
        fit += (scene.blended - np.float32(scene.mean)) * (_DENSE / np.float32(scene.spread))
    if scene.speakers:
        fit += one_of(scene.columns.speaker, scene.speakers) * _SPEAKER
    rows = top(fit, N_ABOUT, among=_turns(scene, scene.seen()), above=0.0)
    if not rows.size:
        return None
    best = fit[rows].max()
    step = np.minimum(best * _STEP, _WIDEST)
    rows = rows[np.argsort(scene.columns.valid[rows], kind="stable")]
    share = np.exp((fit[rows] - best) / step)
    older = np.concatenate([np.zeros(1, dtype=np.float32), np.cumsum(share) / share.sum()]).astype(np.float32)
    return _Subject(fit, best, step, scene.columns.valid[rows], older)


def _turns(scene: Scene, rows: Mask) -> Mask:
    return rows if scene.passages is None else rows & ~scene.passages
