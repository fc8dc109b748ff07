"""Second factors: whatever proves, beside the password, that it is them. Other modules may register more."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flask import Flask, current_app

from petition.accounts import recovering, totp
from petition.accounts.models import Account
from petition.accounts.refusals import LastFactor
from petition.extensions import db

Fields = Mapping[str, str]
"""What was posted."""


@dataclass(frozen=True)
class Factor:
    """One kind of second factor."""

    name: str
    has: Callable[[Account], bool]
    """Whether the account is set up for it."""
    take: Callable[[Account, Fields], bool]
    """Whether what was posted proves it, once: what was taken is not taken again. Runs in a writing transaction."""
    drop: Callable[[Account], None]
    """Take it away from the account, as a new invitation does."""
    ask: str = ""
    """A template that asks for it, inside the form of the second step; empty for what is typed as ``code``."""
    manage: str = ""
    """A template with a section of the account page, where it is set up and taken away."""
    set_up: str = ""
    """A template that offers it, in the place of an authenticator app, to somebody who has no second factor yet."""
    suffices: bool = True
    """Whether an account that has only this has a second factor. Recovery codes alone are none."""


def register(app: Flask, factor: Factor) -> None:
    app.extensions.setdefault("petition.factors", list(_OWN)).append(factor)


def all_factors() -> list[Factor]:
    known: list[Factor] = current_app.extensions.get("petition.factors", list(_OWN))
    return known


def of(account: Account) -> list[Factor]:
    """Those that the account is set up for."""
    return [factor for factor in all_factors() if factor.has(account)]


def is_set_up(account: Account) -> bool:
    """Whether the account has a second factor; no page of the console opens before."""
    return any(factor.suffices for factor in of(account))


def are_several(account: Account) -> bool:
    """Whether one of them could go."""
    return sum(factor.suffices for factor in of(account)) > 1


def keep_one(account: Account) -> None:
    """After one was taken away: another must be left. Raises LastFactor.

    Locks the account, so that of two who each take away one, the later finds what the earlier has left.
    """
    db.session.flush()
    db.session.refresh(account, with_for_update={"of": Account})
    if not is_set_up(account):
        raise LastFactor


def take(account: Account, fields: Fields) -> bool:
    """Whether any of the account's factors is proved by what was posted."""
    return any(factor.take(account, fields) for factor in of(account))


def drop_all(account: Account) -> None:
    for factor in all_factors():
        factor.drop(account)


def _drop_totp(account: Account) -> None:
    account.totp_secret = account.totp_step = None


_OWN = (
    Factor(
        "totp",
        has=lambda account: account.totp_secret is not None,
        take=lambda account, fields: totp.take(account, fields.get("code", "")),
        drop=_drop_totp,
    ),
    Factor(
        "recovery",
        has=lambda account: recovering.count_left(account) > 0,
        take=lambda account, fields: recovering.take(account, fields.get("code", "")),
        drop=recovering.drop,
        suffices=False,
    ),
)
