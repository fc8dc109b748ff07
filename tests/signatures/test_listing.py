"""The list of signatories: those who chose to be seen, newest first, paged by key."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from petition import clock
from petition.extensions import db
from petition.signatures import listing
from tests import make
from tests.signatures import steps

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
LIST = f"/en/{make.SLUG}/signatories"


def _names(html: str) -> list[str]:
    return [part.partition("<")[0] for part in html.split('class="person">')[1:]]


def _cursor(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def test_only_those_who_chose_so_are_named(app: Flask, client: FlaskClient) -> None:
    for visibility in ("public", "addressee", "counted"):
        make.signature(name=f"Ada {visibility}", visibility=visibility)
    make.submission(name="Not confirmed", visibility="public")

    page = steps.look(client, LIST)

    assert _names(page.html) == ["Ada public"]
    assert "Not confirmed" not in page.html and "Ada addressee" not in page.html and "Ada counted" not in page.html
    assert steps.counted(app, client) == 3


@pytest.mark.parametrize("fact", ["withdrawn_at", "invalidated_at", "held_at"])
def test_what_is_not_counted_is_not_shown(app: Flask, client: FlaskClient, fact: str) -> None:
    signature = make.signature(name="Ada Lovelace")
    setattr(signature, fact, clock.now())
    db.session.commit()

    assert not signature.counted
    assert _names(steps.look(client, LIST).html) == []


def test_the_newest_come_first_and_every_page_follows_the_last(app: Flask, client: FlaskClient) -> None:
    everyone = []
    for number in range(listing.PAGE * 2 + 3):
        # Threes of one moment: the order between them is by their ids.
        with time_machine.travel(NOON + timedelta(seconds=number // 3), tick=False):
            everyone.append(make.signature(name=f"Signatory {number}"))
    everyone.sort(key=lambda each: (each.confirmed_at, each.public_id), reverse=True)
    expected = [each.name for each in everyone]

    shown: list[str] = []
    path: str | None = LIST
    while path:
        html = steps.look(client, path).html
        shown += _names(html)
        path = LIST + html.partition(f'href="{LIST}?after=')[2].partition('"')[0].join(["?after=", ""])
        path = path if 'rel="next"' in html else None

    assert shown == expected
    assert len(set(shown)) == len(everyone)


def test_the_list_is_not_for_search_engines(client: FlaskClient) -> None:
    answer = client.get(LIST)

    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "9" * 300,
        "-1",
        "x",
        "é",
        "☃" * 20,
        "../../etc/passwd",
        "' OR 1=1 --",
        _cursor("no number.abc"),
        _cursor("1" * 50),
        _cursor("9" * 30 + ".x"),
        _cursor("-" + "9" * 30 + ".x"),
        _cursor("1.\0"),
        _cursor("nan.x"),
        _cursor("1e5.x"),
        "====",
        "a",
        "%2500",
    ],
)
def test_a_made_up_place_in_the_list_is_not_found(client: FlaskClient, cursor: str) -> None:
    make.signature()

    assert client.get(LIST, query_string={"after": cursor}).status_code == 404


@pytest.mark.parametrize("micros", ["0", "-1", "-62135596800000000", "253402300799999999"])
def test_a_place_before_or_after_everyone_is_an_empty_or_full_page(client: FlaskClient, micros: str) -> None:
    make.signature(name="Ada")

    html = steps.look(client, f"{LIST}?after={_cursor(micros + '.x')}").html

    assert _names(html) == (["Ada"] if micros.startswith("2534") else [])


@pytest.mark.parametrize("query", ["after=%00", "after=%ff", "x=%c3%28", "%00"])
def test_a_query_that_is_no_text_is_a_bad_request(client: FlaskClient, query: str) -> None:
    assert client.get("/", environ_overrides={"PATH_INFO": LIST, "QUERY_STRING": query}).status_code == 400


def test_names_are_shown_as_text_and_apart_from_each_others_direction(client: FlaskClient) -> None:
    make.signature(name="<b>Ada</b> & Co", affiliation="<script>alert(1)</script>")
    make.signature(name="مريم", country="EG")

    html = steps.look(client, LIST).html

    assert "&lt;b&gt;Ada&lt;/b&gt; &amp; Co" in html and "<script>alert" not in html
    assert '<bdi class="person">مريم</bdi>' in html
