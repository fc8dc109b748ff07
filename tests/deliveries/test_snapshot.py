"""The snapshot: whom it holds and in which order, what it shows of them, alike on both databases."""

import sqlite3
import stat
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from pyuca import Collator
from sqlalchemy import select, update

from petition.deliveries import collating, members, snapshot
from petition.deliveries.refusals import Cancelled, MakingFailed
from petition.extensions import db, writing
from petition.signatures.models import Signature
from petition.staging.orders import Reader, Showing, Sorting
from tests import make
from tests.deliveries import asked
from tests.deliveries.asked import NOON
from tests.standing import AppMaker

BOTH = pytest.mark.parametrize("database", ["sqlite", "postgresql"])
PEOPLE: list[dict[str, Any]] = [
    {"name": "Zoë Müller", "country": "IT", "affiliation": "Università", "role": "Prof.", "email": "z@example.org"},
    {"name": "Ángel Ruiz", "country": "ES", "visibility": "addressee", "comment": "Sí", "sector": "health"},
    {"name": "angela Ruiz", "country": "ES"},
    {
        "name": "Secret Person",
        "country": "IT",
        "visibility": "counted",
        "affiliation": "Hidden",
        "email": "s@example.org",
    },
    {"name": "أحمد علي", "country": "EG"},
    {"name": "王 明", "country": "CN"},
    {"name": "Withdrawn Person", "withdrawn_at": NOON + timedelta(days=1)},
    {"name": "Invalid Person", "invalidated_at": NOON + timedelta(days=1)},
    {"name": "Unconfirmed Person", "confirmed_at": None},
]


@BOTH
def test_rows_stand_by_country_and_then_by_name_those_without_a_name_last(
    make_app: AppMaker, tmp_path: Path, database: str
) -> None:
    app = make_app(database)
    asked.put(app, PEOPLE)
    with closing(asked.fill(app, tmp_path / "staging.sqlite")) as staging:
        found = [(row.number, row.country_code, row.name) for row in staging.rows()]
    assert found == [
        (1, "CN", "王 明"),
        (2, "EG", "أحمد علي"),
        (3, "IT", "Zoë Müller"),
        (4, "IT", ""),
        (5, "ES", "Ángel Ruiz"),
        (6, "ES", "angela Ruiz"),
    ]


@BOTH
def test_countries_stand_in_the_order_of_their_names_in_the_first_language(
    make_app: AppMaker, tmp_path: Path, database: str
) -> None:
    app = make_app(database)
    asked.put(app, [{"country": code} for code in ("DE", "AT", "ES", "ZZ")])
    with closing(asked.fill(app, tmp_path / "staging.sqlite", languages=("de", "en"))) as staging:
        assert [row.country_code for row in staging.rows()] == ["DE", "AT", "ES", "ZZ"]
    with closing(asked.fill(app, tmp_path / "staging2.sqlite", languages=("es",))) as staging:
        assert [row.country_code for row in staging.rows()] == ["DE", "AT", "ES", "ZZ"]


@BOTH
def test_by_time_the_oldest_stands_first_and_ties_are_settled_by_the_public_id(
    make_app: AppMaker, tmp_path: Path, database: str
) -> None:
    app = make_app(database)
    ids = ["b" * 22, "B" * 22, "a" * 22, "_" * 22]
    asked.put(
        app,
        [{"public_id": each, "confirmed_at": NOON} for each in ids]
        + [{"confirmed_at": NOON - timedelta(microseconds=1)}],
    )
    with closing(asked.fill(app, tmp_path / "staging.sqlite", sorting=Sorting.TIME)) as staging:
        assert [row.id for row in staging.rows()] == ["id00000000000000000004", "B" * 22, "_" * 22, "a" * 22, "b" * 22]


def test_both_databases_give_the_same_rows_and_facts(make_app: AppMaker, tmp_path: Path) -> None:
    contents = []
    for database in ("sqlite", "postgresql"):
        app = make_app(database)
        asked.put(
            app,
            PEOPLE * 1
            + [
                {"public_id": f"more{n:018}", "name": f"Élan {n % 7}", "mailbox": bytes([200, n]) * 16}
                for n in range(60)
            ],
        )
        with time_machine.travel(NOON + timedelta(days=2), tick=False):
            staging = asked.fill(app, tmp_path / f"{database}.sqlite")
        with closing(staging):
            contents.append((list(staging.rows()), staging.facts))
    assert contents[0] == contents[1]


