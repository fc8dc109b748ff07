"""Origins: public names, names of a private network, addresses and this machine, each as browsers write it."""

import pytest

from petition.partners import origins
from petition.partners.origins import OriginRefused


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://WWW.Example.ORG:443/", "https://www.example.org"),
        ("https://bücher.example.org", "https://xn--bcher-kva.example.org"),
        ("https://straße.example.org", "https://xn--strae-oqa.example.org"),
        ("https://partner.test", "https://partner.test"),
        ("https://intranet.local:8443", "https://intranet.local:8443"),
        ("https://192.0.2.3", "https://192.0.2.3"),
        ("https://[2001:DB8:0::1]", "https://[2001:db8::1]"),
        ("http://localhost:8001", "http://localhost:8001"),
        ("https://a.localhost:8443", "https://a.localhost:8443"),
        ("http://a.localhost", "http://a.localhost"),
        ("http://127.0.0.1:80", "http://127.0.0.1"),
        ("http://127.0.0.2", "http://127.0.0.2"),
        ("http://[::1]:8001", "http://[::1]:8001"),
    ],
)
def test_an_origin_is_kept_as_browsers_write_it(given: str, kept: str) -> None:
    assert origins.read(given) == kept


@pytest.mark.parametrize(
    "given",
    [
        "", "null", "https://", "https://*.example.org", "https://www.example.org/page", "https://www.example.org?a",
        "https://a@www.example.org", "https://www.example.org; script-src *", "https://www.example.org:99999",
        "https://www.example.org.", "https://example", "https://127.1", "https://1.2.3.4.5", "https://[fe80::1%eth0]",
        "https://a..example.org", "https://-a.example.org", "https://a b.example.org", f"https://{'a' * 64}.org",
        "http://www.example.org", "http://192.0.2.3", "http://intranet.local", "http://localhost.example.org",
        "ftp://localhost", "https://[::1", "https://www.example.org:x",
    ],
)  # fmt: skip
def test_what_is_no_origin_is_refused(given: str) -> None:
    with pytest.raises(OriginRefused):
        origins.read(given)
