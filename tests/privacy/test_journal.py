"""The journal of erasures: after a backup was put back, whoever was erased since is erased again."""

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner
from sqlalchemy import event, func, select, update

from petition import clock
from petition.columns import new_public_id
from petition.endorsements.models import Endorsement
from petition.extensions import db
from petition.outbox.models import WAITING, Mail
from petition.privacy import journal, personal
from petition.privacy.keepers import Person
from petition.privacy.models import Erasure
from petition.signatures.models import Signature
from tests import make
from tests.signatures import steps


def run(app: Flask, *words: str) -> tuple[int, str]:
    with app.app_context():
        result = FlaskCliRunner(app).invoke(args=["privacy", *words])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    db.session.expire_all()
    return result.exit_code, result.output


def journal_of(path: Path, *subjects: str) -> Path:
    """A journal that was kept apart, which names these."""
    lines = [f"{subject},{clock.iso(clock.now())}" for subject in subjects]
    path.write_text("\n".join(["subject,erased_at", *lines]) + "\n")
    return path


def test_what_the_journal_names_is_erased_again_with_and_without_an_address(
    app: Flask, client: FlaskClient, tmp_path: Path
) -> None:
    ada, stays = make.signature("ada@example.org", name="Ada Byron"), make.signature(name="Bea Byron")
    paper = make.signature(name="Cid Byron")
    for column in ("mailbox", "loose_mailbox", "domain", "address"):
        setattr(paper, column, None)
    house = make.endorsement(organisation="House of Byron")
    db.session.commit()
    kept_apart = journal_of(tmp_path / "journal.csv", ada.public_id, paper.public_id, house.public_id, new_public_id())

    assert run(app, "replay", str(kept_apart)) == (0, "4 entries: 3 erased again, 1 were gone.\n")

    assert {row.name for row in steps.signatures()} == {"", "Bea Byron"}
    assert db.session.scalars(select(Endorsement)).one().erased_at is not None
    assert steps.counted(app, client) == 1
    assert b"Ada Byron" not in (kept := steps.stored_bytes()) and b"House of Byron" not in kept
    assert db.session.scalar(select(func.count()).select_from(Erasure)) == 4, "what the database did not know is added"
    assert stays.erased_at is None
    again = steps.everything()
    assert run(app, "replay", str(kept_apart)) == (0, "4 entries: 0 erased again, 4 were gone.\n")
    assert steps.everything() == again, "twice is once"


def test_a_journal_that_was_written_is_replayed_on_the_backup(app: Flask, tmp_path: Path) -> None:
    signature = make.signature("ada@example.org", name="Ada Byron")
    whole = {name: getattr(signature, name) for name in ("name", "mailbox", "address", "withdrawn_at", "erased_at")}
    personal.erase(Person(scope=signature.declaration_id, mailbox=signature.mailbox))
    db.session.commit()
    path = tmp_path / "journal.csv"
    assert run(app, "journal", "--out", str(path)) == (0, "")
    assert signature.public_id in path.read_text() and "Byron" not in path.read_text()

    db.session.execute(update(Signature).values(**whole))
    db.session.execute(update(Erasure).values(subject=new_public_id()))
    db.session.commit()
    assert run(app, "replay", str(path)) == (0, "1 entries: 1 erased again, 0 were gone.\n")
    assert steps.the_signature().erased_at is not None and steps.the_signature().name == ""
    assert not db.session.scalars(select(Mail).where(WAITING)).all(), "and nobody is written to"


def test_without_a_file_the_databases_own_journal_is_replayed(app: Flask) -> None:
    signature = make.signature()
    personal.enter_into_journal(signature.public_id)
    db.session.commit()
    assert run(app, "replay") == (0, "1 entries: 1 erased again, 0 were gone.\n")
    assert steps.the_signature().erased_at is not None


def test_a_journal_is_looked_up_once_a_batch_and_each_entry_kept_once(app: Flask, tmp_path: Path) -> None:
    subjects = [new_public_id() for _each in range(journal.BATCH + 1)]
    personal.enter_into_journal(subjects[0])
    personal.enter_into_journal(subjects[0])
    db.session.commit()
    path = journal_of(tmp_path / "journal.csv", *subjects, subjects[1])
    statements: list[str] = []
    listener = lambda *given: statements.append(given[2])  # noqa: E731
    event.listen(db.engine, "before_cursor_execute", listener)
    try:
        assert run(app, "replay", str(path))[0] == 0
    finally:
        event.remove(db.engine, "before_cursor_execute", listener)
    assert len([each for each in statements if "erasures" in each]) == 2, "two batches"
    assert sorted(db.session.scalars(select(Erasure.subject))) == sorted(subjects)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "its first line is not"),
        ("a,b\n", "its first line is not"),
        ("subject,erased_at\nx,2026-01-01T00:00:00Z\n", "Line 2 of the journal is damaged."),
        ("subject,erased_at\n" + "x" * 22 + ",soon\n", "Line 2"),
        ("subject,erased_at\n" + "x" * 22 + ",2026-01-01\n", "Line 2"),
        ("subject,erased_at\n" + "x" * 22 + "\n", "Line 2"),
        ("subject,erased_at\n" + "x" * 200_000 + ",2026-01-01T00:00:00Z\n", "Line 2 of the journal is damaged."),
        ('subject,erased_at\n"' + "x" * 22 + ",2026-01-01T00:00:00Z\n", "of the journal is damaged."),
        ("subject,erased_at\nx\r" + "x" * 22 + ",2026-01-01T00:00:00Z\n", "of the journal is damaged."),
    ],
)
def test_a_damaged_journal_erases_nothing(app: Flask, tmp_path: Path, content: str, told: str) -> None:
    signature = make.signature()
    path = tmp_path / "journal.csv"
    good = f"{signature.public_id},{clock.iso(clock.now())}\n"
    path.write_text(content + (good if content.count("\n") > 1 else ""))
    code, said = run(app, "replay", str(path))
    assert code == 1 and told in said and len(said.splitlines()) == 1
    assert steps.the_signature().erased_at is None
