"""The job: make one delivery's package stage by stage, each whole or not at all, so that it can be taken up again."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from petition import clock, logs
from petition.deliveries import acts, holding, ordering, parts, places, remembering, selection, snapshot
from petition.deliveries.leasing import Lease
from petition.deliveries.models import Delivery
from petition.deliveries.parts import Step
from petition.deliveries.refusals import Cancelled, Lost, MakingFailed, Stopped
from petition.extensions import db, writing
from petition.staging.orders import Order
from petition.staging.staging import Staging

MOST_ATTEMPTS = 10
"""So often something may kill the process before the delivery is given up."""


@dataclass(frozen=True)
class Job:
    """What is being made, where, and through whom it is reported."""

    delivery_id: int
    order: Order
    attempts: int
    folder: Path
    lease: Lease


def make(lease: Lease) -> bool:
    """Make the delivery that this lease is for, and commit what became of it. True when it is finished.

    While the database is away it waits. Raises Stopped when it was told to stop, after giving the work back, and Lost.
    """
    try:
        job = lease.endure(lambda: _find(lease))
        with lease.kept():
            return _make_or_fail(job)
    except Cancelled:
        places.remove(lease.folder)
        return False
    except Stopped:
        lease.release()
        raise


def _find(lease: Lease) -> Job:
    delivery = db.session.get_one(Delivery, lease.delivery_id)
    job = Job(delivery.id, ordering.from_json(delivery.stored_order), delivery.attempts, lease.folder, lease)
    db.session.rollback()
    return job


def _make_or_fail(job: Job) -> bool:
    try:
        with _reasons(job):
            if job.attempts > MOST_ATTEMPTS:
                raise MakingFailed(f"It was interrupted {job.attempts - 1} times, and is given up.")
            job.lease.endure(lambda: _begin(job))
            with holding.alone_in(job.folder), holding.temporary_files_in(job.folder):
                job.lease.endure(lambda: _make(job))
    except MakingFailed as failure:
        reason = str(failure)
        job.lease.endure(lambda: _fail(job, reason))
        return False
    return True


def _begin(job: Job) -> None:
    job.lease.renew()
    job.lease.check()
    places.open_folder(db.session.get_one(Delivery, job.delivery_id))
    db.session.rollback()


def _make(job: Job) -> None:
    staging_file = job.folder / places.STAGING
    if not staging_file.exists():
        _stage(job, staging_file)
    _note_snapshot(job, staging_file)
    with closing(_open(staging_file)) as staging:
        _refuse_unsettable(job, staging)
        package = job.folder / places.PACKAGE
        package.mkdir(exist_ok=True)
        for step in parts.steps(job.order):
            _take(job, staging, step)
        _finish(job, staging, package)


def _stage(job: Job, staging_file: Path) -> None:
    """The snapshot; a folder with parts of an earlier one, which is gone, begins anew."""
    job.lease.begin("snapshot")
    places.remove(job.folder, but=places.STAGING)
    (job.folder / holding.TEMPORARY).mkdir(exist_ok=True)
    holding.refuse_full_disk(job.folder, _count(job))
    snapshot.fill(job.order, staging_file, progress=job.lease.report)


def _count(job: Job) -> int:
    count = selection.count(db.session.get_one(Delivery, job.delivery_id).declaration)
    db.session.rollback()
    return count


def _note_snapshot(job: Job, staging_file: Path) -> None:
    """What the delivery holds is remembered as soon as the snapshot is final; twice is once."""
    with closing(_open(staging_file)) as staging, writing():
        facts = staging.facts
        delivery = db.session.get_one(Delivery, job.delivery_id, with_for_update=True)
        if delivery.as_of == facts.as_of:
            # Whoever was erased meanwhile must not come back.
            return
        delivery.as_of, delivery.count, delivery.shown = facts.as_of, facts.count, facts.shown
        remembering.remember(delivery, staging_file, as_of=facts.as_of)


def _refuse_unsettable(job: Job, staging: Staging) -> None:
    if (job.folder / places.DONE / "preflight").exists():
        return
    job.lease.begin("preflight")
    unsettable = parts.preflight(staging, job.order)
    if unsettable and not job.order.boxes:
        listed = [parts.described(each) for each in unsettable]
        (job.folder / places.UNSETTABLE).write_text(json.dumps(listed, ensure_ascii=False))
        raise MakingFailed(parts.unsettable_sentence(unsettable))
    _mark(job, "preflight")


def _take(job: Job, staging: Staging, step: Step) -> None:
    """Make what the step makes in a folder of its own, and move it to the rest when it is whole."""
    job.lease.begin(step.name)
    if (job.folder / places.DONE / step.name).exists():
        return
    making = job.folder / f"{places.MAKING}-{step.name}"
    if not step.resumes:
        places.remove(making)
    making.mkdir(exist_ok=True)
    step.make(staging, job.order, making, job.lease.report)
    for made in sorted(making.iterdir()):
        target = job.folder / places.PACKAGE / made.name
        # There only if an earlier run was killed right here.
        places.remove(target)
        made.rename(target)
    making.rmdir()
    _mark(job, step.name)


def _mark(job: Job, name: str) -> None:
    done = job.folder / places.DONE
    done.mkdir(exist_ok=True)
    (done / name).touch()


def _finish(job: Job, staging: Staging, package: Path) -> None:
    """Write the manifest and the package, then the row that says it is there, and clear away what it was made of."""
    facts, order = staging.facts, job.order
    job.lease.begin("manifest")
    manifest = parts.write_manifest(staging, order, package)
    job.lease.begin("package")
    name = f"{order.slug}-{order.reader}-{facts.as_of:%Y-%m-%dT%H%M}Z.zip" + (".age" if order.age_key else "")
    file = parts.write_package(package, job.folder / name, manifest=manifest, age_key=order.age_key)
    values = {
        "finished_at": clock.now(),
        "file_name": file.name,
        "size": file.stat().st_size,
        "manifest_sha256": sha256(manifest.read_bytes()).hexdigest(),
    }
    with writing():
        delivery = _lock(job)
        # A commit may have been lost with the connection that would have told of it: twice is once.
        if delivery.finished_at is None:
            for column, value in values.items():
                setattr(delivery, column, value)
            acts.record_finished(delivery)
    places.remove(job.folder, but=file.name)


def _lock(job: Job) -> Delivery:
    """The delivery, to write down what became of it. Raises Cancelled and Lost."""
    delivery = db.session.get_one(Delivery, job.delivery_id, with_for_update=True)
    if delivery.cancelled_at is not None:
        raise Cancelled
    if delivery.claimed_by != job.lease.owner:
        raise Lost
    return delivery


def _fail(job: Job, reason: str) -> None:
    """The reason stays with the row; of the files only which names cannot be set."""
    with writing():
        delivery = _lock(job)
        if delivery.failed_at is None:
            delivery.failed_at, delivery.failure = clock.now(), reason
            acts.record_failed(delivery)
    places.remove(job.folder, but=places.UNSETTABLE)


@contextmanager
def _reasons(job: Job) -> Iterator[None]:
    """Turn whatever goes wrong inside into MakingFailed with one clear line; outages were endured further in."""
    try:
        yield
    except (MakingFailed, Cancelled, Lost, Stopped) as refusal:
        if isinstance(refusal, MakingFailed) and holding.is_full(refusal, job.folder):
            raise MakingFailed(f"{holding.NO_ROOM}.") from refusal
        raise
    except Exception as problem:
        if holding.is_full(problem, job.folder):
            raise MakingFailed(f"{holding.NO_ROOM}.") from problem
        if isinstance(problem, parts.REFUSED):
            raise parts.refused(problem) from problem
        logs.get().error("delivery not made", stage=job.lease.stage, problem=type(problem).__name__, exc_info=problem)
        raise MakingFailed(f"The stage “{job.lease.stage}” failed ({type(problem).__name__}).") from problem


def _open(staging_file: Path) -> Staging:
    try:
        return Staging(staging_file)
    except (sqlite3.Error, ValueError, TypeError) as problem:
        raise MakingFailed("The staging file is damaged.") from problem
