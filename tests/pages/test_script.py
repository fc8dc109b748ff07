"""What pages carry for the script: the count's part alone, and the sentences that it says early."""

import html
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from petition.extensions import db
from petition.tally.models import Tally
from tests import make

PART = re.compile(r'<section class="tally".*?</section>\n', re.DOTALL)
SENTENCES = re.compile(r'<(?:input|select)[^>]* id="(\w+)"[^>]* data-missing="([^"]+)"')
TICKET = re.compile(r'name="ticket" value="([^"]+)"')
ERRORS = re.compile(r'<p class="error" id="(\w+)-error"><span class="unseen">[^<]+</span> ([^<]+)</p>')


def count_to(number: int) -> None:
    db.session.query(Tally).update({"count": number})
    db.session.commit()


@pytest.mark.parametrize("language", ["en", "it", "pl", "ar", "zh"])
@pytest.mark.parametrize("number", [0, 1, 2, 5, 12_345])
def test_the_counts_part_alone_is_the_one_of_the_page(
    app: Flask, client: FlaskClient, language: str, number: int
) -> None:
    count_to(number)
    page = client.get(f"/{language}/{make.SLUG}").text
    alone = client.get(f"/{language}/{make.SLUG}/count")
    assert alone.text.strip() == PART.findall(page)[0].strip()
    assert len(alone.data) < 1500


def test_the_counts_part_names_where_it_is_had_anew(client: FlaskClient) -> None:
    assert f'id="tally" data-live="{make.PAGE}/count"' in client.get(make.PAGE).text


def test_the_page_of_numbers_is_renewed_whole(client: FlaskClient) -> None:
    page = client.get(f"{make.PAGE}/numbers").text
    assert re.search(r'<main id="main" [^>]*data-live="">', page)


def test_the_counts_part_is_kept_by_caches_and_no_search_engine(client: FlaskClient) -> None:
    answer = client.get(f"{make.PAGE}/count")
    assert answer.headers["Cache-Control"].startswith("public, max-age=")
    assert answer.headers["X-Robots-Tag"] == "noindex"
    again = client.get(f"{make.PAGE}/count", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


@pytest.mark.parametrize("path", ["/en/no-such-text/count", "/xx/child-dignity/count", "/en//count"])
def test_there_is_no_count_of_what_is_not_there(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code in (404, 308)


@pytest.mark.parametrize("language", ["en", "it", "ar"])
@pytest.mark.parametrize(
    ("path", "typed"),
    [
        (f"{make.SLUG}/sign", {"visibility": "public"}),
        (f"{make.SLUG}/endorse", {}),
        ("confirm", {}),
    ],
    ids=["sign", "endorse", "code"],
)
def test_fields_carry_the_sentences_of_the_server(
    client: FlaskClient, language: str, path: str, typed: dict[str, str]
) -> None:
    here = f"/{language}/{path}"
    form = client.get(here).text
    carried = dict(SENTENCES.findall(form))
    ticket = "".join(TICKET.findall(form))
    answer = client.post(here, data={"ticket": ticket, **typed})
    assert answer.status_code == 422
    assert carried == dict(ERRORS.findall(answer.text))
    assert len(carried) >= 2


def test_an_address_field_carries_the_sentence_for_half_an_address(client: FlaskClient) -> None:
    answer = client.post(make.SIGN, data=make.form(email="ada@"))
    said = dict(ERRORS.findall(answer.text))["email"]
    assert f'data-wrong="{html.escape(html.unescape(said))}"' in client.get(make.SIGN).text
