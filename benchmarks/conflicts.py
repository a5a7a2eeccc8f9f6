"""``python -m benchmarks.conflicts [--json FILE] [--quick]``: is what memory says current, and what it said before true?

Histories with exact answers (:mod:`.conflicts_made`) are told twice: with a perfect extractor, so that only what becomes
of the facts is measured, and with the rules alone. Each class is asked through ``relations``, ``profile`` and the first
hits of ``search``; several hops go through ``relations`` of the entity that the first one names. Every history is told
again in other orders of arrival, which must give the same answers. Then statements that must end nothing are told
(:mod:`.conflicts_unrelated`), and what they ended is counted.
"""

from __future__ import annotations

import argparse
import json
import math
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import polymem
from benchmarks.conflicts_made import MULTI_HOP, Asked, History, Said, histories, rearranged
from benchmarks.conflicts_unrelated import KNOWN, Unrelated, unrelated
from benchmarks.measure import machine
from polymem import Memory
from polymem.domain.derivation import PLAIN, Instructions
from polymem.domain.predicates import predicate_named
from polymem.domain.statement import SELF, Extraction
from polymem.models.extractors.rules import RuleExtractor
from polymem.ports.extractor import ExtractorInput
from polymem.read.profile import Detail
from polymem.testing.clock import FrozenClock

RESULTS: Final = Path(__file__).parent / "results" / "conflicts"
N_UNRELATED: Final = 2_000
PER_SCOPE: Final = 20
GOALS: Final = {"single-hop": 0.99, MULTI_HOP: 0.95, "covered": 0.80, "wrong closings": 0.005}


class Perfect:
    """Finds in a message exactly what the generator put there."""

    name = "perfect/1"
    in_process = True

    def __init__(self) -> None:
        self.script: dict[tuple[str, datetime], Said] = {}

    def derive(self, messages: Sequence[ExtractorInput]) -> list[Extraction]:
        """Return what the script holds."""
        return [Extraction(self.script[message.text, message.said_at].facts) for message in messages]

    async def extract(
        self, messages: Sequence[ExtractorInput], *, instructions: Instructions = PLAIN
    ) -> list[Extraction]:
        """Return what the script holds."""
        del instructions
        return self.derive(messages)


@dataclass(slots=True)
class Tally:
    """How often something was right; the wrong ones by name."""

    right: int = 0
    total: int = 0
    wrong: list[str] = field(default_factory=list[str])

    def add(self, ok: bool, name: str) -> None:  # noqa: FBT001
        """Count one."""
        self.right += ok
        self.total += 1
        if not ok:
            self.wrong.append(name)

    @property
    def share(self) -> float:
        """How many of them were right; 1 of none."""
        return self.right / self.total if self.total else 1.0


def wilson(right: int, total: int) -> tuple[float, float]:
    """Return the 95 % interval of a share.

    Source: E. B. Wilson, Probable inference, the law of succession, and statistical inference (1927).
    """
    if not total:
        return 0.0, 1.0
    z, share = 1.959964, right / total
    middle = share + z * z / (2 * total)
    spread = z * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    scale = 1 + z * z / total
    return max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale)


