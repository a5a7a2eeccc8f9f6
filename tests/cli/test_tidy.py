"""Putting away, bringing back, policies, erasure by name and its proof, from the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run


@pytest.fixture
def ids(run: Run) -> dict[str, str]:
    for text in ("I live in Paris.", "我喜欢火锅。", "Ann likes tea.", "Anna likes coffee."):
        assert run("add", text, "--user", "u", "--json").code == 0
    items: list[dict[str, Any]] = run("list", "--user", "u", "-n", "100", "--json").json["items"]
    return {item["text"]: item["id"] for item in items}


def listed(run: Run, *more: str) -> set[str]:
    page = run("list", "--user", "u", "-n", "100", "--json", *more).json
    return {item["text"] for item in page["items"]}


def test_put_away_and_brought_back(run: Run, ids: dict[str, str]) -> None:
    name = ids["我喜欢火锅。"]
    assert run("archive", name, "--user", "u", "--json").json == {"archived": [name]}
    assert "我喜欢火锅。" not in listed(run)
    assert "我喜欢火锅。" in listed(run, "--archived")
    hits = run("search", "火锅", "--user", "u", "--archived", "--json").json["hits"]
    assert name in {hit["item"]["id"] for hit in hits}
    assert "archived" in run("get", name).out
    assert run("stats", "--user", "u", "--json").json["n_archived"] == 1
    assert run("restore", name).code == 0
    assert "我喜欢火锅。" in listed(run)
    assert run("reinforce", name).code == 0


def test_ids_that_are_not_there(run: Run, ids: dict[str, str]) -> None:
    for verb in ("archive", "restore", "reinforce"):
        assert run(verb, ids["Ann likes tea."], "--user", "v").code == 1
        assert run(verb, "nonsense").code == 1
        assert run(verb).code == 2


def test_tidy(run: Run, ids: dict[str, str]) -> None:
    ahead = ("--now", "2200-01-01", "--below", "0.5")
    planned = run("tidy", *ahead, "--dry-run", "--json").json
    assert planned["dry_run"]
    assert len(listed(run)) == len(ids)
    done = run("tidy", "--user", "u", *ahead, "--json").json
    assert set(done["archived"]["decay"]) == set(planned["archived"]["decay"]) == set(ids.values())
    assert listed(run) == set()
    assert "0 of 0 items put away" in run("tidy", "--user", "u", *ahead).err
    assert run("tidy", "--user", "u", "--below", "2").code == 3
    assert run("tidy", "--user", "u", "--curve", "steep").code == 3
    assert run("tidy", "--user", " ").code == 2


def test_forget_about_with_proof(run: Run, ids: dict[str, str], tmp_path: Path) -> None:
    planned = run("forget", "--user", "u", "--about", "ann", "--dry-run", "--json").json
    done = run("forget", "--user", "u", "--about", "ann", "--yes", "--json")
    receipt = done.json
    assert set(planned["erased"]) == set(receipt["erased"])
    assert ids["Ann likes tea."] in receipt["erased"]
    assert ids["Anna likes coffee."] not in receipt["erased"]
    file = tmp_path / "receipt.json"
    file.write_text(done.out, encoding="utf-8")
    for named in (str(file), receipt["tombstone_id"]):
        assert run("verify", "--erasure", named).code == 0
        assert run("verify", "--erasure", named, "--user", "u", "--json").json == []
        assert run("verify", "--erasure", named, "--user", "v").code == 1
    file.write_text(done.out.replace(receipt["link"], "0" * 64), encoding="utf-8")
    assert run("verify", "--erasure", str(file)).code == 1
    for broken in ("[]", "{}", "no json"):
        file.write_text(broken, encoding="utf-8")
        assert run("verify", "--erasure", str(file)).code == 2
    assert run("verify", "--erasure", "nonsense").code == 1


def test_the_head_of_a_chain(run: Run, ids: dict[str, str]) -> None:
    figures = run("stats", "--user", "u", "--json").json
    head = f"{figures['n_events']}:{figures['head']}"
    run("add", "more", "--user", "u")
    assert run("verify", "--user", "u", "--head", head).code == 0
    assert run("verify", "--user", "u", "--head", f"{figures['n_events']}:00").code == 1
    assert run("verify", "--user", "u", "--head", "99999:00").code == 1
    assert run("verify", "--user", "u", "--head", "first").code == 2
    assert run("verify", "--head", head).code == 2
