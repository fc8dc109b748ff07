"""Links we mail out: random, made for one purpose, kept only as a digest; and sealed values that are no secret."""

import hashlib
import secrets
from functools import lru_cache
from typing import Any

from flask import current_app
from itsdangerous import BadData, URLSafeSerializer

from petition.settings import Settings

TOKEN_BYTES = 32
CODE_DIGITS = 8


class SealBroken(Exception):
    """The sealed value was not made here, or not for this purpose."""


def new_token() -> str:
    """256 random bits; it lies in one mail and nowhere else."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def digest(token: str) -> bytes:
    """What the database keeps of a token. The token is random, so a plain SHA-256 cannot be reversed."""
    return hashlib.sha256(token.encode()).digest()


def new_code() -> str:
    """Eight digits that a person can carry from the mail to the page."""
    return f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"


def seal(purpose: str, value: Any) -> str:
    """Make a value tamper-proof. The same value gives the same text, so that pages stay the same bytes."""
    sealed: str = _sealer(current_app.secret_key, purpose).dumps(value)
    return sealed


def unseal(purpose: str, text: str) -> Any:
    """The value again, only to be read: one value may be given to many. Raises SealBroken."""
    try:
        return _unsealed(current_app.secret_key, purpose, text)
    except BadData as problem:
        raise SealBroken from problem


@lru_cache(maxsize=64)
def _unsealed(secret_key: str, purpose: str, text: str) -> Any:
    """Within an hour all forms of a text carry the same ticket, and a good one stays good."""
    return _sealer(secret_key, purpose).loads(text)


@lru_cache(maxsize=16)
def _sealer(secret_key: str, purpose: str) -> URLSafeSerializer:
    return URLSafeSerializer(secret_key, salt=f"petition {purpose}", signer_kwargs={"digest_method": hashlib.sha256})


def external(endpoint: str, **values: Any) -> str:
    """The full address of a page, built from the configured base URL and never from a request's Host."""
    settings: Settings = current_app.extensions["petition.settings"]
    path = current_app.url_map.bind(settings.base_host).build(endpoint, values)
    return settings.base_url + path
