"""The list narrowed by country and kind, searched by the beginning of a name, and what is not there told kindly."""

import html as entities
import re
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from petition.extensions import db
from petition.signatures import caring, listing
from petition.signatures.mailboxes import Mailbox
from petition.signatures.models import Signature
from tests import make
from tests.signatures import steps

LIST = f"/en/{make.SLUG}/signatories"


def _names(html: str) -> list[str]:
    return [part.partition("<")[0] for part in html.split('class="person">')[1:]]


def _listed(client: FlaskClient, **query: str) -> list[str]:
    answer = client.get(LIST, query_string=query)
    assert answer.status_code == 200
    return _names(answer.get_data(as_text=True))


def _next(html: str) -> str | None:
    found = re.search(r'href="([^"]+)" rel="next"', html)
    return entities.unescape(found[1]) if found else None


def _walk(client: FlaskClient, path: str) -> list[list[str]]:
    """The names of every page, from this one to the last."""
    pages = []
    following: str | None = path
    while following:
        html = steps.look(client, following).html
        pages.append(_names(html))
        following = _next(html)
    return pages


@pytest.fixture
def people(app: Flask, sectors: None) -> None:
    for name, country, sector in (
        ("Ada Lovelace", "GB", "research"),
        ("Zoë Müller", "DE", "health"),
        ("Łukasz Adamski", "PL", None),
        ("Adam Müller", "DE", "research"),
        ("Müller", "IT", None),
        ("मीरा शर्मा", "IN", "health"),
    ):
        make.signature(name=name, country=country, sector=sector)
    make.signature(name="Hidden Lovelace", country="FR", visibility="addressee")


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"country": "DE"}, ["Adam Müller", "Zoë Müller"]),
        ({"country": "de"}, ["Adam Müller", "Zoë Müller"]),
        ({"country": ""}, ["मीरा शर्मा", "Müller", "Adam Müller", "Łukasz Adamski", "Zoë Müller", "Ada Lovelace"]),
        ({"country": "FR"}, []),
        ({"kind": "health"}, ["मीरा शर्मा", "Zoë Müller"]),
        ({"kind": "faith"}, []),
        ({"kind": "founding"}, []),
        ({"name": "ada"}, ["Ada Lovelace", "Adam Müller", "Łukasz Adamski"]),
        ({"name": "  ADA L"}, ["Ada Lovelace"]),
        ({"name": "lovelace, a"}, ["Ada Lovelace"]),
        ({"name": "muller"}, ["Müller", "Adam Müller", "Zoë Müller"]),
        ({"name": "lukasz"}, ["Łukasz Adamski"]),
        ({"name": "मीरा"}, ["मीरा शर्मा"]),
        ({"name": "velace"}, []),
        ({"name": "hidden"}, []),
        ({"name": "%"}, []),
        ({"name": "_da"}, []),
        ({"name": "\\"}, []),
        ({"name": "😀"}, []),
        ({"name": "muller", "country": "DE"}, ["Adam Müller", "Zoë Müller"]),
        ({"name": "muller", "country": "DE", "kind": "health"}, ["Zoë Müller"]),
        ({"kind": "research", "country": "GB"}, ["Ada Lovelace"]),
    ],
)
def test_filters_narrow_the_list_and_may_be_combined(
    client: FlaskClient, people: None, query: dict[str, str], names: list[str]
) -> None:
    assert _listed(client, **query) == names


def test_the_form_keeps_what_was_asked_and_offers_the_countries_that_occur(client: FlaskClient, people: None) -> None:
    html = steps.look(client, f"{LIST}?country=DE&kind=health&name=%22%3Ex").html
    assert 'value="DE" selected>Germany' in html
    assert 'value="health" selected>Health and care' in html
    assert 'value="&#34;&gt;x"' in html
    assert 'value="PL">Poland' in html
    assert 'value="FR"' not in html, "whoever is there does not want to be seen"
    italian = steps.look(client, f"/it/{make.SLUG}/signatories").html
    assert 'value="DE">Germania' in italian and 'value="health">Salute e assistenza' in italian


