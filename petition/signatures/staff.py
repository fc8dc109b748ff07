"""Staff finds signatures: filters in the page's address, and an exact mail address in the body of a post alone."""

from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale

from petition import countries
from petition.accounts.duties import Duty
from petition.accounts.guarding import staff, write_limit
from petition.declarations import reading
from petition.declarations.models import Declaration
from petition.extensions import db
from petition.signatures import acts, finding
from petition.signatures.finding import Page
from petition.signatures.models import Signature, Submission
from petition.signatures.refusals import NoSuchPlace
from petition.signatures.staff_forms import STATE_WORDS, AddressForm, FindForm, any_of

views = Blueprint("signatures_staff", __name__, url_prefix="/console/declarations/<slug>")


@views.get("/signatures")
@staff(Duty.SIGNATURES)
def found(slug: str) -> ResponseReturnValue:
    """Signatures whatever their state, narrowed by the query; ``before`` and ``after`` are places in the list."""
    declaration = get_declaration(slug)
    form = find_form(declaration)
    if not form.validate():
        return _page(declaration, form, Page()), 422
    places = {name: request.args[name] for name in ("before", "after") if name in request.args}
    if len(places) > 1:
        abort(404)
    try:
        page = finding.find(declaration, form.wanted, **places)
    except NoSuchPlace:
        abort(404)
    return _page(declaration, form, page)


@views.post("/signatures/by-address")
@write_limit
@staff(Duty.SIGNATURES)
def by_address(slug: str) -> ResponseReturnValue:
    """What belongs to a mail address. It is posted and the answer has no address of its own, so that it lies in no
    log, no history and no bookmark; that somebody looked is recorded.
    """
    declaration = get_declaration(slug)
    form = AddressForm()
    if not form.validate():
        return _page(declaration, find_form(declaration), Page(), address_form=form), 422
    signature, submissions = finding.find_by_address(declaration, form.address)
    rows: list[Signature | Submission] = [*filter(None, [signature]), *submissions]
    acts.looked_up(declaration, rows[0].public_id if rows else "", found=len(rows))
    db.session.commit()
    return _page(declaration, find_form(declaration), Page(rows), address_form=form, by_address=True)


@views.get("/signatures/by-address")
@staff(Duty.SIGNATURES)
def by_address_again(slug: str) -> ResponseReturnValue:
    """Whoever loads the answer's address anew begins anew."""
    return redirect(url_for("signatures_staff.found", slug=slug), code=303)


def get_declaration(slug: str) -> Declaration:
    return reading.find(slug) or abort(404)


def find_form(declaration: Declaration) -> FindForm:
    form = FindForm(formdata=request.args)
    form.zone = ZoneInfo(declaration.plan.time_zone)
    names = countries.names(str(get_locale()))
    form.country.choices = any_of(names)
    return form


def _page(declaration: Declaration, form: FindForm, page: Page, **more: Any) -> str:
    values = {"address_form": AddressForm(formdata=None), "by_address": False, **more}
    query = form.query if not form.errors else {}
    for way, cursor in (("before", page.before), ("after", page.after)):
        asked: dict[str, Any] = {**query, way: cursor}
        values[way] = cursor and url_for("signatures_staff.found", slug=declaration.slug, **asked)
    return render_template(
        "signatures/staff/found.html", declaration=declaration, form=form, page=page, state_words=STATE_WORDS, **values
    )
