"""Every way we know to damage a package, or to make a false one; each by chance, the chances numbered."""

import base64
import io
import json
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any

import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from petition.packages import verify as verifying
from petition.packages.verify import MANIFEST, SIGNATURE, Key

Member = tuple[str, int, bytes]
"""A path, its method, and its packed bytes."""


@dataclass(frozen=True)
class Whole:
    """A package that is whole, taken to pieces once."""

    content: bytes
    members: list[Member]
    contents: dict[str, bytes]

    @classmethod
    def read(cls, path: Path) -> "Whole":
        content = path.read_bytes()
        with zipfile.ZipFile(path) as zip:
            members = [(each.filename, each.compress_type, _packed(content, each)) for each in zip.infolist()]
            contents = {each.filename: zip.read(each) for each in zip.infolist()}
        return cls(content, members, contents)

    @property
    def manifest(self) -> dict[str, Any]:
        made: dict[str, Any] = json.loads(self.contents[MANIFEST])
        return made


def _packed(content: bytes, info: zipfile.ZipInfo) -> bytes:
    begin = info.header_offset + 30 + len(info.filename)
    return content[begin : begin + info.compress_size]


def zipped(members: list[Member], contents: dict[str, bytes]) -> bytes:
    """Such a ZIP as the writer makes, of whatever members."""
    made, directory = b"", b""
    for path, method, packed in members:
        fields = (path, method, zlib.crc32(contents[path]), len(packed), len(contents[path]))
        directory += verifying.central_header(*fields, len(made))
        made += verifying.local_header(*fields) + packed
    return made + directory + verifying.end_of_zip(len(members), len(directory), len(made))


# Damage to the bytes.


def flip_anywhere(whole: Whole, by: Random) -> bytes:
    return _flipped(whole.content, by.randrange(len(whole.content)), by)


def flip_in_a_header(whole: Whole, by: Random) -> bytes:
    path = by.choice(whole.members)[0].encode()
    mark = by.choice([b"PK\3\4", b"PK\1\2"])
    length = 30 if mark == b"PK\3\4" else 46
    place = next(
        at for at in _places(whole.content, mark) if whole.content[at + length : at + length + len(path)] == path
    )
    return _flipped(whole.content, place + by.randrange(length + len(path)), by)


def flip_in_packed_bytes(whole: Whole, by: Random) -> bytes:
    packed = by.choice([each[2] for each in whole.members if each[1] == verifying.DEFLATED])
    place = whole.content.index(packed)
    return _flipped(whole.content, place + by.randrange(len(packed)), by)


def flip_at_the_end(whole: Whole, by: Random) -> bytes:
    return _flipped(whole.content, len(whole.content) - 1 - by.randrange(22), by)


def cut(whole: Whole, by: Random) -> bytes:
    return whole.content[: by.choice([0, 1, 29, by.randrange(len(whole.content)), len(whole.content) - 1])]


def pad(whole: Whole, by: Random) -> bytes:
    more = by.randbytes(by.choice([1, 2, 100])) if by.random() < 0.5 else b"\0" * by.choice([1, 4096])
    place = by.choice([0, len(whole.content), by.randrange(len(whole.content))])
    return whole.content[:place] + more + whole.content[place:]


def leave_out_bytes(whole: Whole, by: Random) -> bytes:
    place = by.randrange(len(whole.content))
    return whole.content[:place] + whole.content[place + by.choice([1, 3, 500]) :]


def overwrite(whole: Whole, by: Random) -> bytes:
    place = by.randrange(len(whole.content) - 8)
    return (
        whole.content[:place]
        + by.choice([b"\xff" * 8, b"\0" * 7 + b"\1", by.randbytes(8)])
        + whole.content[place + 8 :]
    )


def noise(whole: Whole, by: Random) -> bytes:
    return by.choice([b"", b"PK\3\4", b"PK\5\6" + b"\0" * 18]) + by.randbytes(by.choice([0, 10, 5_000]))


def comment(whole: Whole, by: Random) -> bytes:
    words = by.randbytes(by.choice([1, 40]))
    return whole.content[:-2] + struct.pack("<H", len(words)) + words


# False ZIPs that hold together.


def swap_members(whole: Whole, by: Random) -> bytes:
    members = list(whole.members)
    one, other = by.sample(range(len(members)), 2)
    members[one], members[other] = members[other], members[one]
    return zipped(members, whole.contents)


def swap_contents(whole: Whole, by: Random) -> bytes:
    one, other = by.sample([each for each in whole.members if each[1] == verifying.STORED], 2)
    exchanged = {one[0]: (one[0], 0, other[2]), other[0]: (other[0], 0, one[2])}
    members = [exchanged.get(each[0], each) for each in whole.members]
    return zipped(members, {**whole.contents, one[0]: other[2], other[0]: one[2]})


