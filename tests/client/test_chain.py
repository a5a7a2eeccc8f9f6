"""The chain of events shows what was done to the history behind its back."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from polymem import Memory
from polymem.domain.event import ChainHead
from polymem.engines.sqlite.chain import commit_to, link_after
from polymem.errors import InputError, ScopeError

EDITS = {
    "edited: reason": "UPDATE event SET reason = 'innocent' WHERE n = 2",
    "edited: actor": "UPDATE event SET actor = '别人' WHERE n = 2",
    "edited: name": "UPDATE event SET name = 1 WHERE n = 2",
    "edited: time": "UPDATE event SET at = at + 1 WHERE n = 2",
    "edited: item": "UPDATE event SET item = (SELECT item FROM event WHERE n = 3) WHERE n = 2",
    "edited: commitment": "UPDATE event SET commitment = (SELECT commitment FROM event WHERE n = 3) WHERE n = 2",
    "edited: link": "UPDATE event SET link = (SELECT link FROM event WHERE n = 3) WHERE n = 2",
    "edited: text": "UPDATE item SET text = 'I like coffee' WHERE rid & 16777215 = 1",
    "removed: middle": "DELETE FROM event WHERE n = 3",
    "removed: first": "DELETE FROM event WHERE n = 1",
    "removed: last": "DELETE FROM event WHERE n = (SELECT max(n) FROM event)",
    "removed: all": "DELETE FROM event",
    "reordered": "UPDATE event SET n = CASE n WHEN 2 THEN -3 WHEN 3 THEN -2 END WHERE n IN (2, 3); UPDATE event SET n = -n WHERE n < 0",
    "appended": (
        "INSERT INTO event SELECT partition, n + 1, item, name, at, actor, reason, old_version, new_version, salt, "
        "commitment, link FROM event ORDER BY n DESC LIMIT 1"
    ),
    "inserted": (
        "UPDATE event SET n = -(n + 1) WHERE n >= 3; UPDATE event SET n = -n WHERE n < 0; INSERT INTO event "
        "SELECT partition, 3, item, name, at, actor, reason, old_version, new_version, salt, commitment, link "
        "FROM event WHERE n = 2"
    ),
}


@pytest.fixture
def told(memory: Memory) -> Memory:
    for text in ("I like tea", "我住在北京。", "I live in Rome.", "One more"):
        memory.add(text, user_id="u")
    assert memory.verify() == []
    return memory


def edit(path: Path, script: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(script)


@pytest.mark.parametrize("what", EDITS)
def test_an_edit_behind_its_back_is_found(told: Memory, path: Path, what: str) -> None:
    edit(path, EDITS[what])
    assert "event" in {found.face for found in told.verify()}
    assert "event" in {found.face for found in told.verify(user_id="u")}


def cut(path: Path, *, to: int) -> None:
    """Cut the history of the only partition with all that counts it, as who knows the format would."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DELETE FROM event WHERE n > ?", (to,))
        connection.execute(
            "UPDATE partition SET n_events = ?, head = (SELECT link FROM event WHERE n = ?)", (to, to)
        )
        connection.commit()


def rewrite(path: Path) -> None:
    """Give the first event another reason and make every link after it anew."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE event SET reason = 'made up' WHERE n = 1")
        head = b""
        for n, item, name, at, actor, reason, old, new, commitment in connection.execute(
            "SELECT n, item, name, at, actor, reason, old_version, new_version, commitment FROM event ORDER BY n"
        ).fetchall():
            head = link_after(
                head,
                n=n,
                name=name,
                at=at,
                versions=(old, new),
                item=item,
                notes=(actor, reason),
                commitment=commitment,
            )
            connection.execute("UPDATE event SET link = ? WHERE n = ?", (head, n))
        connection.execute("UPDATE partition SET head = ?", (head,))
        connection.commit()


def test_a_cut_history_shows_against_its_head_alone(memory: Memory, path: Path) -> None:
    memory.add("a", user_id="u", infer=False)
    kept = memory.add("b", user_id="u", infer=False).items[0]
    memory.update(kept.id, metadata={"n": 1})
    head = memory.chain_head(user_id="u")
    assert head.n == 3
    assert memory.verify(user_id="u", expected_head=head) == []
    cut(path, to=2)
    assert [f for f in memory.verify(user_id="u") if "chain" in f.problem] == []
    problems = {found.problem for found in memory.verify(user_id="u", expected_head=head)}
    assert "cut short since its head was noted" in problems


def test_a_history_made_anew_shows_against_its_head_alone(told: Memory, path: Path) -> None:
    head = told.chain_head(user_id="u")
    rewrite(path)
    assert told.verify(user_id="u") == []
    (found,) = told.verify(user_id="u", expected_head={"n": head.n, "link": head.link})
    assert found.problem == "another history than when its head was noted"


def test_what_comes_after_the_head_is_no_fault(told: Memory) -> None:
    head = told.chain_head(user_id="u")
    item = told.add("later", user_id="u", infer=False).items[0]
    told.forget(item.id)
    assert told.chain_head(user_id="u").n > head.n
    assert told.verify(user_id="u", expected_head=head) == []
    assert told.verify(user_id="u", expected_head=ChainHead(0, "")) == []


def test_the_head_is_that_of_stats(told: Memory) -> None:
    head, figures = told.chain_head(user_id="u"), told.stats(user_id="u")
    assert (head.n, head.link) == (figures["n_events"], figures["head"])
    assert told.chain_head(user_id="nobody") == ChainHead(0, "")
    assert told.scoped(user_id="u").chain_head() == head


def test_a_head_of_another_scope_does_not_fit(told: Memory) -> None:
    told.add("other", user_id="v", infer=False)
    head = told.chain_head(user_id="u")
    assert told.verify(user_id="v", expected_head=head) != []
    assert told.verify(user_id="nobody", expected_head=head) != []


@pytest.mark.parametrize(
    "head", ["x", 5, {}, {"n": 1}, {"n": "1", "link": ""}, {"n": -1, "link": ""}, {"n": True, "link": ""}]
)
def test_what_is_no_head_is_refused(told: Memory, head: Any) -> None:
    with pytest.raises(InputError) as caught:
        told.verify(user_id="u", expected_head=head)
    assert caught.value.argument == "expected_head"


def test_a_head_needs_a_whole_scope(told: Memory) -> None:
    with pytest.raises(InputError):
        told.verify(expected_head=told.chain_head(user_id="u"))
    with pytest.raises(ScopeError):
        told.chain_head(user_id="u", run_id="r")
    with pytest.raises(ScopeError):
        told.chain_head()


def test_an_erasure_leaves_nothing_to_guess_at(told: Memory, path: Path) -> None:
    item = told.add("我的密码是绿茶", user_id="u", infer=False).items[0]
    told.forget(item.id)
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute(
            "SELECT salt, commitment FROM event WHERE item = ? ORDER BY n",
            (bytes.fromhex(item.id.replace("-", "")),),
        ).fetchall()
    (added, erased) = rows
    assert added[0] is None
    assert commit_to(erased[0], "", "") == erased[1]
    assert told.verify() == []
