"""Read Chinese statements: sentence, clause, subject, then the rules that the clause's words call for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Final, NamedTuple

from polymem.domain.statement import SELF
from polymem.text import statements_zh_words as words
from polymem.text.lazy import lazy
from polymem.text.statement_reading import Reading, Subject, concerns, relate, state
from polymem.text.statement_rules import Rule
from polymem.text.statements_zh_names import NAME
from polymem.text.statements_zh_passing import CORRECTED, CORRECTED_WITHIN, is_gone, is_over, is_passing
from polymem.text.statements_zh_rules import ADVERB, KIN, RULES, RULES_BY_WORD

__all__ = ["read_chinese"]

# ---------------------------------------------------------------- what is not read at all

_SENTENCE_END = lazy("[。!?！？;；\n]+|(?<!\\d)\\.(?!\\d)|…+")
_QUESTION = lazy(
    "吗(?!啡)|什么(?!的)|么$|谁|哪(?!怕|里哪里)|(?<!不)怎么|怎样|为何|为什么|多少|几(?:岁|点|号|月|时)|是不是|有没有|会不会|能不能|要不要|对不对|喜不喜欢|好不好|可不可以|是否|难道|何时|如何|多大$|呢$(?<=你呢)"
)
# Another's words, a game, a wish, a text to work on: nothing in the sentence is the speaker's own statement.
_NOT_OWN_WORDS = lazy(
    "如果|来玩.{0,6}游戏|角色扮演|假如|假设|假装|假扮|假定|要是|倘若|若是|若(?=我|你|他|她)|万一|的话|听说|据说|传说|有人说|扮演|想象|梦见|梦到|小说里|故事里|游戏里|剧本|歌词|但愿|希望|说不定"
    "|翻译|改写|润色|造句|续写|仿写|朗读|复述|写一[句篇个首段]|帮我写|帮我把|编一个|除非|就算|即使|哪怕|只要|不是我(?!的)|才不是|要不是|仿佛|就像|才怪|个屁|骗[你他她]们?的|逗你|开玩笑|不存在的|并不[)）]|狗头|doge|🙄|\\[白眼|反话"
    "|(?:他|她|别人|人家|有人|大家|们|妈妈?|爸爸?|哥哥?|姐姐?|弟弟?|妹妹?|朋友|老师|老板|同事|同学|医生|奶奶|爷爷|老婆|老公|领导|小.|老.|阿.)(?:总|都|还|也|就|经常|一直|今天|昨天)?(?:跟|对|向|和)?(?:我们?|你|他|她|大家|别人)?(?:总|都|还|也|就)?(?:说(?!英|日|法|德|中|普|粤|话|得一|一口|明|服)|问|告诉|觉得|认为|以为|提到|表示|写道|喊|回答|建议)"
)
_SAYS = lazy("(?:说|问|道|表示|喊|答)[:：]")
_COMMAND = lazy(
    "(?:请|麻烦|现在|你|帮我|给我)*(?:把|将|翻译|改写|润色|说一[句遍]|重复|写|念|读|生成|总结|假装|扮演|假设|用.{1,6}说|用.{1,6}造句|回答|续写)"
)
_REMEMBER = lazy(
    "(?:请|你?要|麻烦)?(?:你)?(?:帮我)?(?:记住|记得|记一下|记下来?|记着|别忘了|不要忘了|补充一下|更新一下|注意|告诉你一下|跟你说一下|跟你说|我告诉你|我跟你说)(?:一下)?(?:一件事)?[,，:：]?"
)
_TRANSCRIPT = lazy("[^\\s,，。:：我]{1,6}(?:(?<!\\d)[:：]|[:：](?!\\d))")

# ---------------------------------------------------------------- clauses and subjects

_BOUNDARY = lazy(
    "[,，:：()（）~～]+|\\s+-+\\s+|—+|(?<=.{3})(?=但是|不过(?!敏)|可是|而且|但我|因为|所以|同时|并且)"
)
_TIME: Final = (
    "(?:(?:今|明|昨|前|后|去|当)[天年晚早日](?:早上|晚上|下午|上午|中午|春天|夏天|秋天|冬天|年底|年初)?|(?:上|下|这|本)上?个?(?:周|星期|礼拜|月|年)(?:[一二三四五六日天末])?(?:早上|晚上|下午)?|(?:\\d{4}|[一二][零一二三四五六七八九]{3})年(?:\\d+月)?"
    "|\\d+月(?:\\d+[号日])?|(?:周|星期)[一二三四五六日天末]|[一二三四五六七八九十两几\\d]+(?:天|周|年|个?月|个?星期|小时)[前后]|最近|刚才|今天|春节|国庆|暑假|寒假|周末|早上|晚上|前阵子|前几天|前段时间)"
)
_LEAD = lazy(
    f"(?:你好|您好|大家好|嗨|哈喽|嗯+|啊|哦|噢|哈哈+|对啊?|对的|是的|是啊|好的|没错|当然|其实|说实话|老实说|坦白说|说真的|话说|顺便说一下|顺便|另外|还有|而且|并且|但是|但|不过|可是|然而|所以|因此|因为|由于|虽然|尽管|同时|然后|后来|于是"
    f"|现在|目前|最近|平时|平常|以后|对了|谢谢你?|个人来说|对我来说|就我而言|事实上|总之|反正|毕竟|首先|其次|最后|如今|一般|通常|(?:[从自](?={_TIME}[起开以]))?{_TIME}(?:起|开始|以来)?|\\s)*"
)
_VERB_AHEAD: Final = "(?:喜欢|喜爱|热爱|讨厌|不喜欢|爱(?=吃|喝|看|听|玩|打|唱|跳|画)|住在?|搬|在[^,，]{1,14}?(?:工作|上班|任职|就职|读书|上学|当|做|实习|长大)|(?:已经|现在|如今)?(?:不再是|不是)我|是(?:我|一|个|位|名|做|干|左|素|单)|有(?:一|两|三|个)|养了?|叫|会说|会讲|对[^,，]{1,8}(?:过敏|感兴趣|有兴趣)|来自|的(?:生日|年龄|职业|工作|爱好|兴趣|老家|家乡|公司|名字|学历|专业|教育背景|单位|工作地)|今年|生日|老家|打算|计划|每天|经常|曾|以前|就职|毕业|跳槽|入职|转学|转行|改行)"
_SUBJECT = lazy(
    f"(?P<call>(?:大家|朋友们?|同事们?|家人|别人|人们|你|你们)?(?:可以|平时|一般|就|都|喜欢)*(?=叫我[^,，]))"
    f"|(?P<self>(?:我|俺|咱)(?:们)?(?:家|自己)?)(?:现在|目前|如今)?(?:的)?(?:现任|新(?!娘|郎|人))?(?P<kin>(?:{KIN}))(?:(?:,|，)?(?![和跟与同])(?P<named>{NAME})(?={ADVERB}(?:是|{_VERB_AHEAD})|$|[,，]))?"
    f"|(?P<me>我们?|俺|咱们?|本人)(?:和|跟|与)?(?P<with>(?<=[和跟与])我?(?:的)?(?:{KIN}))?"
    f"|(?P<he>[他她其])(?:的)?(?P<his>{KIN})?(?!们|的|俩)"
    f"|(?![和跟与同])(?P<name>{NAME})(?:的?(?P<theirs>{KIN}))?(?={ADVERB}{_VERB_AHEAD})"
)
_SKIP = lazy(
    f"(?:{ADVERB}(?:(?:[从自](?={_TIME}[起开以]))?{_TIME}(?:起|开始|以来)?)?){{0,2}}{ADVERB}(?:和家人|全家)?"
)
_CARRIED_ON = lazy(
    f"{ADVERB}(?:不太?喜欢|喜欢|喜爱|热爱|讨厌|不爱|爱吃|爱喝|受不了|住在|老家|来自|在[^,，]{{1,14}}(?:工作|上班|读书|上学|任职|当|做)|今年|对[^,，]{{1,8}}过敏|会说|养了|有[一两三四]|是(?:一[名个位]|个|名|位)|每天|经常|不吃|不喝|打算|计划|搬[到回去来]|职业|生日|年龄|学历|教育背景)"
)
_IS_OCCUPATION: Final = lazy(f"{ADVERB}是")
_ALSO_WORK: Final = frozenset((*words.OCCUPATIONS, "学生", "先生", "对象", "领导"))
_FEMALE: Final = frozenset(("mother", "sister", "daughter", "grandmother", "aunt", "niece"))
_MALE: Final = frozenset(("father", "brother", "son", "grandfather", "uncle", "nephew"))
_NAMES = lazy(f"{NAME}")
_SOMEBODY = lazy(
    "|".join(sorted(words.FAMILY.keys() - _ALSO_WORK, key=len, reverse=True)) + "|[小老阿][一-鿿]"
)

# ---------------------------------------------------------------- what holds now

_N_AHEAD: Final = "[\\d一二三四五六七八九十两几半]+(?:天|周|年|个?月|个?星期|个?礼拜|个?小时)"
_AHEAD = lazy(
    f"明[天日年早晚儿]|后[天年]|下下?(?:一?个?|一)(?:周|月|星期|礼拜|年|学期|季度)|马上|即将|(?<![一-鿿])(?:以|今)后|未来|到时候|{_N_AHEAD}(?:之|以)?后|过(?:几|两|些|一阵|段)"
)
_MOVE_AHEAD = lazy(
    "(?<![去今前]年)(?:年底|月底|周末|暑假|寒假|国庆|春节|元旦|五一|十一|(?<![上])(?:周|星期|礼拜)[一二三四五六日天]|(?<![年上个])\\d+月)"
)
_PAST = lazy(
    "大?前年|去年|昨[天日晚]|前[天几些两]|上上?个?(?:周|月|星期|礼拜|学期)|(?:19|20)\\d\\d年|[一二][〇零一二三四五六七八九]{3}年"
    f"|{_N_AHEAD}(?:之|以)?前|当[时年]|那[时年]|小时候|早年|早几年"
)
_SINCE = lazy("就|起|开始|以来")
_NOT_YET: Final = frozenset(("plans", "wants", "event", "birthday"))
"""What may lie ahead, or comes every year."""
_STATES: Final = frozenset(
    ("lives_in", "works_at", "works_in", "works_as", "studies_at", "studies", "age", "is")
)
"""What is over when it is told of a time that is past."""


def read_chinese(reading: Reading) -> None:
    """Add the Chinese statements of a message to *reading*."""
    text, known = reading.text, len(reading.found)
    for start, end, question in _sentences(text):
        if len(reading.found) > known and CORRECTED.match(text, start, end):
            reading.take_back(known, start)
        known = len(reading.found)
        if not _read_sentence(reading, start, end, question=question):
            return


def _sentences(text: str) -> Iterator[tuple[int, int, bool]]:
    """Yield where each sentence begins and ends, and whether it is a question."""
    start = 0
    for match in _SENTENCE_END.finditer(text):
        yield start, match.start(), "?" in match[0] or "？" in match[0]
        start = match.end()
    yield start, len(text), False


def _read_sentence(reading: Reading, start: int, end: int, *, question: bool) -> bool:
    """Read one sentence; return False where the rest of the message is not the speaker's own either."""
    if end - start < 3:
        return True
    text = reading.text
    while start < end and text[start].isspace():
        start += 1
    remember = _REMEMBER.match(text, start, end)
    if remember:
        start = remember.end()
    elif _COMMAND.match(text, start, end):
        return not re.search("[:：]|故事|小说|角色", text[start:end])
    if _SAYS.search(text, start, end):
        return end == len(text)
    if question or _TRANSCRIPT.match(text, start, end):
        return True
    mark = reading.mark()
    _read_clauses(reading, start, end)
    # Few sentences get here with a statement, so the costly questions are asked last.
    if len(reading.found) > mark[0] and (
        _QUESTION.search(text, start, end) or _NOT_OWN_WORDS.search(text, start, end)
    ):
        reading.undo(mark)
    if len(reading.found) > mark[0]:
        _weigh(reading, mark[0], start, end)
    return True


