"""What `import polymem` and the first `add` load and compile, counted, not timed."""

import json
import subprocess
import sys

import pytest

# Counts the patterns that the package compiles. Those of the standard library and of numpy are not ours to save.
COUNTING = """
import json, re, sys
compiled = []
really = re.compile
def counting(pattern, flags=0):
    caller = sys._getframe(1).f_globals["__name__"]
    if caller.startswith("polymem."):
        compiled.append(caller)
    return really(pattern, flags)
re.compile = counting
import polymem
polymem.Memory
counts = {"import": len(compiled), "text": sum(name.startswith("polymem.text") for name in compiled)}
loaded = sorted(sys.modules)
"""
FIRST_ADDS = """
import tempfile
with tempfile.TemporaryDirectory() as folder, polymem.Memory(folder + "/memory.db") as memory:
    for name, text in (
        ("plain", "The train was late again."),
        ("stated", "My sister Anna lives in Berlin and I love hiking."),
        ("stated_zh", "我叫李明，住在上海，喜欢喝咖啡。"),
    ):
        before = len(compiled)
        memory.add(text, user_id="ann")
        counts[name] = len(compiled) - before
"""
REPORT = 'print(json.dumps({"counts": counts, "loaded": loaded}))'


WHOLE_LIFE = """
import tempfile
with tempfile.TemporaryDirectory() as folder, polymem.Memory(folder + "/memory.db") as memory:
    memory.add("My sister Anna lives in Berlin and I love hiking.", user_id="ann")
    assert memory.search("Where does Anna live?", user_id="ann")
    assert memory.get_all(user_id="ann")
    memory.delete_all(user_id="ann")
loaded = sorted(sys.modules)
"""


def _report(*lines):
    program = "\n".join((*lines, REPORT))
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert not run.returncode, run.stderr
    return json.loads(run.stdout)


@pytest.fixture(scope="module")
def after_import():
    return _report(COUNTING)


def test_importing_compiles_next_to_no_patterns(after_import):
    assert after_import["counts"]["import"] <= 6


def test_importing_compiles_no_pattern_that_reads_text(after_import):
    assert after_import["counts"]["text"] == 0


@pytest.mark.parametrize(
    "module",
    [
        *(
            "asyncio",
            "ssl",
            "socket",
            "subprocess",
            "concurrent.futures",
            "logging",
            "http.client",
            "urllib.request",
            "email",
        ),
        *("calendar", "locale", "random", "tomllib", "zoneinfo", "typer", "rich", "tokenizers"),
    ],
)
def test_importing_leaves_out_what_few_stores_need(after_import, module):
    assert module not in after_import["loaded"]


@pytest.mark.parametrize(
    "module",
    [
        "polymem.cli",
        "polymem.demo",
        "polymem.engines.sqlite.backup",
        "polymem.engines.sqlite.check",
        "polymem.engines.sqlite.repair",
        "polymem.engines.sqlite.transfer",
        "polymem.interop",
        "polymem.models.embedders.callable",
        "polymem.models.endpoint",
        "polymem.read.context",
        "polymem.read.listing",
        "polymem.testing",
        "polymem.text.statements_en",
        "polymem.text.statements_zh",
    ],
)
def test_importing_leaves_out_the_rooms_of_rare_verbs(after_import, module):
    assert module not in after_import["loaded"]


def test_the_first_add_compiles_only_the_rules_that_its_words_call_for():
    counts = _report(COUNTING, FIRST_ADDS)["counts"]
    assert 0 < counts["plain"] <= 46  # six of them tell the keys of a turn, and its language
    assert counts["plain"] + counts["stated"] <= 80
    assert counts["stated_zh"] <= 80  # of about four hundred


@pytest.mark.parametrize("module", ["asyncio", "concurrent.futures", "polymem.text.statements_zh"])
def test_a_program_without_event_loop_and_chinese_never_loads(module):
    assert module not in _report(COUNTING, WHOLE_LIFE)["loaded"]
