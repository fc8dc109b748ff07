"""Bad input: every field says what is wrong beside itself and in the summary, and keeps what was typed."""

import html
import re

import pytest
from flask.testing import FlaskClient

from petition.endorsements import sites
from petition.endorsements.sites import SiteRefused
from tests import make
from tests.conftest import Mailbag
from tests.endorsements import steps
from tests.signatures.steps import Page

FIELDS = ("organisation", "country", "site", "person", "role", "email", "agree")
BAD = [
    ("organisation", "", "Please enter the organisation’s name."),
    ("organisation", " \t ", "Please enter the organisation’s name."),
    ("organisation", None, "Please enter the organisation’s name."),
    ("organisation", "=HYPERLINK(1)", "Please begin with a letter"),
    ("organisation", "Visit https://example.org", "Please leave out web and mail addresses."),
    ("organisation", "a\u202eb", "Please leave out invisible characters"),
    ("organisation", "😀 Society", "Please leave out emoji"),
    ("organisation", "x" * 101, "Please use at most 100 characters."),
    ("organisation", "x" * 30_000, "Please use at most 100 characters."),
    ("country", "", "Please choose the organisation’s country."),
    ("country", "XX", "Please choose a country from the list."),
    ("country", "GB" * 40, "Please choose a country from the list."),
    ("site", "", "Please enter the organisation’s website."),
    ("site", "nothing", "Please enter a web address"),
    ("site", "javascript:alert(1)", "Please enter a web address"),
    ("person", "", "Please enter your name."),
    ("person", "Ada <b>", ""),
    ("person", "+1 555", "Please begin with a letter"),
    ("role", "", "Please enter your role."),
    ("role", "a\nb", "Please leave out invisible characters"),
    ("email", "", "Please enter your email address."),
    ("email", "ada", "Please enter a complete email address"),
    ("email", "ada@example.org\nBcc: all@example.org", "Please enter a complete email address"),
    ("agree", None, "To endorse, please agree by ticking this box."),
]


@pytest.mark.parametrize(("name", "value", "sentence"), [each for each in BAD if each[2]])
def test_what_is_wrong_is_said_beside_the_field_and_in_the_summary_and_all_is_kept(
    client: FlaskClient, name: str, value: str | None, sentence: str
) -> None:
    answer = client.post(make.ENDORSE, data=make.endorse_form(organisation="Kept Society") | {name: value or ""})

    assert answer.status_code == 422
    assert answer.headers["Cache-Control"] == "no-store"
    shown = re.sub(r' data-\w+="[^"]*"', "", answer.text)
    assert shown.count(html.escape(sentence, quote=False)) == 2
    assert f'id="{name}-error"' in answer.text and f'href="#{name}"' in answer.text
    page = Page(answer)
    assert page.title.startswith("Error:")
    assert page.form("/endorse").values["person"] == (value or "" if name == "person" else "Ada Lovelace")
    if name not in ("agree", "country"):
        assert page.form("/endorse").values[name] == (value or "").replace("\r\n", "\n")
    assert steps.submissions() == []


def test_an_empty_form_names_every_field_once_in_the_summary(client: FlaskClient) -> None:
    ticket = make.endorse_form()["ticket"]
    answer = client.post(make.ENDORSE, data={"ticket": ticket})
    assert answer.status_code == 422
    assert [answer.text.count(f'<a href="#{name}">') for name in FIELDS] == [1] * len(FIELDS)


def test_what_is_typed_is_escaped_wherever_it_is_shown(client: FlaskClient, mails: Mailbag) -> None:
    attack = "<script>alert(1)</script>"
    link = steps.ask(client, mails, make.email(), organisation=attack, role=attack)
    assert attack not in client.get(link).text


@pytest.mark.parametrize(
    ("typed", "clean"),
    [
        ("https://example.org", "https://example.org"),
        ("http://example.org/", "http://example.org/"),
        ("example.org", "https://example.org"),
        ("WWW.Example.ORG/Path", "https://www.example.org/Path"),
        ("https://münchen.example.org", "https://xn--mnchen-3ya.example.org"),
        ("https://例え.jp/ページ", "https://xn--r8jz45g.jp/%E3%83%9A%E3%83%BC%E3%82%B8"),
        ("https://example.org:8443/a?b=c&d=%20#e", "https://example.org:8443/a?b=c&d=%20"),
        ('https://example.org/"><script>', "https://example.org/%22%3E%3Cscript%3E"),
    ],
)
def test_a_site_is_kept_in_one_clean_form(typed: str, clean: str) -> None:
    assert sites.clean(typed) == clean
    assert sites.clean(clean) == clean


@pytest.mark.parametrize(
    "typed",
    [
        "ftp://example.org", "javascript:alert(1)", "data:text/html,x", "//example.org", "https://", "https:///x",
        "https://localhost", "https://192.0.2.1", "https://[2001:db8::1]", "https://[", "https://user@example.org",
        "https://a:b@example.org", "https://example.org:99999", "https://example.org:0", "https://example.org:x",
        "https://exa mple.org", "https://example.org/a b", "https://example.org\\@evil.org", "https://exa\u202emple.org",
        "https://-.org", "https://a..org", "mailto:a@example.org", "https://example.org/" + "x" * 600,
        "https://example.org/" + "ü" * 100, "://", "x://y.org",
    ],
)  # fmt: skip
def test_what_is_no_public_site_is_refused(typed: str) -> None:
    with pytest.raises(SiteRefused):
        sites.clean(typed)