class Told:
    """A history in a scope of its own."""

    def __init__(self, memory: Memory, clock: FrozenClock, history: History, user: str) -> None:
        self.memory, self.clock, self.user = memory, clock, user
        self.known: list[datetime] = []
        clock.set(min(each.at for each in history.said))
        for said in history.said:
            clock.set(max(clock.now() + timedelta(minutes=1), said.at))
            memory.add(said.text, user_id=user, timestamp=said.at)
            self.known.append(clock.now())
        clock.move(days=90)

    def objects(self, asked: Asked, *, subject: str, predicate: str) -> frozenset[str]:
        """Return the objects that ``relations`` gives."""
        known_at = None if asked.known_after is None else self.known[asked.known_after - 1]
        found = self.memory.relations(
            user_id=self.user, entity=self.name(subject), as_of=asked.as_of, known_at=known_at
        )
        return frozenset(
            relation.object.casefold()
            for relation in found
            if relation.positive
            and relation.predicate == predicate
            and relation.subject.casefold() == self.name(subject).casefold()
        )

    def name(self, subject: str) -> str:
        """Return the name under which the store knows a subject."""
        return self.user if subject == SELF else subject

    def answer(self, asked: Asked) -> frozenset[str]:
        """Return what the graph answers, over one hop or two."""
        if not asked.via:
            return self.objects(asked, subject=asked.subject, predicate=asked.predicate)
        ends = self.objects(asked, subject=asked.subject, predicate=asked.via)
        return frozenset().union(
            *(self.objects(asked, subject=end, predicate=asked.predicate) for end in ends)
        )

    def profile(self, asked: Asked) -> frozenset[str]:
        """Return what the profile answers."""
        found = self.memory.profile(user_id=self.user)
        key = predicate_named(asked.predicate).profile_key
        value = found.get(key, ())
        details = (value,) if isinstance(value, Detail) else value
        about = asked.predicate.partition(":")[2] or (asked.predicate if key == "people" else "")
        return frozenset(each.value.casefold() for each in details if each.about == about)


def expected(asked: Asked) -> frozenset[str]:
    """Return the answer in the form in which answers are compared."""
    return frozenset(each.casefold() for each in asked.answer)


def narrowed(found: frozenset[str], asked: Asked) -> frozenset[str]:
    """Return of an answer what the question looks at."""
    return found & {each.casefold() for each in asked.among} if asked.among else found


def judge(told: Told, history: History, tallies: dict[str, Tally]) -> None:
    """Ask everything and count it, by the way of asking."""
    for asked in history.asked:
        time = "known" if asked.known_after else "as_of" if asked.as_of else "now"
        name = f"{history.name} {time} {asked.predicate}"
        found = narrowed(told.answer(asked), asked)
        tallies[time].add(found == expected(asked), f"{name}: {sorted(found)} for {sorted(asked.answer)}")
        if time == "now" and asked.subject == SELF and not asked.via:
            shown = narrowed(told.profile(asked), asked)
            tallies["profile"].add(
                shown == expected(asked), f"{name}: {sorted(shown)} for {sorted(asked.answer)}"
            )
        if asked.question:
            search(told, asked, name, tallies)


def search(told: Told, asked: Asked, name: str, tallies: dict[str, Tally]) -> None:
    """Count whether what holds stands before what does not, and whether it stands first."""
    hits = [
        frozenset(episode.text for episode in hit.episodes)
        for hit in told.memory.search(asked.question, user_id=told.user)
    ]
    current = next((n for n, texts in enumerate(hits) if texts & asked.texts), None)
    outdated = next((n for n, texts in enumerate(hits) if texts & asked.outdated - asked.texts), None)
    above = current is not None and (outdated is None or current < outdated)
    tallies["search"].add(above, f"{name}: {asked.question}")
    tallies["first"].add(current == 0, f"{name}: {asked.question}")


ASKED: Final = ("now", "profile", "as_of", "known", "search", "first")
SCORED: Final = ("now", "profile", "as_of", "known")
Scores = dict[str, dict[str, Tally]]


def run(told: Iterable[History], *, rules: bool, orders: int = 1) -> tuple[Scores, dict[str, Tally], Tally]:
    """Tell histories and ask.

    Returns:
        By class and way of asking; by class the share of the facts that the rules find; and whether other orders of arrival
        give the same answers.
    """
    scores: Scores = defaultdict(lambda: defaultdict(Tally))
    coverage: dict[str, Tally] = defaultdict(Tally)
    same = Tally()
    clock, extractor = FrozenClock(), Perfect()
    with tempfile.TemporaryDirectory() as folder:
        given: dict[str, Any] = {} if rules else {"extractor": extractor}
        with Memory(Path(folder) / "conflicts.db", clock=clock, **given) as memory:
            for n, history in enumerate(told):
                extractor.script = {(said.text, said.at): said for said in history.said}
                found = covered(history)
                for said, ok in found:
                    coverage[history.kind].add(ok, f"{history.name}: {said.text}")
                kind = history.kind
                if rules and all(ok for _, ok in found):
                    judge_into = [scores[kind], scores[f"{kind}*"]]
                else:
                    judge_into = [scores[kind]]
                first = Told(memory, clock, history, f"u{n}")
                tallies: dict[str, Tally] = defaultdict(Tally)
                judge(first, history, tallies)
                for into in judge_into:
                    merge(into, tallies)
                for order in range(orders):
                    other = rearranged(history, seed=order)
                    again = Told(memory, clock, other, f"u{n}-{order}")
                    wanted = [asked for asked in history.asked if asked.known_after is None]
                    same.add(
                        [first.answer(asked) for asked in wanted]
                        == [again.answer(asked) for asked in other.asked],
                        other.name,
                    )
    return scores, coverage, same


