"""What the pages behind mailed links share: how they answer, and the form that shows what was stated."""

from flask import Response, make_response, render_template

from petition.declarations import plans, reading
from petition.declarations.models import Declaration, DeclarationText
from petition.signatures.forms import CorrectForm
from petition.signatures.models import Signature, Submission
from petition.signatures.statements import Statement


def page(template: str, *, status: int = 200, **values: object) -> Response:
    return make_response(render_template(template, **values), status)


def filled_form(row: Submission | Signature, language: str, updates: bool) -> CorrectForm:
    """The form as it stands before anybody has typed into it."""
    values = vars(Statement.of(row))
    return CorrectForm.make(row.text.declaration.plan, language, formdata=None, updates=updates, **values)


def agrees_to_other_words(form: CorrectForm, text: DeclarationText) -> bool:
    """Whether updates were agreed to in words that have changed since; then the box must be ticked anew."""
    if not form.consents_given or form.wording.data == updates_digest(text):
        return False
    form.updates.data = False
    return True


def updates_digest(text: DeclarationText) -> str:
    """The words in which updates are offered, in short; the form brings back which ones it showed."""
    wordings = text.declaration.plan.consents
    return plans.digest(wordings["updates"][text.language]) if "updates" in wordings else ""


def shared_text(declaration: Declaration, language: str) -> DeclarationText | None:
    """The text whose page is passed on: in the reader's language, else in the declaration's first."""
    first = declaration.plan.languages[0]
    return reading.find_current(declaration.slug, language) or reading.find_current(declaration.slug, first)
