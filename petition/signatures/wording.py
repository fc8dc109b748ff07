"""The words of this room's mails: everything that varies is given; nothing is decided here, and no database asked."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from urllib.parse import quote

from flask import render_template
from flask_babel import force_locale, gettext
from markupsafe import escape

from petition import languages, links, sharing, stationery
from petition.declarations.models import DeclarationText
from petition.outbox.composing import Message
from petition.outbox.models import Mail
from petition.outbox.personal_links import Held
from petition.signatures.models import State
from petition.stationery import Sheet


def request(
    mail: Mail,
    text: DeclarationText,
    *,
    to: str,
    code: str,
    confirm: str,
    refuse: str,
    query: str = "",
    reminding: bool = False,
    last_today: bool = False,
) -> Message:
    """Ask to confirm. ``confirm`` and ``refuse`` are whole addresses; ``last_today`` says that no more come today.

    ``query`` is what the address of the page of the code carries.
    """
    code_page = links.external("mailed.code", language=mail.language) + query
    return _filled_in(
        mail,
        to,
        subject=lambda: (
            gettext("Reminder: please confirm your signature")
            if reminding
            else gettext("Please confirm your signature")
        ),
        template="confirm",
        text=text,
        addresses={"confirm": confirm, "refuse": refuse, "code_page": code_page},
        words={"code": f"{code[:4]} {code[4:]}"},
        shape={"reminding": reminding, "last_today": last_today},
    )


def thanks(
    mail: Mail,
    text: DeclarationText,
    *,
    to: str,
    name: str,
    personal: str,
    query: str = "",
    standing: State = State.COUNTED,
    on_paper: bool = False,
    last_today: bool = False,
) -> Message:
    """Thank the signatory, say if the signature does not count, and hand over the personal link.

    Who counts is offered ways to pass the declaration on; ``query`` is what its address carries then.
    """
    page = links.external("pages.declaration", language=text.language, slug=text.declaration.slug)
    return _filled_in(
        mail,
        to,
        subject=lambda: _thanked(standing, on_paper=on_paper),
        template="signed",
        text=text,
        addresses={"personal": personal, "page": page + query, "shared": quote(query, safe="")},
        words={"name": name},
        shape={"standing": standing, "on_paper": on_paper, "last_today": last_today},
        # Called by the template, because only there the mail's language is spoken.
        shares=partial(sharing.links, page, text.title, query=stationery.blank("shared")),
    )


def signed_already(
    mail: Mail,
    text: DeclarationText,
    *,
    to: str,
    personal: str,
    standing: State = State.COUNTED,
    last_today: bool = False,
) -> Message:
    """Tell a signatory whose address was entered again that nothing has changed; and whether the signature counts."""
    return _written(
        mail,
        to,
        subject=lambda: gettext("You have already signed"),
        template="signed_already",
        text=text,
        standing=standing,
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


def _thanked(standing: State, *, on_paper: bool) -> str:
    said: str = gettext("Your signature on paper was entered") if on_paper else gettext("Your signature is confirmed")
    if standing is State.INVALIDATED:
        said = gettext("Your signature is not counted")
    return said


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


@dataclass(frozen=True)
class _Printed:
    """A mail whose blanks wait for a person."""

    subject: str
    text: Sheet
    html: Sheet


def _filled_in(
    mail: Mail,
    to: str,
    *,
    subject: Callable[[], str],
    template: str,
    text: DeclarationText,
    addresses: Mapping[str, str],
    words: Mapping[str, str],
    shape: Mapping[str, Hashable],
    **values: object,
) -> Message:
    """A mail that everyone gets who signs: printed once for each text and language, then filled in.

    ``addresses`` and ``words`` are what differs from person to person; words may run the other way than the mail.
    ``shape`` says which sentences it has.
    """

    def print_() -> _Printed:
        blanks = {name: stationery.blank(name) for name in (*addresses, *words)}
        said = {**values, **blanks, **shape, "text": text}
        written = _written(mail, to, subject=subject, template=template, **said)
        return _Printed(written.subject, Sheet.printed(written.text), Sheet.printed(written.html))

    version = text.sha256, text.declaration.slug, text.declaration.updated_at
    printed = stationery.kept((template, mail.language, *version, *shape.values()), print_)
    isolated = {name: languages.isolated(word, mail.language) for name, word in words.items()}
    escaped = {name: escape(value) for name, value in {**addresses, **words}.items()}
    return Message(to, printed.subject, printed.text.fill({**addresses, **isolated}), printed.html.fill(escaped))
