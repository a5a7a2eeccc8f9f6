"""Feedback and learning on the command line, and how sure a search is."""

from tests.cli.conftest import Run

ADA = ("--user", "ada")


def test_feedback_is_noted_and_learned_from_in_two_languages(run: Run):
    for text in ("I keep two goats behind the barn.", "我每天早上练小提琴。", "The barn roof leaks."):
        assert run("add", text, *ADA).code == 0
    hits = run("search", "goats in the barn", *ADA, "--json").json["hits"]
    good, bad = hits[0]["item"]["id"], hits[1]["item"]["id"]
    noted = run("feedback", "goats in the barn", *ADA, "--useful", good, "--useless", bad, "--json")
    assert noted.json == {"noted": {good: True, bad: False}}
    zh = run("search", "小提琴", *ADA, "--json").json["hits"][0]["item"]["id"]
    assert run("feedback", "小提琴", *ADA, "--useful", zh).code == 0
    report = run("learn", "--json").json
    assert (report["n_examples"], report["n_queries"], report["accepted"]) == (3, 2, False)
    assert report["loss_before"] is None
    assert "default weights hold" in run("learn").err + run("learn").out
    weights = run("weights", "--json").json
    assert weights["own"] > 0
    assert "own" in run("weights").out
    assert run("unlearn", "--json").json == {"deleted": 3}
    assert run("unlearn", "--json").json == {"deleted": 0}


def test_feedback_that_cannot_be_used(run: Run):
    item = run("add", "Nothing about boats.", *ADA, "--json").json["items"][0]["id"]
    assert run("feedback", "boats", *ADA).code == 2
    assert run("feedback", "boats", *ADA, "--useful", item, "--useless", item).code == 2
    assert run("feedback", "boats", *ADA, "--useful", "no such").code == 1
    assert run("feedback", "boats", "--user", "bob", "--useful", item).code == 1
    assert run("learn", "--tenant", "*").code == 2


def test_a_search_says_how_sure_it_is(run: Run):
    run("add", "My sister Edith moved to Tromsø in March.", *ADA)
    sure = run("search", "When did my sister Edith move to Tromsø?", *ADA, "--json").json["confidence"]
    unsure = run("search", "Which violin did the plumber recommend?", *ADA, "--json").json["confidence"]
    assert 0 < unsure < 0.4 < sure < 1
    assert (
        f"confidence {sure:.2f}"
        in run("search", "When did my sister Edith move to Tromsø?", *ADA).err
        + run("search", "When did my sister Edith move to Tromsø?", *ADA).out
    )
    shown = run("search", "Which violin did the plumber recommend?", *ADA)
    assert "may well not be among these" in (shown.out + shown.err).replace("\n", " ")
    assert run("search", "anything", "--user", "nobody", "--json").json["confidence"] == 0.0
