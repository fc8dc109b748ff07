"""Staff enters a signature that was given on paper."""

from typing import Any

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale

from petition import countries
from petition.accounts import trail
from petition.accounts.duties import Duty
from petition.accounts.guarding import staff, write_limit
from petition.declarations.models import Declaration
from petition.extensions import db
from petition.paper import entering
from petition.paper.forms import EnterForm
from petition.paper.refusals import EntryRefused, InTheFuture, NotOpenThen, PerhapsSigned
from petition.signatures import finding
from petition.signatures.refusals import Refusal
from petition.signatures.staff import get_declaration
from petition.signatures.staff_forms import STATE_WORDS

views = Blueprint("paper_staff", __name__, url_prefix="/console/declarations/<slug>/signatures")


@views.get("/paper")
@staff(Duty.SIGNATURES)
def paper(slug: str) -> ResponseReturnValue:
    declaration = get_declaration(slug)
    return _page(declaration, _form(declaration, formdata=None))


@views.post("/paper")
@write_limit
@staff(Duty.SIGNATURES)
def enter(slug: str) -> ResponseReturnValue:
    """Enter it. Where name and country are there already, the form comes back and asks whether it is another person."""
    declaration = get_declaration(slug)
    form = _form(declaration)
    if not form.validate():
        return _page(declaration, form), 422
    try:
        entering.lock(declaration)
        public_id = entering.enter(declaration, form.entry, knowingly=form.knowingly.data)
    except (InTheFuture, NotOpenThen) as refusal:
        form.signed_on.errors = [refusal.sentence]
        return _page(declaration, form), refusal.status
    except EntryRefused as refusal:
        known = [row for each in refusal.about if (row := finding.find_signature(declaration, each))]
        may_be_another = isinstance(refusal, PerhapsSigned)
        page = _page(declaration, form, refused=refusal.sentence, known=known, may_be_another=may_be_another)
        return page, refusal.status
    except Refusal as refusal:
        return _page(declaration, form, refused=refusal.sentence), refusal.status
    trail.record("signature.entered", scope=declaration.id, subject=public_id, why=form.entry.source)
    db.session.commit()
    return redirect(url_for("signatures_staff.one", slug=slug, public_id=public_id, done="entered"), code=303)


def _form(declaration: Declaration, **values: Any) -> EnterForm:
    form = EnterForm.make(declaration.plan, str(get_locale()), **values)
    names = countries.names(str(get_locale()))
    form.country.choices = {"": "", **names}
    if "sector" in form:
        form.sector.choices = {"": "", **form.sector.choices}
    return form


def _page(declaration: Declaration, form: EnterForm, **given: Any) -> str:
    values = {"refused": None, "known": (), "may_be_another": False, **given}
    return render_template("paper/enter.html", declaration=declaration, form=form, state_words=STATE_WORDS, **values)
