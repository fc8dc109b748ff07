"""Files that are whole or not there: written beside their name, private, renamed when all is on the disk."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

BUFFER = 256 * 1024


@contextmanager
def open_file(path: Path) -> Iterator[IO[bytes]]:
    """A private file, renamed when all is written; whatever interrupts this, nothing half done stays."""
    with beside(path) as draft:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb", buffering=BUFFER) as file:
            yield file


@contextmanager
def beside(path: Path) -> Iterator[Path]:
    """The draft's path, for writers that open files themselves; what they leave there is made private and renamed."""
    remove_those_of_the_dead(path)
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield draft
        draft.chmod(0o600)
        finish(draft, path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def write(path: Path, content: bytes) -> Path:
    """Write a small file whole, unless it is there with just this content."""
    if path.is_file() and path.read_bytes() == content:
        return path
    path.parent.mkdir(mode=0o700, exist_ok=True)
    with open_file(path) as file:
        file.write(content)
    return path


def remove_those_of_the_dead(path: Path) -> None:
    """A process that was killed could not remove its draft, which is full of names."""
    draft = re.compile(rf"\.{re.escape(path.name)}\.([1-9][0-9]{{0,8}})\.part")
    # A folder that cannot be listed may still take the file.
    with suppress(OSError):
        for file in path.parent.iterdir():
            found = draft.fullmatch(file.name)
            if found and not _lives(int(found[1])):
                file.unlink(missing_ok=True)


def finish(draft: Path, path: Path) -> None:
    """Give the draft its name, when all of it is on the disk, and the name as durably."""
    _sync(draft)
    draft.rename(path)
    # Not every file system takes this for its folders.
    with suppress(OSError):
        _sync(path.parent)


def _sync(path: Path) -> None:
    """Have the file, or the folder and what it lists, survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
