"""Chinese statement rules: one row for each way of saying something, matched where the subject ends.

A row reads: name, predicate, the words that call for it, the pattern, the converter of what ``object`` captured.
Patterns see simplified characters in half width.
"""

from __future__ import annotations

import re
from typing import Final, Unpack

from polymem.text import statements_zh_names as names
from polymem.text import statements_zh_objects as objects
from polymem.text import statements_zh_words as words
from polymem.text.lazy import lazy
from polymem.text.statement_rules import Converter, How, Rule, by_word

__all__ = ["ADVERB", "KIN", "RULES", "RULES_BY_WORD"]

ADVERB: Final = "(?:也|还|都|就|最|很|太|非常|特别|超级|超|真的|真心|一直|一向|从小|从小就|其实|现在|目前|比较|挺|蛮|更|尤其|十分|相当|确实|已经|刚刚|刚|格外|本人|如今|倒是|平时|当然|自己|早就|又|最近|蛮)*"
KIN: Final = "|".join(sorted((*words.FAMILY, *words.PETS), key=len, reverse=True))
"""Nouns for people and animals that belong to somebody, longest first."""

_FAMILY: Final = "|".join(sorted(words.FAMILY, key=len, reverse=True))
_PET: Final = "|".join(sorted(words.PETS, key=len, reverse=True))
_OBJECT: Final = "(?P<object>.+)"
_MEASURE: Final = "只条匹头个辆台套部把架间家栋艘座块副口位名"
_COUNTABLE: Final = "|".join(sorted((*words.FAMILY, *words.PETS, *words.BELONGINGS), key=len, reverse=True))
"""Nouns of which somebody has a number that is worth knowing."""
_ONE: Final = "(?:一|两|二|三|四|五|六|好?几|\\d+)"
_CALLED: Final = "[,，]?\\s*(?:它|他|她|小家伙)?(?:的)?(?:名字|大名)?(?:叫做|叫作|名叫|取名叫?|起名叫?|叫|是)"
_NO_LONGER: Final = "(?:已经)?(?:不再|不|没有?再?)"
_ASPECT: Final = "(?:(?!不|没|以前|之前|从前|曾|原来|原本|过去|当时|可能|也许|大概|应该|或许|好像|似乎|估计|未必|一定|到底|究竟)[^是有]){0,8}"
"""What is liked about something ("的颜色"), without a word that denies it, doubts it or puts it in the past."""
_ONCE: Final = "(?:以前|之前|曾经|曾|原来|过去|小时候|当初|早年)(?:一直|是|都|很|也)*"


def _row(
    name: str, predicate: str, triggers: str, pattern: str, *, read: Converter, **how: Unpack[How]
) -> Rule:
    """Return one rule of the table."""
    return Rule(name, predicate, tuple(triggers.split()), lazy(pattern, re.IGNORECASE), read, **how)


# fmt: off
_DOES_WORK: Final = "(?:工作|上班|任职|就职|供职|打工|实习)"
_ONGOING: Final = "(?!过|的(?!$|[呢啊呀哦吧,，])|日|量|压力|中|时|之余|环境|期间|之?前|以前|之?后|以后|那|到(?!现在|如今|今天)|结束|是|地)"
"""What may not follow work that is to be the clause's own and of now: 工作过, 工作的朋友, 工作那几年."""
_NOT_OF: Final = "(?!的(?!$|[呢啊呀哦吧,，]))"
"""A relative clause says something about what follows it, not about who the clause begins with."""
_YEARS: Final = r"(?:[\d一二三四五六七八九十两几多好半]+(?:年|个?月|天|个?学期))"

