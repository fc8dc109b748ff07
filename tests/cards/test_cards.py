"""Cards: made by the worker, hourly at most, and only when their words have changed."""

import struct
import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import force_locale, gettext
from sqlalchemy import select, update

from petition import clock, typesetting
from petition.cards import drawing, making
from petition.cards.models import Card
from petition.cards.views import BLANK
from petition.declarations.models import Declaration
from petition.extensions import db
from petition.languages import CODES, NAMES
from petition.tally.models import Tally
from tests import make
from tests.conftest import browser
from tests.standing import AppMaker

CARD = f"{make.PAGE}/card.png"
ALL = len(NAMES)
HOUR = timedelta(hours=1)
SHORT = timedelta(minutes=1)


@pytest.fixture
def moment() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(clock.now(), tick=False) as traveller:
        yield traveller


def _round() -> int:
    """One round of the worker; how many cards it made."""
    made = 0
    while making.make_next():
        made += 1
    return made


def _count(number: int) -> None:
    db.session.execute(update(Tally).values(count=number))
    db.session.commit()


def _cards() -> dict[str, bytes | None]:
    return dict(db.session.execute(select(Card.language, Card.png)).all())


def _size(png: bytes | None) -> tuple[int, int]:
    assert png is not None and png.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", png[16:24])
    return width, height


def test_one_card_for_each_language_in_the_size_that_sites_ask_for(app: Flask) -> None:
    assert _round() == ALL
    assert {language: _size(png) for language, png in _cards().items()} == dict.fromkeys(NAMES, (1200, 630))


def test_the_address_gives_the_card_that_the_worker_made(app: Flask, client: FlaskClient) -> None:
    _round()
    answer = client.get(CARD)
    assert (answer.status_code, answer.mimetype) == (200, "image/png")
    assert answer.data == _cards()["en"]
    assert answer.headers["Cache-Control"] == "public, max-age=180"
    assert client.get(CARD, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


def test_before_the_first_is_made_the_address_gives_one_without_words(app: Flask, client: FlaskClient) -> None:
    answer = client.get(CARD)
    assert (answer.status_code, answer.data) == (200, BLANK.read_bytes())
    assert _size(answer.data) == (1200, 630)
    assert answer.headers["Cache-Control"] == "public, max-age=3"
    assert not _cards(), "and asking for it made none"


def test_nothing_changed_nothing_made(app: Flask, moment: time_machine.Traveller) -> None:
    _round()
    moment.shift(25 * HOUR)
    assert _round() == 0


def test_a_new_count_waits_for_the_hour(app: Flask, moment: time_machine.Traveller) -> None:
    _round()
    before = _cards()
    _count(12)
    moment.shift(HOUR - SHORT)
    assert (_round(), _cards()) == (0, before)
    moment.shift(SHORT)
    assert _round() == ALL
    assert _cards()["en"] != before["en"]
    _count(13)
    moment.shift(HOUR - SHORT)
    assert _round() == 0


def test_a_new_title_or_addressee_makes_a_new_card(app: Flask, moment: time_machine.Traveller) -> None:
    _round()
    found = db.session.get_one(Declaration, make.text().declaration_id)
    found.stored_plan = {**found.stored_plan, "addressee": {**found.stored_plan["addressee"], "en": "Somebody else"}}
    db.session.commit()
    moment.shift(HOUR)
    assert _round() == 1


def test_a_worker_that_was_killed_leaves_the_card_to_the_next_after_two_minutes(
    app: Flask, moment: time_machine.Traveller
) -> None:
    key = (make.text().declaration_id, "en")
    assert making._claim(key)
    assert not making._claim(key)
    assert _round() == ALL - 1, "only the others"
    moment.shift(making.CLAIM)
    assert _round() == 1
    assert _cards()["en"]


def test_a_language_without_fonts_keeps_the_card_without_words(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(typesetting.SCRIPTS, "it", ("No Such Family",))
    monkeypatch.setitem(typesetting.PACKAGES, "it", "fonts-of-nowhere")
    assert _round() == ALL - 1
    assert client.get(f"/it/{make.SLUG}/card.png").data == BLANK.read_bytes()
    assert client.get(CARD).data == _cards()["en"]


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_two_workers_at_once_make_each_card_once(make_app: AppMaker, database: str) -> None:
    app = make_app(database)
    made: list[int] = []

    def work() -> None:
        with app.app_context():
            made.append(_round())
            db.session.remove()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(made), sum(made)) == (4, ALL)
    with app.app_context():
        assert all(_cards().values())
        db.session.remove()


def test_a_declarations_words_stand_on_its_card(app: Flask) -> None:
    text = make.text("it")
    with force_locale("it"):
        sample = gettext("A sample text, not the official declaration")
    words = drawing.words(text, count=12_345)
    assert words["title"] == text.title
    assert words["above"] == sample
    assert text.declaration.plan.addressee["it"] in words["addressed"]
    assert words["count"] == "12.345 firme"
    assert words["host"] == "localhost"


def test_a_card_does_not_boast_of_nobody(app: Flask) -> None:
    assert drawing.words(make.text(), count=0)["count"] == ""


MARKUP = '#panic("x") $x$ *bold* `raw` <a> @b #read("/etc/passwd") \\ " // [ ] { }'
WORDS = {"above": MARKUP, "addressed": MARKUP, "count": MARKUP, "host": MARKUP}


@pytest.mark.parametrize("language", CODES)
@pytest.mark.parametrize(
    "title", ["", "#", MARKUP, "word " * 2000, "w" * 5000, "尊严" * 3000, "كرامة " * 900, "🙂\u202e\x01"]
)
def test_whatever_the_words_are_there_is_one_card_of_one_size(app: Flask, language: str, title: str) -> None:
    assert _size(drawing.draw({**WORDS, "title": title}, language=language)) == (1200, 630)


def test_the_card_carries_the_headers_of_every_answer(app: Flask) -> None:
    assert browser(app).get(CARD).headers["X-Content-Type-Options"] == "nosniff"
