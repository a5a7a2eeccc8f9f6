"""Routes: rows that a kind of question asks for, however few words they share with it.

A standing instruction applies to a request that it does not repeat; a preference, to advice that is asked for: which one, the
vectors tell. An order or a summary is of all that was said of a topic, wherever it was said: what counts is that a message
names the topic itself, not that its surroundings do; and a summary needs what was asked together with what was replied.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, cast

import numpy as np

from polymem.ports.faces import F32, I32, Mask
from polymem.ranking.select import one_of, top
from polymem.read.arms import Scene
from polymem.read.latest import latest_candidates, latest_signal
from polymem.read.plan import QueryPlan
from polymem.text.keys_kinds import CHOOSES, STANDING

__all__ = ["exchange", "route_candidates", "route_signals", "route_weights"]

N_NEAREST: Final = 4
"""So many instructions, and so many preferences, can apply to one request."""
_FARTHEST: Final = np.float32(1.5)
"""So many standard deviations below the mean of all rows nothing applies any more; from one above it does for sure."""
WHOLE_TOPIC: Final[Mapping[str, float]] = MappingProxyType(
    {"own": 1.0, "dense": 0.5, "speaker": 3.0, "standing": 2.0}
)
"""What the signals weigh where all of a topic is asked for; instructions are no part of it, though one may apply."""
DIALOGUE: Final[Mapping[str, float]] = MappingProxyType({"own": 1.0, "alone": 0.5, "part": 1.0})
"""What they weigh for a dialogue, which asks nothing: one of its sentences may call something to mind."""
TIMES: Final = frozenset(["date"])
_WANTED: Final = "wanted"
KEPT: Final = frozenset(["speaker", "graph", "key", "standing", "choice"])
"""What weighs for an order, a summary or a dialogue what it weighs for any question. A dialogue's times are its own."""
COUNTED: Final[Mapping[str, float]] = MappingProxyType({"own": 1.0, "dense": 0.5, "speaker": 2.0})
"""What they weigh more where something is counted: each of what counts names it."""
HELPERS: Final = frozenset(
    ["assistant", "ai", "bot", "chatbot", "system", "model", "tool", "助手", "助理", "机器人", "系统"]
)
"""Names of speakers who serve; they instruct nobody."""


def route_signals(scene: Scene, positions: I32) -> dict[str, F32]:
    """Return raw signals float32[m] of the turns at *positions*, each named as the weight that it has.

    Args:
        scene: What the faces say.
        positions: int32[m], candidates, none of them a passage.
    """
    signals: dict[str, F32] = {}
    for name, nearest in _wanted(scene).items():
        place = positions.searchsorted(nearest)
        place = np.minimum(place, positions.size - 1)
        there = positions[place] == nearest
        values = np.zeros(positions.size, dtype=np.float32)
        values[place[there]] = _applies(scene, nearest)[there]
        signals[name] = values
    latest = latest_signal(scene, positions)
    if latest is not None:
        signals["latest"] = latest
    return signals


def route_weights(plan: QueryPlan, table: Mapping[str, float]) -> Mapping[str, float]:
    """Return what the signals weigh for the kind of question that *plan* is; a signal without weight keeps none.

    Args:
        plan: The question.
        table: What they weigh for a plain one.
    """
    if plan.kinds & {"order", "summary"}:
        return _instead(table, WHOLE_TOPIC, KEPT | TIMES)
    if "dialogue" in plan.kinds:
        return _instead(table, DIALOGUE, KEPT)
    if "count" in plan.kinds:
        return {name: weight + COUNTED.get(name, 0.0) if weight else weight for name, weight in table.items()}
    return table


def _instead(
    table: Mapping[str, float], weights: Mapping[str, float], kept: frozenset[str]
) -> Mapping[str, float]:
    """Return *weights* in place of *table*, which stands for what is *kept*; a signal without weight keeps none."""
    return {
        name: weights.get(name, weight if name in kept else 0.0) if weight else weight
        for name, weight in table.items()
    }


