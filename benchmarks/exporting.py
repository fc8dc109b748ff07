"""Export: a million rows into a CSV file, against psql's own \\copy of the same columns."""

import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks import processes, profiles
from benchmarks.figures import Figure, of_rounds
from benchmarks.ground import ROOT, SLUG, Ground, LoadFailed, Product, sampled
from benchmarks.growing import signed
from tests.services import DEBIAN_POSTGRESQL

SLOWER_AT_MOST = 3.0
MIB_AT_MOST = 40.0
FIRST_BYTES_WITHIN = 1.0
LOOK_EVERY = 0.002
COLUMNS = "name, affiliation, role, country, visibility, confirmed_at"


@dataclass(frozen=True)
class Run:
    """What one command took: seconds in all and until its file held something, and its largest size."""

    seconds: float
    first_bytes: float
    peak_mib: float


def measure(ground: Ground) -> list[Figure]:
    product = signed(ground, ground.scale.rows)
    folder = ground.folder / "exports"
    folder.mkdir()
    target = folder / "export.csv"
    make = ("deliveries", "make", SLUG, "--format", "csv", "--out", str(target), "--force")
    _run(product, folder, *make)
    idle, copies, runs = [], [], []
    for _ in range(ground.scale.rounds):
        idle.append(_run(product, folder, "settings"))
        copies.append(_copy(product, folder / "copy.csv"))
        target.unlink()
        runs.append(_run(product, folder, *make))
    _check(target, ground.scale.rows)
    figures = _figures(ground.scale.rows, idle, copies, runs)
    if not all(figure.reached for figure in figures):
        profile = _profile(ground, product, make)
        for figure in figures:
            figure.profile = None if figure.reached else profile
    return figures


def _figures(rows: int, idle: list[Run], copies: list[float], runs: list[Run]) -> list[Figure]:
    start_up, base = median(run.seconds for run in idle), median(run.peak_mib for run in idle)
    return [
        of_rounds(
            "export",
            f"CSV export of {rows:,} rows, time against psql \\copy",
            [run.seconds / copy for run, copy in zip(runs, copies, strict=True)],
            unit="times",
            bound="at most",
            limit=SLOWER_AT_MOST,
            export_seconds=[round(run.seconds, 2) for run in runs],
            psql_seconds=[round(copy, 2) for copy in copies],
        ),
        of_rounds(
            "export",
            "CSV export, memory above an idle command",
            [run.peak_mib - base for run in runs],
            unit="MiB",
            bound="at most",
            limit=MIB_AT_MOST,
            idle_mib=round(base, 1),
        ),
        of_rounds(
            "export",
            "CSV export, first bytes in the temporary file",
            # What an idle command takes to end may be more than that.
            [max(0.0, run.first_bytes - each.seconds) for run, each in zip(runs, idle, strict=True)],
            unit="s",
            bound="at most",
            limit=FIRST_BYTES_WITHIN,
            seconds_from_the_start_of_the_process=[round(run.first_bytes, 3) for run in runs],
            seconds_of_an_idle_command=round(start_up, 3),
        ),
    ]


def _run(product: Product, folder: Path, *arguments: str) -> Run:
    started = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "petition", *arguments], env=product.environ, cwd=ROOT, stdout=subprocess.DEVNULL
    )
    peak, first_bytes = 0, 0.0
    while process.poll() is None:
        # getrusage would count what this process held when it started the other.
        peak = max(peak, processes.peak_kib(process.pid))
        if not first_bytes and any(file.stat().st_size for file in folder.glob(".*.part")):
            first_bytes = time.monotonic() - started
        time.sleep(LOOK_EVERY)
    if process.returncode:
        raise LoadFailed(f"petition {' '.join(arguments)} exits with {process.returncode}")
    return Run(time.monotonic() - started, first_bytes, peak / 1024)


def _copy(product: Product, target: Path) -> float:
    """Seconds that psql takes: the same columns of the same rows in the same order, as they are stored."""
    rows = f"SELECT {COLUMNS} FROM signatures WHERE counted ORDER BY confirmed_at, public_id"
    statement = f"\\copy ({rows}) TO '{target}' CSV HEADER"
    started = time.monotonic()
    subprocess.run([_psql(), product.conninfo, "-qc", statement], check=True)
    taken = time.monotonic() - started
    target.unlink()
    return taken


def _psql() -> str:
    """psql itself: what Debian has in the PATH is a script that looks for it."""
    versions = DEBIAN_POSTGRESQL.glob("[0-9]*/bin/psql")
    found = max(versions, key=lambda path: int(path.parts[-3]), default=None)
    return str(found or "psql")


def _check(target: Path, rows: int) -> None:
    with target.open("rb") as file:
        lines = sum(1 for _ in file)
    assert lines == rows + 1, f"the file has {lines} lines"


def _profile(ground: Ground, product: Product, make: tuple[str, ...]) -> dict[str, object]:
    with ground.samples() as samples:
        environ = sampled(product.environ, samples)
        subprocess.run(
            [sys.executable, "-m", "petition", *make], env=environ, cwd=ROOT, check=True, stdout=subprocess.DEVNULL
        )
        return profiles.summary(samples, starting=True)
