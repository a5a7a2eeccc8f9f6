"""Profiles of hypothesis for the suites: quick and repeatable by default, longer on demand."""

import importlib
import os
import pkgutil

import pytest
from hypothesis import HealthCheck, Phase, settings

from polymem.engines import sqlite

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture]
# Shrinking takes minutes where every example opens a store; HYPOTHESIS_PROFILE=long does it.
QUICK = (Phase.explicit, Phase.generate)
settings.register_profile(
    "ci",
    max_examples=25,
    stateful_step_count=25,
    deadline=None,
    derandomize=True,
    phases=QUICK,
    suppress_health_check=SLOW,
)
settings.register_profile(
    "long",
    max_examples=500,
    stateful_step_count=50,
    deadline=None,
    suppress_health_check=SLOW,
    print_blob=True,
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


@pytest.fixture
def small_segments(monkeypatch):
    """Let the SQLite engine pack so few rows that short histories fill several segments."""
    bits = 3
    small = {
        "SEGMENT_BITS": bits,
        "SEGMENT_ROWS": 1 << bits,
        "_CHUNK": 3 << bits,
        "_MAX_APPENDED": 2 << bits,
        "_SMALLEST": 2,
    }
    # Some parts of the engine are imported when they are first used.
    for found in pkgutil.iter_modules(sqlite.__path__):
        module = importlib.import_module(f"{sqlite.__name__}.{found.name}")
        for constant, value in small.items():
            if found.name != "schema" and hasattr(module, constant):
                monkeypatch.setattr(module, constant, value)
