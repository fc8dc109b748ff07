"""The figures that the worker keeps: true to the rows, by the declaration's own days, counted as seldom as may be."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import Engine, event, insert, text, update

from petition import clock
from petition.console import counting, figures
from petition.console.figures import MOST_SOURCES, Figures
from petition.console.models import StoredFigures
from petition.declarations.models import Declaration
from petition.extensions import db
from petition.outbox import posting
from petition.outbox.models import Mail
from petition.signatures import caring
from petition.signatures.mailboxes import Mailbox
from petition.signatures.models import Submission
from petition.tally.models import ORGANISATION
from tests import make
from tests.console import steps

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)


def _zone(zone: str) -> None:
    plan = {**steps.declaration().stored_plan, "time_zone": zone}
    db.session.execute(update(Declaration).values(stored_plan=plan))
    db.session.commit()
    db.session.expire_all()


def _submitted(at: datetime, *, number: int = 1, confirmed: int = 0) -> None:
    """So many submissions of this moment, some of them confirmed a minute later."""
    same = {"declaration_id": make.text().declaration_id, "text_id": make.text().id, **vars(make.statement())}
    digest = dict.fromkeys(("mailbox", "loose_mailbox", "domain"), b"x" * 32)
    rows = [
        {
            "public_id": f"{at.timestamp():.0f}-{nth}",
            "created_at": at,
            "confirmed_at": at + timedelta(minutes=1) if nth < confirmed else None,
        }
        for nth in range(number)
    ]
    more = {"address": b"x", "consents": [], "language": "en", "channel": "web", "source": ""}
    db.session.execute(insert(Submission).values(**same, **digest, **more), rows)
    db.session.commit()


def test_figures_are_those_of_the_rows(app: Flask) -> None:
    make.submission()
    make.signature(country="IT")
    make.signature(country="IT")
    gone = make.signature(country="FR")
    assert gone.mailbox is not None
    caring.withdraw(Mailbox(gone.text.declaration, gone.mailbox))
    db.session.commit()
    make.endorsement()
    make.endorsement(approved=False)
    make.move_tally(app)
    steps.signed(3, held_at=clock.now())
    steps.signed(2, held_at=clock.now() - timedelta(hours=1), approved_at=clock.now())
    steps.signed(4, invalidated_at=clock.now())
    steps.signed(1, invalidated_at=clock.now() - timedelta(hours=1), reinstated_at=clock.now())
    kept = steps.count()
    now = kept.figures
    assert (now.signatures, now.organisations, now.organisations_waiting) == (2, 1, 1)
    assert (now.held, now.withdrawn, now.invalidated) == (3, 1, 4)
    assert now.pending == 1
    assert now.countries == {"IT": 2} and now.sources == {"": 2}
    assert sum(number for _hour, number in kept.hours(48)) == 2
    assert kept.as_of <= clock.now()


def test_a_signature_stands_in_one_number_only(app: Flask) -> None:
    now = clock.now()
    steps.signed(1, held_at=now, invalidated_at=now, withdrawn_at=now)
    steps.signed(1, held_at=now, invalidated_at=now)
    found = steps.count().figures
    assert (found.held, found.withdrawn, found.invalidated) == (0, 1, 1)


@pytest.mark.parametrize(
    ("zone", "today"),
    [
        ("UTC", 1),
        ("Europe/Rome", 3),
        ("Asia/Tokyo", 10),
        ("America/Mexico_City", 1),
        # Its midnight lies within an hour, which belongs to the day on which it began.
        ("Asia/Kolkata", 7),
    ],
)
def test_today_is_the_day_of_the_declarations_time_zone(app: Flask, zone: str, today: int) -> None:
    midnight = datetime(2026, 3, 4, tzinfo=UTC)
    with time_machine.travel(midnight + timedelta(minutes=30), tick=False):
        _zone(zone)
        hours = {0: 1, -1: 2, -5: 4, -6: 3}
        if zone == "America/Mexico_City":
            hours = {0: 1, -19: 9}
        make.counts(*[(midnight + timedelta(hours=at), "IT", number) for at, number in hours.items()])
        kept = steps.count()
        assert kept.today(zone) == today
        days = kept.days(zone)
        assert (days[-1].count, days[-1].total) == (today, sum(hours.values()))


def test_the_next_day_begins_at_nothing_and_leaves_no_day_out(app: Flask) -> None:
    with time_machine.travel(NOON, tick=False) as clocks:
        make.counts((NOON, "IT", 7))
        steps.count()
        clocks.shift(timedelta(days=2))
        kept = steps.count()
        assert kept.today("UTC") == 0
        assert [(day.day.day, day.count, day.total) for day in kept.days("UTC")] == [(4, 7, 7), (5, 0, 7), (6, 0, 7)]


def test_hours_are_kept_for_a_week_and_told_up_to_the_last_count(app: Flask) -> None:
    with time_machine.travel(NOON, tick=False):
        make.counts((NOON, "IT", 1), (NOON - timedelta(hours=47), "IT", 2), (NOON - timedelta(hours=167), "IT", 3))
        make.counts((NOON - timedelta(days=30), "IT", 4))
        kept = steps.count()
        two_days, week = kept.hours(48), kept.hours(168)
        assert (two_days[0], two_days[-1]) == ((NOON - timedelta(hours=47), 2), (NOON, 1))
        assert week[0] == (NOON - timedelta(hours=167), 3) and len(week) == 168
        assert len(kept.figures.hours) == 3


def test_organisations_are_not_among_the_people(app: Flask) -> None:
    make.counts((clock.now(), "IT", 5))
    make.counts((clock.now(), "IT", 2), kind=ORGANISATION)
    found = steps.count().figures
    assert (found.signatures, found.organisations, sum(found.hours.values()), found.countries) == (5, 2, 5, {"IT": 5})


def test_the_share_that_is_confirmed_outlives_the_submissions(app: Flask) -> None:
    with time_machine.travel(NOON, tick=False) as clocks:
        _submitted(NOON - timedelta(days=20), number=10, confirmed=6)
        _submitted(NOON - timedelta(days=2), number=4, confirmed=1)
        _submitted(NOON - timedelta(minutes=5), number=3)
        kept = steps.count()
        assert kept.figures.pending == 6
        asked = {day.isoformat(): (came, done) for day, came, done in kept.asked("UTC", 30)}
        assert asked["2026-02-12"] == (10, 6) and asked["2026-03-02"] == (4, 1) and asked["2026-03-04"] == (3, 0)
        assert asked["2026-02-20"] == (0, 0), "a day on which nothing came is a day"
        db.session.execute(
            update(Submission).where(Submission.created_at == NOON - timedelta(days=2)).values(confirmed_at=clock.now())
        )
        db.session.execute(text("DELETE FROM submissions WHERE created_at < '2026-02-20'"))
        db.session.commit()
        clocks.shift(timedelta(hours=1))
        kept = steps.count()
        asked = {day.isoformat(): (came, done) for day, came, done in kept.asked("UTC", 30)}
        assert asked["2026-02-12"] == (10, 6), "purged, and still known"
        assert asked["2026-03-02"] == (4, 4), "confirmed days later"
        assert kept.figures.pending == 3


def test_mails_that_wait_fail_or_were_refused_are_counted_by_declaration(app: Flask) -> None:
    now, scope = clock.now(), make.text().declaration_id
    states: list[dict[str, Any]] = [
        {},
        {"due_at": now + timedelta(days=2)},
        {"due_at": now + timedelta(minutes=5), "attempts": 1, "reason": "450 later"},
        {"attempts": 1, "dropped_at": now - timedelta(days=1), "reason": "550 no such mailbox"},
        {"attempts": 1, "dropped_at": now - timedelta(days=8), "reason": "550 no such mailbox"},
        {"dropped_at": now, "reason": "nothing to say"},
        {"attempts": 1, "sent_at": now},
        {"scope": scope + 1, "attempts": 1, "dropped_at": now},
    ]
    for state in states:
        row = posting.waiting("plain", "x", scope=scope, mailbox=b"x" * 32, language="en", due_at=now)
        db.session.add(Mail(**{**row.values, **state}))
    db.session.commit()
    found = steps.count().figures
    assert (found.mails_waiting, found.mails_retrying, found.mails_refused) == (1, 1, 1)


def test_sources_beyond_the_largest_are_told_together(app: Flask) -> None:
    scope, hour = make.text().declaration_id, clock.hour_of(clock.now())
    number = MOST_SOURCES + 3
    rows = [{"source": f"s{nth}", "count": 10 if nth < MOST_SOURCES else 1} for nth in range(number)]
    db.session.execute(
        text(
            "INSERT INTO tally_buckets (scope, kind, hour, country, source, partner, count)"
            f" VALUES ({scope}, 'person', '{hour:%Y-%m-%d %H:%M:%S}', 'IT', :source, '', :count)"
        ),
        rows,
    )
    db.session.commit()
    found = steps.count().figures
    assert len(found.sources) == MOST_SOURCES and found.other_sources == 3


def test_a_declaration_that_another_worker_has_in_hand_is_left_alone(app: Flask) -> None:
    steps.count()
    make.counts((clock.now(), "IT", 5))
    counting.count_all()
    kept = figures.find(make.text().declaration_id)
    assert kept is not None and kept.figures.signatures == 0, "counted again after its pause alone"
    with time_machine.travel(clock.now() + counting.EVERY, tick=False):
        counting.count_all()
    kept = figures.find(make.text().declaration_id)
    assert kept is not None and kept.figures.signatures == 5


def test_a_declaration_closed_for_days_is_counted_seldom(app: Flask) -> None:
    with time_machine.travel(NOON, tick=False) as clocks:
        steps.close(NOON - timedelta(days=3))
        first = steps.count().as_of
        clocks.shift(counting.EVERY * 2)
        counting.count_all()
        assert figures.find(make.text().declaration_id).as_of == first  # type: ignore[union-attr]
        clocks.shift(counting.SELDOM)
        counting.count_all()
        assert figures.find(make.text().declaration_id).as_of == clock.now()  # type: ignore[union-attr]


def test_what_takes_long_is_counted_the_more_seldom(app: Flask) -> None:
    with time_machine.travel(NOON, tick=False) as clocks:
        make.counts((NOON, "IT", 5))
        before = Figures(worked_out_at=NOON.isoformat(), took=2.0, fingerprint="another")
        clocks.shift(timedelta(seconds=99))
        found = counting.count(steps.declaration(), before)
        assert (found.signatures, found.countries, found.days) == (5, {}, {"2026-03-04": 5}), "the quick ones are new"
        clocks.shift(timedelta(seconds=1))
        assert counting.count(steps.declaration(), before).countries == {"IT": 5}


def test_what_has_not_changed_is_not_added_up_again(app: Flask) -> None:
    with time_machine.travel(NOON, tick=False) as clocks:
        make.counts((NOON, "IT", 5))
        first = steps.count().figures.worked_out_at
        clocks.shift(timedelta(seconds=30))
        assert steps.count().figures.worked_out_at == first
        make.counts((NOON, "FR", 1))
        kept = steps.count()
        assert kept.figures.worked_out_at == clock.now().isoformat()
        assert kept.figures.countries == {"IT": 5, "FR": 1}


def test_figures_of_another_version_are_read(app: Flask) -> None:
    steps.count()
    db.session.execute(update(StoredFigures).values(stored={"signatures": 3, "a word of tomorrow": 1}))
    db.session.commit()
    kept = figures.find(make.text().declaration_id)
    assert kept is not None and (kept.figures.signatures, kept.figures.countries) == (3, {})


@contextmanager
def _captured() -> Iterator[list[tuple[str, Any]]]:
    sent: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, statement: str, parameters: Any, *_rest: object) -> None:
        sent.append((statement, parameters))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def test_the_round_finds_everything_through_indexes(app: Flask) -> None:
    make.crowd(20_000)
    steps.signed(50, held_at=clock.now())
    _submitted(clock.now() - timedelta(days=20), number=15_000, confirmed=15_000)
    _submitted(clock.now() - timedelta(hours=2), number=100, confirmed=90)
    row = posting.waiting("plain", "x", scope=1, mailbox=b"x" * 32, language="en").values
    mails = [{**row, "public_id": f"mail-{nth}", "sent_at": row["due_at"]} for nth in range(2_000)]
    db.session.execute(insert(Mail), mails)
    db.session.execute(text("ANALYZE"))
    db.session.commit()
    steps.count()
    with time_machine.travel(clock.now() + timedelta(hours=1), tick=False), _captured() as sent:
        counting.count_all()
    large = ("FROM signatures", "FROM submissions", "FROM mails")
    asked = [(statement, given) for statement, given in sent if any(table in statement for table in large)]
    assert len(asked) == 6
    for statement, given in asked:
        connection = db.session.connection()
        if db.engine.dialect.name == "postgresql":
            found = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", given).scalar()
            assert "Seq Scan" not in json.dumps(found), statement
        else:
            plan = [row[-1] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", given)]
            read = [step for step in plan if step.startswith(("SCAN", "SEARCH"))]
            # An index of what waits alone may be read whole.
            assert read and all(step.startswith("SEARCH") or "ix_mails_waiting" in step for step in read), plan
