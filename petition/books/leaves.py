"""The words of one volume: title page, contents, in the first what stands before the names, then the names."""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from flask_babel import gettext, ngettext, pgettext

from petition.books import prose, volumes, wording
from petition.books.entries import Entries
from petition.books.volumes import Stretch, Volume
from petition.declarations import texts
from petition.staging.orders import Order, Sorting
from petition.staging.staging import StagedRow, Staging


def words(
    staging: Staging, order: Order, volume: Volume, planned: list[Volume], *, instead: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """What the template is given for this volume, in the language that is in force.

    ``instead`` takes the place of what would be told. Raises FontsMissing and BoxesNeeded.
    """
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
        **(instead or {}),
    }
    settled, choice = wording.settled(told, order, besides=used)
    entries = Entries(order, choice.lacking)
    listed = iter(rows)
    for stretch, drawn in zip(volume.stretches, settled["stretches"], strict=True):
        drawn["names"] = [entries.entry(row) for row in islice(listed, stretch.names)]
    return settled


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
