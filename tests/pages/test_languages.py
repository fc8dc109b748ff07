"""Between the languages: links that name every version of a page, and a switcher that keeps the place."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from petition import languages
from tests import make

PUBLIC = ["", "/sign", "/check-your-mail", "/signatories"]
BESIDE = ["/privacy", "/accessibility", "/confirm"]
PATHS = [*(f"/{make.SLUG}{path}" for path in PUBLIC), *BESIDE]


@pytest.mark.parametrize("path", PATHS)
def test_a_page_names_itself_and_its_other_languages_by_full_addresses(client: FlaskClient, path: str) -> None:
    head = client.get(f"/it{path}").text.split("</head>")[0]
    assert f'<link rel="canonical" href="http://localhost:8000/it{path}">' in head
    found = dict(re.findall(r'<link rel="alternate" hreflang="([^"]+)" href="([^"]+)">', head))
    codes = make.text().declaration.plan.languages if make.SLUG in path else languages.NAMES
    expected = {code: f"http://localhost:8000/{code}{path}" for code in codes if code in languages.NAMES}
    assert found == {**expected, "x-default": f"http://localhost:8000/en{path}"}


@pytest.mark.parametrize("path", ["/en/nowhere", "/en/confirm/no-such-token", "/en/signature/no-such-token"])
def test_a_page_that_is_not_there_names_no_address_for_itself(client: FlaskClient, path: str) -> None:
    page = client.get(path).text
    assert 'rel="canonical"' not in page
    assert "alternate" not in page


@pytest.mark.parametrize("path", PATHS)
def test_the_switcher_leads_to_the_same_page_and_marks_where_one_is(client: FlaskClient, path: str) -> None:
    page = client.get(f"/en{path}").text
    assert '<span aria-current="true">English</span>' in page
    assert f'"/it{path}"' in page
    assert re.search(r'<li lang="it"><(a|button) [^>]*>Italiano<', page)


def test_the_switcher_keeps_what_a_list_was_asked_for(client: FlaskClient) -> None:
    page = client.get(f"{make.PAGE}/signatories?x=%22%3E1&y=%C3%A9").text
    assert f'href="/it/{make.SLUG}/signatories?x=%22%3E1&amp;y=%C3%A9"' in page


def test_on_the_declaration_links_give_way_to_buttons_of_the_form(client: FlaskClient) -> None:
    page = client.get(make.PAGE).text
    item = page.split('<li lang="it"')[1].split("</li>")[0]
    assert f'<a href="/it/{make.SLUG}" hreflang="it">' in item
    assert f'name="switch" value="it" formaction="/it/{make.SLUG}/sign" formnovalidate>' in item
    form = re.search(r'<form class="form" id="form" action="([^"]+)"', page)
    assert form and form[1] == make.SIGN


def test_enter_in_a_field_presses_no_language(client: FlaskClient) -> None:
    """The first submit button of a form, wherever it stands on the page, is the one that Enter presses."""
    for path in (make.PAGE, make.SIGN):
        buttons = re.findall(r"<button[^>]*>", client.get(path).text)
        assert 'form="form"' in buttons[0]
        assert "switch" not in buttons[0]


@pytest.mark.parametrize("path", [f"/fr/{make.SLUG}/x", f"/xx/{make.SLUG}", f"/en/{make.SLUG}/no-such-page"])
def test_a_wrong_address_under_a_declaration_leads_to_its_texts(client: FlaskClient, path: str) -> None:
    answer = client.get(path, headers={"Accept-Language": "it"})
    assert answer.status_code == 404
    for language in ("en", "it"):
        assert f'<a href="/{language}/{make.SLUG}" hreflang="{language}">{make.text(language).title}</a>' in answer.text


@pytest.mark.parametrize("path", ["/xx/%F0%9F%92%A9", "/xx/" + "a" * 500, "/xx/A-B", "//", "/xx/no-such-declaration"])
def test_a_wrong_address_of_any_kind_leads_home(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code in (404, 308)
    if answer.status_code == 404:
        assert 'href="/"' in answer.text


def test_the_accessibility_statement_is_linked_everywhere_and_names_whom_to_write_to(
    app: Flask, client: FlaskClient
) -> None:
    assert 'href="/en/accessibility"' in client.get("/en/nowhere").text
    page = client.get("/en/accessibility").text
    assert "WCAG" in page
    assert "<bdi>Fondazione Child ETS</bdi>" in page
