"""Profiles: what the sampler wrote, added up by package and by function."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

from benchmarks.sampling import IMPORTS

ROOT = str(Path(__file__).parent.parent)
MOST_FUNCTIONS = 25
MOST_PACKAGES = 12


def summary(folder: Path, *, starting: bool = False) -> dict[str, Any]:
    """Of all samples of all processes: the share of each package itself, and of each function with all it calls.

    ``starting``: imports at the start of a process count too.
    """
    own: Counter[str] = Counter()
    within: Counter[str] = Counter()
    total = 0
    for file in folder.glob("*.json"):
        written = json.loads(file.read_text())
        total += written["total"]
        for path, function, inclusive, itself in written["rows"]:
            if (path, function) == IMPORTS and not starting:
                total -= itself
                continue
            own[_package(path)] += itself
            within[f"{_short(path)}: {function}"] += inclusive
    return {
        "samples": total,
        "itself": _shares(own, total, MOST_PACKAGES),
        "with_what_it_calls": _shares(within, total, MOST_FUNCTIONS, below=0.9),
    }


def _shares(counts: Counter[str], total: int, most: int, *, below: float = 1.1) -> list[tuple[str, float]]:
    """The largest; what nearly everything passes through says nothing."""
    shares = [(name, count / total) for name, count in counts.most_common() if count / total < below]
    return [(name, round(share, 3)) for name, share in shares[:most] if share >= 0.01]


def _package(path: str) -> str:
    """The distribution or, of our own, the room."""
    if path == IMPORTS[0]:
        return path
    # The virtual environment may lie in our own folder.
    parts = Path(path).parts
    if "site-packages" in parts:
        return parts[parts.index("site-packages") + 1].removesuffix(".py")
    if path.startswith(ROOT):
        return "/".join(Path(path).relative_to(ROOT).parts[:2]).removesuffix(".py")
    return "Jinja templates" if "templates" in parts else "Python's library"


def _short(path: str) -> str:
    parts = Path(path).parts
    if "site-packages" in parts:
        return "/".join(parts[parts.index("site-packages") + 1 :])
    if path.startswith(ROOT):
        return str(Path(path).relative_to(ROOT))
    return "/".join(parts[-2:])
