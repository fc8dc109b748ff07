"""Previews: made outside the request, from the rows that come first, with the numbers of all; gone within an hour."""

import html
import re
import threading
from contextlib import ExitStack
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from petition import clock
from petition.accounts import trail
from petition.accounts.trail_models import TrailEntry
from petition.declarations import reading
from petition.deliveries import places, previewing, previews, removing
from petition.deliveries.models import Delivery
from petition.deliveries.preview_models import WITHIN, DeliveryPreview, DeliveryPreviewPage, PreviewState
from petition.extensions import db, writing
from petition.privacy import personal
from petition.privacy.keepers import Person
from petition.signatures.models import Signature
from petition.staging.orders import Part, Sorting
from tests import make, staff
from tests.deliveries import asked
from tests.staff import Staff, staff_post
from tests.standing import AppMaker

BOTH = pytest.mark.parametrize("database", ["sqlite", "postgresql"])
LIST = f"/console/declarations/{make.SLUG}/deliveries"
ORDER = {"reader": "addressee", "language": "en", "sorting": "country", "public": "y", "addressee": "y"}
TABLE = frozenset({Part.CSV})
SOME = [
    {"name": "Zoë Müller", "country": "IT", "email": "zoe@example.org"},
    {"name": "Ángel Ruiz", "country": "ES", "visibility": "addressee"},
    {"name": "Nobody Sees", "country": "ES", "visibility": "counted"},
]


def previewed(app: Flask, **given: object) -> DeliveryPreview:
    """Asked for and made, as the worker does it; read whole."""
    with app.app_context():
        with writing():
            declaration = reading.find(make.SLUG)
            assert declaration is not None
            previews.ask(declaration, asked.order(**given), chosen=[])
        assert previewing.make_next() and not previewing.make_next()
        found = db.session.scalars(select(DeliveryPreview).order_by(DeliveryPreview.id.desc())).first()
        assert found is not None and all(page.png for page in found.pages)
        db.session.expunge_all()
        db.session.rollback()
        assert list(places.root().iterdir()) == [], "no name stays on the disk"
        return found


@BOTH
def test_the_books_first_pages_are_set_and_everything_is_counted(make_app: AppMaker, database: str) -> None:
    app = make_app(database)
    asked.put(app, SOME)
    preview = previewed(app, parts=frozenset(Part))
    assert (preview.state, preview.failure) == (PreviewState.READY, "")
    assert preview.counts == {"public": 1, "addressee": 1, "counted": 1}
    assert len(preview.pages) >= 4 and preview.lines == []
    assert all(page.png.startswith(b"\x89PNG") for page in preview.pages)


@BOTH
def test_without_a_book_the_tables_first_lines_are_shown(make_app: AppMaker, database: str) -> None:
    app = make_app(database)
    asked.put(app, SOME)
    preview = previewed(app, parts=TABLE)
    assert preview.pages == []
    assert preview.lines[0][:3] == ["Number", "ID", "Name"]
    assert [(line[2], line[7]) for line in preview.lines[1:]] == [
        ("Zoë Müller", "Italy"),
        ("Ángel Ruiz", "Spain"),
        ("", "Spain"),
    ]


def test_no_address_is_shown_though_the_delivery_will_hold_it(make_app: AppMaker) -> None:
    app = make_app()
    asked.put(app, SOME)
    preview = previewed(app, parts=TABLE, with_addresses=True)
    assert "zoe@example.org" not in str(preview.lines)


@pytest.mark.parametrize(("sorting", "first"), [(Sorting.COUNTRY, "Ada of Albania"), (Sorting.TIME, "Zoë of Zambia")])
def test_the_rows_are_those_that_come_first(
    make_app: AppMaker, monkeypatch: pytest.MonkeyPatch, sorting: Sorting, first: str
) -> None:
    """Though the one who comes first in order was the last to sign, and more signed than are read."""
    monkeypatch.setattr(previewing, "ROWS", 3)
    app = make_app()
    late = {"name": "Ada of Albania", "country": "AL"}
    asked.put(app, [*({"name": "Zoë of Zambia", "country": "ZM"} for _ in range(8)), late])
    preview = previewed(app, parts=TABLE, sorting=sorting)
    assert preview.lines[1][2] == first
    assert sum(preview.counts.values()) == 9


