"""Unknown hosts are refused on every page but those that machines ask by address."""

import pytest
from flask.testing import FlaskClient

from petition.defence import origins
from tests import make
from tests.standing import AppMaker

PAGES = ["/", make.PAGE, make.SIGN, "/en/privacy", "/static/site.css", f"/api/v1/declarations/{make.SLUG}/count", "/no"]


def ask(client: FlaskClient, path: str, host: str) -> int:
    return client.get(path, headers={"Host": host}).status_code


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(
    "host",
    ["evil.example.org", "sign.example.org.evil.example", "127.0.0.1", "localhost", "evil@sign.example.org", "["],
)
def test_an_unknown_host_gets_400_on_every_page(make_app: AppMaker, path: str, host: str) -> None:
    client = make_app(base_url="https://sign.example.org").test_client()
    ask(client, path, "sign.example.org")
    answer = client.get(path, headers={"Host": host})
    assert answer.status_code == 400
    assert b"evil" not in answer.data


@pytest.mark.parametrize("host", ["sign.example.org", "sign.example.org:443", "SIGN.example.org"])
def test_the_configured_host_is_known(make_app: AppMaker, host: str) -> None:
    assert ask(make_app(base_url="https://sign.example.org").test_client(), make.PAGE, host) == 200


@pytest.mark.parametrize("host", ["evil.example.org", "10.0.0.1:8000", "sign.example.org"])
@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_is_told_to_whoever_asks(make_app: AppMaker, path: str, host: str) -> None:
    assert ask(make_app(base_url="https://sign.example.org").test_client(), path, host) == 200


@pytest.mark.parametrize("base", ["http://localhost:8000", "http://127.0.0.1:8000", "http://[::1]:8000"])
@pytest.mark.parametrize("host", ["localhost", "localhost:9", "127.0.0.1:8000", "[::1]:8000", "[::1]"])
def test_loopback_names_are_known_while_the_base_url_is_loopback(make_app: AppMaker, base: str, host: str) -> None:
    client = make_app(base_url=base).test_client()
    assert ask(client, make.PAGE, host) == 200
    assert ask(client, make.PAGE, "sign.example.org") == 400


@pytest.mark.parametrize(
    ("base", "host", "origin", "ours"),
    [
        ("https://sign.example.org", "sign.example.org", "https://sign.example.org", True),
        ("https://sign.example.org", "sign.example.org", "http://sign.example.org", False),
        ("https://sign.example.org", "sign.example.org:8443", "https://sign.example.org:8443", False),
        ("https://sign.example.org:443", "sign.example.org", "https://sign.example.org", True),
        ("https://SIGN.example.org", "sign.example.org", "https://sign.example.org", True),
        ("http://localhost:8000", "127.0.0.1:9", "http://127.0.0.1:9", True),
        ("http://[::1]:8000", "localhost:8000", "http://localhost:8000", True),
        ("http://[::1]:8000", "localhost:8000", "http://[::1]:8000", True),
    ],
)
def test_only_the_base_urls_own_origin_is_ours_but_on_loopback(
    make_app: AppMaker, base: str, host: str, origin: str, ours: bool
) -> None:
    with make_app(base_url=base).test_request_context(headers={"Host": host, "Origin": origin}):
        assert origins.is_ours() is ours