_IDENTITY: Final = (
    _row("叫", "name", "叫", rf"(?:的)?(?:名字|姓名|大名|真名|全名|本名)?(?:就)?(?:叫做|叫作|名叫|叫)(?:做)?{_OBJECT}", read=names.person_name, confidence=0.9),
    _row("名字是", "name", "名 姓", rf"(?:的)?(?:名字|姓名|大名|全名|真名)(?:就)?[是为]{_OBJECT}", read=names.person_name, confidence=0.95),
    _row("改名", "name", "改名 名字改", r"(?:已经|刚刚?)?(?:改名(?:字)?(?:叫做?|为|成)?了?|(?:的)?名字(?:改|换)(?:成|为|叫)了?)(?P<object>[^,，了]{2,8}?)(?:了|啦)?$", read=names.person_name, confidence=0.9),
    _row("叫我", "nickname", "叫我", rf"(?<![我俺咱])(?:可以|平时|一般|就|都|喜欢)*叫我{_OBJECT}", read=names.nickname, who="self", confidence=0.85),
    _row("小名", "nickname", "小名 乳名 昵称 绰号 外号 网名 笔名 艺名 英文名", rf"(?:的)?(?:小名|乳名|昵称|绰号|外号|网名|笔名|艺名|英文名)(?:字)?(?:就)?(?:叫做|叫作|叫|是){_OBJECT}", read=names.person_name, confidence=0.85),
    _row("年龄", "age", "岁", r"(?:今年|现在|已经|刚刚?满?|年满|满|虚岁|周岁|是|有|都)*(?P<object>[\d一二三四五六七八九十两]+)(?:多)?(?:周)?岁(?:了|啦|呢)?$", read=objects.age, confidence=0.9),
    _row("年龄是", "age", "年龄", r"(?:的)?年龄(?:是|为)(?:在)?(?P<object>[\d一二三四五六七八九十两]+)(?:周)?岁?(?:了|呢)?$", read=objects.age, confidence=0.95),
    _row("生日", "birthday", "生日", rf"(?:的)?(?:生日|出生日期)(?:就)?(?:是|为)?(?:在)?{_OBJECT}", read=objects.birthdate, confidence=0.95),
    _row("出生于", "birthday", "出生 生于", r"(?:是)?(?:出生|生)(?:于|在)(?P<object>[\d一二三四五六七八九十正腊]+[年月].*)", read=objects.birthdate, confidence=0.9),
    _row("日出生", "birthday", "出生 生的", r"(?:是)?(?P<object>(?:\d{4}年)?(?:\d+月(?:\d+[日号])?)?)(?:出生|生)的?$", read=objects.birthdate, confidence=0.9),
    _row("性别", "gender", "生 人 孩", r"(?:性别)?是(?:一个|个)?(?P<object>男|女)(?:生|孩子?|的|人|性)?$", read=lambda raw: ["male" if raw == "男" else "female"]),
    _row("是类", "is", "是 属于 单身 已婚", rf"(?:是|属于)?{_OBJECT}", read=objects.trait),
    _row("不是类", "is", "不是", rf"不是{_OBJECT}", read=objects.trait, positive=False),
    _row("学历", "education", "学历 教育背景", r"(?:的)?(?:学历|教育背景|最高学历)(?:是|为)(?P<object>小学|初中|高中|中专|大专|专科|本科|硕士|博士|研究生|博士后)(?:学历|毕业|生)?(?:的|呢)?$", read=lambda raw: [raw], confidence=0.95),
)

