"""Make a package, or a workbook, here and now, and lay it where the caller says: what the command does."""

import os
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import FrameType

from sqlalchemy.exc import DBAPIError

from petition import clock, outages, whole
from petition.declarations.models import Declaration
from petition.deliveries import acts, asking, leasing, making, ordering, places, removing, snapshot
from petition.deliveries.leasing import Watch
from petition.deliveries.models import Delivery
from petition.deliveries.refusals import Cancelled, MakingFailed
from petition.extensions import db, writing
from petition.staging.orders import Order
from petition.staging.staging import Staging
from petition.tables import files

__all__ = ["Watch", "ended_by_sigterm", "make", "make_workbook"]


def make(declaration: Declaration, order: Order, out: Path, *, reason: str, watch: Watch | None) -> str:
    """Make the package in this process, and move it to ``out``; returns what there is to say of it.

    It is a delivery like any other, whose file does not wait to be downloaded. Killed, it is taken up by the
    worker; interrupted, it is cancelled. Raises DeliveryRefused.
    """
    _refuse_unwritable(out)
    with writing():
        delivery = asking.ask(db.session.merge(declaration), order, reason=reason)
        acts.record_asked(delivery)
        lease = leasing.claim(delivery)
        delivery_id, folder = delivery.id, places.folder_of(delivery)
    lease.watch = watch
    try:
        with ended_by_sigterm():
            made = making.make(lease)
    except BaseException:
        _cancel(delivery_id)
        places.remove(folder)
        raise
    delivery = db.session.get_one(Delivery, delivery_id)
    if not made:
        raise MakingFailed(delivery.failure) if delivery.failure else Cancelled("This delivery was cancelled.")
    _move(places.file_of(delivery), out)
    told = _told(delivery, out)
    with writing():
        delivery = db.session.get_one(Delivery, delivery_id)
        acts.record_downloaded(delivery)
        removing.mark_removed(delivery)
    places.remove(folder)
    return told


def make_workbook(declaration: Declaration, order: Order, out: Path, *, reason: str, watch: Watch | None) -> str:
    """One XLSX file, from a snapshot of its own that is gone afterwards. Raises DeliveryRefused."""
    ordering.check(order, declaration, reason=reason)
    _refuse_unwritable(out)
    declaration_id = declaration.id
    db.session.rollback()
    folder = Path(tempfile.mkdtemp(prefix=".petition-", dir=out.parent))
    try:
        with ended_by_sigterm():
            snapshot.fill(order, folder / places.STAGING, progress=_of_stage(watch, "snapshot"))
            with closing(Staging(folder / places.STAGING)) as staging:
                made = files.make_xlsx(staging, order, folder, _of_stage(watch, "xlsx"))
                facts = staging.facts
            made.replace(out)
    except OSError as problem:
        raise MakingFailed(f"{out} cannot be written: {problem.strerror}.") from problem
    except DBAPIError as problem:
        raise MakingFailed(f"The database broke off ({outages.cause(problem)}).") from problem
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    with writing():
        acts.record_exported(declaration_id, why=reason, format="xlsx", rows=facts.count)
    return f"{out}: {facts.count} signatures as of {clock.iso(facts.as_of)}"


@contextmanager
def ended_by_sigterm() -> Iterator[None]:
    """SIGTERM ends what is inside like an exception, so that it tidies up; nothing else would."""

    def end(_number: int, _frame: FrameType | None) -> None:
        # A second one must not interrupt the tidying.
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        raise SystemExit(128 + signal.SIGTERM)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _refuse_unwritable(out: Path) -> None:
    """What cannot be written in the end is better said at the beginning."""
    try:
        out.parent.stat()
        out.lstat()
    except FileNotFoundError as problem:
        if not out.parent.is_dir():
            raise MakingFailed(f"{out} cannot be written: {problem.strerror}.") from problem
    except OSError as problem:
        raise MakingFailed(f"{out} cannot be written: {problem.strerror}.") from problem
    if not os.access(out.parent, os.W_OK | os.X_OK):
        raise MakingFailed(f"{out} cannot be written: the folder takes no files.")


def _move(file: Path, out: Path) -> None:
    """Rename it, or copy it whole where it goes to another disk."""
    try:
        with whole.beside(out) as draft:
            shutil.move(file, draft)
    except OSError as problem:
        raise MakingFailed(f"{out} cannot be written: {problem.strerror}.") from problem


def _cancel(delivery_id: int) -> None:
    db.session.rollback()
    with writing():
        delivery = db.session.get_one(Delivery, delivery_id)
        if delivery.finished_at is None and delivery.failed_at is None and delivery.cancelled_at is None:
            asking.cancel(delivery)
            acts.record_cancelled(delivery)


def _told(delivery: Delivery, out: Path) -> str:
    as_of = clock.iso(delivery.as_of) if delivery.as_of else ""
    return (
        f"{out}: {delivery.count} signatures as of {as_of}, {delivery.shown} of them with names\n"
        f"Manifest SHA-256 {delivery.manifest_sha256}"
    )


def _of_stage(watch: Watch | None, stage: str) -> Callable[[int, int], None]:
    return lambda done, total: watch(stage, done, total) if watch is not None else None
