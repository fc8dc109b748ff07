"""Where endorsements stand: the database and the objects say the same of every order of their times."""

from datetime import timedelta
from itertools import product

from flask import Flask
from sqlalchemy import select

from petition import clock
from petition.endorsements import judging, standing
from petition.endorsements.models import Endorsement, State
from petition.endorsements.states import HELD
from petition.extensions import db
from tests import make
from tests.signatures import steps


def test_the_database_calls_held_what_the_objects_call_held(app: Flask) -> None:
    early, confirmed, late = (clock.now() - timedelta(days=days) for days in (3, 2, 1))
    for times in product((None, early, confirmed, late), repeat=3):
        endorsement = make.endorsement(approved=False)
        endorsement.confirmed_at = confirmed
        endorsement.approved_at, endorsement.declined_at, endorsement.withdrawn_at = times
    db.session.commit()
    db.session.expire_all()
    found = db.session.execute(select(Endorsement, HELD, ~HELD)).all()
    assert len(found) == 4**3
    for endorsement, held, not_held in found:
        assert held is (endorsement.state is State.HELD)
        assert not_held is not held, "it is never unknown"
    held = sum(held for _endorsement, held, _not_held in found)
    assert held == standing.count_held(steps.declaration().id) == judging.count_waiting(steps.declaration()) == 2**3
