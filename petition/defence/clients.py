"""Who is one client: the network address behind the trusted proxies, never stored in clear."""

import base64
import hashlib
import hmac
import os
from datetime import timedelta
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import cast

from flask import current_app, g, request
from sqlalchemy import delete
from sqlalchemy.orm import Session

from petition import clock, keys
from petition.defence.models import NetworkKey
from petition.extensions import db, insert_into
from petition.settings import Network, Settings

IPV6_PREFIX = 64
"""One household or one server commonly has a whole /64, so it counts as one client."""
HASH_BYTES = 16


def network_hash() -> bytes:
    """A keyed hash of the requesting client's address (IPv6 by /64) under this month's key."""
    if "network_hash" not in g:
        g.network_hash = hmac.digest(_month_key(), _client().encode(), hashlib.sha256)[:HASH_BYTES]
    return cast(bytes, g.network_hash)


def address() -> str:
    """The requesting client's address in clear, for what is told to keep it: staff's, never a signatory's."""
    return str(_address())


def named_network() -> Network | None:
    """The named network that the client is in, if any."""
    settings: Settings = current_app.extensions["petition.settings"]
    if not settings.networks:
        return None
    address = _address()
    return next((network for network in settings.networks if address in network.range), None)


def destroy_old_keys() -> int:
    """Destroy the keys of all months but this and the last; what was hashed under them is random from then on."""
    last_month = clock.now().replace(day=1) - timedelta(days=1)
    removed = db.session.execute(delete(NetworkKey).where(NetworkKey.month < f"{last_month:%Y-%m}"))
    return int(removed.rowcount)  # type: ignore[attr-defined]


def _client() -> str:
    address = _address()
    if isinstance(address, IPv6Address):
        return str(ip_network((address, IPV6_PREFIX), strict=False))
    return str(address)


def _address() -> IPv4Address | IPv6Address:
    try:
        address = ip_address(request.remote_addr or "0.0.0.0")
    except ValueError:
        # A proxy may write anything; all that is no address counts as one client.
        return IPv4Address(0)
    return getattr(address, "ipv4_mapped", None) or address


def _month_key() -> bytes:
    month = f"{clock.now():%Y-%m}"
    known: dict[str, bytes] = current_app.extensions.setdefault("petition.network_keys", {})
    if month not in known:
        known.clear()
        known[month] = _kept_key(month)
    return known[month]


def _kept_key(month: str) -> bytes:
    """The month's key, made at its first use; in a transaction of its own, so that every process has the same."""
    ring = keys.ring()
    fresh = ring.encrypt(base64.b64encode(os.urandom(32)).decode())
    with Session(db.engine) as session:
        session.connection(execution_options={"writing": True})
        session.execute(insert_into(NetworkKey).values(month=month, sealed_key=fresh).on_conflict_do_nothing())
        kept = session.get_one(NetworkKey, month)
        session.commit()
        return base64.b64decode(ring.decrypt(kept.sealed_key))
