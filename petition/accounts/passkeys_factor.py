"""Passkeys among the second factors that an account may have."""

from petition.accounts import passkeys, passkeys_proving
from petition.accounts.factors import Factor, Fields
from petition.accounts.guarding import bound
from petition.accounts.models import Account


def _take(account: Account, fields: Fields) -> bool:
    return passkeys_proving.take(account, bound(), fields.get("passkey", ""))


FACTOR = Factor(
    "passkey",
    has=lambda account: bool(passkeys.of(account)),
    take=_take,
    drop=passkeys.drop,
    ask="accounts/_passkey_ask.html",
    manage="accounts/_passkeys.html",
    set_up="accounts/_passkey_set_up.html",
)
