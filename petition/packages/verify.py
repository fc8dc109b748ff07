#!/usr/bin/env python3
"""Check a delivery offline, as a ZIP or unpacked: needs Python 3.9 or newer and the package `cryptography`.

    python3 verify.py PACKAGE --key KEY

KEY is the public key as the site publishes it, or a file that holds it. The key inside a package proves nothing by
itself, because whoever makes a false package can put a false key into it.

Exits with 0 when everything is as it was made, 1 when something is not, 2 when that cannot be told.

manifest.sig is a signed note (c2sp.org/signed-note) over the SHA-256 of manifest.json. The manifest names every other
file with its size and its SHA-256. A ZIP must also be byte for byte as it was written: the manifest decides its order
and every header, so there is no room for anything else.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import os
import re
import struct
import sys
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

MANIFEST, SIGNATURE = "manifest.json", "manifest.sig"
LARGEST_MANIFEST, LARGEST_SIGNATURE = 4 << 20, 4096
CHUNK = 1 << 16
PATH = re.compile(r"[A-Za-z0-9][\w.-]{0,99}(/[A-Za-z0-9][\w.-]{0,99}){0,3}", re.ASCII)
SIMPLE = re.compile(r"[\w:.-]{1,100}", re.ASCII)
QUOTED = re.compile(rb'"[^"]*"')
ALGORITHM = b"\1"  # Ed25519, as signed notes write it.
STORED, DEFLATED = 0, 8
FULL = 0xFFFFFFFF  # What does not fit below it is written into the fields of ZIP64.


class Unusable(Exception):
    """Whether the package is whole cannot be told; the message says why."""


class Damaged(Exception):
    """The package is not as it was made; the message says where. Nothing after that place can be read."""


@dataclass
class Verdict:
    """What was found: nothing in ``problems`` means that everything is as it was made."""

    problems: list[str] = field(default_factory=list)
    manifest: dict[str, Any] = field(default_factory=dict)

    @property
    def whole(self) -> bool:
        return not self.problems and bool(self.manifest)


# The key and the signed note.


class Key(NamedTuple):
    """An Ed25519 public key with the name of its site, written ``name+id+base64`` (c2sp.org/signed-note)."""

    name: str
    public: bytes

    @property
    def id(self) -> bytes:
        return hashlib.sha256(self.name.encode() + b"\n" + ALGORITHM + self.public).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(ALGORITHM + self.public).decode()}"

    @property
    def fingerprint(self) -> str:
        """The SHA-256 of the key's 32 bytes, in groups that are easy to compare."""
        digest = hashlib.sha256(self.public).hexdigest()
        return " ".join(digest[nth : nth + 4] for nth in range(0, 64, 4))


def read_key(line: str) -> Key:
    """The key that this line holds. Raises Unusable."""
    name, _, rest = line.strip().partition("+")
    try:
        key = Key(name, base64.b64decode(rest.partition("+")[2], validate=True)[1:])
        right = name != "" and name.isprintable() and " " not in name
        right &= len(key.public) == 32 and str(key) == line.strip()
    except ValueError:
        right = False
    if not right:
        raise Unusable("This is no public key of a site; it looks like name+1a2b3c4d+AbC...")
    return key


def read_words(path: Path) -> str:
    """What a small file says. Raises Unusable."""
    try:
        with path.open("rb") as file:
            return file.read(LARGEST_SIGNATURE).decode()
    except (OSError, ValueError) as problem:
        raise Unusable(f"{path} cannot be read.") from problem


def note_text(key: Key, slug: str, manifest: bytes) -> str:
    """What is signed: where it comes from, for which declaration, and the manifest's SHA-256."""
    return f"{key.name}/deliveries\n{slug}\n{MANIFEST} SHA-256 {hashlib.sha256(manifest).hexdigest()}\n"


def signature_line(key: Key, signature: bytes) -> str:
    return f"\u2014 {key.name} {base64.b64encode(key.id + signature).decode()}\n"