_ABLAZE: Final = "(?:死|疯|惨)(?=[^了].*了$)"
"""喜欢死, 讨厌死: very much; 喜欢死了 says no more than that."""
_BEGUN: Final = f"(?:上了|上(?!{words.UP})(?=.+了$))"
_LIKE: Final = f"(?:喜欢{_BEGUN}|(?:喜欢|爱|迷){_ABLAZE}|喜欢|喜爱|热爱|偏爱|钟爱|酷爱|痴迷于?|[迷爱]{_BEGUN}|热衷于?|爱(?=吃|喝|看|听|玩|读|打|唱|跳|画|做|运动|旅行|旅游))"
_DISLIKE: Final = f"(?:(?:讨厌|恨|烦){_ABLAZE}|讨厌|厌恶|反感|痛恨|受不了|忍受不了|无法忍受|最怕|不太喜欢|不怎么喜欢|不是很喜欢|不大喜欢|不喜欢|不爱(?=吃|喝|看|听|玩|运动|打|跳|唱|出门|说话)|不太爱|不怎么爱|很不喜欢|特别不喜欢)"
_VERB_OF: Final = "(?:吃|喝|看|听|玩|读|去|做|用|穿|写|画|唱|打|买|学|聊)过?"
_ATTITUDES: Final = (
    _row("喜欢", "likes", "喜欢 喜爱 爱 痴迷 迷上 热衷", rf"{_LIKE}(?!{_VERB_OF}?的|是喜欢)(?P<object>(?:(?!的(?:是|.{{1,4}}是)).)+)$", read=objects.things),
    _row("喜欢的是", "likes", "喜欢 爱", rf"(?:喜欢|喜爱|爱)(?:吃|喝|看|听|玩|读)?的{_ASPECT}(?:就是|是|有|包括){_OBJECT}", read=objects.things),
    _row("最喜欢的是", "favourite", "最喜欢 最爱 最喜爱", rf"(?:现在|目前|如今|也|就)*最(?:喜欢|喜爱|爱)(?:吃|喝|看|听|玩|读)?的(?P<about>(?:(?!不|没|以前|之前|从前|曾|原来|原本|过去|当时|可能|也许|大概|应该|或许|好像|估计|一定|到底|之一|当然|其实|一直|始终|永远)[一-鿿](?<![是有变换成现目])){{1,6}}?)(?:现在|目前|就|已经|当然|其实|一直|始终|永远)*(?:是|变成了?|换成了?){_OBJECT}", read=objects.only_thing, shape="about", confidence=0.85),
    _row("爱好", "likes", "爱好 兴趣", rf"(?:的)?(?:兴趣爱好|业余爱好|爱好|兴趣|最大的?爱好)(?:就是|是|有|包括|为){_OBJECT}", read=objects.things),
    _row("感兴趣", "likes", "兴趣", r"对(?P<object>[^感有不没]+?)(?:很|非常|特别|十分|也|一直|比较|挺|最|都|超)*(?:感兴趣|有兴趣)", read=objects.things),
    _row("粉丝", "likes", "粉丝 迷", r"是(?:一个|个|一名)?(?P<object>[^的]{1,10}?)(?:的)?(?:忠实)?(?:粉丝|铁粉|迷)$", read=objects.things),
    _row("讨厌", "dislikes", "讨厌 厌恶 反感 痛恨 受不了 忍受 怕 不", rf"{_DISLIKE}(?!{_VERB_OF}?的){_OBJECT}", read=objects.things),
    _row("讨厌的是", "dislikes", "讨厌 喜欢 怕", rf"(?:讨厌|不喜欢|怕)(?:吃|喝|看|听)?的{_ASPECT}是{_OBJECT}", read=objects.things),
    _row("不吃", "dislikes", "不吃 不喝", rf"(?:从来|从|一向|基本|都)*不(?:吃|喝)(?!了$){_OBJECT}", read=objects.uneaten),
    _row("对…没兴趣", "dislikes", "兴趣", r"对(?P<object>[^感没不]+?)(?:完全|一点都?|也)?(?:不感兴趣|没兴趣|没有兴趣)", read=objects.things),
    _row("不讨厌", "dislikes", "不讨厌", rf"(?:不|并不)讨厌{_OBJECT}", read=objects.things, positive=False),
    _row("不再喜欢", "likes", "不再喜欢", rf"不再(?:喜欢|喜爱|爱){_OBJECT}", read=objects.things, positive=False),
    _row("以前喜欢", "likes", "以前 曾经 之前 小时候 曾 原来 过去", rf"{_ONCE}{_LIKE}(?!{_VERB_OF}?的){_OBJECT}", read=objects.things, positive=False),
)

_PLACES: Final = (
    _row("住在", "lives_in", "住 居", rf"(?:家)?(?:是)?(?:一个人|独自|和家人|跟家人|和父母|跟父母|一家)?(?:(?:居住|住|定居)(?:在|于)|(?<=家)住|家住)(?!一起|在){_OBJECT}", read=objects.residence, confidence=0.9),
    _row("家在", "lives_in", "家在 住", rf"(?:的)?(?:家|住址|地址|住处)(?:就)?(?:是|住)?在{_OBJECT}", read=objects.residence, confidence=0.85),
    _row("在…居住", "lives_in", "居住 定居 生活 租房", r"在(?P<object>.+?)(?:居住|定居|租房|生活)(?:了?[一二三四五六七八九十两几\d多]+年)?(?:了|着)?$", read=objects.place, confidence=0.8),
    _row("搬到", "lives_in", "搬", rf"(?:刚刚?|已经|又|才)*(?:从.+?)?搬(?:家)?(?:到|去|来|回|进)了?{_OBJECT}", read=objects.residence, confidence=0.85),
    _row("不住", "lives_in", "住", rf"{_NO_LONGER}住在?(?P<object>.+?)(?:了)?$", read=objects.residence, positive=False),
    _row("以前住", "lives_in", "住 生活", rf"{_ONCE}住(?:在|过){_OBJECT}", read=objects.residence, positive=False),
    _row("来自", "from", "来自", rf"(?:是)?来自(?:于)?{_OBJECT}", read=objects.hometown, confidence=0.9),
    _row("老家", "from", "老家 家乡 籍贯 祖籍 故乡", rf"(?:的)?(?:老家|家乡|籍贯|祖籍|故乡)(?:就)?(?:是|为)?(?:在)?{_OBJECT}", read=objects.hometown, confidence=0.9),
    _row("是…人", "from", "人", r"(?:是)(?:地道的?|土生土长的?)?(?P<object>[^,，]{2,8}人)$", read=objects.hometown, confidence=0.9),
    _row("生长", "from", "长大 出生", rf"(?:是)?(?:从小)?在(?P<object>.+?)(?:出生|长大|土生土长){_NOT_OF}", read=objects.place, confidence=0.85),
    _row("出生在", "from", "出生", rf"(?:是)?出生(?:在|于){_OBJECT}", read=objects.place, confidence=0.85),
)

