"""Migrations: the migrated schema is the models', every step goes both ways, a newer database is refused."""

import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import MetaData, inspect, text

from petition import clock, extensions
from petition.application import create_app
from petition.declarations import reading, telling
from petition.declarations.plans import Handover, Wording
from petition.extensions import Base, db
from petition.server import preparing
from petition.server.preparing import NotReady
from tests import make
from tests.services import Postgresql
from tests.standing import wait_until

MIGRATIONS = Path(__file__).parent.parent / "migrations"
REVISIONS = [script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()][::-1]


@pytest.fixture(params=["sqlite", "postgresql"])
def fresh(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """The application on an empty database of this test's own."""
    if request.param == "sqlite":
        yield from _on(f"sqlite:///{tmp_path / 'fresh.sqlite'}", tmp_path)
        return
    server: Postgresql = request.getfixturevalue("postgresql")
    yield from _on(server.make_database("fresh"), tmp_path)
    server.drop_database("fresh")


def _on(database_url: str, folder: Path) -> Iterator[Flask]:
    app = create_app(make.settings(folder, database_url=database_url))
    with app.app_context():
        yield app
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()


def _tables() -> set[str]:
    return set(inspect(db.engine).get_table_names())


def _differences(metadata: MetaData) -> list[object]:
    with db.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True, "render_as_batch": True}
        )
        return [*compare_metadata(context, metadata)]


def _checks() -> dict[str, set[str | None]]:
    """The names of check constraints, which Alembic does not compare."""
    found = inspect(db.engine)
    return {table: {each["name"] for each in found.get_check_constraints(table)} for table in Base.metadata.tables}


def _revision() -> str | None:
    with db.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def test_the_migrated_schema_is_that_of_the_models(fresh: Flask) -> None:
    upgrade()
    assert _differences(Base.metadata) == []
    assert _tables() == {*Base.metadata.tables, "alembic_version"}
    migrated = _checks()
    downgrade(revision="base")
    Base.metadata.create_all(db.engine)
    assert migrated == _checks()


def test_a_difference_between_schema_and_models_is_seen(fresh: Flask) -> None:
    upgrade()
    with db.engine.begin() as connection:
        connection.execute(text("DROP INDEX ix_mailed_links_mailbox"))
        connection.execute(text("ALTER TABLE erasures ADD COLUMN surplus INTEGER"))
    assert len(_differences(Base.metadata)) == 2


@pytest.mark.parametrize("revision", REVISIONS)
def test_every_step_goes_up_down_and_up_again(fresh: Flask, revision: str) -> None:
    upgrade(revision=revision)
    tables = _tables()
    downgrade(revision="-1")
    assert _revision() != revision
    upgrade(revision=revision)
    assert (_revision(), _tables()) == (revision, tables)


def test_names_that_were_there_before_are_found_by_the_search(fresh: Flask) -> None:
    preparing.prepare()
    make.crowd(5_003, name=["Zoë Müller", "Ada", "王 明"])
    make.crowd(1, name="", visibility="counted")
    db.session.remove()
    query = text("SELECT name, search_name, search_turned, counted FROM signatures ORDER BY id")
    with db.engine.connect() as connection:
        before = connection.execute(query).all()
    downgrade(revision="0002")
    upgrade()
    with db.engine.connect() as connection:
        assert connection.execute(query).all() == before
    assert ("Zoë Müller", "zoe muller", "muller zoe") in [tuple(row[:3]) for row in before]
    assert ("", None, None) in [tuple(row[:3]) for row in before]


