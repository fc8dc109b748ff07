"""oEmbed: a card for a declaration's address, which WordPress lets through."""

import re
from html.parser import HTMLParser
from urllib.parse import quote, urlsplit

import pytest
from flask.testing import FlaskClient

from tests import make

OURS = "http://localhost:8000"
PAGE = f"{OURS}{make.PAGE}"


def ask(client: FlaskClient, url: str, **more: str) -> dict[str, object]:
    answer = client.get("/oembed", query_string={"url": url, **more})
    assert answer.status_code == 200, answer.data
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    found: dict[str, object] = answer.get_json()
    return found


class WordPress(HTMLParser):
    """What WordPress keeps of a provider that it does not know (``wp_filter_oembed_result``): three elements, a few
    attributes; and then only a quotation and the first frame.
    """

    KEPT = {
        "a": {"href"},
        "blockquote": set(),
        "iframe": {"src", "width", "height", "frameborder", "marginwidth", "marginheight", "scrolling", "title"},
    }

    def __init__(self, html: str) -> None:
        super().__init__()
        self.kept = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag in self.KEPT:
            kept = (f' {name}="{value}"' for name, value in attributes if name in self.KEPT[tag])
            self.kept += f"<{tag}{''.join(kept)}>"

    def handle_endtag(self, tag: str) -> None:
        if tag in self.KEPT:
            self.kept += f"</{tag}>"

    def handle_data(self, data: str) -> None:
        self.kept += data

    @property
    def frame(self) -> str:
        """The frame's address with the secret, as WordPress writes it into its page."""
        found = re.search(r"(<blockquote>.*?</blockquote>)?.*(<iframe.*?></iframe>)", self.kept, re.DOTALL)
        assert found and found[1] and found[2], "a quotation to fall back on, and a frame"
        source = re.search(r' src="(.*?)"', found[2])
        assert source
        return f"{source[1]}#?secret=abc123XYZ0"


@pytest.mark.parametrize("language", ["en", "ar", "zh"])
def test_a_declarations_address_is_described_as_a_card(client: FlaskClient, language: str) -> None:
    text = make.text(language)
    card = ask(client, f"{OURS}/{language}/{make.SLUG}")
    assert (card["version"], card["type"], card["title"]) == ("1.0", "rich", text.title)
    assert card["provider_url"] == OURS and card["cache_age"]
    assert card["thumbnail_url"] == f"{OURS}/{language}/{make.SLUG}/card.png"
    assert (card["thumbnail_width"], card["thumbnail_height"]) == (1200, 630)
    assert "<form" not in str(card["html"])


def test_a_consumer_like_wordpress_keeps_a_frame_that_anyone_may_show(client: FlaskClient) -> None:
    kept = WordPress(str(ask(client, PAGE)["html"]))
    parts = urlsplit(kept.frame)
    assert f"{parts.scheme}://{parts.netloc}" == OURS
    answer = client.get(f"{parts.path}?{parts.query}")
    assert answer.status_code == 200
    policy = answer.headers["Content-Security-Policy"]
    assert "frame-ancestors *" in policy and "X-Frame-Options" not in answer.headers
    assert "<form" not in answer.text and "Set-Cookie" not in answer.headers
    assert make.text().title in answer.text and "0</strong> signatures" in answer.text


@pytest.mark.parametrize(
    ("more", "width", "height", "picture"),
    [
        ({"maxwidth": "400"}, 400, 280, False),
        ({"maxheight": "150"}, 600, 150, False),
        ({"maxwidth": "1200", "maxheight": "630"}, 600, 280, True),
        ({"maxwidth": "1199"}, 600, 280, False),
        ({"maxwidth": "999999999"}, 600, 280, True),
    ],
)
def test_the_card_fits_into_the_room_there_is(
    client: FlaskClient, more: dict[str, str], width: int, height: int, picture: bool
) -> None:
    card = ask(client, PAGE, **more)
    assert (card["width"], card["height"]) == (width, height)
    assert f'width="{width}" height="{height}"' in str(card["html"])
    assert ("thumbnail_url" in card) is picture


@pytest.mark.parametrize(
    "url",
    [f"{PAGE}?partner=byron&source=a", f"{PAGE}#sign", f"{PAGE}/", f" {PAGE} ", f"https://localhost:8000{make.PAGE}"],
)
def test_what_follows_the_path_does_not_matter(client: FlaskClient, url: str) -> None:
    assert ask(client, url)["title"] == make.text().title


@pytest.mark.parametrize(
    "url",
    [
        "",
        "nonsense",
        "https://[",
        f"https://evil.example.org{make.PAGE}",
        f"ftp://localhost:8000{make.PAGE}",
        f"http://localhost:8000@evil.example.org{make.PAGE}",
        f"{OURS}/en/no-such-declaration",
        f"{OURS}/xx/{make.SLUG}",
        f"{OURS}{make.PAGE}/signatories",
        f"{OURS}/en/confirm/abc",
        f"{OURS}/console/",
        f"{OURS}/",
        f"{OURS}/en/%00",
        f"{OURS}/en/" + "x" * 9000,
    ],
)
def test_whatever_is_no_declarations_page_of_ours_is_not_found(client: FlaskClient, url: str) -> None:
    answer = client.get("/oembed", query_string={"url": url})
    assert answer.status_code in ((404, 400) if "%00" in url else (404,))
    assert client.get(f"/oembed?url={quote(url, safe='')}&format=json").status_code == answer.status_code


def test_xml_is_not_implemented_as_the_specification_allows(client: FlaskClient) -> None:
    for form in ("xml", "yaml", ""):
        assert client.get("/oembed", query_string={"url": PAGE, "format": form}).status_code == 501


@pytest.mark.parametrize("size", ["-1", "0", "12px", "1e3", "٣٠٠", "9" * 5000])
def test_a_size_that_is_none_is_a_bad_request(client: FlaskClient, size: str) -> None:
    assert client.get("/oembed", query_string={"url": PAGE, "maxwidth": size}).status_code == 400


def test_a_declarations_page_says_where_its_card_is(client: FlaskClient) -> None:
    page = client.get(make.PAGE).text
    found = re.search(r'<link rel="alternate" type="application/json\+oembed" href="([^"]+)"', page)
    assert found
    card = client.get(found[1].replace("&amp;", "&").removeprefix(OURS))
    assert card.get_json()["title"] == make.text().title


def test_a_card_of_nothing_is_not_found(client: FlaskClient) -> None:
    for path in ("/embed/nothing/card?lang=en", f"/embed/{make.SLUG}/card", f"/embed/{make.SLUG}/card?lang=xx"):
        answer = client.get(path)
        assert answer.status_code == 404 and "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
