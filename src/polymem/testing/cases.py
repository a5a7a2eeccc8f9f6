"""Texts, ids, filters and values that go wrong in stores, as data shared by suites and tests.

Nothing here comes from a data set that anything is evaluated on.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

__all__ = [
    "BAD_FILTERS",
    "BAD_IDS",
    "BAD_LIMITS",
    "BAD_METADATA",
    "BAD_TIMES",
    "BLANK_TEXTS",
    "EDGE_TIMES",
    "ODD_IDS",
    "ODD_METADATA",
    "ODD_TEXTS",
    "STATEMENTS",
    "TALK",
]

TALK: Final = (
    "I walked the dog before breakfast.",
    "Our kettle broke, so I bought a green one.",
    "The night train to Vienna leaves at nine.",
    "Grandmother taught me to bake rye bread.",
    "我昨天在公园里跑了五公里。",
    "这家火锅店的牛肉很新鲜。",
    "周末想去山里看日出。",
    "她把钥匙忘在办公室了。",
    "我们在 Berlin 吃了火锅, it was great.",
    "下午三点 meeting，记得带 laptop。",
)
"""Plain things that people say, in English, Chinese and both at once."""

STATEMENTS: Final = (
    ("My name is Dora and I live in Utrecht.", "Utrecht"),
    ("I like pickled herring.", "herring"),
    ("I hate cold coffee.", "coffee"),
    ("I have a cat named Plum.", "Plum"),
    ("我叫方圆，我住在青岛。", "青岛"),
    ("我喜欢弹古筝。", "古筝"),
    ("我讨厌堵车。", "堵车"),
    ("我在医院工作。", "医院"),
)
"""First-person statements from which rules may derive facts, and a word that they hold."""

ODD_TEXTS: Final = {
    "emoji": "party 🎉🎉 with 👩‍👩‍👧‍👦 and 🇨🇳",
    "arabic": "أحب القهوة في الصباح الباكر",
    "hebrew": "אני גר בחיפה ליד הים",
    "mixed directions": "my café \u202bقهوة\u202c in 上海 🍵",
    "traditional": "我喜歡喝綠茶，住在臺北。",
    "full width": "ＡＢＣ １２３　全角空格",
    "combining": "cafe\u0301 nai\u0308ve Å Å",
    "zero width": "zero\u200bwidth\u200djoin\ufeffmark",
    "control": "tab\there, bell\x07, escape \x1b[31m, line\nbreak\r\nend",
    "sql": "'; DROP TABLE item; -- \" ` $1 ?1 :a @b",
    "json": '{"role": "user", "content": "\\u0000"} [1, 2',
    "markup": "<b>bold</b> &amp; {{template}} %s %d {0}",
    "only punctuation": "?!… ，。；",
    "one character": "火",
    "rare han": "𠮷野家 and 㐂",
    "long word": "a" * 5_000,
    "repeated": "echo " * 400,
}
"""Texts that must come back exactly as they went in."""

BLANK_TEXTS: Final = ("", " ", "\n\t ", "\u3000", "\u00a0")

ODD_IDS: Final = (
    "a/b/../c",
    "a\\b",
    'quote"d',
    "o'brien",
    "x'; DROP TABLE item; --",
    "user=1 OR 1=1",
    "a%",
    "a*",
    "*a",
    "张伟",
    "أحمد",
    "👩‍🚀",
    "a b",
    "null",
    "None",
    "0",
    "-1",
    "x" * 256,
    "%61lice",
    "Alice",
    "ａlice",
)
"""Ids that are unusual and allowed."""

BAD_IDS: Final[tuple[Any, ...]] = (
    "",
    " ",
    "\t\n",
    "\u3000",
    "*",
    "**",
    " * ",
    "%",
    "?",
    "x" * 257,
    "a\nb",
    "a\x00b",
    "a\x7fb",
    "\ud800",
    "a\udfffb",
    True,
    False,
    1.5,
    float("nan"),
    b"alice",
    ["alice"],
    ("alice",),
    {"user_id": "alice"},
    {"alice"},
)
"""Ids that must be refused with ScopeError."""

BAD_LIMITS: Final[tuple[Any, ...]] = (
    0,
    -1,
    -(10**9),
    10_001,
    10**30,
    True,
    False,
    1.0,
    2.5,
    float("nan"),
    "10",
    None,
    [1],
)

BAD_FILTERS: Final[tuple[Any, ...]] = (
    [],
    "city = 'x'",
    7,
    {"AND": []},
    {"OR": {}},
    {"OR": [dict[str, Any]()]},
    {"NOT": []},
    {"NOT": "x"},
    {"city": {}},
    {"city": {"like": "x"}},
    {"city": {"$eq": "x"}},
    {"city": {"in": "x"}},
    {"city": {"in": [["x"]]}},
    {"city": {"contains": float("nan")}},
    {"city": "*"},
    {"city": {"exists": 1}},
    {"city": {"gt": None}},
    {"city": {"gt": True}},
    {"city": {"eq": "\ud800"}},
    {"city": {"eq": "a\x00b"}},
    {"": 1},
    {".": 1},
    {"a..b": 1},
    {"a\\": 1},
    {"metadata": 1},
    {1: 1},
    {None: 1},
    {"user_id": "*"},
    {"user_id": {"ne": "alice"}},
    {"user_id": ["alice", "bob"]},
    {"tenant": {"in": ["a", "b"]}},
    {"kind": "everything"},
    {"kind": {"gt": "fact"}},
    {"importance": "high"},
    {"created_at": "yesterday"},
    {"created_at": {"gt": float("nan")}},
    {"created_at": {"contains": "2024"}},
    {"x": {"in": list(range(10_001))}},
    {"OR": [{"n": n} for n in range(1_001)]},
)
"""Filters that must be refused with FilterError before anything is read or written."""

BAD_METADATA: Final[tuple[Any, ...]] = (
    [],
    "text",
    7,
    {1: "x"},
    {None: "x"},
    {"x": {1, 2}},
    {"x": b"bytes"},
    {"x": float("nan")},
    {"x": float("inf")},
    {"x": 2**63},
    {"x": object()},
    {"x": datetime(2024, 5, 1, tzinfo=UTC)},
    {"x": "\ud800"},
    {"x\udfff": 1},
    {"x": "a\x00b"},
    {"x": "y" * 70_000},
    {"x" * 257: 1},
)
"""Metadata that must be refused with MetadataError."""

ODD_METADATA: Final[tuple[dict[str, Any], ...]] = (
    {},
    {"城市": "北京", "emoji": "🎉", "": "empty key", "a.b": {"c.d": [1, [2, [3]]]}},
    {"big": 2**63 - 1, "small": -(2**63), "float": 1e308, "tiny": 5e-324, "zero": -0.0, "one": 1.0},
    {"true": True, "null": None, "nested": {"a": {"b": {"c": [None, False, {}]}}}},
    {"user_id": "bob", "tenant": "other", "id": "x", "'; DROP TABLE item; --": '"quoted"'},
)
"""Metadata that must come back exactly, down to the type of a number."""

BAD_TIMES: Final[tuple[Any, ...]] = (
    "yesterday",
    "",
    "2024-13-01",
    "\ud800",
    float("nan"),
    float("inf"),
    -1e20,
    1e20,
    True,
    b"2024-05-01",
    [2024],
    {"year": 2024},
)
"""Times that must be refused with InputError."""

EDGE_TIMES: Final = (
    (datetime(1, 1, 1), datetime(1, 1, 1, tzinfo=UTC)),  # noqa: DTZ001 - naive on purpose
    (datetime(9999, 12, 31, 23, 59, 59, 999_999), datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)),  # noqa: DTZ001
    (datetime(2024, 5, 1, 12), datetime(2024, 5, 1, 12, tzinfo=UTC)),  # noqa: DTZ001
    ("0001-01-01", datetime(1, 1, 1, tzinfo=UTC)),
    ("9999-12-31", datetime(9999, 12, 31, tzinfo=UTC)),
    ("2024-05-01T12:00:00+08:00", datetime(2024, 5, 1, 4, tzinfo=UTC)),
    (-1, datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC)),
    (0, datetime(1970, 1, 1, tzinfo=UTC)),
    (1_714_564_800.25, datetime(2024, 5, 1, 12, 0, 0, 250_000, tzinfo=UTC)),
)
"""Times at the edges of what is allowed, and the instants that they mean; a naive time is UTC."""