def check_note(note: bytes, manifest: bytes, slug: str, key: Key) -> None:
    """The note must hold this text and one signature of this key, and not a byte more. Raises Damaged."""
    text = note_text(key, slug, manifest)
    try:
        signature = base64.b64decode(note.decode().split(" ")[-1], validate=False)[4:]
        if note == f"{text}\n{signature_line(key, signature)}".encode():
            Ed25519PublicKey.from_public_bytes(key.public).verify(signature, text.encode())
            return
    except (ValueError, InvalidSignature):
        pass
    raise Damaged(f"{MANIFEST} or {SIGNATURE} is changed, or another key than that of {key.name} has signed")


# The manifest.


def read_manifest(content: bytes) -> dict[str, Any]:
    """The manifest, checked as far as this program relies on it. Raises Damaged."""
    try:
        manifest: dict[str, Any] = json.loads(content)
        read_key(manifest["key"])
        paths = [each["path"] for each in manifest["files"]]
        packed = [each["deflated"] for each in manifest["files"] if "deflated" in each]
        numbers = [each["size"] for each in manifest["files"] + packed]
        numbers += [each.get("rows", 0) for each in manifest["files"]] + [manifest["counts"]["signatures"]]
        sound = len(set(paths)) == len(paths) and all(PATH.fullmatch(path) for path in paths)
        sound &= not {MANIFEST, SIGNATURE} & set(paths)
        sound &= all(type(number) is int and 0 <= number < 1 << 62 for number in numbers)
        sound &= all(isinstance(each["sha256"], str) for each in manifest["files"] + packed)
        # These two are printed: nothing in them may play tricks on a terminal.
        sound &= all(SIMPLE.fullmatch(value) for value in (manifest["declaration"]["slug"], manifest["as_of"]))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, Unusable):
        sound = False
    if not sound:
        raise Damaged(f"changed: {MANIFEST}")
    return manifest


class Content:
    """A file's bytes as they pass: their number, their hashes, and their rows where there are any."""

    def __init__(self, path: str) -> None:
        self.size = self.crc = self.rows = 0
        self.sha256 = hashlib.sha256()
        self.spoilt = self._quoted = False
        self._cells = path.endswith(".csv")

    def feed(self, chunk: bytes) -> None:
        self.size += len(chunk)
        self.crc = zlib.crc32(chunk, self.crc)
        self.sha256.update(chunk)
        self.rows += (self._between_cells(chunk) if self._cells else chunk).count(b"\n")

    def _between_cells(self, chunk: bytes) -> bytes:
        """A line break between quotes belongs to a cell; a pair of quotes may lie in two chunks."""
        text = b'"' * self._quoted + chunk
        self._quoted = bool(text.count(b'"') % 2)
        return QUOTED.sub(b"", text + b'"' * self._quoted)

    def is_that_of(self, entry: dict[str, Any], manifest: dict[str, Any]) -> bool:
        right = not self.spoilt and (self.size, self.sha256.hexdigest()) == (entry["size"], entry["sha256"])
        if not right or "rows" not in entry:
            return right
        return bool(self.rows - self._cells == entry["rows"] == manifest["counts"]["signatures"])


# The ZIP, as it must be written.


def local_header(path: str, method: int, crc: int, packed: int, size: int) -> bytes:
    """What stands before a file: no flags, and the first moment that ZIP knows, whenever it was made."""
    extra = struct.pack("<HHQQ", 1, 16, size, packed) if max(packed, size) >= FULL else b""
    sizes = (FULL, FULL) if extra else (packed, size)
    fields = (45 if extra else 20, 0, method, 0, 0x21, crc, *sizes, len(path), len(extra))
    return struct.pack("<4s5H3I2H", b"PK\3\4", *fields) + path.encode() + extra


def central_header(path: str, method: int, crc: int, packed: int, size: int, offset: int) -> bytes:
    """The same in the directory at the end: made on Unix, rw-r--r--."""
    large = [size, packed] if max(packed, size) >= FULL else []
    large += [offset] if offset >= FULL else []
    extra = struct.pack(f"<HH{len(large)}Q", 1, 8 * len(large), *large) if large else b""
    sizes = (FULL, FULL) if max(packed, size) >= FULL else (packed, size)
    fields = (3 << 8 | 45, 45 if extra else 20, 0, method, 0, 0x21, crc, *sizes, len(path), len(extra), 0, 0, 0)
    attributes = (0o100644 << 16, min(offset, FULL))
    return struct.pack("<4s6H3I5H2I", b"PK\1\2", *fields, *attributes) + path.encode() + extra


