"""A memory in one language is found by a question in the other, whatever the encoder; the words of the question are not kept."""

import numpy as np
import pytest

from polymem import Memory

NOTES = {
    "zh": ("我姐姐对花生过敏。", "地铁因为洪水停运了。", "議會對一項新稅進行了表決。"),
    "en": (
        "My sister is allergic to peanuts.",
        "The subway was closed by a flood.",
        "The parliament voted on a tax.",
    ),
}
QUESTIONS = {
    "en": ("Any allergies of my sister?", "Tell me about the subway.", "Any news of the parliament?"),
    "zh": ("我姐姐过敏吗？", "地铁怎么样了？", "议会的税怎么样了？"),
}


def blind(texts):
    """An encoder to which all texts are alike."""
    return np.ones((len(texts), 4))


@pytest.mark.parametrize(("stored", "asked"), [("zh", "en"), ("en", "zh"), ("en", "en"), ("zh", "zh")])
@pytest.mark.parametrize("embedder", [None, blind])
def test_a_question_finds_what_was_said_in_the_other_language(tmp_path, stored, asked, embedder):
    with Memory(tmp_path / "m.db", embedder=embedder) as m:
        for note in NOTES[stored]:
            m.add(note, user_id="ann", infer=False)
        for note, question in zip(NOTES[stored], QUESTIONS[asked], strict=True):
            assert m.search(question, user_id="ann").hits[0].item.text == note
            assert note in m.context(question, user_id="ann", limit=1)


def test_passages_are_found_likewise(tmp_path):
    with Memory(tmp_path / "m.db", embedder=blind) as m:
        for note in NOTES["zh"]:
            m.add([{"role": "document", "content": note}], user_id="ann", infer=False)
        for note, question in zip(NOTES["zh"], QUESTIONS["en"], strict=True):
            assert m.search(question, user_id="ann").hits[0].item.text == note


def test_another_scope_says_nothing_of_what_is_rare(tmp_path):
    """The rarity of a translation is counted within the partition."""

    def scores(m):
        return [hit.score for hit in m.search(QUESTIONS["en"][1], user_id="ann", mode="hybrid")]

    with Memory(tmp_path / "m.db", embedder=blind) as m:
        for note in NOTES["zh"]:
            m.add(note, user_id="ann", infer=False, timestamp="2024-05-01T00:00:00Z")
        before = scores(m)
        for n in range(5):
            m.add(f"地铁第{n}站", user_id="bob", infer=False)
        assert scores(m) == pytest.approx(before, rel=1e-6)
