"""The package: a ZIP that its manifest decides to the byte, written as a stream and encrypted on its way."""

import hashlib
import io
import json
import os
import threading
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

import pyrage

from petition import whole
from petition.packages import verify as verifying
from petition.packages.verify import DEFLATED, MANIFEST, SIGNATURE, STORED, Key, Unusable, Verdict

CHUNK = 1024 * 1024
DEFLATED_SUFFIXES = (".csv", ".jsonl")
"""What is large and repeats itself; everything else is small, or compressed in itself."""
LEVEL = 6
ENCRYPTED = ".age"


class PackageRefused(Exception):
    """The package cannot be written; the message says why."""


def write(folder: Path, file: Path, *, manifest: Path, age_key: str | None = None) -> Path:
    """Write what the manifest names; encrypted, no clear byte of the package touches the disk.

    Returns the file, whose name ends in ``.age`` if it is encrypted. Raises PackageRefused when a part is not as the
    manifest says, or the reader's key cannot be used.
    """
    stored = manifest.read_bytes()
    if age_key is None:
        with whole.open_file(file) as target:
            for chunk in _zipped(folder, stored):
                target.write(chunk)
        return file
    recipient = read_age_key(age_key)
    sealed = file if file.suffix == ENCRYPTED else file.with_name(file.name + ENCRYPTED)
    source = _Flow(_zipped(folder, stored))
    with whole.open_file(sealed) as draft:
        sink = _Target(draft)
        try:
            pyrage.encrypt_io(source, sink, [recipient])
        except Exception as problem:
            # Through pyrage whatever happens to the streams comes back as an error of its own.
            raise (source.problem or sink.problem or problem) from None
    return sealed


def read_age_key(line: str) -> pyrage.x25519.Recipient:
    """A reader's public key (``age1…``). Raises PackageRefused."""
    try:
        return pyrage.x25519.Recipient.from_str(line.strip())
    except pyrage.RecipientError as problem:
        raise PackageRefused("This is no age key of a reader; it begins with age1.") from problem


def deflated(path: Path) -> dict[str, Any] | None:
    """What the manifest must say of a file that is packed smaller: the size and SHA-256 of its packed bytes.

    Without them a bit might be turned in the packed bytes that changes nothing when they are unpacked.
    """
    if path.suffix not in DEFLATED_SUFFIXES:
        return None
    size, digest = 0, hashlib.sha256()
    for chunk in _deflated(_chunks(path)):
        size += len(chunk)
        digest.update(chunk)
    return {"size": size, "sha256": digest.hexdigest()}


def verify(path: Path, key: Key, *, identity: str | None = None) -> Verdict:
    """Check a package, an encrypted one with the reader's identity (``AGE-SECRET-KEY-1…``). Raises Unusable."""
    if path.suffix != ENCRYPTED:
        return verifying.check(path, key)
    if identity is None:
        raise Unusable(f"{path} is encrypted: the reader's identity is needed to open it.")
    try:
        opened = pyrage.x25519.Identity.from_str(identity.strip())
    except pyrage.IdentityError as problem:
        raise Unusable("This is no identity of age; it begins with AGE-SECRET-KEY-1.") from problem
    try:
        with path.open("rb") as file:
            return _verify_encrypted(file, opened, key)
    except OSError as problem:
        raise Unusable(f"{path} cannot be read: {problem.strerror}.") from problem


def _zipped(folder: Path, stored: bytes) -> Iterator[bytes]:
    """The ZIP's bytes: manifest and signature first, so that whoever reads it as a stream knows what must follow."""
    directory, offset = b"", 0
    note = (folder / SIGNATURE).read_bytes()
    files = [_small(MANIFEST, stored), _small(SIGNATURE, note), *json.loads(stored)["files"]]
    for entry in files:
        path, size = entry["path"], entry["size"]
        method, packed = (DEFLATED, entry["deflated"]["size"]) if "deflated" in entry else (STORED, size)
        fields = (path, method, _crc(folder / path), packed, size)
        header = verifying.local_header(*fields)
        yield header
        yield from _contents(folder / path, entry)
        directory += verifying.central_header(*fields, offset)
        offset += len(header) + packed
    yield directory + verifying.end_of_zip(len(files), len(directory), offset)


def _small(path: str, content: bytes) -> dict[str, Any]:
    return {"path": path, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def _contents(path: Path, entry: dict[str, Any]) -> Iterator[bytes]:
    """The file's bytes as they are packed. Raises PackageRefused when they are not those that the manifest names."""
    expected = entry.get("deflated", entry)
    size, digest = 0, hashlib.sha256()
    for chunk in _deflated(_chunks(path)) if "deflated" in entry else _chunks(path):
        size += len(chunk)
        digest.update(chunk)
        yield chunk
    if (size, digest.hexdigest()) != (expected["size"], expected["sha256"]):
        raise PackageRefused(f"{entry['path']} is not as the manifest says.")


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk


def _deflated(chunks: Iterator[bytes]) -> Iterator[bytes]:
    deflater = zlib.compressobj(LEVEL, zlib.DEFLATED, -15)
    for chunk in chunks:
        yield deflater.compress(chunk)
    yield deflater.flush()


def _crc(path: Path) -> int:
    crc = 0
    for chunk in _chunks(path):
        crc = zlib.crc32(chunk, crc)
    return crc


class _Flow(io.RawIOBase):
    """Chunks as a file to read from; what goes wrong with them is kept, because pyrage tells only its text."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._left = memoryview(b"")
        self.problem: BaseException | None = None

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        try:
            while not self._left:
                self._left = memoryview(next(self._chunks))
        except StopIteration:
            return b""
        except BaseException as problem:
            self.problem = problem
            raise
        end = len(self._left) if size < 0 else size
        some, self._left = bytes(self._left[:end]), self._left[end:]
        return some


class _Target:
    """A file to write to, which keeps what goes wrong."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.problem: BaseException | None = None

    def write(self, content: bytes) -> int:
        try:
            return self._file.write(content)
        except BaseException as problem:
            self.problem = problem
            raise

    def flush(self) -> None:
        self._file.flush()


def _verify_encrypted(file: IO[bytes], identity: pyrage.x25519.Identity, key: Key) -> Verdict:
    """Decrypt in a thread, through a pipe: no clear copy is written, and nothing is read twice."""
    reading, writing = os.pipe()
    failed: list[str] = []
    heard = threading.Event()

    def decrypt() -> None:
        with suppress(OSError), os.fdopen(writing, "wb") as target:
            try:
                pyrage.decrypt_io(file, target, [identity])
            except Exception as problem:
                # Once a problem is found nobody reads on, which breaks the pipe.
                if not heard.is_set():
                    failed.append(str(problem))

    thread = threading.Thread(target=decrypt)
    thread.start()
    with os.fdopen(reading, "rb") as clear:
        verdict = verifying.check_zip(clear, key)
        heard.set()
    thread.join()
    return Verdict([f"the package cannot be decrypted: {failed[0]}"]) if failed else verdict
