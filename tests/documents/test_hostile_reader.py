"""What a reader could be talked into: everything that leads out of its process is refused."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ACTS = (
    "socket.create_connection(('127.0.0.1', 9), 1)",
    "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', 9))",
    "socket.socket().bind(('127.0.0.1', 0))",
    "socket.gethostbyname('localhost')",
    "socket.getaddrinfo('localhost', 80)",
    "subprocess.run(['true'])",
    "os.system('true')",
    "os.kill(os.getpid(), 0)",
    "os.mkdir(path + '/made')",
    "os.symlink('/etc', path + '/link')",
    "os.rename(path + '/kept', path + '/gone')",
    "os.remove(path + '/kept')",
    "os.chmod(path + '/kept', 0o777)",
    "os.rmdir(path)",
    "open(path + '/kept', 'w')",
    "open(path + '/kept', 'r+')",
    "open(path + '/kept', 'a')",
    "os.open(path + '/new', os.O_CREAT)",
    "os.open(path + '/kept', os.O_TRUNC)",
)
SCRIPT = (
    "import os, socket, subprocess, sys\n"
    "from polymem.documents.confinement import confine; from polymem.documents.limits import ReadLimits\n"
    "confine(ReadLimits(memory_mb=400))\n"
    "path = sys.argv[1]\n"
    "try: {act}\n"
    "except PermissionError as error: assert 'a reader may not' in str(error), error\n"
    "else: sys.exit('it was done')\n"
)


@pytest.mark.parametrize("act", ACTS)
def test_what_leads_out_is_refused(tmp_path: Path, act: str):
    (tmp_path / "kept").write_text("茶", encoding="utf-8")
    script = SCRIPT.format(act=act)
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], capture_output=True, check=False, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]
    assert (tmp_path / "kept").read_text(encoding="utf-8") == "茶"


def test_modules_that_are_loaded_leave_nothing_behind(tmp_path: Path):
    """Python would begin to keep them compiled beside the package, at every start anew, and could not end it."""
    (tmp_path / "parser_of_theirs.py").write_text("x = 1", encoding="utf-8")
    script = (
        "import sys; from polymem.documents.confinement import confine; from polymem.documents.limits import ReadLimits\n"
        "sys.path.insert(0, sys.argv[1]); confine(ReadLimits(memory_mb=400)); import parser_of_theirs\n"
    )
    subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=True, timeout=60)
    assert [path.name for path in tmp_path.rglob("*")] == ["parser_of_theirs.py"]
