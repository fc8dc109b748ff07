"""Makers: everything a test needs, with a default for whatever the test is not about."""

import itertools
import json
import re
import secrets
from collections import Counter
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import insert, select, update

from petition import addresses, clock
from petition.columns import new_public_id
from petition.declarations import reading
from petition.declarations.models import DeclarationText
from petition.endorsements import confirming as endorsement_confirming
from petition.endorsements import deciding, endorsing
from petition.endorsements import tickets as endorsement_tickets
from petition.endorsements.forms import Statement as EndorsementStatement
from petition.endorsements.mailboxes import Mailbox as EndorsementMailbox
from petition.endorsements.models import Endorsement, EndorsementSubmission
from petition.extensions import db
from petition.languages import CODES
from petition.outbox import posting, sending
from petition.outbox.handing_over import PostOffice
from petition.partners import enrolling
from petition.partners import reading as partners_reading
from petition.partners.enrolling import Details
from petition.partners.models import Partner
from petition.settings import Settings
from petition.signatures import confirming, signing, tickets
from petition.signatures.mailboxes import Mailbox
from petition.signatures.models import Purpose, Signature, Submission
from petition.signatures.signing import Origin
from petition.signatures.statements import Statement
from petition.storing import store
from petition.tally import moving
from petition.tally.models import PERSON, Tally

SLUG = "child-dignity"
SIGN = f"/en/{SLUG}/sign"
PAGE = f"/en/{SLUG}"
_numbers = itertools.count(1)


def key() -> str:
    return secrets.token_urlsafe(32)


def settings(folder: Path, **given: Any) -> Settings:
    """Settings with secrets of their own."""
    values: dict[str, Any] = {
        "instance_dir": folder,
        "secret_key": key(),
        "data_keys": key(),
        "lookup_key": key(),
        "signing_key": key(),
        "base_url": "http://localhost:8000",
        "log_level": "error",
        "sign_limits": "10000/minute",
        **given,
    }
    return Settings(**values)


def email() -> str:
    return f"signatory{next(_numbers)}@example.org"


def text(language: str = "en", slug: str = SLUG) -> DeclarationText:
    found = reading.find_current(slug, language)
    assert found is not None
    return found


def statement(**given: Any) -> Statement:
    return Statement(**{"name": "Ada Lovelace", "country": "GB", "visibility": "public", **given})


def submission(
    address: str | None = None, *, language: str = "en", consents: tuple[str, ...] = (), **stated: Any
) -> Submission:
    """A submission, stored with its mail."""
    rows = signing.sign(
        text(language),
        statement(**stated),
        address=addresses.parse(address or email()),
        consents=consents,
        origin=Origin(),
    )
    store(*rows)
    return db.session.scalars(select(Submission).where(Submission.public_id == rows[0].values["public_id"])).one()


def signature(address: str | None = None, **given: Any) -> Signature:
    """A confirmed signature, committed, its mails taken back."""
    made = submission(address, **given)
    mailbox = Mailbox(made.text.declaration, made.mailbox)
    confirming.confirm(mailbox, made, Statement.of(made), consents=())
    # It commits on a connection of its own, of which a session that has read before knows nothing on SQLite.
    db.session.commit()
    signed = mailbox.find_signature()
    assert signed is not None
    mailbox.drop_pending()
    db.session.commit()
    return signed


def ticket(language: str = "en", *, age: timedelta = timedelta(0)) -> str:
    return tickets.make(text(language), at=clock.now() - age)


def form(**given: Any) -> dict[str, Any]:
    """What a browser posts; a field given as None is left out."""
    values = {
        "name": "Ada Lovelace",
        "email": email(),
        "country": "GB",
        "visibility": "public",
        "agree": "y",
        "ticket": given.pop("ticket", None) or ticket(),
        **given,
    }
    return {name: value for name, value in values.items() if value is not None}


def send_mails(app: Flask) -> int:
    """One round of the outbox, as the worker makes it."""
    with app.app_context():
        office = PostOffice.from_settings(app.extensions["petition.settings"])
        try:
            return sending.send_due(office)
        finally:
            office.close()


def move_tally(app: Flask) -> None:
    with app.app_context():
        while moving.move():
            pass


def link(mail: EmailMessage, word: str) -> str:
    """The path of the link in the mail's plain text whose address holds this word."""
    plain = mail.get_body(("plain",))
    assert plain is not None
    found = re.search(rf"http://localhost:\d+(/\S*/{word}/\S+)", plain.get_content())
    assert found, f"no link with /{word}/ in {plain.get_content()}"
    return found[1]


def code(mail: EmailMessage) -> str:
    """The eight digits in the mail's plain text."""
    plain = mail.get_body(("plain",))
    assert plain is not None
    found = re.search(r"\b(\d{4}) (\d{4})\b", plain.get_content())
    assert found
    return found[1] + found[2]