_WORK: Final = (
    _row("在…工作", "works_at", "工作 上班 任职 就职 供职 打工 实习", rf"(?:是)?(?:就职|任职|供职)?(?:在|于)(?P<object>[^,，]+?){_DOES_WORK}{_ONGOING}", read=objects.company, confidence=0.85),
    _row("就职于", "works_at", "就职于 任职于 供职于", rf"(?:就职|任职|供职)于{_OBJECT}", read=objects.company, confidence=0.9),
    _row("公司是", "works_at", "公司 单位", r"(?:的)?(?:公司|单位|工作单位|工作的公司)(?:名字)?(?:是|叫)(?P<object>[^,，]+)$", read=objects.company, confidence=0.8),
    _row("在…地工作", "works_in", "工作 上班 任职 打工 实习", rf"(?:是)?在(?P<object>[^,，]+?){_DOES_WORK}{_ONGOING}", read=objects.place, confidence=0.85),
    _row("在地当", "works_in", "当 做 担任", r"(?:是)?在(?P<object>[^,，]{2,6}?)(?:担任|当|做)", read=objects.place, confidence=0.7),
    _row("工作地", "works_in", "工作地", rf"(?:的)?工作地点?(?:是)?(?:在)?{_OBJECT}", read=objects.place, confidence=0.9),
    _row("在…当", "works_as", "当 做 担任", r"(?:是)?在[^,，]+?(?:担任|当|做)(?P<object>[^,，]+)$", read=objects.occupation, confidence=0.8),
    _row("在…当_单位", "works_at", "当 做 担任", r"(?:是)?在(?P<object>[^,，]+?)(?:担任|当|做)(?=.{0,8}(?:师|员|长|经理|总监|主管|助理|理事|会计|客服|秘书)(?:呢|的|了)?$)", read=objects.company, confidence=0.75),
    _row("是职业", "works_as", "是", rf"(?:就)?是(?:位|个|名)?{_OBJECT}", read=objects.occupation),
    _row("单位的职业", "works_as", "是", r"(?:就)?是[^,，的]{2,12}的(?:一名|一位|一个)?(?P<object>[^,，的]+)$", read=objects.occupation, confidence=0.75),
    _row("当职业", "works_as", "当 做 担任", rf"(?:担任|当|做)(?:了(?:{_YEARS}(?=.*了$))?)?{_OBJECT}", read=objects.occupation, confidence=0.7),
    _row("职业是", "works_as", "职业 工作 岗位 职位", rf"(?:的)?(?:职业|工作|岗位|职位|职务)(?:是|为){_OBJECT}", read=objects.occupation, confidence=0.95),
    _row("跳槽到", "works_at", "跳槽 入职 换到 加入", rf"(?:刚刚?|已经|又|才|最近)*(?:(?:从.+?)?跳槽(?:到|去|进)了?|入职(?:到|于)?了?|换到了?(?=.+(?:上班|工作))|加入了?(?=.+(?:公司|集团)))(?P<object>[^,，]+?)(?:{_DOES_WORK})?(?:了|啦)?$", read=objects.company, confidence=0.85),
    _row("转行", "works_as", "转行 改行 转岗", r"(?:刚刚?|已经|又|才|最近)*(?:转行|改行|转岗)(?:去)?(?:当|做|成|干|到)?了?(?P<object>[^,，]+?)(?:了|啦)?$", read=objects.occupation, confidence=0.85),
    _row("不当", "works_as", "不当 不做 不干", r"(?:已经|早就)*不(?:再)?(?:当|做|干)(?P<object>[^,，]+?)了$", read=objects.occupation, positive=False),
    _row("毕业", "studies_at", "毕业", r"(?:已经|刚刚?|早就)*从(?P<object>[^,，]+?)毕业了?$", read=objects.school, positive=False),
    _row("不在…读书", "studies_at", "读书 上学 念书 就读", rf"(?:{_NO_LONGER}|{_ONCE})在(?P<object>[^,，]+?)(?:读书|上学|念书|就读)了?$", read=objects.school, positive=False),
    _row("转学", "studies_at", "转学 转到", r"(?:刚刚?|已经|又|才|最近)*转(?:学)?(?:到|去|进|入)了?(?P<object>[^,，]+?)(?:读书|上学|念书|就读)?(?:了|啦)?$", read=objects.school, confidence=0.85),
    _row("离职", "works_at", "离职 辞职 离开", r"(?:已经)?从(?P<object>[^,，]+?)(?:离职|辞职|离开|跳槽)", read=objects.company, positive=False),
    _row("被裁", "works_at", "被", r"(?:已经|刚刚?|又|还是)*被(?P<object>[^,，]{2,12}?)(?:裁员|裁掉|裁|辞退|开除|解雇|炒鱿鱼|炒)了?$", read=objects.company, positive=False),
    _row("不在…工作", "works_at", "工作 上班", rf"(?:{_NO_LONGER}|{_ONCE})在(?P<object>[^,，]+?){_DOES_WORK}{_NOT_OF}", read=objects.company, positive=False),
    _row("不在…地工作", "works_in", "工作 上班", rf"(?:{_NO_LONGER}|{_ONCE})在(?P<object>[^,，]+?){_DOES_WORK}{_NOT_OF}", read=objects.place, positive=False),
    _row("以前是", "works_as", "以前 曾经 之前 曾 原来 过去 不再", rf"(?:{_ONCE}(?:是|做|当)?|不再是){_OBJECT}", read=objects.occupation, positive=False),
    _row("读书", "studies_at", "读书 上学 念书 就读 上大学 读研 读博 读大", rf"(?:(?:现在|目前|如今)*(?P<at>就读于)|(?:是)?(?:就读)?在(?=.))(?P<object>[^,，]+?)(?:(?:读书|上学|念书|就读|上大学|读研|读博|读大[一二三四]|读本科|学习|念大学){_ONGOING}|(?(at)$|(?!)))", read=objects.school, confidence=0.85),
    _row("…的学生", "studies_at", "学生", r"是(?P<object>[^,，]+?)(?:的)?(?:大[一二三四])?(?:在读)?(?:学生|研究生|博士生|硕士生|本科生)$", read=objects.school),
    _row("学的是", "studies", "学的 专业 主修", rf"(?:的)?(?:大学)?(?:学的(?:专业)?(?:是|就是)|读的(?:专业)?是|主修(?:的是)?|专业(?:是|为)){_OBJECT}", read=objects.study, confidence=0.85),
    _row("在学", "studies", "学", rf"(?:正在|在|开始|刚开始)(?:自学|学习|学)(?!校|习){_OBJECT}", read=objects.study, confidence=0.75),
)

