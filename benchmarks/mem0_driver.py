"""mem0's side of the side-by-side; runs in mem0's own environment, told what to do by lines of JSON.

It uses mem0 as installed by default: local Qdrant, semantic search alone (neither spaCy nor fastembed), with our stored
vectors in the place of its embedder, no network and telemetry off.
"""

from __future__ import annotations

import hashlib
import json
import logging
import sys
import time
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mem0 import Memory  # type: ignore[import-not-found]
from mem0.embeddings.base import EmbeddingBase  # type: ignore[import-not-found]
from mem0.utils.factory import EmbedderFactory  # type: ignore[import-not-found]

from benchmarks.vectors import StoredVectors

USER = "u"
VECTORS = StoredVectors()


class StoredEmbedding(EmbeddingBase):  # type: ignore[misc]
    """Looks vectors up."""

    def embed(self, text: str, memory_action: str | None = None) -> list[float]:
        """Return one vector as mem0 passes them on, a list."""
        del memory_action
        vector: list[float] = VECTORS.encode([text])[0].tolist()
        return vector


def opened(folder: Path) -> Memory:
    """Open a mem0 store with our embedder in the place of the default one."""
    EmbedderFactory.provider_to_class["openai"] = f"{__name__}.StoredEmbedding"
    store = {"path": str(folder / "qdrant"), "embedding_model_dims": VECTORS.dim, "on_disk": True}
    config = {
        "vector_store": {"provider": "qdrant", "config": store},
        "embedder": {"provider": "openai", "config": {"embedding_dims": VECTORS.dim}},
        "llm": {"provider": "openai", "config": {"api_key": "unused"}},
        "history_db_path": str(folder / "history.db"),
    }
    return Memory.from_config(config)


def fill(memory: Memory, texts: list[str]) -> None:
    """Insert with the payload that ``Memory._create_memory`` writes, in batches; one at a time takes many times as long."""
    now = datetime.now(UTC).isoformat()
    for first in range(0, len(texts), 500):
        batch = texts[first : first + 500]
        ids = [str(uuid.uuid4()) for _ in batch]
        payloads = [
            {
                "user_id": USER,
                "role": "user",
                "data": text,
                "hash": hashlib.md5(text.encode()).hexdigest(),
                "created_at": now,
                "updated_at": now,
                "text_lemmatized": text.lower(),
            }
            for text in batch
        ]
        memory.vector_store.insert(vectors=VECTORS.encode(batch).tolist(), ids=ids, payloads=payloads)
        for key, text in zip(ids, batch, strict=True):
            memory.db.add_history(key, None, text, "ADD", created_at=now, updated_at=now, role="user")


def answer(memory: Memory, order: dict[str, Any]) -> dict[str, Any]:
    """Do what a line orders: fill, add or search; return the CPU and wall milliseconds of each call."""
    if "fill" in order:
        fill(memory, order["fill"])
        return {}
    times: dict[str, Any] = {"cpu": [], "wall": [], "n": []}
    for text in order.get("add") or order["search"]:
        cpu, wall = time.process_time_ns(), time.perf_counter_ns()
        if "add" in order:
            found = memory.add(text, user_id=USER, infer=False)
        else:
            found = memory.search(text, filters={"user_id": USER}, top_k=10)
        times["wall"].append((time.perf_counter_ns() - wall) / 1e6)
        times["cpu"].append((time.process_time_ns() - cpu) / 1e6)
        times["n"].append(len(found["results"]))
    return times


def main() -> None:
    """Answer line by line."""
    logging.disable(logging.WARNING)
    out = sys.stdout
    sys.stdout = sys.stderr  # what mem0 prints must not come between the lines
    memory = opened(Path(sys.argv[1]))
    print(json.dumps({"ready": True}), file=out, flush=True)
    for line in sys.stdin:
        print(json.dumps(answer(memory, json.loads(line))), file=out, flush=True)


if __name__ == "__main__":
    sys.modules["benchmarks.mem0_driver"] = sys.modules[__name__]
    main()
