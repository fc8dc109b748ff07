"""A declaration's page: its sections in their order, who has signed, and every state told plainly."""

import re
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from petition import clock, languages
from petition.declarations import folders, publishing
from petition.tally import moving
from tests import make

DAY = timedelta(days=1)


def _worded(english: str, *, it: str, key: str = "") -> str:
    """Lines of TOML: the words in Italian, and the English ones in every other language."""
    return "\n".join(f'{key}{code} = "{it if code == "it" else english}"' for code in languages.NAMES)


HANDED_OVER = f"""
[[handovers]]
on = 2025-11-13
{_worded("Presented in the audience at the Apostolic Palace.", it="Presentata nell’udienza al Palazzo Apostolico.")}

[[founding]]
name = "Maria Rossi"
{_worded("President", it="Presidente", key="role.")}
affiliation = "Fondazione Esempio"
country = "IT"
"""


def _published(folder: Path, *, more: str = "", **changed: str) -> None:
    """The sample with other values of declaration.toml, and more of them at its end."""
    file = folder / "declaration.toml"
    source = file.read_text()
    for key, value in changed.items():
        source = re.sub(rf"^#? ?{key} = .*\n", "", source, flags=re.MULTILINE)
        source = f"{key} = {value}\n{source}"
    file.write_text(source + more)
    publishing.publish(folders.read(folder))


def _iso(away: timedelta) -> str:
    return (clock.now() + away).isoformat(timespec="seconds")


def _page(client: FlaskClient, path: str = make.PAGE) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.text


def test_the_sections_stand_in_their_order(app: Flask, client: FlaskClient, folder: Path) -> None:
    _published(folder, more=HANDED_OVER)
    page = _page(client)
    order = [
        'id="title"', 'class="text"', 'id="sign"', 'id="why"', 'id="conveners"', 'id="delivery"', 'id="who"',
        'id="questions"', 'id="help-title"',
    ]  # fmt: skip
    places = [page.index(each) for each in order]
    assert places == sorted(places)


def test_the_headings_leave_out_no_level(client: FlaskClient) -> None:
    levels = [int(level) for level in re.findall(r"<h([1-6])", _page(client))]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(deeper - level <= 1 for level, deeper in pairwise(levels))


def test_the_opening_says_what_this_is_who_asks_whom_and_how_many_signed(client: FlaskClient) -> None:
    opening = _page(client).split('<header class="opening">')[1].split("</header>")[0]
    for words in ("The Dignity of Children", "Pope Leo XIV", "Fondazione Child ETS", "Child Dignity Alliance"):
        assert words in opening
    assert re.search(r"<strong>0</strong>\s*signatures", opening)


def test_a_handover_is_told_and_asking_goes_on(app: Flask, client: FlaskClient, folder: Path) -> None:
    _published(folder, more=HANDED_OVER)
    page = _page(client)
    assert page.count("Presented in the audience at the Apostolic Palace.") == 2, "in the opening and in its section"
    assert '<time datetime="2025-11-13">13 November 2025</time>' in page
    assert 'class="sign-bar"' in page
    assert "Presentata nell’udienza" in _page(client, f"/it/{make.SLUG}")


def test_founding_signatories_come_first_then_the_newest_names(app: Flask, client: FlaskClient, folder: Path) -> None:
    _published(folder, more=HANDED_OVER)
    make.signature(name="Someone Earlier")
    make.signature(name="أمل حسن", country="EG", affiliation="Institute <Nile>")
    make.signature(name="Nobody Sees Me", visibility="addressee")
    moving.move()
    who = _page(client).split('id="who"')[1]
    places = [who.index(name) for name in ("Maria Rossi", '<bdi class="person">أمل حسن</bdi>', "Someone Earlier")]
    assert places == sorted(places)
    assert "President · Fondazione Esempio" in re.sub(r"</?bdi>", "", who)
    assert "<bdi>Institute &lt;Nile&gt;</bdi>" in who
    assert "Nobody Sees Me" not in who


def test_only_the_newest_few_are_named(app: Flask, client: FlaskClient) -> None:
    for number in range(8):
        make.signature(name=f"Signatory {'ABCDEFGH'[number]}")
    moving.move()
    assert re.findall(r"Signatory ([A-H])<", _page(client)) == list("HGFEDC")


