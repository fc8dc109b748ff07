"""Every answer carries the headers of the design, whoever made it and whatever became of it."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from petition.headers import EVERY_ANSWER
from tests import make
from tests.conftest import browser
from tests.standing import AppMaker

COUNT = f"/api/v1/declarations/{make.SLUG}/count"


def asked(path: str, **given: object) -> Callable[[FlaskClient], TestResponse]:
    return lambda client: client.get(path, **given)  # type: ignore[arg-type]


def posted(path: str, **given: object) -> Callable[[FlaskClient], TestResponse]:
    return lambda client: client.post(path, **given)  # type: ignore[arg-type]


def shelved(client: FlaskClient) -> TestResponse:
    client.get(make.PAGE)
    return client.get(make.PAGE)


def unchanged(client: FlaskClient) -> TestResponse:
    etag = client.get(make.PAGE).headers["ETag"]
    return client.get(make.PAGE, headers={"If-None-Match": etag})


def stylesheet(client: FlaskClient) -> TestResponse:
    found = re.search(r'href="([^"]+\.css)"', client.get(make.PAGE).text)
    assert found
    return client.get(found[1], buffered=True)


def script(client: FlaskClient) -> TestResponse:
    return client.get(script_of(client.get(make.PAGE).text), buffered=True)


def script_of(page: str) -> str:
    """The address of the one script that a page carries."""
    (found,) = re.findall(r"<script\b([^>]*)>", page)
    address = re.search(r'src="([^"]+)"', found)
    assert address and " defer" in found
    return address[1]


def over_the_limit(client: FlaskClient) -> TestResponse:
    for _ in range(3):
        client.post("/en/confirm")
    return client.post("/en/confirm")


ANSWERS = {
    "a page": (200, asked(make.PAGE)),
    "a page from the shelf": (200, shelved),
    "an unchanged page": (304, unchanged),
    "a compressed page": (200, asked(make.PAGE, headers={"Accept-Encoding": "gzip"})),
    "a form": (200, asked(make.SIGN)),
    "a form with errors": (409, posted(make.SIGN, data={})),
    "a form from another site": (403, posted(make.SIGN, data={}, headers={"Sec-Fetch-Site": "cross-site"})),
    "a redirect": (303, asked("/")),
    "no such page": (404, asked("/no-such-page")),
    "no such declaration": (404, asked("/en/no-such-text")),
    "no such link": (404, asked("/en/confirm/no-such-token")),
    "a method that is not allowed": (405, posted(make.PAGE)),
    "the options of a page": (200, lambda client: client.options(make.PAGE)),
    "a broken request": (400, asked("/en/%00")),
    "broken UTF-8": (400, asked("/en?x=%ff")),
    "an unknown host": (400, asked(make.PAGE, headers={"Host": "evil.example.org"})),
    "a body that is too large": (413, posted(make.SIGN, data={"name": "x" * 70_000})),
    "too many posts": (429, over_the_limit),
    "the API": (200, asked(COUNT)),
    "no such thing in the API": (404, asked("/api/v1/nothing")),
    "the API's own page": (200, asked("/api/v1/")),
    "a submission without a key": (401, posted(f"/api/v1/declarations/{make.SLUG}/signatures", data={})),
    "the count's part of a page": (200, asked(f"{make.PAGE}/count")),
    "a static file": (200, stylesheet),
    "the script": (200, script),
    "no such static file": (404, asked("/static/nothing.css")),
    "health": (200, asked("/healthz")),
    "readiness": (200, asked("/readyz")),
    "the code's page": (200, asked("/en/confirm")),
    "the head of a page": (200, lambda client: client.head(make.PAGE)),
}
EACH = pytest.mark.parametrize(("status", "ask"), ANSWERS.values(), ids=ANSWERS)


def has_every_header(answer: TestResponse, *, https: bool) -> None:
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; ")
    assert "connect-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy and "data:" not in policy
    # One file of ours, and no script that stands in a page: neither host, nor hash, nor nonce.
    assert "script-src 'self'" in policy.split("; ")
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "camera=()" in answer.headers["Permissions-Policy"]
    assert answer.headers["Referrer-Policy"] in ("strict-origin-when-cross-origin", "same-origin")
    assert answer.headers.get("Strict-Transport-Security") == ("max-age=31536000" if https else None)
    assert "Set-Cookie" not in answer.headers
    for name in EVERY_ANSWER:
        assert len(answer.headers.getlist(name)) == 1


@EACH
@pytest.mark.parametrize("base", ["http://localhost:8000", "https://localhost"])
def test_every_kind_of_answer_carries_every_header(
    make_app: AppMaker, base: str, status: int, ask: Callable[[FlaskClient], TestResponse]
) -> None:
    answer = ask(browser(make_app(base_url=base, sign_limits="3/minute")))
    assert answer.status_code == status
    has_every_header(answer, https=base.startswith("https"))


def test_answers_to_trouble_carry_them_too(make_app: AppMaker) -> None:
    app = make_app("postgresql", base_url="https://localhost")

    @app.get("/en/broken")
    def broken() -> None:
        raise LookupError("a secret detail")

    client = browser(app)
    has_every_header(client.get("/en/broken"), https=True)
    with make_app.templates.closed(make_app.urls[-1]):
        away = client.get(make.SIGN)
    assert away.status_code == 503
    assert away.headers["Retry-After"] == "5"
    has_every_header(away, https=True)


def test_pages_reached_by_a_mailed_link_are_stored_by_nobody_and_named_to_nobody(app: Flask) -> None:
    for path in ("/en/confirm/no-such-token", "/en/signature/no-such-token", "/en/not-me/no-such-token"):
        answer = browser(app).get(path)
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Robots-Tag"] == "noindex"


PAGES = (
    *(make.PAGE, make.SIGN, f"{make.PAGE}/numbers", f"{make.PAGE}/signatories", f"{make.PAGE}/check-your-mail"),
    *("/en/confirm", "/en/privacy", "/en/accessibility", "/ar/nowhere"),
)


@pytest.mark.parametrize("path", PAGES)
def test_every_page_carries_the_same_script_from_here(client: FlaskClient, path: str) -> None:
    assert re.fullmatch(r"/static/[0-9a-f]{16}/site\.js", script_of(client.get(path).text))


def test_the_script_is_kept_for_good_under_an_address_that_changes_with_it(client: FlaskClient) -> None:
    answer = script(client)
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.content_type.startswith("text/javascript")
