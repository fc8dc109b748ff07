"""The pages that mailed links lead to: confirm, "this was not me", and what a link says that leads nowhere."""

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import LazyString

from petition import clock, headers
from petition.declarations import reading
from petition.defence import origins
from petition.defence.limits import limit_posts
from petition.extensions import begin_writing, db, only_read
from petition.outbox import posting
from petition.signatures import carrying, codes, confirming, refusing, reviewing
from petition.signatures.forms import CodeForm, CorrectForm
from petition.signatures.mailboxes import Mailbox, open_confirmation, open_even_expired, open_link
from petition.signatures.mailed_pages import agrees_to_other_words as _agrees_to_other_words
from petition.signatures.mailed_pages import page as _page
from petition.signatures.mailed_pages import shared_text
from petition.signatures.models import Purpose, Submission
from petition.signatures.receiving import FOREIGN_FORM, STALE_FORM
from petition.signatures.refusals import CodeRefused, LinkExpired, LinkUnknown, Refusal

views = Blueprint("mailed", __name__)
views.after_request(headers.keep_private)


FROM_ANYWHERE = frozenset({"mailed.do_unsubscribe"})
"""Mail programs post these by themselves (RFC 8058); the token in the address stands for its mailbox."""


@views.before_request
def refuse_foreign_posts() -> ResponseReturnValue | None:
    if request.endpoint in FROM_ANYWHERE:
        return None
    if request.method == "POST" and not origins.is_ours():
        return _page("signatures/refused.html", status=403, sentence=FOREIGN_FORM)
    return None


@views.errorhandler(Refusal)
def show_refusal(refusal: Refusal) -> ResponseReturnValue:
    db.session.rollback()
    return _page("signatures/refused.html", status=refusal.status, sentence=refusal.sentence)


@views.errorhandler(LinkUnknown)
def show_gone(refusal: LinkUnknown) -> ResponseReturnValue:
    """What a link led to was erased or purged, or it was never mailed: nothing is left by which to tell which."""
    db.session.rollback()
    return _page("gone.html", status=refusal.status)


@views.errorhandler(LinkExpired)
def show_expired(refusal: LinkExpired) -> ResponseReturnValue:
    """A link to confirm that ran out while its page was open still offers a new one."""
    db.session.rollback()
    if request.endpoint == "mailed.do_confirm" and request.view_args:
        return _page("signatures/expired.html", status=refusal.status, token=request.view_args["token"])
    return _page("signatures/refused.html", status=refusal.status, sentence=refusal.sentence)


@views.get("/<language:language>/confirm")
def code(language: str) -> ResponseReturnValue:
    """Where the code from the mail is typed."""
    return _code_page(language, CodeForm(formdata=None))


@views.post("/<language:language>/confirm")
@limit_posts
def try_code(language: str) -> ResponseReturnValue:
    """Open the newest submission by address and code, as its mailed link would."""
    form = CodeForm()
    if "switch" in request.form:
        return _code_page(language, form)
    if not form.validate():
        return _code_page(language, form, status=422)
    begin_writing()
    try:
        mailbox = codes.try_one(form.email.data, form.code.data)
    except CodeRefused as refusal:
        return _code_page(language, form, status=refusal.status, note=refusal.sentence)
    token = mailbox.mint(Purpose.CONFIRM)
    db.session.commit()
    return redirect(url_for("mailed.confirm", language=language, token=token), code=303)


@views.get("/<language:language>/confirm/<token>")
def confirm(language: str, token: str) -> ResponseReturnValue:
    """Show what will be confirmed. Mail scanners follow links, so following one only shows a button."""
    shown = open_confirmation(token)
    submission = shown.submission
    if submission is None or submission.confirmed_at is not None:
        return _confirmed_page(shown.mailbox, submission, language)
    confirming.refuse_if_over(shown.mailbox)
    if shown.expired:
        return _page("signatures/expired.html", status=LinkExpired.status, token=token)
    return make_response(reviewing.first_review(submission, language, token=token))


@views.post("/<language:language>/confirm/<token>")
@limit_posts
def do_confirm(language: str, token: str) -> ResponseReturnValue:
    """Confirm the submission that the page showed, as its owner left or corrected it.

    With ``switch`` the form only comes back in this language, as it was typed.
    """
    only_read()
    shown = open_confirmation(token, public_id=request.form.get("submission", ""))
    if shown.expired:
        raise LinkExpired
    submission = shown.submission
    # One that is gone, such as the second of a double click, is not confirmed: what there is, is shown.
    if submission is not None and submission.confirmed_at is None:
        offered = reviewing.shared_by(submission) is not None
        form = CorrectForm.make(shown.mailbox.declaration.plan, language, offered=offered)
        if "switch" in request.form:
            return make_response(reviewing.review(submission, form))
        if not form.validate():
            return make_response(reviewing.review(submission, form), 422)
        if _agrees_to_other_words(form, reading.get_text(submission.text_id)):
            return make_response(reviewing.review(submission, form, note=STALE_FORM), 409)
        given, shares = form.consents_given, form.shares
        confirming.confirm(shown.mailbox, submission, form.statement, consents=given, shared=shares)
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
    slug, known = mailbox.declaration.slug, reading.find_current(mailbox.declaration.slug, language)
    spoken = language if known else submission.language
    page = url_for("signatures.check_your_mail", language=spoken, slug=slug)
    return redirect(page + carrying.passed_on(submission, slug).query, code=303)


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


def _code_page(language: str, form: CodeForm, *, note: LazyString | None = None, status: int = 200) -> Response:
    """For a mailbox that nobody has named yet; which declaration it is about, the code will tell."""
    carried = carrying.read(request.args, None, language)
    return _page("signatures/code.html", status=status, form=form, note=note, carried=carried)


def _confirmed_page(mailbox: Mailbox, submission: Submission | None, language: str) -> Response:
    """Raises LinkUnknown when neither a submission nor a signature is left."""
    signature = mailbox.find_signature()
    if submission is None and signature is None:
        raise LinkUnknown
    declaration = mailbox.declaration
    state, shared = declaration.state_at(clock.now()), shared_text(declaration, language)
    values = {"declaration": declaration, "state": state, "shared": shared}
    # Who has withdrawn and signs again comes anew.
    stands = signature is not None and not signature.withdrawn
    carried = carrying.passed_on(signature, declaration.slug) if signature and stands else None
    return make_response(render_template("signatures/confirmed.html", signature=signature, carried=carried, **values))
