"""The first pages of a book as pictures, set from some of its rows: what an organiser sees before it is made."""

from contextlib import closing
from pathlib import Path
from typing import Any

from flask_babel import force_locale

from petition import countries
from petition.books import book, leaves, printing, volumes, wording
from petition.books.book import BookRefused
from petition.books.printing import Pictures, Sheet
from petition.books.volumes import Volume
from petition.books.wording import BoxesNeeded
from petition.staging.orders import Order, Sorting
from petition.staging.staging import Staging
from petition.typesetting import FontsMissing

PICTURES = Pictures(most=4, label="names", ppi=72)
"""Of title, its other side, contents and text; and of the names."""


def make(staging: Staging, order: Order, folder: Path) -> list[Path]:
    """Pictures of the first pages and of the first with names, made in the folder, in their order.

    The rows may be few of many, as long as they are the first; the numbers that are told are those of the facts. Must
    run within an application's context; raises BookRefused.
    """
    first, *others = _planned(staging, order)
    try:
        with force_locale(order.languages[0]):
            instead = _instead(staging, order, first, len(others) + 1)
            words = leaves.words(staging, order, first, [first, *others], instead=instead)
        sheet = Sheet(book.TEMPLATE, words, folder / "pages", staging.facts.as_of, False, PICTURES)
        with closing(printing.make([sheet])) as made:
            return sorted(next(made).path.iterdir())
    except (printing.PrintingFailed, BoxesNeeded, FontsMissing) as problem:
        raise BookRefused(str(problem)) from problem


def _planned(staging: Staging, order: Order) -> list[Volume]:
    """The first volume with the rows that are there, and empty ones for all that the book will have."""
    (first,) = volumes.plan(staging, order.sorting, names=max(1, staging.facts.count))
    many = -(-staging.facts.shown // volumes.NAMES_A_VOLUME)
    return [first, *(Volume(place, ()) for place in range(2, many + 1))]


def _instead(staging: Staging, order: Order, first: Volume, many: int) -> dict[str, Any]:
    """What would be told of the rows that are there, but is known of all: the numbers' width, the contents."""
    names = staging.facts.count if many == 1 else volumes.NAMES_A_VOLUME
    told: dict[str, Any] = {"range": "", "untold": [], "digits": max(3, len(str(names)))}
    if order.sorting is Sorting.COUNTRY:
        told["contents"] = _contents(staging, order, first, many)
    return told


def _contents(staging: Staging, order: Order, first: Volume, many: int) -> list[dict[str, Any]]:
    """All countries; only those whose names are there have a page."""
    language, by_country = order.languages[0], staging.facts.by_country
    here = {stretch.country_code: nth for nth, stretch in enumerate(first.stretches)}
    others = sorted(
        by_country.keys() - here.keys(), key=lambda code: countries.sort_key(countries.name(code, language))
    )
    return [
        {
            "name": wording.country(code, language),
            "count": wording.number(by_country.get(code, 0)),
            "volume": wording.number(1) if many > 1 and code in here else "",
            "here": here.get(code),
        }
        for code in [*here, *others]
    ]
