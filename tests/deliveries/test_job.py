"""The job: whole or not there, whatever happens to it; one process at a time; remembered when its file has gone."""

import json
import os
import signal
import stat
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyrage
import pytest
import time_machine
from flask import Flask
from sqlalchemy import select, text, update

from petition import clock
from petition.columns import new_public_id
from petition.declarations import reading
from petition.deliveries import (
    asking,
    holding,
    leasing,
    making,
    members,
    parts,
    places,
    remembering,
    removing,
    snapshot,
)
from petition.deliveries.leasing import Lease
from petition.deliveries.models import Delivery, DeliveryMembers, State
from petition.deliveries.refusals import Lost, Stopped
from petition.extensions import db, writing
from petition.packages import site_key, zipping
from petition.privacy import personal
from petition.privacy.keepers import Person
from petition.signatures.models import Signature
from petition.staging.orders import Part, Reader, Showing
from petition.tables import files
from tests import make
from tests.deliveries import asked
from tests.deliveries.asked import NOON
from tests.standing import AppMaker, environment

BOTH = pytest.mark.parametrize("database", ["sqlite", "postgresql"])
DATA = frozenset({Part.CSV, Part.JSONL})
LATER = NOON + timedelta(days=2)
SOME: list[dict[str, Any]] = [
    {"name": "Zoë Müller", "country": "IT", "email": "zoe@example.org"},
    {"name": "Ángel Ruiz", "country": "ES", "visibility": "addressee", "email": "angel@example.org"},
    {"name": "Nobody Sees", "country": "ES", "visibility": "counted", "email": "nobody@example.org"},
]


def ask(app: Flask, **given: Any) -> int:
    """A delivery that waits, committed; returns its serial id."""
    with app.app_context(), writing():
        declaration = reading.find(make.SLUG)
        assert declaration is not None
        return asking.ask(declaration, asked.order(**{"parts": DATA, **given}), reason="A reason").id


def work(app: Flask) -> bool:
    """Claim what is due, and make it."""
    with app.app_context():
        lease = leasing.claim_next()
        assert lease is not None, "nothing is due"
        try:
            return making.make(lease)
        finally:
            db.session.remove()


def get(app: Flask, delivery_id: int) -> Delivery:
    with app.app_context():
        delivery = db.session.get_one(Delivery, delivery_id)
        assert delivery.declaration.plan
        db.session.expunge_all()
        db.session.rollback()
        return delivery


def folder_of(app: Flask, delivery: Delivery) -> Path:
    with app.app_context():
        return places.folder_of(delivery)


def package_of(app: Flask, delivery: Delivery) -> bytes:
    with app.app_context():
        return places.file_of(delivery).read_bytes()


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


@BOTH
def test_a_delivery_becomes_one_private_file_that_verifies(make_app: AppMaker, database: str) -> None:
    app = make_app(database)
    asked.put(app, SOME)
    with time_machine.travel(LATER, tick=False):
        delivery_id = ask(app)
        assert get(app, delivery_id).state is State.WAITING
        assert work(app)
    delivery = get(app, delivery_id)
    assert (delivery.state, delivery.count, delivery.shown, delivery.as_of) == (State.READY, 3, 2, LATER)
    assert delivery.file_name == "child-dignity-addressee-2026-03-03T1200Z.zip"
    folder = folder_of(app, delivery)
    assert names_in(folder) == [delivery.file_name], "nothing else stays"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / delivery.file_name).stat().st_mode) == 0o600
    with app.app_context():
        assert zipping.verify(folder / delivery.file_name, site_key.public_key()).problems == []
    assert delivery.size == len(package_of(app, delivery))


def test_the_same_delivery_is_the_same_bytes_on_both_databases(make_app: AppMaker) -> None:
    found = set()
    for database in ("sqlite", "postgresql"):
        app = make_app(database)
        asked.put(app, SOME)
        with time_machine.travel(LATER, tick=False):
            delivery_id = ask(app)
            work(app)
        found.add((package_of(app, get(app, delivery_id)), get(app, delivery_id).manifest_sha256))
    assert len(found) == 1


@BOTH
def test_no_address_is_in_any_part_unless_it_was_asked_for(make_app: AppMaker, database: str) -> None:
    app = make_app(database)
    asked.put(app, SOME)
    for reader in Reader:
        delivery_id = ask(app, reader=reader)
        work(app)
        assert not any(b"@example.org" in each for each in _contents(app, get(app, delivery_id)).values())
    delivery_id = ask(app, reader=Reader.ARCHIVE, with_addresses=True)
    work(app)
    contents = _contents(app, get(app, delivery_id))
    assert b"zoe@example.org" in contents["signatories.csv"]
    assert not any(b"nobody@" in each for each in contents.values()), "who only counts has no address either"
    assert not any(b"@example.org" in each for name, each in contents.items() if not name.startswith("signatories"))


