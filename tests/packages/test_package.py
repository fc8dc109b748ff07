"""The package: a ZIP of which every byte is decided, that no damaged one is taken for."""

import os
import subprocess
import zipfile
from collections.abc import Iterator
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from random import Random

import pyrage
import pytest
from flask import Flask

from petition import whole
from petition.packages import manifests, site_key, verify, zipping
from petition.packages.verify import Key, Unusable
from petition.packages.zipping import PackageRefused
from tests.deliveries import steps
from tests.packages import damaging
from tests.running import rounds

IDENTITY = pyrage.x25519.Identity.generate()
READER = str(IDENTITY.to_public())


@pytest.fixture(scope="module")
def made(site: Flask, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A package, its parts beside it."""
    with site.app_context():
        return steps.package(tmp_path_factory.mktemp("package"))


@pytest.fixture
def key(site: Flask) -> Key:
    with site.app_context():
        return site_key.public_key()


def test_a_package_verifies_and_any_program_unpacks_it(made: Path, key: Key, tmp_path: Path) -> None:
    verdict = zipping.verify(made, key)
    assert verdict.whole and verdict.manifest["counts"]["signatures"] == 4
    with zipfile.ZipFile(made) as zip:
        assert zip.testzip() is None
        zip.extractall(tmp_path / "unpacked")
    assert verify.check(tmp_path / "unpacked", key).whole
    assert (tmp_path / "unpacked" / "signatories.csv").read_bytes() == (
        made.parent / "parts/signatories.csv"
    ).read_bytes()


def test_manifest_and_signature_come_first_and_the_rest_in_the_manifests_order(made: Path, key: Key) -> None:
    with zipfile.ZipFile(made) as zip:
        names = zip.namelist()
        times = {each.date_time for each in zip.infolist()}
        modes = {each.external_attr >> 16 for each in zip.infolist()}
    listed = [each["path"] for each in zipping.verify(made, key).manifest["files"]]
    assert names == ["manifest.json", "manifest.sig", *listed]
    assert times == {(1980, 1, 1, 0, 0, 0)} and modes == {0o100644}


def test_the_same_parts_give_the_same_bytes(made: Path, tmp_path: Path) -> None:
    parts = made.parent / "parts"
    again = zipping.write(parts, tmp_path / "again.zip", manifest=parts / "manifest.json")
    assert again.read_bytes() == made.read_bytes()
    assert again.stat().st_mode & 0o777 == 0o600


def test_a_part_that_changed_after_the_manifest_gives_no_package(site: Flask, tmp_path: Path) -> None:
    with site.app_context():
        made = steps.package(tmp_path)
    for name, more in (("letter.pdf", b"x"), ("signatories.jsonl", b"{}\n")):
        part = tmp_path / "parts" / name
        before = part.read_bytes()
        part.write_bytes(before + more)
        with pytest.raises(PackageRefused, match=f"^{name} is not as the manifest says"):
            zipping.write(tmp_path / "parts", tmp_path / "other.zip", manifest=tmp_path / "parts" / "manifest.json")
        with pytest.raises(PackageRefused, match=f"^{name} is not as the manifest says"):
            zipping.write(
                tmp_path / "parts",
                tmp_path / "other.zip",
                manifest=tmp_path / "parts" / "manifest.json",
                age_key=READER,
            )
        part.write_bytes(before)
    assert {file.name for file in tmp_path.iterdir()} == {"staging.sqlite", "parts", made.name}


def test_a_file_beyond_four_gigabytes_has_headers_that_other_programs_read(tmp_path: Path) -> None:
    """The file is a hole on the disk; nobody checks its contents here."""
    size, path = 5 * 2**30, tmp_path / "large.zip"
    fields = ("signatories.jsonl", verify.STORED, 0, size, size)
    small = ("x", verify.STORED, 0, 0, 0)
    with path.open("wb") as file:
        file.write(verify.local_header(*fields))
        file.seek(size, os.SEEK_CUR)
        offset = file.tell()
        file.write(verify.local_header(*small))
        directory = verify.central_header(*fields, 0) + verify.central_header(*small, offset)
        file.write(directory + verify.end_of_zip(2, len(directory), offset + 31))
    with zipfile.ZipFile(path) as zip:
        assert [(each.filename, each.file_size) for each in zip.infolist()] == [("signatories.jsonl", size), ("x", 0)]
        assert zip.read("x") == b""
        with zip.open("signatories.jsonl") as part:
            assert part.read(10) == bytes(10)


# Encrypted.


def test_an_encrypted_package_is_read_with_the_readers_identity_alone(made: Path, key: Key, tmp_path: Path) -> None:
    parts = made.parent / "parts"
    sealed = zipping.write(parts, tmp_path / "out.zip", manifest=parts / "manifest.json", age_key=READER)
    assert sealed == tmp_path / "out.zip.age" and sealed.stat().st_mode & 0o777 == 0o600
    assert pyrage.decrypt(sealed.read_bytes(), [IDENTITY]) == made.read_bytes()
    assert zipping.verify(sealed, key, identity=str(IDENTITY)).whole
    other = zipping.verify(sealed, key, identity=str(pyrage.x25519.Identity.generate()))
    assert other.problems == ["the package cannot be decrypted: No matching keys found"]
    for identity in (None, "", "AGE-SECRET-KEY-1"):
        with pytest.raises(Unusable):
            zipping.verify(sealed, key, identity=identity)


def test_no_clear_byte_of_an_encrypted_package_is_on_the_disk(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts, seen = made.parent / "parts", list[bytes]()
    chunks = zipping._chunks

    def look(path: Path) -> Iterator[bytes]:
        seen.extend(file.read_bytes() for file in tmp_path.iterdir())
        yield from chunks(path)

    monkeypatch.setattr(zipping, "_chunks", look)
    zipping.write(parts, tmp_path / "out.zip", manifest=parts / "manifest.json", age_key=READER)
    assert seen and not any(b"PK\3\4" in content or b"manifest" in content for content in seen)
    assert [file.name for file in tmp_path.iterdir()] == ["out.zip.age"]


@pytest.mark.parametrize(
    "given",
    ["", "age1", pytest.param(READER[:-1], id="cut-short"), "ssh-ed25519 AAAA", "AGE-SECRET-KEY-1QQQ", "é" * 50],
)
def test_a_key_that_is_none_is_refused_before_anything_is_written(made: Path, tmp_path: Path, given: str) -> None:
    parts = made.parent / "parts"
    with pytest.raises(PackageRefused, match="no age key"):
        zipping.write(parts, tmp_path / "out.zip", manifest=parts / "manifest.json", age_key=given)
    assert not list(tmp_path.iterdir())


def test_damaged_encryption_never_verifies(made: Path, key: Key, tmp_path: Path) -> None:
    parts = made.parent / "parts"
    sealed = zipping.write(parts, tmp_path / "out.zip", manifest=parts / "manifest.json", age_key=READER)
    content = sealed.read_bytes()
    for nth in range(rounds(1_000)):
        by = Random(nth)
        changed = [damaging._flipped(content, by.randrange(len(content)), by), content[: by.randrange(len(content))]]
        sealed.write_bytes(by.choice([*changed, content + b"\0"]))
        verdict = zipping.verify(sealed, key, identity=str(IDENTITY))
        assert not verdict.whole and verdict.problems, nth


# Ten thousand.


@pytest.mark.ordeal
def test_ten_thousand_damaged_packages_never_verify_and_never_crash(made: Path, key: Key, tmp_path: Path) -> None:
    whole = damaging.Whole.read(made)
    assert damaging.zipped(whole.members, whole.contents) == whole.content, "what is put together here is as it is made"
    path = tmp_path / "damaged.zip"
    seen = 0
    for nth in range(rounds(10_000)):
        kind = damaging.KINDS[nth % len(damaging.KINDS)]
        damaged = kind(whole, Random(nth))
        if damaged == whole.content:
            continue
        path.write_bytes(damaged)
        verdict = zipping.verify(path, key)
        assert verdict.problems and not verdict.whole, (kind.__name__, nth)
        seen += 1
    assert seen > 0.98 * rounds(10_000)


@pytest.mark.ordeal
@pytest.mark.parametrize("kind", damaging.KINDS, ids=lambda kind: kind.__name__)
def test_without_the_sites_key_damaged_packages_do_not_crash_either(made: Path, tmp_path: Path, kind: object) -> None:
    """The manifest may then be anybody's."""
    assert callable(kind)
    whole = damaging.Whole.read(made)
    path = tmp_path / "damaged.zip"
    for nth in range(rounds(100)):
        path.write_bytes(kind(whole, Random(nth)))
        verdict = verify.check(path, None)
        assert verdict.whole != bool(verdict.problems)


def test_another_sites_key_verifies_nothing(made: Path, key: Key) -> None:
    for nth in range(100):
        other = Key(key.name, Random(nth).randbytes(32))
        assert not zipping.verify(made, other).whole
    assert not zipping.verify(made, Key("other.example.org", key.public)).whole


def test_a_bomb_is_not_unpacked_beyond_what_the_manifest_says(made: Path, key: Key, tmp_path: Path) -> None:
    whole = damaging.Whole.read(made)
    path, method, _ = next(each for each in whole.members if each[1] == verify.DEFLATED)
    packed = damaging._deflated(bytes(50_000_000))
    entry = next(each for each in whole.manifest["files"] if each["path"] == path)
    told = {**entry, "deflated": {"size": len(packed), "sha256": sha256(packed).hexdigest()}}
    stream = BytesIO(verify.local_header(path, method, 0, len(packed), entry["size"]) + packed)
    content = verify.Zip(stream).file(told, {path})
    assert content.spoilt and content.size <= entry["size"] + 1


@pytest.mark.parametrize("age_key", [None, READER], ids=["open", "encrypted"])
@pytest.mark.parametrize("most", [0, 1_000, 30_000])
def test_a_disk_that_takes_no_more_gives_an_oserror_and_no_package(
    made: Path, tmp_path: Path, age_key: str | None, most: int
) -> None:
    parts = made.parent / "parts"
    with steps.disk_full(most), pytest.raises(OSError):
        zipping.write(parts, tmp_path / "out.zip", manifest=parts / "manifest.json", age_key=age_key)
    assert not list(tmp_path.iterdir())


def test_a_draft_that_a_killed_process_left_is_removed(made: Path, tmp_path: Path) -> None:
    with subprocess.Popen(["true"]) as process:
        process.wait(timeout=20)
    (tmp_path / f".out.zip.{process.pid}.part").write_bytes(b"half")
    parts = made.parent / "parts"
    zipping.write(parts, tmp_path / "out.zip", manifest=parts / "manifest.json")
    assert [file.name for file in tmp_path.iterdir()] == ["out.zip"]


def test_what_interrupts_a_draft_leaves_nothing(tmp_path: Path) -> None:
    for problem in (KeyboardInterrupt, OSError, MemoryError):
        with pytest.raises(problem), whole.open_file(tmp_path / "x") as file:
            file.write(b"half")
            raise problem
    assert not list(tmp_path.iterdir())


def test_the_manifest_is_known_by_its_hash(made: Path) -> None:
    manifest = made.parent / "parts" / "manifest.json"
    assert manifests.sha256(manifest) in (made.parent / "parts" / "manifest.sig").read_text()
