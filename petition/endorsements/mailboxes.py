"""One mailbox under one declaration: what was submitted from it, its endorsement, its links, its block."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Self

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from petition import clock, links
from petition.declarations.models import Declaration
from petition.endorsements.models import (
    Endorsement,
    EndorsementBlock,
    EndorsementLink,
    EndorsementSubmission,
    Purpose,
)
from petition.endorsements.refusals import LinkExpired, LinkUnknown
from petition.extensions import db, insert_into
from petition.outbox import posting

CONFIRM_WITHIN = timedelta(days=7)
REFUSE_WITHIN = timedelta(days=90)
LIFETIMES = {Purpose.CONFIRM: CONFIRM_WITHIN, Purpose.REFUSE: REFUSE_WITHIN, Purpose.PERSONAL: None}


@dataclass(frozen=True)
class Mailbox:
    """A declaration and the keyed hash of a mailbox: what every mailed link leads to."""

    declaration: Declaration
    key: bytes

    @classmethod
    def of(cls, link: EndorsementLink) -> Self:
        return cls(link.declaration, link.mailbox)

    @property
    def newest_submission(self) -> EndorsementSubmission | None:
        """What every live link of this mailbox leads to."""
        return db.session.scalar(self._submissions.order_by(EndorsementSubmission.id.desc()).limit(1))

    def lock_submission(self, public_id: str) -> EndorsementSubmission | None:
        """This mailbox's submission of that id, locked until the transaction ends."""
        query = self._submissions.where(EndorsementSubmission.public_id == public_id)
        return db.session.scalar(query.with_for_update(of=EndorsementSubmission))

    def lock_submissions(self) -> None:
        """Lock all submissions of this mailbox until the transaction ends."""
        query = self._submissions.with_only_columns(EndorsementSubmission.id).order_by(EndorsementSubmission.id)
        db.session.execute(query.with_for_update()).all()

    def find_endorsement(self) -> Endorsement | None:
        return db.session.scalar(self._endorsements)

    def lock_endorsement(self) -> Endorsement | None:
        """The endorsement, read afresh and locked until the transaction ends."""
        locked = self._endorsements.with_for_update(of=Endorsement).execution_options(populate_existing=True)
        return db.session.scalar(locked)

    def find_block(self) -> EndorsementBlock | None:
        return db.session.get(EndorsementBlock, (self.declaration.id, self.key))

    def refuse(self) -> None:
        """Drop what is pending at once, and send nothing more for this declaration; twice is once."""
        block = insert_into(EndorsementBlock).values(
            declaration_id=self.declaration.id, mailbox=self.key, created_at=clock.now()
        )
        db.session.execute(block.on_conflict_do_nothing())
        for submission in db.session.scalars(self._submissions.where(EndorsementSubmission.confirmed_at.is_(None))):
            db.session.delete(submission)
        posting.withdraw(self.key, scope=self.declaration.id)

    def lift(self) -> None:
        """Let mails for this declaration reach the mailbox again."""
        block = self.find_block()
        if block is not None:
            db.session.delete(block)

    def mint(self, purpose: Purpose) -> str:
        """A new link for this mailbox; its token is returned and kept nowhere."""
        token = links.new_token()
        lifetime = LIFETIMES[purpose]
        now = clock.now()
        link = EndorsementLink(
            digest=links.digest(token),
            purpose=purpose,
            declaration_id=self.declaration.id,
            mailbox=self.key,
            created_at=now,
            expires_at=now + lifetime if lifetime else None,
        )
        db.session.add(link)
        return token

    @property
    def _submissions(self) -> Select[EndorsementSubmission]:
        table = EndorsementSubmission
        return select(table).where(table.declaration_id == self.declaration.id, table.mailbox == self.key)

    @property
    def _endorsements(self) -> Select[Endorsement]:
        return select(Endorsement).where(
            Endorsement.declaration_id == self.declaration.id, Endorsement.mailbox == self.key
        )


def open_link(token: str, purpose: Purpose) -> Mailbox:
    """The mailbox that this token was mailed to. Raises LinkUnknown and LinkExpired."""
    mailbox, expired = open_even_expired(token, purpose)
    if expired:
        raise LinkExpired
    return mailbox


def open_even_expired(token: str, purpose: Purpose) -> tuple[Mailbox, bool]:
    """The mailbox that this token was mailed to, and whether the link has run out. Raises LinkUnknown."""
    link = db.session.get(EndorsementLink, links.digest(token), options=[joinedload(EndorsementLink.declaration)])
    if link is None or link.purpose != purpose:
        raise LinkUnknown
    return Mailbox.of(link), link.expires_at is not None and link.expires_at <= clock.now()


def find_blocked(mailboxes: Sequence[bytes]) -> list[tuple[int, bytes]]:
    """For the outbox: those of these mailboxes that refused, each with its declaration's id."""
    table = EndorsementBlock
    query = select(table.declaration_id, table.mailbox).where(table.mailbox.in_(mailboxes))
    return [(declaration_id, mailbox) for declaration_id, mailbox in db.session.execute(query)]