def test_hand_overs_move_into_the_plan_and_back(fresh: Flask) -> None:
    preparing.prepare()
    declaration = reading.find(make.SLUG)
    assert declaration is not None
    rest = {"place": "Rome", "handed_by": "A", "handed_to": "B", "photos": ("https://example.org/a.jpg",)}
    older = Handover(date(2026, 3, 1), Wording(it="Ecco"), record="x" * 22, **rest)  # type: ignore[arg-type]
    facts = {"count": 7, "as_of": clock.now(), "manifest_sha256": "0a" * 32, "record": "y" * 22}
    newer = Handover(date(2026, 3, 4), Wording(), **rest, **facts)  # type: ignore[arg-type]
    written = Handover(date(2026, 3, 2), Wording(dict.fromkeys(declaration.plan.languages, "Presented.")))
    for each in (older, newer, written):
        telling.tell(declaration, each)
    db.session.commit()
    before = declaration.plan.to_json()
    db.session.remove()
    downgrade(revision="0012")
    with db.engine.connect() as connection:
        told = connection.execute(text("SELECT public_id, place, count FROM handovers ORDER BY id")).all()
        assert [tuple(row) for row in told] == [("x" * 22, "Rome", None), ("y" * 22, "Rome", 7)]
        connection.execute(text("UPDATE handovers SET withdrawn_at = published_at WHERE count = 7"))
        connection.commit()
    upgrade()
    after = reading.find(make.SLUG)
    assert after is not None
    assert after.plan.handovers == (written, older), "what was taken back is told no more"
    assert {**after.plan.to_json(), "handovers": 0} == {**before, "handovers": 0}


def test_all_the_way_down_leaves_no_table(fresh: Flask) -> None:
    upgrade()
    downgrade(revision="base")
    assert _tables() == {"alembic_version"}
    assert _revision() is None


def test_what_was_counted_before_there_were_kinds_are_people(fresh: Flask) -> None:
    upgrade(revision="0001")
    tables = ("tallies", "tally_buckets", "tally_changes")
    with db.engine.begin() as connection:
        connection.execute(text("INSERT INTO tallies VALUES (7, 3, '2026-03-01 09:00:00')"))
        connection.execute(text("INSERT INTO tally_buckets VALUES (7, '2026-03-01 09:00:00', 'IT', '', 3)"))
        connection.execute(text("INSERT INTO tally_changes VALUES (1, 7, '2026-03-01 09:00:00', 'IT', '', 1)"))

    upgrade(revision="0002")

    with db.engine.begin() as connection:
        for table in tables:
            assert connection.scalars(text(f"SELECT kind FROM {table}")).all() == ["person"]
        connection.execute(
            text("INSERT INTO tallies (scope, kind, count, as_of) VALUES (7, 'organisation', 9, '2026-03-01 09:00:00')")
        )
    downgrade(revision="0001")
    with db.engine.connect() as connection:
        assert connection.scalars(text("SELECT count FROM tallies")).all() == [3]


def test_what_was_counted_before_there_were_partners_stays_equal_and_only_500_sources_keep_their_names(
    fresh: Flask,
) -> None:
    upgrade(revision="0015")
    hours = ("2026-03-01 09:00:00", "2026-03-01 10:00:00")
    # The last four have the smallest numbers, and one of them signed in two hours.
    places = [(hours[0], f"s{nth:03}", 1000 - nth) for nth in range(504)] + [(hours[1], "s503", 2), (hours[0], "", 7)]
    with db.engine.begin() as connection:
        connection.execute(text("INSERT INTO tally_changes VALUES (1, 7, '2026-03-01 09:00', 'IT', '', 1, 'person')"))
        insert = text("INSERT INTO tally_buckets VALUES (7, :hour, 'IT', :source, :count, 'person')")
        connection.execute(insert, [dict(zip(("hour", "source", "count"), each, strict=True)) for each in places])
    total = text("SELECT CAST(SUM(count) AS integer) FROM tally_buckets")
    with db.engine.connect() as connection:
        before = connection.scalar(total)

    upgrade(revision="0016")

    with db.engine.connect() as connection:
        assert connection.scalar(total) == before
        assert connection.scalars(text("SELECT partner FROM tally_changes")).all() == [""]
        assert connection.scalar(text("SELECT COUNT(*) FROM tally_sources")) == 500
        others = text("SELECT count, partner FROM tally_buckets WHERE source = 'other' ORDER BY hour")
        assert [tuple(row) for row in connection.execute(others)] == [(500 + 499 + 498 + 497, ""), (2, "")]
        assert connection.scalar(text("SELECT count FROM tally_buckets WHERE source = 's499'")) == 501
        connection.commit()
        connection.execute(
            text(
                "INSERT INTO tally_buckets (scope, kind, hour, country, source, partner, count)"
                " VALUES (7, 'person', '2026-03-01 09:00:00', 'IT', '', 'byron', 3)"
            )
        )
        connection.commit()
    downgrade(revision="0015")
    with db.engine.connect() as connection:
        assert connection.scalar(total) == (before or 0) + 3
        assert connection.scalar(text("SELECT count FROM tally_buckets WHERE source = ''")) == 10


