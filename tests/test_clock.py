"""The clock and the columns that keep its times: aware, in UTC, on both databases."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
import time_machine
from flask import Flask

from petition import clock, columns
from petition.columns import UtcDateTime
from petition.extensions import db
from petition.privacy.models import Erasure

MOMENT = datetime(2025, 11, 12, 9, 59, 59, 999_999, tzinfo=timezone(timedelta(hours=1)))


def test_the_present_is_aware_and_tests_can_set_it() -> None:
    with time_machine.travel(MOMENT, tick=False):
        assert clock.now() == MOMENT
        assert clock.now().tzinfo is UTC


def test_times_are_written_in_whole_seconds_of_utc() -> None:
    assert clock.iso(MOMENT) == "2025-11-12T08:59:59Z"


def test_the_hour_is_that_of_utc_even_where_zones_are_half_an_hour_off() -> None:
    india = timezone(timedelta(hours=5, minutes=30))
    assert clock.hour_of(datetime(2025, 11, 12, 0, 15, tzinfo=india)) == datetime(2025, 11, 11, 18, tzinfo=UTC)


def test_a_time_is_shown_as_the_declarations_clocks_show_it() -> None:
    shown = clock.in_zone(datetime(2025, 7, 1, 22, 30, tzinfo=UTC), "Europe/Rome")
    assert f"{shown:%Y-%m-%d %H:%M}" == "2025-07-02 00:30"


def test_a_time_comes_back_from_the_database_as_the_same_moment_in_utc(app: Flask) -> None:
    db.session.add(Erasure(subject="x", erased_at=MOMENT))
    db.session.flush()
    db.session.expire_all()
    kept = db.session.query(Erasure).one().erased_at
    assert (kept, kept.utcoffset()) == (MOMENT, timedelta(0))


def test_a_time_without_a_zone_does_not_enter_the_database(app: Flask) -> None:
    with pytest.raises(ValueError, match="time zone"):
        UtcDateTime().process_bind_param(datetime(2025, 11, 12), db.engine.dialect)


def test_public_ids_are_random_and_fit_their_column() -> None:
    ids = {columns.new_public_id() for _ in range(1000)}
    assert len(ids) == 1000
    assert {len(each) for each in ids} == {columns.PUBLIC_ID_LENGTH}
