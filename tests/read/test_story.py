"""What the best passages have in common: reports of one event lead to the others, notices of one form lead nowhere."""

from __future__ import annotations

import pytest

from polymem import DocumentInput, Memory

GIVEN = {
    "en": [
        "Ines",
        "Petra",
        "Milo",
        "Orla",
        "Tomas",
        "Hanna",
        "Piet",
        "Aiko",
        "Luca",
        "Nadia",
        "Emil",
        "Rosa",
    ],
    "zh": ["小丽", "国强", "海燕", "志明", "芳芳", "大伟", "文静", "建军", "春梅", "立新", "晓东", "雨桐"],
}
FAMILY = {
    "en": ["Oakes", "Vogel", "Fenn", "Byrne", "Reyes", "Lind", "Bakker", "Mori", "Serra", "Holt"],
    "zh": list("王李张陈刘赵周孙吴郑"),
}
RULES = {
    "en": (
        (
            "What is the deposit for company bicycles?",
            "company bicycles",
            "They are lent by the porter against 40 euro of deposit",
        ),
        (
            "Where may visitors park?",
            "visitor parking",
            "Guests leave their cars in bay 12 behind the warehouse",
        ),
        (
            "From whom is printer toner ordered?",
            "printer toner",
            "It is ordered from the storekeeper under account 31",
        ),
        (
            "Who descales the coffee machine?",
            "coffee machine",
            "It is descaled by the caretaker every 20 days",
        ),
        (
            "Who renews forklift licences?",
            "forklift licences",
            "They are renewed by the safety officer every 24 months",
        ),
    ),
    "zh": (
        ("公司自行车的押金是多少？", "公司自行车", "向门卫借用自行车须交押金四百元"),
        ("访客的车停在哪里？", "访客停车", "访客的车辆停在仓库后面的十二号车位"),
        ("打印机墨粉向谁订购？", "打印机墨粉", "墨粉向仓库管理员订购，记在三十一号账上"),
        ("咖啡机由谁除垢？", "咖啡机", "咖啡机由看门人每二十天除垢一次"),
        ("叉车执照由谁续期？", "叉车执照", "叉车执照由安全员每二十四个月续期一次"),
    ),
}
REST = {
    "en": (
        "The following holds for {topic}. {rule}. Exceptions are granted in writing and are kept with the staff file. The rule is looked at "
        "again every two years, and changes are told on the notice board four weeks before. Questions are answered by the people office "
        "between nine and noon. Whoever breaks the rule is first reminded in a conversation, and only then in writing."
    ),
    "zh": "{topic}规定如下：{rule}。例外须书面批准，并存入人事档案。本规定每两年复核一次，变动提前四周在布告栏公布。疑问由人事处在上午九点到十二点解答。违反者先口头提醒，再书面警告。",
}
NOTICES = {
    "en": (
        "Who left the bicycle in the hall? {name} trips over it.",
        "Please do not park in front of the gate. {name}",
        "The lift is out of order until Monday; ask {name}.",
        "{name} asked whether the heating in the east wing works again.",
    ),
    "zh": (
        "谁把自行车停在走廊里了？{name}差点被绊倒。",
        "请不要把车停在大门口。{name}",
        "电梯坏了，星期一修好，有事问{name}。",
        "{name}问东楼的暖气修好了没有。",
    ),
}


def names(language):
    between = " " if language == "en" else ""
    for given in GIVEN[language]:
        for family in FAMILY[language]:
            yield f"{given} {family}" if between else f"{family}{given}"


@pytest.mark.parametrize("count", [24, 120])
@pytest.mark.parametrize("language", RULES)
def test_a_section_is_found_among_notices_of_one_form(tmp_path, language, count):
    sections = [
        DocumentInput(text=REST[language].format(topic=topic, rule=rule), uri=topic)
        for _, topic, rule in RULES[language]
    ]
    forms = NOTICES[language]
    notices = [
        DocumentInput(text=forms[n % len(forms)].format(name=name), uri=f"notice {n}", title=f"Notice {n}")
        for n, name in zip(range(count), names(language), strict=False)
    ]
    assert len(notices) == count
    with Memory(tmp_path / "m.db") as memory:
        memory.ingest([*sections, *notices], user_id="u")
        for question, _, rule in RULES[language]:
            hits = memory.search(question, user_id="u", limit=10)
            assert any(rule in hit.item.text for hit in hits), question


REPORTS = {
    "en": (
        "When was the fire at the Marrow Street warehouse?",
        [
            "Fire destroys the Marrow Street warehouse; forty firemen were on duty all night.",
            "The blaze on Marrow Street took the roof of the warehouse, the firemen said in the morning.",
            "Forty firemen fought the warehouse blaze; the roof fell in at four in the morning.",
        ],
        "Firemen watched the ruin all night after the roof fell in; forty of them were on duty in the morning.",
        "The bakery on the square has been sold; the new owner wants to sell sandwiches as well.",
    ),
    "zh": (
        "马洛街仓库的火灾是什么时候发生的？",
        [
            "马洛街仓库发生火灾，四十名消防员彻夜扑救。",
            "消防员称，马洛街仓库的火灾在清晨烧毁了屋顶。",
            "四十名消防员扑救仓库火灾，凌晨四时屋顶坍塌。",
        ],
        "屋顶坍塌之后，消防员彻夜守在废墟旁，清晨仍有四十名消防员。",
        "广场上的面包店已经出售，新店主还想卖三明治。",
    ),
}


@pytest.mark.parametrize("language", REPORTS)
def test_reports_of_one_event_lead_to_the_others(tmp_path, language):
    question, reports, other, noise = REPORTS[language]
    with Memory(tmp_path / "m.db") as memory:
        texts = [*reports, other, noise]
        memory.ingest(
            [DocumentInput(text=text, uri=f"news {n}") for n, text in enumerate(texts)], user_id="u"
        )
        hits = memory.search(question, user_id="u", limit=5, explain=True)
        story = {hit.item.text: hit.signals.get("story", 0.0) for hit in hits}
        assert story[other] > 0.5
        assert story[other] > story.get(noise, 0.0) + 0.5


ARTICLES = {
    "en": (
        "## Article {n}\n\nBuyer and seller agree on {topic}. Under this article the term is {days} days. "
        + "The parties tell each other in writing what changes, and neither hands its rights over without consent. "
        * 3,
        ["storage", "packing", "delivery", "payment", "repair", "insurance"],
        "What is the term in days of article {n}?",
        "the term is {days} days",
    ),
    "zh": (
        "## 第{n}条\n\n买卖双方就{topic}达成一致。本条规定的期限为{days}天。"
        + "双方应当诚信履约，随时以书面方式相互通知，未经同意任何一方不得转让权利。" * 4,
        ["仓储", "包装", "交货", "付款", "保修", "保险"],
        "第{n}条规定的期限是多少天？",
        "期限为{days}天",
    ),
}


@pytest.mark.parametrize("language", ARTICLES)
def test_what_all_articles_of_a_contract_have_in_common_tells_none_of_them_apart(tmp_path, language):
    form, topics, question, wanted = ARTICLES[language]
    articles = [form.format(n=n, topic=topics[n % 6], days=3 * n) for n in range(1, 41)]
    with Memory(tmp_path / "m.db") as memory:
        memory.ingest(DocumentInput(text="\n\n".join(["# A", *articles]), name="a.md"), user_id="u")
        right = [
            wanted.format(days=3 * n)
            in memory.search(question.format(n=n), user_id="u", limit=1)[0].item.text
            for n in range(11, 41)
        ]
    assert all(right)
