"""Addresses: what leads into a private network is refused, however it is written; the internet is not."""

import socket
from ipaddress import ip_address, ip_network

import pytest

from petition.webhooks import targets
from petition.webhooks.refusals import NoAddress, NotEncrypted, PrivateAddress, UnknownHost
from tests.webhooks.receiving import LOOPBACK

PRIVATE = [
    "127.0.0.1", "127.1", "2130706433", "017700000001", "0x7f000001", "0x7f.1", "0.0.0.0", "0",
    "10.0.0.1", "172.16.3.4", "192.168.1.1", "169.254.169.254", "2852039166", "100.64.0.1", "100.100.100.200",
    "192.0.0.192", "198.18.0.1", "192.0.2.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "168.63.129.16",
    "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::ffff:10.0.0.1]", "[::127.0.0.1]",
    "[fe80::1]", "[fc00::1]", "[fd00:ec2::254]", "[fec0::1]", "[ff02::1]", "[2001:db8::1]",
    "[64:ff9b::7f00:1]", "[64:ff9b::a9fe:a9fe]", "[64:ff9b:1::1]", "[2002:7f00:1::]", "[2001:0:7f00:1::]",
    "localhost", "LOCALHOST", "１２７.0.0.1", "127。0。0。1",
]  # fmt: skip
PUBLIC = ["8.8.8.8", "1.1.1.1", "[2606:4700::1111]", "[64:ff9b::808:808]"]


@pytest.mark.parametrize("host", PRIVATE)
def test_an_address_of_a_private_network_is_refused_in_every_spelling(host: str) -> None:
    with pytest.raises(PrivateAddress):
        targets.find(targets.parse(f"https://{host}/hooks"), allowed=())


@pytest.mark.parametrize("host", PUBLIC)
def test_an_address_of_the_internet_is_let_through(host: str) -> None:
    assert targets.is_public(ip_address(host.strip("[]")))


def test_one_private_address_among_public_ones_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The name server is the attacker's: this is the wire, and the only thing here that is not real."""

    def answer(*_: object, **__: object) -> list[tuple[object, ...]]:
        return [(socket.AF_INET, 1, 6, "", (ip, 443)) for ip in ("8.8.8.8", "10.0.0.1")]

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    with pytest.raises(PrivateAddress):
        targets.find(targets.parse("https://hooks.example.org"), allowed=())


def test_a_network_that_the_operator_names_is_let_through_without_encryption_too() -> None:
    assert targets.find(targets.parse("http://127.0.0.1:8080/"), allowed=LOOPBACK)
    assert targets.find(targets.parse("https://127.0.0.1/"), allowed=LOOPBACK)
    with pytest.raises(PrivateAddress):
        targets.find(targets.parse("http://127.0.0.1/"), allowed=(ip_network("10.0.0.0/8"),))


def test_elsewhere_encryption_is_needed() -> None:
    with pytest.raises(NotEncrypted):
        targets.find(targets.parse("http://8.8.8.8/"), allowed=LOOPBACK)


def test_a_name_that_nobody_knows_is_refused() -> None:
    with pytest.raises(UnknownHost):
        targets.find(targets.parse("https://no-such-host.invalid/"), allowed=())


@pytest.mark.parametrize(
    "url",
    [
        "", "hooks", "example.org/hooks", "ftp://example.org/", "file:///etc/passwd", "https://", "https:///hooks",
        "https://user:password@example.org/", "https://user@example.org/", "https://@example.org/",
        "https://example.org/#part", "https://example.org:0/", "https://example.org:99999/", "https://[::1/",
        "https://exam ple.org/", "https://example.org/\r\nX-Evil: 1", "https://example.org/\0", "\thttps://example.org",
        "https://" + "a" * 500 + ".org/", "https://" + "a" * 70 + ".org/", "gopher://example.org", "https://..",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(NoAddress):
        targets.parse(url)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("https://Example.ORG", "https://example.org/"),
        ("https://example.org:443/hooks?a=b&c=%20", "https://example.org/hooks?a=b&c=%20"),
        ("HTTPS://example.org:8443/Hooks", "https://example.org:8443/Hooks"),
        ("https://bücher.example.org/für", "https://xn--bcher-kva.example.org/f%C3%BCr"),
        ("https://[2606:4700::1111]:8443/", "https://[2606:4700::1111]:8443/"),
    ],
)
def test_an_address_is_kept_as_a_request_needs_it(typed: str, kept: str) -> None:
    target = targets.parse(typed)
    assert target.url == kept
    assert targets.parse(target.url) == target
