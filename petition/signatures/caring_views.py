"""The pages on which a signatory looks after the signature, and those that end its updates."""

import json

from flask import Response, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import LazyString, gettext

from petition import keys
from petition.defence.limits import limit_posts, limit_posts_by_link
from petition.extensions import begin_writing, db
from petition.outbox import sweeping
from petition.partners import reading as partners
from petition.privacy import personal
from petition.privacy.keepers import Person
from petition.signatures import caring, keeping
from petition.signatures.forms import CorrectForm
from petition.signatures.mailboxes import Mailbox, open_link, unsubscribes
from petition.signatures.mailed_pages import agrees_to_other_words, filled_form, page, updates_digest
from petition.signatures.mailed_views import views
from petition.signatures.models import Purpose, Signature
from petition.signatures.receiving import STALE_FORM

__all__ = ["views"]


@views.get("/<language:language>/signature/<token>")
def signature(language: str, token: str) -> ResponseReturnValue:
    """Everything that is stored of one's signature, and what one may do with it."""
    mailbox = open_link(token, Purpose.PERSONAL)
    signature = caring.get_signature(mailbox)
    form = filled_form(signature, language, caring.has_updates(signature))
    return _signature_page(token, mailbox, signature, form)


@views.post("/<language:language>/signature/<token>")
@limit_posts
def correct(language: str, token: str) -> ResponseReturnValue:
    """Correct what is stated, who sees it, and the optional consents.

    With ``switch`` the form only comes back in this language, as it was typed.
    """
    switching = "switch" in request.form
    if not switching:
        begin_writing()
    mailbox = open_link(token, Purpose.PERSONAL)
    form = CorrectForm.make(mailbox.declaration.plan, language)
    signature = caring.get_signature(mailbox)
    if switching:
        return _signature_page(token, mailbox, signature, form)
    if not form.validate():
        return _signature_page(token, mailbox, signature, form, status=422)
    if agrees_to_other_words(form, signature.text):
        return _signature_page(token, mailbox, signature, form, note=STALE_FORM, status=409)
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


@views.post("/<language:language>/signature/<token>/stop-sharing")
@limit_posts
def stop_sharing(language: str, token: str) -> ResponseReturnValue:
    """Take back what was agreed with the partner that the form names."""
    begin_writing()
    caring.end_sharing(open_link(token, Purpose.PERSONAL), request.form.get("partner", ""))
    db.session.commit()
    return redirect(url_for("mailed.signature", language=language, token=token, saved=1), code=303)


@views.post("/<language:language>/signature/<token>/erase")
@limit_posts
def erase(language: str, token: str) -> ResponseReturnValue:
    begin_writing()
    caring.erase(open_link(token, Purpose.PERSONAL))
    db.session.commit()
    return page("signatures/erased.html")


@views.get("/<language:language>/signature/<token>/download")
def download(language: str, token: str) -> ResponseReturnValue:
    """Everything that is stored of the person, as one JSON file."""
    mailbox = open_link(token, Purpose.PERSONAL)
    stored = personal.access(Person(scope=mailbox.declaration.id, mailbox=mailbox.key))
    response = make_response(json.dumps(stored, ensure_ascii=False, indent=2) + "\n")
    response.mimetype = "application/json"
    response.headers["Content-Disposition"] = f"attachment; filename={mailbox.declaration.slug}-my-signature.json"
    return response


@views.get("/<language:language>/unsubscribe/<token>")
def unsubscribe(language: str, token: str) -> ResponseReturnValue:
    """Ask whether no more updates shall come. Mail scanners follow links, so following one only shows a button."""
    mailbox = open_link(token, Purpose.UNSUBSCRIBE)
    subscribed = caring.has_updates(caring.get_signature(mailbox))
    return page("signatures/unsubscribe.html", token=token, subscribed=subscribed, declaration=mailbox.declaration)


@views.post("/<language:language>/unsubscribe/<token>")
@limit_posts_by_link(unsubscribes)
def do_unsubscribe(language: str, token: str) -> ResponseReturnValue:
    """End the updates: for a person at the button, or for a mail program with one click (RFC 8058, section 3.2)."""
    mailbox = open_link(token, Purpose.UNSUBSCRIBE)
    begin_writing()
    caring.unsubscribe(mailbox)
    db.session.commit()
    if request.form.get("List-Unsubscribe") == "One-Click":
        return Response(gettext("No more updates will come.") + "\n", mimetype="text/plain")
    return redirect(url_for("mailed.unsubscribe", language=language, token=token), code=303)


def partner_names(signature: Signature) -> dict[str, str]:
    """What the partners are called that the signatory ever agreed to, by their slugs."""
    slugs = {each.partner for each in signature.consents if each.partner}
    found = {slug: partners.find_known(slug) for slug in slugs}
    return {slug: partner.name if partner else slug for slug, partner in found.items()}


def _signature_page(
    token: str,
    mailbox: Mailbox,
    signature: Signature,
    form: CorrectForm,
    *,
    note: LazyString | None = None,
    status: int = 200,
) -> Response:
    form.wording.data = updates_digest(signature.text)
    values = {
        "token": token,
        "signature": signature,
        "text": signature.text,
        "form": form,
        "note": note,
        "address": signature.address and keys.ring().decrypt(signature.address),
        "submissions": keeping.submissions_of(mailbox),
        "mails": sweeping.mails_to(mailbox.key, scope=mailbox.declaration.id),
        "saved": "saved" in request.args,
        "partner_names": partner_names(signature),
    }
    return page("signatures/signature.html", status=status, **values)