def merge(into: dict[str, Tally], tallies: dict[str, Tally]) -> None:
    """Add counts to counts."""
    for name, tally in tallies.items():
        into[name].right += tally.right
        into[name].total += tally.total
        into[name].wrong += tally.wrong


def covered(history: History) -> list[tuple[Said, bool]]:
    """Return the messages that state something, each with whether the rules find exactly that."""
    stating = [said for said in history.said if said.facts]
    inputs = [ExtractorInput(said.text, "", "user", said.at) for said in stating]
    found = RuleExtractor().derive(inputs)
    pairs: list[tuple[Said, bool]] = []
    for said, extraction in zip(stating, found, strict=True):
        stated = {(s.subject, s.predicate, s.slot, s.positive) for s in extraction.statements}
        pairs.append((said, all((f.subject, f.predicate, f.slot, f.positive) in stated for f in said.facts)))
    return pairs


def closings(statements: Sequence[Unrelated]) -> dict[str, Tally]:
    """Tell each statement to somebody of whom much is known; count, by kind, those that ended nothing."""
    tallies: dict[str, Tally] = defaultdict(Tally)
    clock = FrozenClock(datetime(2024, 6, 3, 12, tzinfo=UTC))
    with (
        tempfile.TemporaryDirectory() as folder,
        Memory(Path(folder) / "unrelated.db", clock=clock) as memory,
    ):
        for language in KNOWN:
            mine = [each for each in statements if each.language == language]
            for start in range(0, len(mine), PER_SCOPE):
                user = f"{language}{start}"
                memory.add([{"role": "user", "content": text} for text in KNOWN[language]], user_id=user)
                protected = {relation.item_id for relation in memory.relations(user_id=user)}
                for each in mine[start : start + PER_SCOPE]:
                    clock.move(hours=1)
                    added = memory.add(each.text, user_id=user)
                    left = {relation.item_id for relation in memory.relations(user_id=user)}
                    gone = protected - left
                    tallies[each.kind].add(not gone and not protected & {*added.superseded}, each.text)
                    protected -= gone
    return tallies


def total(scores: Scores, ways: Sequence[str], *, hop: bool, mark: str = "") -> Tally:
    """Return the sum over the classes of one hop, or of several; *mark* "*" for those that the rules cover."""
    out = Tally()
    for kind, tallies in scores.items():
        if kind.endswith("*") == bool(mark) and (kind.removesuffix("*") == MULTI_HOP) == hop:
            for way in ways:
                out.right += tallies[way].right
                out.total += tallies[way].total
                out.wrong += tallies[way].wrong
    return out


def line(name: str, tally: Tally) -> str:
    """Return one row of a table."""
    low, high = wilson(tally.right, tally.total)
    return f"{name:<26}{tally.right:>6} of {tally.total:<6}{100 * tally.share:>7.1f} %   [{100 * low:.1f}-{100 * high:.1f}]"


def show(title: str, scores: Scores) -> None:
    """Print a table by class: the score with its interval, then the ways of asking."""
    print(f"\n{title:<26}{'right':>16}{'':>9}   95 %           " + "".join(f"{way:>9}" for way in ASKED))
    for kind, tallies in scores.items():
        both = Tally(sum(tallies[w].right for w in SCORED), sum(tallies[w].total for w in SCORED))
        ways = "".join(
            f"{100 * tallies[way].share:>8.0f}%" if tallies[way].total else f"{'':>9}" for way in ASKED
        )
        print(f"{line(kind, both):<66}{ways}")