def test_a_letter_alone_is_counted_and_shows_nothing(make_app: AppMaker) -> None:
    app = make_app()
    asked.put(app, SOME)
    preview = previewed(app, parts=frozenset())
    assert (preview.state, preview.pages, preview.lines) == (PreviewState.READY, [], [])


def test_what_no_font_sets_is_said_and_boxes_show_it(make_app: AppMaker) -> None:
    app = make_app()
    asked.put(app, [{"name": "\U00011f04\U00011f05 Kawi"}])
    refused = previewed(app, parts=frozenset({Part.BOOK}))
    assert refused.state is PreviewState.FAILED and "U+11F04" in refused.failure
    assert previewed(app, parts=frozenset({Part.BOOK}), boxes=True).pages


# On the screen


def test_no_request_sets_it_and_the_page_waits_without_script(make_app: AppMaker) -> None:
    app = make_app()
    asked.put(app, SOME)
    with app.app_context():
        client = staff.signed_in(app, "exporter")
        page = _asked(client, parts="csv")
        refresh = '<noscript><meta http-equiv="refresh" content="2"></noscript>'
        assert refresh in page and "It begins in a moment." in page
        assert "Make the delivery" in page, "nobody has to wait for it"
        assert db.session.scalar(select(Delivery)) is None
        db.session.rollback()
        assert previewing.make_next()
        db.session.rollback()
        path = f"{LIST}/previews/{_newest().public_id}"
        shown = html.unescape(client.get(path).text)
        assert re.findall(r"<dd>(\d+)</dd>", shown)[:3] == ["3", "2", "1"]
        assert "Zoë Müller" in shown and "Nobody Sees" not in shown and refresh not in shown
        assert [each["state"] for each in client.get(f"{path}/progress").json["deliveries"].values()] == ["ready"]


def test_a_preview_is_on_the_audit_trail_because_it_shows_names(app: Flask) -> None:
    _asked(staff.signed_in(app, "organiser"))
    entry = db.session.scalars(select(TrailEntry).where(TrailEntry.act == "delivery.previewed")).one()
    told = trail.detail_of(entry)
    assert (entry.subject, told["reader"], told["parts"]) == (_newest().public_id, "addressee", ["book"])
    assert told["shows"] == {"public": "name", "addressee": "name", "counted": "number"}


def test_the_pictures_are_for_those_with_the_duty_alone_and_kept_by_no_cache(app: Flask) -> None:
    client = staff.signed_in(app, "organiser")
    _asked(client)
    preview = _newest()
    db.session.add(DeliveryPreviewPage(preview_id=preview.id, place=1, png=b"picture"))
    preview.claimed_at = preview.made_at = clock.now()
    db.session.commit()
    path = f"{LIST}/previews/{preview.public_id}/pages/1"
    assert f'<img src="{path}"' in client.get(f"{LIST}/previews/{preview.public_id}").text
    answer = client.get(path)
    assert (answer.data, answer.mimetype, answer.headers["Cache-Control"]) == (b"picture", "image/png", "no-store")
    assert staff.signed_in(app, "editor").get(path).status_code == 403
    for other in ("2", "0", "99999999999999999999"):
        assert client.get(path.removesuffix("1") + other).status_code == 404


def test_one_whose_maker_was_killed_is_waited_for_no_longer(app: Flask) -> None:
    client = staff.signed_in(app, "organiser")
    _asked(client)
    preview = _newest()
    preview.claimed_at = clock.now() - WITHIN
    db.session.commit()
    page = client.get(f"{LIST}/previews/{preview.public_id}").text
    assert "The first pages cannot be shown." in page and "Make the delivery" in page and "refresh" not in page
    assert not previewing.make_next()


# The database is away


@pytest.mark.parametrize("lost", ["_count", "_keep"])
def test_an_outage_costs_nobody_their_preview(make_app: AppMaker, monkeypatch: pytest.MonkeyPatch, lost: str) -> None:
    app = make_app("postgresql")
    asked.put(app, SOME)
    with app.app_context(), ExitStack() as outage:
        _ask()
        work = getattr(previewing, lost)

        def work_without_database(*given: object) -> object:
            outage.enter_context(make_app.templates.closed(make_app.urls[-1]))
            threading.Timer(1.2, outage.close).start()
            return work(*given)

        monkeypatch.setattr(previewing, lost, work_without_database)
        assert previewing.make_next()
        monkeypatch.undo()
        assert _newest().state is PreviewState.WAITING
        db.session.rollback()
        assert previewing.make_next()
        assert (_newest().state, _newest().failure) == (PreviewState.READY, "")


