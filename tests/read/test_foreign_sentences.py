"""A question in another language than the passages: the best sentence of a passage counts beside the whole of it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

import polymem
from polymem.domain.query import Selection, Visibility
from polymem.domain.scope import Scope
from polymem.models.embedders.static import StaticEmbedder
from polymem.models.embedders.static.lexicon import StaticLexicon
from polymem.read.foreign_sentences import MAX_SENTENCES, N_READ, sentences
from polymem.read.plan import plan_query
from polymem.read.search import search
from polymem.testing.faces import MemoryRow
from polymem.testing.snapshot import MemorySnapshot
from polymem.text.indexed import embedded_text

ENCODER, LEXICON = StaticEmbedder(), StaticLexicon()
SCOPE = Scope(user_id="asker")
NOW = datetime(2024, 6, 1, tzinfo=UTC)

# The one sentence that answers stands among others; the other passage is of one thing only, and of the same field.
ZH_RIGHT = "港口每年春天举行帆船比赛。市长在仪式上讲话。孩子们得到糖果。灯塔的看守人养了一只会说话的鹦鹉。晚上有烟火和音乐。"
ZH_OTHER = "灯塔建于十九世纪。灯塔的灯光可以照到很远的海面。"
EN_RIGHT = (
    "The harbour holds a sailing race every spring. The mayor gives a speech. Children get sweets. "
    "The keeper of the lighthouse has a talking parrot. There are fireworks and music at night."
)
EN_OTHER = "The lighthouse was built in the nineteenth century. The light of the lighthouse reaches far over the sea."
FILLERS_ZH = ("图书馆周一不开门。", "面包店卖苹果派。", "火车晚点了两个小时。")
FILLERS_EN = (
    "The library is closed on Mondays.",
    "The bakery sells apple pie.",
    "The train was two hours late.",
)
ASKED = {
    "zh": ("Which animal does the lighthouse keeper have, a parrot?", ZH_RIGHT, (ZH_OTHER, *FILLERS_ZH)),
    "en": ("灯塔看守人养了什么动物，是鹦鹉吗？", EN_RIGHT, (EN_OTHER, *FILLERS_EN)),
}


def rows(texts, *, role="document"):
    found = []
    for n, text in enumerate(texts):
        (vector,) = ENCODER.encode([embedded_text("episode", text, role=role, metadata={})])
        at = NOW - timedelta(days=40 - n)
        found.append(MemoryRow(text, text, role=role, valid_at=at, vector=vector))
    return MemorySnapshot(found, scope=SCOPE)


def ask(snapshot, question, *, encode, mode="hybrid"):
    plan = plan_query(question, now=NOW, limit=50, mode=mode)
    plan = replace(plan.embedded(ENCODER.encode(plan.to_embed)), lexicon=LEXICON, encode=encode)
    hits = search(snapshot, plan, Selection(SCOPE, Visibility(now=NOW)), explain=True)
    return {hit.item.id: hit for hit in hits}


def dense(hits, text):
    return hits[text].signals["passage_dense"]


class Noted:
    """An encoder that notes what it is asked for."""

    def __init__(self):
        self.texts = []

    def __call__(self, texts):
        self.texts += texts
        return ENCODER.encode(texts)


def untouched(texts):
    raise AssertionError(texts)


@pytest.mark.parametrize("language", ASKED)
def test_the_best_sentence_lifts_its_passage(language):
    question, right, others = ASKED[language]
    snapshot = rows([*others, right])
    plain, ours = (ask(snapshot, question, encode=encode) for encode in (None, ENCODER.encode))
    gain = {text: dense(ours, text) - dense(plain, text) for text in (right, others[0])}
    assert gain[right] > gain[others[0]]
    assert next(iter(ours)) == right
    assert ours[right].score - ours[others[0]].score > plain[right].score - plain[others[0]].score


@pytest.mark.parametrize(("language", "other"), [("zh", "en"), ("en", "zh")])
def test_passages_in_the_language_of_the_question_keep_their_scores_and_are_not_read(language, other):
    question, right, others = ASKED[language]
    native = ASKED[other][2][1:]
    snapshot, noted = rows([*native, right, *others]), Noted()
    plain, ours = ask(snapshot, question, encode=None), ask(snapshot, question, encode=noted)
    assert {text: ours[text].score for text in native} == {text: plain[text].score for text in native}
    assert noted.texts
    assert not set(noted.texts) & {piece for text in native for piece in sentences(text)}


@pytest.mark.parametrize(("language", "other"), [("zh", "en"), ("en", "zh")])
def test_where_a_passage_in_the_language_of_the_question_has_its_words_no_other_is_read(language, other):
    question, right, others = ASKED[language]
    found = ask(rows([ASKED[other][1], right, *others]), question, encode=untouched)
    assert next(iter(found)) == ASKED[other][1]


@pytest.mark.parametrize(("language", "other"), [("zh", "en"), ("en", "zh")])
def test_a_scope_in_one_language_embeds_no_sentence(language, other):
    question = ASKED[language][0]
    ask(rows([ASKED[other][1], *ASKED[other][2]]), question, encode=untouched)


@pytest.mark.parametrize("language", ASKED)
def test_turns_and_other_modes_embed_no_sentence(language):
    question, right, others = ASKED[language]
    ask(rows([right, *others], role="user"), question, encode=untouched)
    for mode in ("vector", "keyword", "time", "graph"):
        ask(rows([right, *others]), question, encode=untouched, mode=mode)


def test_only_so_many_passages_are_read():
    noted = Noted()
    ask(rows([f"{ZH_OTHER}第{n}座灯塔在海边。" for n in range(N_READ + 8)]), ASKED["zh"][0], encode=noted)
    assert len([text for text in noted.texts if text.startswith("第")]) == N_READ


@pytest.mark.parametrize(
    "texts", [["。", "…… ！", *FILLERS_ZH], ["\n\n", " \u3000 "]], ids=["marks", "blank"]
)
def test_passages_without_a_sentence_are_no_harm(texts):
    hits = ask(rows([*texts, ZH_RIGHT]), ASKED["zh"][0], encode=ENCODER.encode)
    assert all(0 <= hit.score <= 1 for hit in hits.values())


def test_an_embedder_that_has_to_be_waited_for_embeds_the_question_alone(tmp_path):
    question, right, others = ASKED["zh"]
    asked = []

    def embed(texts):
        asked.append(list(texts))
        return ENCODER.encode(texts)

    with polymem.Memory(tmp_path / "m.db", embedder=embed) as memory:
        for text in (right, *others):
            memory.add([{"role": "document", "content": text}], user_id="a", infer=False)
        asked.clear()
        assert memory.search(question, user_id="a")
    assert not {text for batch in asked for text in batch} & set(sentences(right))


@pytest.mark.parametrize("language", ASKED)
def test_the_default_store_reads_sentences(tmp_path, language):
    question, right, others = ASKED[language]
    with polymem.Memory(tmp_path / "m.db") as memory:
        for text in (*others, right):
            memory.add([{"role": "document", "content": text}], user_id="a", infer=False)
        first, *_ = memory.search(question, user_id="a")
    assert first.item.text == right


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ()),
        (" \n\u3000 ", ()),
        ("a", ("a",)),
        ("没有句号的一句话", ("没有句号的一句话",)),
        ("He paid $1.50 to Mr. Xu. 他走了，再也没有回来。The end came.", None),
        ("好。" * 50, None),
        ("A long sentence stands here. " * 50, None),
    ],
)
def test_sentences_are_few_and_leave_nothing_out_in_between(text, expected):
    found = sentences(text)
    assert len(found) <= MAX_SENTENCES
    assert "".join(text.split()).startswith("".join("".join(found).split()))
    if expected is not None:
        assert found == expected
