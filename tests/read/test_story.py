"""What the best passages have in common: reports of one event lead to the others, notices of one form lead nowhere."""

from __future__ import annotations

import pytest

from polymem import DocumentInput, Memory

GIVEN = {
    "en": "Ines Petra Milo Orla Tomas Hanna Piet Aiko Luca Nadia Emil Rosa".split(),
    "zh": "小丽 国强 海燕 志明 芳芳 大伟 文静 建军 春梅 立新 晓东 雨桐".split(),
}
FAMILY = {
    "en": "Oakes Vogel Fenn Byrne Reyes Lind Bakker Mori Serra Holt".split(),
    "zh": list("王李张陈刘赵周孙吴郑"),
}
SECTIONS = {
    "en": (
        "The following holds for company bicycles. They are lent by the porter against a deposit of 40 euro. Exceptions are granted in "
        "writing and are kept with the staff file. The rule is looked at again every two years."
    ),
    "zh": "公司自行车规定如下：向门卫借用自行车须交押金四百元。例外须书面批准，并存入人事档案。本规定每两年复核一次。",
}
NOTICES = {
    "en": "Who left the bicycle in the hall? {name} trips over it.",
    "zh": "谁把自行车停在走廊里了？{name}差点被绊倒。",
}
QUESTIONS = {
    "en": ("What is the deposit for company bicycles?", "40 euro"),
    "zh": ("公司自行车的押金是多少？", "四百元"),
}


def names(language):
    between = " " if language == "en" else ""
    for given in GIVEN[language]:
        for family in FAMILY[language]:
            yield f"{given} {family}" if between else f"{family}{given}"


@pytest.mark.parametrize("count", [18, 120])
@pytest.mark.parametrize("language", QUESTIONS)
def test_a_section_is_found_among_notices_of_one_form(tmp_path, language, count):
    question, answer = QUESTIONS[language]
    notices = [
        DocumentInput(text=NOTICES[language].format(name=name), uri=f"notice {n}", title=f"Notice {n}")
        for n, name in zip(range(count), names(language), strict=False)
    ]
    assert len(notices) == count
    with Memory(tmp_path / "m.db") as memory:
        memory.ingest([DocumentInput(text=SECTIONS[language], uri="handbook"), *notices], user_id="u")
        hits = memory.search(question, user_id="u", limit=3)
        assert any(answer in hit.item.text for hit in hits)


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
        memory.ingest([DocumentInput(text=text, uri=f"news {n}") for n, text in enumerate(texts)], user_id="u")
        hits = memory.search(question, user_id="u", limit=5, explain=True)
        story = {hit.item.text: hit.signals.get("story", 0.0) for hit in hits}
        assert story[other] > 0.5
        assert story[other] > story.get(noise, 0.0) + 0.5
