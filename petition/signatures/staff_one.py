"""Staff looks at one signature or pending submission, decides about it, and erases it for whoever asks."""

from typing import Any

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from petition import keys
from petition.accounts import guarding, trail
from petition.accounts.duties import Duty
from petition.accounts.guarding import staff, write_limit
from petition.declarations.models import Declaration
from petition.extensions import db
from petition.signatures import acts, erasing, finding, histories, keeping, moderating, resending
from petition.signatures.mailboxes import Mailbox
from petition.signatures.models import Signature, Submission, Verdict
from petition.signatures.refusals import Refusal, SignatureUnknown

# One blueprint, whose pages lie in three modules.
from petition.signatures.staff import get_declaration, views
from petition.signatures.staff_forms import CHANNEL_WORDS, STATE_WORDS, VISIBILITY_WORDS, DecideForm, EraseForm

__all__ = ["views"]

WORDS = {"state_words": STATE_WORDS, "channel_words": CHANNEL_WORDS, "visibility_words": VISIBILITY_WORDS}


@views.get("/signatures/<public_id>")
@staff(Duty.SIGNATURES)
def one(slug: str, public_id: str) -> ResponseReturnValue:
    """What is stated, where it stands, what happened to it, and what may be done."""
    declaration = get_declaration(slug)
    return _page(declaration, _get(declaration, public_id))


@views.post("/signatures/<public_id>/address")
@write_limit
@staff(Duty.SIGNATURES)
def show_address(slug: str, public_id: str) -> ResponseReturnValue:
    """The page with the mail address on it; that somebody looked is recorded."""
    declaration = get_declaration(slug)
    signature = _get(declaration, public_id)
    trail.record("signature.address_shown", scope=declaration.id, subject=public_id)
    db.session.commit()
    return _page(declaration, signature, address=_address(signature))


@views.post("/signatures/<public_id>/decide")
@write_limit
@staff(Duty.SIGNATURES)
def decide(slug: str, public_id: str) -> ResponseReturnValue:
    """Hold, approve, invalidate or reinstate it, for a reason."""
    declaration = get_declaration(slug)
    signature = _lock(declaration, public_id)
    if request.form.get("verdict") not in set(Verdict):
        abort(400)
    verdict, form = Verdict(request.form["verdict"]), DecideForm()
    try:
        changed = moderating.decide(signature, verdict, reason=form.reason.data or "", by=guarding.current().public_id)
    except Refusal as refusal:
        form.reason.errors = [refusal.sentence]
        return _page(declaration, signature, form=form), refusal.status
    if changed:
        acts.decided(signature, verdict, reason=form.reason.data or "")
    db.session.commit()
    return redirect(url_for("signatures_staff.one", slug=slug, public_id=public_id, done=verdict), code=303)


@views.post("/signatures/<public_id>/erase")
@write_limit
@staff(Duty.SIGNATURES, fresh=True)
def erase(slug: str, public_id: str) -> ResponseReturnValue:
    """Forget the person, because they asked for it."""
    declaration = get_declaration(slug)
    signature = _lock(declaration, public_id)
    form = EraseForm()
    if not form.validate():
        return _page(declaration, signature, erase_form=form), 422
    try:
        erasing.erase(signature)
    except Refusal as refusal:
        form.asked.errors = [refusal.sentence]
        return _page(declaration, signature, erase_form=form), refusal.status
    acts.erased(signature, asked=form.asked.data)
    db.session.commit()
    return redirect(url_for("signatures_staff.one", slug=slug, public_id=public_id, done="erased"), code=303)


@views.get("/submissions/<public_id>")
@staff(Duty.SIGNATURES)
def submission(slug: str, public_id: str) -> ResponseReturnValue:
    """What was sent and is kept for thirty days, confirmed or not."""
    declaration = get_declaration(slug)
    return _submission_page(declaration, _get_submission(declaration, public_id))


@views.post("/submissions/<public_id>/address")
@write_limit
@staff(Duty.SIGNATURES)
def show_submissions_address(slug: str, public_id: str) -> ResponseReturnValue:
    declaration = get_declaration(slug)
    row = _get_submission(declaration, public_id)
    trail.record("signature.address_shown", scope=declaration.id, subject=public_id)
    db.session.commit()
    return _submission_page(declaration, row, address=_address(row))


@views.post("/submissions/<public_id>/resend")
@write_limit
@staff(Duty.SIGNATURES)
def resend(slug: str, public_id: str) -> ResponseReturnValue:
    """Have the request to confirm mailed once more."""
    declaration = get_declaration(slug)
    row = _get_submission(declaration, public_id)
    try:
        resending.resend(row)
    except Refusal as refusal:
        return _submission_page(declaration, row, refused=refusal.sentence), refusal.status
    trail.record("submission.resent", scope=declaration.id, subject=public_id)
    db.session.commit()
    return redirect(url_for("signatures_staff.submission", slug=slug, public_id=public_id, done="resent"), code=303)


def _get(declaration: Declaration, public_id: str) -> Signature:
    return finding.find_signature(declaration, public_id) or abort(404)


def _lock(declaration: Declaration, public_id: str) -> Signature:
    try:
        return moderating.lock(public_id, declaration=declaration)
    except SignatureUnknown:
        abort(404)


def _get_submission(declaration: Declaration, public_id: str) -> Submission:
    return finding.find_submission(declaration, public_id) or abort(404)


def _address(row: Signature | Submission) -> str:
    return keys.ring().decrypt(row.address) if row.address else ""


def _page(declaration: Declaration, signature: Signature, **given: Any) -> str:
    mailbox = signature.mailbox
    values = {
        "form": DecideForm(formdata=None),
        "erase_form": EraseForm(formdata=None),
        "address": None,
        "events": histories.of(signature),
        "open_verdicts": histories.open_verdicts(signature),
        "submissions": keeping.submissions_of(Mailbox(declaration, mailbox)) if mailbox else (),
        "done": request.args.get("done"),
        **WORDS,
        **given,
    }
    return render_template("signatures/staff/one.html", declaration=declaration, signature=signature, **values)


def _submission_page(declaration: Declaration, row: Submission, **given: Any) -> str:
    mailbox = Mailbox(declaration, row.mailbox)
    values = {
        "address": None,
        "refused": None,
        "signature": mailbox.find_signature(),
        "blocked": mailbox.find_block() is not None,
        "done": request.args.get("done"),
        **WORDS,
        **given,
    }
    return render_template("signatures/staff/submission.html", declaration=declaration, row=row, **values)
