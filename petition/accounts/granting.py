"""Accounts and what they are given: made, granted, disabled, enabled."""

from collections.abc import Iterable, Sequence

from sqlalchemy import delete, or_, select

from petition import addresses, clock, keys
from petition.accounts import proving, sessions
from petition.accounts.duties import Role
from petition.accounts.models import Account, Grant, Invitation
from petition.accounts.refusals import AlreadyThere
from petition.addresses import Address
from petition.extensions import db


def create(address: Address, *, language: str, name: str = "") -> Account:
    """An account for the owner of this mailbox, who has yet to take it up. Raises AlreadyThere."""
    account = Account(name=name, language=language, created_at=clock.now())
    give_address(account, address)
    # From now on somebody has an account; the invitation to be the first is good for nothing any more.
    _remove_first()
    db.session.add(account)
    db.session.flush()
    return account


def create_first() -> Account:
    """The account of the first organiser, of whom nobody knows the address yet."""
    account = Account(address=keys.ring().encrypt(""), mailbox=nobodys_mailbox(), language="en", created_at=clock.now())
    db.session.add(account)
    for role in (Role.ORGANISER, Role.OPERATOR):
        grant(account, role, scopes=None)
    db.session.flush()
    return account


def find_first() -> Account | None:
    """That account, while nobody has taken it up."""
    return db.session.scalar(select(Account).where(Account.mailbox == nobodys_mailbox()))


def holders(role: Role, *, scope: int) -> Sequence[Account]:
    """Those who have this role within this scope and can sign in."""
    held = select(Grant.account_id).where(Grant.role == role, or_(Grant.scope == scope, Grant.scope.is_(None)))
    joined = select(Account).where(Account.id.in_(held), Account.joined_at.is_not(None)).order_by(Account.id)
    return [account for account in db.session.scalars(joined) if account.active]


def nobodys_mailbox() -> bytes:
    return keys.ring().lookup("no mailbox", "the first organiser")


def give_address(account: Account, address: Address) -> None:
    """Have the account be this mailbox's owner's. Raises AlreadyThere."""
    if proving.find(address.typed) is not None:
        raise AlreadyThere
    kept = addresses.keep(address, keys.ring())
    account.address, account.mailbox = kept.encrypted, kept.mailbox


def grant(account: Account, role: Role, *, scopes: Iterable[int] | None) -> None:
    """Give the account this role within these scopes, ``None`` for every one; given twice is given once."""
    assert role is not Role.OPERATOR or scopes is None, "an operator looks after all accounts"
    wanted = {None} if scopes is None else set(scopes)
    theirs = {each.scope for each in account.grants if each.role == role}
    now = clock.now()
    for scope in sorted(wanted - theirs, key=lambda scope: scope or 0):
        account.grants.append(Grant(role=role, scope=scope, granted_at=now))


def revoke(account: Account, role: Role, *, scopes: Iterable[int] | None) -> None:
    """Take it back again, within these scopes; ``None`` takes back the grant for every one."""
    unwanted = {None} if scopes is None else set(scopes)
    for each in [each for each in account.grants if each.role == role and each.scope in unwanted]:
        account.grants.remove(each)


def disable(account: Account) -> None:
    """End its sessions and let it sign in no more. Disabled twice is disabled once."""
    if account.active:
        account.disabled_at = clock.now()
    sessions.end_all(account)


def enable(account: Account) -> None:
    if not account.active:
        account.enabled_at = clock.now()


def _remove_first() -> None:
    first = find_first()
    if first is not None:
        db.session.execute(delete(Invitation).where(Invitation.account_id == first.id))
        db.session.delete(first)
