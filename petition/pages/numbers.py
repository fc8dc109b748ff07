"""The numbers that everyone may see: by day, by country, by kind; as a page and as CSV."""

import csv
import io
from collections.abc import Iterable

from flask import Blueprint, abort, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from petition import countries
from petition.declarations.models import DeclarationText
from petition.headers import never_store
from petition.pages import drawing
from petition.signatures.views import get_text, kept
from petition.tally import reading
from petition.tally.models import ORGANISATION, PERSON
from petition.tally.reading import FEWEST, Numbers
from petition.tally.spans import spans, unit_for

views = Blueprint("numbers", __name__)

Rows = Iterable[tuple[object, ...]]


@views.get("/<language:language>/<slug>/numbers")
def page(language: str, slug: str) -> ResponseReturnValue:
    """Everything on it derives from the tally and the plan, so that it can be kept."""
    text = get_text(slug, language)
    numbers = _numbers(text)
    shown = list(spans(numbers.days, unit_for(numbers.days)))
    html = render_template(
        "pages/numbers.html", text=text, numbers=numbers, spans=shown, fewest=FEWEST, drawing=drawing
    )
    return kept(html)


@views.get("/<language:language>/<slug>/numbers.csv")
def table(language: str, slug: str) -> ResponseReturnValue:
    """``?by=day``, ``country`` or ``kind``: the page's tables, whole, for spreadsheets and programs."""
    text = get_text(slug, language)
    by = request.args.get("by", "day")
    if by not in TABLES:
        return never_store(make_response(render_template("pages/no_such_numbers.html", text=text), 404))
    lines = io.StringIO()
    csv.writer(lines).writerows(TABLES[by](_numbers(text), language))
    response = kept(lines.getvalue())
    response.headers["Content-Type"] = "text/csv; charset=utf-8"
    response.headers["Content-Disposition"] = f'attachment; filename="{slug}-{by}.csv"'
    return response


def _numbers(text: DeclarationText) -> Numbers:
    declaration = text.declaration
    numbers = reading.find_numbers(declaration.id, zone=declaration.plan.time_zone, until=declaration.closes_at)
    return numbers or abort(404)


def _by_day(numbers: Numbers, _language: str) -> Rows:
    yield "day", "signatures", "total"
    for each in numbers.days:
        yield each.day.isoformat(), each.count, each.total


def _by_country(numbers: Numbers, language: str) -> Rows:
    yield "country", "name", "signatures"
    for code, count in numbers.countries:
        yield code, countries.name(code, language), count
    if numbers.elsewhere:
        yield "", gettext("Other countries"), numbers.elsewhere


def _by_kind(numbers: Numbers, _language: str) -> Rows:
    yield "kind", "count"
    yield PERSON, numbers.people
    yield ORGANISATION, numbers.organisations


TABLES = {"day": _by_day, "country": _by_country, "kind": _by_kind}
