"""Those who work at the same moment, on PostgreSQL: no limit is passed, and no two wait for each other."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from petition import clock
from petition.declarations import reading
from petition.declarations.notices import ORGANISERS
from petition.extensions import db, writing
from petition.moderation import deciding
from petition.signatures.models import Verdict
from petition.webhooks import endpoints, outcomes, sending, sweeping, targets
from petition.webhooks.models import Notice
from petition.webhooks.refusals import TooMany
from tests import make
from tests.standing import AppMaker, signature, wait_until, waiting
from tests.webhooks.receiving import EVENT, OWNER, SCOPE, endpoint, register, row, rows, tell

NOWHERE = "http://127.0.0.1:9/"


def _add(path: str) -> None:
    endpoints.add(targets.parse(NOWHERE + path), owner=OWNER, scope=SCOPE, hears=[EVENT])


def test_of_two_who_add_the_last_webhook_at_once_one_is_refused(
    make_app: AppMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(endpoints, "MOST", 2)
    app = make_app("postgresql")
    register(app)

    def add_too() -> None:
        with app.app_context(), writing():
            _add("second")

    with app.app_context(), ThreadPoolExecutor(1) as threads:
        endpoint(NOWHERE)
        _add("first")
        adding = threads.submit(add_too)
        wait_until(lambda: waiting() == 1 or adding.done())
        db.session.commit()
        with pytest.raises(TooMany):
            adding.result(20)


def test_the_worker_writes_down_what_it_sent_in_the_order_of_the_ids(make_app: AppMaker) -> None:
    app = make_app("postgresql")
    register(app)
    with app.app_context():
        made, _ = endpoint(NOWHERE)
        tell("ada", "grace")
        row("grace").due_at -= timedelta(minutes=1)
        db.session.commit()
        batch, _taken = sending._take(made.id)
        assert batch is not None
        assert [parcel.notice_id for parcel in batch.parcels] == [row("grace").id, row("ada").id], "by when it was due"
        results = [outcomes.taken(0, first_tried_at=None, status=204)] * 2
        _goes_by_ids(app, lambda: sending._write_down(batch, results))
        assert all(notice.sent_at for notice in rows().values())


def test_many_signatures_are_decided_in_the_order_of_their_notices(make_app: AppMaker) -> None:
    app = make_app("postgresql")
    with app.app_context():
        scope = make.text().declaration_id
        endpoint(NOWHERE, hears=("signature.confirmed",), owner=ORGANISERS, scope=scope)
        ids = sorted(signature().public_id for _ in range(2))
        # As it is for half of all: who comes first by their id signed last.
        for notice, public_id in zip(_notices(), reversed(ids), strict=True):
            notice.reference = public_id
        db.session.commit()

        def decide() -> None:
            declaration = reading.all_declarations()[0]
            with writing():
                assert len(deciding.decide(declaration, ids, Verdict.HELD, reason="A test", by="somebody")) == 2

        _goes_by_ids(app, decide)
        assert _notices() == [], "nobody had heard of them"


def test_a_sweep_leaves_what_somebody_has_in_hand_to_the_next(make_app: AppMaker) -> None:
    app = make_app("postgresql")
    register(app)
    with app.app_context():
        endpoint(NOWHERE)
        tell("ada", "grace")
        with time_machine.travel(clock.now() + sweeping.KEEP + timedelta(hours=1)), db.engine.connect() as holder:
            with holder.begin():
                holder.execute(select(Notice.id).where(Notice.reference == "ada").with_for_update())
                assert sweeping.sweep() == 1
                db.session.commit()
            assert sweeping.sweep() == 1
            db.session.commit()


def _notices() -> list[Notice]:
    db.session.rollback()
    return list(db.session.scalars(select(Notice).order_by(Notice.id)))


def _goes_by_ids(app: Flask, work: Callable[[], None]) -> None:
    """Whoever has to wait for the first notice, which somebody has in hand, holds none of the others meanwhile."""
    first, *others = [notice.id for notice in _notices()]
    db.session.rollback()

    def work_there() -> None:
        with app.app_context():
            work()

    with ThreadPoolExecutor(1) as threads:
        with db.engine.connect() as holder, holder.begin():
            holder.execute(select(Notice.id).where(Notice.id == first).with_for_update())
            working = threads.submit(work_there)
            wait_until(lambda: waiting() == 1)
            holder.execute(select(Notice.id).where(Notice.id.in_(others)).with_for_update(nowait=True))
        working.result(20)
