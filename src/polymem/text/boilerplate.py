"""Tell messages that state nothing about anybody: courtesies, the output of machines, prompts of an application.

Precision comes before coverage: what is taken for boilerplate is asked for no facts, so in doubt it is none.
"""

from __future__ import annotations

import re
from typing import Final, Literal, TypeAlias

from polymem.text.lazy import lazy
from polymem.text.normalise import fold
from polymem.text.statement_rules import phrase_set

__all__ = ["Boilerplate", "boilerplate"]

Boilerplate: TypeAlias = Literal["", "courtesy", "machine", "prompt"]

MAX_COURTESY_CHARS: Final = 120
MAX_CHARS: Final = 20_000
"""A longer message is judged by its beginning."""
_MACHINE_SHARE: Final = 0.7

_COURTESIES: Final = phrase_set(
    "hi|hello|hey|hiya|yo|hi there|hello there|hey there|good morning|good afternoon|good evening|good night|morning|evening|"
    "bye|goodbye|bye bye|see you|see ya|see you later|see you soon|see you tomorrow|talk to you later|talk soon|ttyl|take care|"
    "cheers|thanks|thank you|thx|ty|many thanks|thanks a lot|thank you so much|thank you very much|thanks so much|thanks again|"
    "thanks for your help|thank you for your help|much appreciated|appreciate it|i appreciate it|no problem|no worries|np|"
    "you're welcome|you are welcome|my pleasure|glad to help|happy to help|anytime|sure|sure thing|ok|okay|k|kk|alright|"
    "all right|right|great|cool|nice|perfect|awesome|wonderful|excellent|amazing|wow|lol|haha|hahaha|got it|i see|i understand|"
    "understood|sounds good|sounds great|that's great|that's good|that's nice|that makes sense|makes sense|good|fine|yes|yeah|"
    "yep|yup|no|nope|maybe|please|sorry|i'm sorry|excuse me|pardon|oops|hmm|hm|uh|um|oh|ah|well|welcome|welcome back|"
    "congratulations|congrats|good luck|have a nice day|have a great day|have a good day|have a good one|have a nice weekend|"
    "have a great weekend|happy birthday|merry christmas|happy new year|how are you|how are you doing|how's it going|"
    "how is it going|what's up|sup|how have you been|nice to meet you|pleased to meet you|good to see you|nice to see you|"
    "i'm fine|i'm good|i am fine|doing well|i'm doing well|i'm well|not bad|and you|how about you|long time no see|let me know|"
    "let me know if you have any questions|is there anything else i can help you with|how can i help you|how can i help|"
    "how can i help you today|how can i assist you today|what can i do for you|you too|same to you|continue|go on|go ahead|next|"
    "can you help me|could you help me|i need help|i have a question|one moment|one moment please|just a moment|just a second|"
    "hold on|wait|done|test|testing|ping|feel free to ask|i hope this helps|hope this helps|"
    "你好|您好|大家好|嗨|哈喽|喂|早|早上好|早安|上午好|中午好|下午好|晚上好|晚安|再见|拜拜|拜|回头见|明天见|下次见|回见|谢谢|谢谢你|谢谢您|"
    "多谢|感谢|非常感谢|太感谢了|十分感谢|谢了|谢谢啦|辛苦了|辛苦|不客气|不用谢|不谢|别客气|没事|没关系|没问题|好|好的|好吧|好啊|好呀|好嘞|"
    "行|可以|嗯|嗯嗯|哦|噢|啊|对|对的|是|是的|是啊|没错|不|不是|不用|不用了|收到|明白|明白了|知道了|了解|懂了|哈哈|哈哈哈|呵呵|嘿嘿|太好了|"
    "太棒了|真棒|不错|很好|挺好|厉害|牛|赞|加油|恭喜|恭喜你|祝你好运|生日快乐|新年快乐|新年好|周末愉快|节日快乐|中秋快乐|圣诞快乐|请问|"
    "打扰了|不好意思|对不起|抱歉|请稍等|稍等|等一下|等等|在吗|在不在|有人吗|最近怎么样|最近好吗|你好吗|你怎么样|吃了吗|好久不见|"
    "很高兴认识你|很高兴见到你|幸会|欢迎|欢迎光临|我很好|还好|还行|我还好|继续|然后呢|下一个|请继续|能帮我吗|可以帮我吗|帮帮我|"
    "有什么可以帮您|有什么可以帮你的吗|有什么可以帮您的吗|请问有什么可以帮您|请问有什么可以帮您的吗|还有什么可以帮您的吗|"
    "希望对你有帮助|希望对您有帮助|有问题随时问我|有需要随时找我|测试"
)
_CALLS: Final = phrase_set(
    "hi|hello|hey|good morning|good afternoon|good evening|good night|bye|goodbye|thanks|thank you|dear|happy birthday|"
    "congratulations|你好|您好|早上好|晚上好|谢谢|再见|感谢|生日快乐|恭喜"
)
"""After these may follow whom they are said to."""
_CLAUSE = lazy(r"[.!?,;:~…\n。！？，；：、\-—]+")
_NO_WORD = lazy(r"[^\w\s']+")

