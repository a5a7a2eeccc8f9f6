"""The words of Chinese time expressions and what they stand for."""

from __future__ import annotations

from typing import Final

from polymem.text.times_calendar import Part, Unit

NIGHT: Final = Part(18, 30)

# fmt: off
DIGITS: Final = {character: n for n, character in enumerate("零一二三四五六七八九")} | {"〇": 0, "○": 0, "两": 2}
YEARS: Final = {"大前年": -3, "前年": -2, "去年": -1, "今年": 0, "明年": 1, "后年": 2, "去": -1, "今": 0}
DAYS: Final = {"大前": -3, "前": -2, "昨": -1, "今": 0, "明": 1, "后": 2, "大后": 3}
SIDES: Final = {"上上": -2, "上": -1, "这": 0, "本": 0, "下": 1, "下下": 2}
SEASONS: Final = {"春": 3, "夏": 6, "秋": 9, "冬": 12}
THIRDS: Final = {"初": "early", "上": "early", "中": "mid", "底": "late", "末": "late", "下": "late", "后": "late"}
WEEKDAYS: Final = {character: n for n, character in enumerate("一二三四五六日")} | {"天": 6}
UNITS: Final[dict[str, Unit]] = {
    "分钟": "minute", "小时": "hour", "钟头": "hour", "天": "day", "日": "day", "周": "week", "星期": "week",
    "礼拜": "week", "月": "month", "个月": "month", "年": "year",
}
VAGUE: Final = {"几": (2, 6), "数": (2, 6), "两三": (2, 3), "好几": (3, 8), "十几": (11, 19), "几十": (20, 90)}
"""What an uncertain number may mean, in units."""
HALVES: Final[dict[Unit, tuple[Unit, int]]] = {
    "hour": ("minute", 30), "week": ("day", 4), "month": ("day", 15), "year": ("month", 6),
}
"""What half of a unit is."""
WHOLES: Final[dict[Unit, int]] = {"hour": 60, "week": 7, "month": 30, "year": 12}
"""How many of the units in which its half is counted make a unit."""
PARTS: Final = {
    "凌晨": Part(0, 6), "清晨": Part(5, 12), "早上": Part(5, 12), "早晨": Part(5, 12), "上午": Part(5, 12),
    "中午": Part(11, 14), "正午": Part(11, 14), "下午": Part(12, 18), "午后": Part(12, 18), "傍晚": Part(16, 20),
    "晚上": NIGHT, "晚间": NIGHT, "深夜": NIGHT, "半夜": NIGHT, "夜里": NIGHT, "夜晚": NIGHT,
}
FIXED_FESTIVALS: Final = {
    "元旦": (1, 1), "情人": (2, 14), "妇女": (3, 8), "三八": (3, 8), "劳动": (5, 1), "五一": (5, 1), "儿童": (6, 1),
    "六一": (6, 1), "教师": (9, 10), "国庆": (10, 1), "万圣": (10, 31), "双十": (11, 11), "双1": (11, 11),
    "平安": (12, 24), "圣诞": (12, 25), "跨年": (12, 31),
}
# fmt: on
