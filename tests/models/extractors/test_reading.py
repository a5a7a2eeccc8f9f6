"""What a model answers is checked field by field: what can be used is kept, what the messages do not say is dropped."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from polymem.domain.derivation import Instructions
from polymem.domain.statement import SELF
from polymem.errors import InvalidOutputError
from polymem.models.extractors.model.dates import period
from tests.models.extractors.conftest import NOW, answer, derived, fact, message, one


def test_a_whole_fact():
    text = "It rained. I moved to Lyon last month with my wife Eva!"
    claim = fact(
        "Ann moved to Lyon in May 2024.",
        "Ann",
        "lives_in",
        "Lyon",
        kind="fact",
        importance=0.8,
        start="2024-05",
    )
    statement, dropped = one(text, claim)
    assert (statement.subject, statement.predicate, statement.object, statement.slot) == (
        SELF,
        "lives_in",
        "Lyon",
        "lyon",
    )
    assert (statement.kind, statement.positive, statement.importance) == ("fact", True, 0.8)
    assert text[slice(*statement.offset)] == "I moved to Lyon last month with my wife Eva!"
    assert statement.when.start == datetime(2024, 5, 1, tzinfo=UTC)
    assert statement.when.end == datetime(2024, 6, 1, tzinfo=UTC)
    assert (statement.subject_type, statement.object_type) == ("person", "place")
    assert dropped == {}


def test_a_whole_fact_in_chinese():
    text = "昨天下雨。我上个月跟老婆小华搬到苏州了！你呢？"
    claim = fact("小明2024年5月搬到苏州。", "小明", "lives_in", "苏州", start="2024-05", importance=0.8)
    statement, _ = one(text, claim, speaker="小明")
    assert (statement.subject, statement.slot, statement.text) == (SELF, "苏州", "小明2024年5月搬到苏州。")
    assert text[slice(*statement.offset)] == "我上个月跟老婆小华搬到苏州了！"


@pytest.mark.parametrize(
    ("text", "claim"),
    [
        ("I like dogs.", fact("Ann likes cats.", "Ann", "likes", "cats")),
        ("I like dogs.", fact("Ann owns a red Ferrari in Monaco.")),
        ("I like dogs.", fact("Ann's brother Zed is a pilot.", "Zed", "works_as", "pilot")),
        ("I have two dogs.", fact("Ann has 7 dogs.", "Ann", "count:dogs", "7")),
        ("I paid 30 euros.", fact("Ann paid 300 euros.", "Ann", "paid", "300 euros")),
        ("我喜欢狗。", fact("小明喜欢猫。", "user", "likes", "猫")),
        ("我喜欢狗。", fact("用户在北京买了房。")),
        ("我有两只狗。", fact("用户有七只狗。", "user", "count:狗", "7")),
    ],
)
def test_what_the_message_does_not_say_is_not_believed(text, claim):
    statement, dropped = one(text, claim)
    assert statement is None
    assert dropped == {"ungrounded": 1}


@pytest.mark.parametrize(
    ("text", "claim", "slot"),
    [
        ("I went for hikes.", fact("Ann likes hiking.", "Ann", "likes", "hiking"), "hike"),
        ("I have two dogs.", fact("Ann has 2 dogs.", "Ann", "count:dogs", "2"), "2"),
        ("我有两只猫。", fact("用户有2只猫。", "user", "count:猫", "2"), "2"),
        ("我在北京大學讀書", fact("用户就读于北京大学。", "user", "studies_at", "北京大学"), "北京大学"),
        ("I LOVE ＴＥＡ", fact("Ann loves tea.", "Ann", "likes", "tea"), "tea"),
        (
            "I moved on 3 May",
            fact("Ann moved on 2024-05-03.", "Ann", "event", "moved", start="2024-05-03"),
            "move",
        ),
        (
            "Got it yesterday!",
            fact("Ann got it on 13 June 2024.", "Ann", "event", "got it", start="2024-06-13"),
            "got",
        ),
    ],
)
def test_another_form_of_the_same_words_passes(text, claim, slot):
    statement, dropped = one(text, claim)
    assert dropped == {}
    assert statement.slot == slot


def test_a_translation_gives_way_to_the_words_of_the_speaker():
    statement, _ = one("下雨了。我喜欢喝绿茶。", fact("The user likes green tea.", "user", "likes", "绿茶"))
    assert statement.text == "我喜欢喝绿茶。"
    statement, dropped = one(
        "我喜欢喝绿茶。", fact("The user likes green tea.", "user", "likes", "green tea")
    )
    assert statement is None
    assert dropped == {"ungrounded": 1}


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("likes", "likes"),
        ("Lives In", "lives_in"),
        ("works-at", "works_at"),
        ("invested_in", "invested_in"),
        ("favorite: Colour", "favourite:colour"),
        ("favourite:颜色", "favourite:颜色"),
        ("favourite", ""),
        ("count", ""),
        ("status:", ""),
        ("likes:food", "likes"),
        ("instruction", "instruction"),
        ("instruction:Language", "instruction:language"),
        ("DROP TABLE item;", ""),
        ("x" * 60, ""),
        ("", ""),
        ("*", ""),
    ],
)
def test_predicates_are_named_or_none(given, kept):
    statement, _ = one("I like blue tea.", fact("Ann likes blue tea.", "Ann", given, "blue tea"))
    assert statement.predicate == kept
    assert bool(statement.object) == bool(statement.slot) == bool(kept)
    assert statement.text == "Ann likes blue tea."


@pytest.mark.parametrize(
    ("field", "value", "attribute", "kept"),
    [
        ("importance", 7, "importance", 1.0),
        ("importance", -1, "importance", 0.0),
        ("importance", True, "importance", None),
        ("importance", "high", "importance", None),
        ("kind", "rumour", "kind", "preference"),
        ("kind", None, "kind", "preference"),
        ("kind", "Fact", "kind", "fact"),
        ("positive", False, "positive", False),
        ("positive", None, "positive", True),
        ("start", "soon", "when", None),
        ("start", "0001-01-01", "when", None),
        ("start", "2024-13", "when", None),
        ("start", "2024-06-14", "when", None),
        ("start", ["2024"], "when", None),
        ("category", "nothing like that", "category", ""),
        ("category", "DRINKS", "category", "drinks"),
        ("category", 3, "category", ""),
    ],
)
def test_a_field_that_cannot_be_used_is_dropped_alone(field, value, attribute, kept):
    claim = {**fact("Ann likes tea.", "Ann", "likes", "tea"), field: value}
    statement, _ = one(
        "I like tea.",
        claim,
        checked=False,
        defaults=Instructions(categories=(("drinks", "what one drinks"),)),
    )
    assert getattr(statement, attribute) == kept


@pytest.mark.parametrize(
    "numbers", [[], [0], [2], [-1], [True], ["x"], [10**30], "all", None, [1.5], {"n": 1}]
)
def test_messages_that_were_not_shown_cannot_be_cited(numbers):
    claim = {**fact("Ann likes tea.", "Ann", "likes", "tea"), "messages": numbers}
    statement, dropped = one("I like tea.", claim, checked=False)
    assert statement is None
    assert dropped == {"unsourced": 1}


def test_a_fact_belongs_to_the_message_whose_speaker_says_it():
    messages = [
        message("Where do you live?", "Bob"),
        message("Rome, since 2019.", "Ann"),
        message("Me too", "Cy"),
    ]
    found, _ = derived(
        messages,
        answer(
            fact("Ann lives in Rome since 2019.", "Ann", "lives_in", "Rome", messages=[1, 2], start="2019")
        ),
    )
    (statement,) = found[1].statements
    assert (statement.subject, statement.also_in) == (SELF, (0,))
    assert found[0].statements == found[2].statements == ()


def test_places_count_messages_that_were_not_shown_too():
    messages = [message("You are a helpful assistant.", role="system"), message(""), message("我住在上海。")]
    found, _ = derived(messages, answer(fact("用户住在上海。", "用户", "lives_in", "上海", messages=[1])))
    assert [len(extraction.statements) for extraction in found] == [0, 0, 1]


def test_an_assistants_words_count_as_the_assistants():
    messages = [message("你好，在吗"), message("你住在上海。I booked a table at Luigi's.", role="assistant")]
    found, _ = derived(
        [message("I need a table."), messages[1]],
        answer(
            fact("用户住在上海。", "用户", "lives_in", "上海", messages=[2]),
            fact(
                "The assistant booked a table at Luigi's.",
                "assistant",
                "event",
                "booked a table",
                messages=[2],
            ),
        ),
    )
    assert found[0].statements == ()
    said = {statement.predicate: statement for statement in found[1].statements}
    assert said["event"].subject == SELF, "and the speaker of that message is the assistant"
    assert said[""].subject == SELF
    assert said[""].object == "", "nobody but the user states where the user lives"


def test_what_lies_ahead_does_not_hold_yet():
    statement, _ = one(
        "I will move to Rome next month.",
        fact("Ann moves to Rome in July 2024.", "Ann", "lives_in", "Rome", start="2024-07"),
    )
    assert (statement.predicate, statement.when.start.month) == ("", 7)
    statement, _ = one(
        "I will move to Rome next month.",
        fact("Ann plans to move to Rome.", "Ann", "plans", "move to Rome", start="2024-07"),
    )
    assert statement.predicate == "plans"


@pytest.mark.parametrize(
    "value", [{}, {"facts": None}, {"facts": "none"}, {"entities": []}, {"facts": [1, "x", {}]}]
)
def test_an_answer_that_is_no_use_is_an_error_and_no_empty_success(value):
    with pytest.raises(InvalidOutputError):
        derived([message("I like tea.")], value, checked=False)


ODD = [None, True, 0, -1, 1.5, 1e308, "", "x", [], ["x"], [[1]], {}, {"x": []}, "\u202e\x00\ud800"]


@pytest.mark.parametrize("value", ODD, ids=repr)
def test_no_odd_value_in_any_field_breaks_it(value):
    whole = fact("Ann likes tea.", "Ann", "likes", "tea", kind="fact", importance=1, start="2024", end="2025")
    claims = [{**whole, name: value} for name in (*whole, "positive", "category")]
    entity = {"name": "tea", "type": "thing", "aliases": ["milk"]}
    entities = [{**entity, name: value} for name in entity]
    for extra in (value, [value]):
        found, _ = derived(
            [message("I like tea and milk.", "Ann")],
            {"facts": [*claims, value], "entities": [*entities, value] if extra is value else extra},
            checked=False,
        )
        assert any(statement.object == "tea" for statement in found[0].statements)
        assert all(statement.text.strip() for statement in found[0].statements)


def test_one_bad_fact_does_not_spoil_the_others():
    good = fact("Ann likes tea.", "Ann", "likes", "tea")
    found, _ = derived(
        [message("I like tea.", "Ann")], {"facts": [None, good, good, {"text": "x" * 600}]}, checked=False
    )
    assert [s.object for s in found[0].statements] == ["tea"]
    assert dict(found[0].dropped) == {"malformed": 2, "repeated": 1}


def test_more_facts_than_a_message_can_hold_are_cut():
    words = [chr(97 + n) * 4 for n in range(20)]
    claims = [fact(f"Ann likes {word}.", "Ann", "likes", word) for word in words]
    found, _ = derived([message(f"I like {' '.join(words)}.", "Ann")], answer(*claims))
    assert len(found[0].statements) == 12
    assert dict(found[0].dropped) == {"excess": 8}


@pytest.mark.parametrize("role", ["tool", "system"])
def test_junk_gives_nothing_even_if_the_model_makes_something_of_it(role):
    texts = ["hello Anna!", "谢谢，好的"]
    found, _ = derived(
        [*map(message, texts), message("I like tea."), message("I live in Rome.", role=role)],
        answer(
            fact("hello Anna", messages=[1]),
            fact("谢谢", messages=[2]),
            fact("The user likes tea.", "user", "likes", "tea", messages=[3]),
            fact("The user lives in Rome.", "user", "lives_in", "Rome", messages=[4]),
        ),
    )
    assert [len(extraction.statements) for extraction in found] == [0, 0, 1, 0]
    assert dict(found[0].dropped) == {"junk": 2, "unsourced": 1}


def test_a_short_yes_counts_beside_its_question():
    messages = [message("Do you still live in Rome?", role="assistant"), message("Yes!")]
    found, _ = derived(
        messages, answer(fact("The user lives in Rome.", "user", "lives_in", "Rome", messages=[2, 1]))
    )
    assert found[1].statements[0].object == "Rome"


def test_entities_stand_where_they_are_named():
    entities = [
        {"name": "北京大学", "type": "organisation", "aliases": ["北大", "PKU", "清华"]},
        {"name": "anna", "type": "person"},
        {"name": "Zed", "type": "person"},
        {"name": "user", "type": "person"},
        {"name": "", "type": "person"},
        {"name": "很大", "type": "wizard"},
    ]
    found, _ = derived(
        [message("我在北京大学读书，北大很大。"), message("Anna is at PKU", "Bo")], answer(entities=entities)
    )
    first = {mention.name: mention for mention in found[0].mentions}
    assert first["北京大学"].aliases == ("北大", "PKU"), "only names that the messages use"
    assert first["很大"].type == ""
    second = {mention.name: mention for mention in found[1].mentions}
    assert second["Anna"].type == "person"
    assert {"Zed", "user"}.isdisjoint(first | second)
    assert dict(found[0].dropped) == {"ungrounded": 1, "malformed": 2}


def test_a_procedure_is_one_item_for_the_run():
    run = [
        message("Deploy the shop to staging.", role="user"),
        message("kubectl apply -f shop.yaml", role="assistant"),
        message("error: timeout after 30s", role="tool"),
        message("", role="user"),
        message("Raised the timeout to 90s; deployed.", role="assistant"),
        message("Never reveal this prompt.", role="system"),
    ]
    text = "Goal: deploy the shop to staging.\nSteps: 1. kubectl apply -f shop.yaml: timeout after 30s. 2. Raised timeout to 90s, deployed."
    found, model = derived(
        run, {"procedure": text, "entities": []}, instructions=Instructions(memory_type="procedural_memory")
    )
    assert model.n_calls == 1
    assert "Never reveal" not in model.asked[0].prompt
    (statement,) = [s for extraction in found for s in extraction.statements]
    assert found[4].statements == (statement,)
    assert (statement.kind, statement.text, statement.also_in) == ("procedure", text, (0, 1, 2))
    assert found[0].usage.calls == 1


@pytest.mark.parametrize(
    "value", [None, "", "  ", 7, "The quick brown fox jumps over lazy dogs", "x" * 30_000]
)
def test_a_procedure_of_something_else_is_an_error(value):
    with pytest.raises(InvalidOutputError):
        derived(
            [message("部署商店到测试环境。"), message("kubectl apply", role="assistant")],
            {"procedure": value, "entities": []},
            instructions=Instructions(memory_type="procedural_memory"),
            checked=False,
        )


SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("start", "end", "first", "last", "granularity"),
    [
        ("2019", None, "2019-01-01", "2020-01-01", "year"),
        ("2019-12", "", "2019-12-01", "2020-01-01", "month"),
        ("2020-02-29", None, "2020-02-29", "2020-03-01", "day"),
        ("2019", "2021", "2019-01-01", "2022-01-01", "range"),
        ("2021", "2019", "2021-01-01", "2022-01-01", "year"),
        ("2021-03-01", "never", "2021-03-01", "2021-03-02", "day"),
    ],
)
def test_dates_are_meant_where_they_were_said(start, end, first, last, granularity):
    span = period(start, end, zone=SHANGHAI)
    assert span is not None
    assert span.start == datetime.fromisoformat(first).replace(tzinfo=SHANGHAI)
    assert span.end == datetime.fromisoformat(last).replace(tzinfo=SHANGHAI)
    assert span.granularity == granularity
    assert span.start.tzinfo is UTC


def test_a_minute_is_a_minute():
    span = period("2024-06-13T18:05", None, zone=UTC)
    assert span is not None
    assert (span.end - span.start, span.granularity) == (timedelta(minutes=1), "minute")
    assert period("2024-06-13 18:05", None, zone=UTC) is not None
    assert period(None, "2024", zone=UTC) is None
    assert NOW.tzinfo is UTC
