"""The pages that this room's mailed links lead to: confirm, "this was not me", and one's own endorsement."""

import json

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from petition import headers, keys
from petition.defence import origins
from petition.defence.limits import limit_posts
from petition.endorsements import caring, confirming
from petition.endorsements.mailboxes import Mailbox, open_even_expired, open_link
from petition.endorsements.models import EndorsementSubmission, Purpose
from petition.endorsements.refusals import LinkExpired, LinkUnknown, Refusal
from petition.endorsements.views import FOREIGN_FORM
from petition.extensions import begin_writing, db
from petition.privacy import personal
from petition.privacy.keepers import Person

views = Blueprint("mailed_endorsements", __name__)
views.after_request(headers.keep_private)


@views.before_request
def refuse_foreign_posts() -> ResponseReturnValue | None:
    if request.method == "POST" and not origins.is_ours():
        return _page("refused.html", status=403, sentence=FOREIGN_FORM)
    return None


@views.errorhandler(Refusal)
def show_refusal(refusal: Refusal) -> ResponseReturnValue:
    db.session.rollback()
    return _page("refused.html", status=refusal.status, sentence=refusal.sentence)


@views.errorhandler(LinkUnknown)
def show_gone(refusal: LinkUnknown) -> ResponseReturnValue:
    """What a link led to was erased or purged, or it was never mailed: nothing is left by which to tell which."""
    db.session.rollback()
    return make_response(render_template("gone.html"), refusal.status)


@views.get("/<language:language>/endorsement/confirm/<token>")
def confirm(language: str, token: str) -> ResponseReturnValue:
    """Show what will be confirmed. Mail scanners follow links, so following one only shows a button."""
    mailbox, expired = open_even_expired(token, Purpose.CONFIRM)
    submission = mailbox.newest_submission
    if submission is None or submission.confirmed_at is not None:
        return _confirmed_page(mailbox, submission)
    confirming.refuse_if_over(mailbox)
    if expired:
        raise LinkExpired
    return _page("confirm.html", submission=submission, text=submission.text)


@views.post("/<language:language>/endorsement/confirm/<token>")
@limit_posts
def do_confirm(language: str, token: str) -> ResponseReturnValue:
    """Confirm the submission that the page showed."""
    begin_writing()
    mailbox = open_link(token, Purpose.CONFIRM)
    submission = mailbox.lock_submission(request.form.get("submission", ""))
    # One that is gone, such as the second of a double click, is not confirmed: what there is, is shown.
    if submission is not None and submission.confirmed_at is None:
        confirming.confirm(mailbox, submission)
        db.session.commit()
    return redirect(url_for(".confirm", language=language, token=token), code=303)


@views.get("/<language:language>/endorsement/not-me/<token>")
def refuse(language: str, token: str) -> ResponseReturnValue:
    """Ask whether nothing more shall be mailed, or offer to lift that."""
    blocked = open_link(token, Purpose.REFUSE).find_block() is not None
    return _page("not_me.html", token=token, blocked=blocked)


@views.post("/<language:language>/endorsement/not-me/<token>")
@limit_posts
def do_refuse(language: str, token: str) -> ResponseReturnValue:
    begin_writing()
    open_link(token, Purpose.REFUSE).refuse()
    db.session.commit()
    return redirect(url_for(".refuse", language=language, token=token), code=303)


@views.post("/<language:language>/endorsement/not-me/<token>/lift")
@limit_posts
def lift(language: str, token: str) -> ResponseReturnValue:
    begin_writing()
    open_link(token, Purpose.REFUSE).lift()
    db.session.commit()
    return redirect(url_for(".refuse", language=language, token=token), code=303)


@views.get("/<language:language>/endorsement/<token>")
def endorsement(language: str, token: str) -> ResponseReturnValue:
    """Everything that is stored of one's endorsement, and what one may do with it."""
    found = caring.get_endorsement(open_link(token, Purpose.PERSONAL))
    address = found.address and keys.ring().decrypt(found.address)
    return _page("endorsement.html", token=token, endorsement=found, text=found.text, address=address)


@views.post("/<language:language>/endorsement/<token>/withdraw")
@limit_posts
def withdraw(language: str, token: str) -> ResponseReturnValue:
    begin_writing()
    caring.withdraw(open_link(token, Purpose.PERSONAL))
    db.session.commit()
    return redirect(url_for(".endorsement", language=language, token=token), code=303)


@views.post("/<language:language>/endorsement/<token>/erase")
@limit_posts
def erase(language: str, token: str) -> ResponseReturnValue:
    begin_writing()
    caring.erase(open_link(token, Purpose.PERSONAL))
    db.session.commit()
    return _page("erased.html")


@views.get("/<language:language>/endorsement/<token>/download")
def download(language: str, token: str) -> ResponseReturnValue:
    """Everything that is stored of the person, as one JSON file."""
    mailbox = open_link(token, Purpose.PERSONAL)
    stored = personal.access(Person(scope=mailbox.declaration.id, mailbox=mailbox.key))
    response = make_response(json.dumps(stored, ensure_ascii=False, indent=2) + "\n")
    response.mimetype = "application/json"
    response.headers["Content-Disposition"] = f"attachment; filename={mailbox.declaration.slug}-my-endorsement.json"
    return response


def _page(template: str, *, status: int = 200, **values: object) -> Response:
    return make_response(render_template(f"endorsements/{template}", **values), status)


def _confirmed_page(mailbox: Mailbox, submission: EndorsementSubmission | None) -> Response:
    """Raises LinkUnknown when neither a submission nor an endorsement is left."""
    found = mailbox.find_endorsement()
    if submission is None and found is None:
        raise LinkUnknown
    return _page("confirmed.html", endorsement=found, declaration=mailbox.declaration)
