"""The book: the declaration's text, then all who gave their names to it, in volumes of one PDF each."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any

from flask_babel import force_locale, gettext, ngettext, pgettext

from petition.books import printing, prose, typography, volumes, wording
from petition.books.printing import Sheet
from petition.books.typography import prepared
from petition.books.volumes import Stretch, Volume
from petition.books.wording import BoxesNeeded
from petition.declarations import texts
from petition.staging.orders import Order, Sorting
from petition.staging.staging import StagedRow, Staging
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
            words = _words(staging, order, volume, planned)
        yield Sheet(TEMPLATE, words, path, staging.facts.as_of, order.accessible)


def _words(staging: Staging, order: Order, volume: Volume, planned: list[Volume]) -> dict[str, Any]:
    rows = [row for row in _rows(staging, volume) if row.shown]
    used = set().union(*(set(row.name + row.affiliation + row.role) for row in rows))
    told = {
        **wording.about(staging, order),
        **_headings(volume, planned),
        "of": len(planned),
        "digits": max(3, len(str(volume.last))),
        "by_country": order.sorting is Sorting.COUNTRY,
        "contents": _contents(staging, order, volume, planned),
        "front": _front(staging, order) if volume.place == 1 else None,
        "stretches": [_stretch(stretch, order) for stretch in volume.stretches],
        "untold": _untold(staging, order) if volume is planned[-1] else [],
    }
    words, choice = wording.settled(told, order, besides=used)
    entries = _Entries(order, choice.lacking)
    listed = iter(rows)
    for stretch, drawn in zip(volume.stretches, words["stretches"], strict=True):
        drawn["names"] = [entries.entry(row) for row in islice(listed, stretch.names)]
    return words


def _rows(staging: Staging, volume: Volume) -> Iterator[StagedRow]:
    return islice(staging.rows(first=volume.first), volume.last - volume.first + 1)


def _headings(volume: Volume, planned: list[Volume]) -> dict[str, Any]:
    first, last = wording.number(volume.first), wording.number(volume.last)
    place, of = wording.number(volume.place), wording.number(len(planned))
    return {
        "volume": gettext("Volume %(place)s of %(volumes)s", place=place, volumes=of),
        "range": gettext("Signatories %(first)s to %(last)s", first=first, last=last) if len(planned) > 1 else "",
        "colophon": gettext(
            "This book is part of a delivery, made from the counted signatures as they stood at one moment. "
            "The numbers before the names are those in the data of the same delivery."
        ),
        "declaration": gettext("The declaration"),
        "founding": gettext("Founding signatories"),
        "organisations": gettext("Organisations that endorse it"),
        "signatories": gettext("Signatories"),
        "number": pgettext("of a row", "Number"),
        "country": gettext("Country"),
        "in_volume": gettext("Volume"),
        "page_number": gettext("Page"),
        "contents_heading": gettext("Contents"),
    }


def _contents(staging: Staging, order: Order, volume: Volume, planned: list[Volume]) -> list[dict[str, Any]]:
    """Of all volumes in the first, of its own in each other: where what begins, and how many signatories it has."""
    found = []
    for each in planned if volume.place == 1 else [volume]:
        for nth, stretch in enumerate(each.stretches):
            if stretch.continued and each is not volume:
                continue
            found.append(
                {
                    "name": _called(stretch, order),
                    "count": wording.number(staging.facts.by_country.get(stretch.country_code, 0))
                    if stretch.country_code
                    else wording.number(stretch.names),
                    "volume": wording.number(each.place) if len(planned) > 1 else "",
                    "here": nth if each is volume else None,
                }
            )
    return found


def _called(stretch: Stretch, order: Order) -> str:
    """The country's name; without countries, from which number to which."""
    if not stretch.country_code:
        first, last = wording.number(stretch.first), wording.number(stretch.last)
        return str(gettext("Signatories %(first)s to %(last)s", first=first, last=last))
    return wording.country(stretch.country_code, order.languages[0])


def _stretch(stretch: Stretch, order: Order) -> dict[str, Any]:
    name = _called(stretch, order)
    return {
        "name": gettext("%(country)s (continued)", country=name)
        if stretch.continued and stretch.country_code
        else name,
        "untold": _counted(stretch.untold) if stretch.country_code and stretch.untold else "",
        "names": [],
    }


def _counted(people: int) -> str:
    told = ngettext(
        "%(number)s person is counted without a name.",
        "%(number)s people are counted without their names.",
        people,
        number=wording.number(people),
    )
    return str(told)


def _untold(staging: Staging, order: Order) -> list[dict[str, str]]:
    """Without countries in the book: how many of each are counted without a name, at its end."""
    if order.sorting is Sorting.COUNTRY:
        return []
    untold = volumes.untold(staging)
    named = sorted((wording.country(code, order.languages[0]), people) for code, people in untold.items())
    whole = [{"name": _counted(sum(untold.values())), "count": ""}] if untold else []
    return whole + [{"name": name, "count": wording.number(people)} for name, people in named]


def _front(staging: Staging, order: Order) -> dict[str, Any]:
    """What stands before the names in the first volume."""
    facts, language = staging.facts, order.languages[0]
    text = wording.text_of(facts, language)
    return {
        "text": prose.tree(texts.take_apart(text.source)[1]),
        "text_language": text.language,
        "sha256": f"SHA-256 {text.sha256}",
        "founding": [
            {
                "name": each["name"],
                "small": _joined(
                    wording.in_language(each.get("role"), language),
                    wording.in_language(each.get("affiliation"), language),
                    wording.country(each["country"], language) if each.get("country") else "",
                ),
            }
            for each in facts.founding
        ],
        "organisations": [
            {
                "name": each["organisation"],
                "small": _joined(wording.country(each["country_code"], language), each.get("site", "")),
            }
            for each in facts.organisations
        ],
    }


def _joined(*words: str) -> str:
    return " · ".join(f"\u2068{each}\u2069" for each in words if each)


class _Entries:
    """Signatories as the template takes them: number, name, what stands below it in small; and what is special."""

    def __init__(self, order: Order, lacking: frozenset[str]) -> None:
        self._lacking = lacking
        self._language = order.languages[0]
        self._with_country = order.sorting is Sorting.TIME
        self._countries: dict[str, str] = {}

    def entry(self, row: StagedRow) -> list[Any]:
        stated = [row.role, row.affiliation]
        if self._with_country:
            stated.append(self._country(row.country_code))
        below = [prepared(words, self._lacking) for words in stated if words]
        entry: list[Any] = [row.number, prepared(row.name, self._lacking), _below(below)]
        whole = row.name + row.affiliation + row.role
        if not whole.isascii():
            shapes = typography.shapes_for(whole, row.country_code)
            if shapes or typography.is_tall(whole):
                entry += [typography.is_tall(whole), shapes]
        return entry

    def _country(self, code: str) -> str:
        if code not in self._countries:
            self._countries[code] = wording.country(code, self._language)
        return self._countries[code]


def _below(pieces: list[Any]) -> Any:
    if all(isinstance(piece, str) for piece in pieces):
        return " · ".join(pieces)
    joined: list[Any] = ["boxed"]
    for nth, piece in enumerate(pieces):
        joined += [" · "] if nth else []
        joined += [piece] if isinstance(piece, str) else piece[1:]
    return joined
