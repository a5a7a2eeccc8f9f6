"""What speaks for a turn of a conversation, or for what was derived from one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from polymem.ports.faces import EMBEDDED, F32, I32, INDEXED, Mask
from polymem.ranking.bm25 import context_scores
from polymem.ranking.dates import date_match
from polymem.ranking.fusion import reciprocal_ranks, shrunk_z, weighted
from polymem.ranking.neighbours import NEIGHBOUR_SHARE, windows
from polymem.ranking.scoring import Weights, base_odds
from polymem.ranking.select import one_of
from polymem.read.arms import Scene
from polymem.read.members import member_signals
from polymem.read.routes import route_signals, route_weights
from polymem.text.keys_turn import FIRST_PERSON, REACTS

__all__ = ["measure", "turn_odds"]

N_SAMPLED: Final = 256
"""So many rows tell what is usual of a sentence of the question; to look at all of them takes as long as a search."""
_COUNTED: Final = INDEXED | EMBEDDED


def turn_odds(scene: Scene, positions: I32, weights: Weights) -> dict[str, F32]:
    """Return what each signal adds to the log odds, float32[m], of the turns at *positions*.

    Args:
        scene: What the faces say.
        positions: int32[m], candidates, none of them a passage.
        weights: What the signals weigh.
    """
    odds = _fused(scene, measure(scene, positions), weights)
    n_rows = scene.snapshot.texts.n_rows
    odds["base"] = np.full(positions.size, base_odds(n_rows, weights), dtype=np.float32)
    return odds


def _fused(scene: Scene, signals: Mapping[str, F32], weights: Weights) -> dict[str, F32]:
    table = route_weights(scene.plan, {name: getattr(weights, name) for name in signals})
    return (reciprocal_ranks if weights.fusion == "rrf" else weighted)(signals, table)


def measure(scene: Scene, positions: I32) -> dict[str, F32]:
    """Return the raw signals float32[m] of the rows at *positions*; a signal that says nothing is left out."""
    signals: dict[str, F32] = {}
    if scene.worded:
        signals |= _said(scene, positions)
    if scene.cosines is not None and scene.blended is not None:
        signals |= _meant(scene, positions, scene.cosines, scene.blended)
    if scene.plan.spans and scene.plan.mode in {"hybrid", "time"}:
        signals["date"] = date_match(scene.columns.valid[positions], scene.plan.spans)
    if scene.graph.positions.size:
        signals["graph"] = scene.graph.at(positions)
    if scene.graph.keyed:
        keyed = scene.graph.keyed
        signals["key"] = np.array(
            [keyed.get(position, 0.0) for position in positions.tolist()], dtype=np.float32
        )
    if scene.plan.mode == "hybrid":
        signals |= _form(scene, positions)
        signals |= route_signals(scene, positions)
        signals |= member_signals(scene, positions)
    return signals


def _said(scene: Scene, positions: I32) -> dict[str, F32]:
    """Return how well the words of each row fit, and of the rows around it."""
    matches = scene.matches
    scale = np.float32(1.0 / np.sqrt(matches.weights.sum()))
    signals = {"own": scene.own[positions] * scale}
    if scene.plan.mode == "hybrid":
        said = _context(scene, positions, windows(positions, scene.near))
        signals["context"] = said * scale
        signals["session"] = _session(scene, positions) * scale
    return signals


def _context(scene: Scene, positions: I32, window: I32) -> F32:
    """Return float32[m]: BM25 of what was said around each row, of rows in another language by the translated words."""
    columns, mean_rows = scene.columns, scene.near.mean_rows
    if scene.foreign is None:
        return context_scores(scene.matches, columns.length, window, mean_rows=mean_rows)
    other = scene.foreign.mask[positions]
    said = np.empty(positions.size, dtype=np.float32)
    said[other] = scene.foreign.context(columns.length, window[:, other], mean_rows=mean_rows)
    said[~other] = context_scores(scene.matches, columns.length, window[:, ~other], mean_rows=mean_rows)
    return said


def _session(scene: Scene, positions: I32) -> F32:
    """Return float32[m]: BM25 of the row of the same run that fits best, the row itself where it belongs to none.

    A run is a session: what is asked about is told over several of its turns, of which some have none of the words.
    """
    own, run = scene.own, scene.columns.run
    matched = scene.matches.positions
    if scene.passages is not None:
        matched = matched[~scene.passages[matched]]
    best = np.zeros(int(run.max(initial=-1)) + 2, dtype=np.float32)  # a run of -1 is the one past the end
    np.maximum.at(best, run[matched], own[matched])
    best[-1] = 0
    return np.maximum(best[run[positions]], own[positions])


def _meant(scene: Scene, positions: I32, cosines: F32, blended: F32) -> dict[str, F32]:
    """Return how well the vectors fit: blended with their neighbours', alone, and with the best sentence."""
    dense = (blended[positions] - np.float32(scene.mean)) / np.float32(scene.spread)
    if scene.plan.mode != "hybrid":
        return {"dense": dense}
    signals = {"dense": dense, "alone": scene.alone(cosines[positions])}
    parts = scene.plan.part_vectors
    if parts is not None and len(parts):
        signals["part"] = _best_part(scene, positions, parts)
    return signals


