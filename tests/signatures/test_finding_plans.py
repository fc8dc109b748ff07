"""Finding at a million: whatever staff narrows the list to, an index leads to a page of it, either way."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from petition import clock
from petition.extensions import db
from petition.signatures import finding
from petition.signatures.finding import PAGE, Wanted
from petition.signatures.models import State
from tests import make
from tests.signatures import plans, steps

ROWS = 20_000
NAMES = [
    f"{given} {family}"
    for given in ("Ada", "Grace", "Łucja", "Zoë", "明")
    for family in ("Rossi", "Hopper", "Ng", "Griffin")
]
WANTED: dict[str, dict[str, Any]] = {
    "": {},
    "country": {"country": "IT"},
    "rare country": {"country": "VA"},
    "name": {"name": "gr"},
    "last word": {"name": "ross"},
    "name that all share": {"name": "a"},
    "name and rare country": {"name": "gr", "country": "VA"},
    "nobody": {"name": "xyz"},
    **{f"state {state}": {"state": state} for state in State},
    "held in a country": {"state": State.HELD, "country": "IT"},
    "source": {"source": "embed"},
    "source that is none": {"source": "nowhere"},
    "paper": {"channel": "paper"},
    "visibility": {"visibility": "counted"},
    "country and visibility": {"country": "DE", "visibility": "addressee"},
    "an hour": {"since": -3600, "until": -3000},
    "before all": {"until": -1_000_000},
    "country within an hour": {"country": "GB", "since": -3600, "until": -3000},
}


@pytest.fixture
def many(app: Flask) -> None:
    make.crowd(
        ROWS,
        name=NAMES,
        country=["IT"] * 20 + ["DE"] * 11 + ["GB"] * 6,
        visibility=["public", "public", "addressee", "counted"],
    )
    now = clock.now()
    for column in ("held_at", "invalidated_at", "withdrawn_at", "erased_at"):
        make.crowd(PAGE + 5, name=["Grace Rossi", "Ada Ng"], country=["IT", "VA"], **{column: now})
    make.crowd(PAGE + 5, source="embed", channel="paper")
    for _nth in range(3):
        make.submission()
    db.session.execute(text("ANALYZE"))
    db.session.commit()


def test_no_page_that_staff_looks_at_reads_or_sorts_more_than_itself(app: Flask, many: None) -> None:
    declaration, now = steps.declaration(), clock.now()
    for asked, given in WANTED.items():
        moments = {name: now + timedelta(seconds=given[name]) for name in ("since", "until") if name in given}
        wanted = Wanted(**{**given, **moments})
        with plans.captured() as sent:
            first = finding.find(declaration, wanted)
            if first.after:
                second = finding.find(declaration, wanted, after=first.after)
                finding.find(declaration, wanted, before=second.before)
        assert len(sent) in (0, 1, 3) if wanted.state is State.PENDING else (1, 3), asked
        for statement, parameters in sent:
            if db.engine.dialect.name == "postgresql":
                assert plans.rows_read(statement, parameters) <= 6 * PAGE, asked
            else:
                seen = plans.steps(statement, parameters)
                ours = [step for step in seen if "signatures" in step]
                assert ours and all(step.startswith("SEARCH") for step in ours), (asked, seen)
                assert not plans.sorts(seen), (asked, seen)


def test_pending_submissions_come_from_their_index(app: Flask, many: None) -> None:
    with plans.captured("submissions") as sent:
        finding.find(steps.declaration(), Wanted(state=State.PENDING))
    for statement, parameters in sent:
        if db.engine.dialect.name == "sqlite":
            assert any("ix_submissions_pending" in step for step in plans.steps(statement, parameters))
