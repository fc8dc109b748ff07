"""A partner's own page: how many came through it, when, from where, in which language, and how many agreed."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from petition.accounts import guarding, scopes
from petition.accounts.duties import Duty
from petition.console.carrying import drawing, figures
from petition.console.carrying.figures import PartnerFigures
from petition.declarations import reading as declarations
from petition.partners import present
from petition.partners.models import Partner
from petition.tally import drawing as over_time
from petition.tally.spans import spans, unit_for

views = Blueprint("console_carrying", __name__, url_prefix="/console/carrying")


@views.get("")
@guarding.staff(Duty.CARRYING)
def listed() -> ResponseReturnValue:
    """Those whom this person may look at, side by side: what differs from one to the other is seen here."""
    return render_template("console/carrying/listed.html", carried=carried(), drawing=drawing)


def carried() -> list[tuple[Partner, PartnerFigures | None]]:
    """With what was counted last of each, over all declarations."""
    totals = figures.totals()
    return [(each, totals.get(each.id)) for each in present.theirs()]


@views.get("/<partner>")
@guarding.staff(Duty.CARRYING)
def home(partner: str) -> ResponseReturnValue:
    """Everything on it was counted by the worker; the request reads one row."""
    found = present.get(partner)
    kept = figures.find(found.id)
    by_slug, as_of = kept if kept else ({}, None)
    asked = request.args.get("declaration", "")
    slug = asked if asked in by_slug else next(iter(by_slug), "")
    declaration = declarations.find(slug) if slug else None
    days = by_slug[slug].by_day(as_of, declaration.plan.time_zone) if as_of and declaration else []
    return render_template(
        "console/carrying/home.html",
        partner=found,
        names={each: scopes.name(scope) for each in by_slug if (scope := scopes.find(each)) is not None},
        chosen=slug,
        figures=by_slug.get(slug),
        as_of=as_of,
        spans=list(spans(days, unit_for(days))) if days else [],
        over_time=over_time,
        drawing=drawing,
    )
