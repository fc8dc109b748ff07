"""Origins of partners' pages: exact, with https, and http only on this machine."""

import ipaddress
from urllib.parse import urlsplit

import idna

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
        (host, here), port = _host(parts.hostname or ""), parts.port
    except ValueError as problem:
        raise OriginRefused from problem
    if (
        len(given) > LONGEST
        or parts.path not in ("", "/")
        or parts.query
        or parts.fragment
        or "@" in parts.netloc
        or "%" in host
    ):
        raise OriginRefused
    if parts.scheme != "https" and not (parts.scheme == "http" and here):
        raise OriginRefused
    return f"{parts.scheme}://{host}" + ("" if port in (None, _USUAL_PORT[parts.scheme]) else f":{port}")


def _host(name: str) -> tuple[str, bool]:
    """As browsers write it (IDNA, as UTS 46 has it), and whether it is this machine. Raises ValueError."""
    try:
        ip = ipaddress.ip_address(name)
    except ValueError:
        host = idna.encode(name, uts46=True).decode("ascii")
    else:
        return f"[{ip}]" if ip.version == 6 else str(ip), ip.is_loopback
    here = host == "localhost" or host.endswith(".localhost")
    last = host.rpartition(".")[2]
    # What ends in a number, browsers take for an address; in a certificate, and in a policy, no name ends in a dot.
    if not last or last[0].isdigit() or not (here or "." in host):
        raise ValueError(name)
    return host, here
