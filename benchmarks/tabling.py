"""Tables: the CSV and the workbook of a delivery of a million rows, each made by a process of its own."""

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from random import Random

from benchmarks import processes
from benchmarks.figures import Figure, of_rounds
from benchmarks.ground import ROOT, Ground, LoadFailed, Product
from benchmarks.population import AFFILIATIONS, COUNTRIES, DAYS, FAMILY, GIVEN, ROLES, VISIBILITIES
from petition.application import create_app
from petition.clock import iso
from petition.settings import Settings
from petition.staging import staging
from petition.staging.staging import StagedRow, Staging
from petition.tables import files
from tests.deliveries import steps
from tests.staging import staged

XLSX_SECONDS = 60.0
XLSX_MIB = 60.0
CSV_MIB = 40.0
MOST_ROUNDS = 3
LOOK_EVERY = 0.01
MAKERS = {"csv": files.make_csv, "xlsx": files.make_xlsx}


@dataclass(frozen=True)
class Run:
    """What one process took, and how far its memory rose above what it had before it began."""

    seconds: float
    mib: float


def measure(ground: Ground) -> list[Figure]:
    folder = ground.folder / "tables"
    folder.mkdir()
    _stage(folder / "staging.sqlite", ground.scale.rows)
    product = ground.product("small")
    rounds = min(MOST_ROUNDS, ground.scale.rounds)
    runs = {kind: [_run(product, folder, kind) for _ in range(rounds)] for kind in MAKERS}
    rows = f"{ground.scale.rows:,} rows"
    sizes = {kind: (folder / f"signatories.{kind}").stat().st_size for kind in MAKERS}
    return [
        _figure(f"XLSX of {rows}, time", [run.seconds for run in runs["xlsx"]], "s", XLSX_SECONDS, bytes=sizes["xlsx"]),
        _figure(f"XLSX of {rows}, memory above idle", [run.mib for run in runs["xlsx"]], "MiB", XLSX_MIB),
        _figure(
            f"a delivery's CSV of {rows}, memory above idle",
            [run.mib for run in runs["csv"]],
            "MiB",
            CSV_MIB,
            bytes=sizes["csv"],
            seconds=[round(run.seconds, 1) for run in runs["csv"]],
        ),
    ]


def _figure(name: str, rounds: list[float], unit: str, limit: float, **details: object) -> Figure:
    return of_rounds("xlsx", name, rounds, unit=unit, bound="at most", limit=limit, **details)


def _run(product: Product, folder: Path, kind: str) -> Run:
    (folder / f"signatories.{kind}").unlink(missing_ok=True)
    command = [sys.executable, "-m", "benchmarks.tabling", kind, str(folder)]
    with subprocess.Popen(
        command, env=product.environ, cwd=ROOT, stdout=subprocess.PIPE, stdin=subprocess.PIPE
    ) as made:
        assert made.stdout and made.stdin
        made.stdout.readline()
        idle = peak = processes.peak_kib(made.pid)
        started = time.monotonic()
        made.stdin.close()
        while made.poll() is None:
            peak = max(peak, processes.peak_kib(made.pid))
            time.sleep(LOOK_EVERY)
        taken = time.monotonic() - started
    if made.returncode:
        raise LoadFailed(f"the {kind} was not made")
    return Run(taken, (peak - idle) / 1024)


def _stage(path: Path, rows: int) -> None:
    """As many people as in the benchmarks of the export, and as varied, in a staging file."""
    database = staging.create(path)
    marks = ", ".join("?" * len(StagedRow._fields))
    counted: dict[str, Counter[str]] = {name: Counter() for name in ("country", "day", "visibility")}
    database.executemany(f"INSERT INTO rows VALUES ({marks})", _rows(rows, counted))
    facts = staged.facts(
        [],
        count=rows,
        by_country=counted["country"],
        by_day=counted["day"],
        by_visibility=counted["visibility"],
    )
    database.execute("INSERT INTO facts VALUES (?)", (facts.to_json(),))
    database.commit()
    database.close()


def _rows(rows: int, counted: dict[str, Counter[str]]) -> Iterator[StagedRow]:
    pick = Random(7)
    for number in range(1, rows + 1):
        at = iso(staged.AS_OF - timedelta(days=DAYS * (1 - number / rows)))
        row = staged.row(
            number,
            id=pick.randbytes(11).hex(),
            name=f"{pick.choice(GIVEN)} {pick.choice(FAMILY)}",
            affiliation=pick.choice(AFFILIATIONS) if pick.random() < 0.6 else "",
            role=pick.choice(ROLES) if pick.random() < 0.4 else "",
            country_code=pick.choice(COUNTRIES),
            visibility=pick.choice(VISIBILITIES),
            confirmed_at=at,
        )
        counted["country"][row.country_code] += 1
        counted["day"][at[:10]] += 1
        counted["visibility"][row.visibility] += 1
        yield row


def _make(kind: str, folder: Path) -> None:
    """The process that is measured: it tells when it is ready, and begins when it is told."""
    app = create_app(Settings.from_environment())
    with app.app_context(), closing(Staging(folder / "staging.sqlite")) as found:
        os.write(1, b"ready\n")
        sys.stdin.read()
        MAKERS[kind](found, steps.order(), folder, None)


if __name__ == "__main__":
    _make(sys.argv[1], Path(sys.argv[2]))
