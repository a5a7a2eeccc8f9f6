"""What kind of question it is, what of it names the topic, and what it says that it means to ask."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polymem.text.asking import asked_kinds, asked_text, meant


@pytest.mark.parametrize(
    ("question", "kinds"),
    [
        ("In what order did I visit the islands?", {"order"}),
        ("List the bands I saw this year in chronological order.", {"order"}),
        ("What is the sequence of repairs I made to the boat?", {"order"}),
        ("List in order how I restored the boat", {"order"}),
        ("Please summarise my hunt for a flat", {"summary"}),
        ("Can you give me a recap of my beekeeping course?", {"summary"}),
        ("How many vases did I sell?", {"count"}),
        ("How much did the two kayaks cost in total?", {"count"}),
        ("Which tent would you recommend?", {"advice"}),
        ("What should I bake on Sunday?", {"advice"}),
        ("我是按什么顺序参观这些岛的？", {"order"}),
        ("我先后参加过哪些乐队", {"order"}),
        ("请帮我总结一下找房子的经过", {"summary"}),
        ("給我概括一下養蜂課程", {"summary"}),
        ("我一共卖了多少个花瓶？", {"count"}),
        ("你推荐哪种帐篷？", {"advice"}),
        ("周日我应该烤什么蛋糕", {"advice"}),
        ("What did I last say about the kiln?", {"latest"}),
        ("When was the last time that Ann called?", {"latest"}),
        ("Which opera did we see most recently?", {"latest"}),
        ("What's the latest on the boiler?", {"latest"}),
        ("How much was my most recent fare?", {"latest", "count"}),
        ("Sum up my latest trip", {"summary"}),
        ("List the trips from first to last, in order", {"order"}),
        ("我最近一次剪头发是哪天？", {"latest"}),
        ("上次我们去的茶馆叫什么", {"latest"}),
        ("她最新的地址在哪", {"latest"}),
        ("我最後一次見小李是在哪裡", {"latest"}),
        ("What did Ann do last Friday?", set()),
        ("Where was I in the last two weeks?", set()),
        ("What is the last name of Ann's dentist?", set()),
        ("By when at the latest is the rent due?", set()),
        ("How long did the concert last?", set()),
        ("Did the paint last through the winter?", set()),
        ("他最近在忙什么", set()),
        ("我上周去了哪", set()),
        ("下次体检在哪", set()),
        ("I went upstairs in order to fetch a lamp", set()),
        ("Did I order the tiles?", set()),
        ("Who is in charge of the choir?", set()),
        ("公司年终总结大会在哪里开", set()),
        ("前年谁修了屋顶", set()),
        ("", set()),
    ],
)
def test_a_question_is_of_a_kind_by_its_words(question, kinds):
    assert asked_kinds(question) == kinds


@pytest.mark.parametrize(
    "question",
    [
        "<Ann>: I sold the canoe.\n<Assistant>: Which one?",
        "Ann: In what order shall we go?\nBob: You tell me.",
        "小明：我昨天把独木舟卖了\n助手：是哪一条？",
        "<小明>：我们按什么顺序去？",
    ],
)
def test_a_dialogue_is_no_question(question):
    assert asked_kinds(question) == {"dialogue"}


@pytest.mark.parametrize(
    ("question", "kinds", "topic"),
    [
        ("Can you summarize my search for a flat?", {"summary"}, "my search for a flat"),
        (
            "Could you please give me a short overview of the roof repairs in our chats so far?",
            {"summary"},
            "the roof repairs",
        ),
        ("Walk me through the order in which I mentioned the islands.", {"order"}, "the islands"),
        (
            "List the different aspects of the garden I brought up, in order. Name only four things.",
            {"order"},
            "the garden i brought up",
        ),
        ("请按时间顺序列出我提到的海岛", {"order"}, "海岛"),
        ("帮我总结一下我们聊天中的屋顶维修", {"summary"}, "屋顶维修"),
        ("What did I last say about the kiln?", {"latest"}, "What did I say about the kiln?"),
        ("When was my most recent swim?", {"latest"}, "When was my swim?"),
        ("我最近一次游泳是哪天", {"latest"}, "我 游泳是哪天"),
        ("Latest?", {"latest"}, "Latest?"),
        ("最新", {"latest"}, "最新"),
        ("Summarize!", {"summary"}, "Summarize!"),
        ("总结一下", {"summary"}, "总结一下"),
        ("Can you tell me where I live?", set(), "Can you tell me where I live?"),
        ("<Ann>: I sold it.\n<Bot>: Oh!", {"dialogue"}, "I sold it\nOh!"),
        ("<小明>：卖了。\n<助手>：哦！", {"dialogue"}, "卖了。\n哦！"),
    ],
)
def test_what_is_about_the_asking_alone_is_left_out(question, kinds, topic):
    found = asked_text(question, frozenset(kinds))
    assert found.replace("。", "") == topic.replace("。", "")


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        (
            "The bus was late again. Anyway, what I really wanted to ask is where I put the skis? It snows.",
            "where I put the skis?",
        ),
        ("So much rain! My actual question is: who mends roofs?", "who mends roofs?"),
        (
            "Who mends roofs? Also, I slept badly. I meant to ask: which day is the fair?",
            "Who mends roofs? which day is the fair?",
        ),
        ("今天又下雨了。不好意思，我真正想问的是：滑雪板放在哪儿？明天还下。", "滑雪板放在哪儿？"),
        (
            "谁会修屋顶？另外，我昨晚没睡好。其实我想问的是，集市是哪一天？",
            "谁会修屋顶？ 集市是哪一天？",
        ),
        ("今天又下雨了。其實我想問的是：滑雪板放在哪兒？", "滑雪板放在哪兒？"),
        ("What did I want to ask the roofer?", "What did I want to ask the roofer?"),
        ("我想问谁会修屋顶", "我想问谁会修屋顶"),
        ("I really wanted to ask", "I really wanted to ask"),
        (
            "<Ann>: My actual question is where the skis are.\n<Bob>: Upstairs.",
            "<Ann>: My actual question is where the skis are.\n<Bob>: Upstairs.",
        ),
    ],
)
def test_what_a_rambling_question_says_that_it_means_is_what_is_asked(question, asked):
    assert meant(question) == asked


@given(
    st.text(alphabet=st.sampled_from("abi what is my real question: <>\n：我真正想问的是，总结一下顺序？."))
)
def test_something_is_always_left_to_look_for(question):
    kinds = asked_kinds(question)
    assert bool(meant(question).strip()) == bool(question.strip())
    assert not kinds or bool(asked_text(question, kinds).strip())


@pytest.mark.parametrize(
    ("asked", "before"),
    [
        (
            "Where is the kiln?",
            "I had tea. The last time it rained I was in Rome. The cat slept. It is late. ",
        ),
        ("窑在哪里？", "今天很累。上次下雨我在罗马。猫睡着了。时间不早了。"),
    ],
)
def test_what_is_said_by_the_way_asks_for_nothing(asked, before):
    assert not asked_kinds(before + asked)
    assert "latest" in asked_kinds(before + asked + " And when did I last see it? 上次是哪天？")
