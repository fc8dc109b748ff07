"""The pages that mailed links lead to: confirm, "this was not me", and one's own signature."""

import json

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import LazyString

from petition import headers, keys
from petition.declarations import plans, reading
from petition.declarations.models import DeclarationText
from petition.defence import origins
from petition.defence.limits import limit_posts
from petition.extensions import begin_writing, db
from petition.outbox import posting
from petition.privacy import personal
from petition.privacy.keepers import Person
from petition.signatures import caring, confirming, refusing
from petition.signatures.forms import CodeForm, CorrectForm
from petition.signatures.mailboxes import Mailbox, open_confirmation, open_even_expired, open_link
from petition.signatures.models import Purpose, Signature, Submission
from petition.signatures.refusals import CodeRefused, LinkExpired, LinkUnknown, Refusal
from petition.signatures.statements import Statement
from petition.signatures.views import FOREIGN_FORM, STALE_FORM

views = Blueprint("mailed", __name__)
views.after_request(headers.keep_private)


@views.before_request
def refuse_foreign_posts() -> ResponseReturnValue | None:
    if request.method == "POST" and not origins.is_ours():
        return _page("signatures/refused.html", status=403, sentence=FOREIGN_FORM)
    return None


@views.errorhandler(Refusal)
def show_refusal(refusal: Refusal) -> ResponseReturnValue:
    db.session.rollback()
    return _page("signatures/refused.html", status=refusal.status, sentence=refusal.sentence)


@views.get("/<language:language>/confirm")
def code(language: str) -> ResponseReturnValue:
    """Where the code from the mail is typed."""
    return _page("signatures/code.html", form=CodeForm(formdata=None))


@views.post("/<language:language>/confirm")
@limit_posts
def try_code(language: str) -> ResponseReturnValue:
    """Open the newest submission by address and code, as its mailed link would."""
    form = CodeForm()
    if not form.validate():
        return _page("signatures/code.html", status=422, form=form)
    begin_writing()
    try:
        mailbox = confirming.try_code(form.email.data, form.code.data)
    except CodeRefused as refusal:
        return _page("signatures/code.html", status=refusal.status, form=form, note=refusal.sentence)
    token = mailbox.mint(Purpose.CONFIRM)
    db.session.commit()
    return redirect(url_for("mailed.confirm", language=language, token=token), code=303)


@views.get("/<language:language>/confirm/<token>")
def confirm(language: str, token: str) -> ResponseReturnValue:
    """Show what will be confirmed. Mail scanners follow links, so following one only shows a button."""
    shown = open_confirmation(token)
    submission = shown.submission
    if submission is None or submission.confirmed_at is not None:
        return _confirmed_page(shown.mailbox, submission)
    confirming.refuse_if_over(shown.mailbox)
    if shown.expired:
        return _page("signatures/expired.html", status=LinkExpired.status, token=token)
    form = CorrectForm.make(
        shown.mailbox.declaration.plan,
        language,
        formdata=None,
        updates="updates" in _purposes(submission),
        **vars(Statement.of(submission)),
    )
    return _confirm_page(submission, form)


@views.post("/<language:language>/confirm/<token>")
@limit_posts
def do_confirm(language: str, token: str) -> ResponseReturnValue:
    """Confirm the submission that the page showed, as its owner left or corrected it.

    With ``switch`` the form only comes back in this language, as it was typed.
    """
    begin_writing()
    shown = open_confirmation(token, public_id=request.form.get("submission", ""))
    if shown.expired:
        raise LinkExpired
    submission = shown.submission
    # One that is gone, such as the second of a double click, is not confirmed: what there is, is shown.
    if submission is not None and submission.confirmed_at is None:
        form = CorrectForm.make(shown.mailbox.declaration.plan, language)
        if "switch" in request.form:
            return _confirm_page(submission, form)
        if not form.validate():
            return _confirm_page(submission, form, status=422)
        if _agrees_to_other_words(form, reading.get_text(submission.text_id)):
            return _confirm_page(submission, form, note=STALE_FORM, status=409)
        confirming.confirm(shown.mailbox, submission, form.statement, consents=form.consents_given)
        db.session.commit()
    return redirect(url_for("mailed.confirm", language=language, token=token), code=303)


@views.post("/<language:language>/confirm/<token>/resend")
@limit_posts
def resend(language: str, token: str) -> ResponseReturnValue:
    """Have a new link mailed in place of one that expired."""
    begin_writing()
    mailbox, _expired = open_even_expired(token, Purpose.CONFIRM)
    confirming.refuse_if_over(mailbox)
    submission = mailbox.newest_submission
    if submission is None:
        raise LinkUnknown
    scope = mailbox.declaration.id
    posting.post("confirm", submission.public_id, scope=scope, mailbox=mailbox.key, language=language)
    db.session.commit()
    slug = mailbox.declaration.slug
    return redirect(url_for("signatures.check_your_mail", language=submission.language, slug=slug), code=303)


@views.get("/<language:language>/not-me/<token>")
def refuse(language: str, token: str) -> ResponseReturnValue:
    """Ask whether nothing more shall be mailed, or offer to lift that."""
    mailbox = open_link(token, Purpose.REFUSE)
    blocked = mailbox.find_block() is not None
    return _page("signatures/not_me.html", token=token, blocked=blocked, declaration=mailbox.declaration)


