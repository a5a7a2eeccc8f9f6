"""The share of evidence in a block is that of its words, in quotation marks."""

import gzip
import json

from benchmarks.packing import main, share_in


def test_the_share_is_of_the_text_and_nothing_outside_of_quotation_marks_counts():
    text = "one two three four five six seven eight"
    assert share_in(f'- 10:00 "Ann": "{text}"', text) == 1.0
    assert share_in(f"- 10:00 {text}", text) == 0.0
    assert share_in('- "one two three four five six"', text) == 0.5
    assert share_in('- "我喜欢喝绿茶。"', "我喜欢喝绿茶") == 1.0
    assert share_in("", "") == 0.0


def test_a_file_is_measured(tmp_path, capsys):
    passages = [
        {"id": f"p{n}", "title": f"Boat {n}", "text": f"Boat number {n} is made of oak and tar."}
        for n in range(3)
    ]
    asked = {
        "id": "q",
        "question": "What is boat 1 made of?",
        "category": "",
        "evidence": ["p1"],
        "answer": "oak",
    }
    content = {
        "format": "passages/1",
        "name": "boats",
        "split": "dev",
        "lang": "en",
        "passages": passages,
        "questions": [asked],
    }
    path = tmp_path / "boats.json.gz"
    path.write_bytes(gzip.compress(json.dumps(content).encode()))
    assert main([str(path), "--budget", "500"]) == 0
    assert capsys.readouterr().out.startswith("budget 500: evidence 100.0 % of 1 questions")
