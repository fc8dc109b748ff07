"""A partner's page: the snippets to copy, and the live preview."""

import base64
import hashlib
import html
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from petition.embed import loader
from petition.extensions import db
from petition.partners import enrolling
from petition.partners import reading as partners
from tests import make, staff

PAGE = "/partners/byron"


def copied(page: str) -> list[str]:
    """What its buttons copy."""
    return [html.unescape(found) for found in re.findall(r'data-copy data-url="([^"]*)"', page)]


def test_it_shows_three_snippets_that_carry_the_partners_name(client: FlaskClient) -> None:
    make.partner("byron")
    script, frame, link = copied(client.get(PAGE, query_string={"lang": "en"}).text)
    assert 'declaration="child-dignity" partner="byron" lang="en"' in script
    assert f'href="http://localhost:8000{make.PAGE}?partner=byron"' in script, "the link where scripts do not run"
    assert 'src="http://localhost:8000/embed/child-dignity?partner=byron&amp;lang=en"' in frame
    assert 'title="' in frame
    assert link.startswith(f'<a href="http://localhost:8000{make.PAGE}?partner=byron">')


def test_the_scripts_address_and_integrity_are_those_of_the_file(client: FlaskClient) -> None:
    make.partner("byron")
    script = copied(client.get(PAGE).text)[0]
    found = re.search(r'src="http://localhost:8000(/embed-[0-9a-f]+\.js)" async crossorigin="anonymous"', script)
    assert found
    body = client.get(found[1]).data
    digest = base64.b64encode(hashlib.sha384(body).digest()).decode()
    assert f'integrity="sha384-{digest}"' in script
    assert body == loader.current().body


def test_the_preview_is_the_real_form_and_the_page_allows_no_other_frame(client: FlaskClient) -> None:
    make.partner("byron")
    answer = client.get(PAGE)
    policy = answer.headers["Content-Security-Policy"]
    assert "frame-src 'self'" in policy and "frame-ancestors 'none'" in policy
    assert "<declaration-form" in answer.text
    assert (
        "frame-ancestors 'self'" in client.get("/embed/child-dignity?partner=byron").headers["Content-Security-Policy"]
    )


def test_its_texts_are_those_of_the_partners_languages_and_declarations(client: FlaskClient) -> None:
    make.partner("byron", languages=("it", "ar"))
    page = client.get(PAGE).text
    assert set(re.findall(r"lang=(\w\w)\" hreflang", page)) <= {"it", "ar"}
    assert 'lang="ar"' in copied(client.get(f"{PAGE}?lang=ar").text)[0]
    assert 'lang="it"' in copied(client.get(f"{PAGE}?lang=de").text)[0]
    assert client.get(f"{PAGE}?declaration=nothing").status_code == 200


def test_names_are_shown_as_names(client: FlaskClient) -> None:
    make.partner("byron", name='Byron & "Sons"')
    assert "Byron &amp; &#34;Sons&#34;" in client.get(PAGE).text


@pytest.mark.parametrize("path", ["/partners/nobody", "/partners/%3Cb%3E", "/partners/" + "x" * 500])
def test_no_such_partner_is_not_found(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_a_partner_that_is_switched_off_has_no_page(client: FlaskClient) -> None:
    partner = make.partner("byron")
    enrolling.disable(partner)
    db.session.commit()
    partners.forget()
    assert client.get(PAGE).status_code == 404


def test_it_tells_nothing_that_is_not_public(client: FlaskClient) -> None:
    partner = make.partner("byron", contact="secret.desk@example.org")
    page = client.get(PAGE).text
    assert "secret.desk" not in page and partner.public_id not in page


def test_a_partners_people_and_organisers_find_it_in_the_console(app: Flask) -> None:
    make.partner("byron")
    make.partner("shelley")
    organiser = staff.signed_in(app, "organiser", slug=None)
    answer = organiser.get("/console/carrying/byron/form?lang=it")
    assert answer.status_code == 200
    assert 'partner="byron" lang="it"' in copied(answer.text)[0]
    assert "frame-src 'self'" in answer.headers["Content-Security-Policy"]
    assert organiser.get("/console/carrying/nobody/form").status_code == 404


def test_in_the_console_a_partner_that_is_switched_off_has_no_preview(app: Flask) -> None:
    partner = make.partner("byron")
    enrolling.disable(partner)
    db.session.commit()
    page = staff.signed_in(app, "organiser", slug=None).get("/console/carrying/byron/form?lang=en").text
    assert "switched off" in page and "Live preview" not in page