@views.post("/<language:language>/not-me/<token>")
@limit_posts
def do_refuse(language: str, token: str) -> ResponseReturnValue:
    begin_writing()
    refusing.refuse(open_link(token, Purpose.REFUSE))
    db.session.commit()
    return redirect(url_for("mailed.refuse", language=language, token=token), code=303)


@views.post("/<language:language>/not-me/<token>/lift")
@limit_posts
def lift(language: str, token: str) -> ResponseReturnValue:
    begin_writing()
    refusing.lift(open_link(token, Purpose.REFUSE))
    db.session.commit()
    return redirect(url_for("mailed.refuse", language=language, token=token), code=303)


@views.get("/<language:language>/signature/<token>")
def signature(language: str, token: str) -> ResponseReturnValue:
    """Everything that is stored of one's signature, and what one may do with it."""
    signature = caring.get_signature(open_link(token, Purpose.PERSONAL))
    form = CorrectForm.make(
        signature.text.declaration.plan,
        language,
        formdata=None,
        updates=_has_updates(signature),
        **vars(Statement.of(signature)),
    )
    return _signature_page(token, signature, form)


@views.post("/<language:language>/signature/<token>")
@limit_posts
def correct(language: str, token: str) -> ResponseReturnValue:
    """Correct what is stated, who sees it, and the optional consents."""
    begin_writing()
    mailbox = open_link(token, Purpose.PERSONAL)
    form = CorrectForm.make(mailbox.declaration.plan, language)
    signature = caring.get_signature(mailbox)
    if not form.validate():
        return _signature_page(token, signature, form, status=422)
    if _agrees_to_other_words(form, signature.text):
        return _signature_page(token, signature, form, note=STALE_FORM, status=409)
    caring.correct(mailbox, form.statement, consents=form.consents_given)
    db.session.commit()
    return redirect(url_for("mailed.signature", language=language, token=token, saved=1), code=303)


@views.post("/<language:language>/signature/<token>/withdraw")
@limit_posts
def withdraw(language: str, token: str) -> ResponseReturnValue:
    begin_writing()
    caring.withdraw(open_link(token, Purpose.PERSONAL))
    db.session.commit()
    return redirect(url_for("mailed.signature", language=language, token=token), code=303)


@views.post("/<language:language>/signature/<token>/erase")
@limit_posts
def erase(language: str, token: str) -> ResponseReturnValue:
    begin_writing()
    caring.erase(open_link(token, Purpose.PERSONAL))
    db.session.commit()
    return _page("signatures/erased.html")


@views.get("/<language:language>/signature/<token>/download")
def download(language: str, token: str) -> ResponseReturnValue:
    """Everything that is stored of the person, as one JSON file."""
    mailbox = open_link(token, Purpose.PERSONAL)
    stored = personal.access(Person(scope=mailbox.declaration.id, mailbox=mailbox.key))
    response = make_response(json.dumps(stored, ensure_ascii=False, indent=2) + "\n")
    response.mimetype = "application/json"
    response.headers["Content-Disposition"] = f"attachment; filename={mailbox.declaration.slug}-my-signature.json"
    return response


def _page(template: str, *, status: int = 200, **values: object) -> Response:
    return make_response(render_template(template, **values), status)


def _confirm_page(
    submission: Submission, form: CorrectForm, *, note: LazyString | None = None, status: int = 200
) -> Response:
    text = reading.get_text(submission.text_id)
    form.submission.data = submission.public_id
    form.wording.data = _updates_digest(text)
    values = {"submission": submission, "text": text, "form": form, "note": note}
    return _page("signatures/confirm.html", status=status, **values)


def _confirmed_page(mailbox: Mailbox, submission: Submission | None) -> Response:
    """Raises LinkUnknown when neither a submission nor a signature is left."""
    signature = mailbox.find_signature()
    if submission is None and signature is None:
        raise LinkUnknown
    return _page("signatures/confirmed.html", signature=signature, declaration=mailbox.declaration)


def _signature_page(
    token: str, signature: Signature, form: CorrectForm, *, note: LazyString | None = None, status: int = 200
) -> Response:
    form.wording.data = _updates_digest(signature.text)
    values = {
        "token": token,
        "signature": signature,
        "text": signature.text,
        "form": form,
        "note": note,
        "address": signature.address and keys.ring().decrypt(signature.address),
        "saved": "saved" in request.args,
    }
    return _page("signatures/signature.html", status=status, **values)


def _agrees_to_other_words(form: CorrectForm, text: DeclarationText) -> bool:
    """Whether updates were agreed to in words that have changed since; then the box must be ticked anew."""
    if not form.consents_given or form.wording.data == _updates_digest(text):
        return False
    form.updates.data = False
    return True


def _updates_digest(text: DeclarationText) -> str:
    wordings = text.declaration.plan.consents
    return plans.digest(wordings["updates"][text.language]) if "updates" in wordings else ""


def _purposes(submission: Submission) -> set[str]:
    return {consent["purpose"] for consent in submission.consents}


def _has_updates(signature: Signature) -> bool:
    return any(consent.purpose == "updates" and not consent.withdrawn_at for consent in signature.consents)