def _contents(app: Flask, delivery: Delivery) -> dict[str, bytes]:
    with app.app_context(), zipfile.ZipFile(places.file_of(delivery)) as package:
        return {name: package.read(name) for name in package.namelist()}


def test_it_is_encrypted_to_the_readers_key(make_app: AppMaker) -> None:
    app = make_app()
    asked.put(app, SOME)
    identity = pyrage.x25519.Identity.generate()
    delivery_id = ask(app, age_key=str(identity.to_public()))
    work(app)
    delivery = get(app, delivery_id)
    assert delivery.file_name.endswith(".zip.age")
    content = package_of(app, delivery)
    assert b"signatories.csv" not in content
    assert pyrage.decrypt(content, [identity]).startswith(b"PK")


# Interrupted


class Killed(BaseException):
    """What a process that is killed cannot catch either; here it ends the thread of work at a named place."""


def _killed_at(lease: Lease, stage: str) -> None:
    def watch(now: str, _done: int, _total: int) -> None:
        if now == stage:
            raise Killed

    lease.watch = watch


@pytest.mark.parametrize("stage", [stage for stage in parts.STAGES if stage not in ("book", "xlsx")])
def test_after_a_stop_at_any_stage_it_goes_on_to_the_same_bytes(make_app: AppMaker, stage: str) -> None:
    app = make_app()
    asked.put(app, SOME)
    with time_machine.travel(LATER, tick=False):
        undisturbed = ask(app)
        work(app)
        delivery_id = ask(app)
        with app.app_context():
            lease = leasing.claim_next()
            assert lease is not None
            _killed_at(lease, stage)
            with pytest.raises(Killed):
                making.make(lease)
            assert leasing.claim_next() is None, "the claim of the dead holds for a while"
    delivery = get(app, delivery_id)
    assert delivery.state is State.WORKING
    assert not list(folder_of(app, delivery).glob("*.zip*")), "no package is visible"
    taken_up = LATER if stage != "snapshot" else LATER + timedelta(minutes=1)
    with time_machine.travel(LATER + timedelta(minutes=1), tick=False):
        assert work(app)
    delivery = get(app, delivery_id)
    assert (delivery.state, delivery.as_of) == (State.READY, taken_up)
    assert names_in(folder_of(app, delivery)) == [delivery.file_name]
    if stage != "snapshot":
        assert package_of(app, delivery) == package_of(app, get(app, undisturbed))


def test_what_was_finished_is_not_made_again(make_app: AppMaker, monkeypatch: pytest.MonkeyPatch) -> None:
    app = make_app()
    asked.put(app, SOME)
    with time_machine.travel(LATER, tick=False), app.app_context():
        delivery_id = ask(app)
        lease = leasing.claim_next()
        assert lease is not None
        _killed_at(lease, "letter")
        with pytest.raises(Killed):
            making.make(lease)
    asked_again: list[object] = []
    for module, name in ((snapshot, "fill"), (files, "make_csv")):
        monkeypatch.setattr(module, name, lambda *given: asked_again.append(given))
    with time_machine.travel(LATER + timedelta(minutes=1), tick=False):
        assert work(app)
    assert not asked_again
    assert get(app, delivery_id).attempts == 2


def test_an_orderly_stop_gives_the_work_back_at_once(make_app: AppMaker) -> None:
    app = make_app()
    asked.put(app, SOME)
    delivery_id = ask(app)
    with app.app_context():
        lease = leasing.claim_next()
        assert lease is not None
        lease.end()
        with pytest.raises(Stopped):
            making.make(lease)
    assert (get(app, delivery_id).state, get(app, delivery_id).attempts) == (State.WORKING, 0)
    assert work(app)


def test_what_keeps_being_killed_is_given_up(make_app: AppMaker) -> None:
    app = make_app()
    delivery_id = ask(app)
    with app.app_context(), writing():
        db.session.execute(update(Delivery).values(attempts=making.MOST_ATTEMPTS))
    assert not work(app)
    assert "interrupted 10 times" in get(app, delivery_id).failure


