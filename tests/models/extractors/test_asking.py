"""What the model is asked: how often, in which language, with the messages as data; and what it costs."""

import asyncio
import json
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polymem.domain.derivation import PLAIN, Instructions, Usage
from polymem.domain.json_schema import check_schema
from polymem.domain.predicates import PREDICATES
from polymem.models.extractors.model import ModelExtractor
from polymem.models.extractors.model.prompting import FACTS, PROCEDURE, system_prompt
from polymem.ranking.budget import estimate_tokens
from polymem.testing.models import ScriptedModel
from polymem.text.recalled import mark_recalled
from tests.models.extractors.conftest import NOW, answer, derived, fact, lines_of, message

EMPTY = answer()


@pytest.mark.parametrize("code", ["en", "zh"])
@pytest.mark.parametrize("memory_type", ["", "procedural_memory"])
def test_system_prompts_hold_their_budget(code, memory_type):
    prompt = system_prompt(code, Instructions(memory_type=memory_type))
    assert 200 < estimate_tokens(prompt) <= 1_500
    assert "JSON" in prompt


@pytest.mark.parametrize("code", ["en", "zh"])
def test_every_predicate_is_offered(code):
    words = set(
        system_prompt(code, PLAIN)
        .replace(":", " ")
        .replace("（", " ")
        .replace("instruction", "instruction ")
        .split()
    )
    missing = {
        name for name in PREDICATES if name not in words and f"{name}:X" not in system_prompt(code, PLAIN)
    }
    assert missing == set()


def test_the_schemas_can_be_checked():
    check_schema(FACTS)
    check_schema(PROCEDURE)
    assert estimate_tokens(json.dumps(FACTS)) < 350


def test_ten_messages_are_one_call():
    texts = [f"I met person {n} in Rome." for n in range(10)]
    found, model = derived([message(text, "Ann") for text in texts], EMPTY)
    assert model.n_calls == 1
    assert len(found) == 10
    assert [line["text"] for line in lines_of(model.asked[0].prompt)] == texts
    assert [line["n"] for line in lines_of(model.asked[0].prompt)] == list(range(1, 11))


def test_many_messages_are_parted_in_order_and_places_hold():
    texts = [f"我住在城市{n}号。" for n in range(70)]

    def reply(asked):
        last = lines_of(asked.prompt)[-1]
        return answer(
            fact(last["text"], "user", "lives_in", f"城市{texts.index(last['text'])}号", messages=[last["n"]])
        )

    model = ScriptedModel(reply)
    found = asyncio.run(ModelExtractor(model).extract([message(text) for text in texts]))
    assert [len(lines_of(asked.prompt)) for asked in model.asked] == [30, 30, 10]
    assert [place for place, extraction in enumerate(found) if extraction.statements] == [29, 59, 69]
    assert found[0].usage.calls == 3
    assert all(extraction.usage == Usage() for extraction in found[1:])


