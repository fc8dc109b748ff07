"""Rows of a table, read as if somebody typed each into the form: what is to be entered, or why it cannot be."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from flask_babel import LazyString, lazy_gettext
from werkzeug.datastructures import MultiDict

from petition import countries
from petition.declarations.models import Declaration
from petition.declarations.plans import Plan
from petition.paper.entries import SOURCE, Ready
from petition.paper.forms import EnterForm
from petition.paper.tables import Table
from petition.signatures.models import Visibility

FIELDS = {
    "name": lazy_gettext("Name"),
    "country": lazy_gettext("Country"),
    "email": lazy_gettext("Email address"),
    "signed_on": lazy_gettext("Day on the sheet"),
    "affiliation": lazy_gettext("Affiliation"),
    "role": lazy_gettext("Role"),
    "sector": lazy_gettext("Sector"),
    "comment": lazy_gettext("Comment"),
    "visibility": lazy_gettext("Who sees the name"),
    "updates": lazy_gettext("Agreed to updates"),
}
"""What a column may hold."""
NEEDED = ("name", "country")
YES = frozenset({"1", "x", "y", "yes", "true", "ja", "oui", "si", "sì", "sí", "sim", "tak", "✓", "✔"})


class MappingRefused(Exception):
    """The columns do not fit the table; the sentence says why."""

    def __init__(self, sentence: LazyString) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@dataclass(frozen=True)
class Sheets:
    """What holds for all rows: the language of the sheets, the source, and the day where no column holds it."""

    language: str
    source: str = SOURCE
    signed_on: date | None = None


@dataclass(frozen=True)
class Draft:
    """A row that was read: what is to be entered, or why it cannot be."""

    number: int
    ready: Ready | None = None
    problem: str = ""


def check_mapping(table: Table, mapping: Mapping[str, str]) -> None:
    """``mapping`` says for each field which column holds it. Raises MappingRefused."""
    for field in NEEDED:
        if not mapping.get(field):
            words = lazy_gettext("Please say which column holds this: %(field)s.", field=FIELDS[field])
            raise MappingRefused(words)
    for field, column in mapping.items():
        if field not in FIELDS:
            known = ", ".join(FIELDS)
            raise MappingRefused(
                lazy_gettext("There is no field %(field)s; there are %(known)s.", field=field, known=known)
            )
        if table.header.count(column) != 1:
            found = ", ".join(filter(None, table.header))
            words = lazy_gettext(
                "The column “%(column)s” is not there once; there are: %(found)s.", column=column, found=found
            )
            raise MappingRefused(words)


def prepare(declaration: Declaration, table: Table, mapping: Mapping[str, str], sheets: Sheets) -> list[Draft]:
    """Read the rows under the rules of the form, without asking the database. Raises MappingRefused."""
    check_mapping(table, mapping)
    places = {field: table.header.index(column) for field, column in mapping.items()}
    drafts = []
    for number, cells in table.rows:
        drafts.append(_draft(declaration, number, cells, places, sheets, len(table.header)))
        # The gevent server answers others between two rows; elsewhere it means nothing.
        time.sleep(0)
    return drafts


def _draft(
    declaration: Declaration, number: int, cells: Sequence[str], places: Mapping[str, int], sheets: Sheets, width: int
) -> Draft:
    plan = declaration.plan
    if len(cells) > width:
        return Draft(number, problem=str(lazy_gettext("The row has more cells than the first row.")))
    typed = {field: cells[place].strip() if place < len(cells) else "" for field, place in places.items()}
    form = EnterForm.make(plan, sheets.language, formdata=MultiDict(_fields(typed, plan, sheets)))
    if not form.validate():
        return Draft(number, problem=" ".join(_problems(form)))
    return Draft(number, Ready.make(declaration, form.entry))


def _fields(typed: Mapping[str, str], plan: Plan, sheets: Sheets) -> Iterator[tuple[str, str]]:
    """The row as somebody would type it into the form."""
    given = {"visibility": Visibility.ADDRESSEE, "language": sheets.language, "source": sheets.source, **typed}
    given["visibility"] = given["visibility"].casefold() or Visibility.ADDRESSEE
    given["country"] = countries.find(given["country"]) or given["country"]
    given["sector"] = _sector(given.get("sector", ""), plan)
    given["signed_on"] = given.get("signed_on") or (sheets.signed_on.isoformat() if sheets.signed_on else "")
    for field, value in given.items():
        if field != "updates" or value.casefold() in YES:
            yield field, value


def _sector(typed: str, plan: Plan) -> str:
    """Its code, also where one of its names was written."""
    for sector in plan.sectors:
        if typed.casefold() in {sector.code, *(name.casefold() for name in sector.names.values())}:
            return sector.code
    return typed


def _problems(form: EnterForm) -> Iterator[str]:
    for field in form:
        if field.errors:
            label = FIELDS.get(field.name, field.label.text)
            yield f"{label}: {field.errors[0]}"
