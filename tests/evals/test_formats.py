"""Files of evaluation data: what is read from each, and what is said of a wrong one."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from polymem.errors import DatasetError, InputError
from polymem.evals import files
from polymem.evals.cases import Corpus
from polymem.evals.files import elements
from polymem.evals.opening import built_in, open_set


def write(folder: Path, content: object, name: str = "set.json") -> Path:
    path = folder / name
    text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
    if name.endswith(".gz"):
        path.write_bytes(gzip.compress(text.encode()))
    else:
        path.write_text(text, encoding="utf-8")
    return path


def read(path: Path, **options: Any) -> list[Corpus]:
    return list(open_set(path, **options).corpora())


def talk() -> dict[str, Any]:
    return {
        "format": "conversations/1",
        "name": "talks",
        "conversations": [
            {
                "id": "c1",
                "lang": "zh",
                "sessions": [
                    {
                        "id": "s1",
                        "time": "2024-05-01T10:00:00",
                        "turns": [
                            {"id": "t1", "speaker": "小红", "text": "我养了一只猫。", "time": None},
                            {
                                "id": "t2",
                                "speaker": "阿明",
                                "text": "叫什么？",
                                "time": "2024-05-01T12:00:00+02:00",
                            },
                        ],
                    }
                ],
                "questions": [
                    {
                        "id": "q1",
                        "question": "谁养猫？",
                        "answer": "小红",
                        "category": "single",
                        "evidence": ["t1"],
                    },
                    {"id": "q2", "question": "谁养狗？", "evidence": [], "time": "2024-06-01"},
                ],
            }
        ],
    }


def papers(name: str = "papers", *, prefix: str = "en", text: str = "The tower is tall.") -> dict[str, Any]:
    return {
        "format": "passages/1",
        "name": name,
        "passages": [{"id": f"{prefix}-p{n}", "title": f"Page {n}", "text": f"{text} {n}"} for n in range(3)],
        "questions": [
            {"id": "q", "question": "How tall?", "answer": 3, "category": "one", "evidence": [f"{prefix}-p1"]}
        ],
    }


class TestConversations:
    @pytest.mark.parametrize("name", ["set.json", "set.json.gz"])
    def test_rows_and_questions(self, tmp_path: Path, name: str):
        data = open_set(write(tmp_path, talk(), name))
        assert (data.name, data.form, data.size) == ("talks", "conversations/1", 4)
        (corpus,) = data.corpora()
        first, second = corpus.rows
        assert (first.id, first.text, first.speaker) == ("t1", "我养了一只猫。", "小红")
        assert first.at == datetime(2024, 5, 1, 10, tzinfo=UTC)
        assert second.at == datetime(2024, 5, 1, 10, tzinfo=UTC)
        asked, open_ = corpus.questions
        assert (asked.evidence, asked.answer, asked.at) == ({"t1"}, "小红", None)
        assert open_.labelled
        assert open_.evidence == frozenset()
        assert open_.at == datetime(2024, 6, 1, tzinfo=UTC)

    @pytest.mark.parametrize(
        ("change", "where"),
        [
            (lambda c: c.update(format="conversations/2"), "format"),
            (lambda c: c.pop("conversations"), ""),
            (lambda c: c["conversations"][0].pop("id"), "conversations[0]"),
            (
                lambda c: c["conversations"][0]["sessions"][0]["turns"][1].update(text=["x"]),
                "conversations[0].sessions[0].turns[1].text",
            ),
            (
                lambda c: c["conversations"][0]["sessions"][0]["turns"][1].update(id="t1"),
                "conversations[0].sessions[0].turns[1].id",
            ),
            (
                lambda c: c["conversations"][0]["sessions"][0].update(time="yesterday"),
                "conversations[0].sessions[0].time",
            ),
            (
                lambda c: c["conversations"][0]["questions"][0].update(evidence=["t1", "t9"]),
                "conversations[0].questions[0].evidence",
            ),
            (
                lambda c: c["conversations"][0]["questions"][0].update(question="  "),
                "conversations[0].questions[0].question",
            ),
            (lambda c: c["conversations"][0].update(questions={}), "conversations[0].questions"),
        ],
    )
    def test_a_wrong_file_is_told_with_its_place_and_without_its_words(
        self, tmp_path: Path, change: Any, where: str
    ):
        content = talk()
        change(content)
        path = write(tmp_path, content)
        with pytest.raises(DatasetError) as caught:
            read(path)
        assert caught.value.where == where
        assert caught.value.path == str(path)
        assert "猫" not in str(caught.value)
        assert "set.json" in str(caught.value)


class TestPassages:
    def test_rows_have_titles(self, tmp_path: Path):
        (corpus,) = read(write(tmp_path, papers()))
        assert corpus.documents
        assert [row.title for row in corpus.rows] == ["Page 0", "Page 1", "Page 2"]
        assert corpus.questions[0].evidence == {"en-p1"}
        assert corpus.questions[0].answer == "3"

    def test_the_passages_of_other_files_are_searched_instead(self, tmp_path: Path):
        english = write(tmp_path, papers())
        chinese = write(tmp_path, papers("zh", prefix="zh", text="塔很高。"), "zh.json")
        more = write(tmp_path, papers("rest", prefix="rest", text="别的。"), "rest.json")
        data = open_set(english, over=[chinese, more])
        assert data.name == "papers over zh + rest"
        (corpus,) = data.corpora()
        assert [row.id for row in corpus.rows] == [f"{p}-p{n}" for p in ("zh", "rest") for n in range(3)]
        assert corpus.questions[0].text == "How tall?"
        assert corpus.questions[0].evidence == {"zh-p1"}

    def test_evidence_that_is_not_there_to_be_found_is_an_error(self, tmp_path: Path):
        short = papers("zh", prefix="zh")
        short["passages"] = short["passages"][:1]
        short["questions"] = []
        with pytest.raises(DatasetError, match="not among the passages"):
            open_set(write(tmp_path, papers()), over=[write(tmp_path, short, "zh.json")])

    def test_passages_of_one_id_in_two_files_are_an_error(self, tmp_path: Path):
        path = write(tmp_path, papers())
        with pytest.raises(DatasetError, match="there already"):
            open_set(path, over=[path, path])

    def test_only_passages_are_searched_instead(self, tmp_path: Path):
        path, other = write(tmp_path, papers()), write(tmp_path, talk(), "talk.json")
        for one, two in ((path, other), (other, path)):
            with pytest.raises(DatasetError, match="passages/1"):
                open_set(one, over=[two])


def locomo() -> list[dict[str, Any]]:
    return [
        {
            "sample_id": "conv-1",
            "conversation": {
                "speaker_a": "Ann",
                "speaker_b": "Bob",
                "session_1_date_time": "1:56 pm on 8 May, 2023",
                "session_1": [
                    {"speaker": "Ann", "dia_id": "D1:1", "text": "Hello!"},
                    {
                        "speaker": "Bob",
                        "dia_id": "D1:2",
                        "text": "Look.",
                        "blip_caption": "a photo of a kite",
                    },
                ],
                "session_2_date_time": "12:05 am on 1 December, 2023",
                "session_2": [{"speaker": "Ann", "dia_id": "D2:3", "text": "Bye."}],
                "session_3_date_time": "9:00 am on 2 December, 2023",
            },
            "qa": [
                {
                    "question": "What is in the photo?",
                    "answer": "a kite",
                    "evidence": ["D1:2"],
                    "category": 4,
                },
                {
                    "question": "Which both?",
                    "answer": 2,
                    "evidence": ["D1:1; D2:03", "D:1:2", "D"],
                    "category": 1,
                },
                {
                    "question": "Why did Bob go?",
                    "adversarial_answer": "to swim",
                    "evidence": ["D2:3"],
                    "category": 5,
                },
                {"question": "Lost?", "answer": "x", "evidence": ["D9:1"], "category": 2},
            ],
        }
    ]


class TestLoCoMo:
    def test_as_it_is_published(self, tmp_path: Path):
        data = open_set(write(tmp_path, locomo(), "locomo10.json"))
        assert (data.name, data.form, data.size) == ("locomo10", "locomo", None)
        (corpus,) = data.corpora()
        assert corpus.id == "conv-1"
        assert [session.id for session in corpus.sessions] == ["S1", "S2"]
        assert [row.id for row in corpus.rows] == ["D1:1", "D1:2", "D2:3"]
        assert corpus.rows[1].text == "Look. [shares a photo of a kite]"
        assert corpus.rows[0].at == datetime(2023, 5, 8, 13, 56, tzinfo=UTC)
        assert corpus.rows[2].at == datetime(2023, 12, 1, 0, 5, tzinfo=UTC)
        single, several, trap, lost = corpus.questions
        assert (single.category, single.evidence) == ("single-hop", {"D1:2"})
        assert (several.category, several.answer) == ("multi-hop", "2")
        assert several.evidence == {"D1:1", "D2:3", "D1:2"}
        assert (trap.category, trap.answer) == ("adversarial", "to swim")
        assert not lost.labelled

    @pytest.mark.parametrize(
        ("change", "where"),
        [
            (lambda c: c[0]["qa"][0].update(category=6), "[0].qa[0].category"),
            (lambda c: c[0]["qa"][0].update(category="4"), "[0].qa[0].category"),
            (lambda c: c[0]["conversation"].pop("session_1"), "[0].conversation"),
            (
                lambda c: c[0]["conversation"].update(session_1_date_time="noon"),
                "[0].conversation.session_1_date_time",
            ),
            (
                lambda c: c[0]["conversation"]["session_1"][0].update(dia_id="1"),
                "[0].conversation.session_1[0].dia_id",
            ),
        ],
    )
    def test_a_wrong_file(self, tmp_path: Path, change: Any, where: str):
        content = locomo()
        change(content)
        with pytest.raises(DatasetError) as caught:
            read(write(tmp_path, content))
        assert caught.value.where == where


def haystack(name: str = "q1", *, kind: str = "multi-session") -> dict[str, Any]:
    return {
        "question_id": name,
        "question_type": kind,
        "question": "How many cats?",
        "answer": 2,
        "question_date": "2023/05/30 (Tue) 23:40",
        "haystack_session_ids": ["b", "a", "a"],
        "haystack_dates": ["2023/05/21 (Sun) 10:00", "2023/05/20 (Sat) 02:21", "2023/05/22 (Mon) 08:00"],
        "haystack_sessions": [
            [
                {"role": "user", "content": "I have a cat.", "has_answer": True},
                {"role": "assistant", "content": "Nice."},
            ],
            [{"role": "user", "content": "你好", "has_answer": False}],
            [{"role": "assistant", "content": "Two cats now?", "has_answer": True}],
        ],
        "answer_session_ids": ["b"],
    }


class TestLongMemEval:
    def test_as_it_is_published(self, tmp_path: Path):
        first, second, third = read(
            write(
                tmp_path,
                [haystack(), haystack("q2_abs"), haystack("q3") | {"haystack_sessions": [[], [], []]}],
            )
        )
        assert [session.id for session in first.sessions] == ["a", "b", "a#1"]
        assert [row.id for row in first.rows] == ["a_1", "b_1", "b_2", "a#1_1"]
        assert first.rows[2].speaker == "assistant"
        (question,) = first.questions
        assert question.evidence == {"b_1", "a#1_1"}
        assert (question.category, question.answer) == ("multi-session", "2")
        assert question.at == datetime(2023, 5, 30, 23, 40, tzinfo=UTC)
        assert question.meta["answer_session_ids"] == ["b"]
        (abstains,) = second.questions
        assert abstains.labelled
        assert abstains.evidence == frozenset()
        (unknown,) = third.questions
        assert not unknown.labelled

    def test_a_wrong_file(self, tmp_path: Path):
        for change, where in (
            ({"haystack_dates": []}, "[1]"),
            ({"haystack_dates": ["soon", "soon", "soon"]}, "[1].haystack_dates[0]"),
            ({"question": None}, "[1].question"),
            ({"haystack_sessions": "none"}, "[1].haystack_sessions"),
        ):
            with pytest.raises(DatasetError) as caught:
                read(write(tmp_path, [haystack(), haystack() | change]))
            assert caught.value.where == where

    def test_a_large_file_is_read_piece_by_piece(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(files, "_CHUNK", 7)
        found = read(write(tmp_path, [haystack(f"q{n}") for n in range(5)], "m.json.gz"))
        assert [corpus.id for corpus in found] == [f"q{n}" for n in range(5)]

    def test_what_follows_is_not_read_before_it_is_asked_for(self, tmp_path: Path):
        text = json.dumps([haystack()])[:-1] + ", {broken"
        corpora = open_set(write(tmp_path, text)).corpora()
        assert next(corpora).id == "q1"
        with pytest.raises(DatasetError, match="element 1") as caught:
            next(corpora)
        assert caught.value.where == "[1]"


class TestWrongFiles:
    @pytest.mark.parametrize(
        ("content", "said"),
        [
            ("", "neither a JSON object nor an array"),
            ("hello", "neither a JSON object nor an array"),
            ('{"format": "conversations/1"', "is not JSON"),
            ("[]", "empty array"),
            ('[{"a": 1}]', "neither of LoCoMo"),
            ("[1]", "neither of LoCoMo"),
            ('{"a": 1}', "has no 'format'"),
            ("[" * 100_000, "not JSON"),
            ('{"a":' * 100_000, "not JSON"),
        ],
    )
    def test_are_errors_of_a_type(self, tmp_path: Path, content: str, said: str):
        with pytest.raises(DatasetError, match=said):
            read(write(tmp_path, content))

    def test_bytes_that_are_no_text_and_gzip_that_is_cut_off(self, tmp_path: Path):
        broken = tmp_path / "a.json"
        broken.write_bytes(b"\xff\xfe{")
        cut = tmp_path / "b.json.gz"
        cut.write_bytes(gzip.compress(json.dumps(talk()).encode())[:-20])
        for path, said in ((broken, "UTF-8"), (cut, "gzip")):
            with pytest.raises(DatasetError, match=said):
                read(path)

    def test_what_is_too_large(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(files, "MAX_DOCUMENT_CHARS", 100)
        with pytest.raises(DatasetError, match="more than 100 characters"):
            read(write(tmp_path, talk()))
        monkeypatch.setattr(files, "MAX_ELEMENT_CHARS", 100)
        monkeypatch.setattr(files, "_CHUNK", 64)
        with pytest.raises(DatasetError, match="more than 100 characters"):
            read(write(tmp_path, [haystack()]))

    def test_it_is_an_input_error_too(self, tmp_path: Path):
        with pytest.raises(InputError):
            read(write(tmp_path, "x"))

    def test_a_file_that_is_not_there(self, tmp_path: Path):
        with pytest.raises(FileNotFoundError):
            open_set(tmp_path / "none.json")


@pytest.mark.parametrize("chunk", [1, 2, 3, 5, 64])
@pytest.mark.parametrize("values", [[], [1], [12345, "火锅 ]", {"a": [1, 2]}, None, -1.5e3, True]])
def test_elements_are_those_of_the_array_wherever_it_is_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk: int, values: list[Any]
):
    monkeypatch.setattr(files, "_CHUNK", chunk)
    for text in (json.dumps(values), json.dumps(values, ensure_ascii=False, indent=3) + "\n "):
        assert list(elements(write(tmp_path, text))) == values


class TestBuiltIn:
    def test_the_sets_are_small_sound_and_in_both_languages(self):
        sets = {data.name: list(data.corpora()) for data in built_in()}
        assert sets.keys() == {"madial-part", "own-conversations", "own-passages", "own-passages-zh"}
        texts = [row.text for corpora in sets.values() for corpus in corpora for row in corpus.rows]
        assert sum("\u4e00" <= text[0] <= "\u9fff" for text in texts) > 50
        assert sum(text[0].isascii() for text in texts) > 50
        questions = [q for corpora in sets.values() for corpus in corpora for q in corpus.questions]
        assert len(questions) > 200
        assert sum(not q.evidence for q in questions) > 10

    def test_they_weigh_little(self):
        folder = Path(files.__file__).parent / "sets"
        assert sum(file.stat().st_size for file in folder.iterdir()) <= 150_000
