"""This room's mails about made-up people, for ``petition outbox preview``: the real words, and no database."""

from petition import links
from petition.declarations.sampling import sample_text
from petition.outbox.composing import Message
from petition.outbox.models import Mail
from petition.outbox.previewing import Sample
from petition.signatures import wording
from petition.signatures.models import State

TO = "ada.lovelace@example.org"
NAME = "Ada Lovelace"
TOKEN = "a-made-up-token-that-opens-nothing-at-all-0"
CODE = "12345678"


def confirm(mail: Mail) -> Message:
    return _request(mail)


def last_today(mail: Mail) -> Message:
    return _request(mail, last_today=True)


def remind(mail: Mail) -> Message:
    return _request(mail, reminding=True)


def signed(mail: Mail) -> Message:
    return wording.thanks(mail, sample_text(mail.language), to=TO, name=NAME, personal=_link(mail, "signature"))


def signed_and_held(mail: Mail) -> Message:
    personal = _link(mail, "signature")
    return wording.thanks(mail, sample_text(mail.language), to=TO, name=NAME, personal=personal, standing=State.HELD)


def signed_and_set_aside(mail: Mail) -> Message:
    personal, aside = _link(mail, "signature"), State.INVALIDATED
    return wording.thanks(mail, sample_text(mail.language), to=TO, name=NAME, personal=personal, standing=aside)


def signed_on_paper(mail: Mail) -> Message:
    personal = _link(mail, "signature")
    return wording.thanks(mail, sample_text(mail.language), to=TO, name=NAME, personal=personal, on_paper=True)


def signed_already(mail: Mail) -> Message:
    return wording.signed_already(mail, sample_text(mail.language), to=TO, personal=_link(mail, "signature"))


def held_already(mail: Mail) -> Message:
    personal, held = _link(mail, "signature"), State.HELD
    return wording.signed_already(mail, sample_text(mail.language), to=TO, personal=personal, standing=held)


def set_aside_already(mail: Mail) -> Message:
    personal, aside = _link(mail, "signature"), State.INVALIDATED
    return wording.signed_already(mail, sample_text(mail.language), to=TO, personal=personal, standing=aside)


def personal_links(mail: Mail) -> Message:
    return wording.personal_links(mail, [(sample_text(mail.language), _link(mail, "signature"))], to=TO)


SAMPLES: dict[tuple[str, str], Sample] = {
    ("confirm", ""): confirm,
    ("confirm", "last"): last_today,
    ("confirm", "signed"): signed_already,
    ("confirm", "held"): held_already,
    ("confirm", "invalidated"): set_aside_already,
    ("remind", ""): remind,
    ("signed", ""): signed,
    ("signed", "held"): signed_and_held,
    ("signed", "invalidated"): signed_and_set_aside,
    ("signed", "paper"): signed_on_paper,
    ("links", ""): personal_links,
}
"""By kind and shape."""


def _request(mail: Mail, *, reminding: bool = False, last_today: bool = False) -> Message:
    return wording.request(
        mail,
        sample_text(mail.language),
        to=TO,
        code=CODE,
        confirm=_link(mail, "confirm"),
        refuse=_link(mail, "refuse"),
        reminding=reminding,
        last_today=last_today,
    )


def _link(mail: Mail, page: str) -> str:
    return links.external(f"mailed.{page}", language=mail.language, token=TOKEN)
