"""Settings are used or refused, never passed over."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from polymem import Memory
from polymem.errors import ConfigError
from polymem.testing.fakes import WordEmbedder


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POLYMEM_HOME", str(tmp_path))


@pytest.mark.parametrize("config", [[], 5, b"x", ("store", 1), True])
def test_what_is_no_configuration_is_refused(config: Any) -> None:
    for make in (Memory.from_config, lambda given: Memory(config=given)):
        with pytest.raises(ConfigError) as caught:
            make(config)
        assert caught.value.argument == "config"


@pytest.mark.parametrize(
    ("name", "value"),
    [("model", "m"), ("base_url", "http://h/v1"), ("api_key", "k"), ("api_key_env", "K"), ("timeout_s", 5.0)],
)
def test_settings_of_an_endpoint_do_not_go_with_the_static_encoder(
    name: str, value: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for embedder in ({name: value}, {name: value, "provider": "static"}):
        with pytest.raises(ConfigError) as caught:
            Memory.from_config({"embedder": embedder})
        assert caught.value.setting == f"embedder.{name}"
    Memory.from_config({"embedder": {name: None, "provider": "static"}}).close()
    monkeypatch.setenv(f"POLYMEM__EMBEDDER__{name.upper()}", str(value))
    with pytest.raises(ConfigError):
        Memory()
    # Whoever decides on the provider nearer to the call, or brings an embedder, need not clear what stands elsewhere.
    Memory(config={"embedder": {"provider": "static"}}).close()
    Memory(tmp_path / "own.db", embedder=WordEmbedder()).close()
