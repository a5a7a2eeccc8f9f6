"""Categories in every form that callers have them in."""

import pytest

from polymem.domain.derivation import Instructions
from polymem.errors import InputError
from polymem.write.instruct import instructed

PAIRS = (("travel", "trips"), ("工作", "jobs"))


@pytest.mark.parametrize(
    "given",
    [
        {"travel": "trips", "工作": "jobs"},
        [{"travel": "trips"}, {"工作": "jobs"}],
        ({"travel": "trips", "工作": "jobs"},),
    ],
)
def test_categories_with_what_they_mean(given):
    assert instructed(Instructions(), categories=given).categories == PAIRS


def test_names_alone_beside_names_with_meaning():
    found = instructed(Instructions(), categories=["pets", {"travel": "trips"}, "pets"]).categories
    assert found == (("pets", ""), ("travel", "trips"))


@pytest.mark.parametrize("given", [[{"a": 5}], [{5: "a"}], [{"": "a"}], [["a", "b"]], {"a"}, 5, "旅行", b"x"])
def test_what_is_no_category_is_refused(given):
    with pytest.raises(InputError) as caught:
        instructed(Instructions(), categories=given)
    assert caught.value.argument == "categories"
