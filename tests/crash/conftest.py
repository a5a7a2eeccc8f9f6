"""``pytest tests/crash --rounds 200`` for more rounds than the default, or POLYMEM_CRASH_ROUNDS in the environment."""

import os

import pytest


def pytest_addoption(parser):
    parser.addoption("--rounds", type=int, default=None, help="rounds of the crash test (20)")


@pytest.fixture
def rounds(request):
    given = request.config.getoption("rounds", default=None)
    return given or int(os.environ.get("POLYMEM_CRASH_ROUNDS", "20"))
