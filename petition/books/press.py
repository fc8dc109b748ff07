"""A program of its own, which knows nothing of the project: typesets a document, or pictures of its pages, and ends.

So its memory is given back. The first line of its standard input tells what, as JSON; the rest are the words, which
the template reads.
"""

import ctypes
import json
import os
import re
import signal
import sys
from pathlib import Path
from typing import Any

import typst

_DIE_WITH_PARENT = 1
_QUOTED = re.compile(r"`[^`]*`")


def main() -> int:
    if sys.platform == "linux":
        # Whoever started this may be killed: nobody would be there for what it makes.
        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
    os.umask(0o077)
    task = json.loads(sys.stdin.buffer.readline())
    words = sys.stdin.buffer.read().decode()
    try:
        _pictures(task, words) if task["pictures"] else _document(task, words)
    except RuntimeError as problem:
        # What it quotes may be somebody's name.
        print(_QUOTED.sub("…", str(problem).splitlines()[0]), file=sys.stderr)
        return 1
    return 0


def _document(task: dict[str, Any], words: str) -> None:
    typst.compile(
        Path(task["root"]) / task["template"],
        output=task["draft"],
        root=task["root"],
        font_paths=typst.Fonts(),
        format="pdf",
        sys_inputs={"data": words},
        pdf_standards=task["standards"],
        timestamp=task["timestamp"],
        pdf_tags=task["tagged"],
    )


def _pictures(task: dict[str, Any], words: str) -> None:
    """A folder of pages, by their numbers: the first ones, and those from the page on that the template labels."""
    compiler = typst.Compiler(
        Path(task["root"]) / task["template"],
        root=task["root"],
        font_paths=typst.Fonts(),
        sys_inputs={"data": words},
    )
    pages = compiler.compile(format="png", ppi=task["pictures"]["ppi"])
    labelled = json.loads(compiler.query(f"<{task['pictures']['label']}>", field="value", one=True))
    most = task["pictures"]["most"]
    wanted = {*range(1, most + 1), *range(labelled, labelled + most)}
    folder = Path(task["draft"])
    folder.mkdir()
    for number, page in enumerate(pages if isinstance(pages, list) else [pages], 1):
        if page and number in wanted:
            (folder / f"{number:04}.png").write_bytes(page)


if __name__ == "__main__":
    sys.exit(main())
