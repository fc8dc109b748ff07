"""Origins of partners' pages: exact, with https, and http only on this machine."""

from urllib.parse import urlsplit

from petition import addresses
from petition.addresses import AddressRefused
from petition.settings import LOOPBACK_NAMES

LONGEST = 300
_USUAL_PORT = {"http": 80, "https": 443}


class OriginRefused(ValueError):
    """This is no origin from which the form may be framed."""


def read(given: str) -> str:
    """The origin as browsers write it: small letters, IDNA, and no port where it is the usual one.

    Raises OriginRefused: for paths, wildcards, names and passwords, and for http beyond loopback.
    """
    try:
        parts = urlsplit(given.strip())
        host, port = _host(parts.hostname or ""), parts.port
    except (ValueError, AddressRefused) as problem:
        raise OriginRefused from problem
    if len(given) > LONGEST or parts.path not in ("", "/") or parts.query or parts.fragment or "@" in parts.netloc:
        raise OriginRefused
    if parts.scheme != "https" and not (parts.scheme == "http" and host in LOOPBACK_NAMES):
        raise OriginRefused
    return f"{parts.scheme}://{host}" + ("" if port in (None, _USUAL_PORT[parts.scheme]) else f":{port}")


def _host(name: str) -> str:
    """Raises AddressRefused."""
    if name in ("localhost", "127.0.0.1"):
        return name
    if name == "::1":
        return "[::1]"
    # What may follow the @ of a mail address is a public host, in IDNA.
    return addresses.parse(f"page@{name}").domain
