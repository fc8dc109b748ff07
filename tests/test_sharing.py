"""Links with which a page is passed on: plain, encoded, to no tracker."""

from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from flask import Flask
from flask_babel import force_locale

from petition import sharing

URL = "https://sign.example.org/en/child-dignity"
WORDS = ["The dignity of children", "A & B? #1 100% «x» +y", "人工智能 كرامة", "a\"b'c<d>"]


def _links(app: Flask, text: str) -> dict[str, str]:
    with force_locale("en"):
        return dict(sharing.links(URL, text))


def test_there_is_a_link_for_each_way_that_the_issue_names(app: Flask) -> None:
    ways = ["Email", "WhatsApp", "Telegram", "X", "Facebook", "LinkedIn", "Mastodon"]
    assert list(_links(app, "Text")) == ways


@pytest.mark.parametrize("text", WORDS)
def test_whatever_the_words_they_arrive_as_they_are(app: Flask, text: str) -> None:
    links = _links(app, text)
    given = {name: parse_qs(urlsplit(href).query, strict_parsing=True) for name, href in links.items() if "?" in href}
    assert given["Email"] == {"subject": [text], "body": [f"{text}\r\n\r\n{URL}"]}
    assert given["WhatsApp"] == {"text": [f"{text} {URL}"]}
    assert given["Telegram"] == {"url": [URL], "text": [text]}
    assert given["X"] == {"text": [text], "url": [URL]}
    assert given["Facebook"] == {"u": [URL]}
    assert given["LinkedIn"] == {"url": [URL]}
    assert unquote(urlsplit(links["Mastodon"]).fragment) == f"text={text} {URL}"


@pytest.mark.parametrize("text", WORDS)
def test_a_link_is_ascii_without_spaces_or_quotes(app: Flask, text: str) -> None:
    for href in _links(app, text).values():
        assert href.isascii() and not set(href) & set(" \"'<>\r\n")


def test_the_way_to_mastodon_tells_the_server_between_nothing(app: Flask) -> None:
    """What stands after # stays in the browser."""
    parts = urlsplit(_links(app, "Text")["Mastodon"])
    assert not parts.query and parts.fragment
