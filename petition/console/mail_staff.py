"""Screens of the outgoing mails, in the embedded default alone: to read them and follow their links."""

from pathlib import Path

from flask import Blueprint, Response, abort, current_app, make_response, render_template, request
from flask.typing import ResponseReturnValue

from petition.accounts import guarding, trail
from petition.console import mail_rights, mails
from petition.console.mails import Outgoing
from petition.extensions import db
from petition.settings import Settings

views = Blueprint("console_mails", __name__, url_prefix="/console/mails")

MOST_PAGES = 10_000


@views.get("")
@guarding.staff(None)
def listed() -> ResponseReturnValue:
    """To whom, about what, when; the newest first."""
    _check()
    page = _page()
    found, more = mails.newest(_folder(), page=page)
    readable = mail_rights.readable([mail.name for mail in found])
    shown = [mail for mail in found if mail.name in readable]
    return render_template("console/mails.html", mails=shown, page=page, more=more)


@views.post("/<name>")
@guarding.write_limit
@guarding.staff(None, fresh=True)
def opened(name: str) -> ResponseReturnValue:
    """One mail. A post, because who opens it holds its links from then on: it asks who that is and writes it down."""
    mail = _mail(name)
    _record("mail.opened", mail)
    text = mails.linked(mail.text, ours=_settings().base_url)
    return render_template("console/mail.html", mail=mail, text=text)


@views.post("/<name>/file")
@guarding.write_limit
@guarding.staff(None, fresh=True)
def file(name: str) -> ResponseReturnValue:
    """The mail as it would leave, for a mail program; its HTML is never shown here."""
    mail = _mail(name)
    raw = mails.source(_folder(), name)
    if raw is None:
        abort(404)
    _record("mail.fetched", mail)
    response: Response = make_response(raw)
    response.headers["Content-Type"] = "message/rfc822"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.eml"'
    return response


def _mail(name: str) -> Outgoing:
    _check()
    mail = mails.find(_folder(), name)
    if mail is None or not mail_rights.readable([mail.name]):
        abort(404)
    return mail


def _check() -> None:
    """Elsewhere than in the embedded default there are no such pages; there, they are not for everybody."""
    if not mail_rights.are_files(_settings()):
        abort(404)
    if not mail_rights.may_read():
        abort(403)


def _record(act: str, mail: Outgoing) -> None:
    # Whose it is stands in the mail; the trail would keep the address for ever.
    trail.record(act, subject=mail.name, about=mail.subject)
    db.session.commit()


def _folder() -> Path:
    return _settings().instance_dir / "mail"


def _settings() -> Settings:
    settings: Settings = current_app.extensions["petition.settings"]
    return settings


def _page() -> int:
    given = request.args.get("page", "1")
    if not (given.isascii() and given.isdigit() and len(given) <= 5):
        return 1
    return min(max(int(given), 1), MOST_PAGES)
