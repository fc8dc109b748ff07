"""One mailbox under one declaration: its submissions, its signature, its links, its block."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Self

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from petition import clock, links
from petition.declarations.models import Declaration
from petition.extensions import db
from petition.outbox import posting
from petition.signatures.models import MailBlock, MailedLink, Purpose, Signature, Submission
from petition.signatures.refusals import LinkExpired, LinkUnknown

CONFIRM_WITHIN = timedelta(days=7)
REFUSE_WITHIN = timedelta(days=90)
LIFETIMES = {
    Purpose.CONFIRM: CONFIRM_WITHIN,
    Purpose.REFUSE: REFUSE_WITHIN,
    Purpose.PERSONAL: None,
    Purpose.UNSUBSCRIBE: None,
}


@dataclass(frozen=True)
class Mailbox:
    """A declaration and the keyed hash of a mailbox: what every mailed link leads to."""

    declaration: Declaration
    key: bytes

    @classmethod
    def of(cls, link: MailedLink) -> Self:
        return cls(link.declaration, link.mailbox)

    @property
    def newest_submission(self) -> Submission | None:
        """What every live link of this mailbox leads to."""
        query = self._submissions.options(joinedload(Submission.text)).order_by(Submission.id.desc()).limit(1)
        return db.session.scalar(query)

    def find_submission(self, public_id: str) -> Submission | None:
        """This mailbox's submission of that id, locked until the transaction ends."""
        query = self._submissions.options(joinedload(Submission.text)).where(Submission.public_id == public_id)
        return db.session.scalar(query.with_for_update(of=Submission))

    def lock_submissions(self) -> None:
        """Lock all submissions of this mailbox until the transaction ends."""
        query = self._submissions.with_only_columns(Submission.id).order_by(Submission.id)
        db.session.execute(query.with_for_update()).all()

    def find_signature(self) -> Signature | None:
        query = select(Signature).where(Signature.declaration_id == self.declaration.id, Signature.mailbox == self.key)
        return db.session.scalar(query)

    def lock_signature(self) -> Signature | None:
        """The signature, read afresh and locked until the transaction ends."""
        query = select(Signature).where(Signature.declaration_id == self.declaration.id, Signature.mailbox == self.key)
        locked = query.with_for_update(of=Signature).execution_options(populate_existing=True)
        return db.session.scalar(locked)

    def find_block(self) -> MailBlock | None:
        return db.session.get(MailBlock, (self.declaration.id, self.key))

    def drop_pending(self) -> None:
        """Remove what was submitted and not confirmed, and the mails that still wait for it."""
        for submission in db.session.scalars(self._submissions.where(Submission.confirmed_at.is_(None))):
            db.session.delete(submission)
        posting.withdraw(self.key, scope=self.declaration.id)

    def mint(self, purpose: Purpose) -> str:
        """A new link for this mailbox; its token is returned and kept nowhere."""
        token = links.new_token()
        lifetime = LIFETIMES[purpose]
        now = clock.now()
        link = MailedLink(
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
    def _submissions(self) -> Select[Submission]:
        return select(Submission).where(
            Submission.declaration_id == self.declaration.id, Submission.mailbox == self.key
        )


def open_link(token: str, purpose: Purpose) -> Mailbox:
    """The mailbox that this token was mailed to. Raises LinkUnknown and LinkExpired."""
    mailbox, expired = open_even_expired(token, purpose)
    if expired:
        raise LinkExpired
    return mailbox


def open_even_expired(token: str, purpose: Purpose) -> tuple[Mailbox, bool]:
    """The mailbox that this token was mailed to, and whether the link has run out. Raises LinkUnknown."""
    link = db.session.get(MailedLink, links.digest(token), options=[joinedload(MailedLink.declaration)])
    if link is None or link.purpose != purpose:
        raise LinkUnknown
    return Mailbox.of(link), link.expires_at is not None and link.expires_at <= clock.now()
