"""Profiles of hypothesis for the suites: quick and repeatable by default, longer on demand."""

import os

import pytest
from hypothesis import HealthCheck, Phase, settings

pytest.register_assert_rewrite("polymem.testing")

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