def test_a_long_message_is_parted_and_nothing_of_it_lost():
    text = "".join(f"Line {n} of a long report about the garden.\n" for n in range(1_000))
    found, model = derived([message(text, "Ann")], *[EMPTY] * 9)
    sent = "".join(line["text"] for asked in model.asked for line in lines_of(asked.prompt))
    assert model.n_calls == -(-len(text) // 12_000)
    assert "".join(sent.split()) == "".join(text.split())
    assert len(found) == 1


@pytest.mark.parametrize(
    ("texts", "english"),
    [
        (["I live in Berlin.", "Nice."], True),
        (["我住在上海。", "好的，我知道了"], False),
        (["我住在上海，喜欢喝茶。", "ok"], False),
        (["Ich wohne in Köln.", "Привет, как дела"], True),
        (["I work at 华为 as an engineer and I like it a lot there"], True),
    ],
)
def test_the_prompt_is_in_the_language_of_most_messages(texts, english):
    _, model = derived([message(text) for text in texts], EMPTY)
    assert model.asked[0].system.startswith("You keep") == english


def test_the_language_can_be_fixed():
    _, model = derived([message("I live in Berlin.")], EMPTY, language="zh")
    assert model.asked[0].system.startswith("你负责")


def test_speakers_roles_and_times_as_they_were():
    zone = ZoneInfo("Asia/Shanghai")
    messages = [
        message("I live in Rome.", "Ann", zone=zone),
        message("Noted it down.", "Bot", "assistant", zone=zone),
        message("And you, what do you eat?", at=NOW + timedelta(days=1), zone=zone),
    ]
    _, model = derived(messages, EMPTY)
    assert lines_of(model.asked[0].prompt) == [
        {"n": 1, "who": "Ann", "at": "2024-06-14 Fri 17:30 +08:00", "text": "I live in Rome."},
        {"n": 2, "who": "Bot", "role": "assistant", "text": "Noted it down."},
        {"n": 3, "who": "user", "at": "2024-06-15 Sat 17:30 +08:00", "text": "And you, what do you eat?"},
    ]


@given(text=st.text(min_size=1), speaker=st.text())
def test_no_text_leaves_its_line(text, speaker):
    _, model = derived([message(text, speaker), message("I live in Rome.")], EMPTY)
    shown = lines_of(model.asked[0].prompt)
    assert len(model.asked[0].prompt.splitlines()) == len(shown)
    assert shown[-1]["text"] == "I live in Rome."


def test_what_the_application_asks_has_a_place_of_its_own():
    asked = Instructions(
        prompt="Only the garden.",
        custom="Be brief. 请简短。",
        categories=(("花园", "everything that grows"), ("tools", "")),
        includes=("plants",),
        excludes=("health",),
    )
    _, model = derived([message("I grow beans.")], EMPTY, instructions=asked)
    system = model.asked[0].system
    for words in (
        "Only the garden.",
        "请简短",
        "- 花园: everything that grows",
        "- tools",
        "Note only: plants",
        "Never note: health",
    ):
        assert words in system
        assert words not in model.asked[0].prompt


def test_standing_instructions_and_those_of_a_call_come_together():
    defaults = Instructions(custom="Standing.", excludes=("health",), categories=(("a", ""),))
    given_now = Instructions(prompt="Now.", excludes=("money",))
    _, model = derived([message("I grow beans.")], EMPTY, instructions=given_now, defaults=defaults)
    system = model.asked[0].system
    assert "Standing.\nNow." in system
    assert "Never note: health; money" in system
    assert "- a" in system
    _, model = derived([message("I grow beans.")], EMPTY, defaults=defaults)
    assert "Standing." in model.asked[0].system


def test_the_name_tells_model_version_and_prompt():
    model = ScriptedModel()
    plain = ModelExtractor(model).name
    assert plain.startswith("scripted/1/extract-1/")
    assert len(plain.rpartition("/")[2]) == 8
    assert plain == ModelExtractor(ScriptedModel(), language="zh").name
    assert plain != ModelExtractor(model, defaults=Instructions(custom="Be brief.")).name


@pytest.mark.parametrize("role", ["system", "tool", "function", "developer"])
def test_instructions_and_results_are_not_sent_unless_asked(role):
    messages = [message("I live in Berlin.", role=role), message("I like tea.")]
    _, model = derived(messages, EMPTY)
    assert [line["text"] for line in lines_of(model.asked[0].prompt)] == ["I like tea."]
    _, model = derived(messages, EMPTY, roles=[role])
    assert len(lines_of(model.asked[0].prompt)) == 2


@pytest.mark.parametrize(
    "texts",
    [
        ["hi!", "Thanks, Anna 🙏"],
        ["你好", "好的，谢谢！"],
        ["", "  "],
        [mark_recalled("I live in Rome. 我喜欢茶。")],
        ["2024-05-01 10:00:00 INFO started\n2024-05-01 10:00:01 ERROR no disk"],
        [],
    ],
)
def test_where_nobody_states_anything_no_call_is_made(texts):
    found, model = derived([message(text) for text in texts])
    assert model.n_calls == 0
    assert all(extraction.statements == () for extraction in found)


def test_recalled_context_is_not_sent():
    text = f"{mark_recalled('- [2024] Ann: I live in Rome.')}\n\nI like tea. {mark_recalled('深圳')} 我喝茶。"
    found, model = derived(
        [message(text)], answer(fact("The user lives in Rome.", "user", "lives_in", "Rome"))
    )
    assert lines_of(model.asked[0].prompt)[0]["text"].split() == ["I", "like", "tea.", "我喝茶。"]
    assert found[0].statements == (), "and an answer that repeats it is not believed"
    assert dict(found[0].dropped) == {"ungrounded": 1}


def test_usage_is_told_once():
    model = ScriptedModel([EMPTY], usage=Usage(2, 300, 20))
    found = asyncio.run(ModelExtractor(model).extract([message("I like tea."), message("I like milk.")]))
    assert [extraction.usage for extraction in found] == [Usage(2, 300, 20), Usage()]
