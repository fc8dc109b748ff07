"""The manifest, its signature, and what it is made over: texts, summary, drawings, instructions."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from flask import Flask

from petition.application import create_app
from petition.packages import instructions, manifests, site_key, verify, wordings, zipping
from petition.packages.manifests import ManifestRefused
from petition.packages.verify import Key, Unusable
from petition.packages.wordings import WordingRefused
from petition.staging.staging import StagedText
from petition.tables import summaries
from tests import make
from tests.deliveries import steps
from tests.staging import staged

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(autouse=True)
def _inside(site: Flask) -> Iterator[None]:
    with site.app_context():
        yield


def read(folder: Path, **given: Any) -> tuple[dict[str, Any], Path]:
    staging, order, made = steps.parts(folder, **given)
    with closing(staging):
        path = manifests.make(staging, order, made, fonts=steps.FONTS)
    manifest: dict[str, Any] = json.loads(path.read_bytes())
    assert path.read_bytes() == rfc8785.dumps(manifest), "in canonical form"
    return manifest, made


def test_the_manifest_names_every_file_with_its_size_and_its_hash(tmp_path: Path) -> None:
    manifest, made = read(tmp_path)
    files = {each["path"]: each for each in manifest["files"]}
    there = {path.relative_to(made).as_posix() for path in made.rglob("*") if path.is_file()}
    assert there == {*files, "manifest.json", "manifest.sig"}
    for path, entry in files.items():
        content = (made / path).read_bytes()
        assert (entry["size"], entry["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())
    assert [path for path, each in files.items() if "rows" in each] == ["signatories.csv", "signatories.jsonl"]
    assert {each["rows"] for each in files.values() if "rows" in each} == {4}


def test_the_manifest_tells_moment_counts_texts_order_fonts_and_no_secret(tmp_path: Path) -> None:
    manifest, made = read(tmp_path, age_key="age1reader")
    assert manifest["as_of"] == "2026-06-01T12:00:00Z" and manifest["software"] == "petition 0.1"
    assert manifest["counts"] == {"signatures": 4, "shown": 3, "by_visibility": {"counted": 1, "public": 3}}
    digest = hashlib.sha256(staged.SOURCE.encode()).hexdigest()
    text = {"path": "declaration/en.md", "language": "en", "version": 1, "current": True, "sha256": digest, "signed": 4}
    assert manifest["declaration"]["texts"] == [text] and manifest["declaration"]["slug"] == "child-dignity"
    assert manifest["fonts"] == steps.FONTS and manifest["order"]["reader"] == "addressee"
    assert manifest["key"] == site_key.public_key_line()
    assert "age1reader" not in (made / "manifest.json").read_text()


def test_the_same_parts_give_the_same_manifest_and_signature(tmp_path: Path) -> None:
    made = []
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        _, folder = read(tmp_path / name)
        made.append([(folder / part).read_bytes() for part in ("manifest.json", "manifest.sig")])
        assert (folder / "manifest.json").stat().st_mode & 0o777 == 0o600
    assert made[0] == made[1]


@pytest.mark.parametrize("stranger", ["staging.sqlite", "signatories.ods", "book/notes.txt", "numbers/x.svg.bak"])
def test_what_belongs_in_no_delivery_is_refused_and_drafts_are_passed_over(tmp_path: Path, stranger: str) -> None:
    staging, order, made = steps.parts(tmp_path)
    (made / ".signatories.csv.77.part").write_text("half")
    with closing(staging):
        assert ".part" not in manifests.make(staging, order, made).read_text()
        (made / stranger).write_text("x")
        with pytest.raises(ManifestRefused, match=stranger):
            manifests.make(staging, order, made)


# The signature.


def test_the_signature_is_a_signed_note_with_the_sites_key(tmp_path: Path) -> None:
    _, made = read(tmp_path)
    text, line = (made / "manifest.sig").read_text().split("\n\n")
    digest = hashlib.sha256((made / "manifest.json").read_bytes()).hexdigest()
    assert text == f"localhost/deliveries\nchild-dignity\nmanifest.json SHA-256 {digest}"
    dash, name, encoded = line.rstrip("\n").split(" ")
    raw = verify.base64.b64decode(encoded, validate=True)
    key = site_key.public_key()
    assert (dash, name) == ("\u2014", "localhost")
    assert raw[:4] == hashlib.sha256(b"localhost\n\x01" + key.public).digest()[:4] and len(raw) == 68
    Ed25519PublicKey.from_public_bytes(key.public).verify(raw[4:], f"{text}\n".encode())


def test_the_public_key_is_written_as_c2sp_does() -> None:
    """The example of c2sp.org/signed-note."""
    line = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
    key = verify.read_key(f"{line}\n")
    assert (str(key), key.name, len(key.public), key.id.hex()) == (line, "example.com/foo", 32, "530d903a")


@pytest.mark.parametrize(
    "line",
    [
        "", "+", "++", "x", "example.com/foo+530d903b+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/fo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/foo+530D903A+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/foo+530d903a+AukyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2", "+00000000+AQ==", "a+b+é", "a+b+\ud800",
    ],
)  # fmt: skip
def test_what_is_no_public_key_is_refused_in_one_sentence(line: str) -> None:
    with pytest.raises(Unusable, match="This is no public key of a site"):
        verify.read_key(line)


def test_a_signature_holds_for_one_manifest_one_declaration_and_one_key() -> None:
    note, key = site_key.sign("child-dignity", b"{}"), site_key.public_key()
    assert site_key.verify(note, b"{}", slug="child-dignity", key=key)
    assert not site_key.verify(note, b"{ }", slug="child-dignity", key=key)
    assert not site_key.verify(note, b"{}", slug="other", key=key)
    assert not site_key.verify(note, b"{}", slug="child-dignity", key=Key("localhost", bytes(32)))
    assert not site_key.verify(note + b"\n", b"{}", slug="child-dignity", key=key)


def test_another_signing_key_is_another_public_key(tmp_path: Path) -> None:
    line, fingerprint = site_key.public_key_line(), site_key.fingerprint()
    with create_app(make.settings(tmp_path, base_url="https://sign.example.org")).app_context():
        assert site_key.public_key_line().startswith("sign.example.org+")
        assert site_key.public_key_line() != line and site_key.fingerprint() != fingerprint
    assert len(fingerprint.split()) == 16


# What goes along.


def _text(language: str, number: int, source: str, *, current: bool, signed: int) -> StagedText:
    digest = hashlib.sha256(source.encode()).hexdigest()
    return StagedText(language, number, digest, "T", "S", source, "<p>", signed, current)


def test_every_version_that_was_signed_or_is_current_is_there_byte_for_byte(tmp_path: Path) -> None:
    first, second = "\ufeffold\r\ntext\n", "new text without an end"
    texts = [
        _text("it", 1, "testo", current=True, signed=0),
        _text("en", 2, second, current=True, signed=3),
        _text("en", 1, first, current=False, signed=1),
    ]
    with closing(staged.staged(tmp_path, steps.some_rows(), texts=texts)) as staging:
        made = wordings.make(staging, tmp_path)
        told = wordings.facts(staging)
    names = ["en-v1.md", "en.md", "it.md"]
    assert [path.name for path in made] == names and [each["path"] for each in told] == [
        f"declaration/{n}" for n in names
    ]
    assert [path.read_bytes() for path in made] == [first.encode(), second.encode(), b"testo"]
    for path, each in zip(made, told, strict=True):
        assert hashlib.sha256(path.read_bytes()).hexdigest() == each["sha256"]
    assert [each["signed"] for each in told] == [1, 3, 0]


def test_a_stored_text_that_is_not_what_was_signed_is_refused(tmp_path: Path) -> None:
    text = replace(_text("en", 1, "text", current=True, signed=1), source="text ")
    with (
        closing(staged.staged(tmp_path, [], texts=[text])) as staging,
        pytest.raises(WordingRefused, match="Version 1"),
    ):
        wordings.make(staging, tmp_path)


def test_the_summary_tells_everything_but_persons(tmp_path: Path) -> None:
    founding = [{"name": "Grace Hopper"}]
    staging = staged.staged(tmp_path, steps.some_rows(), founding=founding)
    with closing(staging):
        made = summaries.make(staging, steps.order(), tmp_path)
    assert [path.relative_to(tmp_path).as_posix() for path in made] == [
        "summary.json", "numbers/by-country.svg", "numbers/by-day.svg", "numbers/in-total.svg",
    ]  # fmt: skip
    summary = json.loads(made[0].read_text())
    assert (summary["count"], summary["shown"], summary["as_of"]) == (4, 3, "2026-06-01T12:00:00Z")
    assert summary["by_country"] == {"DE": 1, "GB": 1, "IQ": 1, "IT": 1} and summary["texts"][0]["signed"] == 4
    for path in made:
        assert not any(name in path.read_text() for name in ("Ada", "Emmy", "محمد", "Hopper"))


@pytest.mark.parametrize("language", ["en", "ar"])
def test_a_drawing_stands_alone_with_its_title_its_description_and_its_style(tmp_path: Path, language: str) -> None:
    with closing(staged.staged(tmp_path, steps.some_rows())) as staging:
        made = summaries.make(staging, steps.order(languages=(language,)), tmp_path)[1:]
    for path in made:
        drawing = ElementTree.parse(path).getroot()
        assert drawing.tag == f"{SVG}svg" and drawing.get("width") == "760"
        assert (
            list(drawing.iter(f"{SVG}title")) and list(drawing.iter(f"{SVG}desc")) and list(drawing.iter(f"{SVG}style"))
        )
        assert (drawing.get("direction") == "rtl") == (language == "ar")
        assert "http" not in path.read_text().replace("http://www.w3.org/2000/svg", "")


def test_a_declaration_that_nobody_signed_has_a_summary_and_no_drawings(tmp_path: Path) -> None:
    with closing(staged.staged(tmp_path, [])) as staging:
        assert [path.name for path in summaries.make(staging, steps.order(), tmp_path)] == ["summary.json"]


def test_the_instructions_are_in_english_and_in_the_orders_language_and_carry_the_program(tmp_path: Path) -> None:
    with closing(staged.staged(tmp_path, [])) as staging:
        text, program = instructions.make(staging, steps.order(languages=("it", "fr")), tmp_path)
    words = text.read_text()
    assert "How to check this delivery" in words and "http://localhost:8000/en/child-dignity" in words
    assert "http://localhost:8000/it/child-dignity" in words and "/fr/" not in words
    assert " ".join(words.split()).count(site_key.fingerprint()) == 2
    assert program.read_bytes() == instructions.PROGRAM.read_bytes()
    with closing(staged.Staging(tmp_path / "staging.sqlite")) as staging:
        instructions.make(staging, steps.order(), tmp_path)
    assert text.read_text().count("How to check this delivery") == 1


def test_without_addresses_no_part_holds_one(tmp_path: Path) -> None:
    rows = [staged.row(1, email="")]
    _, made = read(tmp_path, rows=rows)
    for path in (path for path in made.rglob("*") if path.is_file() and path.suffix not in (".xlsx", ".py")):
        assert b"@" not in path.read_bytes(), path
    assert zipping.deflated(made / "letter.pdf") is None
