"""The book: the declaration's text, then all who gave their names to it, in volumes of one PDF each."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path

from flask_babel import force_locale

from petition.books import leaves, printing, volumes
from petition.books.printing import Sheet
from petition.books.volumes import Volume
from petition.books.wording import BoxesNeeded
from petition.staging.orders import Order
from petition.staging.staging import Staging
from petition.typesetting import FontsMissing

TEMPLATE = "books/book.typ"
FOLDER = "book"


class BookRefused(Exception):
    """The book cannot be made; its sentence says why."""


Progress = Callable[[int, int], None]
"""Takes the names that are set and the names in all."""


def make(staging: Staging, order: Order, folder: Path, progress: Progress) -> list[Path]:
    """Write ``book/volume-NN.pdf`` into the folder; returns all volumes, in order.

    A volume that is there already is not made again. Must run within an application's context; raises BookRefused.
    """
    planned = volumes.plan(staging, order.sorting)
    paths = {folder / FOLDER / _name(volume, len(planned)): volume for volume in planned}
    total = sum(volume.names for volume in planned)
    missing = {path: volume for path, volume in paths.items() if not path.exists()}
    done = total - sum(volume.names for volume in missing.values())
    progress(done, total)
    try:
        (folder / FOLDER).mkdir(mode=0o700, exist_ok=True)
        sheets = _sheets(staging, order, missing, planned)
        with closing(printing.make(sheets, look=lambda: progress(done, total))) as made:
            for sheet in made:
                done += paths[sheet.path].names
                progress(done, total)
    except (printing.PrintingFailed, BoxesNeeded, FontsMissing) as problem:
        raise BookRefused(str(problem)) from problem
    except OSError as problem:
        raise BookRefused(f"The book cannot be written: {problem.strerror}.") from problem
    return list(paths)


def _name(volume: Volume, volumes: int) -> str:
    return f"volume-{volume.place:0{max(2, len(str(volumes)))}d}.pdf"


def _sheets(staging: Staging, order: Order, missing: Mapping[Path, Volume], planned: list[Volume]) -> Iterator[Sheet]:
    """One after the other, so that no more than one volume's names are held here."""
    for path, volume in missing.items():
        with force_locale(order.languages[0]):
            words = leaves.words(staging, order, volume, planned)
        yield Sheet(TEMPLATE, words, path, staging.facts.as_of, order.accessible)
