"""``/api/v1``: the count and the numbers, for anyone."""

from flask import Blueprint, Response, abort, current_app, jsonify
from flask.typing import ResponseReturnValue

from petition import clock
from petition.declarations import reading
from petition.settings import Settings
from petition.shelf import shelf
from petition.tally import noting
from petition.tally import reading as parts
from petition.tally.models import ORGANISATION, PERSON
from petition.tally.reading import FEWEST

views = Blueprint("api", __name__, url_prefix="/api/v1")


@views.get("/declarations/<slug>/count")
def count(slug: str) -> ResponseReturnValue:
    """``{"count": n, "as_of": "…Z"}``: the number that the pages show, and the moment it was true."""
    declaration = reading.find(slug) or abort(404)
    tally = noting.find(declaration.id) or abort(404)
    return _for_anyone(jsonify(count=tally.count, as_of=clock.iso(tally.as_of)))


@views.get("/declarations/<slug>/numbers")
def numbers(slug: str) -> ResponseReturnValue:
    """People by day and by country, and both kinds; days are those of the declaration's time zone."""
    declaration = reading.find(slug) or abort(404)
    zone = declaration.plan.time_zone
    found = parts.find_numbers(declaration.id, zone=zone, until=declaration.closes_at) or abort(404)
    response = jsonify(
        as_of=clock.iso(found.as_of),
        time_zone=zone,
        goal=declaration.plan.goal or None,
        by_kind=[{"kind": PERSON, "count": found.people}, {"kind": ORGANISATION, "count": found.organisations}],
        by_day=[{"day": each.day.isoformat(), "signatures": each.count, "total": each.total} for each in found.days],
        by_country=[{"country": code, "signatures": count} for code, count in found.countries],
        other_countries={"signatures": found.elsewhere, "countries": found.other_countries, "fewer_than": FEWEST},
    )
    return _for_anyone(response)


def _for_anyone(response: Response) -> Response:
    """The same for everyone, kept for a moment, and readable by the pages of any site."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    settings: Settings = current_app.extensions["petition.settings"]
    return shelf.keep(response, every=settings.tally_every)
