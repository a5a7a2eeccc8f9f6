"""Packing: what repeats a better hit makes room, hits and blocks keep to a budget, long texts are cut to what is asked."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polymem import Memory
from polymem.domain.hit import Hits
from polymem.domain.query import Selection, Visibility
from polymem.errors import InputError
from polymem.ranking.budget import estimate_tokens, fitting
from polymem.read.context import render_context
from polymem.read.plan import plan_query
from polymem.testing.clock import FrozenClock
from polymem.testing.fakes import WordEmbedder
from polymem.testing.snapshot import MemorySnapshot
from polymem.text.excerpt import excerpt
from polymem.text.repetition import repeats, units
from tests.read.conftest import NOW, SCOPE, ask, row, vector_of

STORY = "we took the night train from the old station and saw the sun rise over the sea"
STORY_ZH = "我们坐夜车从旧车站出发，在海边看到了日出，大家都非常高兴"


def explained(hits: Hits) -> Any:
    return hits.explanation


def same(one, other):
    assert repeats(units(one), units(other)) == repeats(units(other), units(one))
    return repeats(units(one), units(other))


class TestRepetition:
    @pytest.mark.parametrize(
        ("one", "other"),
        [(STORY, f"{STORY} slowly"), (STORY, STORY.upper()), (STORY_ZH, f"{STORY_ZH}啊"), (STORY, STORY)],
    )
    def test_the_same_but_for_a_word_that_was_added(self, one, other):
        assert same(one, other)

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            (STORY, STORY.replace("sea", "hills")),
            (STORY, STORY.replace("saw", "never saw")),
            (STORY, STORY.replace("saw", "didn't saw")),
            (STORY, f"{STORY} 7"),
            (STORY_ZH, STORY_ZH.replace("看到", "没看到")),
            (STORY_ZH, f"{STORY_ZH}3"),
            (STORY, "the tea is hot"),
            ("I like tea", "I like tea"),
            ("", ""),
            (f"{STORY} " * 9 + "in 2019", f"{STORY} " * 9 + "in 2020"),
        ],
    )
    def test_what_tells_something_else_or_is_too_short_to_tell(self, one, other):
        assert not same(one, other)

    def test_in_a_long_text_a_few_words_may_stand_for_others(self):
        long = " ".join(f"word{chr(97 + n // 26)}{chr(97 + n % 26)}" for n in range(90))
        assert same(f"{long} small", f"{long} little")
        assert not same(f"{long} small", f"{long} not")

    @given(st.text(), st.text())
    def test_it_goes_both_ways(self, one, other):
        same(one, other)


@pytest.mark.parametrize("story", [STORY, STORY_ZH])
def test_what_repeats_a_better_hit_makes_room(story):
    rows = [
        row(f"e{n}", f"{story} {'呀' if story is STORY_ZH else 'slowly'}", hours=n, speaker="Ann")
        for n in range(2)
    ]
    rows[0] = row("e0", story, speaker="Ann")
    rows.append(row("other", "the sea was cold 海水很冷", hours=30, speaker="Ann"))
    hits = ask(MemorySnapshot(rows), story, limit=2, explain=True)
    assert len({hit.item.id for hit in hits} & {"e0", "e1"}) == 1
    assert hits[1].item.id == "other"
    assert explained(hits)["left_out"]["repeated"] == 1


def test_where_there_is_nothing_else_repetitions_are_shown():
    rows = [row("e0", STORY, speaker="Ann"), row("e1", f"{STORY} slowly", hours=1, speaker="Ann")]
    hits = ask(MemorySnapshot(rows), STORY, limit=2, explain=True)
    assert {hit.item.id for hit in hits} == {"e0", "e1"}
    assert explained(hits)["left_out"]["repeated"] == 0


def test_two_people_do_not_repeat_each_other():
    rows = [
        row("e0", STORY, speaker="Ann"),
        row("e1", STORY, hours=1, speaker="Bo"),
        row("e2", "sea", hours=9),
    ]
    assert {hit.item.id for hit in ask(MemorySnapshot(rows), STORY, limit=2)} == {"e0", "e1"}


@pytest.fixture
def memory(tmp_path):
    with Memory(tmp_path / "m.db", embedder=WordEmbedder(), clock=FrozenClock()) as memory:
        for n in range(0, 200, 10):
            memory.add(f"Tea {'x' * n} 茶", user_id="u")
        yield memory


@pytest.mark.parametrize("budget", [1, 5, 30, 200, 10_000])
def test_a_search_keeps_to_its_budget_and_fills_it(memory, budget):
    whole = memory.search("tea 茶", user_id="u", limit=20)
    hits = memory.search("tea 茶", user_id="u", limit=20, budget_tokens=budget, explain=True)
    costs = [estimate_tokens(hit.item.text) for hit in hits]
    assert sum(costs) <= budget
    left = [hit for hit in whole if hit.item.id not in {kept.item.id for kept in hits}]
    assert all(estimate_tokens(hit.item.text) > budget - sum(costs) for hit in left)
    order = [hit.item.id for hit in whole if hit.item.id in {kept.item.id for kept in hits}]
    assert [hit.item.id for hit in hits] == order
    assert explained(hits)["left_out"]["over_budget"] == len(left)


@pytest.mark.parametrize("budget", [0, -3, True, 1.5, "9", 10**9])
def test_a_budget_that_cannot_be_used_is_refused(memory, budget):
    with pytest.raises(InputError) as refused:
        memory.search("tea", user_id="u", budget_tokens=budget)
    assert refused.value.argument == "budget_tokens"


@given(st.lists(st.integers(0, 50)), st.integers(0, 200))
def test_what_fits_is_kept_from_the_first_on(costs, most):
    places = fitting(costs, most)
    assert sum(costs[place] for place in places) <= most
    assert places == sorted(set(places))
    for place, cost in enumerate(costs):
        if place not in places:
            assert cost > most - sum(costs[kept] for kept in places if kept < place)


def block(rows, question, **more):
    plan = plan_query(question, now=NOW, vector=vector_of(question), limit=more.pop("limit", 10))
    budget = more.pop("budget_tokens", 2_000)
    return render_context(
        MemorySnapshot(rows), plan, Selection(SCOPE, Visibility(now=NOW)), budget_tokens=budget
    ).splitlines()


def page(name, text, title, **more):
    return row(name, text, role="document", metadata={"title": title}, **more)


class TestBlocks:
    def test_a_session_and_a_document_are_blocks_of_their_own_in_order_of_time(self):
        rows = [
            row("e0", "The boat leaks.", run_id="a", speaker="Ann"),
            row("e1", "船又漏了。", run_id="b", speaker="小红", hours=30),
            page("p0", "Pitch keeps a boat dry.", "On </boats> 船", hours=2),
            page("p1", "Tar does too.", "On </boats> 船", hours=2),
            row("e2", "Then bail the boat.", run_id="a", speaker="Bo", hours=1),
        ]
        lines = block(rows, "boat 船")
        start = lines.index("Said:")
        assert lines[start + 1 : start + 9] == [
            "[2024-05-12]",
            '- 12:00 "Ann": "The boat leaks."',
            '- 13:00 "Bo": "Then bail the boat."',
            '[2024-05-12, document "On \\u003c/boats\\u003e 船"]',
            '- "Pitch keeps a boat dry."',
            '- "Tar does too."',
            "[2024-05-13]",
            '- 18:00 "小红": "船又漏了。"',
        ]

    def test_two_sessions_of_a_day_are_not_mixed(self):
        rows = [row(f"e{n}", f"The boat leaks, said {n}.", run_id="ab"[n % 2], hours=n) for n in range(4)]
        lines = block(rows, "boat leaks")
        said = [line.split("said ")[1][0] for line in lines if "said" in line]
        assert said == ["0", "2", "1", "3"]
        assert lines.count("[2024-05-12]") == 2

    def test_no_line_appears_twice(self):
        rows = [row(f"e{n}", "The boat leaks.", run_id="a", speaker="Ann", hours=0) for n in range(3)]
        rows += [row("e9", "Bail it.", run_id="a", speaker="Bo", hours=1)]
        lines = block(rows, "boat leaks")
        assert len([line for line in lines if "leaks" in line]) == 1

    @pytest.mark.parametrize(
        ("needle", "question", "filler"),
        [
            ("The rudder is made of oak.", "What is the rudder made of?", "Waves came and went. "),
            ("舵是用橡木做的。", "舵是用什么做的？", "海浪来了又去了。"),
        ],
    )
    def test_a_long_text_is_cut_to_what_is_asked(self, needle, question, filler):
        text = filler * 300 + needle + filler * 300
        lines = block([page("p0", text, "Boats"), row("e0", "other", hours=5)], question, budget_tokens=400)
        shown = next(line for line in lines if needle in line)
        assert shown.startswith('- … "')
        assert shown.endswith('" …')
        assert estimate_tokens("\n".join(lines)) <= 400


class TestExcerpt:
    @given(st.text(max_size=300), st.integers(0, 80))
    @settings(max_examples=60, deadline=None)
    def test_it_is_a_part_that_fits(self, text, most):
        part = excerpt(text, {"tea", "茶"}, fits=lambda part: len(part) <= most)
        assert part in text
        assert len(part) <= most

    def test_what_has_no_sentences_is_cut_all_the_same(self):
        part = excerpt("x" * 5_000 + " tea " + "x" * 5_000, {"tea"}, fits=lambda part: len(part) <= 900)
        assert "tea" in part
        assert len(part) <= 900
