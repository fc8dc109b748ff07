"""What browser and authenticator must answer to: for which site, from where, to which challenge, and how soon."""

import json
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from flask import current_app
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

from petition import clock
from petition.accounts.cookies import ConsoleSession
from petition.accounts.passkeys_refusals import PasskeyRefused
from petition.settings import Settings

ANSWER_WITHIN = timedelta(minutes=5)
LONGEST = 20_000
"""Characters of an answer; an honest one has about one thousand."""
_PORTS = {"http": 80, "https": 443}


def keep(session: ConsoleSession, purpose: str, challenge: bytes) -> None:
    """Remember, on the server, what the next answer for this purpose must be to; an earlier one is forgotten."""
    session[purpose] = [bytes_to_base64url(challenge), clock.iso(clock.now())]


def take(session: ConsoleSession, purpose: str) -> bytes:
    """The challenge that was kept, once and in time. Raises PasskeyRefused."""
    kept = session.pop(purpose, None)
    if session.row is not None:
        # With what the answer changes, because a session that gets a new token is read again from its row.
        session.row.data = dict(session)
    if kept is None or clock.now() - datetime.fromisoformat(kept[1]) > ANSWER_WITHIN:
        raise PasskeyRefused
    return base64url_to_bytes(kept[0])


def read(answer: str) -> dict[str, Any]:
    """The answer as JSON. Raises PasskeyRefused."""
    if len(answer) > LONGEST:
        raise PasskeyRefused
    try:
        found = json.loads(answer)
    except (ValueError, RecursionError) as problem:
        raise PasskeyRefused from problem
    if not isinstance(found, dict):
        raise PasskeyRefused
    return found


def possible() -> bool:
    """Whether browsers make passkeys for this site: its address must have a name, not a number."""
    try:
        ip_address(host())
    except ValueError:
        return True
    return False


def host() -> str:
    """The id of the relying party (WebAuthn, section 4)."""
    return _settings().base_host


def origin() -> str:
    """As browsers write it: without the port that goes without saying."""
    parts = urlsplit(_settings().base_url)
    port = "" if parts.port in (None, _PORTS.get(parts.scheme)) else f":{parts.port}"
    return f"{parts.scheme}://{parts.hostname}{port}"


def _settings() -> Settings:
    settings: Settings = current_app.extensions["petition.settings"]
    return settings
