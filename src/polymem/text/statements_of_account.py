"""The three financial statements: which one a page is, by its head, and which one a question is about, by the items in it.

An annual report speaks of cash flows on a hundred pages and states them on one.
"""

from __future__ import annotations

from collections.abc import Mapping
from re import Pattern
from typing import Final

from polymem.text.lazy import lazy
from polymem.text.normalise import fold

__all__ = ["asked_statements", "statement_of"]

_HEAD_CHARS: Final = 400
_BODY_CHARS: Final = 6_000
_MIN_ITEMS: Final = 2

_TITLES: Final[Mapping[str, Pattern[str]]] = {
    "cash": lazy(r"statements? of (?:consolidated )?cash flows?|cash flows? statements?|现金流量表"),
    "balance": lazy(r"balance sheets?|statements? of financial (?:position|condition)|资产负债表|财务状况表"),
    "income": lazy(
        r"statements? of (?:consolidated )?(?:income|operations|earnings)|income statements?"
        r"|profit and loss (?:account|statement)|利润表|损益表"
    ),
}
_ITEMS: Final[Mapping[str, Pattern[str]]] = {
    "cash": lazy(
        r"operating activities|investing activities|financing activities|经营活动|投资活动|筹资活动"
    ),
    "balance": lazy(
        r"total (?:current )?assets|total (?:current )?liabilities|accounts payable|shareholders.? equity"
        r"|资产总计|负债合计|流动资产|流动负债|所有者权益"
    ),
    "income": lazy(
        r"net (?:income|earnings|loss)|net (?:sales|revenues?)|cost of (?:sales|revenues?|goods|products)"
        r"|operating (?:income|profit|loss)|per share|income taxes|净利润|营业收入|营业成本|营业利润|每股收益"
    ),
}
_ASKED: Final[Mapping[str, Pattern[str]]] = {
    "cash": lazy(
        r"cash flows?\b|\bcapex\b|capital (?:expenditures?|spending)|depreciation|amorti[sz]ation|\bd&a\b|dividends?\b"
        r"|\bebitda\b|(?:re|buy)-?purchases?|buybacks?|现金流|资本支出|折旧|摊销|股息|股利|分红|回购"
    ),
    "balance": lazy(
        r"balance sheet|financial (?:position|condition)|(?:total|current|fixed|net) assets|liabilit(?:y|ies)|working capital"
        r"|(?:quick|current|debt.to.equity) ratio|\binventor(?:y|ies)\b|\bpayables?\b|\breceivables?\b|\bpp&?n?e\b"
        r"|property, plant|\bdebt\b|\bliquidity\b|\b(?:dpo|dio|dso)\b|cash conversion cycle|cash (?:and|&) (?:cash )?equivalents"
        r"|资产|负债|营运资金|速动比率|流动比率|存货|应付账款|应收账款|债务"
    ),
    "income": lazy(
        r"income statement|statements? of (?:income|operations|earnings)|\bp&l\b|profit and loss|\brevenues?\b|net sales"
        r"|(?:net|operating) (?:income|profit|earnings)|\bcogs\b|cost of (?:goods|sales|revenues?)|\bmargins?\b|\bebitd?a?\b"
        r"|earnings per share|\beps\b|tax rate|turnover|interest coverage|利润|营收|收入|毛利|成本|每股收益|税率|周转率"
    ),
}


def statement_of(text: str) -> str:
    r"""Return which financial statement a page is: "cash", "balance", "income", or "" for none.

    Its head names the statement, and two different items of such a statement stand on it.

    Example:
        >>> statement_of("CONSOLIDATED BALANCE SHEETS\nTotal current assets 1\nAccounts payable 2\nTotal assets 3")
        'balance'
        >>> statement_of("The balance sheet is on the next page.")
        ''
    """
    head = fold(text[:_HEAD_CHARS])
    for kind, title in _TITLES.items():
        if title.search(head) and len(set(_ITEMS[kind].findall(fold(text[:_BODY_CHARS])))) >= _MIN_ITEMS:
            return kind
    return ""


def asked_statements(question: str) -> tuple[str, ...]:
    """Return the statements on which the items stand that a question names.

    Example:
        >>> asked_statements("What was the gross margin?"), asked_statements("存货周转率是多少？")
        (('income',), ('balance', 'income'))
    """
    folded = fold(question)
    return tuple(kind for kind, items in _ASKED.items() if items.search(folded))
