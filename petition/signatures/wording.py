"""The words of this room's mails: everything that varies is given; nothing is decided here, and no database asked."""

from collections.abc import Callable, Sequence
from functools import partial

from flask import render_template
from flask_babel import force_locale, gettext

from petition import languages, links, sharing
from petition.declarations.models import DeclarationText
from petition.outbox.composing import Message
from petition.outbox.models import Mail
from petition.outbox.personal_links import Held


def request(
    mail: Mail,
    text: DeclarationText,
    *,
    to: str,
    code: str,
    confirm: str,
    refuse: str,
    reminding: bool = False,
    last_today: bool = False,
) -> Message:
    """Ask to confirm. ``confirm`` and ``refuse`` are whole addresses; ``last_today`` says that no more come today."""
    return _written(
        mail,
        to,
        subject=lambda: (
            gettext("Reminder: please confirm your signature")
            if reminding
            else gettext("Please confirm your signature")
        ),
        template="confirm",
        text=text,
        reminding=reminding,
        last_today=last_today,
        code=code,
        confirm=confirm,
        refuse=refuse,
        code_page=links.external("mailed.code", language=mail.language),
    )


def thanks(
    mail: Mail,
    text: DeclarationText,
    *,
    to: str,
    name: str,
    personal: str,
    on_paper: bool = False,
    last_today: bool = False,
) -> Message:
    """Thank the signatory, hand over the personal link, and offer ways to pass the declaration on."""
    page = links.external("pages.declaration", language=text.language, slug=text.declaration.slug)
    return _written(
        mail,
        to,
        subject=lambda: (
            gettext("Your signature on paper was entered") if on_paper else gettext("Your signature is confirmed")
        ),
        template="signed",
        text=text,
        name=name,
        on_paper=on_paper,
        last_today=last_today,
        personal=personal,
        page=page,
        # Called by the template, because only there the mail's language is spoken.
        shares=partial(sharing.links, page, text.title),
    )


def signed_already(mail: Mail, text: DeclarationText, *, to: str, personal: str, last_today: bool = False) -> Message:
    """Tell a signatory whose address was entered again that nothing has changed."""
    return _written(
        mail,
        to,
        subject=lambda: gettext("You have already signed"),
        template="signed_already",
        text=text,
        last_today=last_today,
        personal=personal,
    )


def personal_links(
    mail: Mail,
    signed: Sequence[tuple[DeclarationText, str]],
    *,
    to: str,
    more: Sequence[tuple[Held, str]] = (),
) -> Message:
    """Hand over, for each declaration that was signed, a new personal link: its text and the whole address.

    ``more`` is what other rooms keep, each with its link.
    """
    return _written(
        mail,
        to,
        subject=lambda: gettext("Your personal link"),
        template="links",
        signed=signed,
        more=more,
    )


def _written(mail: Mail, to: str, *, subject: Callable[[], str], template: str, **values: object) -> Message:
    with force_locale(mail.language):
        values = {
            "subject": subject(),
            "language": mail.language,
            "isolated": partial(languages.isolated, language=mail.language),
            **values,
        }
        return Message(
            to=to,
            subject=str(values["subject"]),
            text=render_template(f"signatures/mail/{template}.txt", **values),
            html=render_template(f"signatures/mail/{template}.html", **values),
        )