@BOTH
def test_one_that_an_outage_keeps_from_being_made_is_given_up_after_a_while(make_app: AppMaker, database: str) -> None:
    app = make_app(database)
    with app.app_context():
        preview_id = _ask()
        with time_machine.travel(clock.now() + WITHIN):
            assert previews.claim_next()
            previews.give_back(preview_id)
            assert (_newest().state, _newest().claimed_at is None) == (PreviewState.FAILED, False)
            db.session.rollback()
            assert not previewing.make_next()


# Afterwards


@BOTH
def test_it_is_gone_after_an_hour(make_app: AppMaker, database: str) -> None:
    app = make_app(database)
    asked.put(app, SOME)
    previewed(app, parts=frozenset({Part.BOOK}))
    with app.app_context():
        for later, left in ((timedelta(minutes=59), 1), (previews.KEEP, 0)):
            with time_machine.travel(clock.now() + later):
                removing.remove_due()
            assert db.session.scalar(select(func.count(DeliveryPreview.id))) == left
            db.session.rollback()


@BOTH
def test_who_is_erased_is_on_no_picture(make_app: AppMaker, database: str) -> None:
    app = make_app(database)
    asked.put(app, SOME)
    previewed(app, parts=frozenset({Part.BOOK}))
    with app.app_context():
        signature = db.session.scalars(select(Signature).where(Signature.name == "Zoë Müller")).one()
        assert signature.mailbox
        person = Person(signature.declaration_id, signature.mailbox)
        with writing():
            personal.erase(person)
        assert db.session.scalar(select(func.count(DeliveryPreviewPage.place))) == 0


def test_an_erasure_does_not_fail_on_a_picture_that_is_just_being_kept(make_app: AppMaker) -> None:
    """Only PostgreSQL lets two write at once."""
    app = make_app("postgresql")
    asked.put(app, SOME)
    preview = previewed(app, parts=TABLE)
    failures: list[BaseException] = []

    def erase() -> None:
        try:
            with app.app_context():
                signature = db.session.scalars(select(Signature).where(Signature.name == "Zoë Müller")).one()
                with writing():
                    previews.forget(signature)
        except BaseException as problem:
            failures.append(problem)

    eraser = threading.Thread(target=erase)
    with app.app_context():
        with writing():
            db.session.add(DeliveryPreviewPage(preview_id=preview.id, place=1, png=b"picture"))
            db.session.flush()
            eraser.start()
            eraser.join(1)
            assert eraser.is_alive(), "it waits"
        eraser.join(30)
        assert failures == []
        assert db.session.scalar(select(func.count(DeliveryPreview.id))) == 0


def test_its_files_are_cleared_away_only_when_nobody_makes_it(make_app: AppMaker) -> None:
    app = make_app()
    with app.app_context():
        _asked(staff.signed_in(app, "organiser"))
        # What was read before has seen nothing of it.
        db.session.rollback()
        folder = places.root() / _newest().public_id
        folder.mkdir(parents=True)
        removing.remove_due()
        assert folder.is_dir()
        with writing():
            _newest().made_at = clock.now()
        removing.remove_due()
        assert not folder.exists()


def _ask() -> int:
    with writing():
        declaration = reading.find(make.SLUG)
        assert declaration is not None
        return previews.ask(declaration, asked.order(parts=TABLE), chosen=[]).id


def _asked(client: Staff, **given: str) -> str:
    answer = staff_post(client, f"{LIST}/preview", **{**ORDER, "parts": "book", **given})
    assert (answer.status_code, answer.location.startswith(f"{LIST}/previews/")) == (303, True)
    return client.get(answer.location).text


def _newest() -> DeliveryPreview:
    return db.session.scalars(select(DeliveryPreview).order_by(DeliveryPreview.id.desc()).limit(1)).one()
