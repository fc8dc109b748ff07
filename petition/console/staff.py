"""The staff's home: the declarations they were given, and how each of them goes."""

from datetime import datetime, timedelta

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from petition import clock
from petition.accounts import guarding, scopes
from petition.accounts.duties import Duty
from petition.console import drawing, figures, mail_rights
from petition.declarations import reading
from petition.declarations.models import Declaration
from petition.partners import present
from petition.tally import drawing as over_time
from petition.tally.spans import spans, unit_for
from petition.worker import beating

views = Blueprint("console", __name__, url_prefix="/console")

HOURS = (48, 168)
"""What the chart by the hour shows: two days, or a week."""
DAYS_OF_SHARES = 30


@views.get("/")
@guarding.staff(None)
def start() -> ResponseReturnValue:
    """The declarations that this person watches and the partners they work for; straight to the one, if it is one."""
    theirs = guarding.scopes(Duty.WATCH)
    declarations = [each for each in reading.all_declarations() if theirs is None or each.id in theirs]
    # Who organises everything has a page of all partners.
    partners = [] if guarding.everywhere(Duty.CARRYING) else present.theirs()
    if not declarations and len(partners) == 1:
        return redirect(url_for("console_carrying.home", partner=partners[0].slug), code=303)
    if len(declarations) == 1 and not partners:
        return redirect(url_for("console.home", slug=declarations[0].slug), code=303)
    kept = figures.find_all([each.id for each in declarations])
    rows = [(each, scopes.name(each.id), each.state_at(clock.now()), kept.get(each.id)) for each in declarations]
    mails = mail_rights.may_read()
    return render_template("console/start.html", rows=rows, partners=partners, days_to=days_to, mails=mails)


@views.get("/declarations/<slug>/")
@guarding.staff(Duty.WATCH)
def home(slug: str) -> ResponseReturnValue:
    """Everything on it was counted by the worker: the request reads one row, and when a worker was last alive."""
    declaration = reading.find(slug) or abort(404)
    hours = HOURS[1] if request.args.get("hours") == str(HOURS[1]) else HOURS[0]
    pulse = beating.last()
    kept = figures.find(declaration.id)
    days = kept.days(declaration.plan.time_zone) if kept else ()
    return render_template(
        "console/home.html",
        declaration=declaration,
        state=declaration.state_at(clock.now()),
        kept=kept,
        spans=list(spans(days, unit_for(days))) if days else [],
        hours=hours,
        shares=DAYS_OF_SHARES,
        pulse=pulse,
        alive=beating.is_alive(pulse),
        purged_at=purged_at(declaration),
        days_to=days_to,
        drawing=drawing,
        over_time=over_time,
        mails=mail_rights.may_read(),
    )


def purged_at(declaration: Declaration) -> datetime | None:
    """When the persons go from the signatures; None while no closing is set."""
    if declaration.closes_at is None:
        return None
    return declaration.closes_at + timedelta(days=declaration.plan.retention_days)


def days_to(moment: datetime) -> int:
    """Whole days that are left, never fewer than none."""
    return max((moment - clock.now()).days, 0)