def test_what_the_journal_of_erasures_named_twice_it_names_once_as_it_did_first(fresh: Flask) -> None:
    upgrade(revision="0018")
    entries = [("x" * 22, "2026-03-01 09:00:00"), ("y" * 22, "2026-03-02 09:00:00"), ("x" * 22, "2026-03-03 09:00:00")]
    with db.engine.begin() as connection:
        for subject, at in entries:
            entry = {"subject": subject, "at": at}
            connection.execute(text("INSERT INTO erasures (subject, erased_at) VALUES (:subject, :at)"), entry)
    upgrade()
    with db.engine.connect() as connection:
        kept = connection.execute(text("SELECT subject, CAST(erased_at AS text) FROM erasures ORDER BY id")).all()
    assert [(subject, at[:19]) for subject, at in kept] == entries[:2]


def test_revisions_are_numbered_in_one_line() -> None:
    assert [f"{number:04}" for number in range(1, len(REVISIONS) + 1)] == REVISIONS
    assert len(ScriptDirectory(str(MIGRATIONS)).get_heads()) == 1


def test_a_step_that_fails_leaves_the_database_as_it_was(fresh: Flask) -> None:
    with db.engine.begin() as connection:
        connection.execute(text("CREATE TABLE signatures (id INTEGER)"))
    with pytest.raises(Exception, match="already exists"):
        upgrade()
    assert _tables() <= {"signatures", "alembic_version"}
    assert _revision() is None


def test_preparing_migrates_and_loads_the_sample_and_does_so_once(fresh: Flask) -> None:
    preparing.prepare()
    preparing.prepare()
    assert _revision() == REVISIONS[-1]
    assert [declaration.slug for declaration in reading.all_declarations()] == [make.SLUG]
    preparing.check()


def test_a_database_of_a_newer_version_is_refused_and_left_alone(fresh: Flask) -> None:
    preparing.prepare()
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for start in (preparing.prepare, preparing.check):
        with pytest.raises(NotReady, match="newer version") as refusal:
            start()
        assert "\n" not in str(refusal.value)
    assert _revision() == "9999"


def test_a_database_of_an_older_version_is_not_served(fresh: Flask) -> None:
    with pytest.raises(NotReady, match="older version"):
        preparing.check()


@pytest.mark.parametrize("secret", ["lookup_key", "data_keys"])
def test_keys_of_another_database_are_refused(fresh: Flask, tmp_path: Path, secret: str) -> None:
    preparing.prepare()
    settings = fresh.extensions["petition.settings"]
    same = {name: getattr(settings, name) for name in ("database_url", "lookup_key", "data_keys")}
    other = create_app(make.settings(tmp_path, **{**same, secret: make.key()}))
    with other.app_context():
        with pytest.raises(NotReady, match=f"PETITION_{secret.upper()}"):
            preparing.check()
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()


@pytest.mark.slow
def test_whoever_waits_for_anothers_migration_waits_to_its_end(
    postgresql: Postgresql, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extensions, "BUSY_TIMEOUT_MS", 200)
    monkeypatch.setattr(extensions, "STATEMENT_TIMEOUT_MS", 200)
    url = postgresql.make_database("waiting")
    try:
        with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as other:
            other.execute("SELECT pg_advisory_lock(7305112026)")
            waited = (
                "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'advisory' AND now() - query_start > '1s'"
            )

            def let_go() -> None:
                wait_until(lambda: other.execute(waited).fetchone() == (1,))
                other.execute("SELECT pg_advisory_unlock(7305112026)")

            release = threading.Thread(target=let_go)
            release.start()
            for _ in _on(url, tmp_path):
                upgrade()
                assert _revision() == REVISIONS[-1]
            release.join()
    finally:
        postgresql.drop_database("waiting")


def test_translations_that_were_there_before_follow_the_text_they_were_published_with(fresh: Flask) -> None:
    preparing.prepare()
    query = text("SELECT language, follows FROM declaration_texts ORDER BY language")
    with db.engine.connect() as connection:
        before = connection.execute(query).all()
    downgrade(revision="0007")
    upgrade()
    with db.engine.connect() as connection:
        assert connection.execute(query).all() == before
    assert {follows for language, follows in before if language != "en"} == {make.text().sha256}