def duplicate_a_member(whole: Whole, by: Random) -> bytes:
    members = list(whole.members)
    members.insert(by.randrange(len(members) + 1), by.choice(members))
    return zipped(members, whole.contents)


def leave_out_a_member(whole: Whole, by: Random) -> bytes:
    members = list(whole.members)
    members.pop(by.randrange(len(members)))
    return zipped(members, whole.contents)


def add_a_member(whole: Whole, by: Random) -> bytes:
    """Many with paths that lead out of the folder."""
    paths = ["../evil.sh", "/etc/passwd", "a/../../b", "..\\evil", "C:\\evil", "x" * 300, "", ".", "notes.txt"]
    path = by.choice([*paths, "verify.pyc", "book/", "manifest.json.bak"])
    content = by.randbytes(20)
    members = list(whole.members)
    members.insert(by.randrange(len(members) + 1), (path, 0, content))
    return zipped(members, {**whole.contents, path: content})


def rename_a_member(whole: Whole, by: Random) -> bytes:
    members = list(whole.members)
    nth = by.randrange(len(members))
    path, method, packed = members[nth]
    other = by.choice(["../" + path[3:], path.upper(), path[:-1] + "_", path + "\0"])
    members[nth] = (other, method, packed)
    return zipped(members, {**whole.contents, other: whole.contents[path]})


def bomb(whole: Whole, by: Random) -> bytes:
    """A member that unpacks to some hundred times of what the manifest says, its header false or true."""
    nth = by.choice([nth for nth, each in enumerate(whole.members) if each[1] == verifying.DEFLATED])
    path, method, _ = whole.members[nth]
    content = whole.contents[path] + b"\0" * 3_000_000
    packed = _deflated(content)
    members = [*whole.members[:nth], (path, method, packed), *whole.members[nth + 1 :]]
    said = content if by.random() < 0.5 else whole.contents[path]
    return zipped(members, {**whole.contents, path: said})


def deflate_otherwise(whole: Whole, by: Random) -> bytes:
    """The same contents, packed in another way."""
    members = [
        (path, method, _deflated(whole.contents[path], by.choice([0, 1])) if method else packed)
        for path, method, packed in whole.members
    ]
    return zipped(members, whole.contents)


def zip_by_another_program(whole: Whole, by: Random) -> bytes:
    made = io.BytesIO()
    kind = by.choice([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2])
    with zipfile.ZipFile(made, "w", kind) as zip:
        for path, _, _ in whole.members:
            zip.writestr(zipfile.ZipInfo(path, (1980 + by.randrange(50), 1, 1, 0, 0, 0)), whole.contents[path], kind)
    return made.getvalue()


# False manifests.


def edit_a_file(whole: Whole, by: Random) -> bytes:
    """A file is changed, and the manifest with it; the signature stays, or is a stranger's."""
    path = by.choice([each["path"] for each in whole.manifest["files"] if "deflated" not in each])
    return _with_file(whole, path, _flipped(whole.contents[path], by.randrange(len(whole.contents[path])), by), by)


def edit_the_manifest(whole: Whole, by: Random) -> bytes:
    manifest = whole.manifest
    which = by.randrange(6)
    if which == 0:
        manifest["counts"]["signatures"] += 1
    elif which == 1:
        manifest["files"].pop(by.randrange(len(manifest["files"])))
    elif which == 2:
        manifest["files"].append({"path": by.choice(["../x", "/x", "a//b", "x"]), "size": 0, "sha256": "0" * 64})
    elif which == 3:
        manifest["as_of"] = "2030-01-01T00:00:00Z"
    elif which == 4:
        manifest["files"][by.randrange(len(manifest["files"]))]["size"] = by.choice([-1, 1 << 63, 1e30, "1", None, 0])
    else:
        manifest[by.choice(list(manifest))] = by.choice([None, [], {}, "x", 7, [[]], {"files": 1}])
    return _with_manifest(whole, rfc8785.dumps(manifest) if which != 4 else json.dumps(manifest).encode(), by)


def break_the_manifest(whole: Whole, by: Random) -> bytes:
    content = by.choice(
        [
            b"", b"null", b"[]", b"{}", b"7", b'"x"', b"[" * 100_000, b'{"files":[' * 9_000, b"\xff\xfe", b"\x00",
            b'{"key":"\\ud800+00000000+AAAA","files":[]}', json.dumps(whole.manifest, indent=1).encode(),
            whole.contents[MANIFEST] + b"\n", b" " * 5_000_000, b"9" * 10_000, whole.contents[MANIFEST][:-1],
        ]
    )  # fmt: skip
    return _with_manifest(whole, content, by)


