"""Import: rows of a table become signatures given on paper; each row's fate is told, and nothing is half done."""

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from flask_babel import LazyString, lazy_gettext
from werkzeug.datastructures import MultiDict

from petition import countries
from petition.declarations.models import Declaration
from petition.declarations.plans import Plan
from petition.paper import entering
from petition.paper.entering import Entry
from petition.paper.forms import EnterForm
from petition.paper.refusals import AlreadySigned, EntryRefused, PerhapsSigned
from petition.paper.tables import Table
from petition.signatures.models import Visibility
from petition.signatures.refusals import Refusal

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

Progress = Callable[[int, int], None]


class MappingRefused(Exception):
    """The columns do not fit the table; the sentence says why."""

    def __init__(self, sentence: LazyString) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@dataclass(frozen=True)
class Sheets:
    """What holds for all rows: the language of the sheets, the source, and the day where no column holds it."""

    language: str
    source: str = entering.SOURCE
    signed_on: date | None = None


@dataclass(frozen=True)
class Draft:
    """A row that was read: what is to be entered, or why it cannot be."""

    number: int
    entry: Entry | None = None
    problem: str = ""


class Fate(StrEnum):
    ENTERED = "entered"
    SAME_ADDRESS = "same address"
    SAME_NAME = "same name and country"
    REFUSED = "refused"


@dataclass(frozen=True)
class Told:
    """What became of a row. ``about`` are public ids: of what was entered, or of what was there."""

    number: int
    fate: Fate
    about: tuple[str, ...] = ()
    reason: str = ""


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
    return [_draft(declaration.plan, number, cells, places, sheets, len(table.header)) for number, cells in table.rows]


def enter(declaration: Declaration, drafts: Sequence[Draft], *, progress: Progress | None = None) -> list[Told]:
    """Enter what can be; a row like a signature that is there, or like an earlier row, is told and not entered.

    So the same table once more enters nothing. Who is there by name and country alone is entered by hand, knowingly.
    """
    entering.lock(declaration)
    told = []
    for done, draft in enumerate(drafts, 1):
        told.append(_enter(declaration, draft))
        if progress:
            progress(done, len(drafts))
    return told


def counts(told: Sequence[Told]) -> dict[str, int]:
    """How many rows had which fate."""
    found = Counter(each.fate for each in told)
    return {str(fate): found[fate] for fate in Fate}


def report(told: Sequence[Told]) -> str:
    """Each row's fate as CSV. It repeats nothing that stood in the file, so it names nobody."""
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    writer.writerow(["row", "fate", "signatures", "reason"])
    writer.writerows([each.number, each.fate, " ".join(each.about), each.reason] for each in told)
    return lines.getvalue()


def _enter(declaration: Declaration, draft: Draft) -> Told:
    if draft.entry is None:
        return Told(draft.number, Fate.REFUSED, reason=draft.problem)
    try:
        return Told(draft.number, Fate.ENTERED, (entering.enter(declaration, draft.entry),))
    except EntryRefused as refusal:
        fates = {AlreadySigned: Fate.SAME_ADDRESS, PerhapsSigned: Fate.SAME_NAME}
        return Told(draft.number, fates.get(type(refusal), Fate.REFUSED), refusal.about, str(refusal.sentence))
    except Refusal as refusal:
        return Told(draft.number, Fate.REFUSED, reason=str(refusal.sentence))


def _draft(
    plan: Plan, number: int, cells: Sequence[str], places: Mapping[str, int], sheets: Sheets, width: int
) -> Draft:
    if len(cells) > width:
        return Draft(number, problem=str(lazy_gettext("The row has more cells than the first row.")))
    typed = {field: cells[place].strip() if place < len(cells) else "" for field, place in places.items()}
    form = EnterForm.make(plan, sheets.language, formdata=MultiDict(_fields(typed, plan, sheets)))
    if not form.validate():
        return Draft(number, problem=" ".join(_problems(form)))
    return Draft(number, form.entry)


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
