"""Which language a text is in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polymem.text.language import Language, language


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I like hiking.", "en"),
        ("He said “no” — café", "en"),
        ("ＡＢＣ", "en"),
        ("我喜欢爬山。", "zh"),
        ("我喜歡用 Python 寫程式碼", "zh"),
        ("我在Google工作 today很开心", "mixed"),
        ("please 翻译一下 thanks", "mixed"),
        ("I visited the Great Wall (长城) in Beijing with my whole family last year", "en"),
        ("Привет, мир", "other"),
        ("今日は東京に行きました", "other"),
        ("한국어를 공부해요", "other"),
        ("", ""),
        ("42 😀 !?。，", ""),
    ],
)
def test_scripts_tell_the_language(text: str, expected: Language) -> None:
    assert language(text) == expected


@given(st.text(max_size=60), st.integers(0, 3))
def test_signs_and_spaces_do_not_count(text: str, n: int) -> None:
    assert language(text) == language(f"{'。 ' * n}{text}{'! 42 ' * n}")


def test_a_long_text_is_judged_by_its_beginning() -> None:
    assert language("我喜欢爬山。" * 1000 + "hello " * 100_000) == "zh"
