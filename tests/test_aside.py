"""Computing aside: on the gevent server, others are answered meanwhile."""

import subprocess
import sys
from pathlib import Path

import pytest

from petition import aside

COUNTS = """
import gevent
from petition import aside
from petition.paper import tables
from petition.paper.workbooks import TableRefused

turns = 0

def others():
    global turns
    while True:
        turns += 1
        gevent.sleep(0.005)

gevent.spawn(others)
content = b"Name;Country\\n" + b"Ada Byron;IT\\n" * 300_000
before = turns
for _time in range(5):
    try:
        aside.compute(lambda: tables.read(content, limits=tables.ON_THE_SERVER))
    except TableRefused:
        pass
print(turns - before)
"""


def test_others_are_answered_while_the_gevent_server_reads_a_table(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(COUNTS)
    done = subprocess.run(
        [sys.executable, "-m", "gevent.monkey", str(script)], capture_output=True, text=True, timeout=60, check=False
    )
    assert int(done.stdout) > 5, done.stderr
    assert done.stderr == "", "a refusal is no error of the server"


def test_elsewhere_it_is_done_at_once() -> None:
    def fail() -> int:
        raise KeyError("x")

    assert aside.compute(lambda: 3) == 3
    with pytest.raises(KeyError):
        aside.compute(fail)
