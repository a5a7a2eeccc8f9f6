"""What a row names is told by its words; what a question asks for, by its own."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polymem.text.keys_members import FORMS, asked_member_keys, member_keys
from polymem.text.kinship import asked_kinds_of_things, kinds_of_things
from polymem.text.kinship_table import LINES
from polymem.text.tokenise import KEY_MARK, terms

PAIRS = [
    ("sport", "Which sports does Ida do?", "I spent the summer surfing with my cousins"),
    ("sport", "Which sports does Ida do?", "We skied all weekend"),
    ("sport", "她喜欢什么运动？", "周末去打羽毛球了"),
    ("instrument", "What instruments can she play?", "My clarinet needs a new reed"),
    ("instrument", "他会哪些乐器？", "他每天练两个小时小提琴"),
    ("city", "Which cities have they been to?", "Lisbon was lovely in May"),
    ("city", "他去过哪些城市？", "上个月在成都出差"),
    ("country", "Which countries did he visit?", "Norway is so expensive"),
    ("place", "Where did they meet?", "We ran into each other at the museum"),
    ("place", "他们在哪里见面的？", "我们约在图书馆门口"),
    ("pet", "What pets does she have?", "The kitten knocked over my tea"),
    ("pet", "她养了什么宠物？", "我家的金毛又长胖了"),
    ("food", "What food does he like?", "That lasagna was so good"),
    ("food", "他爱吃什么菜？", "昨晚的火锅太辣了"),
    ("book", "What has she read?", "Finished the second novel by her"),
    ("film", "Which movies did they see?", "That documentary made me cry"),
    ("relative", "Who came to dinner?", "My cousin stayed for a week"),
    ("relative", "谁来吃饭了？", "表姐带了水果"),
    ("job", "What does he do for a living?", "My shift as a nurse ended at six"),
    ("illness", "What health problems does she have?", "My migraine is back"),
    ("illness", "他身体怎么样？", "昨天发烧到三十九度"),
    ("religion", "What is her religion?", "I sing at church on Sundays"),
    ("number", "How many cats has he?", "He has three of them"),
    ("number", "How many cats has he?", "There are 3 of them"),
    ("number", "他有几只猫？", "一共三只"),
    ("duration", "How long have they been friends?", "Six years, I believe"),
    ("duration", "他们认识多久了？", "认识好几年了"),
    ("title", "Which book does she recommend?", 'You must read "The Quiet Hour"'),
    ("title", "她推荐了哪本书？", "《安静的时刻》很好看"),
    ("past", "What did Ida do in Rome?", "We finally saw the old theatre"),
]


@pytest.mark.parametrize(("kind", "question", "text"), PAIRS)
def test_a_question_and_what_answers_it_have_a_key_in_common(kind, question, text):
    key = f"{KEY_MARK}k:{kind}"
    assert key in asked_member_keys(question)
    assert key in member_keys(text)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("city", "Pay the bill, please"),
        ("sport", "I score every essay by hand"),
        ("food", "What a lovely date"),
        ("landscape", "上海的天气"),
        ("home", "大家好"),
        ("past", "I will go tomorrow"),
        ("title", "She said so"),
        ("number", "None of them came"),
    ],
)
def test_what_a_text_does_not_name(kind, text):
    assert f"{KEY_MARK}k:{kind}" not in member_keys(text)


def test_one_word_of_a_pair_is_not_the_pair():
    assert "food" in kinds_of_things(terms("ice cream"))
    assert "dessert" in kinds_of_things(terms("an ice-cream, please"))
    assert "dessert" not in kinds_of_things(terms("the ice is thin"))
    assert "dessert" not in kinds_of_things(["cream", "ice"])


def test_a_pair_may_begin_where_another_ends():
    assert "sport" in kinds_of_things(terms("他打羽毛球"))
    assert "sport" not in kinds_of_things(terms("羽毛"))


@pytest.mark.parametrize("text", ["", "   ", "?!", "\n", "🎉", "a" * 10_000, "的" * 10_000])
def test_what_names_nothing_has_no_key(text):
    assert member_keys(text) == ()
    assert asked_member_keys(text) == ()


@given(st.text())
def test_keys_are_made_of_the_text_alone_each_once_and_in_order(text):
    keys = member_keys(text)
    assert keys == member_keys(text)
    assert len(set(keys)) == len(keys)
    assert all(key.startswith(f"{KEY_MARK}k:") for key in (*keys, *asked_member_keys(text)))


def test_a_text_that_looks_like_a_key_is_a_text():
    assert member_keys("=k:flute") == member_keys("k flute")
    assert member_keys("=k:food is nothing") == member_keys("k food is nothing")


def test_forms_are_no_kinds():
    assert {key.removeprefix(f"{KEY_MARK}k:") for key in FORMS} == {"number", "duration", "title", "past"}


def test_the_table_is_whole():
    names = [name for name, _, _ in LINES]
    assert len(set(names)) == len(names) > 40
    for name, asked, members in LINES:
        for entries in (asked, members):
            found = entries.split(",")
            assert found == sorted(set(found)) or name in {"number", "duration"}
            assert all(0 < len(entry.split(" ")) <= 2 for entry in found)
    assert sum(len(part) for line in LINES for part in line) < 150_000


def test_every_entry_can_be_met_in_a_text():
    """An entry is index terms; one that no text gives would be dead."""
    for word in ("surfing", "钢琴", "new york", "羽毛球", "grandmother"):
        assert kinds_of_things(terms(word)), word
    assert asked_kinds_of_things("where") == {"place"}


def test_opening_a_store_reads_no_table():
    code = "import polymem, sys; sys.exit('polymem.text.kinship' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
