"""Documents typeset in processes of their own, two at a time: each is there whole, or not at all."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Generator, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from petition import typesetting, whole

AT_ONCE = 2
LOOK_EVERY = 1.0
"""Seconds; so often whoever waits for a document may give up."""
# Two processes fill two cores. Typst keeps millions of small pieces: one arena, whose large ones go back at once, saves
# a tenth of the memory.
_FRUGAL = {"RAYON_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "1", "MALLOC_MMAP_THRESHOLD_": "65536"}
_PRESS = Path(__file__).with_name("press.py")


class PrintingFailed(Exception):
    """A document was not made; its sentence says why."""


@dataclass(frozen=True)
class Pictures:
    """So many pages from the beginning, and so many from the one on that bears this label, instead of the document."""

    most: int
    label: str
    ppi: int


@dataclass(frozen=True)
class Sheet:
    """A document to be made: which template, of which words, under which name."""

    template: str
    words: dict[str, Any]
    path: Path
    at: datetime
    """The moment that the document tells as that of its making: the snapshot's, so that it can be made again."""
    accessible: bool
    pictures: Pictures | None = None
    """With these ``path`` becomes a folder of PNG files, by the numbers of their pages."""


@dataclass(frozen=True)
class _Running:
    sheet: Sheet
    process: subprocess.Popen[str]
    draft: Path


def make(
    sheets: Iterable[Sheet], *, at_once: int = AT_ONCE, look: Callable[[], None] = lambda: None
) -> Generator[Sheet, None, None]:
    """Each sheet once it is made, in their order; one is asked for only when a process is free for it.

    ``look`` is called while it waits, and ends it by raising. Whoever stops in between ends the processes that still
    run, and their drafts are gone. Raises PrintingFailed.
    """
    running: list[_Running] = []
    try:
        for sheet in sheets:
            if len(running) >= at_once:
                yield _finish(running, look)
            running.append(_start(sheet))
        while running:
            yield _finish(running, look)
    except OSError as problem:
        raise PrintingFailed(f"The document cannot be written: {problem.strerror}.") from problem
    finally:
        for each in running:
            _stop(each)


def _start(sheet: Sheet) -> _Running:
    draft = sheet.path.with_name(f".{sheet.path.name}.part")
    # With PDF/UA the whole structure is written, which takes a third more of everything.
    task = {
        "root": str(typesetting.folder().resolve()),
        "template": sheet.template,
        "draft": str(draft),
        "standards": ["a-2b", "ua-1"] if sheet.accessible else ["a-2b"],
        "timestamp": int(sheet.at.timestamp()),
        "tagged": sheet.accessible,
        "pictures": sheet.pictures and vars(sheet.pictures),
    }
    with tempfile.TemporaryFile(dir=sheet.path.parent) as words:
        words.write(json.dumps(task).encode() + b"\n")
        words.write(json.dumps(sheet.words, ensure_ascii=False, separators=(",", ":")).encode())
        words.seek(0)
        # -P: what lies beside the program is not to be mistaken for what it imports.
        process = subprocess.Popen(
            [sys.executable, "-P", str(_PRESS)],
            stdin=words,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **_FRUGAL},
        )
    return _Running(sheet, process, draft)


def _finish(running: list[_Running], look: Callable[[], None]) -> Sheet:
    """Wait for the one that was started first."""
    first = running[0]
    told = _await(first.process, look)
    if first.process.returncode:
        reason = told.strip().splitlines()[-1] if told.strip() else f"it ended with {first.process.returncode}"
        raise PrintingFailed(f"{first.sheet.path.name} could not be typeset: {reason}.")
    whole.finish(first.draft, first.sheet.path)
    running.pop(0)
    return first.sheet


def _await(process: subprocess.Popen[str], look: Callable[[], None]) -> str:
    """Wait until it has ended; returns what it told of problems."""
    while True:
        try:
            return process.communicate(timeout=LOOK_EVERY)[1]
        except subprocess.TimeoutExpired:
            look()


def _stop(running: _Running) -> None:
    running.process.kill()
    running.process.wait()
    with suppress(OSError):
        shutil.rmtree(running.draft) if running.draft.is_dir() else running.draft.unlink(missing_ok=True)
