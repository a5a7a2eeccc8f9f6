"""What `add` reads: text, JSON, JSON Lines, from a file or a pipe."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run

ADA = ("--user", "ada")
TWO = [{"role": "user", "content": "I love tea."}, {"role": "assistant", "content": "好的，记住了。"}]


def episodes(run: Run, *words: str, stdin: bytes = b"") -> list[tuple[str, str, str]]:
    added = run("add", *words, *ADA, "--json", stdin=stdin)
    assert added.code == 0, added.err
    return [(i["role"], i["speaker"], i["text"]) for i in added.json["items"] if i["kind"] == "episode"]


@pytest.mark.parametrize(
    "content",
    [
        json.dumps(TWO),
        "\n".join(json.dumps(m, ensure_ascii=False) for m in TWO),
        "\ufeff" + json.dumps(TWO, indent=1),
    ],
    ids=["array", "lines", "byte order mark"],
)
def test_messages_from_a_pipe_and_a_file(run: Run, home: Path, content: str):
    both = [("user", "", "I love tea."), ("assistant", "", "好的，记住了。")]
    assert episodes(run, "-", stdin=content.encode()) == both
    (home / "m.jsonl").write_text(content, encoding="utf-8")
    assert episodes(run, "--file", str(home / "m.jsonl")) == both


def test_plain_text_from_a_pipe(run: Run):
    assert episodes(run, "-", stdin="我喜欢喝茶。\n第二行\n".encode()) == [
        ("user", "", "我喜欢喝茶。\n第二行")
    ]
    assert episodes(run, "-", "--form", "text", stdin=b"[10:30] hello") == [("user", "", "[10:30] hello")]
    assert episodes(run, "I love tea.", "--name", "Ada", "--role", "assistant") == [
        ("assistant", "Ada", "I love tea.")
    ]


def test_what_goes_with_the_messages(run: Run):
    words = (
        "--timestamp",
        "2025-02-03",
        "--metadata",
        '{"城市": "上海"}',
        "--expires-at",
        "2999-01-01",
        "--no-infer",
    )
    (item,) = run("add", "我住在上海。", *ADA, *words, "--json").json["items"]
    assert item["valid_at"] == "2025-02-03T00:00:00Z"
    assert item["metadata"] == {"城市": "上海"}
    assert item["expires_at"] == "2999-01-01T00:00:00Z"
    (item,) = run("add", "later", *ADA, "--timestamp", "1700000000", "--json").json["items"]
    assert item["valid_at"] == "2023-11-14T22:13:20Z"


def test_the_same_key_stores_once(run: Run):
    words = ("add", "I love tea.", *ADA, "--timestamp", "2025-02-03", "--idempotency-key", "k1")
    assert not run(*words, "--json").json["replayed"]
    assert run(*words, "--json").json["replayed"]
    assert "nothing was stored" in run(*words).out
    assert run("add", "I love coffee.", *ADA, "--idempotency-key", "k1").code == 4


@pytest.mark.parametrize(
    ("words", "stdin", "says"),
    [
        ((), b"", "give a text"),
        (("",), b"", "empty"),
        (("-",), b"", "standard input is empty"),
        (("-",), b'{"role": "user"', "line 1 of standard input is not JSON"),
        (("-",), b'{"content": "a"}\n{oops}', "line 2 of standard input is not JSON"),
        (("-",), b"\xff\xfe", "not UTF-8 at byte 0"),
        (("-", "--form", "xml"), b"a", "--form must be one of"),
        (("-",), b'[{"role": "user"}]', "messages[0] has no content"),
        (("-",), b'["text"]', "messages[0] must be a message"),
        (("-", "--name", "Ada"), b'[{"content": "a"}]', "--role and --name"),
        (("a", "--metadata", "[1]"), b"", "--metadata must be a JSON object"),
        (("a", "--metadata", "{"), b"", "--metadata must be a JSON object"),
        (("a", "--timestamp", "soon"), b"", "timestamp is not a usable time"),
    ],
)
def test_bad_input_is_refused_in_one_line(run: Run, words: tuple[str, ...], stdin: bytes, says: str):
    done = run("add", *words, *ADA, stdin=stdin)
    assert done.code == 2
    assert says in done.err
    assert done.err.count("\n") == 1
    assert done.out == ""
