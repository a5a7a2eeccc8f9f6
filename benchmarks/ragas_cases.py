"""Questions with answers, contexts and the verdicts of a model on them, for the comparison with ragas.

A verdict stands before what it is on: ``+`` supported, attributable, useful; ``-`` not. A question made anew from the answer is
``?``, and ``~`` where the model calls the answer noncommittal.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, TypeAlias

from polymem.domain.slotted import dataclass

__all__ = ["Case", "Verdicts", "cases"]

Verdicts: TypeAlias = tuple[tuple[str, bool], ...]


@dataclass(frozen=True, slots=True)
class Case:
    """One answer, and what a model says of it.

    Attributes:
        name: What it is a case of.
        question: The question.
        answer: What was answered.
        reference: The expected answer.
        contexts: Texts with whether each is useful, best first.
        statements: Of the answer, with whether the contexts support each.
        made: Questions made anew from the answer, with whether it was called noncommittal.
        sentences: Of the reference, with whether the contexts hold each.
    """

    name: str
    question: str
    answer: str
    reference: str
    contexts: Verdicts
    statements: Verdicts
    made: Verdicts
    sentences: Verdicts


@dataclass(frozen=True, slots=True)
class _Story:
    """A question with its texts, to be given different verdicts."""

    name: str
    question: str
    answer: str
    reference: str
    contexts: tuple[str, ...]
    statements: tuple[str, ...]
    made: tuple[str, ...]
    sentences: tuple[str, ...]

    def case(self, name: str, *, useful: str, supported: str, held: str, evasive: str = "...") -> Case:
        """Return the story with verdicts, a sign for each: ``+`` or ``-``; of questions ``~`` for noncommittal."""
        return Case(
            f"{self.name}: {name}",
            self.question,
            self.answer,
            self.reference,
            _judged(self.contexts, useful),
            _judged(self.statements, supported),
            _judged(self.made, evasive, yes="~"),
            _judged(self.sentences, held),
        )


def _judged(texts: tuple[str, ...], signs: str, *, yes: str = "+") -> Verdicts:
    """Return as many texts as there are signs, the first one again where they run out."""
    return tuple((texts[n % len(texts)], sign == yes) for n, sign in enumerate(signs))


FERRY: Final = _Story(
    "ferry",
    "When did the ferry to Ranholm stop, and why?",
    "The ferry to Ranholm stopped in 1988. A bridge had been opened. It had carried cars since 1961. It was painted red.",
    "The ferry stopped in 1988. The new bridge made it superfluous.",
    (
        "The bridge to Ranholm was opened in May 1988; the ferry made its last crossing the same week.",
        "Ranholm has a lighthouse, a school and two bakeries.",
        "From 1961 on the ferry carried cars as well.",
        "Bridges of the district are inspected every six years.",
        "The lighthouse of Ranholm was automated in 1974.",
    ),
    (
        "The ferry to Ranholm stopped in 1988.",
        "A bridge to Ranholm had been opened.",
        "The ferry had carried cars since 1961.",
        "The ferry was painted red.",
    ),
    ("Why did the ferry to Ranholm stop?", "When did the ferry stop?", "What colour was the ferry?"),
    ("The ferry stopped in 1988.", "The new bridge made it superfluous."),
)
SEEDS: Final = _Story(
    "seeds",
    "How long do the seeds of the marsh lily keep?",
    "They keep for nine years if they are dry.",
    "Nine years, when kept dry and below ten degrees.",
    (
        "Dry seeds of the marsh lily sprouted after nine years.",
        "The marsh lily flowers in June.",
        "Below ten degrees seeds age at half the speed.",
    ),
    ("Seeds of the marsh lily keep for nine years.", "The seeds have to be dry."),
    ("How long do dry seeds keep?", "For how many years do seeds of the marsh lily keep?", "Do seeds keep?"),
    ("Nine years, when kept dry and below ten degrees.",),
)
CHAIR: Final = _Story(
    "chair",
    "Who chairs the board of Halvorsen Tools?",
    "Britta Halvorsen",
    "Britta Halvorsen.",
    (
        "Britta Halvorsen has chaired the board since her father retired.",
        "Halvorsen Tools made 41 million crowns in 2019.",
    ),
    ("Britta Halvorsen chairs the board of Halvorsen Tools.",),
    ("Who is Britta Halvorsen?", "Who chairs the board of Halvorsen Tools?", "Whose daughter chairs it?"),
    ("Britta Halvorsen.",),
)
WELL: Final = _Story(
    "well",
    "水井是哪一年打的，有多深？",
    "水井是1936年打的，深二十四米。井水很甜。",
    "水井打于1936年。井深二十四米。",
    (
        "村东的水井打于1936年，由石匠老周主持。",
        "井深二十四米，冬天不结冰。",
        "村里每年三月办庙会。",
        "石匠老周有三个徒弟。",
    ),
    ("水井是1936年打的。", "水井深二十四米。", "井水很甜。"),
    ("水井是什么时候打的？", "水井有多深？", "井水味道怎么样？"),
    ("水井打于1936年。", "井深二十四米。"),
)
TEA: Final = _Story(
    "tea",
    "青石茶厂去年的产量是多少？",
    "青石茶厂去年产茶八百六十吨。",
    "八百六十吨。",
    ("青石茶厂全年产茶八百六十吨，比前年多一成。", "茶厂的老厂房改成了博物馆。", "本地茶叶多销往北方。"),
    ("青石茶厂去年产茶八百六十吨。",),
    ("青石茶厂去年产了多少茶？", "哪家茶厂产茶八百六十吨？", "茶厂在哪里？"),
    ("八百六十吨。",),
)
BOTH: Final = _Story(
    "both languages",
    "Which river does the 柳桥 cross?",
    "柳桥 crosses the Wen river; it was rebuilt in 2004.",
    "The Wen river.",
    ("柳桥横跨文河，2004年重建。", "The Wen river is 88 km long.", "柳树是本市的市树。"),
    ("柳桥 crosses the Wen river.", "柳桥 was rebuilt in 2004."),
    ("Which bridge crosses the Wen river?", "柳桥横跨哪条河？", "When was 柳桥 rebuilt?"),
    ("The Wen river.",),
)
DUNNO: Final = _Story(
    "evasive",
    "Who painted the ceiling of the town hall?",
    "The documents do not say who painted it.",
    "Elias Brandt.",
    ("The town hall has a painted ceiling.", "Elias Brandt painted altars."),
    ("The documents do not say who painted the ceiling.",),
    (
        "Do the documents say who painted the ceiling?",
        "Who painted the ceiling of the town hall?",
        "What is not said?",
    ),
    ("Elias Brandt.",),
)
UNKNOWN: Final = _Story(
    "不知道",
    "灯塔的看守人叫什么名字？",
    "资料里没有提到看守人的名字。",
    "看守人叫沈有田。",
    ("灯塔有一位看守人。", "灯塔建于礁石之上。"),
    ("资料里没有提到看守人的名字。",),
    ("资料里提到看守人的名字了吗？", "看守人叫什么名字？", "灯塔在哪里？"),
    ("看守人叫沈有田。",),
)


def _plain() -> Iterator[Case]:
    """Every figure between its ends."""
    yield FERRY.case("most is right", useful="+-+--", supported="+++-", held="++")
    yield FERRY.case("half is right", useful="-+-+-", supported="+--+", held="+-")
    yield FERRY.case("all is right", useful="+++++", supported="++++", held="++")
    yield FERRY.case("nothing is right", useful="-----", supported="----", held="--")
    yield FERRY.case("first useful at the end", useful="----+", supported="-+--", held="-+")
    yield FERRY.case("first useful in the middle", useful="--+++", supported="+-+-", held="+-")
    yield FERRY.case("useful at both ends", useful="+---+", supported="--++", held="++")
    yield FERRY.case("two at the end", useful="---++", supported="---+", held="-+")
    yield SEEDS.case("as it is", useful="+-+", supported="++", held="+")
    yield SEEDS.case("second alone", useful="-+-", supported="-+", held="-")
    yield SEEDS.case("first alone", useful="+--", supported="+-", held="+")
    yield SEEDS.case("none", useful="---", supported="--", held="-")
    yield BOTH.case("as it is", useful="+-+", supported="++", held="+")
    yield BOTH.case("second is enough", useful="-++", supported="+-", held="+")
    yield BOTH.case("nothing", useful="---", supported="--", held="-")
    yield WELL.case("大部分对", useful="++--", supported="++-", held="++")
    yield WELL.case("只有一半", useful="-+-+", supported="-+-", held="-+")
    yield WELL.case("全对", useful="++++", supported="+++", held="++")
    yield WELL.case("全不对", useful="----", supported="---", held="--")
    yield WELL.case("最后一段才有用", useful="---+", supported="--+", held="+-")
    yield TEA.case("对", useful="+--", supported="+", held="+")
    yield TEA.case("不对", useful="--+", supported="-", held="-")
    yield CHAIR.case("one word", useful="+-", supported="+", held="+")
    yield CHAIR.case("one word, wrong", useful="-+", supported="-", held="-")


def _few_and_many() -> Iterator[Case]:
    """One of a kind, many of a kind, the same one again."""
    yield CHAIR.case("a single context, useful", useful="+", supported="+", held="+")
    yield CHAIR.case("a single context, useless", useful="-", supported="-", held="-")
    yield TEA.case("只有一段，有用", useful="+", supported="+", held="+")
    yield TEA.case("只有一段，没用", useful="-", supported="-", held="-")
    yield FERRY.case("the same contexts again", useful="+-+--+-+--", supported="++-+", held="+-")
    yield FERRY.case("the same context judged differently", useful="+-----+---", supported="++--", held="++")
    yield FERRY.case("the same statements again", useful="+----", supported="++-+++-+", held="+-+-")
    yield WELL.case("重复的句子", useful="+-+-+-+-", supported="++-++-", held="+++-")
    yield FERRY.case("twenty contexts", useful="-+--+---+----+-----+", supported="+++-", held="++")
    yield WELL.case("十二段", useful="--+--+-+---+", supported="+--", held="-+")
    yield SEEDS.case("seven statements", useful="+--", supported="+-+-+-+", held="+-+")


def _nothing() -> Iterator[Case]:
    """Something is not there."""
    yield SEEDS.case("no statements in the answer", useful="+-+", supported="", held="+")
    yield TEA.case("答案里没有陈述", useful="+--", supported="", held="+")
    yield SEEDS.case("no sentences in the reference", useful="+-+", supported="+-", held="")
    yield SEEDS.case("neither", useful="---", supported="", held="")
    yield FERRY.case("no contexts", useful="", supported="----", held="--")
    yield WELL.case("没有上下文", useful="", supported="---", held="--")
    yield SEEDS.case("no questions", useful="+--", supported="+-", held="+", evasive="")


def _evasive() -> Iterator[Case]:
    """The answer says nothing, or the model is in two minds about that."""
    yield DUNNO.case("noncommittal", useful="-+", supported="-", held="-", evasive="~~~")
    yield UNKNOWN.case("没有回答", useful="--", supported="-", held="-", evasive="~~~")
    yield DUNNO.case("noncommittal, once of three times", useful="-+", supported="+", held="+", evasive="~..")
    yield UNKNOWN.case("三次里两次算没有回答", useful="+-", supported="+", held="-", evasive="~.~")
    yield DUNNO.case("taken for an answer", useful="++", supported="+", held="+")
    yield UNKNOWN.case("当作回答", useful="++", supported="+", held="+")


def _made() -> Iterator[Case]:
    """Questions made anew that are like the question, or not at all."""
    far = ("Wie spät ist es in Zürich?", "沙漠里有没有鲸鱼", "x")
    for story, questions in (
        (SEEDS, (SEEDS.question,) * 3),
        (TEA, (TEA.question,) * 3),
        (SEEDS, far),
        (TEA, far),
        (CHAIR, (CHAIR.question, *far[:2])),
        (WELL, (WELL.question, "?!", WELL.question)),
    ):
        case = story.case("", useful="+-", supported="+", held="+")
        name = {far: "unlike", (story.question,) * 3: "the question itself"}.get(questions, "mixed")
        yield Case(
            f"{story.name}: made anew, {name}",
            case.question,
            case.answer,
            case.reference,
            case.contexts,
            case.statements,
            tuple((question, False) for question in questions),
            case.sentences,
        )


def cases() -> tuple[Case, ...]:
    """Return all cases; no two have the same name."""
    return (*_plain(), *_few_and_many(), *_nothing(), *_evasive(), *_made())
