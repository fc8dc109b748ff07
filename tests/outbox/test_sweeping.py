"""Sweeping: mail files go after 7 days, rows 30 days after they left or were dropped."""

import os
from datetime import timedelta

import pytest
import time_machine

from petition import clock
from petition.extensions import db
from petition.outbox import sweeping
from petition.outbox.composing import NotDue
from tests.outbox.mailing import post, register, rows, send
from tests.standing import AppMaker, settings_of

HOUR = timedelta(hours=1)


def test_mail_files_go_after_seven_days_and_half_written_ones_with_them(make_app: AppMaker) -> None:
    app = make_app()
    folder = settings_of(app).instance_dir / "mail"
    folder.mkdir(parents=True)
    ages = {
        "young.eml": 7 * 24 - 1,
        "old.eml": 7 * 24 + 1,
        ".killed.draft": 7 * 24 + 1,
        ".now.draft": 0,
        "note.txt": 900,
    }
    for name, hours in ages.items():
        (folder / name).write_text("mail")
        written = (clock.now() - hours * HOUR).timestamp()
        os.utime(folder / name, (written, written))
    with app.app_context():
        sweeping.sweep()
    assert {file.name for file in folder.iterdir()} == {"young.eml", ".now.draft", "note.txt"}


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_rows_go_thirty_days_after_they_left_and_waiting_ones_stay(make_app: AppMaker, database: str) -> None:
    app = make_app(database)
    register(app)
    register(app, lambda _mail: NotDue("taken back"), kind="dropped")
    with app.app_context():
        with time_machine.travel(clock.now() - sweeping.KEEP_ROWS - HOUR, tick=False):
            post("sent-long-ago")
            post("dropped-long-ago", kind="dropped")
            send(app)
            post("waiting-long")
        with time_machine.travel(clock.now() - sweeping.KEEP_ROWS + HOUR, tick=False):
            post("sent-lately")
            send(app)
            rows()["waiting-long"].sent_at = None
            db.session.commit()
        assert sweeping.sweep() == 2
        db.session.commit()
        assert set(rows()) == {"waiting-long", "sent-lately"}


def test_a_mail_folder_that_is_not_there_is_no_trouble(make_app: AppMaker) -> None:
    app = make_app()
    with app.app_context():
        assert sweeping.sweep() == 0
