"""What machines fetch: robots.txt, the sitemap, the QR code, and what stands in the page for them."""

import re
import xml.etree.ElementTree as ElementTree
from html.parser import HTMLParser

import pytest
from flask import Flask
from flask.testing import FlaskClient

from petition.declarations.models import Declaration
from petition.extensions import db
from petition.languages import NAMES
from petition.pages.machines import LOCALES
from tests import make
from tests.conftest import browser
from tests.standing import AppMaker

SITE = "http://localhost:8000"
SPACES = {"site": "http://www.sitemaps.org/schemas/sitemap/0.9", "xhtml": "http://www.w3.org/1999/xhtml"}


class Tags(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def metas(self, key: str) -> dict[str, str | None]:
        return {str(given[key]): given.get("content") or given.get("href") for _, given in self.found if key in given}


def test_robots_may_read_what_is_public_and_no_address_with_a_token(client: FlaskClient) -> None:
    answer = client.get("/robots.txt")
    assert (answer.status_code, answer.mimetype) == (200, "text/plain")
    lines = answer.text.splitlines()
    assert lines[:2] == ["User-agent: *", "Allow: /"]
    for path in ("/console", "/*/confirm/", "/*/signature/", "/*/not-me/"):
        assert f"Disallow: {path}" in lines
    assert lines[-1] == f"Sitemap: {SITE}/sitemap.xml"


def test_every_rule_with_a_token_is_kept_from_robots(app: Flask, client: FlaskClient) -> None:
    refused = re.findall(r"^Disallow: (.*)$", client.get("/robots.txt").text, re.MULTILINE)
    patterns = [re.compile(re.escape(path).replace(r"\*", "[^/]*")) for path in refused]
    values = {"language": "en", "slug": make.SLUG, "token": "x"}
    urls = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        if "token" in rule.arguments:
            path = urls.build(
                rule.endpoint, {name: values[name] for name in rule.arguments}, method=min(rule.methods or ())
            )
            assert any(pattern.match(path) for pattern in patterns), path
    for path in (
        make.PAGE,
        make.SIGN,
        f"{make.PAGE}/signatories",
        f"{make.PAGE}/card.png",
        "/en/privacy",
        "/static/x.css",
    ):
        assert not any(pattern.match(path) for pattern in patterns), path


def test_the_sitemap_names_each_declaration_in_each_language_with_all_the_others(client: FlaskClient) -> None:
    answer = client.get("/sitemap.xml")
    assert (answer.status_code, answer.mimetype) == (200, "application/xml")
    urls = ElementTree.fromstring(answer.data).findall("site:url", SPACES)
    assert [url.findtext("site:loc", "", SPACES) for url in urls] == [f"{SITE}/{each}/{make.SLUG}" for each in NAMES]
    for url in urls:
        found = {link.attrib["hreflang"]: link.attrib["href"] for link in url.findall("xhtml:link", SPACES)}
        pages = {each: f"{SITE}/{each}/{make.SLUG}" for each in NAMES}
        assert found == {**pages, "x-default": pages["en"]}
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", url.findtext("site:lastmod", "", SPACES))


def test_a_language_that_the_pages_do_not_speak_is_not_in_the_sitemap(app: Flask, client: FlaskClient) -> None:
    found = db.session.get_one(Declaration, make.text().declaration_id)
    found.stored_plan = {**found.stored_plan, "languages": ["eo", "it"]}
    db.session.commit()
    assert "/eo/" not in (page := client.get("/sitemap.xml").text)
    assert f"{SITE}/en/" not in page and f"{SITE}/it/{make.SLUG}" in page


def test_the_qr_code_is_a_picture_that_holds_no_style_and_no_script(client: FlaskClient) -> None:
    answer = client.get(f"{make.PAGE}/qr.svg")
    assert (answer.status_code, answer.mimetype) == (200, "image/svg+xml")
    picture = ElementTree.fromstring(answer.data)
    assert picture.tag.endswith("svg")
    assert not re.search(rb"<script|<style|style=|href=", answer.data)
    assert answer.data != client.get(f"/it/{make.SLUG}/qr.svg").data, "each language has its own page"


@pytest.mark.parametrize("path", ["/robots.txt", "/sitemap.xml", f"{make.PAGE}/qr.svg"])
def test_what_machines_fetch_is_kept_and_known_again(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.headers["Cache-Control"] == "public, max-age=2160"
    assert client.get(path, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    assert client.head(path).status_code == 200


@pytest.mark.parametrize("file", ["qr.svg", "card.png"])
@pytest.mark.parametrize("before", ["/en/no-such-text", "/xx/child-dignity", "/en/%F0%9F%98%80"])
def test_what_belongs_to_no_declaration_is_not_there(client: FlaskClient, before: str, file: str) -> None:
    assert client.get(f"{before}/{file}").status_code == 404


@pytest.mark.parametrize("language", NAMES)
def test_a_shared_link_shows_title_summary_and_card(client: FlaskClient, language: str) -> None:
    address, text = f"{SITE}/{language}/{make.SLUG}", make.text(language)
    tags = Tags(client.get(f"/{language}/{make.SLUG}").text)
    shown = tags.metas("property")
    assert shown["og:title"] == text.title == shown["og:image:alt"]
    assert (shown["og:description"], shown["og:url"]) == (text.summary, address)
    assert shown["og:locale"] == LOCALES[language]
    others = [given["content"] for _, given in tags.found if given.get("property") == "og:locale:alternate"]
    assert others == [LOCALES[each] for each in NAMES if each != language]
    assert shown["og:site_name"] == " · ".join(text.declaration.plan.organisers)
    assert shown["og:image"] == f"{address}/card.png"
    assert (shown["og:image:width"], shown["og:image:height"]) == ("1200", "630")
    assert tags.metas("name")["twitter:card"] == "summary_large_image"


def test_the_addresses_in_the_page_come_from_the_settings_and_not_from_the_request(make_app: AppMaker) -> None:
    client = browser(make_app(base_url="https://localhost"))
    page = client.get(make.PAGE, headers={"Host": "127.0.0.1"}).text
    assert "https://localhost/en/" in page and "127.0.0.1" not in page
    assert "https://localhost/en/" in client.get("/sitemap.xml").text
    assert "Sitemap: https://localhost/sitemap.xml" in client.get("/robots.txt").text


def test_the_page_describes_itself_in_the_words_of_schema_org(client: FlaskClient) -> None:
    tags = Tags(client.get(make.PAGE).text)
    kinds = [given["itemtype"] for _, given in tags.found if "itemtype" in given]
    plan = make.text().declaration.plan
    assert kinds[0] == "https://schema.org/CreativeWork"
    assert kinds.count("https://schema.org/Organization") == len(plan.organisers)
    found = tags.metas("itemprop")
    assert found["inLanguage"] == "en" and found["userInteractionCount"] == "0"
    assert found["url"] == f"{SITE}{make.PAGE}"


def test_the_page_offers_plain_links_an_address_to_copy_and_the_qr_code(client: FlaskClient) -> None:
    page = client.get(make.PAGE).text
    tags = Tags(page)
    hrefs = [given["href"] or "" for tag, given in tags.found if tag == "a"]
    for begin in ("mailto:?", "https://wa.me/?", "https://t.me/", "https://x.com/", "https://share.joinmastodon.org/#"):
        assert [href for href in hrefs if href.startswith(begin)]
    assert f'dir="ltr">{SITE}{make.PAGE}</code>' in page
    [button] = [given for tag, given in tags.found if tag == "button" and "data-share" in given]
    assert (button["data-url"], button["data-title"]) == (f"{SITE}{make.PAGE}", make.text().title)
    assert "hidden" in button, "script shows it where the browser can share"
    assert f'src="{make.PAGE}/qr.svg"' in page
