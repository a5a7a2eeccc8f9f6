"""Lists, tables, truth values and bounds of settings, from the call, a file and the environment."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from polymem.client import values
from polymem.client.config import load_config
from polymem.client.settings import SETTINGS, Setting
from polymem.errors import ConfigError

TRIAL = {
    "trial.flag": Setting(bool, False, "a flag"),
    "trial.words": Setting(list, (), "words"),
    "trial.modes": Setting(list, (), "modes", choices=("a", "b")),
    "trial.table": Setting(dict, (), "a table"),
    "trial.share": Setting(float, 0.5, "a share", most=1),
    "trial.count": Setting(int, 1, "a count"),
}


@pytest.fixture(autouse=True)
def _trial(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    known: Mapping[str, Setting] = {**SETTINGS, **TRIAL}
    monkeypatch.setenv("POLYMEM_HOME", str(tmp_path))
    for module in (values, __import__("polymem.client.config", fromlist=["SETTINGS"])):
        monkeypatch.setattr(module, "SETTINGS", known)


@pytest.mark.parametrize(
    ("name", "given", "read"),
    [
        ("flag", True, True),
        ("words", ["tea", "茶"], ("tea", "茶")),
        ("words", (), ()),
        ("words", None, ()),
        ("modes", ["b", "a"], ("b", "a")),
        (
            "table",
            {"food": "what is eaten", "旅行": "去过哪里"},
            (("food", "what is eaten"), ("旅行", "去过哪里")),
        ),
        ("table", ["food", "旅行"], (("food", ""), ("旅行", ""))),
        (
            "table",
            [{"food": "what is eaten"}, {"work": "jobs"}],
            (("food", "what is eaten"), ("work", "jobs")),
        ),
        ("table", {}, ()),
        ("share", 1, 1),
    ],
)
def test_what_is_given_has_one_form(name: str, given: Any, read: Any) -> None:
    assert load_config({"trial": {name: given}})[f"trial.{name}"] == read
    assert load_config({f"trial.{name}": given})[f"trial.{name}"] == read


@pytest.mark.parametrize(
    ("name", "given"),
    [
        *[("flag", bad) for bad in (1, 0, "true", [], 1.0)],
        *[("words", bad) for bad in ("tea", b"tea", [1], ["", "tea"], [" "], {"tea": "x"}, True, [None])],
        *[("modes", bad) for bad in (["a", "c"], "a")],
        *[
            ("table", bad)
            for bad in ("food", [1], {"food": 1}, {"": "x"}, [{"a": "x"}, {"a": "y"}], {1: "x"}, True)
        ],
        *[("share", bad) for bad in (1.01, -0.1, float("nan"), float("inf"), "0.5", True)],
        *[("count", bad) for bad in (1.0, True, "1")],
    ],
)
def test_what_cannot_be_used_is_named(name: str, given: Any) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config({"trial": {name: given}})
    assert caught.value.setting == f"trial.{name}"
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    ("name", "text", "read"),
    [
        ("flag", "true", True),
        ("flag", "False", False),
        ("flag", "1", True),
        ("flag", "0", False),
        ("words", '["tea", "茶"]', ("tea", "茶")),
        ("table", '{"食物": "吃什么"}', (("食物", "吃什么"),)),
        ("share", "0.25", 0.25),
    ],
)
def test_the_environment_holds_json(name: str, text: str, read: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"POLYMEM__TRIAL__{name.upper()}", text)
    settings = load_config()
    assert settings[f"trial.{name}"] == read
    assert settings.origin(f"trial.{name}") == "environment"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("flag", "maybe"),
        ("flag", ""),
        ("words", "tea,茶"),
        ("words", '"tea"'),
        ("table", "{"),
        ("share", "half"),
    ],
)
def test_what_the_environment_cannot_say(name: str, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"POLYMEM__TRIAL__{name.upper()}", text)
    with pytest.raises(ConfigError) as caught:
        load_config()
    assert caught.value.setting == f"trial.{name}"


def test_a_file_holds_lists_and_tables(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(
        '[trial]\nflag = true\nwords = ["茶"]\n[trial.table]\nfood = "吃什么"\n', encoding="utf-8"
    )
    settings = load_config(file)
    assert settings["trial.flag"] is True
    assert settings["trial.words"] == ("茶",)
    assert settings["trial.table"] == (("food", "吃什么"),)


def test_a_config_within_a_section_is_folded() -> None:
    nested = {
        "embedder": {
            "provider": "openai",
            "config": {"model": "m", "embedding_dims": 8, "openai_base_url": "u"},
        }
    }
    assert values.flat(nested) == {
        "embedder.provider": "openai",
        "embedder.model": "m",
        "embedder.dim": 8,
        "embedder.base_url": "u",
    }


@pytest.mark.parametrize(
    "given",
    [
        {"store": {"path": "a"}, "store.path": "b"},
        {"embedder": {"model": "a", "config": {"model": "b"}}},
    ],
)
def test_what_is_said_twice_is_refused(given: Any) -> None:
    with pytest.raises(ConfigError, match="twice"):
        load_config(given)


@pytest.mark.parametrize(
    "given", [{"config": {"path": "x"}}, {"store": {"config": "x"}}, {"store": {"openai_base_url": "x"}}]
)
def test_a_config_elsewhere_is_unknown(given: Any) -> None:
    with pytest.raises(ConfigError, match="unknown"):
        load_config(given)
