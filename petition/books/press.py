"""A program of its own, which knows nothing of the project: typesets one document and ends, giving its memory back.

The first line of its standard input tells what, as JSON; the rest are the words, which the template reads.
"""

import ctypes
import json
import os
import re
import signal
import sys
from pathlib import Path

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
    except RuntimeError as problem:
        # What it quotes may be somebody's name.
        print(_QUOTED.sub("…", str(problem).splitlines()[0]), file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
