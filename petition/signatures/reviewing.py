"""The page that shows what will be confirmed: as everybody first gets it, it is printed once and then filled in."""

from flask import render_template
from flask_babel import LazyString
from markupsafe import escape

from petition import countries, stationery
from petition.declarations import reading
from petition.signatures.forms import CorrectForm
from petition.signatures.mailed_pages import updates_digest
from petition.signatures.models import Submission
from petition.signatures.statements import Statement
from petition.stationery import Sheet, blank

_TYPED = ("name", "affiliation", "role", "comment")
"""What people write themselves; everything else that they choose has few values."""


def review(submission: Submission, form: CorrectForm, *, note: LazyString | None = None) -> str:
    """The page with this form, as it was posted."""
    text = reading.get_text(submission.text_id)
    form.submission.data = submission.public_id
    form.wording.data = updates_digest(text)
    return render_template("signatures/confirm.html", submission=submission, text=text, form=form, note=note)


def first_review(submission: Submission, language: str, *, token: str) -> str:
    """The page as it is before anybody has typed into it; ``token`` is that of its address."""
    text = reading.get_text(submission.text_id)
    stated, purposes = Statement.of(submission), [given["purpose"] for given in submission.consents]
    agreed = [(given["language"], given["wording"]) for given in submission.consents if given["purpose"] == "agree"]

    def print_() -> Sheet:
        values = {**vars(stated), **{name: blank(name) for name in _TYPED}}
        form = CorrectForm.make(text.declaration.plan, language, formdata=None, updates="updates" in purposes, **values)
        page = review(submission, form)
        for name, value in personal.items():
            page = page.replace(value, blank(name))
        return Sheet.printed(page)

    personal = {
        "token": token,
        "submission": submission.public_id,
        "countries": countries.options(language, submission.country),
    }
    chosen = (stated.visibility, stated.sector, "updates" in purposes, *agreed)
    version = text.sha256, text.declaration.slug, text.declaration.updated_at, text.current
    sheet = stationery.kept(("review", language, *version, *chosen), print_)
    typed = {name: escape(getattr(stated, name) or "") for name in _TYPED}
    return sheet.fill({**personal, **typed})