_MACHINE_LINE = lazy(
    r"""
    ^\s*(?:
      [\[{}\]()]+[,;]? | "[^"]*"\s*:\s.* | </?\w[^>]*>.* | <!.*        # JSON, markup
    | [\[({]?\d{4}-\d\d-\d\d[T ]\d\d:\d\d\S*\s.* | \[?\d\d:\d\d:\d\d[^a-z]*\s.* | \w{3}\s+\d+\s\d\d:\d\d:\d\d\s.*   # logs
    | (?:\[?(?:DEBUG|INFO|WARN|WARNING|ERROR|FATAL|TRACE|CRITICAL|NOTICE)\]?)\b.*
    | Traceback\ \(most.* | File\ ".*",\ line\ \d+.* | at\ [\w$.<>]+\(.*\).* | \w*(?:Error|Exception)\b:?.* | Caused\ by:.*
    | (?:async\ )?(?:def|class|function|import|from|package|namespace|using|public|private|static|func|fn|struct|enum|let|const|var|
       export|type|interface|return|if|elif|else|for|while|try|except|finally|with|catch|switch|case|print|raise|yield|await)\b.*[:;{(=)\]}]\s*
    | (?:from\ \S+\ )?import\ [\w., *{}]+ | return\b.* | \#(?:include|define|!).* | @\w+(?:\(.*\))? | (?://|\#|/\*|\*/|--)\s?.*
    | [\w.\[\]"']+\s*(?:[+\-*/]?=|:=|=>|->)\s*\S.* | [\w.]+\(.*\)[;:]?\s* | .*[;{}]\s*
    | (?:SELECT|INSERT|UPDATE|DELETE|CREATE|ALTER|DROP|FROM|WHERE|JOIN|GROUP|ORDER|VALUES|SET)\b.*
    | [$>%]\s\S.* | >>>\s.* | (?:\+\+\+|---|@@)\s.* | [+-][\w\s].*[;{}()=].* | \|.*\| | [-=+|_*#~\s]{3,}
    | (?:[\w.-]+/)+[\w.-]*(?::\d+.*)? | https?://\S+ | [0-9a-f]{7,}\b.* | [-d][rwx-]{9}.*
    | \d+\.\d+\.\d+\.\d+\s.* | total\s\d+ | [\w ]{1,20}:\s*-?\d[\d.,]*\s?(?:s|ms|MB|KB|GB|%)? | \d+\.\s+https?://\S+
    | [^\s,，]+(?:,[^\s,，]*){2,}
    | (?:GET|POST|PUT|PATCH|HEAD|OPTIONS|HTTP/[\d.]+)\s.* | [A-Za-z-]+:\s\S+/\S+.* | [^\s,]+(?:,[^\s,]*){3,} | (?:[^\t]*\t){2,}.*
    | (?:npm|pip|apt|git|docker|kubectl|cargo|make|cd|ls|sudo|curl)\s[\w./-]+.*
    | (?:[A-Za-z_]\w*:\s*)?[-+]?\d[\d.,%:\s-]* | [\w-]+:\s*(?:true|false|null|\d[\d.]*) | (?:PASS|FAIL|FAILED|PASSED|(?:not\ )?ok\ \d+)\b.*
    )$
    """,
    re.VERBOSE,
)
_JSON = lazy(r"[\[{].*\"\s*:.*[\]}]", re.DOTALL)
_FENCED = lazy(r"```.*?(?:```|\Z)", re.DOTALL)
_PROMPT = lazy(
    r"^[\W_]*(?:(?:system(?: prompt)?|instructions?|系统|系统提示|指令)\s*[:：]\s*)?"
    r"(?:you are (?:now )?(?:\w+, )?(?:an?|the) [\w\s,'-]{0,60}?(?:assistants?|agents?|bots?|chatbots?|models?|experts?|ai|translators?|copilots?|tutors?|engineers?|writers?|reviewers?|analysts?|support)\b"
    r"|you are (?:chatgpt|gpt|claude|gemini|llama|qwen)\b|your (?:task|job|role|goal) is to\b|act as an?\b"
    r"|you have access to the following (?:tools|functions)\b|你可以使用以下(?:工具|函数)|(?:respond|answer|reply|output) (?:only )?(?:with|in) (?:valid )?(?:json|xml|yaml|markdown)\b"
    r"|你(?:现在)?是(?:一[个名位款])?[^。\n]{0,30}?(?:助手|助理|机器人|专家|客服|模型|翻译|智能体|工程师|顾问|编辑)|你的(?:任务|职责|角色|目标)是"
    r"|请扮演|(?:请)?(?:只|仅)(?:用|以|输出|返回)\s*(?:json|xml|yaml|markdown))"
)
_MODEL = lazy(r"as an ai(?: language)? (?:model|assistant)\b|作为(?:一[个名])?(?:ai|人工智能|大?语言模型)")
"""How a model speaks of itself."""
_FIRST_PERSON = lazy(r"\b(?:i|i'm|i've|i'd|i'll|my|we|our|mine)\b|我|咱|本人")