def test_sectors_are_no_kind_where_nobody_is_asked_for_them(client: FlaskClient) -> None:
    assert 'name="kind"' not in steps.look(client, LIST).html
    assert client.get(f"{LIST}?kind=health").status_code == 404


@pytest.mark.parametrize(
    "query",
    ["country=XX", "country=ZZ", "country=Italy", "country=%27", "kind=x", "kind=%E2%98%83", "after=x", "after=",
     "kind=founding&after=x", "name=%25&after=x", "name=a&after=x", "name=a&after=MTIz", "kind=" + "x" * 3000,
     "country=" + "é" * 500],
)  # fmt: skip
def test_a_list_that_there_cannot_be_is_a_helpful_404(client: FlaskClient, query: str) -> None:
    for language, words in (("en", "There is no such list"), ("it", "/it/")):
        answer = client.get(f"/{language}/{make.SLUG}/signatories?{query}")
        page = steps.Page(answer)
        assert answer.status_code == 404
        assert page.language == language and words in page.html
        assert f'href="/{language}/{make.SLUG}/signatories"' in page.html
        assert answer.headers["X-Robots-Tag"] == "noindex"
        assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "name",
    ["x" * 10_000, "é" * 10_000, "\u0301" * 300, "\u202eada", "\ufdfa" * 100, "%25", "a%", "🏳️‍🌈", "\x01", "\U0010ffff",
     "' OR 1=1 --", "<script>", "\u200d", "\uffff", " ", "\t\r\n"],
)  # fmt: skip
def test_a_search_survives_any_text(client: FlaskClient, people: None, name: str) -> None:
    answer = client.get(f"{LIST}?name={quote(name)}")
    assert answer.status_code == 200
    assert "<script>" not in answer.text


@pytest.mark.parametrize("raw", ["name=%00", "name=a%00b", "name=%ED%A0%80", "name=%FF", "country=%00"])
def test_a_search_for_what_is_no_text_is_a_bad_request(client: FlaskClient, raw: str) -> None:
    answer = client.get("/", environ_overrides={"PATH_INFO": LIST, "QUERY_STRING": raw})
    assert answer.status_code == 400


def test_a_search_goes_on_over_many_pages_and_shows_everyone_once(client: FlaskClient) -> None:
    make.crowd(
        3 * listing.PAGE + 7,
        name=["Maria Rossi", "Maria Marini", "MARÍA Gómez", "Anna Mari", "Mari", "Bo Ek"],
        country=["IT", "IT", "ES"],
    )
    pages = _walk(client, f"{LIST}?name=mari")
    names = [name for page in pages for name in page]
    expected = [name for name in db.session.scalars(select(Signature.name)) if "Mar" in name or "MAR" in name]
    assert sorted(names) == sorted(expected)
    assert all(len(page) <= listing.PAGE for page in pages)
    assert names.index("Mari") == 0 and names.index("MARÍA Gómez") < names.index("Maria Rossi")
    narrowed = [name for page in _walk(client, f"{LIST}?name=mari&country=ES") for name in page]
    assert set(narrowed) == {"MARÍA Gómez"}


def test_who_is_found_both_ways_leaves_no_gap_in_the_pages(client: FlaskClient) -> None:
    make.crowd(120, name=["Maria Müller", "Mehmet Müller", "Mei Müller"])
    make.crowd(3, name=["Ada Müller", "Müller"])
    pages = _walk(client, f"{LIST}?name=m")
    assert [len(page) for page in pages] == [listing.PAGE, listing.PAGE, 23]
    assert [name for page in pages for name in page].count("Ada Müller") == 2


