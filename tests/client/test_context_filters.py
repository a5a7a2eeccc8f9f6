"""What a caller filters out is not shown around what he asked for."""

import pytest


@pytest.mark.parametrize(
    ("wanted", "unwanted", "question"),
    [
        (
            "The rowing club meets on Mondays.",
            "My salary was cut by a third.",
            "When does the rowing club meet?",
        ),
        ("赛艇俱乐部每周一聚会。", "我的工资少了三分之一。", "赛艇俱乐部什么时候聚会？"),
    ],
)
def test_neighbours_match_the_filters_too(memory, wanted, unwanted, question):
    for text, shared in ((wanted, True), (unwanted, False)):
        memory.add(text, user_id="甲", run_id="talk", metadata={"shared": shared}, infer=False)
    assert unwanted in memory.context(question, user_id="甲", limit=1)
    shown = memory.context(question, user_id="甲", limit=1, filters={"shared": True})
    assert wanted in shown
    assert unwanted not in shown