def test_nobody_is_named_before_the_number_counts_them(app: Flask, client: FlaskClient) -> None:
    moving.move()
    make.signature(name="Too Early")
    assert "Too Early" not in _page(client)


STATES = {
    "upcoming": ({"opens_at": _iso(DAY)}, "Not yet open", "can be signed from"),
    "paused": ({"paused": "true"}, "Signing is paused", "Please come back later."),
    "closed": ({"closes_at": _iso(-DAY)}, "Closed", "it can no longer be signed"),
}


@pytest.mark.parametrize("state", STATES)
def test_a_page_that_cannot_be_signed_says_so_and_does_not_ask(
    app: Flask, client: FlaskClient, folder: Path, state: str
) -> None:
    changed, heading, sentence = STATES[state]
    _published(folder, **changed)
    page = _page(client)
    panel = page.split('id="sign"')[1].split("</section>")[0]
    assert f">{heading}</h2>" in panel
    assert sentence in panel
    assert sentence in page.split("</header>")[1], "at the beginning too, where a phone shows it first"
    assert "<form" not in page
    assert "Sign the declaration" not in page
    assert 'name="switch"' not in page


@pytest.mark.parametrize("state", STATES)
def test_the_form_of_such_a_declaration_says_the_same_and_leads_back(
    app: Flask, client: FlaskClient, folder: Path, state: str
) -> None:
    changed, heading, _sentence = STATES[state]
    _published(folder, **changed)
    for answer in (client.get(make.SIGN), client.post(make.SIGN, data={"switch": "it", "name": "Ada"})):
        assert answer.status_code == 403
        assert f"<h1>{heading}</h1>" in answer.text
        assert f'href="{make.PAGE}"' in answer.text


def test_the_page_stays_the_same_bytes_and_may_be_kept(app: Flask, client: FlaskClient) -> None:
    first, second = client.get(make.PAGE), client.get(make.PAGE)
    assert first.data == second.data
    assert "public" in first.headers["Cache-Control"]
    assert client.get(make.PAGE, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304


def test_what_prints_names_the_version_and_the_address(client: FlaskClient) -> None:
    colophon = _page(client).split('class="colophon"')[1].split("</footer>")[0]
    assert make.text().sha256 in colophon
    assert f"<bdi>http://localhost:8000{make.PAGE}</bdi>" in colophon


ASKING = "Every name counts, and so does everyone you tell."
PLAIN = "These links are plain: no one is followed."


@pytest.mark.parametrize("state", ["upcoming", "paused", "closed"])
def test_nobody_is_asked_for_names_while_none_can_be_added(
    app: Flask, client: FlaskClient, folder: Path, state: str
) -> None:
    assert ASKING in _page(client)
    changed = {
        "upcoming": {"opens_at": _iso(DAY)},
        "paused": {"paused": "true"},
        "closed": {"closes_at": _iso(-DAY)},
    }[state]
    _published(folder, **changed)
    app.extensions["petition.known_texts"].clear()
    app.extensions["petition.shelf"].clear()
    page = _page(client)
    assert ASKING not in page and PLAIN in page


@pytest.mark.parametrize("path", ["/en/privacy", "/en/accessibility"])
def test_who_is_responsible_can_be_reached(app: Flask, client: FlaskClient, folder: Path, path: str) -> None:
    assert "it names no contact" in _page(client, path)
    make.be_official(folder)
    frame = folder / "declaration.toml"
    frame.write_text(frame.read_text().replace("desk@example.org", "https://example.org/write", 1))
    publishing.publish(folders.read(folder))
    app.extensions["petition.shelf"].clear()
    page = _page(client, path)
    assert 'href="mailto:desk@example.org"' in page and 'href="https://example.org/write"' in page
    assert "it names no contact" not in page


def test_the_privacy_notice_tells_of_addresses_what_is_true(client: FlaskClient) -> None:
    page = _page(client, "/en/privacy")
    assert "the delivery to the addressee holds no addresses" in page
    assert "That a code was typed for an address, and when: 30 days" in page
    assert "an endorsement that you confirmed for an organisation from the same address" in page