@pytest.mark.parametrize(
    ("reader", "names"),
    [
        (Reader.ADDRESSEE, {"Public", "Addressee"}),
        (Reader.ARCHIVE, {"Public", "Addressee"}),
        (Reader.PRESS, {"Public"}),
        (Reader.PARTNER, set()),
    ],
)
def test_each_visibility_shows_what_the_order_says(
    make_app: AppMaker, tmp_path: Path, reader: Reader, names: set[str]
) -> None:
    app = make_app()
    asked.put(
        app,
        [
            {"name": each.title(), "visibility": each, "role": "R", "comment": "C"}
            for each in ("public", "addressee", "counted")
        ],
    )
    with closing(asked.fill(app, tmp_path / "staging.sqlite", reader=reader)) as staging:
        rows, facts = list(staging.rows()), staging.facts
    assert {row.name for row in rows if row.name} == names
    assert all((row.role, row.comment) == ("R", "C") for row in rows if row.shown)
    assert all(row[2:7] == ("",) * 5 for row in rows if not row.shown)
    assert (facts.count, facts.shown) == (3, len(names))


def test_whoever_only_counts_is_never_named_whatever_the_order_says(make_app: AppMaker, tmp_path: Path) -> None:
    app = make_app()
    asked.put(app, PEOPLE)
    everything = dict.fromkeys(("public", "addressee", "counted"), Showing.NAME)
    given = {"reader": Reader.ARCHIVE, "shows": everything, "with_addresses": True}
    with closing(asked.fill(app, tmp_path / "staging.sqlite", **given)) as staging:
        counted = [row for row in staging.rows() if row.visibility == "counted"]
    assert [(row.name, row.affiliation, row.email) for row in counted] == [("", "", "")]
    assert b"Secret" not in (tmp_path / "staging.sqlite").read_bytes()


@BOTH
def test_addresses_are_staged_only_when_they_are_asked_for(make_app: AppMaker, tmp_path: Path, database: str) -> None:
    app = make_app(database)
    asked.put(app, PEOPLE)
    with closing(asked.fill(app, tmp_path / "staging.sqlite")) as staging:
        assert {row.email for row in staging.rows()} == {""}
    with closing(asked.fill(app, tmp_path / "asked.sqlite", reader=Reader.ARCHIVE, with_addresses=True)) as staging:
        assert {row.email for row in staging.rows()} == {"", "z@example.org"}
    assert b"example.org" not in (tmp_path / "staging.sqlite").read_bytes().replace(b"conveners@example.org", b"")


def test_an_address_that_cannot_be_read_is_refused_and_leaves_nothing(make_app: AppMaker, tmp_path: Path) -> None:
    app = make_app()
    asked.put(app, [{"address": b"nonsense" * 4}])
    with pytest.raises(MakingFailed, match="cannot be read"):
        asked.fill(app, tmp_path / "staging.sqlite", reader=Reader.ARCHIVE, with_addresses=True)
    assert list(tmp_path.glob("*staging*")) == []


@BOTH
def test_the_facts_say_what_the_rows_say(make_app: AppMaker, tmp_path: Path, database: str) -> None:
    app = make_app(database)
    asked.put(app, PEOPLE)
    with app.app_context():
        make.endorsement(organisation="Zeta", country="IT")
        make.endorsement(organisation="Élan", country="FR")
        make.endorsement(organisation="Waiting", approved=False)
    with closing(asked.fill(app, tmp_path / "staging.sqlite")) as staging:
        facts = staging.facts
    assert (facts.count, facts.shown) == (6, 5)
    assert facts.by_country == {"CN": 1, "EG": 1, "ES": 2, "IT": 2}
    assert facts.by_visibility == {"addressee": 1, "counted": 1, "public": 4}
    assert facts.by_day == {"2026-03-01": 6}
    assert [each["organisation"] for each in facts.organisations] == ["Élan", "Zeta"]
    signed = {text.language: text.signed for text in facts.texts}
    assert signed["en"] == 6 and sum(signed.values()) == 6
    assert [text.language for text in facts.texts][:2] == ["en", "it"]
    assert facts.software.startswith("petition ") and facts.site == "http://localhost:8000"


