"""Who knows whom: relations drawn from what a user says, in the configuration of mem0's graph memory.

The program is written for mem0; only its import and the provider of its graph store were changed. Run it from any folder;
``POLYMEM_HOME`` says where the memory lies. It checks its own answers and ends with "ok".
"""

from __future__ import annotations

from polymem.mem0 import Memory

USER = "mia"
SAID = (
    "My name is Mia",
    "I love climbing",
    "I hate climbing",
    "My friend name is Omar and Omar has a cat named Biscuit",
    "Lena loves to swim and Omar loves to swim as well",
    "我的朋友李雷住在杭州",
)


def main() -> None:
    """Remember, contradict, and ask the graph."""
    memory = Memory.from_config(config_dict={"version": "v1.1", "graph_store": {"provider": "polymem"}})
    memory.delete_all(user_id=USER)
    for statement in SAID:
        memory.add(statement, user_id=USER)

    everything = memory.get_all(user_id=USER)
    for edge in everything["relations"]:
        print(edge["source"], "—", edge["relationship"], "→", edge["target"])
    edges = {(edge["source"], edge["relationship"], edge["target"]) for edge in everything["relations"]}
    assert {("Omar", "has_pet", "Biscuit"), ("Lena", "likes", "swim"), ("李雷", "lives_in", "杭州")} <= edges
    # The later statement closed the earlier one.
    assert {predicate for _, predicate, thing in edges if thing == "climbing"} == {"dislikes"}

    answer = memory.search("What pet does Omar have?", user_id=USER)
    assert "Biscuit" in answer["results"][0]["memory"]
    assert any("Biscuit" in (edge["source"], edge["destination"]) for edge in answer["relations"])
    assert answer["results"] == answer["memories"]
    assert answer["relations"] == answer["entities"]
    assert "杭州" in memory.search("李雷住在哪里？", user_id=USER)["results"][0]["memory"]
    assert memory.search("What pet does Omar have?", user_id="somebody else")["results"] == []
    print("ok")


if __name__ == "__main__":
    main()
