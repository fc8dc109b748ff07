"""Staff downloads who agreed to updates: after the password once more, for a reason, and recorded."""

from flask import Blueprint, Response, abort, render_template, stream_with_context
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext

from petition import clock
from petition.accounts import trail
from petition.accounts.duties import Duty
from petition.accounts.guarding import staff, write_limit
from petition.declarations import reading
from petition.declarations.models import Declaration
from petition.deliveries import updates
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
    """The file, written while it is sent; that it was asked for is recorded before its first line leaves."""
    declaration, form = _declaration(slug), DecideForm()
    try:
        reason = moderating.clean_reason(form.reason.data or "")
    except Refusal as refusal:
        form.reason.errors = [refusal.sentence]
        return _page(declaration, form), refusal.status
    trail.record("updates.exported", scope=declaration.id, why=reason)
    db.session.commit()
    response = Response(stream_with_context(updates.lines(declaration)), mimetype="text/csv")
    name = f"{declaration.slug}-updates-{clock.now():%Y-%m-%d}.csv"
    response.headers["Content-Disposition"] = f"attachment; filename={name}"
    return response


def _declaration(slug: str) -> Declaration:
    return reading.find(slug) or abort(404)


def _page(declaration: Declaration, form: DecideForm) -> str:
    wordings = declaration.plan.consents.get("updates")
    return render_template("deliveries/updates.html", declaration=declaration, form=form, wordings=wordings)
