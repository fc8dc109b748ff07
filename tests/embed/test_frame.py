"""The frame: who may show it, in whose language and colours, and what becomes of a post from it."""

import gzip
import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from petition import clock
from petition.defence.requests import MAX_BODY_BYTES, TOO_SLOW
from petition.embed import frames
from petition.extensions import db
from petition.partners import enrolling
from petition.signatures import tickets
from petition.signatures.models import Submission
from tests import make
from tests.conftest import Mailbag, browser

EMBED = f"/embed/{make.SLUG}"
FRAME = f"{EMBED}?partner=byron&lang=en"
MOST_BYTES = 25_000
"""The frame with everything, as it comes over the wire."""
ORIGIN = "https://www.example.org"


def ancestors(answer: TestResponse) -> str:
    found = re.search(r"frame-ancestors ([^;]*)", answer.headers["Content-Security-Policy"])
    assert found
    return found[1]


def field(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, page[:300]
    return found[1]


def is_for_byron(answer: TestResponse) -> bool:
    return ancestors(answer) == f"'self' {ORIGIN}" and "X-Frame-Options" not in answer.headers


def form(client: FlaskClient, **given: str) -> dict[str, str]:
    return make.form(ticket=field(client.get(FRAME).text, "ticket"), **given)


def the_submission() -> Submission:
    return db.session.scalars(select(Submission)).one()


@pytest.fixture
def byron(app: Flask) -> None:
    make.partner("byron", origins=(ORIGIN,))


@pytest.mark.usefixtures("byron")
def test_the_frame_shows_title_summary_count_and_form_and_sets_no_cookie(client: FlaskClient) -> None:
    answer = client.get(FRAME)
    text = make.text()
    assert answer.status_code == 200
    assert text.title in answer.text and text.summary[:40] in answer.text
    assert 'name="email"' in answer.text and 'id="tally"' in answer.text
    assert f'href="/en/{make.SLUG}?partner=byron" target="_blank"' in answer.text
    assert "Set-Cookie" not in answer.headers
    assert is_for_byron(answer)


@pytest.mark.usefixtures("byron")
def test_whoever_signs_in_the_frame_is_attributed_to_partner_and_source(client: FlaskClient, mails: Mailbag) -> None:
    answer = client.post(f"{FRAME}&source=newsletter", data=form(client))
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"{EMBED}/check-your-mail?partner=byron&lang=en&source=newsletter"
    assert is_for_byron(answer)
    submission = the_submission()
    assert (submission.channel, submission.partner, submission.source) == ("embed", "byron", "newsletter")
    thanks = client.get(answer.headers["Location"])
    assert thanks.status_code == 200 and is_for_byron(thanks)
    code = 'action="/en/confirm?partner=byron&amp;source=newsletter" method="post" target="_blank"'
    assert f'<form class="form" id="form" {code}' in thanks.text
    assert " data-signed" in thanks.text
    mails.take()


@pytest.mark.usefixtures("byron")
def test_the_path_sign_takes_the_form_as_well(client: FlaskClient, mails: Mailbag) -> None:
    shown = client.get(f"{EMBED}/sign?partner=byron&lang=en")
    assert shown.status_code == 200 and is_for_byron(shown)
    data = make.form(ticket=field(shown.text, "ticket"))
    assert client.post(f"{EMBED}/sign?partner=byron&lang=en", data=data).status_code == 303
    mails.take()


@pytest.mark.usefixtures("byron")
@pytest.mark.parametrize("source", ["A B", "x" * 41, "<script>", "ä", "a'b"])
def test_a_malformed_source_is_dropped_and_shown_nowhere(client: FlaskClient, mails: Mailbag, source: str) -> None:
    answer = client.post(EMBED, query_string={"partner": "byron", "lang": "en", "source": source}, data=form(client))
    assert answer.status_code == 303 and "source" not in answer.headers["Location"]
    assert the_submission().source == ""
    mails.take()


@pytest.mark.parametrize("query", ["", "?partner=", "?partner=nobody", "?partner=nobody&lang=it", "?partner=%3Cb%3E"])
def test_without_a_partner_nobody_may_frame_it_and_the_page_says_so_with_a_link(
    client: FlaskClient, query: str
) -> None:
    answer = client.get(EMBED + query)
    assert answer.status_code == 404
    assert ancestors(answer) == "'none'" and answer.headers["X-Frame-Options"] == "DENY"
    assert re.search(rf'href="/(en|it)/{make.SLUG}" target="_top"', answer.text)
    assert client.post(EMBED + query, data=make.form(ticket="x")).status_code == 404
    tracked = client.get(f"{EMBED}{query or '?'}&source=flyer")
    assert re.search(rf'href="/(en|it)/{make.SLUG}\?source=flyer" target="_top"', tracked.text)


def test_a_partner_that_is_switched_off_loses_its_frame_at_once(app: Flask, client: FlaskClient) -> None:
    partner = make.partner("byron", origins=(ORIGIN,))
    assert client.get(FRAME).status_code == 200
    enrolling.disable(partner)
    db.session.commit()
    app.extensions["petition.shelf"].clear()
    answer = client.get(FRAME)
    assert answer.status_code == 404 and ancestors(answer) == "'none'"


def test_who_fills_in_the_form_of_a_partner_switched_off_meanwhile_is_told_inside_the_frame(
    app: Flask, client: FlaskClient
) -> None:
    partner = make.partner("byron", origins=(ORIGIN,))
    typed = form(client)
    enrolling.disable(partner)
    db.session.commit()
    app.extensions["petition.shelf"].clear()
    answer = client.post(FRAME.replace("lang=en", "lang=it"), data=typed)
    assert answer.status_code == 404 and is_for_byron(answer)
    assert '<html lang="it"' in answer.text and f"/it/{make.SLUG}" in answer.text
    assert "any more; please sign on our site" in client.post(FRAME, data=typed).text
    assert db.session.scalars(select(Submission)).all() == []
    forged = client.post(FRAME, data={**typed, "ticket": "forged"})
    assert forged.status_code == 404 and ancestors(forged) == "'none'"


def test_a_partner_carries_only_the_declarations_that_it_was_given(client: FlaskClient) -> None:
    make.partner("byron", carries=())
    assert client.get(FRAME).status_code == 404
    assert client.get("/embed/nothing?partner=byron").status_code == 404


def test_the_wrappers_of_a_site_builder_may_frame_it_too(client: FlaskClient) -> None:
    make.partner("byron", origins=(ORIGIN,), builders=("wix",))
    assert ancestors(client.get(FRAME)) == f"'self' {ORIGIN} https://*.filesusr.com"


@pytest.mark.usefixtures("byron")
def test_everything_else_stays_unframeable(client: FlaskClient) -> None:
    for path in (make.PAGE, make.SIGN, "/en/confirm", "/en/confirm/x", f"{make.PAGE}?partner=byron", "/partners/byron"):
        answer = client.get(path)
        assert ancestors(answer) == "'none'" and answer.headers["X-Frame-Options"] == "DENY", path


@pytest.mark.usefixtures("byron")
def test_every_refused_post_stays_in_the_frame_with_everything_typed(client: FlaskClient) -> None:
    good = form(client)
    refused = {
        422: client.post(FRAME, data={**good, "email": "ada@"}),
        409: client.post(FRAME, data={**good, "ticket": "forged"}),
        403: client.post(FRAME, data=good, headers={"Sec-Fetch-Site": "cross-site", "Origin": ORIGIN}),
    }
    for status, answer in refused.items():
        assert answer.status_code == status
        assert is_for_byron(answer)
        assert 'value="Ada Lovelace"' in answer.text
        assert 'action="' not in answer.text, "the form posts to the frame's own address"
        assert answer.headers["Cache-Control"] == "no-store"
        assert 'class="framed"' in answer.text
    assert db.session.scalars(select(Submission)).all() == []


@pytest.mark.usefixtures("byron")
def test_tickets_are_bound_to_the_frame_and_its_partner(client: FlaskClient) -> None:
    make.partner("shelley", origins=("https://shelley.example.org",))
    in_frame = field(client.get(FRAME).text, "ticket")
    for path, ticket in (
        (FRAME, make.ticket()),
        (make.SIGN, in_frame),
        (f"{EMBED}?partner=shelley&lang=en", in_frame),
        (f"{EMBED}?partner=byron&lang=it", in_frame),
    ):
        assert client.post(path, data=make.form(ticket=ticket)).status_code == 409, path


@pytest.mark.usefixtures("byron")
def test_an_old_ticket_shows_the_form_again_with_one_that_works(client: FlaskClient, mails: Mailbag) -> None:
    frame = frames.find(make.SLUG, {"partner": "byron", "lang": "en"})
    assert frame
    old = tickets.make(frame.text, at=clock.now() - timedelta(days=2), embed=frame.bond)
    answer = client.post(FRAME, data=make.form(ticket=old))
    assert answer.status_code == 409 and is_for_byron(answer)
    assert client.post(FRAME, data=make.form(ticket=field(answer.text, "ticket"))).status_code == 303
    mails.take()


@pytest.mark.usefixtures("byron")
def test_a_sandbox_that_hides_the_origin_is_shown_the_way_to_our_own_site(client: FlaskClient) -> None:
    hidden = {"Sec-Fetch-Site": "cross-site", "Origin": "null"}
    answer = client.post(f"{FRAME}&source=flyer", data=form(client), headers=hidden)
    assert answer.status_code == 403 and is_for_byron(answer)
    assert f'href="http://localhost:8000/en/{make.SLUG}?partner=byron&amp;source=flyer" target="_blank"' in answer.text
    assert 'name="email"' not in answer.text
    assert db.session.scalars(select(Submission)).all() == []


def test_the_language_is_the_one_asked_for_else_the_partners_first(client: FlaskClient) -> None:
    make.partner("byron", languages=("it", "de"))
    english = {"Accept-Language": "en"}
    for query, language in (("", "it"), ("&lang=de", "de"), ("&lang=ar", "ar"), ("&lang=xx", "it")):
        page = client.get(f"{EMBED}?partner=byron{query}", headers=english).text
        assert f'<html lang="{language}"' in page, query
        assert make.text(language).title in page
    assert 'dir="rtl"' in client.get(f"{EMBED}?partner=byron&lang=ar").text
    assert 'lang="de"' in client.post(f"{EMBED}?partner=byron&lang=de", data={}, headers=english).text


def test_colours_of_a_partner_are_allowed_by_their_hash_alone_and_stay_readable(client: FlaskClient) -> None:
    pair = {"accent": "#7a0019", "background": "#fff3d0"}
    make.partner("byron", colours={"light": pair})
    answer = client.get(FRAME)
    assert "--accent:#7a0019" in answer.text and "--paper:#fff3d0" in answer.text
    policy = answer.headers["Content-Security-Policy"]
    assert "style-src 'self' 'sha256-" in policy and "unsafe" not in policy
    plain = make.partner("shelley")
    assert "<style>" not in client.get(f"{EMBED}?partner={plain.slug}&lang=en").text


@pytest.mark.usefixtures("byron")
def test_all_sources_share_one_kept_page(app: Flask, client: FlaskClient) -> None:
    pages = {client.get(f"{FRAME}&source=flyer{number}").data for number in range(30)}
    assert len(pages) == 1 and b"flyer" not in pages.pop()
    kept = [place for place in app.extensions["petition.shelf"].kept if place[1].startswith(EMBED)]
    assert kept == [("localhost", f"{EMBED}\0byron&en")]
    assert is_for_byron(client.get(FRAME)), "the shelf keeps the headers too"
    assert client.get(FRAME, headers={"If-None-Match": client.get(FRAME).headers["ETag"]}).status_code == 304


@pytest.mark.parametrize(
    ("query", "what"),
    [
        ("partner=byron&lang=en&source=a", "byron&en"),
        ("lang=en&partner=byron", "byron&en"),
        ("partner=byron", "byron&"),
        ("partner=byron&lang=xx", None),
        ("partner=" + "b" * 41, None),
        ("partner=&partner=byron&lang=en", None),
        ("partner=byron&partner=shelley", "byron&"),
        ("partner=Byron", None),
        ("lang=en", None),
        ("a&b&c&partner=byron", "byron&"),
        ("a&b&c&d&e&partner=byron", None),
    ],
)
def test_of_a_query_only_partner_and_language_matter(query: str, what: str | None) -> None:
    assert frames.what_matters(query) == what


@pytest.mark.parametrize("rest", ["&a&b&c&d&e", "&source=x&source=y", "&a=1;b=2"])
def test_two_partners_never_get_one_anothers_frame_whatever_the_query_has_besides(
    client: FlaskClient, rest: str
) -> None:
    red, blue = "https://red.example.org", "https://blue.example.org"
    make.partner("red", origins=(red,))
    make.partner("blue", origins=(blue,))
    for _ in range(2):
        for slug, origin in (("red", red), ("blue", blue)):
            answer = client.get(f"{EMBED}?partner={slug}{rest}")
            assert ancestors(answer) == f"'self' {origin}"
            assert f"?partner={slug}" in answer.text


def test_nothing_is_kept_for_partners_that_somebody_made_up(app: Flask, client: FlaskClient) -> None:
    for number in range(5):
        client.get(f"{EMBED}?partner=made-up-{number}")
    assert not [place for place in app.extensions["petition.shelf"].kept if place[1].startswith(EMBED)]


@pytest.mark.parametrize("language", ["en", "ar", "hi", "zh"])
def test_the_frame_with_all_that_it_loads_is_light(client: FlaskClient, language: str) -> None:
    make.partner("byron", colours={"light": {"accent": "#7a0019", "background": "#fff3d0"}})
    page = client.get(f"{EMBED}?partner=byron&lang={language}")
    loaded = re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text)
    assert len(loaded) == 4, "two stylesheets and two scripts"
    bodies = [page.data, *(client.get(path, buffered=True).data for path in (*loaded, "/embed.js"))]
    assert sum(len(gzip.compress(body, 9)) for body in bodies) <= MOST_BYTES


