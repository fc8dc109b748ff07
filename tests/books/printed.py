"""Orders for the tests of book and letter, and what a PDF says when poppler reads it."""

import os
import re
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks import processes
from petition.staging.orders import Order, Part, Reader, Showing, Sorting

NAUGHTY = (
    "محمد Ali שרה كريم",
    "Z\u0336\u0327\u0328a\u0301\u0302\u0303l\u030a\u030b\u030cgo",
    "W" * 100,
    "م" * 100,
    "क" * 100,
    "漢" * 100,
    "𠮷野家 𡈽方",
    "𞤀𞤣𞤤𞤢𞤥 𞤆𞤵𞤤𞤢𞤪",
    "ᠮᠣᠩᠭᠣᠯ ᠪᠢᠴᠢᠭ",
    "རྒྱ་མཚོ",
    "သင်းသင်း",
)


def order(**given: Any) -> Order:
    values: dict[str, Any] = {
        "slug": "child-dignity",
        "reader": Reader.ADDRESSEE,
        "languages": ("en",),
        "sorting": Sorting.COUNTRY,
        "shows": {"public": Showing.NAME, "addressee": Showing.NAME, "counted": Showing.NUMBER},
        "parts": frozenset(Part),
        **given,
    }
    return Order(**values)


def text_of(pdf: Path) -> str:
    """Without what is not seen, and every run of spaces as one."""
    read = subprocess.run(["pdftotext", "-raw", str(pdf), "-"], capture_output=True, text=True, check=True).stdout
    return re.sub(r"\s+", " ", re.sub("[\u2068\u2069\u200b\u202a-\u202e\u200e\u200f]", "", read))


def pages_of(pdf: Path) -> int:
    told = subprocess.run(["pdfinfo", str(pdf)], capture_output=True, text=True, check=True).stdout
    return int(re.findall(r"^Pages:\s+(\d+)", told, re.MULTILINE)[0])


def fonts_of(pdf: Path) -> list[str]:
    """The lines that pdffonts prints, one for each font."""
    told = subprocess.run(["pdffonts", str(pdf)], capture_output=True, text=True, check=True).stdout
    return told.splitlines()[2:]


def right_edge(pdf: Path) -> float:
    """How far to the right any word reaches, in points."""
    told = subprocess.run(["pdftotext", "-bbox", str(pdf), "-"], capture_output=True, text=True, check=True).stdout
    return max(float(each) for each in re.findall(r'xMax="([\d.]+)"', told))


@contextmanager
def most_held_by(program: str) -> Iterator[list[int]]:
    """The peaks, in KiB, of this process's children that run the program; looked at until the block is left."""
    peaks = [0]
    over = threading.Event()

    def watch() -> None:
        while not over.wait(0.05):
            children = processes.family(os.getpid())[1:]
            peaks.extend(processes.peak_kib(pid) for pid in children if program in processes.command_line(pid))

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        yield peaks
    finally:
        over.set()
        watching.join()