_PEOPLE: Final = (
    _row("结婚", "partner", "结婚 订婚 在一起 领证 交往", rf"(?:和|跟|与)?(?P<object>{names.NAME})(?:已经|刚刚?|终于|正式|又|今天|昨天|现在)*(?:结婚|订婚|领证|在一起|交往)了$", read=names.person_name, who="self", confidence=0.85),
    _row("分手", "partner", "分手 离婚 分开", rf"(?:和|跟|与)?(?P<object>{names.NAME})(?:已经|刚刚?|终于|又|今天|昨天|现在)*(?:分手|离婚|分开)了$", read=names.person_name, who="self", positive=False, confidence=0.85),
    _row("不再是我的", "friend", "是我", rf"(?:已经|现在|如今)*(?:不再是|不是)我们?(?:家)?(?:的)?(?P<noun>{_FAMILY})(?P<object>)了$", read=lambda _: [""], shape="role", who="other", positive=False),
    _row("有叫…的", "has", "叫", rf"(?:家)?(?:里)?(?:还)?(?:有|养)了?{_ONE}?[只条匹头个位名]?(?:名字)?(?:叫做|名叫|叫)(?P<object>[^,，的]{{1,8}})的(?:[^,，]{{0,4}}?)(?P<noun>{KIN})", read=names.person_name, shape="named", confidence=0.95),
    _row("有…叫", "has", "叫", rf"(?:家)?(?:里)?(?:还)?(?:有|养)了?(?:着)?{_ONE}?[只条匹头个位名]?(?:[^,，叫]{{0,4}}?)(?P<noun>{KIN}){_CALLED}(?P<object>[^,，。]{{1,8}})", read=names.person_name, shape="named", confidence=0.9),
    _row("养宠物", "has_pet", "有 养", rf"(?:家)?(?:里)?(?:还)?(?:有|养)(?:了|着|过)?一[只条匹头个](?P<object>[^,，、叫和跟与]{{0,6}}?(?:{_PET}))(?:了|呢|啦)?$", read=lambda raw: [raw], confidence=0.85),
    _row("两只宠物", "has_pet", "有 养", rf"(?:家)?(?:里)?(?:还)?(?:有|养)(?:了|着)?(?:两|二|三|四|五|六|七|八|九|十|好?几|\d+)[只条匹头个](?P<object>{_PET})(?:了|呢|啦)?$", read=lambda raw: [raw], confidence=0.9),
    _row("养", "has_pet", "养", rf"(?:家)?(?:里)?养(?:了|着)?(?P<object>{_PET})(?:了|呢|啦)?$", read=lambda raw: [raw], confidence=0.8),
    _row("没养", "has_pet", "没 不", rf"(?:没有?|不)养(?P<object>{_PET})$", read=lambda raw: [raw], positive=False),
    _row("是我的", "friend", "是我", rf"是我们?(?:家)?(?:的)?(?:[最好大小老新亲]{{0,2}}的?)?(?P<noun>{_FAMILY})(?P<object>)(?:了|呢|啊)?$", read=lambda _: [""], shape="role", who="other", confidence=0.9),
    _row("是名字", "name", "是 换成 变成", rf"(?:的名字)?(?:现在|已经)?(?:是|换成了?|变成了?)(?P<object>{names.NAME})(?:了)?$", read=names.person_name, who="kin", confidence=0.7),
)

