"""Every command, for people and for programs."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

from polymem import Item
from tests.cli.conftest import Run

ADA = ("--user", "ada")


def test_what_was_added_is_found_in_both_languages(run: Run, told: dict[str, Any]):
    shown = run("search", "花生", *ADA)
    assert shown.code == 0
    assert "我喜欢喝茶，我对花生过敏。" in shown.out
    assert re.search("[▏▎▍▌▋▊▉█]", shown.out)
    found = run("search", "Where did I move?", *ADA, "--limit", "2", "--json").json
    assert found["hits"][0]["item"]["text"] == "I moved to Porto last week."
    assert len(found["hits"]) == 2
    assert found["relations"][0].keys() >= {"subject", "predicate", "object"}


def test_explain_shows_signals_and_what_was_left_out(run: Run, told: dict[str, Any]):
    shown = run("search", "花生过敏", *ADA, "--explain").out
    assert "own" in shown
    assert "base" in shown
    assert "left out: superseded 1" in shown
    signals = run("search", "花生过敏", *ADA, "--explain", "--json").json["hits"][0]["signals"]
    assert signals["own"] > 0


def test_columns_with_chinese_line_up(run: Run, told: dict[str, Any]):
    lines = [line for line in run("profile", *ADA).out.splitlines() if re.search(r"\d{4}-\d\d-\d\d$", line)]
    assert {"花生", "茶", "Porto"} <= {line.split()[-2] for line in lines}
    widths = {len(line) + sum(ord(character) > 0x2E80 for character in line) for line in lines}
    assert len(widths) == 1


def test_a_narrow_terminal_shows_the_words(run: Run, told: dict[str, Any], monkeypatch: pytest.MonkeyPatch):
    for width in (10, 20, 39, 40):
        monkeypatch.setenv("COLUMNS", str(width))
        shown = run("search", "peanuts", *ADA, "--kind", "episode").out
        assert "花生" in shown.replace("\n", "").replace(" ", "")
        assert max(cell_len(line) for line in shown.splitlines()) <= width


def test_times_as_unix_seconds(run: Run, told: dict[str, Any]):
    for seconds, place in (("1736600000", "Lisbon"), ("1746600000.5", "Porto")):
        held = run("graph", *ADA, "--as-of", seconds, "--json").json
        assert [r["object"] for r in held if r["predicate"] == "lives_in"] == [place]
    assert run("search", "Lisbon", *ADA, "--known-at", "1736600000", "--json").json["hits"] == []
    assert run("search", "Lisbon", *ADA, "--as-of", "nan").code == 2


def test_a_search_in_the_past_and_by_kind(run: Run, told: dict[str, Any]):
    then = run("search", "live", *ADA, "--as-of", "2025-02-01", "--kind", "fact", "--json").json
    assert then["hits"][0]["item"]["text"] == "I live in Lisbon"
    now = run("search", "live", *ADA, "--kind", "fact", "--json").json
    assert "I live in Lisbon" not in [hit["item"]["text"] for hit in now["hits"]]
    assert run("search", "茶", *ADA, "--filter", '{"kind": "preference"}', "--json").json["hits"]


def test_nothing_found_is_an_answer(run: Run, told: dict[str, Any]):
    assert run("search", "tea", "--user", "nobody").code == 0
    assert run("search", "tea", "--user", "nobody", "--json").json["hits"] == []


def test_the_context_block_is_not_wrapped(run: Run, told: dict[str, Any]):
    block = run("context", "Where does Ada live?", *ADA).out
    assert block.startswith("<recalled-memory>\n")
    assert block.rstrip().endswith("</recalled-memory>")
    assert run("context", "Where does Ada live?", *ADA, "--json").json["context"] == block.rstrip("\n")


def test_pages_follow_one_another(run: Run, told: dict[str, Any]):
    first = run("list", *ADA, "--limit", "2", "--json").json
    second = run("list", *ADA, "--limit", "2", "--json", "--cursor", first["cursor"]).json
    ids = [item["id"] for item in first["items"] + second["items"]]
    assert len(set(ids)) == 4
    lines = run("list", *ADA, "--limit", "2", "--json", "--all").out.splitlines()
    assert [json.loads(line)["id"] for line in lines][:4] == ids
    shown = run("list", *ADA, "--limit", "2")
    assert f"--cursor {first['cursor']}" in shown.err
    assert "--cursor" not in shown.out


def test_an_item_with_all_it_carries(run: Run, told: dict[str, Any]):
    item_id = told["I live in Lisbon"]
    shown = run("get", item_id).out
    assert "I live in Lisbon" in shown
    assert "replaced by" in shown
    document = run("get", item_id, "--json").json
    assert list(document) == list(Item.__slots__)
    assert document["valid_at"] == "2025-01-10T00:00:00Z"


def test_the_history_of_a_superseded_fact(run: Run, told: dict[str, Any]):
    shown = run("history", told["I live in Lisbon"]).out
    assert "superseded" in shown
    assert "Replaced by: I moved to Porto last week" in shown
    assert [e["name"] for e in run("history", told["I live in Lisbon"], "--json").json] == [
        "ADD",
        "SUPERSEDE",
    ]


def test_an_update_shows_as_a_difference(run: Run, told: dict[str, Any]):
    item_id = told["我喜欢喝茶，我对花生过敏。"]
    assert run("update", item_id, "我喜欢喝咖啡，我对花生过敏。").code == 0
    assert "我喜欢喝[-茶-]{+咖啡+}，我对花生过敏。" in run("history", item_id).out
    changed = run("update", item_id, "--metadata", '{"k": [1]}', "--importance", "0.9", "--json").json
    assert (changed["metadata"], changed["importance"], changed["version"]) == ({"k": [1]}, 0.9, 3)
    assert (
        run("update", item_id, "--expires-at", "2999-01-01", "--json").json["expires_at"]
        == "2999-01-01T00:00:00Z"
    )
    assert run("update", item_id, "--expires-at", "never", "--json").json["expires_at"] is None


def test_profile_and_entities(run: Run, told: dict[str, Any]):
    assert run("profile", *ADA, "--json").json["residence"]["value"] == "Porto"
    assert {"Porto", "Ines"} <= {entity["name"] for entity in run("entities", *ADA, "--json").json}
    assert "Ines" in run("entities", *ADA).out
    assert run("profile", "--user", "nobody").code == 0


def test_the_graph_as_tree_dot_and_page(run: Run, told: dict[str, Any], home: Path):
    tree = run("graph", *ADA).out
    assert "lives in Porto" in tree
    assert "过敏于 花生" in tree
    assert run("graph", *ADA, "--dot", str(home / "g.dot"), "--html", str(home / "g.html")).code == 0
    assert '[label="花生"]' in (home / "g.dot").read_text("utf-8")
    assert ">花生</text>" in (home / "g.html").read_text("utf-8")
    only = run("graph", "Ines", *ADA, "--json").json
    assert [(r["predicate"], r["object"]) for r in only] == [("sister", "Ines")]


def test_a_drawing_goes_to_standard_output(
    run: Run, told: dict[str, Any], home: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(home)
    for option, beginning in (("--dot", "digraph"), ("--html", "<!")):
        shown = run("graph", *ADA, option, "-")
        assert shown.code == 0
        assert shown.out.startswith(beginning)
    assert not (home / "-").exists()
    assert run("graph", *ADA, "--dot", "-", "--html", "-").code == 2
    assert run("graph", *ADA, "--dot", "-", "--json").code == 2


def test_no_file_is_written_over_the_store(run: Run, told: dict[str, Any], home: Path):
    for words in (("export",), ("graph", *ADA, "--dot"), ("graph", *ADA, "--html")):
        done = run(*words, str(home / "memory.db"))
        assert done.code == 2
        assert "is a store" in done.err
    assert run("verify").code == 0


def test_deleting_keeps_the_history(run: Run, told: dict[str, Any]):
    item_id = told["I moved to Porto last week."]
    assert run("delete", item_id, *ADA).code == 0
    assert run("get", item_id).code == 1
    assert run("history", item_id, "--json").json[-1]["name"] == "DELETE"
    assert run("delete-all", *ADA, "--yes", "--json").json["n_deleted"] > 0
    assert run("list", *ADA, "--json").json["items"] == []


def test_deleting_goes_on_past_what_is_not_there(run: Run, told: dict[str, Any]):
    lives, tea = told["I live in Lisbon"], told["我喜欢喝茶，我对花生过敏。"]
    done = run("delete", "nope", lives, "nor this", lives)
    assert done.code == 1
    assert done.out == ""
    assert "Deleted 1" in done.err
    assert "no such item in this scope: nope, nor this." in done.err
    assert run("get", lives).code == 1
    fallen = run("list", *ADA, "--all", "--json", "--filter", '{"text": {"contains": "花生"}}').out
    derived = [item["id"] for item in map(json.loads, fallen.splitlines()) if item["id"] != tea]
    assert derived
    machine = run("delete", tea, *derived, "nope", "--json")
    assert machine.code == 1
    assert machine.json == {"deleted": [tea, *derived]}
    assert machine.error["facts"] == {"item_id": "nope"}
    assert run("list", *ADA, "--json", "--filter", '{"text": {"contains": "花生"}}').json["items"] == []


def test_forgetting_gives_a_receipt(run: Run, told: dict[str, Any]):
    would = run("forget", *ADA, "--before", "2025-03-01", "--dry-run", "--json").json
    assert would["dry_run"]
    assert run("get", told["I live in Lisbon"]).code == 0
    done = run("forget", *ADA, "--before", "2025-03-01", "--yes", "--json").json
    assert set(done["erased"]) >= set(would["erased"])
    assert run("get", told["I live in Lisbon"]).code == 1
    assert "receipt" in run("forget", *ADA, "--everything", "--yes").out


def test_export_and_import_move_everything(run: Run, told: dict[str, Any], home: Path):
    file = home / "all.jsonl"
    n = run("export", str(file), "--json").json["n_records"]
    assert n == len(file.read_text("utf-8").splitlines())
    moved = run("import", str(file), "--store", str(home / "other.db"), "--json").json
    assert moved["n_new"] > 0
    again = run("import", str(file), "--store", str(home / "other.db"), "--json").json
    assert again["n_new"] == 0
    stored = run("list", *ADA, "--all", "--json", "--known-at", "2999-01-01").out.splitlines()
    assert moved["n_new"] >= len(stored)
    said = run("import", str(file), "--store", str(home / "third.db")).err
    assert f"Read {n} records; items that are new: {moved['n_new']}." in said
    there = run("search", "花生", *ADA, "--store", str(home / "other.db"), "--json").json
    assert "花生" in there["hits"][0]["item"]["text"]


def test_looking_after_the_store(run: Run, told: dict[str, Any], home: Path):
    assert run("verify").code == 0
    assert run("verify", "--json", *ADA).json == []
    assert run("rebuild", "--json").json == []
    assert run("stats", "--json").json["n_scopes"] == 1
    assert "episode 3" in run("stats", *ADA).out
    assert run("backup", str(home / "copy.db"), "--json").json["bytes"] > 0
    assert run("verify", "--store", str(home / "copy.db")).code == 0
    assert run("backup", str(home / "copy.db")).code == 2


def test_config_tells_values_and_origins(run: Run, home: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("POLYMEM__EMBEDDER__API_KEY", "sk-secret")
    (home / "c.toml").write_text("[store]\ncache_mb = 64\n", encoding="utf-8")
    shown = run("config", "--config", str(home / "c.toml"), "--store", "x.db", "--json")
    rows = {row["setting"]: (row["value"], row["origin"]) for row in shown.json["settings"]}
    assert rows["store.path"] == ("x.db", "call")
    assert rows["store.cache_mb"] == (64, "file")
    assert rows["embedder.api_key"] == ("********", "environment")
    assert rows["time.zone"] == ("UTC", "default")
    assert "sk-secret" not in shown.out + run("config").out


def test_common_options_may_stand_before_the_command(run: Run, home: Path):
    store = str(home / "elsewhere.db")
    assert run("--store", store, "add", "I love tea.", *ADA).code == 0
    assert run("--json", "--store", store, "list", *ADA).json["items"]
    assert not (home / "memory.db").exists()


def test_version_and_help(run: Run):
    assert run("--version").out.startswith("polymem 0.")
    shown = " ".join(run("--help").out.split())
    assert "Exit codes: 0 done; 1 no such item" in shown
    assert run("search", "--help").code == 0
