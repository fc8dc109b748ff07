"""The words of this room's mails: everything that varies is given; nothing is decided here, and no database asked."""

from collections.abc import Callable
from functools import partial

from flask import render_template
from flask_babel import force_locale, gettext

from petition import languages
from petition.declarations.models import DeclarationText
from petition.endorsements.models import Endorsement, State
from petition.outbox.composing import Message
from petition.outbox.models import Mail


def request(mail: Mail, text: DeclarationText, *, to: str, confirm: str, refuse: str) -> Message:
    """Ask to confirm. ``confirm`` and ``refuse`` are whole addresses."""
    return _written(
        mail,
        text,
        to,
        subject=lambda: gettext("Please confirm your organisation’s endorsement"),
        template="confirm",
        confirm=confirm,
        refuse=refuse,
    )


def told(mail: Mail, endorsement: Endorsement, *, to: str, personal: str, already: bool = False) -> Message:
    """Say where the endorsement stands, with the personal link."""

    def subject() -> str:
        if already:
            return str(gettext("Your organisation has already endorsed the declaration"))
        if endorsement.state is State.APPROVED:
            return str(gettext("Your organisation’s endorsement is published"))
        if endorsement.state is State.DECLINED:
            return str(gettext("Your organisation’s endorsement is not published"))
        return str(gettext("Your organisation’s endorsement is confirmed"))

    return _written(
        mail,
        endorsement.text,
        to,
        subject=subject,
        template="endorsed",
        endorsement=endorsement,
        already=already,
        reason=endorsement.decisions[-1].reason if endorsement.state is State.DECLINED else "",
        personal=personal,
    )


def _written(
    mail: Mail, text: DeclarationText, to: str, *, subject: Callable[[], str], template: str, **values: object
) -> Message:
    with force_locale(mail.language):
        said = subject()
        values = {
            "subject": said,
            "text": text,
            "plan": text.declaration.plan,
            "language": mail.language,
            "isolated": partial(languages.isolated, language=mail.language),
            **values,
        }
        return Message(
            to=to,
            subject=said,
            text=render_template(f"endorsements/mail/{template}.txt", **values),
            html=render_template(f"endorsements/mail/{template}.html", **values),
        )
