"""How mails look: readable without images, in either direction, links on lines of their own, plain subjects."""

import re
from html.parser import HTMLParser

import pytest
from flask.testing import FlaskClient

from petition import languages, sharing
from tests import make
from tests.conftest import Mailbag
from tests.services import Mail
from tests.signatures import steps

NAME = "Zebedee Quux"
PAGE = f"http://localhost:8000/en/{make.SLUG}"
TYPED = {"name": NAME, "affiliation": "Xylophone Works", "role": "Yodeller"}


class Links(HTMLParser):
    """Every address that a mail's HTML would load or lead to."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.hrefs: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        self.loaded += [given[name] or "" for name in ("src", "srcset", "background") if name in given]
        if tag == "link":
            self.loaded.append(str(given.get("href")))
        if tag == "a":
            self.hrefs.append(given["href"] or "")


def _part(mail: Mail, kind: str) -> str:
    body = mail.message.get_body((kind,))
    assert body is not None
    return str(body.get_content())


@pytest.fixture
def every_mail(client: FlaskClient, mails: Mailbag) -> list[Mail]:
    address = make.email()
    steps.sign(client, address, **TYPED)
    arrived = mails.take()
    steps.confirm(client, make.link(arrived[0].message, "confirm"))
    arrived += mails.take()
    steps.sign(client, address, name="Mallory Vex")
    arrived += mails.take()
    client.post("/en/signature", data={"email": address})
    arrived += mails.take()
    assert len(arrived) == 4
    return arrived


def test_in_plain_text_every_link_stands_on_a_line_of_its_own(every_mail: list[Mail]) -> None:
    for mail in every_mail:
        lines = [line for line in _part(mail, "plain").splitlines() if "://" in line]
        assert lines and all(re.fullmatch(r"\S+", line) for line in lines)


def test_no_mail_loads_anything_and_both_parts_hold_the_same_links_but_those_to_share(every_mail: list[Mail]) -> None:
    for mail in every_mail:
        found = Links(_part(mail, "html"))
        assert found.loaded == [] and "url(" not in _part(mail, "html")
        plain = set(re.findall(r"^(?:https?|mailto):\S+$", _part(mail, "plain"), re.MULTILINE))
        shares = {href for _name, href in sharing.links(PAGE, make.text().title)}
        assert plain == set(found.hrefs) - shares


def test_a_mail_is_html_and_text_in_its_language_and_direction(every_mail: list[Mail]) -> None:
    for mail in every_mail:
        assert [part.get_content_type() for part in mail.message.iter_parts()] == ["text/plain", "text/html"]
        assert '<html lang="en" dir="ltr">' in _part(mail, "html")
        assert mail.message["Content-Language"] == "en"


@pytest.mark.parametrize("language", [*languages.NAMES])
def test_mails_come_in_the_signatorys_language_and_direction(
    client: FlaskClient, mails: Mailbag, language: str
) -> None:
    signed = client.post(f"/{language}/{make.SLUG}/sign", data=make.form(ticket=make.ticket(language)))
    assert signed.status_code == 303
    asked = mails.take_one()
    steps.confirm(client, make.link(asked.message, "confirm"))
    thanks = mails.take_one()

    assert make.link(asked.message, "confirm").startswith(f"/{language}/confirm/")
    assert make.link(thanks.message, "signature").startswith(f"/{language}/signature/")
    for mail in (asked, thanks):
        assert mail.message["Content-Language"] == language
        assert f'<html lang="{language}" dir="{languages.direction(language)}">' in _part(mail, "html")
        assert make.text(language).title in _part(mail, "plain")


def test_nothing_that_was_typed_stands_in_a_subject(every_mail: list[Mail]) -> None:
    for mail in every_mail:
        words = [word for value in (*TYPED.values(), "Mallory Vex", make.text().title) for word in value.split()]
        assert not {word for word in words if len(word) > 3} & set(mail.message["Subject"].split())


def test_the_thank_you_mail_thanks_by_name_and_offers_every_way_to_share(every_mail: list[Mail]) -> None:
    thanks = every_mail[1]
    assert f"Thank you, {NAME}." in _part(thanks, "plain")
    assert f"Thank you, <bdi>{NAME}</bdi>." in _part(thanks, "html")
    hrefs = Links(_part(thanks, "html")).hrefs
    shares = sharing.links(PAGE, make.text().title)
    assert len(shares) == 7 and PAGE in hrefs
    for name, href in shares:
        assert href in hrefs and name in _part(thanks, "html")
        assert href not in _part(thanks, "plain"), "several hundred characters that nobody can read"
    assert f"\n{PAGE}\n" in _part(thanks, "plain")
    personal = make.link(thanks.message, "signature").rpartition("/")[2]
    assert not [href for _name, href in shares if personal in href], "the personal link is not shared"


@pytest.mark.parametrize(
    ("words", "language", "kept"),
    [
        ("Ada Lovelace", "en", "Ada Lovelace"),
        ("عائشة", "en", "\u2068عائشة\u2069"),
        ("דוד", "fr", "\u2068דוד\u2069"),
        ("Ada Lovelace", "ar", "\u2068Ada Lovelace\u2069"),
        ("1234 5678", "ar", "\u20681234 5678\u2069"),
        ("1234 5678", "zh", "1234 5678"),
    ],
)
def test_words_that_may_run_the_other_way_reorder_nothing_around_them(words: str, language: str, kept: str) -> None:
    assert languages.isolated(words, language) == kept
