"""``python -m benchmarks.extraction DATA.json.gz [--per-add 10]``: what remembering costs with a model, counted.

Conversations are added ten messages at a time, each conversation to a user of its own. The model is scripted: it answers
what the rules find and notes what else speakers say of themselves, so that calls, prompt tokens and what becomes of the answers are as with a real one. Tokens are
estimated on the high side (:func:`polymem.ranking.budget.estimate_tokens`), system prompt and form of the answer included.
Then several users add at the same time to a model that takes its time and serves a limited number at once.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import json
import re
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from polymem import AsyncMemory
from polymem.domain.statement import SELF
from polymem.models.extractors.rules import RuleExtractor
from polymem.ports.extractor import ExtractorInput
from polymem.ports.llm import JsonSchema, Reply
from polymem.testing.clock import NOON
from polymem.testing.models import Asked, ScriptedModel

GOAL_CALLS: Final = 1.2
GOAL_TOKENS: Final = 3_000
LIMIT: Final = 8
"""Requests that the slow model serves at once."""
DELAY_S: Final = 0.1
SENTENCE_CHARS: Final = 40
"""A longer sentence about the speaker is worth a note."""
ABOUT_SELF: Final = re.compile(r"\b(?:I|my|we|our)\b|我")


@dataclass(frozen=True)
class Cost:
    """What adds cost.

    Attributes:
        calls: Calls of each add.
        tokens: Prompt tokens of each add.
        n_facts: Facts stored.
        n_pending: Adds of which something is still to be derived.
    """

    calls: Sequence[int]
    tokens: Sequence[int]
    n_facts: int
    n_pending: int


def notes(asked: Asked) -> Mapping[str, Any]:
    """Answer as a model would that notes what the rules find, and what else the speaker says of himself in free words.

    The judge's questions are answered by nothing, so that as many facts as possible stay to be compared with.
    """
    if asked.schema["title"] == "verdicts":
        return {"verdicts": []}
    facts: list[dict[str, Any]] = []
    for line in asked.prompt.split("\n"):
        shown = json.loads(line)
        (found,) = RuleExtractor().derive([ExtractorInput(shown["text"], "", "user", NOON)])
        facts += [
            {
                "text": f"{shown['who']}: {each.text}"[:400],
                "subject": shown["who"] if each.subject == SELF else each.subject,
                "predicate": each.predicate,
                "object": each.object,
                "positive": each.positive,
                "messages": [shown["n"]],
            }
            for each in found.statements
        ]
        sentence = max(re.split(r"(?<=[.!?。！？])\s*", shown["text"]), key=len)
        if not found.statements and len(sentence) > SENTENCE_CHARS and ABOUT_SELF.search(sentence):
            free = {
                "text": f"{shown['who']}: {sentence}"[:400],
                "subject": shown["who"],
                "predicate": "",
                "object": "",
            }
            facts.append({**free, "messages": [shown["n"]]})
    return {"facts": facts, "entities": []}


def conversations(path: Path) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Yield the id and the messages of every conversation of a file of the form ``conversations/1``."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        read = json.load(file)
    for conversation in read["conversations"]:
        yield (
            conversation["id"],
            [
                {"role": "user", "name": turn["speaker"], "content": turn["text"]}
                | ({"timestamp": turn["time"]} if turn.get("time") else {})
                for session in conversation["sessions"]
                for turn in session["turns"]
            ],
        )


async def cost_of(talks: Sequence[tuple[str, list[dict[str, Any]]]], *, per_add: int) -> Cost:
    """Add every conversation, *per_add* messages at a time, and count."""
    model = ScriptedModel(notes)
    calls: list[int] = []
    tokens: list[int] = []
    n_facts = n_pending = 0
    with tempfile.TemporaryDirectory() as folder:
        async with AsyncMemory(Path(folder) / "memory.db", llm=model) as memory:
            for user, messages in talks:
                for start in range(0, len(messages), per_add):
                    before = model.n_calls
                    added = await memory.add(messages[start : start + per_add], user_id=user)
                    calls.append(model.n_calls - before)
                    tokens.append(added.usage.prompt_tokens)
                    n_facts += sum(item.kind != "episode" for item in added.items)
                    n_pending += added.pending is not None
    return Cost(calls, tokens, n_facts, n_pending)


class Served:
    """A slow model that serves at most ``LIMIT`` requests at a time."""

    def __init__(self) -> None:
        self.inner = ScriptedModel(notes, delay_s=DELAY_S)
        self.name = self.inner.name
        self._free = asyncio.Semaphore(LIMIT)

    async def generate(
        self, prompt: str, *, system: str, schema: JsonSchema, max_tokens: int = 2_000
    ) -> Reply:
        """Wait for a place, then answer."""
        async with self._free:
            return await self.inner.generate(prompt, system=system, schema=schema, max_tokens=max_tokens)


async def together(n_users: int, *, n_adds: int = 4) -> tuple[float, int]:
    """Let users add at the same time; return adds per second, and most requests that were under way together."""
    model = Served()
    with tempfile.TemporaryDirectory() as folder:
        async with AsyncMemory(Path(folder) / "memory.db", llm=model) as memory:

            async def user(name: str) -> None:
                for n in range(n_adds):
                    await memory.add(f"I like tea number {n}. 我喜欢喝第{n}种茶。", user_id=name)

            await memory.add("I like to warm up. 我喜欢热身。", user_id="first")
            start = time.perf_counter()
            await asyncio.gather(*(user(f"user-{n}") for n in range(n_users)))
            return n_users * n_adds / (time.perf_counter() - start), model.inner.n_together


def _line(name: str, values: Sequence[int], goal: float) -> str:
    mean, high = float(np.mean(values)), float(np.percentile(values, 95))
    return f"{name:24} mean {mean:8.2f}   p95 {high:8.0f}   most {max(values):6}   goal {goal:g}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what was counted; fail where a goal is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", type=Path, help="conversations/1, gzip'd JSON")
    parser.add_argument("--per-add", type=int, default=10, help="messages of one add")
    chosen = parser.parse_args(arguments)
    talks = list(conversations(chosen.data))
    cost = asyncio.run(cost_of(talks, per_add=chosen.per_add))
    print(
        f"{len(talks)} conversations, {len(cost.calls)} adds of {chosen.per_add} messages, {cost.n_facts} facts"
    )
    print(_line("model calls per add", cost.calls, GOAL_CALLS))
    print(_line("prompt tokens per add", cost.tokens, GOAL_TOKENS))
    print(f"left to be derived later: {cost.n_pending}")
    print(f"users at a time, with a model of {DELAY_S:g} s that serves {LIMIT}:")
    for n_users in (1, 2, 4, 8, 16):
        rate, n_together = asyncio.run(together(n_users))
        print(f"  {n_users:3} users: {rate:7.1f} adds/s, {n_together} requests under way together")
    return int(float(np.mean(cost.calls)) > GOAL_CALLS or float(np.mean(cost.tokens)) > GOAL_TOKENS)


if __name__ == "__main__":
    raise SystemExit(main())
