"""Late vectors: rows that wait get theirs, a store changes its encoder as a whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from polymem.errors import CapabilityError, DimensionError, EmbeddingError, EncoderMismatchError
from polymem.ports.faces import EMBEDDED, INDEXED, PENDING
from tests.engines.sqlite.workshop import (
    ALICE,
    BOB,
    OTHER,
    Workshop,
    encode,
    encode_other,
    episode,
    fact,
    new_id,
    vector,
)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Workshop]:
    made = Workshop(tmp_path / "store.db")
    yield made
    made.close()


def late(text: str, **fields: object):
    return episode(text, vector=None, embedded=False, **fields)


def cosines(shop: Workshop, text: str) -> list[float]:
    return shop.read(lambda s: s.vectors.scan(vector(text)).round(2).tolist())


# ---------------------------------------------------------------- rows that wait
def test_rows_that_wait_get_their_vectors(shop: Workshop):
    shop.commit(episode("hiking in the hills"), late("天气很好"), late("🙈"))
    shop.commit(late("Bob's own"), scope=BOB)
    assert cosines(shop, "天气很好")[1] == 0
    assert (shop.embed(), shop.embed(ALICE.partition)) == (3, 2)
    assert shop.embed(ALICE.partition, encode) == 2
    assert (shop.embed(), shop.embed(ALICE.partition)) == (1, 0)
    assert cosines(shop, "天气很好")[1] == pytest.approx(1, abs=0.02)
    assert shop.embed(encode=encode) == 1
    assert shop.embed(encode=encode) == 0
    assert shop.verify() == []


def test_a_text_that_the_encoder_knows_nothing_of_waits_no_longer(shop: Workshop):
    shop.commit(late("…"))
    assert shop.embed(encode=encode) == 1
    assert shop.sql("SELECT flags FROM item") == [(INDEXED,)]
    assert shop.sql("SELECT count(*) FROM vector") == [(0,)]
    assert shop.embed() == 0
    assert shop.verify() == []


def test_a_packed_row_is_brought_up_to_date(shop: Workshop):
    shop.commit(
        *(episode(f"turn {n}") for n in range(100)),
        late("苹果"),
        *(episode(f"turn {n}") for n in range(4_100)),
    )
    assert shop.sql("SELECT n_packed FROM partition") == [(1,)]
    assert cosines(shop, "苹果")[100] == 0
    assert shop.embed(encode=encode) == 1
    assert cosines(shop, "苹果")[100] == pytest.approx(1, abs=0.02)
    assert shop.verify() == []


def test_blocks_that_succeeded_stay_when_a_later_one_fails(shop: Workshop):
    shop.commit(*(late(f"row number {n}") for n in range(1_100)))
    sizes: list[int] = []

    def failing(texts: list[str]) -> np.ndarray:
        sizes.append(len(texts))
        if len(sizes) == 3:
            raise EmbeddingError("the model went away")
        return encode(texts)

    with pytest.raises(EmbeddingError):
        shop.embed(encode=failing)
    assert sizes == [512, 512, 76]
    assert shop.embed() == 76
    assert shop.verify() == []


@pytest.mark.parametrize(
    "wrong",
    [
        lambda texts: np.ones((len(texts), 3), np.float32),
        lambda texts: np.ones((len(texts) + 1, 16), np.float32),
        lambda texts: np.full((len(texts), 16), np.nan, np.float32),
        lambda texts: np.ones(16, np.float32),
    ],
)
def test_what_is_not_a_matrix_of_vectors_is_refused(shop: Workshop, wrong: object):
    shop.commit(late("row"))
    with pytest.raises(DimensionError):
        shop.embed(encode=wrong)  # type: ignore[arg-type]
    assert shop.embed() == 1
    assert shop.verify() == []


def test_a_row_that_went_while_the_model_ran_stays_gone(shop: Workshop):
    said = late("soon gone")
    shop.commit(said, late("stays"))
    other = Workshop(shop.path)

    def slow(texts: list[str]) -> np.ndarray:
        other.remove(said.id, how="erase")
        return encode(texts)

    assert shop.embed(encode=slow) == 1
    assert shop.sql("SELECT count(*) FROM vector") == [(1,)]
    assert shop.verify() == []
    other.close()


# ---------------------------------------------------------------- another encoder
def fill(shop: Workshop) -> None:
    shop.say("I like tea", fact("I like tea", "likes", "tea"))
    gone, _ = shop.say("deleted")
    shop.remove(gone)
    shop.commit(late("waiting"), episode("…"))
    shop.commit(episode("Bob's own 天气"), scope=BOB)


def test_a_store_of_another_encoder_is_read_without_vectors_and_not_written(shop: Workshop, tmp_path: Path):
    fill(shop)
    other = Workshop(shop.path, encoder=OTHER)
    assert other.read(lambda s: s.texts.postings("tea").positions.tolist()) == [0, 1]
    with pytest.raises(EncoderMismatchError):
        other.read(lambda s: s.vectors)
    with pytest.raises(EncoderMismatchError):
        other.say("more")
    assert other.embed() == other.sql("SELECT sum(n_indexed) FROM partition")[0][0]
    other.close()


def test_a_store_changes_its_encoder_as_a_whole(shop: Workshop):
    fill(shop)
    other = Workshop(shop.path, encoder=OTHER)
    with pytest.raises(CapabilityError):
        other.embed(ALICE.partition, encode_other)
    assert other.embed(encode=encode_other) == 5
    assert other.embed() == 0
    assert other.verify() == []
    other.commit(episode("and goes on", vector=vector("and goes on", dim=OTHER.dim)))
    query = vector("Bob's own 天气", dim=OTHER.dim)
    assert other.read(lambda s: s.vectors.scan(query).tolist(), scope=BOB)[0] == pytest.approx(1, abs=0.02)
    assert other.sql("SELECT DISTINCT length(f16) FROM vector") == [(2 * OTHER.dim,)]
    assert other.sql("SELECT count(*) FROM item WHERE flags & ? AND NOT flags & ?", PENDING, EMBEDDED) == [
        (0,)
    ]
    with pytest.raises(EncoderMismatchError):
        shop.say("with the old one")
    assert other.verify() == []
    other.close()


def test_an_error_while_the_encoder_changes_leaves_everything_as_it_was(shop: Workshop):
    fill(shop)
    before = shop.export()[1:]
    other = Workshop(shop.path, encoder=OTHER)

    def failing(texts: list[str]) -> np.ndarray:
        if "Bob's own 天气" in texts:
            raise EmbeddingError("the model went away")
        return encode_other(texts)

    with pytest.raises(EmbeddingError):
        other.embed(encode=failing)
    other.close()
    assert shop.export()[1:] == before
    assert shop.verify() == []
    assert shop.say("goes on")[1].version


def test_packed_segments_are_made_anew(shop: Workshop):
    shop.commit(*(episode(f"turn {n}") for n in range(4_100)), episode("苹果", id=new_id()))
    other = Workshop(shop.path, encoder=OTHER)
    assert other.embed(encode=encode_other) == 4_101
    assert other.read(lambda s: s.vectors.scan(vector("苹果", dim=OTHER.dim)).tolist())[
        4_100
    ] == pytest.approx(1, abs=0.02)
    assert other.verify() == []
    other.close()
