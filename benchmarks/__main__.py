"""``python -m benchmarks``: measure, print a table, write what was found."""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from benchmarks import (
    binding,
    exporting,
    flowing,
    getting,
    growing,
    machine,
    packaging,
    posting,
    reporting,
    tabling,
    watching,
    weighing,
)
from benchmarks.figures import Figure
from benchmarks.ground import ROOT, Ground, LoadFailed
from benchmarks.scales import FULL, QUICK

PARTS: dict[str, Callable[[Ground], list[Figure]]] = {
    "weight": weighing.measure,
    "get": getting.measure,
    "post": posting.measure,
    "size": growing.measure,
    "export": exporting.measure,
    "package": packaging.measure,
    "xlsx": tabling.measure,
    "book": binding.measure,
    "flow": flowing.measure,
    "console": watching.measure,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Exits with 0 when everything was measured, whether or not it was reached."""
    given = _parser().parse_args(arguments)
    console = Console()
    try:
        run = _measure(given.only, quick=given.quick, console=console)
    except LoadFailed as problem:
        console.print(f"Nothing was measured: {problem}", markup=False, highlight=False)
        return 1
    reporting.show(run, console)
    if given.out:
        reporting.write(run, json_file=given.out / "last.json", page=given.out / "performance.md")
    else:
        reporting.write(run, json_file=ROOT / "benchmarks" / "last.json", page=ROOT / "docs" / "performance.md")
    return 0


def _measure(parts: Sequence[str], *, quick: bool, console: Console) -> reporting.Run:
    scale = QUICK if quick else FULL
    started = time.monotonic()
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="benchmarks-") as folder, Ground.made(scale, Path(folder)) as ground:
        for name in parts:
            began = time.monotonic()
            figures += PARTS[name](ground)
            console.print(f"{name}: measured in {time.monotonic() - began:.0f} s", highlight=False)
        ran_on = machine.describe(ground)
    at = f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
    return reporting.Run(scale, quick, at, round(time.monotonic() - started), ran_on, figures)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure the figures that are promised.")
    parser.add_argument("--quick", action="store_true", help="small and short, for trying the benchmarks themselves")
    parser.add_argument("--only", type=_parts, default=list(PARTS), metavar="PARTS", help=f"some of {','.join(PARTS)}")
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="write last.json and performance.md there instead")
    return parser


def _parts(text: str) -> list[str]:
    names = text.split(",")
    if unknown := [name for name in names if name not in PARTS]:
        raise argparse.ArgumentTypeError(f"there is no {', '.join(unknown)}; there are {', '.join(PARTS)}")
    return names


if __name__ == "__main__":
    sys.exit(main())