def end_of_zip(count: int, size: int, offset: int) -> bytes:
    """The end: the directory's place and size, in ZIP64 where they need it; no comment."""
    large = b""
    if count >= 0xFFFF or max(size, offset) >= FULL:
        large = struct.pack("<4sQ2H2I4Q", b"PK\6\6", 44, 3 << 8 | 45, 45, 0, 0, count, count, size, offset)
        large += struct.pack("<4sIQI", b"PK\6\7", 0, offset + size, 1)
    few = min(count, 0xFFFF)
    return large + struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, few, few, min(size, FULL), min(offset, FULL), 0)


class Zip:
    """Reads a ZIP from its beginning to its end, once, and believes nothing that it says of itself."""

    def __init__(self, stream: BinaryIO) -> None:
        self.stream, self.offset, self.directory = stream, 0, b""
        self.count = 0

    def take(self, size: int) -> bytes:
        content = self.stream.read(size)
        if len(content) != size:
            raise Damaged("the package is cut short")
        self.offset += size
        return content

    def small(self, path: str, most: int) -> bytes:
        """A small stored file, whole; before the manifest is read nothing tells its size but its own header."""
        header = self.take(30 + len(path))
        size = struct.unpack("<I", header[22:26])[0]
        content = self.take(size) if size <= most else b""
        if header != local_header(path, STORED, zlib.crc32(content), size, size):
            raise Damaged("this is no package as it is written here" if path == MANIFEST else f"changed: {path}")
        self._list(path, STORED, zlib.crc32(content), size, size, self.offset - size - len(header))
        return content

    def file(self, entry: dict[str, Any], known: set[str]) -> Content:
        """Pass over the next file, which must be this one; it is never more than the manifest says."""
        path, size, begin = entry["path"], entry["size"], self.offset
        method, packed = (DEFLATED, entry["deflated"]["size"]) if "deflated" in entry else (STORED, size)
        header = self.take(len(local_header(path, method, 0, packed, size)))
        crc = struct.unpack("<I", header[14:18])[0]
        if header != local_header(path, method, crc, packed, size):
            raise Damaged(self._misplaced(header, path, known))
        content = Content(path)
        if method == DEFLATED:
            self._inflate(content, entry)
        else:
            for nth in range(0, size, CHUNK):
                content.feed(self.take(min(CHUNK, size - nth)))
        content.spoilt |= crc != content.crc
        self._list(path, method, crc, packed, size, begin)
        return content

    def _inflate(self, content: Content, entry: dict[str, Any]) -> None:
        digest, inflater, packed = hashlib.sha256(), zlib.decompressobj(-15), entry["deflated"]["size"]
        for nth in range(0, packed, CHUNK):
            chunk = self.take(min(CHUNK, packed - nth))
            digest.update(chunk)
            if content.spoilt:
                continue
            try:
                content.feed(inflater.decompress(chunk, entry["size"] - content.size + 1))
                content.spoilt = content.size > entry["size"]
            except zlib.error:
                content.spoilt = True
        content.spoilt |= not inflater.eof or digest.hexdigest() != entry["deflated"]["sha256"]

    def end(self) -> None:
        expected = self.directory + end_of_zip(self.count, len(self.directory), self.offset)
        if self.take(len(expected)) != expected:
            raise Damaged("the ZIP's directory is changed, or a file was added")
        if self.stream.read(1):
            raise Damaged("something was added after the end")

    def _list(self, path: str, *fields: int) -> None:
        self.directory += central_header(path, *fields)
        self.count += 1

    def _misplaced(self, header: bytes, path: str, known: set[str]) -> str:
        if header[:4] == b"PK\1\2":
            return f"missing: {path}"
        length = struct.unpack("<H", header[26:28])[0]
        found = (header[30:] + self.stream.read(max(0, min(length, 300) + 30 - len(header))))[:length]
        name = found.decode("ascii", "replace")
        if header[:4] != b"PK\3\4" or name == path:
            return f"changed: {path} or what the ZIP says of it"
        return f"missing: {path}, or not in its place" if name in known else f"added: {name!a}"


# The verdict.


