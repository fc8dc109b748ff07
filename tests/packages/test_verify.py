"""The verifier as its readers run it: alone, offline, with Python and cryptography and nothing else."""

import ast
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from random import Random

import pyrage
import pytest
import rfc8785
from click.testing import Result
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask import Flask

from petition.packages import instructions, site_key, verify
from tests.deliveries import steps
from tests.packages import damaging

IDENTITY = pyrage.x25519.Identity.generate()
Run = Callable[..., "subprocess.CompletedProcess[str]"]
MOST_LINES = 420


@pytest.fixture(scope="module")
def made(site: Flask, tmp_path_factory: pytest.TempPathFactory) -> Path:
    with site.app_context():
        return steps.package(tmp_path_factory.mktemp("package"), age_key=None)


@pytest.fixture
def line(site: Flask) -> str:
    with site.app_context():
        return site_key.public_key_line()


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return steps.clean_python(tmp_path_factory.mktemp("clean"))


@pytest.fixture
def run(python: Path, tmp_path: Path) -> Run:
    """Runs the verify.py that a package carries, in an empty folder and an empty environment."""

    def runs(*words: object) -> "subprocess.CompletedProcess[str]":
        program = shutil.copy(instructions.PROGRAM, tmp_path / "verify.py")
        command = [python, "-I", "-B", program, *map(str, words)]
        done = subprocess.run(command, cwd=tmp_path, env={}, capture_output=True, text=True, timeout=60)
        assert "Traceback" not in done.stderr, done.stderr
        return done

    return runs


def unpacked(made: Path, folder: Path) -> Path:
    shutil.unpack_archive(made, folder, "zip")
    return folder


def test_the_environment_is_clean(python: Path) -> None:
    for name, there in (("cryptography", 0), ("flask", 1), ("pyrage", 1), ("petition", 1)):
        done = subprocess.run([python, "-I", "-c", f"import {name}"], capture_output=True, cwd="/")
        assert done.returncode == there, name


def test_a_whole_package_and_its_folder_are_told_yes(made: Path, line: str, run: Run, tmp_path: Path) -> None:
    (tmp_path / "key").write_text(f"{line}\n")
    for package in (made, unpacked(made, tmp_path / "folder")):
        for key in (line, tmp_path / "key"):
            done = run(package, "--key", key)
            assert (done.returncode, done.stderr) == (0, "")
            assert "YES" in done.stdout and "4 signatures as of 2026-06-01T12:00:00Z" in done.stdout
            assert verify.read_key(line).fingerprint in done.stdout and "Compare" in done.stdout


def test_without_the_sites_key_it_never_says_yes(made: Path, run: Run) -> None:
    done = run(made)
    assert done.returncode == 2
    assert "YES" not in done.stdout and "CANNOT TELL" in done.stdout and "--key" in done.stdout


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (lambda folder: (folder / "letter.pdf").write_bytes(b"%PDF-1.7 a letter?"), "changed: letter.pdf"),
        (lambda folder: (folder / "signatories.csv").write_bytes(b""), "changed: signatories.csv"),
        (lambda folder: (folder / "book/volume-01.pdf").unlink(), "missing: book/volume-01.pdf"),
        (lambda folder: (folder / "book/volume-02.pdf").write_bytes(b""), "added: 'book/volume-02.pdf'"),
        (lambda folder: (folder / ".DS_Store").write_bytes(b""), "added: '.DS_Store'"),
        (lambda folder: (folder / "numbers").rename(folder / "other"), "missing: numbers/by-day.svg"),
        (lambda folder: (folder / "manifest.sig").unlink(), "missing: manifest.sig"),
        (lambda folder: (folder / "manifest.json").write_bytes(b"{}"), "changed: manifest.json"),
        (lambda folder: (folder / "link").symlink_to("/"), "added: 'link'"),
        (lambda folder: _linked(folder / "letter.pdf"), "missing: letter.pdf"),
    ],
)
def test_what_was_changed_in_a_folder_is_named(
    made: Path, line: str, run: Run, tmp_path: Path, damage: Callable[[Path], object], told: str
) -> None:
    folder = unpacked(made, tmp_path / "folder")
    damage(folder)
    done = run(folder, "--key", line)
    assert done.returncode == 1
    assert told in done.stdout.splitlines() and "NO:" in done.stdout and "YES" not in done.stdout


