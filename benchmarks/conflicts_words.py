"""What the histories of the conflict set are made of: names, values and ways of saying, in English and Chinese."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

# fmt: off
Language: TypeAlias = Literal["en", "zh"]
LANGUAGES: Final[tuple[Language, ...]] = ("en", "zh")


@dataclass(frozen=True, slots=True)
class Slot:
    """One detail of which a person has one at a time, and how people speak of it.

    Attributes:
        predicate: Of the statements.
        values: What it may be.
        first: Ways to state it, ``{x}`` for the value.
        later: Ways to state that it changed.
        past: Ways to tell of a year that is over, ``{y}``; empty where nobody does.
        ends: Ways to say that it is over.
        question: Asks for it.
    """

    predicate: str
    values: tuple[str, ...]
    first: tuple[str, ...]
    later: tuple[str, ...]
    question: str
    past: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()


def _split(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split("|"))


CITIES: Final[Mapping[Language, tuple[str, ...]]] = {
    "en": _split("Berlin | Paris | Lisbon | Oslo | Toronto | Seattle | Chicago | Madrid | Vienna | Dublin | Prague | Kyoto | Boston | Austin | Denver | Rome | Milan | Zurich | Munich | New York"),
    "zh": _split("北京 | 上海 | 广州 | 深圳 | 成都 | 杭州 | 武汉 | 西安 | 苏州 | 南京 | 长沙 | 青岛 | 大连 | 厦门 | 昆明 | 重庆 | 天津 | 沈阳 | 合肥 | 福州"),
}
COMPANIES: Final[Mapping[Language, tuple[str, ...]]] = {
    "en": _split("Siemens | Google | Microsoft | Spotify | Nokia | Boeing | Toyota | Airbus | Oracle | Stripe | Acme Corp | Globex"),
    "zh": _split("华为 | 腾讯 | 百度 | 小米 | 京东 | 网易 | 字节跳动 | 美团 | 联想 | 比亚迪 | 中兴 | 海尔"),
}
JOBS: Final[Mapping[Language, tuple[str, ...]]] = {
    "en": _split("nurse | teacher | chef | plumber | pilot | lawyer | carpenter | journalist | photographer | dentist | librarian | baker"),
    "zh": _split("护士 | 教师 | 厨师 | 律师 | 记者 | 摄影师 | 会计 | 程序员 | 设计师 | 司机 | 翻译 | 建筑师"),
}
SCHOOLS: Final[Mapping[Language, tuple[str, ...]]] = {
    "en": _split("Stanford University | Oxford University | Yale University | Boston College | Leiden University | Trinity College | Cornell University | Lund University"),
    "zh": _split("北京大学 | 清华大学 | 复旦大学 | 浙江大学 | 南京大学 | 武汉大学 | 中山大学 | 四川大学"),
}
PEOPLE: Final[Mapping[Language, tuple[str, ...]]] = {
    "en": _split("Anna | Maria | Julia | Emma | Laura | Sophie | Clara | Alice | Tom | Peter | David | Martin | Oliver | Henry | Lucas | Simon"),
    "zh": _split("李娜 | 王芳 | 张敏 | 刘洋 | 陈静 | 杨丽 | 赵磊 | 周涛 | 吴刚 | 孙悦 | 马超 | 朱琳 | 胡军 | 郭敬 | 何静 | 高峰"),
}
OWN_NAMES: Final[Mapping[Language, tuple[str, ...]]] = {
    "en": _split("Sarah Miller | Sarah Brown | Kate Wilson | Kate Evans | Nina Clark | Nina Hall | James Carter | James Reed"),
    "zh": _split("王晓明 | 李晓明 | 陈思雨 | 林思雨 | 张伟 | 刘伟 | 赵欣怡 | 周欣怡"),
}
THINGS: Final[Mapping[Language, tuple[str, ...]]] = {
    "en": _split("coffee | jazz | badminton | sushi | horror movies | camping | opera | mushrooms | chess | green tea | spicy food | yoga"),
    "zh": _split("咖啡 | 爵士乐 | 羽毛球 | 寿司 | 恐怖片 | 露营 | 京剧 | 蘑菇 | 象棋 | 绿茶 | 火锅 | 瑜伽"),
}
COUNTED: Final[Mapping[Language, tuple[str, ...]]] = {
    "en": _split("cats | dogs | bikes | guitars | kids | cars | rabbits | laptops"),
    "zh": _split("只猫 | 只狗 | 辆自行车 | 把吉他 | 个孩子 | 辆车 | 只兔子 | 台电脑"),
}
FAVOURITES: Final[Mapping[Language, Mapping[str, tuple[str, ...]]]] = {
    "en": {
        "colour": _split("blue | green | red | purple | orange"),
        "food": _split("pizza | sushi | ramen | lasagna | tacos"),
        "season": _split("spring | summer | autumn | winter"),
        "band": _split("Radiohead | Queen | Blur | Coldplay | Muse"),
    },
    "zh": {
        "颜色": _split("蓝色 | 绿色 | 红色 | 紫色 | 橙色"),
        "水果": _split("苹果 | 芒果 | 西瓜 | 葡萄 | 草莓"),
        "季节": _split("春天 | 夏天 | 秋天 | 冬天"),
        "运动": _split("篮球 | 足球 | 游泳 | 网球 | 排球"),
    },
}
STATES: Final[Mapping[Language, Mapping[str, tuple[str, ...]]]] = {
    "en": {
        "thesis": _split("drafted | submitted | under review | accepted"),
        "visa application": _split("pending | approved | rejected"),
        "project": _split("on hold | in progress | finished"),
    },
    "zh": {
        "论文": _split("初稿 | 审稿中 | 已录用 | 已发表"),
        "签证": _split("办理中 | 已通过 | 被拒"),
        "项目": _split("进行中 | 已暂停 | 已完成"),
    },
}

SLOTS: Final[Mapping[Language, Mapping[str, Slot]]] = {
    "en": {
        "residence": Slot(
            "lives_in",
            CITIES["en"],
            _split("I live in {x}. | I'm living in {x} at the moment. | Just so you know, I live in {x}. | I'm based in {x}."),
            _split("I moved to {x}. | I've just moved to {x}! | I live in {x} now. | We relocated to {x}. | I'm living in {x} now."),
            "Where do I live?",
            _split("In {y} I lived in {x}. | Back in {y} I was living in {x}. | I lived in {x} in {y}."),
            _split("I don't live in {x} any more. | I no longer live in {x}. | I moved away from {x}."),
        ),
        "employer": Slot(
            "works_at",
            COMPANIES["en"],
            _split("I work at {x}. | I work for {x}. | I'm currently working at {x}."),
            _split("I work at {x} now. | I started a new job at {x}. | I joined {x}. | I'm working for {x} these days. | I got a job at {x}."),
            "Where do I work?",
            _split("In {y} I worked at {x}. | I worked for {x} in {y}."),
            _split("I don't work at {x} any more. | I no longer work for {x}. | I quit my job at {x}. | I left {x}."),
        ),
        "job": Slot(
            "works_as",
            JOBS["en"],
            _split("I work as a {x}. | I'm a {x}. | I am a {x} by profession."),
            _split("I'm a {x} now. | I work as a {x} now. | I became a {x}."),
            "What is my job?",
            _split("In {y} I worked as a {x}. | I was a {x} in {y}."),
            _split("I'm no longer a {x}. | I don't work as a {x} any more."),
        ),
        "school": Slot(
            "studies_at",
            SCHOOLS["en"],
            _split("I study at {x}. | I'm a student at {x}. | I attend {x}."),
            _split("I study at {x} now. | I transferred to {x}. | I'm studying at {x} now."),
            "Where do I study?",
            _split("In {y} I studied at {x}. | I was a student at {x} in {y}."),
            _split("I no longer study at {x}. | I don't study at {x} any more."),
        ),
        "name": Slot(
            "name",
            OWN_NAMES["en"],
            _split("My name is {x}. | My full name is {x}."),
            _split("My name is {x} now. | I changed my name to {x}."),
            "What is my name?",
        ),
        "partner": Slot(
            "partner",
            PEOPLE["en"],
            _split("I'm dating {x}. | My partner's name is {x}. | My girlfriend is called {x}."),
            _split("I'm dating {x} now. | I got engaged to {x}. | I'm married to {x}. | I married {x}."),
            "Who is my partner?",
            ends=_split("I broke up with {x}. | {x} and I broke up. | I'm no longer dating {x}."),
        ),
        "boss": Slot(
            "boss",
            PEOPLE["en"],
            _split("My boss is {x}. | My boss's name is {x}. | {x} is my boss."),
            _split("My new boss is {x}. | {x} is my boss now. | My boss is now {x}."),
            "Who is my boss?",
            ends=_split("{x} is no longer my boss. | {x} isn't my boss any more."),
        ),
    },
    "zh": {
        "residence": Slot(
            "lives_in",
            CITIES["zh"],
            _split("我住在{x}。 | 我现在住在{x}。 | 我家住{x}。 | 我在{x}生活。"),
            _split("我搬到{x}了。 | 我刚搬到了{x}。 | 我现在住在{x}了。 | 我们搬家到{x}了。 | 我已经搬去{x}了。"),
            "我住在哪里？",
            _split("{y}年我住在{x}。 | 我{y}年的时候住在{x}。 | {y}年那会儿我在{x}生活。"),
            _split("我不住在{x}了。 | 我已经不住{x}了。 | 我从{x}搬走了。 | 我不再住在{x}。"),
        ),
        "employer": Slot(
            "works_at",
            COMPANIES["zh"],
            _split("我在{x}工作。 | 我在{x}上班。 | 我就职于{x}。"),
            _split("我现在在{x}工作。 | 我跳槽到{x}了。 | 我入职{x}了。 | 我换到{x}上班了。"),
            "我在哪里工作？",
            _split("{y}年我在{x}工作。 | 我{y}年在{x}上班。"),
            _split("我从{x}离职了。 | 我已经不在{x}工作了。 | 我离开{x}了。 | 我不在{x}上班了。"),
        ),
        "job": Slot(
            "works_as",
            JOBS["zh"],
            _split("我是一名{x}。 | 我的职业是{x}。 | 我是{x}。"),
            _split("我现在是一名{x}了。 | 我现在的工作是{x}。 | 我转行当{x}了。"),
            "我的职业是什么？",
            _split("{y}年我是一名{x}。 | 我{y}年当{x}。"),
            _split("我不再是{x}了。 | 我已经不当{x}了。 | 我不做{x}了。"),
        ),
        "school": Slot(
            "studies_at",
            SCHOOLS["zh"],
            _split("我在{x}读书。 | 我在{x}上学。 | 我就读于{x}。"),
            _split("我现在在{x}读书。 | 我转学到{x}了。 | 我现在就读于{x}。"),
            "我在哪里上学？",
            _split("{y}年我在{x}读书。 | 我{y}年在{x}上学。"),
            _split("我从{x}毕业了。 | 我不在{x}读书了。 | 我已经不在{x}上学了。"),
        ),
        "name": Slot(
            "name",
            OWN_NAMES["zh"],
            _split("我叫{x}。 | 我的名字是{x}。 | 我的名字叫{x}。"),
            _split("我现在叫{x}。 | 我改名叫{x}了。 | 我的名字改成{x}了。"),
            "我叫什么名字？",
        ),
        "partner": Slot(
            "partner",
            PEOPLE["zh"],
            _split("我女朋友叫{x}。 | 我的对象是{x}。 | 我的伴侣叫{x}。"),
            _split("我现在的女朋友叫{x}。 | 我和{x}结婚了。 | 我跟{x}订婚了。 | 我和{x}在一起了。"),
            "我的伴侣是谁？",
            ends=_split("我和{x}分手了。 | 我跟{x}离婚了。 | 我和{x}已经分手了。"),
        ),
        "boss": Slot(
            "boss",
            PEOPLE["zh"],
            _split("我老板叫{x}。 | 我的上司是{x}。 | {x}是我的领导。"),
            _split("我的新老板叫{x}。 | 我现在的上司是{x}。 | 我的老板换成{x}了。"),
            "我的老板是谁？",
            ends=_split("{x}不再是我的老板了。 | {x}已经不是我的上司了。"),
        ),
    },
}

LIKES: Final[Mapping[Language, tuple[str, ...]]] = {
    "en": _split("I love {x}. | I really like {x}. | I enjoy {x}."),
    "zh": _split("我喜欢{x}。 | 我很喜欢{x}。 | 我最喜欢{x}了。"),
}
LIKES_AGAIN: Final[Mapping[Language, tuple[str, ...]]] = {
    "en": _split("I love {x} again. | I like {x} now."),
    "zh": _split("我又喜欢{x}了。 | 我现在喜欢{x}了。"),
}
DISLIKES: Final[Mapping[Language, tuple[str, ...]]] = {
    "en": _split("I hate {x}. | I can't stand {x}. | I really dislike {x} now. | I don't like {x} any more."),
    "zh": _split("我讨厌{x}。 | 我现在很讨厌{x}。 | 我不喜欢{x}了。 | 我受不了{x}。"),
}
NOT_LIKES: Final[Mapping[Language, tuple[str, ...]]] = {
    "en": _split("I no longer like {x}. | I've stopped liking {x}."),
    "zh": _split("我不再喜欢{x}了。 | 我已经不再喜欢{x}了。"),
}
NUMBERS: Final[Mapping[Language, tuple[str, ...]]] = {
    "en": _split("zero | one | two | three | four | five | six | seven | eight"),
    "zh": _split("零 | 一 | 两 | 三 | 四 | 五 | 六 | 七 | 八"),
}
COUNT_FIRST: Final[Mapping[Language, tuple[str, ...]]] = {
    "en": _split("I have {n} {x}. | I've got {n} {x}. | We have {n} {x}."),
    "zh": _split("我有{n}{x}。 | 我家有{n}{x}。 | 我一共有{n}{x}。"),
}
COUNT_LATER: Final[Mapping[Language, tuple[str, ...]]] = {
    "en": _split("I have {n} {x} now. | Now I have {n} {x}. | I only have {n} {x} left."),
    "zh": _split("我现在有{n}{x}了。 | 现在我有{n}{x}。 | 我只剩{n}{x}了。"),
}
AGE: Final[Mapping[Language, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "en": (_split("I'm {x} years old. | I am {x}."), _split("I turned {x} today. | I'm {x} now. | I just turned {x}.")),
    "zh": (_split("我{x}岁。 | 我今年{x}岁。"), _split("我今天满{x}岁了。 | 我现在{x}岁了。 | 我已经{x}岁了。")),
}
FAVOURITE: Final[Mapping[Language, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "en": (
        _split("My favourite {q} is {x}. | {x} is my favourite {q}."),
        _split("My favourite {q} is {x} now. | My new favourite {q} is {x}. | My favourite {q} is now {x}."),
    ),
    "zh": (
        _split("我最喜欢的{q}是{x}。 | 我最爱的{q}是{x}。"),
        _split("我现在最喜欢的{q}是{x}。 | 我最喜欢的{q}变成{x}了。 | 现在我最喜欢的{q}是{x}。"),
    ),
}
STATUS: Final[Mapping[Language, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "en": (
        _split("The status of my {q} is {x}. | The current status of my {q} is {x}."),
        _split("The status of my {q} is now {x}. | The current status of my {q} is {x}. | The status of my {q} changed to {x}."),
    ),
    "zh": (
        _split("我的{q}状态是{x}。 | 我{q}的状态是{x}。"),
        _split("我的{q}现在的状态是{x}。 | 我{q}的状态变成{x}了。 | 我的{q}目前的状态是{x}。"),
    ),
}
KIN: Final[Mapping[Language, Mapping[str, tuple[str, ...]]]] = {
    "en": {
        "partner": _split("My wife's name is {p}. | My husband is called {p}. | I'm married to {p}."),
        "sister": _split("My sister's name is {p}. | My sister is called {p}. | {p} is my sister."),
        "boss": _split("My boss's name is {p}. | {p} is my boss."),
        "mother": _split("My mother's name is {p}. | My mom is called {p}."),
    },
    "zh": {
        "partner": _split("我老婆叫{p}。 | 我妻子叫{p}。 | 我老公叫{p}。"),
        "sister": _split("我姐姐叫{p}。 | 我妹妹叫{p}。 | {p}是我姐姐。"),
        "boss": _split("我老板叫{p}。 | {p}是我的领导。"),
        "mother": _split("我妈妈叫{p}。 | 我母亲叫{p}。"),
    },
}
OTHERS: Final[Mapping[Language, Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]]] = {
    "en": {
        "lives_in": (_split("{p} lives in {x}. | {p} is living in {x}."), _split("{p} moved to {x}. | {p} lives in {x} now.")),
        "works_at": (_split("{p} works at {x}. | {p} works for {x}."), _split("{p} works at {x} now. | {p} started working at {x}.")),
        "works_as": (_split("{p} works as a {x}. | {p} is a {x}."), _split("{p} works as a {x} now. | {p} is now a {x}.")),
    },
    "zh": {
        "lives_in": (_split("{p}住在{x}。 | {p}现在住在{x}。"), _split("{p}搬到{x}了。 | {p}现在住在{x}了。")),
        "works_at": (_split("{p}在{x}工作。 | {p}在{x}上班。"), _split("{p}现在在{x}工作。 | {p}跳槽到{x}了。")),
        "works_as": (_split("{p}是一名{x}。 | {p}是{x}。"), _split("{p}现在是一名{x}了。 | {p}现在是一名{x}。")),
    },
}
HOP_QUESTION: Final[Mapping[Language, Mapping[str, str]]] = {
    "en": {"partner": "Where does my spouse live?", "sister": "Where does my sister live?", "boss": "Where does my boss live?", "mother": "Where does my mother live?"},
    "zh": {"partner": "我的爱人住在哪里？", "sister": "我姐妹住在哪里？", "boss": "我老板住在哪里？", "mother": "我妈妈住在哪里？"},
}
OTHER_QUESTION: Final[Mapping[Language, Mapping[str, str]]] = {
    "en": {"lives_in": "Where does {p} live?", "works_at": "Where does {p} work?", "works_as": "What is {p}'s job?"},
    "zh": {"lives_in": "{p}住在哪里？", "works_at": "{p}在哪里工作？", "works_as": "{p}的职业是什么？"},
}
LIKE_QUESTION: Final[Mapping[Language, str]] = {"en": "Do I like {x}?", "zh": "我喜欢{x}吗？"}
COUNT_QUESTION: Final[Mapping[Language, str]] = {"en": "How many {x} do I have?", "zh": "我有几{x}？"}
AGE_QUESTION: Final[Mapping[Language, str]] = {"en": "How old am I?", "zh": "我多大了？"}
FAVOURITE_QUESTION: Final[Mapping[Language, str]] = {"en": "What is my favourite {q}?", "zh": "我最喜欢的{q}是什么？"}
STATUS_QUESTION: Final[Mapping[Language, str]] = {"en": "What is the status of my {q}?", "zh": "我的{q}状态是什么？"}

NOISE: Final[Mapping[Language, tuple[str, ...]]] = {
    "en": _split(
        "It has been raining all day. | Can you recommend a good restaurant in {c}? | I visited {c} last weekend. | Thanks, that was helpful!"
        " | If I lived in {c}, I'd take the tram. | My colleague keeps talking about {c}. | What's the weather like in {c}?"
        " | I read a long article about {w} today. | Should I apply at {w}? | She said she wants to work at {w}. | The printer is broken again."
    ),
    "zh": _split(
        "今天下了一整天的雨。 | 能推荐一家{c}的餐厅吗？ | 上周末我去{c}玩了。 | 谢谢，很有帮助！ | 如果我住在{c}就好了。 | 同事老是提到{c}。"
        " | {c}的天气怎么样？ | 今天读了一篇关于{w}的长文章。 | 我该不该去{w}应聘？ | 她说她想去{w}工作。 | 打印机又坏了。"
    ),
}
