"""The steps in which a package is made, each by the module that knows it, in the order in which they are taken."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from petition.books import book, embedding, letter, typography
from petition.books.typography import Unsettable
from petition.deliveries.refusals import MakingFailed
from petition.packages import manifests, site_key, wordings, zipping
from petition.packages.verify import MANIFEST as MANIFEST
from petition.staging.orders import Order, Part
from petition.staging.staging import Staging
from petition.tables import files, summaries
from petition.typesetting import FontsMissing

Progress = Callable[[int, int], None]
Make = Callable[[Staging, Order, Path, Progress], object]

REFUSED = (book.BookRefused, letter.LetterRefused, manifests.ManifestRefused, zipping.PackageRefused, FontsMissing)


@dataclass(frozen=True)
class Step:
    """One step: it makes some files or folders of the package in a folder that is its own."""

    name: str
    make: Make
    resumes: bool = False
    """Whether it keeps what it finds of its own from an earlier run; all of that is whole."""


def _summary(staging: Staging, order: Order, folder: Path, _progress: Progress) -> None:
    summaries.make(staging, order, folder)


def _texts(staging: Staging, order: Order, folder: Path, _progress: Progress) -> None:
    wordings.make(staging, folder)


def _letter(staging: Staging, order: Order, folder: Path, _progress: Progress) -> None:
    unsettable = typography.preflight(staging, order) if order.boxes else ()
    letter.make(staging, order, folder, public_key=site_key.fingerprint(), unsettable=unsettable)


_ALWAYS = (Step("text", _texts), Step("summary", _summary))
_CHOSEN: dict[Part, Step] = {
    Part.CSV: Step("csv", files.make_csv),
    Part.JSONL: Step("jsonl", files.make_jsonl),
    Part.XLSX: Step("xlsx", files.make_xlsx),
    Part.BOOK: Step("book", book.make, resumes=True),
}
_LETTER = Step("letter", _letter)
_STEPS = (*_ALWAYS, *_CHOSEN.values(), _LETTER)
STAGES = ("snapshot", "preflight", *(step.name for step in _STEPS), "manifest", "package")
"""By name, in their order."""


def steps(order: Order) -> list[Step]:
    return [*_ALWAYS, *(step for part, step in _CHOSEN.items() if part in order.parts), _LETTER]


def preflight(staging: Staging, order: Order) -> list[Unsettable]:
    """What neither book nor letter could set with the fonts that are here."""
    return typography.preflight(staging, order)


def unsettable_sentence(found: list[Unsettable]) -> str:
    scripts = sorted({script for each in found for script in each.scripts})
    needed = sorted({package for each in found for package in each.packages})
    install = f" Install {', '.join(needed)}, or" if needed else " No package is known that has them;"
    return (
        f"No font here can set {len(found)} names or other words ({', '.join(scripts)})."
        f"{install} ask for boxes with their code points."
    )


def described(each: Unsettable) -> dict[str, Any]:
    """What the organiser is told of it."""
    return {**each._asdict(), "code_points": list(each.code_points)}


def write_manifest(staging: Staging, order: Order, package: Path) -> Path:
    return manifests.make(staging, order, package, fonts=embedding.fonts_for(staging, order))


def write_package(package: Path, file: Path, *, manifest: Path, age_key: str | None) -> Path:
    """The package under this name, which is there only when it is whole; returns the file."""
    return zipping.write(package, file, manifest=manifest, age_key=age_key)


def refused(problem: Exception) -> MakingFailed:
    sentence = str(problem) or type(problem).__name__
    return MakingFailed(sentence if sentence.endswith(".") else f"{sentence}.")
