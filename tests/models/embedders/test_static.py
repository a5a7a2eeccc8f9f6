"""The default encoder: vectors, limits, threads, files."""

from __future__ import annotations

import asyncio
import hashlib
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from tokenizers import Tokenizer

from polymem.errors import ConfigError, InputError
from polymem.models.embedders.static import StaticEmbedder
from polymem.models.embedders.static.shipped import load
from polymem.ports.embedder import Embedder, SyncEmbedder, runs_in_process

TEXTS = [
    "The cat sat on the mat.",
    "一只猫坐在垫子上。",
    "Quarterly revenue grew by 12%.",
    "我妹妹在上海工作，她喜欢跑步和摄影。",
    "mixed 中英文 text, Marta's 2 Katzen und Привет 안녕 👍",
    "ok",
    "好",
] + [
    f"Turn {n}: on {n} May Tom met 老王 in Lisbon and they talked for {n} hours about 茶" for n in range(200)
]


@pytest.fixture(scope="module")
def encoder() -> StaticEmbedder:
    return StaticEmbedder()


def pooled(reference: Tokenizer, folder: Path, texts: list[str]) -> NDArray[np.float64]:
    """Sum the rows of the reference's ids in double precision."""
    table, scale = np.load(folder / "table.npy"), np.load(folder / "scale.npy").astype(np.float64)
    rows = []
    for text in texts:
        ids = reference.encode(text[:8192], add_special_tokens=False).ids[:512]
        total = (table[ids].astype(np.float64) * scale[ids, None]).sum(axis=0)
        rows.append(total / max(float(np.linalg.norm(total)), 1e-12))
    return np.array(rows)


def test_vectors_equal_the_reference(encoder, reference, weights_folder):
    texts = [*TEXTS, "猫" * 9_000, "the cat " * 2_000, "x" * 9_000, "", "…"]
    assert np.abs(encoder.encode(texts) - pooled(reference, weights_folder, texts)).max() < 1e-5


@given(st.lists(st.text(st.characters(codec="utf-8", max_codepoint=0xFFFF), max_size=60), max_size=4))
@settings(max_examples=200, deadline=None)
def test_rows_are_finite_and_unit_or_zero(encoder, texts):
    vectors = encoder.encode(texts)
    assert vectors.shape == (len(texts), 256)
    assert vectors.dtype == np.float32
    norms = np.linalg.norm(vectors, axis=1)
    assert all(norm == 0 or abs(norm - 1) < 1e-5 for norm in norms)


@pytest.mark.parametrize("text", ["", "   \n", "!!! …。？", "👍🎉", "\ud800", "\x00"])
def test_nothing_known_gives_the_zero_row(encoder, text):
    vectors = encoder.encode([text, "猫"])
    assert not vectors[0].any()
    assert abs(np.linalg.norm(vectors[1]) - 1) < 1e-6


def test_a_text_has_the_same_bits_in_any_company(encoder):
    together = encoder.encode(TEXTS)
    alone = np.concatenate([encoder.encode([text]) for text in reversed(TEXTS)])[::-1]
    assert together.tobytes() == alone.tobytes()


def test_meaning_crosses_languages(encoder):
    cat, zh_cat, rent, zh_rent = encoder.encode(
        [
            "My cat is ill and sees the vet.",
            "我的猫生病了，要去看兽医。",
            "The rent rises in July.",
            "七月份房租要涨价。",
        ]
    )
    assert min(cat @ zh_cat, rent @ zh_rent) > max(cat @ zh_rent, rent @ zh_cat) + 0.2


@pytest.mark.parametrize("dim", [128, 64])
def test_narrow_vectors_are_prefixes(encoder, dim):
    narrow = StaticEmbedder(dim=dim)
    prefix = encoder.encode(TEXTS)[:, :dim]
    expected = prefix / np.linalg.norm(prefix, axis=1, keepdims=True)
    assert np.abs(narrow.encode(TEXTS) - expected).max() < 1e-6
    assert (narrow.dim, narrow.name) == (dim, f"polymem-static-en-zh-v1/{dim}")


@pytest.mark.parametrize("dim", [0, 100, 512, "256"])
def test_other_widths_are_refused(dim):
    with pytest.raises(ConfigError) as caught:
        StaticEmbedder(dim=dim)
    assert caught.value.setting == "dim"


def test_no_text_gives_no_row(encoder):
    assert encoder.encode([]).shape == (0, 256)


@pytest.mark.parametrize("text", ["猫", ""])
def test_one_string_is_refused(encoder, text):
    with pytest.raises(InputError) as caught:
        encoder.encode(text)
    assert caught.value.argument == "texts"


@pytest.mark.parametrize("n", [1, 100])
def test_embed_equals_encode_for_few_and_many(encoder, n):
    texts = TEXTS[:n]
    for purpose in ("query", "passage"):
        embedded = asyncio.run(encoder.embed(texts, purpose=purpose))
        assert embedded.tobytes() == encoder.encode(texts).tobytes()


def test_threads_get_the_same_vectors(encoder):
    load.cache_clear()
    expected = encoder.encode(TEXTS).tobytes()
    load.cache_clear()
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: StaticEmbedder().encode(TEXTS).tobytes(), range(16)))
    assert set(found) == {expected}


def test_it_is_declared_to_run_in_process(encoder):
    as_port: Embedder = encoder
    quick: SyncEmbedder = encoder
    assert runs_in_process(as_port)
    assert quick.encode(["猫"]).shape == (1, as_port.dim)


def test_weights_are_read_on_first_use_and_nothing_foreign_is_imported():
    code = (
        "import sys\n"
        "from polymem.models.embedders.static import StaticEmbedder\n"
        "from polymem.models.embedders.static.shipped import load\n"
        "encoder = StaticEmbedder()\n"
        "assert load.cache_info().currsize == 0\n"
        "assert encoder.encode(['猫']).any()\n"
        "assert load.cache_info().currsize == 1\n"
        "assert not {'tokenizers', 'huggingface_hub', 'sentencepiece'} & set(sys.modules)\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, env=None
    )
    assert result.returncode == 0, result.stderr


def test_the_card_states_every_file_with_its_size_and_digest(weights_folder):
    card = (weights_folder / "README.md").read_text(encoding="utf-8")
    stated = {
        name: (int(size.replace(",", "")), digest)
        for name, size, digest in re.findall(r"\| `(\S+)` \| ([\d,]+) \| `([0-9a-f]{64})` \|", card)
    }
    files = [path for path in weights_folder.iterdir() if path.name != "README.md"]
    actual = {
        path.name: (path.stat().st_size, hashlib.sha256(path.read_bytes()).hexdigest()) for path in files
    }
    assert stated == actual
    assert sum(size for size, _ in actual.values()) < 18.5e6


@pytest.mark.parametrize("name", ["table.npy", "scale.npy", "scores.npy", "pieces.txt", "classes.txt"])
def test_missing_or_damaged_weights_are_named(weights_folder, tmp_path, name):
    for path in weights_folder.iterdir():
        if path.name not in {name, "README.md"}:
            shutil.copy(path, tmp_path)
    with pytest.raises(ConfigError) as caught:
        load(tmp_path)
    assert caught.value.path == str(tmp_path)
    (tmp_path / name).write_bytes(b"nothing of use\n")
    with pytest.raises(ConfigError):
        load(tmp_path)