def _weigh(reading: Reading, known: int, start: int, end: int) -> None:
    """Forget what a sentence says only for a while, ends or takes back; what somebody has no more is denied."""
    for statement in reading.found[known:]:
        if is_over(reading, statement, end):
            reading.withdraw(statement)
    corrected = CORRECTED_WITHIN.search(reading.text, start, end)
    if corrected:
        reading.take_back(known, corrected.start())
    for statement in reading.found[known:]:
        if is_passing(statement, reading.text, end):
            reading.withdraw(statement)
        elif is_gone(statement, reading.text, end):
            reading.withdraw(statement)
            if not statement.predicate.startswith("count:"):
                reading.add(
                    statement.subject,
                    statement.predicate,
                    statement.object,
                    span=statement.offset,
                    positive=False,
                )


def _read_clauses(reading: Reading, start: int, end: int) -> None:
    """Read the clauses of one sentence."""
    previous: Subject | None = None
    lead = start
    for first, last in _clauses(reading.text, start, end):
        subject = _subject(reading, first, last, previous)
        if subject is not None:
            known = len(reading.found)
            begin = start if subject.borrowed else first
            _apply(reading, _Clause(begin, first, last, lead, end), subject)
            # 我老板的老婆叫李娟，喜欢网球: who has no name here likes it, not the boss.
            unnamed = reading.text[subject.end : subject.end + 1] == "的" or subject.name == SELF
            previous = subject if len(reading.found) > known or not unnamed else None
        lead = first if subject is None else last


