"""Readers of the files as their makers publish them: LoCoMo and LongMemEval.

Sources: Maharana et al., Evaluating Very Long-Term Conversational Memory of LLM Agents (ACL 2024), ``locomo10.json``;
Wu et al., LongMemEval (ICLR 2025), ``longmemeval_s.json``, ``longmemeval_m.json``, ``longmemeval_oracle.json`` and their
cleaned editions.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Final

from polymem.evals.cases import ADVERSARIAL, Corpus, Question, Row, Session
from polymem.evals.files import elements
from polymem.evals.node import Node, iso_time

__all__ = ["LOCOMO", "LONGMEMEVAL", "form_of", "locomo", "longmemeval"]

LOCOMO: Final = "locomo"
LONGMEMEVAL: Final = "longmemeval"
_CATEGORIES: Final[Mapping[int, str]] = {
    1: "multi-hop",
    2: "temporal",
    3: "open-domain",
    4: "single-hop",
    5: ADVERSARIAL,
}
_TURN: Final = re.compile(r"D:?(\d+):(\d+)")
"""Evidence is written by hand: "D8:6; D9:17", "D:11:26" and "D30:05" occur beside "D1:3"."""
_ABSTENTION: Final = "_abs"


def form_of(first: Node) -> str:
    """Return which format the first element of an array is of.

    Raises:
        DatasetError: It is of neither.
    """
    if "haystack_sessions" in first:
        return LONGMEMEVAL
    if "conversation" in first and "qa" in first:
        return LOCOMO
    raise first.fault("is neither of LoCoMo (conversation, qa) nor of LongMemEval (haystack_sessions)")


def locomo(path: Path) -> Iterator[Corpus]:
    """Yield the conversations of ``locomo10.json``, one scope each.

    A shared photo stands as words behind the turn, by its caption. Evidence that names no turn is left out; a question that
    has none left is not measured.

    Raises:
        DatasetError: The file is not as described; it says where.
        OSError: It cannot be read.
    """
    for n, element in enumerate(elements(path)):
        node = Node(element, path, f"[{n}]")
        talk = node["conversation"]
        sessions = tuple(_locomo_sessions(talk))
        known = {row.id for session in sessions for row in session.rows}
        name = node.get("sample_id").words or str(n)
        questions = tuple(
            _locomo_question(question, f"{name}/q{place}", known) for place, question in enumerate(node["qa"])
        )
        yield Corpus(name, sessions, questions)


def _locomo_sessions(talk: Node) -> Iterator[Session]:
    if "session_1" not in talk:
        raise talk.fault("has no 'session_1'")
    numbers = (int(key.removeprefix("session_")) for key in talk.mapping if re.fullmatch(r"session_\d+", key))
    for number in sorted(numbers):
        begun = talk[f"session_{number}_date_time"].time(_locomo_time)
        rows = tuple(_locomo_row(turn, begun) for turn in talk[f"session_{number}"])
        yield Session(f"S{number}", rows)


def _locomo_row(turn: Node, begun: datetime | None) -> Row:
    found = _TURN.fullmatch(turn["dia_id"].text.strip())
    if not found:
        raise turn["dia_id"].fault("is no id like D1:3")
    caption = turn.get("blip_caption").words
    said = turn.get("text").words
    text = f"{said} [shares {caption}]".strip() if caption else said
    return Row(_locomo_id(found), text, speaker=turn["speaker"].text, at=begun)


def _locomo_question(node: Node, name: str, known: set[str]) -> Question:
    number = node["category"].value
    if not isinstance(number, int) or number not in _CATEGORIES:
        raise node["category"].fault("is no number from 1 to 5")
    written = [found for place in node.get("evidence") for found in _TURN.finditer(place.words)]
    evidence = frozenset(map(_locomo_id, written)) & known
    return Question(
        id=name,
        text=node["question"].text,
        category=_CATEGORIES[number],
        evidence=evidence,
        answer=(node.get("answer") if "answer" in node else node.get("adversarial_answer")).words,
        labelled=bool(evidence),
    )


def _locomo_id(found: re.Match[str]) -> str:
    return f"D{int(found[1])}:{int(found[2])}"


def _locomo_time(text: str) -> datetime:
    """Read "1:56 pm on 8 May, 2023" as UTC."""
    return datetime.strptime(text.strip(), "%I:%M %p on %d %B, %Y").replace(tzinfo=UTC)


def longmemeval(path: Path) -> Iterator[Corpus]:
    """Yield one scope for each question of LongMemEval, with its own history.

    Evidence are the turns with ``has_answer``. An abstention question (``_abs``) is answered by none; another one without
    such turns is not measured.

    Raises:
        DatasetError: The file is not as described; it says where.
        OSError: It cannot be read.
    """
    for n, element in enumerate(elements(path)):
        node = Node(element, path, f"[{n}]")
        name = node["question_id"].text
        sessions, evidence = _haystack(node)
        abstains = name.endswith(_ABSTENTION)
        question = Question(
            id=name,
            text=node["question"].text,
            category=node["question_type"].text,
            evidence=frozenset() if abstains else frozenset(evidence),
            answer=node.get("answer").words,
            at=node.get("question_date").time(_longmemeval_time),
            labelled=abstains or bool(evidence),
            meta={"answer_session_ids": node.get("answer_session_ids").value or []},
        )
        yield Corpus(name, sessions, (question,))


def _haystack(node: Node) -> tuple[tuple[Session, ...], list[str]]:
    """Return sessions in order of time, and the ids of the turns that hold the answer."""
    lists = [list(node[f"haystack_{name}"]) for name in ("sessions", "dates", "session_ids")]
    if len({len(found) for found in lists}) > 1:
        raise node.fault(
            "has haystack_sessions, haystack_dates and haystack_session_ids of different lengths"
        )
    evidence: list[str] = []
    dated: list[tuple[datetime, Session]] = []
    seen: Counter[str] = Counter()
    for turns, date, name in zip(*lists, strict=True):
        begun = date.time(_longmemeval_time)
        if begun is None:
            raise date.fault("is no time")
        # The same session may be in a history twice.
        session = name.text if not seen[name.text] else f"{name.text}#{seen[name.text]}"
        seen[name.text] += 1
        rows: list[Row] = []
        for turn, place in zip(turns, count(1)):
            row = Row(f"{session}_{place}", turn["content"].words, speaker=turn["role"].text, at=begun)
            rows.append(row)
            if turn.get("has_answer").value is True:
                evidence.append(row.id)
        dated.append((begun, Session(session, tuple(rows))))
    dated.sort(key=lambda pair: pair[0])
    return tuple(session for _, session in dated), evidence


def _longmemeval_time(text: str) -> datetime:
    """Read "2023/05/20 (Sat) 02:21", or ISO 8601, as UTC."""
    plain = re.sub(r"\s*\([^)]*\)", "", text.strip())
    if "/" not in plain:
        return iso_time(plain)
    form = "%Y/%m/%d %H:%M" if ":" in plain else "%Y/%m/%d"
    return datetime.strptime(plain, form).replace(tzinfo=UTC)
