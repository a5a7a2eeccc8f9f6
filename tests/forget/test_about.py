"""What a name is, and what only looks like it, in English and Chinese."""

from __future__ import annotations

import pytest

from polymem import Memory
from polymem.errors import InputError
from polymem.forget.about import Name

IS = (
    *(
        ("ann", "Ann’s cat"),
        ("ann", "I met ANN and Bob."),
        ("ann", "hi @Ann!"),
        ("ann", "我和Ann去了"),
        ("ann", "Ａｎｎ came"),
    ),
    *(("ann@x.org", "write ann@x.org."), ("ann@x.org", "邮箱是ann@x.org。"), ("ann@x.org", "<ann@x.org>")),
    *(("555-1234", "call 555-1234 now"), ("id-12", "(id-12)"), ("13800138000", "电话13800138000，谢谢")),
    *(
        ("王芳", "我和王芳去了"),
        ("王芳", "王芳没去"),
        ("王芳", "我和王芳芳去了，王芳没去"),
        ("张伟", "張偉來了"),
    ),
)
IS_NOT = (
    *(
        ("ann", "Anna"),
        ("ann", "Joann"),
        ("ann", "Ann-Marie"),
        ("ann", "mail ann@x.org"),
        ("ann", "D'Ann"),
        ("ann", "annual"),
    ),
    *(("ann@x.org", "joann@x.org"), ("ann@x.org", "ann@x.org.au"), ("ann@x.org", "b.ann@x.org")),
    *(("555-1234", "555-12345"), ("555-1234", "1-555-1234"), ("id-12", "id-123"), ("id-12", "id-12-b")),
    *(("13800138000", "138001380001"), ("0701 22 33", "0701 22 334")),
    *(("王芳", "王芳芳喜欢茶"), ("王芳", "我的同事王芳华说"), ("张伟", "张伟伟")),
)


@pytest.mark.parametrize(("name", "text"), IS)
def test_a_name_is_found(name: str, text: str) -> None:
    assert Name(name).is_in(text)


@pytest.mark.parametrize(("name", "text"), IS_NOT)
def test_a_longer_name_is_another(name: str, text: str) -> None:
    assert not Name(name).is_in(text)


def test_a_longer_name_that_is_known_is_another_without_a_sign() -> None:
    assert Name("林海").is_in("林海音写的")
    assert not Name("林海", ("林海音",)).is_in("林海音写的")


@pytest.mark.parametrize("name", ["", " ", "*", "%", "。", 5, b"Ann", ["Ann"]])
def test_what_is_no_name_is_refused(memory: Memory, name: object) -> None:
    memory.add("I met Ann.", user_id="u")
    with pytest.raises(InputError) as caught:
        memory.forget(user_id="u", about=name)  # type: ignore[arg-type]
    assert caught.value.argument == "about"
    assert len(memory.get_all(user_id="u", kinds=["episode"])) == 1


def test_words_metadata_speakers_and_old_versions_speak_of_a_name(memory: Memory) -> None:
    said = memory.add("Ann likes tea.", user_id="u").items[0]
    noted = memory.add("A note", user_id="u", metadata={"with": ["Ann", "小红"]}).items[0]
    spoke = memory.add({"role": "user", "name": "Ann", "content": "Hello all"}, user_id="u").items[0]
    old = memory.add("Lunch with Ann", user_id="u").items[0]
    memory.update(old.id, "Lunch with nobody")
    deleted = memory.add("Ann was here", user_id="u").items[0]
    memory.delete(deleted.id)
    put_away = memory.add("Ann sang", user_id="u").items[0]
    memory.archive(put_away.id)
    stays = memory.add("Anna likes tea, too.", user_id="u").items[0]
    other = memory.add("Ann, of somebody else", user_id="v").items[0]
    receipt = memory.forget(user_id="u", about="ann")
    assert {said.id, noted.id, spoke.id, old.id, deleted.id, put_away.id} <= set(receipt.erased)
    assert stays.id not in receipt.erased
    assert memory.get(stays.id) is not None
    assert memory.get(other.id) is not None
    assert memory.verify_erasure(receipt) == []


def test_the_owner_is_found_by_words_alone(memory: Memory) -> None:
    named = memory.add("My name is Alice.", user_id="alice").items[0]
    kept = memory.add("I like tea", user_id="alice").items[0]
    receipt = memory.forget(user_id="alice", about="Alice")
    assert named.id in receipt.erased
    assert kept.id not in receipt.erased


def test_a_narrower_scope_forgets_its_own(memory: Memory) -> None:
    first = memory.add("Ann sang", user_id="u", run_id="r1").items[0]
    second = memory.add("王芳和Ann sang", user_id="u", run_id="r2").items[0]
    assert first.id in memory.forget(user_id="u", run_id="r1", about="Ann").erased
    assert memory.get(second.id) is not None
