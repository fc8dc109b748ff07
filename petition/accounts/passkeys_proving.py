"""A passkey proves, beside the password, who somebody is (WebAuthn, section 7.2)."""

from typing import Any

import webauthn
from sqlalchemy import update
from webauthn.helpers import bytes_to_base64url
from webauthn.helpers.structs import UserVerificationRequirement

from petition import clock
from petition.accounts import passkeys, passkeys_challenges
from petition.accounts.cookies import ConsoleSession
from petition.accounts.models import Account
from petition.accounts.passkeys_models import Passkey
from petition.accounts.passkeys_refusals import PasskeyRefused
from petition.extensions import db

PURPOSE = "passkey to prove"


def ask(account: Account, session: ConsoleSession) -> str:
    """Options for ``navigator.credentials.get`` as JSON; the next answer must fit them."""
    options = webauthn.generate_authentication_options(
        rp_id=passkeys_challenges.host(),
        allow_credentials=passkeys.described(account),
        user_verification=UserVerificationRequirement.PREFERRED,
    )
    passkeys_challenges.keep(session, PURPOSE, options.challenge)
    return webauthn.options_to_json(options)


def take(account: Account, session: ConsoleSession, answer: str) -> bool:
    """Whether one of the account's passkeys has signed the challenge, which is used up in any case."""
    if not answer:
        return False
    try:
        challenge = passkeys_challenges.take(session, PURPOSE)
        credential = passkeys_challenges.read(answer)
    except PasskeyRefused:
        return False
    named = [each for each in passkeys.of(account) if bytes_to_base64url(each.credential_id) == credential.get("id")]
    return bool(named) and _prove(named[0], credential, challenge)


def _prove(passkey: Passkey, credential: dict[str, Any], challenge: bytes) -> bool:
    try:
        proof = webauthn.verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=passkeys_challenges.host(),
            expected_origin=passkeys_challenges.origin(),
            credential_public_key=passkey.public_key,
            # A count that does not grow is refused: a copy of the passkey may have been used in between.
            credential_current_sign_count=passkey.sign_count,
        )
    except Exception:
        # The library's parsers raise whatever Python raises over bytes that somebody made up.
        return False
    unchanged = Passkey.id == passkey.id, Passkey.sign_count == passkey.sign_count
    counted = update(Passkey).where(*unchanged).values(sign_count=proof.new_sign_count, used_at=clock.now())
    return int(db.session.execute(counted).rowcount) == 1  # type: ignore[attr-defined]