@pytest.mark.usefixtures("byron")
def test_too_many_posts_are_told_so_inside_the_frame(app: Flask) -> None:
    client = browser(app)
    settings = app.extensions["petition.settings"]
    object.__setattr__(settings, "sign_limits", "2/minute")
    try:
        data = form(client, email="ada@")
        for _ in range(2):
            client.post(f"{FRAME}&source=a", data=data)
        answer = client.post(f"{FRAME}&source=a", data=data)
    finally:
        object.__setattr__(settings, "sign_limits", "10000/minute")
    assert answer.status_code == 429 and int(answer.headers["Retry-After"]) > 0
    assert is_for_byron(answer)
    assert 'action="/embed/child-dignity?partner=byron&amp;lang=en&amp;source=a"' in answer.text
    assert 'name="name" value="Ada Lovelace"' in answer.text
    assert 'class="framed"' in answer.text


@pytest.mark.usefixtures("byron")
@pytest.mark.parametrize("query", ["&lang=it", "&lang=it&source=a"])
def test_what_arrives_broken_too_large_or_too_slowly_is_told_inside_the_frame(client: FlaskClient, query: str) -> None:
    frame = f"{EMBED}?partner=byron{query}"
    told = {
        400: client.post(frame, data=b"name=%00", content_type="application/x-www-form-urlencoded"),
        408: client.post(frame, environ_overrides={TOO_SLOW: True}),
        413: client.post(frame, data={"name": "a" * MAX_BODY_BYTES}),
    }
    for status, answer in told.items():
        assert answer.status_code == status and is_for_byron(answer)
        assert '<html lang="it"' in answer.text and 'class="framed"' in answer.text
        assert f'href="{frame.replace("&", "&amp;")}"' in answer.text, "the way back to the form"
        assert client.get(frame).status_code == 200


@pytest.mark.usefixtures("byron")
@pytest.mark.parametrize("query", ["", "?partner=nobody"])
def test_whose_frame_it_is_stays_unknown_where_neither_address_nor_body_tells(client: FlaskClient, query: str) -> None:
    answer = client.post(EMBED + query, environ_overrides={TOO_SLOW: True})
    assert answer.status_code == 408 and ancestors(answer) == "'none'"
    assert "did not arrive whole" in answer.text
