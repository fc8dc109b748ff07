"""Prove who one is: by the password first, by a second factor then, and by both again before grave acts."""

from sqlalchemy import select

from petition import addresses, keys
from petition.accounts import factors, passwords, throttling
from petition.accounts.factors import Fields
from petition.accounts.models import Account
from petition.accounts.refusals import CodeRefused, NotProved, PasswordRefused
from petition.accounts.throttling import Try
from petition.addresses import AddressRefused
from petition.extensions import begin_writing, db, writing


def mailbox_key(typed: str) -> bytes:
    """What a typed address is found by; something that is no address finds nothing."""
    try:
        return keys.ring().lookup("mailbox", addresses.parse(typed).canonical)
    except AddressRefused:
        return keys.ring().lookup("no mailbox", typed)


def find(typed: str) -> Account | None:
    return db.session.scalar(select(Account).where(Account.mailbox == mailbox_key(typed)))


def prove_password(address: str, password: str, *, network: bytes) -> Account:
    """The account of this address, if this is its password.

    The answer and the work are the same for an address without an account, for one that is disabled and for a
    wrong password. A right password leaves the try counted until the second step is done. Commits the try.
    Raises NotProved and TooManyTries.
    """
    throttling.begin(mailbox_key(address), network=network)
    account = find(address)
    right = passwords.fits(password, account.password_hash if account else None)
    if account is None or not account.active or not right:
        raise NotProved
    return account


def prove_second(account: Account, fields: Fields, *, network: bytes) -> None:
    """Take the second factor. Commits. Raises CodeRefused and TooManyTries."""
    made = throttling.begin(account.mailbox, network=network)
    _take(account, fields, made)


def prove_again(account: Account, password: str, fields: Fields, *, network: bytes) -> None:
    """Take both. Commits. Raises PasswordRefused, CodeRefused and TooManyTries."""
    made = throttling.begin(account.mailbox, network=network)
    if not passwords.fits(password, account.password_hash):
        raise PasswordRefused
    _take(account, fields, made)


def check_password(account: Account, password: str, *, network: bytes) -> None:
    """Take the password alone, and leave the caller in a transaction that writes. Commits the try.

    Raises PasswordRefused and TooManyTries.
    """
    throttling.begin(account.mailbox, network=network)
    if not passwords.fits(password, account.password_hash):
        raise PasswordRefused
    begin_writing()


def _take(account: Account, fields: Fields, made: Try) -> None:
    with writing():
        if not factors.take(account, fields):
            raise CodeRefused
        throttling.forget(made)
