"""Setting up an authenticator app: the secret goes to the page and comes back sealed, until a code proves it."""

import base64
import binascii
from dataclasses import dataclass

from markupsafe import Markup

from petition import keys, qr
from petition.accounts import factors, totp
from petition.accounts.models import Account
from petition.accounts.refusals import CodeRefused
from petition.keys import Undecipherable


@dataclass(frozen=True)
class Offer:
    """A secret that an account may take, not yet in use."""

    secret: str
    account: Account
    issuer: str
    """The site's host, for the list in the app."""

    @property
    def sealed(self) -> str:
        """For the form: encrypted, and good for this account alone."""
        return base64.urlsafe_b64encode(keys.ring().encrypt(f"{self.account.public_id} {self.secret}")).decode()

    @property
    def address(self) -> str:
        typed = keys.ring().decrypt(self.account.address)
        return totp.address(self.secret, account=typed, issuer=self.issuer)

    @property
    def picture(self) -> Markup:
        """The QR code. Nothing remembers it, because it is a secret."""
        return Markup(qr.inline_svg(self.address))

    @property
    def spaced(self) -> str:
        return totp.spaced(self.secret)


def offer(account: Account, *, issuer: str, sealed: str = "") -> Offer:
    """A new secret; or the one that this page was given, so that what was scanned stays right."""
    return Offer(_unsealed(account, sealed) or totp.new_secret(), account, issuer)


def accept(offered: Offer, code: str) -> None:
    """Take the app's codes from now on, if this is one. Raises CodeRefused."""
    step = totp.find_step(offered.secret, code)
    if step is None:
        raise CodeRefused
    totp.set_up(offered.account, offered.secret, step=step)


def remove(account: Account) -> None:
    """Take the app's codes no more. Raises LastFactor: somebody without a passkey keeps the app."""
    account.totp_secret = account.totp_step = None
    factors.keep_one(account)


def _unsealed(account: Account, sealed: str) -> str | None:
    try:
        owner, _, secret = keys.ring().decrypt(base64.urlsafe_b64decode(sealed.encode())).partition(" ")
    except (Undecipherable, binascii.Error, ValueError):
        return None
    return secret if owner == account.public_id else None
