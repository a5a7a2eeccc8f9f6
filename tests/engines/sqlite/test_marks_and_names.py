"""What an episode is marked as, and the names that erased rows gave, agree with what is left."""

from __future__ import annotations

from pathlib import Path

import pytest

from polymem import Memory
from polymem.domain.statement import Extraction, Mention, Statement
from polymem.testing.fakes import ScriptedExtractor, WordEmbedder


def stated(subject: str, thing: str, at: int) -> Statement:
    return Statement(subject, "lives_in", thing, thing.casefold(), "fact", True, thing, (at, at + 1))


@pytest.mark.parametrize(("subject", "towns"), [("Robert", ("Paris", "Rome")), ("王芳", ("北京", "上海"))])
def test_a_message_that_corrects_itself_is_current(
    tmp_path: Path, subject: str, towns: tuple[str, str]
) -> None:
    """A fact that ends another one of its own message leaves the message as current as itself."""
    said = Extraction(tuple(stated(subject, town, n) for n, town in enumerate(towns)))
    model = ScriptedExtractor({"both": said}, name="twice/1")
    with Memory(tmp_path / "m.db", embedder=WordEmbedder(), extractor=model) as memory:
        memory.add("both", user_id="u")
        assert memory.verify() == []
        assert [item.text for item in memory.get_all(user_id="u", kinds=["fact"])] == [towns[1]]


@pytest.mark.parametrize("name", ["Annabel", "王芳芳"])
def test_a_name_from_what_was_deleted_before_it_was_erased(tmp_path: Path, name: str) -> None:
    """What was deleted names nobody any more; erasing it later takes the spelling that it gave all the same."""
    script = {
        "first": Extraction(mentions=(Mention(name.upper(), "person"),)),
        f"{name} again": Extraction(mentions=(Mention(name, "person"),)),
    }
    model = ScriptedExtractor(script, name="names/1")
    with Memory(tmp_path / "m.db", embedder=WordEmbedder(), extractor=model) as memory:
        first = memory.add("first", user_id="u").items[0]
        memory.add(f"{name} again", user_id="u")
        memory.delete(first.id)
        receipt = memory.forget(first.id)
        assert memory.verify_erasure(receipt) == []
        assert [entity.name for entity in memory.entities(user_id="u")] == [name]


@pytest.mark.parametrize(("name", "town"), [("Ann", "Lyon"), ("小红", "上海")])
def test_what_is_said_of_one_who_was_merged_with_the_owner(tmp_path: Path, name: str, town: str) -> None:
    """After a merge with the owner a new fact under the other name is a detail of the owner too."""
    script = {
        "me": Extraction((Statement("self", "likes", "tea", "tea", "preference", True, "tea", (0, 2)),)),
        "them": Extraction(mentions=(Mention(name, "person"),)),
        "news": Extraction((stated(name, town, 0),)),
    }
    model = ScriptedExtractor(script, name="owner/1")
    with Memory(tmp_path / "m.db", embedder=WordEmbedder(), extractor=model) as memory:
        memory.add("me", user_id="u")
        memory.add("them", user_id="u")
        known = {entity.name: entity.id for entity in memory.entities(user_id="u")}
        memory.merge_entities(known["u"], known[name], user_id="u")
        memory.add("news", user_id="u")
        assert memory.verify() == []
        assert town in str(memory.profile(user_id="u"))


@pytest.mark.parametrize(("name", "towns"), [("Ann", ("Rome", "Oslo")), ("小红", ("上海", "北京"))])
def test_a_denial_that_is_reworded_lets_go_of_what_it_ended(
    tmp_path: Path, name: str, towns: tuple[str, str]
) -> None:
    """What a denial had ended, that was outdated itself, ends where what comes next begins once the denial is gone."""
    first, then = towns
    denied = Statement(name, "lives_in", first, first.casefold(), "fact", False, "denied", (0, 1))
    script = {
        "first": Extraction((stated(name, first, 0),)),
        "denied": Extraction((denied,)),
        "then": Extraction((stated(name, then, 0),)),
        "again": Extraction((stated(name, first, 0),)),
    }
    model = ScriptedExtractor(script, name="denial/1")
    with Memory(tmp_path / "m.db", embedder=WordEmbedder(), extractor=model) as memory:
        memory.add("first", user_id="u", timestamp="2023-01-01")
        denial = memory.add("denied", user_id="u", timestamp="2023-02-01").items[0]
        memory.add("again", user_id="u", timestamp="2023-06-01")
        memory.add("then", user_id="u", timestamp="2023-04-01")
        memory.update(denial.id, "nothing")
        assert memory.verify() == []
        held = [
            str(fact.valid_at.date())
            for fact in memory.get_all(user_id="u", as_of="2023-03-01", kinds=["fact"])
        ]
        assert held == ["2023-01-01"]
