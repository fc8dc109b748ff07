"""Where signatures stand: the database and the objects say the same of every order of their times."""

from datetime import timedelta
from itertools import product

from flask import Flask
from sqlalchemy import select

from petition import clock
from petition.extensions import db
from petition.signatures import finding, standing
from petition.signatures.finding import Wanted
from petition.signatures.models import Signature, State
from petition.signatures.states import HELD, INVALIDATED, WITHDRAWN
from tests import make
from tests.signatures import steps


def _every_order() -> None:
    early, late = (clock.now() - timedelta(days=days) for days in (2, 1))
    times = (None, early, late)
    decided = [*product(times, times, (None,), (None,)), *product((None,), (None,), times, times)]
    columns = ("confirmed_at", "withdrawn_at", "invalidated_at", "reinstated_at", "held_at", "approved_at")
    for confirmed, withdrawn, rest in product(times, times, decided):
        signature = make.signature()
        for column, moment in zip(columns, (confirmed, withdrawn, *rest), strict=True):
            setattr(signature, column, moment)
    db.session.commit()
    db.session.expire_all()


def test_the_database_says_what_the_objects_say(app: Flask) -> None:
    _every_order()
    found = db.session.execute(select(Signature, WITHDRAWN, INVALIDATED, HELD, ~WITHDRAWN)).all()
    assert len(found) == 9 * 18
    for signature, withdrawn, invalidated, held, not_withdrawn in found:
        assert (withdrawn, invalidated, held) == (signature.withdrawn, signature.invalidated, signature.held)
        assert not_withdrawn is not withdrawn, "it is never unknown"


def test_whoever_was_never_confirmed_and_withdrew_is_withdrawn_everywhere(app: Flask) -> None:
    signature = make.signature()
    signature.confirmed_at, signature.withdrawn_at = None, clock.now()
    db.session.commit()
    assert signature.state == State.WITHDRAWN
    assert list(finding.find(steps.declaration(), Wanted(state=State.WITHDRAWN)).rows) == [signature]
    assert standing.count_uncounted(signature.declaration_id).withdrawn == 1