@pytest.fixture
def founding(app: Flask) -> None:
    declaration = steps.declaration()
    words = {"en": "Chair", "it": "Presidente"}
    named = (("Grace Hopper", words, "US"), ("Élise Nkemelu", None, None))
    blocks = [{"name": name, "role": role, "affiliation": None, "country": country} for name, role, country in named]
    declaration.stored_plan = {**declaration.stored_plan, "founding": blocks}
    steps.forget_texts(app)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["Grace Hopper", "Élise Nkemelu", "Grace Kelly", "Ada Lovelace"]),
        ("kind=founding", ["Grace Hopper", "Élise Nkemelu"]),
        ("kind=people", ["Grace Kelly", "Ada Lovelace"]),
        ("country=US", ["Grace Hopper", "Grace Kelly"]),
        ("name=grace", ["Grace Hopper", "Grace Kelly"]),
        ("name=nkem", ["Élise Nkemelu"]),
        ("name=elise&kind=founding", ["Élise Nkemelu"]),
        ("name=%25", []),
        ("country=GB", ["Ada Lovelace"]),
        ("country=GB&kind=founding", []),
    ],
)
def test_founding_signatories_stand_apart_and_first(
    client: FlaskClient, founding: None, query: str, names: list[str]
) -> None:
    make.signature(name="Ada Lovelace", country="GB")
    make.signature(name="Grace Kelly", country="US")
    html = steps.look(client, f"{LIST}?{query}").html
    assert _names(html) == names
    first, _, rest = html.partition("</section>")
    assert ('id="founding-title"' in first) is any(name in names for name in ("Grace Hopper", "Élise Nkemelu"))
    assert ("Hopper" not in rest and "Kelly" not in first) or "founding-title" not in first
    assert ">US<" not in html and 'value="US"' in html


def test_a_founding_signatory_is_told_in_the_pages_language_and_on_the_first_page_alone(
    client: FlaskClient, founding: None
) -> None:
    make.crowd(listing.PAGE + 1)
    assert "<bdi>Presidente</bdi>" in steps.look(client, f"/it/{make.SLUG}/signatories").html
    html = steps.look(client, LIST).html
    following = _next(html)
    assert "<bdi>Chair</bdi>" in html and following
    assert "Grace Hopper" not in steps.look(client, following).html


def test_a_name_looks_the_same_on_the_list_and_on_the_declaration(client: FlaskClient, founding: None) -> None:
    make.signature(name="Ada Lovelace", role="Analyst", affiliation="Analytical Society", country="GB")
    name = re.compile(r'<li><bdi class="person">Grace Hopper.*?</li>', re.DOTALL)
    on_list, on_page = name.search(steps.look(client, LIST).html), name.search(steps.look(client, make.PAGE).html)
    assert on_list and on_page and on_list[0] == on_page[0]
    assert "<span><bdi>Analyst</bdi> · <bdi>Analytical Society</bdi></span>" in steps.look(client, LIST).html


def test_filters_stay_on_the_next_page(client: FlaskClient) -> None:
    make.crowd(2 * listing.PAGE, country=["IT", "FR"], name=["Ada", "Bea"])
    make.crowd(listing.PAGE, country="IT", name="Ada")
    pages = _walk(client, f"{LIST}?country=IT")
    assert [len(page) for page in pages] == [listing.PAGE, listing.PAGE]
    assert {name for page in pages for name in page} == {"Ada"}


def test_what_is_searched_follows_the_name(client: FlaskClient) -> None:
    signature = make.signature(name="Ada Byron")
    assert signature.mailbox is not None
    mailbox = Mailbox(signature.text.declaration, signature.mailbox)
    caring.correct(mailbox, make.statement(name="Ada Lovelace"), consents=())
    db.session.commit()
    assert _listed(client, name="lovelace") == ["Ada Lovelace"] and _listed(client, name="byron") == []
    caring.erase(mailbox)
    db.session.commit()
    signature = steps.the_signature()
    assert (signature.name, signature.search_name, signature.search_turned) == ("", None, None)


def test_filtered_pages_never_push_the_others_off_the_shelf(app: Flask, client: FlaskClient) -> None:
    shelf = app.extensions["petition.shelf"]
    client.get(LIST)
    before = dict(shelf.kept)
    for number in range(20):
        assert client.get(f"{LIST}?name=a{number}").headers["Cache-Control"].startswith("public")
    assert before and dict(shelf.kept) == before
