"""A budget of the configuration holds for a model that is handed in, too."""

import pytest

from polymem import Memory
from polymem.domain.derivation import Usage
from polymem.errors import InvalidOutputError
from polymem.testing.fakes import WordEmbedder
from polymem.testing.models import ScriptedModel

NOTHING = {"facts": [], "entities": []}


@pytest.mark.parametrize(("limit", "allowed"), [({"budget_calls": 2}, 2), ({"budget_tokens": 150}, 2)])
def test_a_model_that_is_handed_in_is_asked_within_the_budget(path, clock, limit, allowed):
    model = ScriptedModel(lambda asked: NOTHING, usage=Usage(1, 90, 10))
    config = {"llm": limit}
    with Memory(path, embedder=WordEmbedder(), clock=clock, llm=model, config=config) as memory:
        added = [memory.add(text, user_id="甲") for text in ("我住在上海。", "I like tea.", "我喜欢茶。")]
        assert [one.problem for one in added] == ["", "", "BudgetError"]
        assert model.n_calls == allowed
        assert [left.attempts for left in memory.pending()] == [0]


def test_what_a_failed_answer_cost_counts(path, clock):
    model = ScriptedModel(
        lambda asked: InvalidOutputError("cut off", model="scripted/1", usage=Usage(1, 90, 10))
    )
    config = {"llm": {"budget_tokens": 100}}
    with Memory(path, embedder=WordEmbedder(), clock=clock, llm=model, config=config) as memory:
        added = [memory.add(text, user_id="ann") for text in ("I like tea.", "I like jazz.")]
        assert [one.problem for one in added] == ["InvalidOutputError", "BudgetError"]


def test_without_a_budget_the_model_stands_as_it_is(path, clock):
    model = ScriptedModel(lambda asked: NOTHING, name="mine/1")
    config = {"llm": {"budget_calls": 5}}
    for number, settings in enumerate((None, config)):
        place = path.with_name(f"{number}.db")
        with Memory(place, embedder=WordEmbedder(), clock=clock, llm=model, config=settings) as memory:
            assert memory.add("I like tea.", user_id="ann").usage.calls == 1