def break_the_signature(whole: Whole, by: Random) -> bytes:
    note = whole.contents[SIGNATURE]
    text, line = note.decode().rsplit("\n\n", 1)
    name, encoded = line.rstrip("\n").rsplit(" ", 1)
    raw = base64.b64decode(encoded)
    order = 2**252 + 27742317777372353535851937790883648493
    raised = (int.from_bytes(raw[36:], "little") + order).to_bytes(33, "little")[:32]
    other = by.choice(
        [
            b"", note + b"\n", note + line.encode(), note[:-1], note.replace(b"\n", b"\r\n"), b"\xff" + note,
            b"x" * 5_000, note.replace("—".encode(), b"-"),
            f"{text}\n\n{name} {base64.b64encode(raw[:36] + raised).decode()}\n".encode(),
            f"{text}\n\n{name} {encoded.rstrip('=')}\n".encode(), f"{text}\n\n{name} \n".encode(),
            f"{text}\n\n{name} {encoded[:8]}\n{encoded[8:]}\n".encode(), f"\n\n{line}".encode(),
            f"{text}\n\n{name} {base64.b64encode(raw[:4] + bytes(64)).decode()}\n".encode(),
        ]
    )  # fmt: skip
    return zipped(_replaced(whole.members, SIGNATURE, other), {**whole.contents, SIGNATURE: other})


def sign_by_a_stranger(whole: Whole, by: Random) -> bytes:
    """A false site of the same name signs what it likes, its own key in the manifest."""
    private = Ed25519PrivateKey.from_private_bytes(by.randbytes(32))
    key = Key("localhost", private.public_key().public_bytes_raw())
    content = rfc8785.dumps({**whole.manifest, "key": str(key)})
    return _signed(whole, content, _note(whole, key, private, content))


def _with_file(whole: Whole, path: str, content: bytes, by: Random) -> bytes:
    entry = {"size": len(content), "sha256": sha256(content).hexdigest()}
    files = [{**each, **entry} if each["path"] == path else each for each in whole.manifest["files"]]
    manifest = rfc8785.dumps({**whole.manifest, "files": files})
    changed = Whole(whole.content, _replaced(whole.members, path, content), {**whole.contents, path: content})
    return _with_manifest(changed, manifest, by)


def _with_manifest(whole: Whole, content: bytes, by: Random) -> bytes:
    private = Ed25519PrivateKey.from_private_bytes(by.randbytes(32))
    key = Key("localhost", private.public_key().public_bytes_raw())
    note = by.choice([whole.contents[SIGNATURE], _note(whole, key, private, content)])
    return _signed(whole, content, note)


def _note(whole: Whole, key: Key, private: Ed25519PrivateKey, content: bytes) -> bytes:
    text = verifying.note_text(key, whole.manifest["declaration"]["slug"], content)
    return f"{text}\n{verifying.signature_line(key, private.sign(text.encode()))}".encode()


def _signed(whole: Whole, content: bytes, note: bytes) -> bytes:
    members = _replaced(_replaced(whole.members, MANIFEST, content), SIGNATURE, note)
    return zipped(members, {**whole.contents, MANIFEST: content, SIGNATURE: note})


def _replaced(members: list[Member], path: str, packed: bytes) -> list[Member]:
    return [(path, method, packed) if name == path else (name, method, kept) for name, method, kept in members]


def _deflated(content: bytes, level: int = 6) -> bytes:
    deflater = zlib.compressobj(level, zlib.DEFLATED, -15)
    return deflater.compress(content) + deflater.flush()


def _flipped(content: bytes, place: int, by: Random) -> bytes:
    changed = bytearray(content)
    changed[place] ^= 1 << by.randrange(8)
    return bytes(changed)


def _places(content: bytes, mark: bytes) -> list[int]:
    found, at = [], content.find(mark)
    while at >= 0:
        found.append(at)
        at = content.find(mark, at + 1)
    return found


KINDS: list[Callable[[Whole, Random], bytes]] = [
    flip_anywhere, flip_in_a_header, flip_in_packed_bytes, flip_at_the_end, cut, pad, leave_out_bytes, overwrite, noise,
    comment, swap_members, swap_contents, duplicate_a_member, leave_out_a_member, add_a_member, rename_a_member, bomb,
    deflate_otherwise, zip_by_another_program, edit_a_file, edit_the_manifest, break_the_manifest, break_the_signature,
    sign_by_a_stranger,
]  # fmt: skip