def content(scores: Scores) -> dict[str, Any]:
    """Return a table as JSON."""
    return {
        kind: {way: [tallies[way].right, tallies[way].total] for way in ASKED if tallies[way].total}
        for kind, tallies in scores.items()
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, keep; 1 where a goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.conflicts", description=__doc__)
    parser.add_argument("--json", type=Path, default=None, help="where to keep the figures")
    parser.add_argument("--quick", action="store_true", help="a tenth of it")
    parser.add_argument("--wrong", action="store_true", help="print what was wrong")
    given = parser.parse_args(arguments)
    per_class, n, orders = (2, 200, 1) if given.quick else (12, N_UNRELATED, 2)
    made = list(histories(per_class=per_class))
    about = {
        "date": datetime.now(UTC).date().isoformat(),
        "version": polymem.__version__,
        "machine": machine(),
    }
    print(f"Polymem {about['version']}, {about['date']}: {len(made)} histories, {n} unrelated statements")
    perfect, _, same = run(made, rules=False, orders=orders)
    show("perfect extraction", perfect)
    rules, coverage, _ = run(made, rules=True, orders=0)
    show("rules alone (*: covered)", dict(sorted(rules.items())))
    ended = closings(list(unrelated(n)))
    sums = {
        "perfect, single-hop": total(perfect, SCORED, hop=False),
        "perfect, multi-hop": total(perfect, SCORED, hop=True),
        "perfect, search": total(perfect, ("search",), hop=False),
        "other orders, the same": same,
        "rules, all": total(rules, SCORED, hop=False),
        "rules, covered": total(rules, SCORED, hop=False, mark="*"),
        "rules, multi-hop": total(rules, SCORED, hop=True),
        "rules, search": total(rules, ("search",), hop=False),
        "facts found by rules": Tally(
            sum(each.right for each in coverage.values()), sum(each.total for each in coverage.values())
        ),
        "unrelated, nothing ended": Tally(
            sum(each.right for each in ended.values()), sum(each.total for each in ended.values())
        ),
    }
    print()
    for name, tally in sums.items():
        print(line(name, tally))
    if given.wrong:
        _show_wrong({**perfect, **{f"rules {k}": v for k, v in rules.items()}}, coverage, ended, same)
    out = given.json or (None if given.quick else RESULTS / f"{about['date']}.json")
    if out:
        out.parent.mkdir(parents=True, exist_ok=True)
        found = {
            **about,
            "perfect": content(perfect),
            "rules": content(rules),
            "coverage": {kind: [each.right, each.total] for kind, each in coverage.items()},
            "unrelated": {kind: [each.right, each.total] for kind, each in ended.items()},
            "sums": {
                name: [each.right, each.total, *(round(x, 4) for x in wilson(each.right, each.total))]
                for name, each in sums.items()
            },
        }
        out.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    met = (
        sums["perfect, single-hop"].share >= GOALS["single-hop"]
        and sums["perfect, multi-hop"].share >= GOALS[MULTI_HOP]
        and sums["rules, covered"].share >= GOALS["covered"]
        and 1 - sums["unrelated, nothing ended"].share <= GOALS["wrong closings"]
    )
    print("\nall goals met" if met else "\na goal is missed")
    return 0 if met else 1


def _show_wrong(scores: Scores, coverage: dict[str, Tally], ended: dict[str, Tally], same: Tally) -> None:
    """Print what was wrong."""
    for kind, tallies in scores.items():
        for way, tally in tallies.items():
            for text in tally.wrong:
                print(f"WRONG {kind} {way} {text}")
    for tally in coverage.values():
        for text, times in Counter(each.partition(": ")[2] for each in tally.wrong).items():
            print(f"UNREAD {times} {text}")
    for kind, tally in ended.items():
        for text in tally.wrong:
            print(f"ENDED {kind}: {text}")
    for text in same.wrong:
        print(f"ORDER {text}")


if __name__ == "__main__":
    raise SystemExit(main())
