"""``ask``: an answer with citations, from sentences or from a model; that there is none; piece by piece."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from polymem import AsyncMemory, Memory
from polymem.documents.answer import NOT_FOUND
from polymem.domain.document import Answer
from polymem.errors import ConfigError, InputError, ModelError
from polymem.testing.models import Asked, ScriptedModel

TEXTS = {
    "Skarn lighthouse": "The lighthouse on Skarn was built of granite. It was lit for the first time in 1871.",
    "斯卡恩岛渔业": "斯卡恩岛的渔民在冬天捕鳕鱼。1902年岛上有四十条渔船。",
}
PAGES = [{"role": "document", "content": text, "metadata": {"title": title}} for title, text in TEXTS.items()]
LIT = "When was the lighthouse on Skarn lit for the first time?"
BOATS = "1902年斯卡恩岛有多少条渔船？"


def filled(path: Path, **options: Any) -> Memory:
    memory = Memory(path, **options)
    memory.add(PAGES, user_id="ann", infer=False)
    return memory


@pytest.fixture
def memory(tmp_path: Path):
    with filled(tmp_path / "m.db") as memory:
        yield memory


@pytest.mark.parametrize(
    ("question", "wanted"),
    [(LIT, "It was lit for the first time in 1871."), (BOATS, "1902年岛上有四十条渔船。")],
)
def test_the_best_sentences_are_the_answer(memory: Memory, question: str, wanted: str):
    answer = memory.ask(question, user_id="ann", sentences=1)
    assert answer.found
    assert answer.text == f"{wanted} [1]"
    assert answer.model == ""
    (citation,) = answer.citations
    item = memory.get(citation.item_id)
    assert item is not None
    assert item.text[citation.start : citation.stop] == citation.quote == wanted


@pytest.mark.parametrize("question", ["Which opera did Verdi write in Cairo?", "谁发明了蒸汽机车的制动阀？"])
def test_what_is_not_there_is_not_answered(memory: Memory, question: str):
    answer = memory.ask(question, user_id="ann")
    assert not answer.found
    assert answer.citations == ()
    assert answer.text in NOT_FOUND.values()


def test_an_empty_scope_has_no_answer(memory: Memory):
    answer = memory.ask(LIT, user_id="bob", min_confidence=0)
    assert (answer.found, answer.confidence, answer.item_ids) == (False, 0.0, ())


def test_a_filter_says_what_is_read(memory: Memory):
    memory.add("The lighthouse on Skarn was lit for the first time in 1871, my aunt says.", user_id="ann")
    for role, other in (("document", "user"), ("user", "document")):
        answer = memory.ask(LIT, user_id="ann", filters={"role": role}, min_confidence=0)
        roles = {item.role for item in map(memory.get, answer.item_ids) if item is not None}
        assert role in roles
        assert other not in roles


TALKS = {
    "en": (("I live in Bergen.", "I moved to Oslo. I live in Oslo now."), "Where do I live?"),
    "zh": (("我住在北京。", "我搬到上海了。我现在住在上海。"), "我住在哪里？"),
}


@pytest.mark.parametrize("code", TALKS)
def test_what_no_longer_holds_is_not_cited_as_if_it_did(tmp_path: Path, code: str):
    said, now = TALKS[code]
    with Memory(tmp_path / "m.db") as memory:
        for words, day in zip(said, ("2024-01-05", "2024-05-01"), strict=True):
            at = f"{day}T10:00:00Z"
            memory.add({"role": "user", "name": "Ann", "content": words, "timestamp": at}, user_id="ann")
        first, second = ("Bergen", "Oslo") if code == "en" else ("北京", "上海")
        answer = memory.ask(now, user_id="ann", min_confidence=0)
        assert second in answer.text
        assert first not in answer.text
        (*_, citation) = answer.citations
        assert citation.speaker == "Ann"
        assert citation.at is not None
        assert citation.at.date().isoformat() == "2024-05-01"
        assert len(citation.episode_ids) == 1
        then = memory.ask(now, user_id="ann", as_of="2024-02-01T00:00:00Z", min_confidence=0)
        assert first in then.text
        assert second not in then.text


@pytest.mark.parametrize(
    "wrong",
    [
        {"sentences": 0},
        {"sentences": True},
        {"sentences": 21},
        {"min_confidence": 1.5},
        {"min_confidence": "0.5"},
        {"mode": "all"},
        {"use_model": "yes"},
        {"limit": 0},
        {"budget_tokens": 0},
    ],
)
def test_what_cannot_be_used_is_refused(memory: Memory, wrong: dict[str, Any]):
    with pytest.raises(InputError):
        memory.ask(LIT, user_id="ann", **wrong)
    with pytest.raises(InputError):
        list(memory.ask_stream(LIT, user_id="ann", **wrong))


def test_a_model_that_is_not_there_cannot_be_asked(memory: Memory):
    with pytest.raises(ConfigError):
        memory.ask(LIT, user_id="ann", use_model=True)


def scripted(answer: dict[str, Any] | Exception) -> ScriptedModel:
    return ScriptedModel(lambda _: answer)


def test_what_a_model_writes_is_checked(tmp_path: Path):
    model = scripted(
        {"found": True, "answer": "It was lit in 1871 [1]. The king came in 1899 [1]. It leans [9]."}
    )
    with filled(tmp_path / "m.db", llm=model) as memory:
        answer = memory.ask(LIT, user_id="ann")
    assert answer.found
    assert answer.model.startswith("scripted/1/answer-1/")
    assert answer.text == "It was lit in 1871 [1]. The king came in 1899 [1?]. It leans ."
    assert [citation.supported for citation in answer.citations] == [True, False]
    assert answer.signals["invented"] == 1
    assert answer.usage.calls == 1


def test_a_model_sees_passages_as_data_in_the_language_of_the_question(tmp_path: Path):
    model = scripted({"found": True, "answer": "四十条[1]。"})
    with filled(tmp_path / "m.db", llm=model) as memory:
        answer = memory.ask(BOATS, user_id="ann")
    asked: Asked = model.asked[-1]
    assert "编号" in asked.system
    assert "渔船" not in asked.system
    assert asked.prompt.splitlines()[0].startswith('{"n": 1, "title": "斯卡恩岛渔业"')
    assert answer.text == "四十条[1]。"
    assert answer.citations[0].supported


@pytest.mark.parametrize(
    "reply",
    [{"found": False, "answer": ""}, {"found": False, "answer": "1871"}, {"found": True, "answer": " "}],
)
def test_a_model_may_say_that_there_is_no_answer(tmp_path: Path, reply: dict[str, Any]):
    with filled(tmp_path / "m.db", llm=scripted(reply)) as memory:
        answer = memory.ask(LIT, user_id="ann")
    assert (answer.found, answer.text, answer.usage.calls) == (False, NOT_FOUND["en"], 1)


def test_no_model_is_asked_where_nothing_was_found(tmp_path: Path):
    model = scripted({"found": True, "answer": "x"})
    with filled(tmp_path / "m.db", llm=model) as memory:
        before = model.n_calls
        assert not memory.ask("谁发明了蒸汽机车的制动阀？", user_id="ann").found
        assert memory.ask(LIT, user_id="ann", use_model=False).model == ""
        assert model.n_calls == before


def test_a_model_that_fails_is_an_error_without_words(tmp_path: Path):
    with filled(tmp_path / "m.db", llm=scripted(ModelError("it failed", model="scripted/1"))) as memory:
        with pytest.raises(ModelError) as caught:
            memory.ask(LIT, user_id="ann")
        with pytest.raises(ModelError):
            list(memory.ask_stream(LIT, user_id="ann"))
    assert "Skarn" not in f"{caught.value!r}"


def test_an_answer_comes_in_pieces_and_whole(memory: Memory):
    *pieces, answer = memory.ask_stream(LIT, user_id="ann", sentences=1)
    assert isinstance(answer, Answer)
    assert "".join(map(str, pieces)) == answer.text
    whole = memory.ask(LIT, user_id="ann", sentences=1)
    assert (answer.text, answer.citations, answer.item_ids) == (whole.text, whole.citations, whole.item_ids)


def test_whoever_stops_reading_leaves_nothing_behind(memory: Memory):
    pieces = memory.ask_stream(LIT, user_id="ann")
    next(pieces)
    pieces.close()
    assert memory.ask(LIT, user_id="ann").found


def test_pieces_in_an_event_loop(tmp_path: Path):
    async def read(build: Callable[..., AsyncMemory]) -> list[str | Answer]:
        async with build(tmp_path / "m.db") as memory:
            await memory.add(PAGES, user_id="ann", infer=False)
            return [piece async for piece in memory.ask_stream(BOATS, user_id="ann", sentences=1)]

    text, answer = asyncio.run(read(AsyncMemory))
    assert isinstance(answer, Answer)
    assert answer.text == text == "1902年岛上有四十条渔船。 [1]"
