"""A coach that remembers each pupil's training: every verb of the drop-in, on Chinese text.

The program is written for mem0; only its import was changed. Run it from any folder; ``POLYMEM_HOME`` says where the
memory lies. It checks its own answers and ends with "ok".
"""

from __future__ import annotations

from polymem.mem0 import Memory

PUPIL = "小林"
memory = Memory()


def record(note: str) -> str:
    """Store a note on today's training and return its id."""
    memory.add(note, user_id=PUPIL, metadata={"category": "training"})
    return memory.get_all(user_id=PUPIL)[0]["id"]


def advise(question: str) -> str:
    """Answer from what is remembered, or greet a newcomer."""
    remembered = memory.search(query=question, user_id=PUPIL, limit=1)
    return f"上次你{remembered[0]['memory']}" if remembered else "欢迎！我们先练正手。"


def main() -> None:
    """Train for a day."""
    memory.delete_all(user_id=PUPIL)
    assert advise("正手") == "欢迎！我们先练正手。"

    note = record("练了反手切球，落点还不稳。")
    print(advise("反手切球练得怎么样？"))
    assert advise("反手切球练得怎么样？") == "上次你练了反手切球，落点还不稳。"

    memory.update(memory_id=note, data="练了反手切球，落点已经稳定。")
    for event in memory.history(memory_id=note):
        print(event["event"], event["old_memory"], "→", event["new_memory"])
    assert [event["event"] for event in memory.history(note)] == ["ADD", "UPDATE"]
    assert "稳定" in memory.search("切球稳定吗", user_id=PUPIL)[0]["memory"]
    assert memory.search("反手切球", user_id="小周") == []

    memory.delete(note)
    assert memory.get_all(PUPIL) == []
    assert memory.history(note)[-1]["event"] == "DELETE"
    print("ok")


if __name__ == "__main__":
    main()
