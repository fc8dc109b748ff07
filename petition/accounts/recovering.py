"""Recovery codes: ten on paper, each good once in the place of the second factor."""

import secrets

from sqlalchemy import delete, func, select, update

from petition import clock, keys
from petition.accounts.models import Account, RecoveryCode
from petition.extensions import db

NUMBER = 10
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""None that is taken for another."""
LENGTH = 12


def renew(account: Account) -> list[str]:
    """Ten new codes, to be shown this one time; the old ones are good for nothing any more."""
    drop(account)
    codes = ["".join(secrets.choice(LETTERS) for _ in range(LENGTH)) for _ in range(NUMBER)]
    now = clock.now()
    db.session.add_all(
        RecoveryCode(account_id=account.id, code_hash=_kept(account, code), made_at=now) for code in codes
    )
    return [f"{code[:4]}-{code[4:8]}-{code[8:]}" for code in codes]


def take(account: Account, typed: str) -> bool:
    """Whether this is an unused code of the account; if so, it is used now."""
    code = "".join(char for char in typed.lower() if char in LETTERS)
    unused = RecoveryCode.account_id == account.id, RecoveryCode.used_at.is_(None)
    query = update(RecoveryCode).where(RecoveryCode.code_hash == _kept(account, code), *unused)
    return int(db.session.execute(query.values(used_at=clock.now())).rowcount) == 1  # type: ignore[attr-defined]


def count_left(account: Account) -> int:
    query = select(func.count()).select_from(RecoveryCode)
    left = query.where(RecoveryCode.account_id == account.id, RecoveryCode.used_at.is_(None))
    return db.session.scalar(left) or 0


def drop(account: Account) -> None:
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account.id))


def _kept(account: Account, code: str) -> bytes:
    """A keyed hash, good for this account alone."""
    return keys.ring().lookup("recovery code", f"{account.public_id} {code}")
