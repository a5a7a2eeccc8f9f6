"""What all tests need before the first of them is imported."""

import pytest

# The shipped suites assert; a failure is to show the values. It works only before they are imported.
pytest.register_assert_rewrite("polymem.testing")