_LIFE: Final = (
    _row("有", "has", "有 买", rf"(?:家)?(?:里)?(?:还)?(?:有|拥有)了?(?:{_ONE}[辆台套部把架间家个栋艘座支块条副双]){_OBJECT}", read=objects.belongings),
    _row("数量", "count", "有 养 剩", rf"(?:家)?(?:里)?(?:还|一共|总共|现在|目前|只|就|已经)*(?:有|养|剩下?)(?:了|着)?(?!一)(?P<object>\d{{1,3}}|[二两三四五六七八九十]{{1,3}})[{_MEASURE}](?P<about>{_COUNTABLE})(?:了|呢|啦)?$", read=objects.age, shape="about", confidence=0.85),
    _row("状态", "status", "状态 进度", r"(?:的)?(?P<about>(?:(?!现在|目前|最近|状态|进度)[一-鿿]){1,8}?)(?:现在|目前|最近)?(?:的)?(?:现在|目前|最近)?(?:的)?(?:状态|进度)(?:现在|目前|就|已经)*(?:是|为|变成了?|变为了?|改成了?|改为了?)(?P<object>[^,，]+)$", read=objects.state_of, shape="about", confidence=0.85),
    _row("患有", "has", "有 得 患", r"(?:有|患有|得了)(?P<object>糖尿病|高血压|哮喘|鼻炎|胃病|胃炎|偏头痛|抑郁症|心脏病)$", read=lambda raw: [raw]),
    _row("没有", "has", "没", r"没有?(?P<object>车|房子?|电脑|孩子|小孩|兄弟姐妹|驾照|手机|哥哥|姐姐|弟弟|妹妹)$", read=lambda raw: [raw], positive=False),
    _row("过敏", "allergic_to", "过敏", rf"对(?P<object>[^,，不]+?)(?:严重|有点|会|都|很|重度|轻微)*过敏(?!原){_NOT_OF}", read=objects.allergens, confidence=0.95),
    _row("不过敏", "allergic_to", "不过敏", r"对(?P<object>[^,，不]+?)不过敏", read=objects.allergens, positive=False),
    _row("会说", "speaks", "会 能 讲", r"(?:会|能|可以)(?:说|讲)?(?:一口)?(?:流利的?)?(?P<object>.*[语文话].*)", read=objects.languages, confidence=0.9),
    _row("母语", "speaks", "母语", rf"(?:的)?母语是{_OBJECT}", read=objects.languages, confidence=0.95),
    _row("精通", "speaks", "精通", rf"精通{_OBJECT}", read=objects.languages, confidence=0.9),
    _row("不会说", "speaks", "不会", rf"不会(?:说|讲){_OBJECT}", read=objects.languages, positive=False),
    _row("想", "wants", "想", r"(?:很|一直)*想要?(?P<object>(?:学|成为|考|养|当|开一?家|买(?:一|房|车)|换(?:一份)?工作|去(?=.{2,10}(?:留学|旅[游行]|定居|生活))).+)", read=objects.wish, confidence=0.6),
    _row("梦想", "wants", "梦想 愿望 目标 理想", r"(?:的)?(?:梦想|愿望|目标|理想|心愿)(?:就)?是(?:能|能够|可以)?(?P<object>[^能].+)", read=objects.wish, confidence=0.7),
    _row("打算", "plans", "打算 计划 准备 决定", rf"(?:正|也|都|就)*(?:打算|计划|准备|决定)(?:要|在(?=.{1,8}(?:买|开|办|定居)))?{_OBJECT}", read=objects.doing, confidence=0.7),
    _row("将要", "plans", "要 会 搬", r"(?:今天|明天|后天|明年|下个?(?:月|周|星期)[一二三四五六日天末]?|这?周末|年底|暑假|寒假)(?:就)?(?:要|会|(?=搬[到去回]))(?P<object>(?:去|搬|结婚|参加|考|出国|毕业|出差|回老家).*)", read=objects.doing, timed=True, confidence=0.7),
)

