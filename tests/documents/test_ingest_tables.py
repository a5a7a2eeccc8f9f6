"""A row of a long table is found beside small documents."""

from __future__ import annotations

import pytest

from polymem import DocumentInput, Memory

LISTS = {
    "en": (
        "Article,Name,Price EUR",
        "P-{n},Pump model {n} with flange and seal,{price}",
        "What is the price of P-1042?",
    ),
    "zh": ("编号,名称,单价", "P-{n},离心泵{n}型（带法兰和机械密封）,{price}", "P-1042的单价是多少？"),
}
NOTES = [
    ("tools", "article,price,note\nA-1,12,two\nB-2,13,ok\n"),
    ("parts", "item,price\nfilter change,900\n"),
    ("茶", "品名,单价\n龙井,880\n普洱,450\n"),
]


@pytest.mark.parametrize("language", LISTS)
def test_a_row_of_a_price_list_is_found_beside_small_documents(tmp_path, language):
    head, row, question = LISTS[language]
    rows = [row.format(n=n, price=n / 4) for n in range(1_000, 1_600)]
    inputs = [DocumentInput(text="\n".join([head, *rows]), name="list.csv")]
    inputs += [DocumentInput(text=text, name=f"{name}.csv") for name, text in NOTES]
    with Memory(tmp_path / "m.db") as memory:
        assert memory.ingest(inputs, user_id="u").n_chunks_added > 15
        hits = memory.search(question, user_id="u", limit=3)
        assert "P-1042 |" in hits[0].item.text
        assert hits[0].score > 0.5
