"""Codes from an authenticator app (RFC 6238): the secret encrypted at rest, each code taken once."""

from datetime import datetime

import pyotp
from sqlalchemy import or_, update

from petition import clock, keys
from petition.accounts.models import Account
from petition.extensions import db

SECONDS = 30
DRIFT = (-1, 0, 1)
"""Steps of 30 seconds by which a telephone's clock may be wrong (RFC 6238, section 5.2)."""


def new_secret() -> str:
    """160 random bits in Base32, as authenticator apps take it."""
    return pyotp.random_base32()


def address(secret: str, *, account: str, issuer: str) -> str:
    """What the QR code says to the app."""
    return str(pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=issuer))


def spaced(secret: str) -> str:
    """In groups of four, to be typed."""
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))


def find_step(secret: str, code: str) -> int | None:
    """The step whose code this is, if it is one of now."""
    digits = "".join(char for char in code if char.isdecimal())
    step = int(clock.now().timestamp()) // SECONDS
    made = pyotp.TOTP(secret)
    fitting = [step + drift for drift in DRIFT if pyotp.utils.strings_equal(made.generate_otp(step + drift), digits)]
    return max(fitting, default=None)


def code_at(secret: str, moment: datetime) -> str:
    """The code of this moment."""
    return str(pyotp.TOTP(secret).generate_otp(int(moment.timestamp()) // SECONDS))


def set_up(account: Account, secret: str, *, step: int) -> None:
    """Take codes of this secret from now on; the one that proved it, at this step, no more."""
    account.totp_secret, account.totp_step = keys.ring().encrypt(secret), step


def take(account: Account, code: str) -> bool:
    """Whether this is the account's code of now; if so, it is not taken again, and no older one is."""
    if account.totp_secret is None:
        return False
    step = find_step(keys.ring().decrypt(account.totp_secret), code)
    if step is None:
        return False
    newer = or_(Account.totp_step.is_(None), Account.totp_step < step)
    taken = db.session.execute(update(Account).where(Account.id == account.id, newer).values(totp_step=step))
    return int(taken.rowcount) == 1  # type: ignore[attr-defined]
