"""One mailbox under one declaration: its submissions, its signature, its links, its block."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Self

from sqlalchemy import Select, and_, bindparam, select
from sqlalchemy.orm import joinedload

from petition import clock, links
from petition.declarations import reading
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
        return db.session.scalar(self._submissions.order_by(Submission.id.desc()).limit(1))

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


def unsubscribes(token: str) -> bool:
    """Whether this token was mailed as a link that ends updates."""
    link = db.session.get(MailedLink, links.digest(token))
    return link is not None and link.purpose == Purpose.UNSUBSCRIBE


def open_even_expired(token: str, purpose: Purpose) -> tuple[Mailbox, bool]:
    """The mailbox that this token was mailed to, and whether the link has run out. Raises LinkUnknown."""
    link = db.session.get(MailedLink, links.digest(token), options=[joinedload(MailedLink.declaration)])
    if link is None or link.purpose != purpose:
        raise LinkUnknown
    return Mailbox.of(link), _is_expired(link)


@dataclass(frozen=True)
class Shown:
    """What a confirmation link shows; without a submission where all of them are gone.

    Declaration and text are those that ``reading`` knows: only to be read.
    """

    mailbox: Mailbox
    expired: bool
    submission: Submission | None


# Made once, because building a statement costs as much as running it.
_OPENED = (
    select(MailedLink, Submission)
    .where(MailedLink.digest == bindparam("digest"), MailedLink.purpose == Purpose.CONFIRM)
    .order_by(Submission.id.desc())
    .limit(1)
)
_THEIRS = and_(Submission.declaration_id == MailedLink.declaration_id, Submission.mailbox == MailedLink.mailbox)
_NEWEST = _OPENED.outerjoin(Submission, _THEIRS)
_OF_ID = _OPENED.outerjoin(Submission, and_(_THEIRS, Submission.public_id == bindparam("public_id")))


def open_confirmation(token: str, *, public_id: str | None = None) -> Shown:
    """The newest submission that the link leads to, or the one of this id. Raises LinkUnknown."""
    query, which = (_NEWEST, {}) if public_id is None else (_OF_ID, {"public_id": public_id})
    found = db.session.execute(query, {"digest": links.digest(token), **which}).one_or_none()
    if found is None:
        raise LinkUnknown
    link, submission = found
    declaration = reading.get_text(submission.text_id).declaration if submission else link.declaration
    return Shown(Mailbox(declaration, link.mailbox), _is_expired(link), submission)


def _is_expired(link: MailedLink) -> bool:
    return link.expires_at is not None and link.expires_at <= clock.now()
