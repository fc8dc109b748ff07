"""Passkeys of an account (WebAuthn): made by an authenticator, named by their owner, removed."""

from collections.abc import Sequence
from typing import Any

import webauthn
from sqlalchemy import delete, func, select
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from petition import clock, keys, names
from petition.accounts import factors, passkeys_challenges
from petition.accounts.cookies import ConsoleSession
from petition.accounts.models import Account
from petition.accounts.passkeys_models import Passkey
from petition.accounts.passkeys_refusals import (
    NoSuchPasskey,
    PasskeyKnown,
    PasskeyRefused,
    PasskeyUnnamed,
    TooManyPasskeys,
)
from petition.extensions import db

PURPOSE = "passkey to register"
MOST = 10
"""Passkeys of one account."""
LONGEST_NAME = 60
"""Graphemes."""


def of(account: Account) -> Sequence[Passkey]:
    """Those of this account, the oldest first."""
    return db.session.scalars(select(Passkey).where(Passkey.account_id == account.id).order_by(Passkey.id)).all()


def get(account: Account, public_id: str) -> Passkey:
    """Raises NoSuchPasskey."""
    found = db.session.scalar(select(Passkey).where(Passkey.account_id == account.id, Passkey.public_id == public_id))
    if found is None:
        raise NoSuchPasskey
    return found


def ask(account: Account, session: ConsoleSession) -> str:
    """Options for ``navigator.credentials.create`` as JSON; the next answer must fit them. Raises TooManyPasskeys."""
    _check_room(account)
    address = keys.ring().decrypt(account.address)
    options = webauthn.generate_registration_options(
        rp_id=passkeys_challenges.host(),
        rp_name=passkeys_challenges.host(),
        user_id=account.public_id.encode(),
        user_name=address,
        user_display_name=account.name or address,
        authenticator_selection=AuthenticatorSelectionCriteria(
            # Beside a password it needs no place of its own in the authenticator, where places are few.
            resident_key=ResidentKeyRequirement.DISCOURAGED,
            user_verification=UserVerificationRequirement.PREFERRED,
        ),
        exclude_credentials=described(account),
    )
    passkeys_challenges.keep(session, PURPOSE, options.challenge)
    return webauthn.options_to_json(options)


def register(account: Account, session: ConsoleSession, answer: str, *, name: str) -> Passkey:
    """Add what the authenticator made. Raises PasskeyUnnamed, PasskeyRefused, PasskeyKnown and TooManyPasskeys."""
    called = _clean(name)
    _check_room(account)
    challenge = passkeys_challenges.take(session, PURPOSE)
    credential = passkeys_challenges.read(answer)
    try:
        made = webauthn.verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=passkeys_challenges.host(),
            expected_origin=passkeys_challenges.origin(),
        )
    except Exception as problem:
        # The library's parsers raise whatever Python raises over bytes that somebody made up.
        raise PasskeyRefused from problem
    if db.session.scalar(select(func.count()).where(Passkey.credential_id == made.credential_id)):
        raise PasskeyKnown
    passkey = Passkey(
        account_id=account.id,
        name=called,
        credential_id=made.credential_id,
        public_key=made.credential_public_key,
        sign_count=made.sign_count,
        transports=" ".join(_transports(credential)),
        added_at=clock.now(),
    )
    db.session.add(passkey)
    db.session.flush()
    return passkey


def rename(passkey: Passkey, name: str) -> None:
    """Raises PasskeyUnnamed."""
    passkey.name = _clean(name)


def remove(account: Account, passkey: Passkey) -> None:
    """Raises LastFactor: somebody without an authenticator app keeps one passkey."""
    db.session.delete(passkey)
    factors.keep_one(account)


def drop(account: Account) -> None:
    """Take all of them away, as a new invitation does."""
    db.session.execute(delete(Passkey).where(Passkey.account_id == account.id))


def described(account: Account) -> list[PublicKeyCredentialDescriptor]:
    """The account's passkeys, as a browser is told which ones it may use, or must not make again."""
    return [
        PublicKeyCredentialDescriptor(
            id=passkey.credential_id,
            transports=[AuthenticatorTransport(each) for each in passkey.transports.split()] or None,
        )
        for passkey in of(account)
    ]


def _check_room(account: Account) -> None:
    if len(of(account)) >= MOST:
        raise TooManyPasskeys


def _clean(name: str) -> str:
    try:
        called = names.clean(name, most=LONGEST_NAME)
    except names.NameRefused as problem:
        raise PasskeyUnnamed(problem.reason) from problem
    if not called:
        raise PasskeyUnnamed
    return called


def _transports(credential: dict[str, Any]) -> list[str]:
    """Those that the browser names and the library knows; another's word must not break the next sign-in."""
    named = credential["response"].get("transports")
    known = {str(each.value) for each in AuthenticatorTransport}
    return sorted(known & {each for each in named if isinstance(each, str)}) if isinstance(named, list) else []