def route_candidates(scene: Scene, limit: int) -> dict[str, I32]:
    """Return rows that no likeness need bring, int32[<= limit], ascending, as those of the arm "routes"; none for most questions.

    They are the standing instructions and preferences that may apply, of a summary what was replied, and the latest that
    was said where that is asked for.

    Args:
        scene: What the faces say.
        limit: At most so many.
    """
    if scene.plan.mode != "hybrid":
        return {}
    found = [nearest[scene.mask[nearest]] for nearest in _wanted(scene).values()]
    if "summary" in scene.plan.kinds and scene.matches.positions.size:
        replies = scene.near.following[top(scene.own, limit, among=scene.mask, above=0.0)]
        replies = replies[replies >= 0]
        found.append(replies[scene.mask[replies]])
    latest = latest_candidates(scene, limit)
    if latest.size:
        found.append(latest)
    if not found:
        return {}
    return {"routes": np.unique(np.concatenate(found)[:limit]).astype(np.int32)}


def exchange(scene: Scene, positions: I32, total: F32) -> F32 | None:
    """Return float32[m], what a reply lacks of the odds of the message before it; None unless a summary is asked for.

    What was said to a question belongs to its answer, and a summary is of both.

    Args:
        scene: What the faces say.
        positions: int32[m], candidates, ascending.
        total: float32[m], log odds so far.
    """
    if "summary" not in scene.plan.kinds or not positions.size:
        return None
    asked = scene.near.previous[positions]
    place = np.minimum(positions.searchsorted(asked), positions.size - 1)
    replies = (asked >= 0) & (positions[place] == asked)
    replies &= scene.columns.speaker[positions] != scene.columns.speaker[asked]
    replies &= _served(scene, positions)
    return np.where(replies, np.maximum(total[place] - total, 0), np.float32(0)).astype(np.float32)


def _wanted(scene: Scene) -> dict[str, I32]:
    """Return by signal what the user wants for good and may apply to the question, nearest first."""
    kept = scene.kept.get(_WANTED)
    if isinstance(kept, dict):
        return cast("dict[str, I32]", kept)
    found = {"standing": _nearest(scene, STANDING)}
    if "advice" in scene.plan.kinds:
        found["choice"] = _nearest(scene, CHOOSES)
    wanted = {name: positions for name, positions in found.items() if positions.size}
    scene.kept[_WANTED] = wanted
    return wanted


def _nearest(scene: Scene, key: str) -> I32:
    """Return the rows with *key* whose own vectors are nearest to the question, nearest first, ``N_NEAREST`` at most.

    They are chosen among all that can be seen in the partition, so that a filter takes rows away and changes the score of none.
    """
    bearing = scene.snapshot.texts.postings(key).positions
    if not bearing.size:
        return bearing
    bearing = bearing[scene.seen()[bearing]]
    bearing = bearing[~_served(scene, bearing)]
    if scene.cosines is None:
        return bearing[-N_NEAREST:][::-1]
    return bearing[np.argsort(-scene.cosines[bearing], kind="stable")[:N_NEAREST]]


def _applies(scene: Scene, nearest: I32) -> F32:
    """Return float32[k] in 0..1: how surely each of *nearest* applies, by its place and by how near it is among all rows."""
    surely = 1.0 / (1.0 + np.arange(nearest.size, dtype=np.float32))
    if scene.cosines is not None:
        surely *= np.clip((scene.alone(scene.cosines[nearest]) + _FARTHEST) / (_FARTHEST + 1), 0, 1)
    return surely.astype(np.float32)


def _served(scene: Scene, positions: I32) -> Mask:
    """Tell of each row whether an assistant said it."""
    labels = scene.snapshot.rows.labels()
    numbers = [number for name, number in labels.items() if name.casefold() in HELPERS]
    return one_of(scene.columns.speaker[positions], numbers)