@BOTH
def test_what_changes_while_it_is_read_does_not_tear_it(
    make_app: AppMaker, tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot, "ROWS_AT_ONCE", 5)
    app = make_app(database)
    other = make_app.another(app)
    asked.put(app, [{"name": f"Name {number}"} for number in range(40)])
    told: list[int] = []

    def change(done: int, total: int) -> None:
        told.append(done)
        if len(told) == 2:
            with other.app_context(), writing():
                now = NOON + timedelta(days=3)
                for column, which in (("withdrawn_at", 1), ("invalidated_at", 30), ("held_at", 35)):
                    mine = Signature.public_id == f"id{which:020}"
                    db.session.execute(update(Signature).where(mine).values({column: now, "name": "Changed"}))

    with app.app_context():
        db.session.rollback()
        snapshot.fill(asked.order(), tmp_path / "staging.sqlite", progress=change)
    with closing(snapshot.staging.Staging(tmp_path / "staging.sqlite")) as staging:
        assert sorted(row.name for row in staging.rows()) == sorted(f"Name {number}" for number in range(40))
    assert told[-1] == 40
    with closing(asked.fill(app, tmp_path / "later.sqlite")) as staging:
        assert staging.facts.count == 37


def test_the_file_is_private_and_nothing_else_stays_beside_it(make_app: AppMaker, tmp_path: Path) -> None:
    app = make_app()
    asked.put(app, PEOPLE)
    folder = tmp_path / "it's private"
    folder.mkdir()
    asked.fill(app, folder / "staging.sqlite").close()
    assert [file.name for file in folder.iterdir()] == ["staging.sqlite"]
    assert stat.S_IMODE((folder / "staging.sqlite").stat().st_mode) == 0o600


@BOTH
def test_whatever_ends_it_early_leaves_nothing(make_app: AppMaker, tmp_path: Path, database: str) -> None:
    app = make_app(database)
    asked.put(app, PEOPLE)

    def cancel(_done: int, _total: int) -> None:
        raise Cancelled

    with app.app_context(), pytest.raises(Cancelled):
        db.session.rollback()
        snapshot.fill(asked.order(), tmp_path / "staging.sqlite", progress=cancel)
    assert list(tmp_path.glob("staging*")) == []
    asked.fill(app, tmp_path / "staging.sqlite").close()


def test_the_members_are_staged_with_how_they_were_shown(make_app: AppMaker, tmp_path: Path) -> None:
    app = make_app()
    asked.put(app, PEOPLE)
    asked.fill(app, tmp_path / "staging.sqlite").close()
    with closing(sqlite3.connect(tmp_path / "staging.sqlite")) as database:
        ((block, held, named),) = database.execute("SELECT * FROM members").fetchall()
    assert block == 0
    with app.app_context():
        rows = db.session.execute(select(Signature.id, Signature.name)).all()
    assert {name for serial, name in rows if members.holds(held, serial)} == {each["name"] for each in PEOPLE[:6]}
    assert {name for serial, name in rows if members.holds(named, serial)} == {
        each["name"] for each in PEOPLE[:6] if each["name"] != "Secret Person"
    }


def test_the_sort_key_is_that_of_the_whole_name() -> None:
    names = ["Ada Lovelace", "Zoë Müller", "王 明", "de la Croix", "De La Croix", "أحمد علي", "Łukasz ß", "अ क्ष",
             "ไทย เก", "e\u0301 x", "é x", "O'Brien-x y", "𠀀 x", "한국 어", "Ångström A", "", "x  y"]  # fmt: skip
    collator = Collator()
    for name in names:
        weights = collator.sort_key(name)[:-1]
        assert collating.sort_key(name) == b"".join(weight.to_bytes(2, "big") for weight in weights)
    assert sorted(names, key=collating.sort_key) == sorted(names, key=collator.sort_key)