def _best_part(scene: Scene, positions: I32, parts: F32) -> F32:
    """Return float32[m]: how well the vector of each row fits the sentence of the question that it fits best.

    Args:
        scene: What the faces say.
        positions: int32[m].
        parts: float32[k, dim], vectors of the sentences.
    """
    there = np.flatnonzero(scene.columns.flags & _COUNTED == _COUNTED)
    sample = there[np.linspace(0, there.size - 1, min(N_SAMPLED, there.size)).astype(np.int64)]
    found = _blended_at(scene, parts, np.concatenate([sample.astype(np.int32), positions]))
    usual, ours = found[:, : sample.size], found[:, sample.size :]
    best = np.full(positions.size, -np.inf, dtype=np.float32)
    for seen, values in zip(usual, ours, strict=True):
        mean, spread = shrunk_z(float(seen.sum()), float(seen @ seen), sample.size)
        np.maximum(best, (values - np.float32(mean)) / np.float32(spread), out=best)
    return best


def _blended_at(scene: Scene, queries: F32, positions: I32) -> F32:
    """Return float32[k, m]: cosine of each query with each row's vector blended with its neighbours'.

    Args:
        scene: What the faces say.
        queries: float32[k, dim], unit vectors.
        positions: int32[m].
    """
    window = windows(positions, scene.near)[:3]
    cells = np.maximum(window, 0).ravel()
    found = scene.snapshot.vectors.near(queries, cells).reshape(len(queries), 3, positions.size)
    found *= window >= 0
    mixed = (found[:, 0] + np.float32(NEIGHBOUR_SHARE) * (found[:, 1] + found[:, 2])).astype(np.float32)
    mixed *= scene.near.shrink[positions]
    return mixed


def _form(scene: Scene, positions: I32) -> dict[str, F32]:
    """Return what the form of each row says: who speaks, of whom, and how."""
    columns = scene.columns
    signals: dict[str, F32] = {}
    if scene.speakers:
        signals["speaker"] = one_of(columns.speaker[positions], scene.speakers).astype(np.float32)
    if len(scene.snapshot.rows.labels()) > 1:
        signals["first_person"] = _has(scene, FIRST_PERSON, positions)
    signals["reaction"] = _has(scene, REACTS, positions)
    signals["length"] = np.log1p(columns.length[positions].astype(np.float32))
    return signals


def _has(scene: Scene, key: str, positions: I32) -> F32:
    """Return float32[m]: 1 for the rows that have a key."""
    bearing = scene.snapshot.texts.postings(key).positions
    if not bearing.size:
        return np.zeros(positions.size, dtype=np.float32)
    place = np.minimum(bearing.searchsorted(positions), bearing.size - 1)
    found: Mask = bearing[place] == positions
    return found.astype(np.float32)
