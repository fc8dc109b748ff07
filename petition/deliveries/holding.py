"""A folder while it is worked in: by one process alone, temporary files and all, on a disk that may be full."""

import errno
import fcntl
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from petition.deliveries.refusals import MakingFailed, Stopped

BYTES_PER_ROW = 1_600
"""On the disk at the worst moment, with all parts: measured with ordinary rows, and half as much again."""
BYTES_AT_LEAST = 64 * 1024 * 1024
NO_ROOM = "There is no room left on the disk"
TEMPORARY = "tmp"


def refuse_full_disk(folder: Path, rows: int) -> None:
    """Raises MakingFailed where a delivery of so many rows would surely fill it."""
    needed, free = rows * BYTES_PER_ROW + BYTES_AT_LEAST, shutil.disk_usage(folder).free
    if free < needed:
        raise MakingFailed(f"{NO_ROOM}: {_mib(needed)} MiB are needed, {_mib(free)} MiB are free.")


def is_full(problem: BaseException | None, folder: Path) -> bool:
    """Whether the disk, or what is allowed of it, was used up; some libraries say so only in words."""
    while problem is not None:
        if isinstance(problem, OSError) and problem.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            return True
        if isinstance(problem, sqlite3.OperationalError) and "full" in str(problem):
            return True
        problem = problem.__cause__ or problem.__context__
    with suppress(OSError):
        return shutil.disk_usage(folder).free < 64 * 1024
    return False


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Whoever was frozen so long that the claim went to another may still hold the folder: then this one waits.

    Raises Stopped.
    """
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as problem:
        raise Stopped from problem
    finally:
        os.close(descriptor)


@contextmanager
def temporary_files_in(folder: Path) -> Iterator[None]:
    """Libraries put names into temporary files too: into the private folder with them, which is removed whole."""
    temporary = folder / TEMPORARY
    temporary.mkdir(exist_ok=True)
    before = tempfile.tempdir, os.environ.get("TMPDIR")
    tempfile.tempdir, os.environ["TMPDIR"] = str(temporary), str(temporary)
    try:
        yield
    finally:
        tempfile.tempdir = before[0]
        if before[1] is None:
            del os.environ["TMPDIR"]
        else:
            os.environ["TMPDIR"] = before[1]


def _mib(size: int) -> int:
    return -(-size // (1024 * 1024))