def boilerplate(text: str) -> Boilerplate:
    """Return what kind of boilerplate *text* is, "" if somebody may state something in it.

    Example:
        >>> boilerplate("Hi Anna, thanks a lot!"), boilerplate("Hi, I'm Anna."), boilerplate("好的，谢谢！")
        ('courtesy', '', 'courtesy')
        >>> boilerplate("2024-05-01 10:00:00 INFO started"), boilerplate("You are a helpful assistant.")
        ('machine', 'prompt')
    """
    text = text[:MAX_CHARS].strip()
    if not text:
        return ""
    if len(text) <= MAX_COURTESY_CHARS and _is_courtesy(text):
        return "courtesy"
    if _is_machine(text):
        return "machine"
    folded = fold(text)
    if _MODEL.match(folded) or (_PROMPT.match(folded) and not _FIRST_PERSON.search(folded)):
        return "prompt"
    return ""


def _is_courtesy(text: str) -> bool:
    """Tell whether every clause is a courtesy, or one and whom it is said to."""
    clauses = [" ".join(_NO_WORD.sub(" ", clause).split()) for clause in _CLAUSE.split(fold(text))]
    said = [clause for clause in clauses if clause]
    if not said:
        return True
    called = False
    for clause in said:
        known = clause in _COURTESIES or all(word in _COURTESIES for word in clause.split())
        if not known and not (called and _is_name(clause)) and not _calls_somebody(clause):
            return False
        called = known and clause in _CALLS
    return True


def _calls_somebody(clause: str) -> bool:
    return any(
        clause.startswith(call) and _is_name(clause[len(call) :].strip())
        for call in _CALLS
        if clause != call and (clause.startswith(f"{call} ") or call[0] > "\u2e80")
    )


def _is_name(clause: str) -> bool:
    """Tell whether so short a clause can be a name."""
    words = clause.split()
    if len(words) == 1 and clause and clause[0] > "\u2e80":
        return len(clause) <= 4 and not _FIRST_PERSON.search(clause)
    return 1 <= len(words) <= 2 and all(word.isalpha() for word in words) and not _FIRST_PERSON.search(clause)


def _is_machine(text: str) -> bool:
    """Tell whether a machine wrote most of the lines, or all that is not fenced as code."""
    rest = _FENCED.sub("", text).strip() if "```" in text else text
    if not rest or _JSON.fullmatch(rest):
        return True
    lines = [line for line in rest.splitlines() if line.strip()]
    n_machine = sum(_MACHINE_LINE.match(line) is not None for line in lines)
    return n_machine >= _MACHINE_SHARE * len(lines)
