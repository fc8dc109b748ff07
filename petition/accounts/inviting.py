"""Invitations: a link, good once and for seven days, with which a person takes up an account or gets into it again."""

from datetime import timedelta

from sqlalchemy import delete, or_, select, update

from petition import clock, keys, links
from petition.accounts import factors, granting, passwords, proving, sessions, trail
from petition.accounts.models import Account, Invitation
from petition.accounts.refusals import InvitationRefused
from petition.addresses import Address
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


def invite_first() -> str | None:
    """A token for the first organiser, while there are no accounts; whoever takes it up says their address.

    At every start anew, and older ones are good for nothing any more. None once anybody was given an account.
    """
    account = granting.find_first()
    if account is None:
        if db.session.scalar(select(Account.id).limit(1)) is not None:
            return None
        account = granting.create_first()
        trail.record("account.created", subject=account.public_id)
    _end(account)
    return mint(account)


def is_unaddressed(account: Account) -> bool:
    """Whether it is the first, of whom nobody knows yet who it will be."""
    return account.mailbox == granting.nobodys_mailbox()


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


def accept(token: str, *, name: str, password: str, host: str, address: Address | None = None) -> Account:
    """Take the account up: from now on it has this name and password, and no second factor yet.

    Whatever the account had before, its sessions among it, is good for nothing any more. Only the first account
    takes an ``address``. Raises InvitationRefused, WeakPassword and AlreadyThere.
    """
    account = get(token).account
    unaddressed = address if is_unaddressed(account) else None
    typed = unaddressed.typed if unaddressed else keys.ring().decrypt(account.address)
    passwords.refuse_weak(password, known=(typed, name, host))
    _use(token)
    if unaddressed is not None:
        granting.give_address(account, unaddressed)
    _end(account)
    sessions.end_all(account)
    factors.drop_all(account)
    account.name, account.password_hash = name, passwords.keep(password)
    account.joined_at = account.joined_at or clock.now()
    return account


def change_password(account: Account, current: str, new: str, *, host: str, network: bytes) -> None:
    """Commits the try of the present one. Raises PasswordRefused, TooManyTries and WeakPassword."""
    passwords.refuse_weak(new, known=(keys.ring().decrypt(account.address), account.name, host))
    # Made before the transaction that writes, because it is slow on purpose.
    kept = passwords.keep(new)
    proving.check_password(account, current, network=network)
    account.password_hash = kept


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