def check(package: Path, key: Key | None) -> Verdict:
    """Check a ZIP or a folder; without a key against the one inside, which proves nothing. Raises Unusable."""
    try:
        if package.is_dir():
            return check_folder(package, key)
        with package.open("rb") as stream:
            return check_zip(stream, key)
    except (OSError, ValueError) as problem:
        raise Unusable(f"{package} cannot be read.") from problem


def check_zip(stream: BinaryIO, key: Key | None) -> Verdict:
    """Check a ZIP that may come through a pipe. Whatever a damaged one brings about means no."""
    verdict = Verdict()
    try:
        zip = Zip(stream)
        content, note = zip.small(MANIFEST, LARGEST_MANIFEST), zip.small(SIGNATURE, LARGEST_SIGNATURE)
        manifest = _signed(content, note, key)
        known = {each["path"] for each in manifest["files"]}
        for entry in manifest["files"]:
            if not zip.file(entry, known).is_that_of(entry, manifest):
                verdict.problems.append(f"changed: {entry['path']}")
        zip.end()
        verdict.manifest = manifest
    except Damaged as problem:
        verdict.problems.append(str(problem))
    return verdict


def check_folder(folder: Path, key: Key | None) -> Verdict:
    """Check what was unpacked: every file, nothing missing, nothing added."""
    verdict = Verdict()
    try:
        content, note = _read_small(folder / MANIFEST), _read_small(folder / SIGNATURE)
        manifest = verdict.manifest = _signed(content, note, key)
    except Damaged as problem:
        return Verdict([str(problem)])
    for entry in manifest["files"]:
        path = folder / entry["path"]
        if path.is_symlink() or not path.is_file():
            verdict.problems.append(f"missing: {entry['path']}")
        elif path.stat().st_size != entry["size"] or not _content(path).is_that_of(entry, manifest):
            verdict.problems.append(f"changed: {entry['path']}")
    known = {each["path"] for each in manifest["files"]} | {MANIFEST, SIGNATURE}
    for place, folders, names in os.walk(folder):
        links = [name for name in folders if (Path(place) / name).is_symlink()]
        found = sorted((Path(place) / name).relative_to(folder).as_posix() for name in names + links)
        verdict.problems += [f"added: {path!a}" for path in found if path not in known]
    return verdict


def _signed(content: bytes, note: bytes, key: Key | None) -> dict[str, Any]:
    manifest = read_manifest(content)
    check_note(note, content, manifest["declaration"]["slug"], key or read_key(manifest["key"]))
    return manifest


def _read_small(path: Path) -> bytes:
    if path.is_symlink() or not path.is_file():
        raise Damaged(f"missing: {path.name}")
    with path.open("rb") as file:
        return file.read(LARGEST_MANIFEST + 1)


def _content(path: Path) -> Content:
    content = Content(path.name)
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            content.feed(chunk)
    return content


def main() -> int:
    # A path may hold what this terminal cannot show.
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    parser = argparse.ArgumentParser(description="Check a delivery: a ZIP, or the folder it was unpacked into.")
    parser.add_argument("package", type=Path)
    parser.add_argument("--key", help="the site's public key (name+id+base64), or a file that holds it")
    given = parser.parse_args()
    try:
        words = read_words(Path(given.key)) if given.key and os.path.isfile(given.key) else given.key
        key = None if words is None else read_key(words)
        verdict = check(given.package, key)
    except Unusable as reason:
        print(f"CANNOT TELL: {reason}", file=sys.stderr)
        return 2
    for problem in verdict.problems:
        print(problem)
    if not verdict.whole:
        print("NO: this is not as it was made.")
        return 1
    return _tell(verdict.manifest, key)


def _tell(manifest: dict[str, Any], key: Key | None) -> int:
    used = key or read_key(manifest["key"])
    files, signatures = len(manifest["files"]) + 2, manifest["counts"]["signatures"]
    print(f"{manifest['declaration']['slug']}: {signatures} signatures as of {manifest['as_of']}, {files} files.")
    print(f"Signed with the key of {used.name}, whose fingerprint is\n  {used.fingerprint}")
    print("Compare it with the one that the site publishes.")
    if key is None:
        print("CANNOT TELL: the files agree with each other, but the key came with them; give the site's with --key.")
        return 2
    print("YES: nothing was changed, is missing or was added.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
