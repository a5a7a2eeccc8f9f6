"""Statements that must end nothing: others' lives, other roles of the same words, questions, wishes, quotations.

Each is told to somebody who lives, works, studies, likes … what the statement names as well, so that whatever is
mistaken for news of the owner would close what is known.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from benchmarks import conflicts_words as words
from benchmarks.conflicts_words import Language

# fmt: off
KNOWN: Final[Mapping[Language, tuple[str, ...]]] = {
    "en": (
        "My name is Sarah Miller.",
        "I am 34 years old.",
        "I live in Berlin.",
        "I work at Siemens.",
        "I work as a nurse.",
        "I study at Leiden University.",
        "I'm married to Tom.",
        "My boss is Martin.",
        "I love coffee.",
        "I like jazz.",
        "I hate mushrooms.",
        "I have three cats.",
        "My favourite colour is blue.",
        "The status of my thesis is submitted.",
        "I'm allergic to peanuts.",
        "I speak French.",
        "My sister Anna lives in Oslo.",
    ),
    "zh": (
        "我叫王晓明。",
        "我今年34岁。",
        "我住在北京。",
        "我在华为工作。",
        "我的职业是护士。",
        "我就读于清华大学。",
        "我老婆叫李娜。",
        "我老板叫赵磊。",
        "我喜欢咖啡。",
        "我喜欢爵士乐。",
        "我讨厌蘑菇。",
        "我有三只猫。",
        "我最喜欢的颜色是蓝色。",
        "我论文的状态是已提交。",
        "我对花生过敏。",
        "我会说法语。",
        "我姐姐王芳住在上海。",
    ),
}

# {p}: somebody, {k}: a relative, {c}: a city, {w}: a firm, {j}: a job, {s}: a school, {t}: a thing, {n}: a figure; the
# capitals are what the owner has: {C}, {W}, {J}, {S}, {T}.
_PATTERNS: Final[Mapping[Language, Mapping[str, str]]] = {
    "en": {
        "others": "{p} lives in {c}. | {p} works at {w} now. | {p} moved to {C}. | My {k} moved to {c}. | My {k} works at {w}. | My {k} is a {j}. | {p} is {n} years old."
        " | My {k} loves {t}. | {p} hates {T}. | My {k} can't stand {T}. | {p} has {n} cats. | My {k} has {n} dogs. | {p} studies at {s}. | My {k}'s name is {p}."
        " | My {k}'s favourite colour is green. | {p}'s favourite colour is red. | {p}'s boss is {q}. | {p} is married to {q}. | My {k} got married to {p} in {c}."
        " | {p} turned {n} last week. | {p} and {q} moved to {c} together. | My {k}'s new job at {w} sounds great.",
        "negated others": "{p} doesn't live in {C} any more. | {p} no longer works at {W}. | My {k} isn't a {J} any more. | {p} doesn't like {T}. | My {k} doesn't drink {T}."
        " | {p} quit her job at {W}. | My {k} used to live in {C}. | {p} broke up with {q}. | {p} left {W} last year. | My {k} is no longer allergic to peanuts. | {p} sold his {n} cats."
        " | {p} isn't my boss. | My {k} never lived in {C}.",
        "other roles": "The flat in {c} is far too expensive. | {w} is hiring again. | I read a book about life in {c}. | {c} is a beautiful city. | The train to {c} was late."
        " | {T} is good for your health. | There are {n} cats in the yard. | I saw {n} cats on the roof. | A {j} came to the house today. | The {j} at {w} was very kind."
        " | {s} is one of the best. | I met a {j} from {c} yesterday. | My flight from {c} was cancelled. | The status of the server is offline. | Blue is a nice colour for a wall."
        " | The name of the hotel is {c} Palace. | My thesis is about {t}. | My car is {n} years old. | My house is {n} years old. | I bought {n} tickets for {t}.",
        "visits": "I visited {c} last weekend. | I'm in {c} for a conference this week. | I spent three days in {c}. | I had an interview at {w} last Monday. | I met {p} in {c} yesterday."
        " | We drove through {c} last summer. | I stayed with my {k} in {c} for a week. | I gave a talk at {w} on Tuesday. | I ran a workshop at {s}.",
        "questions": "Should I move to {c}? | Do you think I could work at {w}? | Is {c} a good place to live? | What does a {j} earn? | Would I like {t}? | Am I too old to become a {j}?"
        " | Does {p} still live in {C}? | Do I still live in {C}? | How many cats is too many? | Could I study at {s}? | Who is my boss at {w}?",
        "not yet": "If I lived in {c}, I would cycle to work. | I might move to {c} one day. | I'm thinking about moving to {c}. | I wish I worked at {w}. | Maybe I'll become a {j}."
        " | I would love to live in {c}. | I applied for a job at {w}. | I dream of studying at {s}. | I was offered a job at {w} but turned it down. | I almost moved to {c} last year."
        " | Imagine I lived in {c}. | Unless I get a job at {w}, I'm staying. | I could have been a {j}. | Let's pretend I am a {j}. | I want to visit {c}. | I hope to work at {w} some day.",
        "quotes": 'She said "I live in {c} now". | {p} told me: "I work at {w}." | He keeps saying that I live in {c}. | {p} thinks I work at {w}. | The song goes "I left my heart in {c}".'
        ' | "I hate {T}" is what my {k} always says. | People say I look like a {j}. | My {k} believes I moved to {c}. | {p} wrote: I no longer like {T}. | Translate "I moved to {c}" into German.',
        "still so": "I still live in {C}. | I still work at {W}. | I'm still a {J}. | I love {T} so much. | I bought {T} today. | I talked to Tom about {c}. | Martin praised my work at {W}."
        " | I have been a {J} for ten years. | My sister Anna called from {c}. | My {k} asked how I like {C}. | Blue is still my favourite colour. | My three cats are asleep.",
        "denials": "I don't live in {c}. | I don't work at {w}. | I'm not a {j}. | I'm not {n} years old. | I have never lived in {c}. | I don't know anybody at {w}. | I don't like {t} that much when it rains.",
    },
    "zh": {
        "others": "{p}住在{c}。 | {p}现在在{w}工作。 | {p}搬到{C}了。 | 我{k}搬到{c}了。 | 我{k}在{w}上班。 | 我{k}是一名{j}。 | {p}今年{n}岁。 | 我{k}喜欢{t}。 | {p}讨厌{T}。 | 我{k}受不了{T}。"
        " | {p}有{n}只猫。 | 我{k}养了{n}只狗。 | {p}在{s}读书。 | 我{k}叫{p}。 | 我{k}最喜欢的颜色是绿色。 | {p}最喜欢的颜色是红色。 | {p}的老板叫{q}。 | {p}和{q}结婚了。 | {p}跳槽到{w}了。"
        " | {p}上周满{n}岁了。 | {p}和{q}一起搬到{c}了。 | 我{k}在{w}的新工作听起来不错。",
        "negated others": "{p}不住在{C}了。 | {p}已经不在{W}工作了。 | 我{k}不再是{J}了。 | {p}不喜欢{T}。 | 我{k}不喝{T}。 | {p}从{W}离职了。 | 我{k}以前住在{C}。 | {p}和{q}分手了。 | {p}去年离开{W}了。"
        " | 我{k}已经不对花生过敏了。 | {p}不是我的老板。 | 我{k}从来没住过{C}。 | {p}从清华大学毕业了。",
        "other roles": "{c}的房子太贵了。 | {w}又在招人了。 | 我读了一本关于{c}生活的书。 | {c}是一座美丽的城市。 | 去{c}的火车晚点了。 | {T}对身体好。 | 院子里有{n}只猫。 | 我看到屋顶上有{n}只猫。"
        " | 今天有个{j}来家里。 | {w}的{j}人很好。 | {s}是最好的大学之一。 | 我昨天遇到一个{c}来的{j}。 | 我从{c}起飞的航班取消了。 | 服务器的状态是离线。 | 蓝色适合刷墙。 | 酒店的名字叫{c}饭店。"
        " | 我的论文是关于{t}的。 | 我的车已经{n}年了。 | 我买了{n}张{t}的票。 | 我老家的房子有{n}年历史了。",
        "visits": "上周末我去{c}玩了。 | 这周我在{c}开会。 | 我在{c}待了三天。 | 上周一我去{w}面试了。 | 昨天我在{c}见了{p}。 | 去年夏天我们开车路过{c}。 | 我在{c}的{k}家住了一周。 | 周二我在{w}做了一次报告。"
        " | 我在{s}办了一次讲座。 | 我正在{c}出差。",
        "questions": "我应该搬到{c}吗？ | 你觉得我能去{w}工作吗？ | {c}适合居住吗？ | {j}一个月挣多少钱？ | 我会喜欢{t}吗？ | 我现在转行做{j}晚吗？ | {p}还住在{C}吗？ | 我还住在{C}吗？ | 养几只猫合适？ | 我能去{s}读书吗？"
        " | 谁在{w}当老板？",
        "not yet": "如果我住在{c}，我就骑车上班。 | 我可能会搬到{c}。 | 我在考虑搬到{c}。 | 真希望我在{w}工作。 | 说不定我会当{j}。 | 我很想住在{c}。 | 我申请了{w}的职位。 | 我梦想在{s}读书。"
        " | {w}给了我录用通知，我拒绝了。 | 我去年差点搬到{c}。 | 假设我住在{c}。 | 除非我在{w}工作，否则我不走。 | 我本来可以当{j}的。 | 假装我是一名{j}。 | 我想去{c}看看。 | 但愿我以后在{w}上班。 | 我打算明年搬到{c}。",
        "quotes": "她说“我住在{c}”。 | {p}告诉我：“我在{w}工作。” | 他老说我住在{c}。 | {p}以为我在{w}工作。 | 歌里唱“我住在{c}”。 | “我讨厌{T}”是我{k}的口头禅。 | 大家说我像个{j}。 | 我{k}觉得我搬到{c}了。"
        " | {p}写道：我不再喜欢{T}了。 | 把“我搬到{c}了”翻译成英语。 | 听说我在{w}工作的事传开了。",
        "still so": "我还住在{C}。 | 我还在{W}工作。 | 我还是{J}。 | 我太喜欢{T}了。 | 我今天买了{T}。 | 我和李娜聊了聊{c}。 | 赵磊表扬了我在{W}的工作。 | 我当{J}已经十年了。 | 我姐姐王芳从{c}打来电话。"
        " | 我{k}问我喜不喜欢{C}。 | 蓝色依然是我最喜欢的颜色。 | 我的三只猫都睡了。",
        "denials": "我不住在{c}。 | 我不在{w}工作。 | 我不是{j}。 | 我不是{n}岁。 | 我从来没在{c}住过。 | 我在{w}谁也不认识。",
    },
}

_PEOPLE: Final[Mapping[Language, tuple[str, ...]]] = {
    "en": ("Erin", "Gail", "Hugo", "Ivan", "Jack", "Kara", "Leon", "Mona", "Nora", "Omar", "Paul", "Rita", "Sean", "Tina", "Vera", "Walt", "Zoe", "Carl", "Dora", "Finn"),
    "zh": ("黄磊", "徐静", "林峰", "罗兰", "梁宇", "宋佳", "唐雪", "许强", "邓丽", "冯刚", "韩梅", "曹阳", "曾敏", "彭飞", "萧然", "蔡明", "潘婷", "袁野", "于洋", "董洁"),
}
_KIN: Final[Mapping[Language, tuple[str, ...]]] = {
    "en": ("brother", "mother", "father", "uncle", "cousin", "neighbour", "colleague", "roommate", "friend", "aunt"),
    "zh": ("哥哥", "妈妈", "爸爸", "叔叔", "表弟", "邻居", "同事", "室友", "朋友", "姑姑"),
}
_OWN: Final[Mapping[Language, Mapping[str, str]]] = {
    "en": {"C": "Berlin", "W": "Siemens", "J": "nurse", "S": "Leiden University", "T": "coffee"},
    "zh": {"C": "北京", "W": "华为", "J": "护士", "S": "清华大学", "T": "咖啡"},
}

# fmt: on


@dataclass(frozen=True, slots=True)
class Unrelated:
    """One statement, and what kind of trap it is."""

    text: str
    kind: str
    language: Language


def unrelated(n: int, *, seed: int = 1) -> Iterator[Unrelated]:
    """Yield *n* different statements, half in each language, kinds in turn; the same for the same *seed*."""
    chance = random.Random(f"{seed}/unrelated")
    languages: tuple[Language, ...] = ("en", "zh")
    kinds = list(_PATTERNS["en"])
    seen: set[str] = set()
    place = 0
    while len(seen) < n:
        language, kind = languages[place % 2], kinds[place // 2 % len(kinds)]
        place += 1
        for _ in range(20):
            text = _filled(chance, language, kind)
            if text not in seen:
                seen.add(text)
                yield Unrelated(text, kind, language)
                break


def _filled(chance: random.Random, language: Language, kind: str) -> str:
    own = _OWN[language]
    pattern = chance.choice(_PATTERNS[language][kind].split(" | ")).strip()
    one, other = chance.sample(_PEOPLE[language], 2)

    def pick(values: tuple[str, ...], besides: str) -> str:
        return chance.choice([value for value in values if value != besides])

    return pattern.format(
        p=one,
        q=other,
        k=chance.choice(_KIN[language]),
        c=pick(words.CITIES[language], own["C"]),
        w=pick(words.COMPANIES[language], own["W"]),
        j=pick(words.JOBS[language], own["J"]),
        s=pick(words.SCHOOLS[language], own["S"]),
        t=pick(words.THINGS[language], own["T"]),
        n=chance.randint(4, 33),
        **own,
    )