_OFTEN: Final = "(?:每(?:天|周|晚|个?月|年|个?周末|逢|到|次|个?星期)|天天|经常|常常|通常|平时都?会?|总是|习惯|一般都?会?|有时间就|周末都)"
_ACTS: Final = lazy(
    "跑|跳|打(?!扰|搅|算)|踢|游|吃|喝|看(?!来|起来|到|法)|读|写|练|做(?!梦|不|到|出)|去|听(?!说)|学(?!会)|睡|起床|起来|走(?!神)|骑|爬|健身|锻炼|散步|遛|冥想|瑜伽|画|唱|弹|开车|坐地铁|坐公交|上班|逛|玩|喂|拍|钓|运动|旅行|旅游|通勤|露营|种|打扫|聚|聊天|泡|煮|加班|午睡|复习|背单词"
)


def _habit(raw: str) -> list[str]:
    """Return a habit if it names an activity."""
    return [habit for habit in objects.routine(raw) if _ACTS.search(habit)]


_DAYPART: Final = "(?:周末|晚上|早上|早晨|下班后|睡前|饭后|中午|下午|冬天|夏天|周[一二三四五六日])"
_HABITS: Final = (
    _row("每天", "habit", "每 天天 经常 常常 通常 平时 总是 习惯 一般 周末", rf"(?P<object>{_DAYPART}?(?:都|也|会|还)*{_OFTEN}.+)", read=_habit, confidence=0.7),
)

_DONE: Final = "(?:去(?!年)|看|买|吃|参加|考|完成|收到|认识|遇到|学|做|玩|写|读|换|见|拜访|拿|赢|通过|毕业|结婚|订|报名|跑|爬|种|卖|修|办|举办|参观|游览|拍|画|听|逛|喝|打|丢|生|领|入职|辞|带|陪|送|尝|开|租|装)"
_EVENTS: Final = (
    _row("做了", "event", "了 过 完", rf"(?:在[^,，]{{1,8}}|[和跟与][^,，]{{1,8}}|一起|终于|刚|还|又)*(?P<object>(?:(?:和|跟|与|陪|带)[^,，了]{{1,8}}?(?:一起)?)?(?:去(?!年)[^,，了]{{0,8}})?{_DONE}[^,，了]{{0,3}}?(?:了|过).+)", read=objects.deed, timed=True, confidence=0.7),
)
# fmt: on

RULES: Final = (*_IDENTITY, *_ATTITUDES, *_PLACES, *_WORK, *_PEOPLE, *_LIFE, *_HABITS, *_EVENTS)

RULES_BY_WORD: Final = by_word(RULES)
