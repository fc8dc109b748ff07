"""The book: so many names in thirteen scripts, typeset into volumes from a staging file."""

import os
import random
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks import processes
from benchmarks.figures import Figure, of_rounds
from benchmarks.ground import SLUG, Ground, LoadFailed
from petition.application import create_app
from petition.books import book, typography
from petition.staging.orders import Order, Part, Reader, Showing, Sorting
from petition.staging.staging import StagedRow, Staging
from tests import make
from tests.staging import staged

SECONDS_AT_MOST = 20.0
MIB_AT_MOST = 500.0
LOOK_EVERY = 0.1
SCRIPTS = {
    "IT": "Maria Giulia Łukasz Zoë Rossi Bianchi Müller",
    "UA": "Олена Іван Тарас Шевченко Франко",
    "GR": "Ελένη Γιώργος Παπαδοπούλου Νικολάου",
    "AM": "Արամ Անի Խաչատրյան Սարգսյան",
    "IL": "יעל שרה דוד כהן לוי",
    "EG": "محمد فاطمة أحمد العلي الزهراء",
    "IN": "अनन्या राहुल शर्मा वर्मा",
    "TH": "สมชาย กนกวรรณ ใจดี ศรีสุข",
    "CN": "王小明 李华 张伟 刘洋",
    "JP": "山田 さくら 太郎 花子",
    "KR": "홍길동 김민수 이서연 박지훈",
    "ET": "አበበ ሰላም ቢቂላ ተስፋዬ",
    "GE": "ნინო გიორგი ბერიძე კაპანაძე",
}
"""Words of names, in a script for each country."""


@dataclass
class _Peak:
    mib: float = 0.0


def measure(ground: Ground) -> list[Figure]:
    folder = ground.folder / "book"
    folder.mkdir()
    instance = folder / "instance"
    instance.mkdir()
    staging = staged.staged(folder, _rows(ground.scale.names))
    order = Order(
        slug=SLUG,
        reader=Reader.ADDRESSEE,
        languages=("en",),
        sorting=Sorting.COUNTRY,
        shows=dict.fromkeys(("public", "addressee"), Showing.NAME),
        parts=frozenset({Part.BOOK}),
    )
    seconds, peaks, looked = [], [], []
    with create_app(make.settings(instance)).app_context():
        for _ in range(ground.scale.rounds):
            started = time.monotonic()
            if typography.preflight(staging, order):
                raise LoadFailed("the fonts of this machine do not write all thirteen scripts")
            looked.append(time.monotonic() - started)
            taken, peak = _make(staging, order, folder)
            seconds.append(taken)
            peaks.append(peak)
    staging.close()
    names = f"{ground.scale.names:,} names in {len(SCRIPTS)} scripts"
    return [
        of_rounds(
            "book", f"Book of {names}", seconds, unit="s", bound="at most", limit=SECONDS_AT_MOST,
            seconds_of_the_preflight=[round(each, 2) for each in looked],
        ),
        of_rounds("book", "Book, memory of any process", peaks, unit="MiB", bound="at most", limit=MIB_AT_MOST),
    ]  # fmt: skip


def _make(staging: Staging, order: Order, folder: Path) -> tuple[float, float]:
    """Seconds, and the MiB of the largest process that typeset a volume."""
    shutil.rmtree(folder / book.FOLDER, ignore_errors=True)
    started = time.monotonic()
    with _watched() as peak:
        book.make(staging, order, folder, lambda done, total: None)
    return time.monotonic() - started, peak.mib


@contextmanager
def _watched() -> Iterator[_Peak]:
    """Looks at this process's children until the end; they are gone too soon to be asked afterwards."""
    peak, ended = _Peak(), threading.Event()

    def look() -> None:
        while not ended.wait(LOOK_EVERY):
            children = [pid for pid in processes.family(os.getpid()) if "press.py" in processes.command_line(pid)]
            peak.mib = max([peak.mib, *(processes.peak_kib(pid) / 1024 for pid in children)])

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield peak
    finally:
        ended.set()
        watcher.join()


def _rows(names: int) -> Iterator[StagedRow]:
    """As many in each country, their words put together by chance, the same each time."""
    chance = random.Random(13)
    each = -(-names // len(SCRIPTS))
    for number in range(1, names + 1):
        country = sorted(SCRIPTS)[(number - 1) // each]
        words = SCRIPTS[country].split()
        name = " ".join(chance.choices(words, k=3))
        affiliation = " ".join(chance.choices(words, k=4)) if chance.random() < 0.6 else ""
        role = chance.choice(("", "Professor", "Teacher", "Director"))
        yield staged.row(number, name=name, affiliation=affiliation, role=role, country_code=country)
