"""Where notices may go: an address is looked up once, checked, and then used as it was checked."""

import ipaddress
import socket
import threading
from collections.abc import Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Any
from urllib.parse import quote, urlsplit

from petition.webhooks.refusals import NoAddress, NotEncrypted, PrivateAddress, UnknownHost

IP = IPv4Address | IPv6Address
Networks = Sequence[IPv4Network | IPv6Network]
PORTS = {"http": 80, "https": 443}
LONGEST = 500
LOOK_UP_WITHIN = timedelta(seconds=5)

_UNICAST = ipaddress.ip_network("2000::/3")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
# Not every Python knows all of these as what they are. The last is public by its number, but answered inside
# a provider's network: Azure's machines get their secrets there.
_SPECIAL = [ipaddress.ip_network(each) for each in ("192.0.0.0/24", "192.88.99.0/24", "2001::/23", "168.63.129.16/32")]


@dataclass(frozen=True)
class Target:
    """An address taken apart; ``host`` as the name server and certificates have it."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def url(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}{self.path}"


@dataclass(frozen=True)
class Door:
    """One network address of a target, as a socket takes it."""

    family: int
    address: tuple[Any, ...]

    @property
    def ip(self) -> IP:
        return ipaddress.ip_address(self.address[0])


def parse(url: str) -> Target:
    """Take the address apart. Raises NoAddress."""
    if not 0 < len(url) <= LONGEST or any(char.isspace() or not char.isprintable() for char in url):
        raise NoAddress
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").encode("idna").decode("ascii"), parts.port
    except ValueError as problem:
        raise NoAddress from problem
    if parts.scheme not in PORTS or not host or port == 0 or "@" in parts.netloc or parts.fragment:
        raise NoAddress
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~")
    query = f"?{quote(parts.query, safe='/%:@!$&()*+,;=~?')}" if parts.query else ""
    return Target(parts.scheme, host, port or PORTS[parts.scheme], path + query)


def find(target: Target, *, allowed: Networks, within: timedelta = LOOK_UP_WITHIN) -> list[Door]:
    """Ask the name server, and let nothing through unless every answer may be connected to.

    One private address among public ones is refused as well: whoever answers so means to be let in somewhere.
    Raises UnknownHost, PrivateAddress and NotEncrypted.
    """
    doors = _look_up(target, within)
    ours = [any(door.ip in network for network in allowed) for door in doors]
    if not all(is_ours or is_public(door.ip) for door, is_ours in zip(doors, ours, strict=True)):
        raise PrivateAddress
    if target.scheme != "https" and not all(ours):
        raise NotEncrypted
    return doors


def is_public(ip: IP) -> bool:
    """Whether this is an address of the open internet, under whatever other address it hides."""
    if any(ip in network for network in _SPECIAL):
        return False
    if isinstance(ip, IPv4Address):
        return ip.is_global and not ip.is_multicast and not ip.is_reserved
    if ip in _NAT64:
        # What an IPv6-only network reaches the IPv4 internet by.
        return is_public(IPv4Address(int(ip) & 0xFFFFFFFF))
    # 6to4 carries an IPv4 address within, and leads there.
    return ip in _UNICAST and ip.is_global and ip.sixtofour is None


def _look_up(target: Target, within: timedelta) -> list[Door]:
    """A name server that does not answer in time knows no name."""
    asked: Future[Iterable[Any]] = Future()
    # Nothing ends a look-up before its time, so one that is waited for no longer runs on by itself.
    threading.Thread(target=_ask, args=(target, asked), name="look-up", daemon=True).start()
    try:
        found = asked.result(within.total_seconds())
    except (OSError, UnicodeError) as problem:
        raise UnknownHost from problem
    doors = [Door(family, address) for family, _type, _protocol, _name, address in found]
    if not doors:
        raise UnknownHost
    return doors


def _ask(target: Target, asked: Future[Iterable[Any]]) -> None:
    try:
        asked.set_result(socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM))
    except (OSError, UnicodeError) as problem:
        asked.set_exception(problem)
