"""Adds or works with a model that tells when it has answered; the caller kills it between that and the commit, or later.

Arguments: the store, what to do ("add", "work"), and how long to wait after the model's answer before it is used.
"""

import asyncio
import os
import sys
from pathlib import Path

from polymem import AsyncMemory
from polymem.domain.statement import Extraction, Statement
from polymem.testing.fakes import ScriptedExtractor, WordEmbedder

TEXTS = tuple(f"我喜欢第{n}种茶。" for n in range(4))


def script():
    return {
        text: Extraction((Statement("self", "likes", text, text, "preference", True, text, (0, len(text))),))
        for text in TEXTS
    }


class Slow(ScriptedExtractor):
    """Answers, says so, and takes its time to hand the answer over."""

    def __init__(self, pause_s):
        super().__init__(script(), name="slow/1")
        self.pause_s = pause_s

    async def extract(self, messages, *, instructions=None):
        found = [self.script.get(message.text, Extraction()) for message in messages]
        os.write(1, b".")
        await asyncio.sleep(self.pause_s)
        return found


async def main():
    store, verb, pause_s = Path(sys.argv[1]), sys.argv[2], float(sys.argv[3])
    config = {"derivation": {"lease_s": 0.5}}
    async with AsyncMemory(store, embedder=WordEmbedder(), extractor=Slow(pause_s), config=config) as memory:
        if verb == "add":
            await asyncio.gather(
                *(memory.add(text, user_id="小红", run_id=f"r{n}") for n, text in enumerate(TEXTS))
            )
        else:
            while await memory.pending():
                await memory.work()
                await asyncio.sleep(0.01)
    os.write(1, b"!")


if __name__ == "__main__":
    asyncio.run(main())
