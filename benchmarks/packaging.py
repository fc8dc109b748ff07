"""Package: a delivery of a million signatures with all its parts, by the command that makes it."""

import subprocess
import sys
import time

from benchmarks import processes
from benchmarks.figures import Figure
from benchmarks.ground import ROOT, SLUG, Ground, LoadFailed, Product
from benchmarks.growing import signed

SECONDS_AT_MOST = 360.0
MIB_AT_MOST = 600.0
LOOK_EVERY = 0.05


def measure(ground: Ground) -> list[Figure]:
    """Made once: it takes minutes, and what varies is little beside that."""
    rows = ground.scale.rows
    product = signed(ground, rows)
    seconds, peaks, stages = _make(ground, product)
    name = f"Whole package of {rows:,} signatures"
    return [
        Figure("package", f"{name}, time", seconds, "s", "at most", SECONDS_AT_MOST, details={"until_stage": stages}),
        Figure(
            "package",
            f"{name}, the largest process",
            max(peaks.values()),
            "MiB",
            "at most",
            MIB_AT_MOST,
            details={"peaks_mib": sorted(peaks.values(), reverse=True)[:5], "processes": len(peaks)},
        ),
    ]


def _make(ground: Ground, product: Product) -> tuple[float, dict[int, float], dict[str, float]]:
    """Seconds, the peak of each process in MiB, and when each stage was first seen."""
    target = ground.folder / "delivery.zip"
    words = ("deliveries", "make", SLUG, "--out", str(target), "--force")
    started = time.monotonic()
    process = subprocess.Popen([sys.executable, "-m", "petition", *words], env=product.environ, cwd=ROOT)
    peaks: dict[int, float] = {}
    stages: dict[str, float] = {}
    with product.connect() as connection:
        while process.poll() is None:
            for pid in processes.family(process.pid):
                peaks[pid] = max(peaks.get(pid, 0.0), processes.peak_kib(pid) / 1024)
            found = connection.execute("SELECT stage FROM deliveries ORDER BY id DESC LIMIT 1").fetchone()
            if found and found[0]:
                stages.setdefault(found[0], round(time.monotonic() - started, 1))
            time.sleep(LOOK_EVERY)
    seconds = round(time.monotonic() - started, 1)
    if process.returncode:
        raise LoadFailed(f"petition {' '.join(words)} exits with {process.returncode}")
    said = product.run("deliveries", "verify", str(target))
    target.unlink()
    if not said:
        raise LoadFailed("the package was not verified")
    return seconds, {pid: round(peak, 1) for pid, peak in peaks.items()}, stages
