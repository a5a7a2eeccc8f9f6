"""Chinese statements that say less than they seem: of a while, of some days, of a trade beside another, or taken back."""

from __future__ import annotations

from typing import Final

from polymem.domain.statement import SELF, Statement
from polymem.text.lazy import lazy
from polymem.text.statement_reading import Reading

__all__ = ["CORRECTED", "CORRECTED_WITHIN", "is_gone", "is_over", "is_passing"]

_WORK: Final = frozenset(("works_at", "works_as", "works_in", "studies_at"))
_STATES: Final = _WORK | {"lives_in"}
_N: Final = "[\\d一二三四五六七八九十两几]+"
_FOR_A_WHILE = lazy(
    f"[这本]个?(?:周|星期|礼拜|月)|周末|(?:周|星期|礼拜)[一二三四五六日天]|今[天晚早]|暂时|临时|接下来|暑假|寒假|夏天|冬天|度假|出差|每(?:周|个?月).{{0,3}}{_N}天"
)
_FOR_GOOD = lazy(
    "[搬转换]|入职|跳槽|离职|辞职|离开|毕业|退休|定居|加入|开始|起|了$|不再|[一-鿿]以后|(?:周|星期)[一二三四五六日天]到(?:周|星期)"
)
"""A step is taken on a day, but for good."""
_BESIDE = lazy("兼职|业余|副业|第二份|糟糕|蹩脚|半吊子|今[天晚]的|[明昨]天的|.也是|[剧戏片]里|培训")
_BESIDE_BEHIND = lazy("[,，](?:是|算是|只是|做|当)?(?:兼职|副业)")
_SKIPPED = lazy(
    "(?:今[天晚早]|[早晚]上|早晨|[中下]午|夜里|睡前|空腹|[这本]周|周末)[^,，]{0,2}不(?:再)?[吃喝]"
)
"""What is not eaten at one time of the day may well be liked."""
_YET_TO_START = lazy(
    f"[^。]*(?:下下?个?(?:月|周|星期|礼拜)|明[年天]|后天|月底|年后|(?<!年){_N}月)(?:份|初|中旬|底)?(?:就|才|再|要|正式)*(?:入职|报到|上班|开始)"
)
_GIVEN_UP = lazy(
    "[^。]*(?:(?<!不)(?<!不会)(?<!不想)(?<!没)(?:放弃|取消)|没去|没成|算了(?=[,，]|$)|改主意|变卦|作罢|不去了|泡汤|黄了)"
)
_ONCE_KEPT = lazy("[养有]过")
_GONE = lazy(
    "[,，]?(?:但是?|不过|可是?|后来|结果|已经|前不久|[大前去今昨上]+个?[年天月周](?:末|底|初)?|刚刚?|[她他它]|就|又|我们?|都)*(?:把[她他它])?(?:被偷|卖了|卖掉|送人|送走|报废|丢了|走丢|跑丢|没了|死了|走了|去世|过世|离世)了?(?=[,，。!！;；、]|$)"
)
_DEAD = lazy("[^。]*(?:去世|过世|离世|病逝|不在了)")
_SORRY: Final = (
    "(?:[哦噢啊呃额]|抱歉|不好意思|对不起|等等|[,，\\s])*"
    "(?:不对(?=[,，。!！、啊呀哦]|$)|[说打写记]错了?(?:字)?(?=[,，。!！、]|$)|更正|口误|我是(?:想|要)说)"
)
CORRECTED: Final = lazy(_SORRY)
CORRECTED_WITHIN: Final = lazy(f"[,，\\s]{_SORRY}")
"""Takes back what was said just before."""


def is_passing(statement: Statement, text: str, end: int) -> bool:
    """Tell whether *statement* of *text*, in a sentence up to *end*, must not compete with what holds for good."""
    start, last = statement.offset
    clause, predicate, positive = text[start:last], statement.predicate, statement.positive
    if predicate == "plans":
        return positive and _GIVEN_UP.match(text, last, end) is not None
    if predicate == "dislikes":
        return _SKIPPED.search(clause) is not None
    if predicate == "has_pet":
        return positive and _ONCE_KEPT.search(clause) is not None
    if predicate not in _STATES:
        return False
    if positive and predicate in _WORK and (_BESIDE.search(clause) or _BESIDE_BEHIND.match(text, last, end)):
        return True
    if positive and predicate == "works_at" and _YET_TO_START.match(text, last, end):
        return True
    if statement.subject != SELF and _DEAD.match(text, last, end):
        return True
    return _FOR_A_WHILE.search(clause) is not None and not _FOR_GOOD.search(clause)


def is_gone(statement: Statement, text: str, end: int) -> bool:
    """Tell whether the sentence goes on to say that somebody has no longer what *statement* says: 我有一辆车，上个月卖了."""
    return (
        statement.positive
        and (statement.predicate in {"has", "has_pet"} or statement.predicate.startswith("count:"))
        and _GONE.match(text, statement.offset[1], end) is not None
    )


_ENDS: Final = frozenset(("lives_in", "works_at", "works_in", "works_as", "studies_at"))
_OVER = lazy(
    "[^我他她你要会将想打算准备]{0,12}(?:离职|辞职|辞了|跳槽|离开|搬[走离]|退休|毕业了|倒闭|转行|回(?:来|国|老?家)了)"
)
_MOVED_ON = lazy("[^我他她你要会将想打算准备]{0,8}(?:搬[走离回到去来]|回(?:来|去|[一-鿿]{2,4}了)|离开|去了)")


def is_over(reading: Reading, statement: Statement, end: int) -> bool:
    """Tell whether the rest of the sentence ends what *statement* says: …，去年离职了; …，今年又搬回来了."""
    if statement.predicate not in _ENDS or not statement.positive:
        return False
    rest = statement.offset[1]
    if _OVER.match(reading.text, rest, end):
        return True
    if statement.predicate != "lives_in" or not _MOVED_ON.match(reading.text, rest, end):
        return False
    later = [s for s in reading.found if s.predicate == "lives_in" and s.subject == statement.subject]
    # Two moves that both name their time follow each other; without it the later one has to stand alone.
    return not (later[-1] is not statement and (statement.when or not later[-1].when))
