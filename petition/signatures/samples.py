"""This room's mails about made-up people, for ``petition outbox preview``: the real words, and no database."""

from functools import cache

from petition import clock, links
from petition.declarations import folders
from petition.declarations.models import Declaration, DeclarationText
from petition.outbox.composing import Message
from petition.outbox.models import Mail
from petition.outbox.previewing import Sample
from petition.signatures import wording

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
    return wording.thanks(mail, _text(mail.language), to=TO, name=NAME, personal=_link(mail, "signature"))


def signed_already(mail: Mail) -> Message:
    return wording.signed_already(mail, _text(mail.language), to=TO, personal=_link(mail, "signature"))


def personal_links(mail: Mail) -> Message:
    return wording.personal_links(mail, [(_text(mail.language), _link(mail, "signature"))], to=TO)


SAMPLES: dict[str, Sample] = {
    "confirm": confirm,
    "confirm-last": last_today,
    "confirm-signed": signed_already,
    "remind": remind,
    "signed": signed,
    "links": personal_links,
}


def _request(mail: Mail, *, reminding: bool = False, last_today: bool = False) -> Message:
    return wording.request(
        mail,
        _text(mail.language),
        to=TO,
        code=CODE,
        confirm=_link(mail, "confirm"),
        refuse=_link(mail, "refuse"),
        reminding=reminding,
        last_today=last_today,
    )


def _link(mail: Mail, page: str) -> str:
    return links.external(f"mailed.{page}", language=mail.language, token=TOKEN)


@cache
def _text(language: str) -> DeclarationText:
    """The sample declaration's text in this language, or in its first; rows that no session knows."""
    folder = folders.read(folders.SAMPLE)
    frame = folder.frame
    text = next((text for text in folder.texts if text.language == language), folder.texts[0])
    declaration = Declaration(
        slug=frame.slug, opens_at=frame.opens_at, closes_at=frame.closes_at, stored_plan=frame.plan.to_json()
    )
    return DeclarationText(**vars(text), number=1, published_at=clock.now(), current=True, declaration=declaration)
