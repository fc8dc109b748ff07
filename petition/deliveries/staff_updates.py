"""Staff downloads who agreed to updates: after the password once more, for a reason, and recorded."""

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext

from petition import clock
from petition.accounts import trail
from petition.accounts.duties import Duty
from petition.accounts.guarding import staff, write_limit
from petition.declarations import reading
from petition.declarations.models import Declaration
from petition.deliveries import downloads, updates
from petition.extensions import db
from petition.signatures import moderating
from petition.signatures.refusals import Refusal
from petition.signatures.staff_forms import DecideForm

views = Blueprint("deliveries_updates", __name__, url_prefix="/console/declarations/<slug>")

ACTS = {"updates.exported": lazy_gettext("Addresses of those who agreed to updates exported")}


@views.get("/updates")
@staff(Duty.SIGNATURES)
def ask(slug: str) -> ResponseReturnValue:
    return _page(_declaration(slug), DecideForm(formdata=None))


@views.post("/updates")
@write_limit
@staff(Duty.SIGNATURES, fresh=True)
def export(slug: str) -> ResponseReturnValue:
    """The file, made whole before it is sent; that it was asked for is recorded before anything is read."""
    declaration, form = _declaration(slug), DecideForm()
    try:
        reason = moderating.clean_reason(form.reason.data or "")
    except Refusal as refusal:
        form.reason.errors = [refusal.sentence]
        return _page(declaration, form), refusal.status
    trail.record("updates.exported", scope=declaration.id, why=reason)
    db.session.commit()
    name = f"{declaration.slug}-updates-{clock.now():%Y-%m-%d}.csv"
    return downloads.whole(map(str.encode, updates.lines(declaration)), name=name, media="text/csv")


def _declaration(slug: str) -> Declaration:
    return reading.find(slug) or abort(404)


def _page(declaration: Declaration, form: DecideForm) -> str:
    wordings = declaration.plan.consents.get("updates")
    return render_template("deliveries/updates.html", declaration=declaration, form=form, wordings=wordings)