@BOTH
def test_two_workers_never_make_the_same_delivery(make_app: AppMaker, database: str) -> None:
    app = make_app(database)
    other = make_app.another(app)
    delivery_id = ask(app)
    with app.app_context(), other.app_context():
        with app.app_context():
            first = leasing.claim_next()
        with other.app_context():
            assert leasing.claim_next() is None
    assert first is not None and first.delivery_id == delivery_id


@BOTH
def test_whoever_lost_the_claim_stops_and_leaves_the_other_alone(make_app: AppMaker, database: str) -> None:
    app = make_app(database)
    asked.put(app, SOME)
    delivery_id = ask(app)
    with app.app_context():
        late = leasing.claim_next()
        assert late is not None
        with time_machine.travel(clock.now() + 2 * leasing.LEASE, tick=False):
            assert work(app)
        with pytest.raises(Lost):
            making.make(late)
    delivery = get(app, delivery_id)
    assert delivery.state is State.READY
    assert names_in(folder_of(app, delivery)) == [delivery.file_name]


def test_nobody_begins_in_a_folder_that_another_process_still_holds(make_app: AppMaker) -> None:
    app = make_app()
    asked.put(app, SOME)
    delivery_id = ask(app)
    with app.app_context():
        folder = places.open_folder(db.session.get_one(Delivery, delivery_id))
        db.session.rollback()
        with holding.alone_in(folder):
            lease = leasing.claim_next()
            assert lease is not None
            with pytest.raises(Stopped):
                making.make(lease)
    assert work(app)


@pytest.mark.parametrize("stage", ["snapshot", "csv", "manifest"])
def test_cancelled_it_stops_and_its_folder_is_gone(make_app: AppMaker, stage: str) -> None:
    app = make_app()
    asked.put(app, SOME)
    delivery_id = ask(app)
    with app.app_context():
        lease = leasing.claim_next()
        assert lease is not None

        def cancel(now: str, _done: int, _total: int) -> None:
            if now == stage and lease.problem is None:
                with app.app_context():
                    with writing():
                        asking.cancel(db.session.get_one(Delivery, delivery_id))
                    lease.renew()

        lease.watch = cancel
        assert not making.make(lease)
    delivery = get(app, delivery_id)
    assert delivery.state is State.CANCELLED
    assert not folder_of(app, delivery).exists()
    with app.app_context(), pytest.raises(asking.NotCancelled):
        asking.cancel(db.session.get_one(Delivery, delivery_id))


# Faults


@contextmanager
def small_disk(folder: Path, kib: int) -> Iterator[None]:
    """A real file system of this size; it takes the right to mount one, which root has, in a container too mostly."""
    folder.mkdir(parents=True)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={kib}k,mode=700", "tmpfs", str(folder)], capture_output=True, check=False
    )
    assert mounted.returncode == 0, mounted.stderr
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.mark.parametrize("kib", [8, 24, 60, 150, 300])
def test_a_full_disk_fails_with_a_clear_line_and_leaves_no_file(
    make_app: AppMaker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kib: int
) -> None:
    """The smaller the disk, the earlier the stage that fills it; that it was looked at first is switched off."""
    monkeypatch.setattr(holding, "BYTES_AT_LEAST", 0)
    monkeypatch.setattr(holding, "BYTES_PER_ROW", 0)
    app = make_app()
    asked.put(app, [{"name": f"Name {n} {os.urandom(200).hex()}"[:90]} for n in range(400)])
    delivery_id = ask(app)
    with small_disk(tmp_path / "instance" / places.FOLDER, kib):
        assert not work(app)
        delivery = get(app, delivery_id)
        assert (delivery.state, delivery.failure) == (State.FAILED, "There is no room left on the disk.")
        assert names_in(folder_of(app, delivery)) == []


def test_the_disk_is_looked_at_before_anything_is_read(make_app: AppMaker, tmp_path: Path) -> None:
    app = make_app()
    asked.put(app, SOME)
    delivery_id = ask(app)
    with small_disk(tmp_path / "instance" / places.FOLDER, 1024):
        assert not work(app)
        delivery = get(app, delivery_id)
    assert delivery.failure == "There is no room left on the disk: 65 MiB are needed, 1 MiB are free."
    assert delivery.as_of is None


