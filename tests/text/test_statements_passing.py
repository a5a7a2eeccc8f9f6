"""What is corrected in the next breath is not believed, and what is said of a while ends nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from polymem import Memory
from tests.text.statement_checks import expected, made

CORRECTED = [
    ("I live in Ghent. No wait, I live in Genk.", "self|lives_in|Genk"),
    ("I was born in 1987. Sorry, I meant I was born in 1988.", "self|birthday|1988"),
    ("I love tea. I live in Ghent. Oops, typo, I live in Genk.", "self|likes|tea; self|lives_in|Genk"),
    ("I live in Ghent. Sorry for the noise.", "self|lives_in|Ghent"),
    ("I love tea. No wait, I love coffee.", "self|likes|tea; self|likes|coffee"),
    ("我住在南京。说错了,我住在南通。", "self|lives_in|南通"),
    ("我喜欢茶。我叫王磊。不对,我叫王蕾。", "self|likes|茶; self|name|王蕾"),
    ("我住在南京。这件事不对劲。", "self|lives_in|南京"),
]


@pytest.mark.parametrize(("text", "wanted"), CORRECTED)
def test_a_correction_takes_back_what_somebody_has_one_of(text, wanted):
    assert made(text) == expected(wanted)


@pytest.mark.parametrize("text", ["I live in Ghent. No wait, Genk.", "我住在南京。说错了,是南通。"])
def test_a_correction_that_is_not_understood_leaves_nothing(text):
    assert made(text) == set()


STILL = [
    ("I live in Leeds.", "I'm living in Lisbon this month for work.", "lives_in", "Leeds"),
    ("I live in Leeds.", "We moved to Denver when I was five.", "lives_in", "Leeds"),
    ("I live in Leeds.", "I live in Rome in my dreams.", "lives_in", "Leeds"),
    ("I work at Siemens.", "I also work at the Crown on Saturdays.", "works_at", "Siemens"),
    ("I work at Siemens.", "I don't work at Siemens on Fridays.", "works_at", "Siemens"),
    ("I'm a nurse.", "I'm an amateur photographer.", "works_as", "nurse"),
    ("I like coffee.", "I don't like coffee, I love it!", "likes", "coffee"),
    ("I'm 34 years old.", "I turned 21 in Vegas.", "age", "34"),
    ("我住在杭州。", "我这周住在北京，酒店不错。", "lives_in", "杭州"),
    ("我在阿里巴巴工作。", "我周末在星巴克打工。", "works_at", "阿里巴巴"),
    ("我是护士。", "我是业余摄影师。", "works_as", "护士"),
    ("我喜欢咖啡。", "我晚上不喝咖啡。", "likes", "咖啡"),
]


@pytest.mark.parametrize(("before", "text", "predicate", "object_"), STILL)
def test_what_is_said_of_a_while_ends_nothing(tmp_path, before, text, predicate, object_):
    with Memory(tmp_path / "m.db") as memory:
        now = datetime(2026, 5, 20, 12, tzinfo=UTC)
        memory.add(before, user_id="u", timestamp=now - timedelta(days=40))
        memory.add(text, user_id="u", timestamp=now)
        held = {(r.predicate, r.object) for r in memory.relations(user_id="u") if r.positive}
    assert (predicate, object_) in held
