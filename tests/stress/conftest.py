"""``pytest tests/stress --adds 500`` for the full load; by default a fifth of it."""

import pytest


def pytest_addoption(parser):
    parser.addoption("--adds", type=int, default=None, help="adds of each process of the stress test (100)")


@pytest.fixture
def adds(request):
    return request.config.getoption("adds", default=None) or 100