def _linked(path: Path) -> None:
    path.rename(path.parent.parent / "elsewhere.pdf")
    path.symlink_to(path.parent.parent / "elsewhere.pdf")


@pytest.mark.parametrize("name", ["x\x1b[2K\rYES", "x\nYES: all is well", "x YES", "\u202eSEY", "x\u2028YES"])
def test_a_false_package_cannot_have_yes_printed_by_the_names_in_it(
    made: Path, run: Run, tmp_path: Path, name: str
) -> None:
    whole = damaging.Whole.read(made)
    private = Ed25519PrivateKey.generate()
    for key_name, slug in ((name, "child-dignity"), ("localhost", name)):
        key = verify.Key(key_name, private.public_key().public_bytes_raw())
        content = rfc8785.dumps({**whole.manifest, "key": str(key), "declaration": {"slug": slug}})
        text = verify.note_text(key, slug, content)
        note = f"{text}\n{verify.signature_line(key, private.sign(text.encode()))}".encode()
        (tmp_path / "false.zip").write_bytes(damaging._signed(whole, content, note))
        done = run(tmp_path / "false.zip")
        assert (done.returncode, done.stdout) == (1, "changed: manifest.json\nNO: this is not as it was made.\n")


def test_a_file_whose_name_no_terminal_shows_is_named_all_the_same(
    made: Path, line: str, run: Run, tmp_path: Path
) -> None:
    folder = unpacked(made, tmp_path / "folder")
    (folder / "\x1b[2K\u202eö").write_text("")
    assert "added: '\\x1b[2K\\u202e\\xf6'" in run(folder, "--key", line).stdout


def test_what_was_changed_in_a_package_is_named(made: Path, line: str, run: Run, tmp_path: Path) -> None:
    whole = damaging.Whole.read(made)
    members, contents = list(whole.members), whole.contents
    at = next(nth for nth, each in enumerate(members) if each[0] == "letter.pdf")
    other = ("letter.pdf", 0, contents["letter.pdf"][::-1])
    cases = {
        "changed: letter.pdf": ([*members[:at], other, *members[at + 1 :]], {"letter.pdf": other[2]}),
        "missing: letter.pdf, or not in its place": ([*members[:at], *members[at + 1 :]], {}),
        "added: 'evil.sh'": ([*members[:at], ("evil.sh", 0, b"x" * 40), *members[at:]], {"evil.sh": b"x" * 40}),
        "missing: book/volume-01.pdf": (members[:-1], {}),
        "the ZIP's directory is changed, or a file was added": ([*members, ("x", 0, b"")], {"x": b""}),
    }
    for told, (made_up, more) in cases.items():
        path = tmp_path / "damaged.zip"
        path.write_bytes(damaging.zipped(made_up, {**contents, **more}))
        done = run(path, "--key", line)
        assert done.returncode == 1 and told in done.stdout.splitlines(), (told, done.stdout)


def test_damaged_packages_are_told_no_by_the_program_itself(made: Path, line: str, run: Run, tmp_path: Path) -> None:
    whole = damaging.Whole.read(made)
    path = tmp_path / "damaged.zip"
    for nth, kind in enumerate(damaging.KINDS):
        path.write_bytes(kind(whole, Random(nth)))
        done = run(path, "--key", line)
        assert done.returncode == 1 and "YES" not in done.stdout, (kind.__name__, done)


@pytest.mark.parametrize(
    "words",
    [
        ["nowhere.zip"], ["/dev/null/x"], ["nowhere.zip", "--key", "x"], [".", "--key", "a+b+c"], ["x" * 5_000],
        [".", "--key", "no-such-file"], [".", "--key", ""], [".", "--key", "/dev/null"], [], [".", "--unknown"],
    ],
)  # fmt: skip
def test_what_cannot_be_told_is_said_in_a_line(run: Run, words: list[str]) -> None:
    done = run(*words)
    assert done.returncode == 2 and done.stderr.strip() and "YES" not in done.stdout


