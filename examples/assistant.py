"""An assistant that remembers: what it stores, what it puts into a prompt, what it forgets, and how it proves that.

Facts are drawn by rules, or by a language model if the configuration names one (see ``docs/models.md``); the program is the
same. Run it from any folder; ``POLYMEM_HOME`` says where the memory lies. It checks its own answers and ends with "ok".
"""

from __future__ import annotations

from polymem import Memory

USER = "mia"
PRIVATE = {"redaction": {"patterns": ["card", "password", "api_key"]}}


def turn(memory: Memory, said: str, *, at: str) -> str:
    """Remember what the user says, and return the prompt for the answer."""
    block = memory.context(said, user_id=USER, budget_tokens=300)
    # Had the block come back within the message, it would not be learned again.
    memory.add({"role": "user", "content": said}, user_id=USER, timestamp=at)
    return f"Answer the user. What you know:\n{block}\n\nUser: {said}"


def main() -> None:
    """Talk for half a year."""
    with Memory(config=PRIVATE) as memory:
        memory.forget(user_id=USER, everything=True)
        turn(
            memory,
            "I live in Lisbon. My sister is called Ines. From now on answer in French.",
            at="2025-01-10",
        )
        turn(memory, "My card is 4111 1111 1111 1111. I moved to Porto.", at="2025-04-05")
        turn(memory, "我对花生过敏。", at="2025-05-02")
        prompt = turn(memory, "Where do I live, and what am I allergic to?", at="2025-06-01")

        assert "Porto" in prompt
        assert "花生" in prompt
        assert "4111" not in prompt
        assert str(memory.profile(user_id=USER)["residence"]) == "Porto"
        (wish,) = memory.relations(user_id=USER, predicate="instruction:language")
        assert wish.object == "French"
        assert str(memory.profile(user_id=USER, as_of="2025-02-01")["residence"]) == "Lisbon"

        receipt = memory.forget(user_id=USER, about="花生")
        assert memory.verify_erasure(receipt) == []
        assert "allergies" not in memory.profile(user_id=USER)
        assert memory.verify() == []
    print("ok")


if __name__ == "__main__":
    main()
