"""Invitations: a link, good once and for seven days, with which a person takes up an account or gets into it again."""

from datetime import timedelta

from sqlalchemy import delete, or_, select, update

from petition import clock, keys, links
from petition.accounts import factors, passwords, proving, sessions
from petition.accounts.models import Account, Invitation
from petition.accounts.refusals import InvitationRefused
from petition.extensions import db
from petition.outbox import posting
from petition.outbox.models import EVERY_SCOPE

INVITE_FOR = timedelta(days=7)
KIND = "invitation"
"""The kind of mail that carries one."""


def invite(account: Account) -> str:
    """Invite the account's owner: a mail is posted, and the token returned for whoever hands the link over."""
    posting.post(KIND, account.public_id, scope=EVERY_SCOPE, mailbox=account.mailbox, language=account.language)
    return mint(account)


def invite_again(account: Account) -> str:
    """The same for somebody who lost password or second factor; older invitations are good for nothing any more.

    What they have stays as it is until the new invitation is taken up.
    """
    _end(account)
    return invite(account)


def mint(account: Account) -> str:
    """One more token for an invitation that the account has; using one ends all."""
    token, now = links.new_token(), clock.now()
    made = Invitation(digest=links.digest(token), account_id=account.id, created_at=now, expires_at=now + INVITE_FOR)
    db.session.add(made)
    return token


def is_invited(account: Account) -> bool:
    """Whether an invitation waits for being taken up."""
    live = Invitation.account_id == account.id, Invitation.used_at.is_(None), Invitation.expires_at > clock.now()
    return db.session.scalar(select(Invitation.digest).where(*live).limit(1)) is not None


def get(token: str) -> Invitation:
    """The invitation of this link. Raises InvitationRefused."""
    found = db.session.get(Invitation, links.digest(token))
    if found is None or found.used_at is not None or found.expires_at <= clock.now() or not found.account.active:
        raise InvitationRefused
    return found


def accept(token: str, *, name: str, password: str, host: str) -> Account:
    """Take the account up: from now on it has this name and password, and no second factor yet.

    Whatever the account had before, its sessions among it, is good for nothing any more.
    Raises InvitationRefused and WeakPassword.
    """
    account = get(token).account
    passwords.refuse_weak(password, known=(keys.ring().decrypt(account.address), name, host))
    _use(token)
    _end(account)
    sessions.end_all(account)
    factors.drop_all(account)
    account.name, account.password_hash = name, passwords.keep(password)
    account.joined_at = account.joined_at or clock.now()
    return account


def change_password(account: Account, current: str, new: str, *, host: str, network: bytes) -> None:
    """Raises PasswordRefused, TooManyTries and WeakPassword."""
    known = (keys.ring().decrypt(account.address), account.name, host)
    passwords.refuse_weak(new, known=known)
    proving.check_password(account, current, network=network)
    account.password_hash = passwords.keep(new)


def purge(most: int) -> int:
    """Remove a batch of invitations that are used or over; returns how many went."""
    done = or_(Invitation.used_at.is_not(None), Invitation.expires_at <= clock.now())
    batch = select(Invitation.digest).where(done).limit(most)
    return int(db.session.execute(delete(Invitation).where(Invitation.digest.in_(batch))).rowcount)  # type: ignore[attr-defined]


def _use(token: str) -> None:
    """Of two who use it at once, one does. Raises InvitationRefused."""
    unused = Invitation.digest == links.digest(token), Invitation.used_at.is_(None)
    used = db.session.execute(update(Invitation).where(*unused).values(used_at=clock.now()))
    if not used.rowcount:  # type: ignore[attr-defined]
        raise InvitationRefused


def _end(account: Account) -> None:
    """Have all of its invitations be used."""
    waiting = Invitation.account_id == account.id, Invitation.used_at.is_(None)
    db.session.execute(update(Invitation).where(*waiting).values(used_at=clock.now()))