def test_a_fault_of_ours_fails_with_its_stage_and_is_not_tried_for_ever(
    make_app: AppMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app()
    asked.put(app, SOME)
    delivery_id = ask(app)
    monkeypatch.setattr(places, "DONE", "dir/that/is/not/there")
    assert not work(app)
    assert get(app, delivery_id).failure == "The stage “preflight” failed (FileNotFoundError)."
    with app.app_context():
        assert not leasing.is_any_due()


def test_a_staging_file_that_was_damaged_is_refused(make_app: AppMaker) -> None:
    app = make_app()
    asked.put(app, SOME)
    delivery_id = ask(app)
    with app.app_context():
        delivery = db.session.get_one(Delivery, delivery_id)
        (places.open_folder(delivery) / places.STAGING).write_bytes(b"nonsense" * 100)
        db.session.rollback()
    assert not work(app)
    assert get(app, delivery_id).failure == "The staging file is damaged."


# Outages


class Reopened(threading.Event):
    """An event that opens the database again as soon as somebody waits for it to answer."""

    def __init__(self, outage: ExitStack) -> None:
        super().__init__()
        self.outage = outage
        self.waited = 0

    def wait(self, timeout: float | None = None) -> bool:
        self.waited += 1
        self.outage.close()
        return False


@pytest.mark.parametrize("stage", ["snapshot", "csv", "manifest", "package"])
def test_while_the_database_is_away_it_waits_and_goes_on(make_app: AppMaker, stage: str) -> None:
    """For longer than anybody would take for an attempt: the claim itself is what cannot be renewed."""
    app = make_app("postgresql")
    asked.put(app, SOME)
    delivery_id = ask(app)
    with ExitStack() as outage, app.app_context():
        lease = leasing.claim_next()
        assert lease is not None
        lease.ended = reopened = Reopened(outage)

        def go_away(now: str, _done: int, _total: int) -> None:
            if now == stage and not reopened.waited:
                outage.enter_context(make_app.templates.closed(make_app.urls[-1]))

        lease.watch = go_away
        assert making.make(lease)
    assert reopened.waited
    delivery = get(app, delivery_id)
    assert (delivery.state, delivery.attempts) == (State.READY, 1)
    assert names_in(folder_of(app, delivery)) == [delivery.file_name]


def test_told_to_stop_while_the_database_is_away_it_stops(make_app: AppMaker) -> None:
    app = make_app("postgresql")
    asked.put(app, SOME)
    delivery_id = ask(app)
    with ExitStack() as outage, app.app_context():
        lease = leasing.claim_next()
        assert lease is not None

        def go_away(now: str, _done: int, _total: int) -> None:
            if now == "snapshot":
                outage.enter_context(make_app.templates.closed(make_app.urls[-1]))
                lease.problem = Stopped

        lease.watch = go_away
        with pytest.raises(Stopped):
            making.make(lease)
    assert get(app, delivery_id).state is State.WORKING
    with time_machine.travel(clock.now() + 2 * leasing.LEASE):
        assert work(app), get(app, delivery_id).failure


@BOTH
def test_what_breaks_off_though_the_database_answers_is_a_fault_and_fails(make_app: AppMaker, database: str) -> None:
    app = make_app(database)
    asked.put(app, SOME)
    delivery_id = ask(app)
    with app.app_context(), writing():
        db.session.execute(text("DROP TABLE delivery_members"))
    assert not work(app)
    assert get(app, delivery_id).failure.startswith("The stage “snapshot” failed (")


BETWEEN = """
import os, signal, sys
from petition.application import create_app
from petition.deliveries import leasing, starting
app = create_app()
claim_next, claims = leasing.claim_next, []
def told_meanwhile():
    claims.append(1)
    if len(claims) == 2 and sys.argv[1] == "before":
        os.kill(os.getpid(), signal.SIGTERM)
    lease = claim_next()
    if len(claims) == 2 and sys.argv[1] == "after":
        os.kill(os.getpid(), signal.SIGTERM)
    return lease
leasing.claim_next = told_meanwhile
with app.app_context():
    starting.work()
"""


@pytest.mark.slow
@pytest.mark.parametrize("when", ["before", "after"])
def test_told_to_stop_between_two_deliveries_it_ends_and_leaves_the_next(make_app: AppMaker, when: str) -> None:
    app = make_app("postgresql")
    asked.put(app, SOME)
    first, second, third = ask(app), ask(app), ask(app)
    command = [sys.executable, "-c", BETWEEN, when]
    done = subprocess.run(command, env=environment(app), check=False, capture_output=True)
    assert done.returncode == 0, done.stderr
    assert get(app, first).state is State.READY
    for delivery in (get(app, second), get(app, third)):
        assert (delivery.finished_at, delivery.attempts, delivery.claimed_until) == (None, 0, None)
    assert work(app), "another goes on at once"


# Killed


DRIVER = """
import os, signal, sys
from petition.application import create_app
from petition.deliveries import leasing, making
app = create_app()
with app.app_context():
    lease = leasing.claim_next()
    told = []
    def watch(stage, done, total):
        if stage == sys.argv[1]:
            told.append(stage)
            # At the second word from the stage, if there is one: in the middle of it.
            if len(told) == int(sys.argv[2]):
                os.kill(os.getpid(), signal.SIGKILL)
    lease.watch = watch
    making.make(lease)
"""
STAGES = [(stage, 1) for stage in parts.STAGES] + [("snapshot", 2), ("csv", 2), ("book", 2), ("xlsx", 2)]


def _killed_and_taken_up(app: Flask, stage: str, word: int) -> None:
    asked.put(app, SOME)
    delivery_id = ask(app, parts=frozenset(Part))
    command = [sys.executable, "-c", DRIVER, stage, str(word)]
    killed = subprocess.run(command, env=environment(app), check=False, capture_output=True)
    assert killed.returncode == -signal.SIGKILL, (killed.returncode, killed.stderr)
    delivery = get(app, delivery_id)
    assert not list(folder_of(app, delivery).glob("*.zip*"))
    with time_machine.travel(clock.now() + 2 * leasing.LEASE):
        assert work(app), get(app, delivery_id).failure
    delivery = get(app, delivery_id)
    assert names_in(folder_of(app, delivery)) == [delivery.file_name]
    with app.app_context():
        assert zipping.verify(places.file_of(delivery), site_key.public_key()).problems == []


@pytest.mark.slow
@pytest.mark.parametrize(("stage", "word"), [("snapshot", 2), ("csv", 1)])
def test_killed_it_is_taken_up_again(make_app: AppMaker, stage: str, word: int) -> None:
    _killed_and_taken_up(make_app("postgresql"), stage, word)


@pytest.mark.slow
@pytest.mark.ordeal
@pytest.mark.parametrize(("stage", "word"), STAGES)
def test_killed_at_every_stage_it_is_taken_up_again(make_app: AppMaker, stage: str, word: int) -> None:
    _killed_and_taken_up(make_app(), stage, word)


# Afterwards


def test_the_file_goes_after_72_hours_and_the_record_stays(make_app: AppMaker) -> None:
    app = make_app()
    asked.put(app, SOME)
    with time_machine.travel(LATER, tick=False):
        delivery_id = ask(app)
        work(app)
    for hours, state in ((71, State.READY), (72, State.REMOVED), (80, State.REMOVED)):
        with time_machine.travel(LATER + timedelta(hours=hours), tick=False), app.app_context():
            removing.remove_due()
        delivery = get(app, delivery_id)
        assert (delivery.state, folder_of(app, delivery).exists()) == (state, state is State.READY)
    assert (delivery.count, len(delivery.manifest_sha256 or "")) == (3, 64)


def test_what_a_killed_process_left_is_cleared_away(make_app: AppMaker) -> None:
    app = make_app()
    asked.put(app, SOME)
    delivery_id = ask(app)
    work(app)
    delivery = get(app, delivery_id)
    folder = folder_of(app, delivery)
    (folder / places.PACKAGE).mkdir()
    (folder / places.STAGING).write_text("names")
    (folder.parent / new_public_id()).mkdir()
    with app.app_context():
        removing.remove_due()
    assert names_in(folder) == [delivery.file_name]
    assert names_in(folder.parent) == [folder.name]


def test_what_is_being_made_is_not_cleared_away(make_app: AppMaker) -> None:
    app = make_app()
    delivery_id = ask(app)
    with app.app_context():
        assert leasing.claim_next()
        folder = places.open_folder(db.session.get_one(Delivery, delivery_id))
        (folder / places.STAGING).write_text("names")
        removing.remove_due()
        assert names_in(folder) == [places.STAGING]


@BOTH
def test_it_is_remembered_who_was_held_and_how_they_were_shown(make_app: AppMaker, database: str) -> None:
    app = make_app(database)
    asked.put(app, [*SOME, {"name": "Withdrawn before", "withdrawn_at": LATER}])
    for reader in (Reader.ADDRESSEE, Reader.PRESS):
        ask(app, reader=reader)
        work(app)
    with app.app_context():
        found = {
            signature.name: [showing for _, showing in remembering.shown_in(signature)]
            for signature in db.session.scalars(select(Signature))
        }
    assert found == {
        "Zoë Müller": [Showing.NAME, Showing.NAME],
        "Ángel Ruiz": [Showing.NAME, Showing.NUMBER],
        "Nobody Sees": [Showing.NUMBER, Showing.NUMBER],
        "Withdrawn before": [],
    }


@BOTH
def test_who_asks_is_told_and_who_is_erased_stays_as_a_number(make_app: AppMaker, database: str) -> None:
    app = make_app(database)
    asked.put(app, SOME)
    ask(app)
    work(app)
    with app.app_context():
        signature = db.session.scalars(select(Signature).where(Signature.name == "Zoë Müller")).one()
        assert signature.mailbox
        person = Person(signature.declaration_id, signature.mailbox)
        (told,) = personal.access(person)["deliveries"]["deliveries"]
        assert (told["reader"], told["shown"], told["with_address"]) == ("addressee", "name", False)
        serial = signature.id
        db.session.rollback()
        with writing():
            personal.erase(person)
        kept = db.session.scalars(select(DeliveryMembers)).one()
        assert members.holds(kept.held, serial) and not members.holds(kept.named, serial)


@BOTH
def test_who_is_erased_after_the_snapshot_was_read_is_remembered_as_a_number(make_app: AppMaker, database: str) -> None:
    app, _ = app_with_snapshot(make_app, database)
    with app.app_context(), writing():
        serial = erase_zoe()
    assert work(app)
    assert held_and_named(app, serial) == (True, False)


@BOTH
def test_an_erasure_that_is_not_yet_committed_is_waited_for(make_app: AppMaker, database: str) -> None:
    app, lease = app_with_snapshot(make_app, database, claimed=True)
    maker = threading.Thread(target=lambda: _make_in_thread(app, lease))
    with app.app_context(), writing():
        serial = erase_zoe()
        maker.start()
        maker.join(1)
        assert maker.is_alive(), "it waits"
    maker.join(30)
    assert held_and_named(app, serial) == (True, False)


def app_with_snapshot(make_app: AppMaker, database: str, *, claimed: bool = False) -> tuple[Flask, Lease]:
    """A delivery that somebody began: its snapshot is on the disk, and nothing of it is remembered yet."""
    app = make_app(database)
    asked.put(app, SOME)
    ask(app)
    with app.app_context():
        lease = leasing.claim_next()
        assert lease is not None
        places.open_folder(db.session.get_one(Delivery, lease.delivery_id))
        db.session.rollback()
        snapshot.fill(asked.order(parts=DATA), lease.folder / places.STAGING)
        if not claimed:
            lease.release()
    return app, lease


def erase_zoe() -> int:
    signature = db.session.scalars(select(Signature).where(Signature.name == "Zoë Müller")).one()
    assert signature.mailbox
    personal.erase(Person(signature.declaration_id, signature.mailbox))
    return signature.id


def held_and_named(app: Flask, serial: int) -> tuple[bool, bool]:
    with app.app_context():
        kept = db.session.scalars(select(DeliveryMembers)).one()
        return members.holds(kept.held, serial), members.holds(kept.named, serial)


def _make_in_thread(app: Flask, lease: Lease) -> None:
    with app.app_context():
        making.make(lease)


def test_a_delivery_with_the_book_is_made_and_verifies(make_app: AppMaker) -> None:
    app = make_app()
    asked.put(app, [*SOME, {"name": "أحمد علي", "country": "EG"}])
    delivery_id = ask(app, parts=frozenset(Part))
    assert work(app), get(app, delivery_id).failure
    contents = _contents(app, get(app, delivery_id))
    assert {"letter.pdf", "book/volume-01.pdf", "signatories.xlsx", "summary.json", "manifest.sig"} <= contents.keys()


def test_names_that_no_font_sets_stop_it_unless_boxes_are_asked_for(make_app: AppMaker) -> None:
    app = make_app()
    # An unassigned script's code points have a glyph in no font.
    asked.put(app, [*SOME, {"name": "\U00011f04\U00011f05 Kawi"}])
    delivery_id = ask(app, parts=frozenset({Part.BOOK}))
    assert not work(app)
    delivery = get(app, delivery_id)
    assert "No font here can set 1 names" in delivery.failure and "Kawi" in delivery.failure
    listed = json.loads((folder_of(app, delivery) / places.UNSETTABLE).read_text())
    assert [each["text"] for each in listed] == ["\U00011f04\U00011f05 Kawi"]
    with_boxes = ask(app, parts=frozenset({Part.BOOK}), boxes=True)
    assert work(app), get(app, with_boxes).failure
