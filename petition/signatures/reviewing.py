"""The page that shows what will be confirmed: as everybody first gets it, it is printed once and then filled in."""

from flask import render_template
from flask_babel import LazyString
from markupsafe import escape

from petition import countries, stationery
from petition.declarations import reading
from petition.partners import reading as partners
from petition.signatures import carrying
from petition.signatures.carrying import Carried
from petition.signatures.consenting import PARTNER
from petition.signatures.forms import CorrectForm
from petition.signatures.mailed_pages import updates_digest
from petition.signatures.models import Submission
from petition.signatures.signing import Worded
from petition.signatures.statements import Statement
from petition.stationery import Sheet, blank

_TYPED = ("name", "affiliation", "role", "comment")
"""What people write themselves; everything else that they choose has few values."""


def review(
    submission: Submission, form: CorrectForm, *, note: LazyString | None = None, carried: Carried | None = None
) -> str:
    """The page with this form, as it was posted."""
    text = reading.get_text(submission.text_id)
    form.submission.data = submission.public_id
    form.wording.data = updates_digest(text)
    given = shared_by(submission)
    partner = partners.find_known(given["partner"]) if given else None
    carried = carried or carrying.passed_on(submission, text.declaration.slug)
    values = {"submission": submission, "text": text, "form": form, "note": note, "carried": carried}
    return render_template("signatures/confirm.html", **values, given=given, partner=partner)


def shared_by(submission: Submission) -> Worded | None:
    """The consent of a partner that was given with the form, which can be taken back before it is confirmed."""
    return next((entry for entry in submission.consents if entry["purpose"] == PARTNER), None)


def first_review(submission: Submission, language: str, *, token: str) -> str:
    """The page as it is before anybody has typed into it; ``token`` is that of its address."""
    text = reading.get_text(submission.text_id)
    stated, purposes = Statement.of(submission), [given["purpose"] for given in submission.consents]
    agreed = [(given["language"], given["wording"]) for given in submission.consents if given["purpose"] == "agree"]
    given = shared_by(submission)
    partner = partners.find_known(given["partner"]) if given else None

    def print_() -> Sheet:
        values = {**vars(stated), **{name: blank(name) for name in _TYPED}}
        values |= {"updates": "updates" in purposes, "partner_consent": True}
        offered = given is not None
        form = CorrectForm.make(text.declaration.plan, language, formdata=None, offered=offered, **values)
        page = review(submission, form, carried=Carried(blank("query")))
        for name, value in personal.items():
            page = page.replace(value, blank(name))
        return Sheet.printed(page)

    personal = {
        "token": token,
        "submission": submission.public_id,
        "countries": countries.options(language, submission.country),
    }
    shared = (*given.values(), partner and (partner.name, partner.notice)) if given else ()
    chosen = (stated.visibility, stated.sector, "updates" in purposes, *agreed, shared)
    version = text.sha256, text.declaration.slug, text.declaration.updated_at, text.current
    sheet = stationery.kept(("review", language, *version, *chosen), print_)
    typed = {name: escape(getattr(stated, name) or "") for name in _TYPED}
    query = escape(carrying.passed_on(submission, text.declaration.slug).query)
    return sheet.fill({**personal, **typed, "query": query})
