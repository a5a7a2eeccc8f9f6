"""``demo``: the main job on two small conversations, in a store that is gone afterwards."""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.rule import Rule
from rich.text import Text

from polymem import Memory, __version__
from polymem.cli.call import Call
from polymem.cli.screen import Screen, day
from polymem.cli.show_graph import relation_tree
from polymem.cli.show_history import history_text
from polymem.cli.show_hits import hit_table, relation_table
from polymem.cli.show_items import profile_table
from polymem.demo.stories import STORIES, TODAY, Story, StoryClock
from polymem.errors import InputError

N_HITS = 2
_NEXT = """\
One SQLite file, no key, no server, no network. With a memory of your own:

  polymem add "My name is Ada and I live in Turin." --user ada
  polymem search "Where does Ada live?" --user ada --explain
  polymem --help

In Python: from polymem import Memory
Documents: docs/quickstart.md, 中文：docs/zh/quickstart.md"""


def demo(call: Call, lang: Annotated[str, typer.Option("--lang", help="en, zh or both.")] = "both") -> None:
    """Remember a conversation in English and one in Chinese, ask, correct, explain; leaves nothing behind."""
    if lang not in {*STORIES, "both"}:
        raise InputError(f"--lang must be one of {', '.join(STORIES)}, both", argument="--lang")
    told = [story for name, story in STORIES.items() if lang in {name, "both"}]
    documents: list[dict[str, Any]] = []
    for story in told:
        with tempfile.TemporaryDirectory(prefix="polymem-demo-") as folder:
            clock = StoryClock()
            # Settings of the user's own store do not concern this one.
            with Memory(config={"store": {"path": str(Path(folder, "memory.db"))}}, clock=clock) as memory:
                scene = _Scene(story, memory.scoped(user_id=story.owner), call.screen)
                if call.common.json:
                    documents.append(scene.told(clock))
                else:
                    scene.play(clock)
    if not call.answer({"version": __version__, "stories": documents}):
        call.screen.show(Rule(style="dim"), _NEXT)


@dataclass(frozen=True, slots=True)
class _Scene:
    story: Story
    memory: Memory
    screen: Screen

    def play(self, clock: StoryClock) -> None:
        """Show everything for people."""
        show, words, memory, story = self.screen.show, self.story.words, self.memory, self.story
        show(Rule(story.title), "")
        figures, replaced = self.remember(clock)
        show(words["remembered"].format(**figures), "")
        self.heading("questions")
        for question in story.questions:
            self.ask(question)
        self.heading("relations")
        show(relation_tree(memory.relations()), "")
        self.heading("correction")
        self.ask(story.moved)
        self.homes()
        for item_id in replaced[:1]:
            item = memory.get(item_id)
            successor = memory.get(item.superseded_by) if item is not None and item.superseded_by else None
            events = memory.history(item_id)
            show(*history_text(events, item=item, successor=successor, colours=self.screen.colours), "")
        self.heading("before", day=day(story.before))
        self.ask(story.moved, as_of=story.before)
        self.homes(as_of=story.before)
        self.heading("profile", owner=story.owner)
        show(profile_table(memory.profile()), "")
        self.heading("context")
        show(Text(memory.context(story.block, budget_tokens=300)), "")

    def told(self, clock: StoryClock) -> dict[str, Any]:
        """Return the same for machines."""
        figures, replaced = self.remember(clock)
        memory, story = self.memory, self.story
        asked = [(question, None) for question in (*story.questions, story.moved)] + [
            (story.moved, story.before)
        ]
        return {
            "language": story.language,
            "remembered": figures,
            "answers": [
                {
                    "question": question,
                    "as_of": as_of,
                    "hits": memory.search(question, limit=N_HITS, explain=True, as_of=as_of),
                }
                for question, as_of in asked
            ],
            "relations": memory.relations(),
            "history": {item_id: memory.history(item_id) for item_id in replaced},
            "profile": memory.profile(),
            "context": memory.context(story.block, budget_tokens=300),
        }

    def remember(self, clock: StoryClock) -> tuple[dict[str, Any], list[str]]:
        """Tell the memory the conversation, session by session; return figures and the ids of what was replaced."""
        sessions = self.story.sessions()
        replaced: list[str] = []
        n_items = 0
        started = time.perf_counter()
        for run, messages in sessions:
            clock.at = datetime.fromisoformat(messages[-1]["timestamp"])
            added = self.memory.add(messages, run_id=run)
            replaced += added.superseded
            n_items += len(added.items)
        took_s = time.perf_counter() - started
        clock.at = TODAY
        n_messages = sum(len(messages) for _, messages in sessions)
        figures = {
            "messages": n_messages,
            "sessions": len(sessions),
            "derived": n_items - n_messages,
            "ms": took_s * 1e3,
        }
        return figures, replaced

    def ask(self, question: str, *, as_of: datetime | None = None) -> None:
        """Ask and show the best hits with their signals."""
        hits = self.memory.search(question, limit=N_HITS, explain=True, as_of=as_of)
        self.screen.show(Text(f"? {question}", style="bold"), hit_table(hits, self.screen, ids=False), "")

    def homes(self, *, as_of: datetime | None = None) -> None:
        """Show where the owner lives: the relation that the correction is about."""
        relations = self.memory.relations(entity=self.story.owner, as_of=as_of)
        self.screen.show(relation_table([r for r in relations if r.predicate == "lives_in"]), "")

    def heading(self, name: str, **values: str) -> None:
        """Show a heading in the language of the story."""
        text = self.story.words[name].format(**values)
        self.screen.show(Text(text, style="bold cyan"), Text("─" * Text(text).cell_len, style="dim"))