def confirm_link(made: Submission) -> str:
    """The path of a fresh link to confirm, without its mail."""
    token = Mailbox(made.text.declaration, made.mailbox).mint(Purpose.CONFIRM)
    posting.withdraw(made.mailbox, scope=made.declaration_id)
    db.session.commit()
    return f"/en/confirm/{token}"


CONSENT = {"en": "Yes, the Byron Trust may write to me.", "it": "Sì, il Byron Trust può scrivermi."}


def partner(slug: str = "byron", **given: Any) -> Partner:
    """A partner that may be given people, committed; switched on."""
    said: dict[str, Any] = {
        "name": "Byron Trust",
        "contact": "desk@example.org",
        "site": "https://www.example.org",
        "origins": ("https://www.example.org",),
        "wordings": CONSENT,
        "notice": "https://www.example.org/privacy",
        "may_share": True,
        **given,
    }
    made = enrolling.create(slug, Details(**said))
    db.session.commit()
    partners_reading.forget()
    return made


ENDORSE = f"/en/{SLUG}/endorse"


def endorse_form(**given: Any) -> dict[str, Any]:
    """What a browser posts for an organisation; a field given as None is left out."""
    values = {
        "organisation": "Analytical Society",
        "country": "GB",
        "site": "https://www.example.org",
        "person": "Ada Lovelace",
        "role": "President",
        "email": email(),
        "agree": "y",
        "ticket": given.pop("ticket", None) or endorsement_tickets.make(text(), at=clock.now()),
        **given,
    }
    return {name: value for name, value in values.items() if value is not None}


def endorsement(address: str | None = None, *, approved: bool = True, **stated: Any) -> Endorsement:
    """A confirmed endorsement, approved unless told otherwise, committed, its mails taken back."""
    values = {"organisation": "Analytical Society", "country": "GB", "site": "https://www.example.org"}
    said = EndorsementStatement(**{**values, "person": "Ada Lovelace", "role": "President", **stated})
    rows = endorsing.endorse(text(), said, address=addresses.parse(address or email()))
    store(*rows)
    made = db.session.scalars(
        select(EndorsementSubmission).where(EndorsementSubmission.public_id == rows[0].values["public_id"])
    ).one()
    endorsed = endorsement_confirming.confirm(EndorsementMailbox(made.text.declaration, made.mailbox), made)
    if approved:
        deciding.approve(endorsed.public_id)
    posting.withdraw(made.mailbox, scope=made.declaration_id)
    db.session.commit()
    return endorsed


def crowd(number: int, **given: Any) -> None:
    """So many confirmed signatures at once, uncounted: for what has to find its way among many.

    A list instead of a value gives each signature the next of its entries.
    """
    signed = text()
    now = clock.now()
    rows = []
    for nth in range(number):
        stated = {name: value[nth % len(value)] if isinstance(value, list) else value for name, value in given.items()}
        row = {**vars(statement()), "mailbox": secrets.token_bytes(32), "public_id": new_public_id(), **stated}
        at = now - timedelta(seconds=number - nth)
        rows.append({**row, "created_at": at, "confirmed_at": at})
    same = {"declaration_id": signed.declaration_id, "text_id": signed.id, "language": "en", "channel": "web"}
    db.session.execute(insert(Signature).values(source="", **same), rows)
    db.session.commit()


def counts(*places: tuple[datetime, str, int], kind: str = PERSON) -> None:
    """So many counted at each moment from each country, without the signatures."""
    scope = text().declaration_id
    moving.add(Counter({(scope, kind, clock.hour_of(at), country, "", ""): number for at, country, number in places}))
    db.session.execute(update(Tally).values(as_of=clock.now()))
    db.session.commit()


def keep_languages(folder: Path, *kept: str) -> None:
    """Leave every other language, with all that is said in it, out of a copy of the sample's folder."""
    frame = folder / "declaration.toml"
    text = re.sub(r"(?m)^languages = \[.*\]", f"languages = {json.dumps(kept)}", frame.read_text())
    for language in set(CODES) - set(kept):
        text = re.sub(rf"(?m)^{language} = .*\n", "", text)
        text = re.sub(rf"\[event\.{language}\]\n(?:.+\n)+\n", "", text)
        for file in folder.glob(f"{language}.*"):
            file.unlink()
    frame.write_text(text)


def be_official(folder: Path) -> None:
    """Make a copy of the sample's folder no sample: then each organiser needs a contact."""
    frame = folder / "declaration.toml"
    text = re.sub(r"(?m)^sample = true", "sample = false", frame.read_text())
    frame.write_text(re.sub(r"(?m)^(\[\[organisers\]\]\nname = .*)$", r'\1\ncontact = "desk@example.org"', text))
