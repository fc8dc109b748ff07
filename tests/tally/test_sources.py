"""Sources and partners in the count: by name up to 500 of a scope, then together; exact whatever comes and goes."""

from collections import Counter

import pytest
from flask import Flask
from sqlalchemy import func, select

from petition import clock
from petition.extensions import db
from petition.tally import moving, noting, recounting, sources
from petition.tally.models import PERSON, Bucket, NamedSource
from petition.tally.noting import Place
from petition.tally.sources import MOST, OTHER, Names
from tests import make

pytestmark = pytest.mark.usefixtures("app")
SCOPE = 77


def _note(source: str, amount: int = 1, *, scope: int = SCOPE, partner: str = "") -> None:
    noting.note(Place(scope, clock.now(), "IT", source, partner), amount)


def _by_source(scope: int = SCOPE) -> dict[str, int]:
    query = select(Bucket.source, func.sum(Bucket.count)).where(Bucket.scope == scope).group_by(Bucket.source)
    return {source: int(number) for source, number in db.session.execute(query) if number}


def _move(app: Flask) -> None:
    db.session.commit()
    make.move_tally(app)


def test_the_501st_source_is_counted_with_the_others_and_so_is_what_goes_again(app: Flask) -> None:
    for nth in range(MOST):
        _note(f"source-{nth}")
    _move(app)
    for source in ("late", "later", "source-7", OTHER, ""):
        _note(source)
    _note("late", -1)
    _move(app)
    found = _by_source()
    assert (found[OTHER], found["source-7"], found[""]) == (2, 2, 1)
    assert "late" not in found and len(found) == MOST + 2
    assert db.session.scalar(select(func.count()).select_from(NamedSource)) == MOST


def test_each_declaration_has_500_of_its_own(app: Flask) -> None:
    for nth in range(MOST):
        _note(f"source-{nth}")
    _note("late", scope=78)
    _move(app)
    assert _by_source(78) == {"late": 1}


def test_a_name_that_was_given_stays_though_nobody_is_counted_there_any_more(app: Flask) -> None:
    for nth in range(MOST):
        _note(f"source-{nth}")
    _move(app)
    _note("source-0", -1)
    _note("late")
    _move(app)
    assert _by_source()[OTHER] == 1
    _note("source-0")
    _move(app)
    assert _by_source()["source-0"] == 1


def test_a_partner_is_counted_apart(app: Flask) -> None:
    _note("news", partner="byron")
    _note("news", 2)
    _note("", 4, partner="byron")
    _move(app)
    query = select(Bucket.partner, func.sum(Bucket.count)).where(Bucket.scope == SCOPE).group_by(Bucket.partner)
    assert {partner: int(number) for partner, number in db.session.execute(query)} == {"byron": 5, "": 2}


def test_a_recount_is_exact_with_more_sources_than_have_names(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "MOST", 3)
    scope, hour = make.text().declaration_id, clock.hour_of(clock.now())
    make.crowd(12, source=[f"s{nth}" for nth in range(6)])
    rows: Counter[tuple[int, str, object, str, str, str]] = Counter()
    for nth in range(6):
        noting.note(Place(scope, clock.now(), "GB", f"s{nth}"), 2)
        rows[scope, PERSON, hour, "GB", f"s{nth}", ""] = 2
    _move(app)
    assert _by_source(scope) == {"s0": 2, "s1": 2, "s2": 2, OTHER: 6}
    counted = recounting._counted()
    assert counted.total() == 12
    assert not recounting._drift(counted, Names())


def test_a_repair_counts_under_the_names_that_it_gives(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "MOST", 2)
    make.crowd(6, source=["a", "b", "c"])
    names = Names()
    moving.add(recounting._drift(recounting._counted(), names))
    names.keep()
    db.session.commit()
    assert not recounting._drift(recounting._counted(), Names())
    found = _by_source(make.text().declaration_id)
    assert found[OTHER] == 2 and sorted(found.values()) == [2, 2, 2]
