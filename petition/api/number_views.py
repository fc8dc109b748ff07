"""The count and the numbers, for anyone."""

from flask import abort, jsonify
from flask.typing import ResponseReturnValue

from petition import clock

# The same blueprint: all addresses of the API are of one family.
from petition.api.views import for_anyone, views
from petition.declarations import reading
from petition.tally import noting
from petition.tally import reading as parts
from petition.tally.models import ORGANISATION, PERSON
from petition.tally.reading import FEWEST

__all__ = ["views"]


@views.get("/declarations/<slug>/count")
def count(slug: str) -> ResponseReturnValue:
    """``{"count": n, "as_of": "…Z"}``: the number that the pages show, and the moment it was true."""
    declaration = reading.find(slug) or abort(404)
    tally = noting.find(declaration.id) or abort(404)
    return for_anyone(jsonify(count=tally.count, as_of=clock.iso(tally.as_of)))


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
    return for_anyone(response)