def test_rows_are_counted_however_the_file_is_cut_into_chunks() -> None:
    table = b'\xef\xbb\xbf"a","b"\n"1","x\ny"\n"2","say ""\n"" twice\n"\n"3",""\n'
    for size in range(1, len(table) + 1):
        content = verify.Content("signatories.csv")
        for nth in range(0, len(table), size):
            content.feed(table[nth : nth + size])
        assert content.rows == 4, size


def test_a_manifest_whose_count_is_not_that_of_the_rows_is_told_no() -> None:
    content = verify.Content("signatories.jsonl")
    content.feed(b"{}\n{}\n")
    entry = {"size": 6, "sha256": content.sha256.hexdigest(), "rows": 2}
    assert content.is_that_of(entry, {"counts": {"signatures": 2}})
    assert not content.is_that_of({**entry, "rows": 3}, {"counts": {"signatures": 3}})
    assert not content.is_that_of(entry, {"counts": {"signatures": 3}})


def test_the_program_is_one_file_for_python_3_9_that_needs_cryptography_alone() -> None:
    source = instructions.PROGRAM.read_text()
    tree = ast.parse(source, feature_version=(3, 9))
    asked = {each.names[0].name for each in ast.walk(tree) if isinstance(each, ast.Import)}
    asked |= {str(each.module) for each in ast.walk(tree) if isinstance(each, ast.ImportFrom)}
    assert {name.partition(".")[0] for name in asked} - set(sys.stdlib_module_names) == {"cryptography"}
    assert len(source.splitlines()) < MOST_LINES


# The command.


def command(site: Flask, *words: object) -> Result:
    return site.test_cli_runner().invoke(args=["deliveries", "verify", *map(str, words)])


def test_the_command_says_yes_with_the_sites_own_key_and_with_one_that_is_given(
    site: Flask, made: Path, line: str, tmp_path: Path
) -> None:
    (tmp_path / "key").write_text(line)
    for words in ([made], [made, "--key", line], [made, "--key", tmp_path / "key"], [unpacked(made, tmp_path / "f")]):
        told = command(site, *words)
        assert told.exit_code == 0 and told.output.startswith(f"Yes: {words[0]} is whole: child-dignity, 4 signatures")


def test_the_command_names_what_is_changed_and_exits_with_1(site: Flask, made: Path, tmp_path: Path) -> None:
    folder = unpacked(made, tmp_path / "f")
    (folder / "letter.pdf").write_text("x")
    told = command(site, folder)
    assert told.exit_code == 1 and told.output == f"changed: letter.pdf\nNo: {folder} is not as it was made.\n"


def test_the_command_opens_an_encrypted_package_with_the_readers_identity(site: Flask, tmp_path: Path) -> None:
    with site.app_context():
        sealed = steps.package(tmp_path, age_key=str(IDENTITY.to_public()))
    (tmp_path / "identity").write_text(f"# created: today\n# public key: {IDENTITY.to_public()}\n{IDENTITY}\n")
    assert command(site, sealed, "--identity", tmp_path / "identity").exit_code == 0
    refused = command(site, sealed)
    assert refused.exit_code == 2 and "identity is needed" in refused.stderr
    (tmp_path / "identity").write_text("x")
    assert command(site, sealed, "--identity", tmp_path / "identity").exit_code == 2


@pytest.mark.parametrize("words", [["nowhere"], ["/dev/null", "--key", "x"], ["x", "--identity", "nowhere"], []])
def test_what_the_command_cannot_tell_exits_with_2_and_one_line(site: Flask, words: list[str]) -> None:
    told = command(site, *words)
    assert told.exit_code == 2 and told.stdout == ""
    assert sum(line.startswith("Error: ") for line in told.stderr.splitlines()) == 1
