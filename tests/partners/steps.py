"""What tests about partners share: people who work for one, and what comes through it."""

from flask import Flask
from sqlalchemy import select

from petition import addresses
from petition.accounts import granting
from petition.accounts.duties import Role
from petition.extensions import db
from petition.outbox import posting
from petition.partners import people
from petition.partners.models import Partner
from petition.signatures import carrying, confirming, signing
from petition.signatures.mailboxes import Mailbox
from petition.signatures.models import Channel, Signature, Submission
from petition.signatures.signing import Origin
from petition.signatures.statements import Statement
from petition.storing import store
from tests import make, staff
from tests.staff import Staff


def works_for(app: Flask, partner: Partner, *, fresh: bool = True) -> Staff:
    account = staff.account()
    granting.grant(account, Role.PARTNER, scopes=[people.scope_of(partner)])
    db.session.commit()
    return staff.browse(app, account, fresh=fresh)


def submit(partner: Partner | None, *, agreed: bool = True, source: str = "", **stated: str) -> Submission:
    text = make.text(stated.pop("language", "en"))
    rows = signing.sign(
        text,
        make.statement(**stated),
        address=addresses.parse(make.email()),
        consents=(),
        origin=Origin(channel=Channel.EMBED, source=source, partner=partner.slug if partner else ""),
        shared=carrying.offer(partner, text.language) if partner and agreed else None,
    )
    store(*rows)
    # It was stored on a connection of its own, of which a session that has read before knows nothing on SQLite.
    db.session.commit()
    made = db.session.scalars(select(Submission).where(Submission.public_id == rows[0].values["public_id"])).one()
    posting.withdraw(made.mailbox, scope=made.declaration_id)
    db.session.commit()
    return made


def through(partner: Partner | None, *, agreed: bool = True, source: str = "", **stated: str) -> Signature:
    """A confirmed signature that came through this partner."""
    made = submit(partner, agreed=agreed, source=source, **stated)
    mailbox = Mailbox(made.text.declaration, made.mailbox)
    confirming.confirm(mailbox, made, Statement.of(made), consents=(), shared=agreed)
    posting.withdraw(made.mailbox, scope=made.declaration_id)
    db.session.commit()
    signature = mailbox.find_signature()
    assert signature is not None
    return signature