def _clauses(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Cut a sentence into clauses."""
    for match in _BOUNDARY.finditer(text, start, end):
        yield start, match.start()
        start = match.end()
    yield start, end


def _subject(reading: Reading, start: int, end: int, previous: Subject | None) -> Subject | None:
    """Return who the clause is about, None where that is nobody, unclear, or not a person."""
    text = reading.text
    lead = _LEAD.match(text, start, end)
    at = lead.end() if lead else start
    match = _SUBJECT.match(text, at, end)
    if match is None:
        if previous is not None and _CARRIED_ON.match(text, at, end):
            return Subject(previous.name, at, previous.owner, previous.kin, borrowed=True)
        return None
    if match["kin"]:
        return _kin_subject(reading, match, (start, end))
    if match["he"]:
        return _pronoun_subject(reading, match)
    if match["name"]:
        return _named_subject(reading, match)
    return Subject(SELF, match.end())


def _kin_subject(reading: Reading, match: re.Match[str], span: tuple[int, int]) -> Subject:
    """Return 我妹妹, or the name that follows."""
    noun, named = match["kin"], match["named"]
    if named and named not in words.NOT_A_NAME and not _is_deed(named, reading.text[match.end() : span[1]]):
        relate(reading, SELF, noun, named, span=span)
        return Subject(reading.person(named), match.end())
    name = reading.person(f"我{noun}" if noun in words.FAMILY else f"我的{noun}")
    return Subject(name, match.end("kin"), SELF, reading.predicate_of(noun))


def _is_deed(named: str, rest: str) -> bool:
    """Tell whether what looks like a name behind 我妈 is what she does: 我妈包饺子."""
    return not rest and named[0] in words.VERB_SURNAMES


def _somebody_else(reading: Reading, name: str, relation: str, end: int) -> bool:
    """Tell whether somebody other than *name* is spoken of before *end*, whom a pronoun may mean as well."""
    for match in _SOMEBODY.finditer(reading.text, 0, end):
        word = match[0]
        if word in name or (word in words.NOT_A_NAME and word not in words.FAMILY):
            continue
        if words.FAMILY.get(word) != relation:
            return True
    return any(s.object != name and s.subject == name and _NAMES.fullmatch(s.object) for s in reading.found)


def _pronoun_subject(reading: Reading, match: re.Match[str]) -> Subject | None:
    """Return the only person spoken of so far; None where there are several, or none of that gender."""
    his = match["his"]
    if len(reading.people) != 1:
        if not his or reading.people:
            return None
        name = f"{match['he']}{his}"
        return Subject(name, match.end(), match["he"], reading.predicate_of(his))
    name = next(iter(reading.people.values()))
    relation = next(
        (s.predicate for s in reading.found if s.object == name),
        reading.predicate_of(name.removeprefix("我")),
    )
    if relation in (_MALE if match["he"] == "她" else _FEMALE if match["he"] == "他" else ()):
        return None
    if _somebody_else(reading, name, relation, match.start()):
        return None
    if his:
        return Subject(f"{name}的{his}", match.end(), name, reading.predicate_of(his), borrowed=True)
    return Subject(name, match.end(), borrowed=True)


def _named_subject(reading: Reading, match: re.Match[str]) -> Subject | None:
    """Return a person by name, or somebody of that person's."""
    name = match["name"]
    if name in words.NOT_A_NAME or any(
        name.startswith(word) for word in (name[:2],) if word in words.NOT_A_NAME
    ):
        return None
    name = reading.person(name)
    theirs = match["theirs"]
    if theirs:
        return Subject(f"{name}的{theirs}", match.end(), name, reading.predicate_of(theirs))
    return Subject(name, match.end())


_WORDS_BY_CHARACTER: Final = {
    character: tuple(word for word in RULES_BY_WORD if word[0] == character)
    for character in {word[0] for word in RULES_BY_WORD}
}


_RANK: Final = {rule: (rule.shape != "named", rank) for rank, rule in enumerate(RULES)}
"""A name is read before the unnamed thing that bears it."""


def _called(clause: str) -> list[Rule]:
    """Return the rules that the words of a clause call for, each once, in their order."""
    words_in = [
        word for character in clause for word in _WORDS_BY_CHARACTER.get(character, ()) if word in clause
    ]
    if not words_in:
        return []
    return sorted({rule for word in words_in for rule in RULES_BY_WORD[word]}, key=_RANK.__getitem__)


class _Clause(NamedTuple):
    """Where a clause lies.

    Attributes:
        begin: Of the words that belong to its statements.
        first: Of the clause itself.
        last: Its end.
        lead: From where a time expression counts for it.
        sentence_end: The end of its sentence.
    """

    begin: int
    first: int
    last: int
    lead: int
    sentence_end: int


def _apply(reading: Reading, clause: _Clause, subject: Subject) -> None:
    """Try the rules that the clause's words call for."""
    text, last = reading.text, clause.last
    words_here, sentence = text[subject.end : last], text[subject.end : clause.sentence_end]
    called = _called(words_here + "叫" if "叫" in sentence else words_here)
    if not called:
        return
    # Where an adverb also belongs to a rule (最近, 平时, 以前), the rule may begin before or after it.
    skip = _SKIP.match(text, subject.end, last)
    starts = dict.fromkeys((skip.end() if skip else subject.end, subject.end))
    for rule in called:
        if not concerns(rule, subject):
            continue
        named = rule.shape == "named"
        for start in starts:
            match = rule.pattern.match(text, start, clause.sentence_end if named else last)
            if match:
                span = (clause.begin, max(last, match.end()))
                if _holds_now(reading, clause, rule, match):
                    state(reading, subject, rule, match, span=span, lead=clause.lead)
                elif _held_then(reading, clause, rule, match):
                    state(reading, subject, _ended(rule), match, span=span, lead=clause.lead)
                if named:
                    return
                break


_YEAR = lazy("(?:19|20)\\d\\d年")
_AT_A_TIME: Final = frozenset(("lives_in", "works_at", "works_as", "studies_at"))


def _held_then(reading: Reading, clause: _Clause, rule: Rule, match: re.Match[str]) -> bool:
    """Tell whether what a rule found is told of a year that is over: 2019年我住在北京."""
    end = match.start("object")
    return (
        rule.positive
        and rule.predicate in _AT_A_TIME
        and rule.name not in {"搬到", "跳槽到", "转学", "转行"}
        and _YEAR.search(reading.text, clause.first, end) is not None
        and _AHEAD.search(reading.text, clause.first, end) is None
    )


@lru_cache(maxsize=64)
def _ended(rule: Rule) -> Rule:
    """Return the rule for what is over with the time that it names."""
    return replace(rule, timed=True, ended=True, confidence=0.7)


def _holds_now(reading: Reading, clause: _Clause, rule: Rule, match: re.Match[str]) -> bool:
    """Tell whether what a rule found is neither still to come nor told of a time that is past."""
    if rule.predicate in _NOT_YET:
        return True
    text, first = reading.text, clause.first
    # 下个月，我搬到深圳: a clause of nothing but a time belongs to the next.
    if clause.lead < first and _LEAD.fullmatch(text[clause.lead : first].rstrip(",，、 ")):
        first = clause.lead
    end = match.start("object")
    if _AHEAD.search(text, first, end):
        return False
    if not rule.positive or rule.predicate not in _STATES:
        return True
    if rule.name == "搬到":
        done = any(mark in text[first : clause.last] for mark in "了过的")
        return done or not _MOVE_AHEAD.search(text, first, end)
    return not _PAST.search(text, first, end) or _SINCE.search(text, first, end) is not None
