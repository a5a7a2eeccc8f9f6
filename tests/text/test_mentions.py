from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polymem.text.mentions import find_mentions

CASES = [
    ("Yesterday I met Anna Lee in Berlin.", {"Anna Lee": "person", "Berlin": "place"}),
    ("Thanks, Caroline! See you on Monday in May.", {"Caroline": "person"}),
    ("I read The Lord of the Rings twice.", {"Lord of the Rings": ""}),
    ('We watched "Blade Runner" again.', {"Blade Runner": "thing"}),
    ('She said "Come here!" and left.', {}),
    ("Caroline's sister lives in New York.", {"Caroline": "person", "New York": "place"}),
    ("He studies at the University of Oslo.", {"University of Oslo": "organisation"}),
    ("Ask @bob_s or write to me@example.com", {"@bob_s": "person"}),
    ("Awesome! It sounds like fun. Great idea.", {}),
    ("Everyone Loves Irish music", {"Loves Irish": ""}),
    (
        "I met Ludwig van Beethoven and Leonardo da Vinci",
        {"Ludwig van Beethoven": "", "Leonardo": "", "Vinci": ""},
    ),
    ("i like tea and john likes coffee", {}),
    ("Dr. Smith works at IBM", {"Smith": "", "IBM": ""}),
    ("", {}),
    ("我和李明在上海看了《活着》", {"李明": "person", "上海": "place", "活着": "thing"}),
    ("我朋友小王住在北京", {"小王": "person", "北京": "place"}),
    ("王小明说他喜欢猫", {"王小明": "person"}),
    ("张老师告诉我明天放假", {"张老师": "person"}),
    ("阿宁，你好", {"阿宁": "person"}),
    ("他们去了哈尔滨工业大学", {"哈尔滨工业大学": "organisation"}),
    ("高兴是因为马上放假", {}),
    ("周末我和朋友一起去爬山", {}),
    ("于是我们去了公司", {}),
    ("路上都是人", {}),
    ("我在臺北見到了李明", {"臺北": "place", "李明": "person"}),
    ("我同事 Anna 在深圳工作", {"Anna": "person", "深圳": "place"}),
]


@pytest.mark.parametrize(("text", "names"), CASES)
def test_names_and_types(text, names):
    assert {mention.name: mention.type for mention in find_mentions(text)} == names


@given(
    st.lists(st.one_of(st.sampled_from([text for text, _ in CASES]), st.text(max_size=20)), max_size=5).map(
        " ".join
    )
)
@settings(max_examples=300, deadline=None)
def test_any_text_gives_sound_mentions(text):
    mentions = find_mentions(text)
    assert mentions == find_mentions(text)
    places = [mention.offset for mention in mentions]
    assert places == sorted(places)
    for mention in mentions:
        assert text[slice(*mention.offset)] == mention.name
    assert len({mention.name for mention in mentions}) == len(mentions)
