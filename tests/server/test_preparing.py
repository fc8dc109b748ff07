"""Before the first request: what cannot be used is told in one clear line, and nothing is served."""

import json
import sqlite3
import subprocess
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from petition.server.supervising import WEB
from petition.settings import SECRET_NAMES
from tests import make, running
from tests.running import Served
from tests.services import Postgresql, free_port


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An instance folder that was started once."""
    folder = tmp_path_factory.mktemp("prepared") / "instance"
    with Served.start(folder) as server:
        assert server.stop() == 0
    return folder


@pytest.fixture
def instance(prepared: Path, tmp_path: Path) -> Path:
    """A copy of it, to be spoilt."""
    folder = tmp_path / "instance"
    folder.mkdir(mode=0o700)
    for file in prepared.iterdir():
        if file.is_file():
            (folder / file.name).write_bytes(file.read_bytes())
    return folder


def serve(folder: Path, **settings: str) -> str:
    """Try to start, which must fail; returns the one line that says why."""
    ended = running.run(folder, "serve", "--port", str(free_port()), **settings)
    assert ended.returncode == 1, ended
    assert ended.stdout == ""
    lines = ended.stderr.splitlines()
    assert len(lines) == 1, ended.stderr
    assert lines[0].startswith("Error: ")
    return lines[0]


def _garbage(database: Path) -> None:
    database.write_bytes(b"This is no database at all. " * 500)


def _truncated(database: Path) -> None:
    content = database.read_bytes()
    database.write_bytes(content[: len(content) // 2])


def _short(database: Path) -> None:
    database.write_bytes(database.read_bytes()[:1000])


def _holes(database: Path) -> None:
    content = bytearray(database.read_bytes())
    content[4096 : 4096 * 6] = b"\xff" * 4096 * 5
    database.write_bytes(content)


def _directory(database: Path) -> None:
    database.unlink()
    database.mkdir()


@pytest.mark.parametrize("spoil", [_garbage, _truncated, _short, _holes, _directory], ids=lambda each: each.__name__)
def test_a_corrupt_database_gives_one_clear_line(instance: Path, spoil: Callable[[Path], None]) -> None:
    spoil(instance / "petition.sqlite")

    assert "database" in serve(instance)


def test_a_database_of_a_newer_version_gives_one_clear_line(instance: Path) -> None:
    _set_revision(instance / "petition.sqlite", "9999_tomorrow")

    assert serve(instance) == "Error: The database is from a newer version of this program; install that version."


@pytest.mark.parametrize("name", ["lookup_key", "data_keys"])
def test_a_wrong_key_gives_one_clear_line(instance: Path, name: str) -> None:
    kept = json.loads((instance / "secrets.json").read_text())
    (instance / "secrets.json").write_text(json.dumps({**kept, name: make.key()}))

    assert f"PETITION_{name.upper()}" in serve(instance)


def test_a_web_server_on_its_own_refuses_with_one_clear_line_too(instance: Path) -> None:
    settings = {"lookup_key": make.key(), "bind": f"127.0.0.1:{free_port()}"}
    ended = subprocess.run(WEB, env=running.environment(instance, settings), capture_output=True, text=True)

    assert ended.returncode == 1
    lines = ended.stderr.splitlines()
    assert len(lines) == 1 and lines[0].startswith("Error: ") and "PETITION_LOOKUP_KEY" in lines[0]


def test_new_keys_beside_the_old_in_the_ring_start(instance: Path) -> None:
    kept = json.loads((instance / "secrets.json").read_text())
    with Served.start(instance, data_keys=f"{make.key()},{kept['data_keys']}") as server:
        assert server.get(make.PAGE).status == 200


@pytest.mark.parametrize("content", ["", "{", "[]", "null", '"text"', "{}", '{"secret_key": 5}', "\0\xff"])
def test_damaged_secrets_give_one_clear_line(instance: Path, content: str) -> None:
    (instance / "secrets.json").write_text(content, encoding="latin-1")

    assert "secrets.json" in serve(instance)


def test_a_folder_that_cannot_be_made_gives_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")

    assert f"The folder {tmp_path}/file/instance cannot be used: Not a directory." in serve(
        tmp_path / "file" / "instance"
    )


def test_a_folder_that_cannot_be_written_gives_one_clear_line() -> None:
    # Nobody can write there, root neither.
    assert "/proc/instance cannot be used" in serve(Path("/proc/instance"))


def test_a_folder_whose_database_cannot_be_written_gives_one_clear_line(tmp_path: Path) -> None:
    secrets = running.secrets()
    assert "database" in serve(tmp_path / "instance", database_url="sqlite:////proc/petition.sqlite", **secrets)


def test_production_without_secrets_names_every_missing_one(tmp_path: Path) -> None:
    line = serve(tmp_path / "instance", database_url="sqlite:///:memory:")

    assert all(f"PETITION_{name.upper()} is missing" in line for name in SECRET_NAMES)
    assert not (tmp_path / "instance").exists()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("tally_every", "soon"),
        ("tally_every", "0"),
        ("trusted_proxies", "-1"),
        ("trusted_proxies", "many"),
        ("base_url", "ftp://example.org"),
        ("networks", "hall"),
        ("secret_key", "short"),
        ("data_keys", "ä"),
        ("database_url", "nonsense"),
        ("database_url", "mysql://localhost/petition"),
        ("pool_size", "0.5"),
        ("log_level", "loud"),
        ("sign_limits", "many"),
        ("redis_url", "nonsense"),
        ("mail_url", "nonsense"),
    ],
)
def test_a_setting_that_cannot_be_used_gives_one_clear_line(tmp_path: Path, name: str, value: str) -> None:
    secrets = running.secrets() if name == "database_url" else {}

    assert name.upper() in serve(tmp_path / "instance", **{**secrets, name: value})


def test_postgresql_that_does_not_answer_gives_one_clear_line(tmp_path: Path) -> None:
    nowhere = f"postgresql+psycopg://petition@127.0.0.1:{free_port()}/petition"

    line = serve(tmp_path / "instance", database_url=nowhere, **running.secrets())

    assert line.startswith("Error: The database cannot be used: ")


def test_postgresql_is_prepared_and_one_of_a_newer_version_refused(tmp_path: Path, postgresql: Postgresql) -> None:
    url = postgresql.make_database("preparing")
    secrets = running.secrets()
    try:
        with Served.start(tmp_path / "instance", database_url=url, **secrets) as server:
            assert server.get(make.PAGE).status == 200
            assert server.stop() == 0
        wrong = serve(tmp_path / "instance", database_url=url, **{**secrets, "lookup_key": make.key()})
        assert "PETITION_LOOKUP_KEY" in wrong
        assert not (tmp_path / "instance" / "petition.sqlite").exists()
    finally:
        postgresql.drop_database("preparing")


@pytest.mark.parametrize("value", ["off", "local"])
def test_postgresql_whose_commits_are_not_durable_gives_one_clear_line(
    tmp_path: Path, postgresql: Postgresql, value: str
) -> None:
    url = postgresql.make_database("hasty")
    try:
        with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute(f"ALTER DATABASE hasty SET synchronous_commit = {value}")
        line = serve(tmp_path / "instance", database_url=url, **running.secrets())
        assert f"synchronous_commit is “{value}”" in line
    finally:
        postgresql.drop_database("hasty")


def _set_revision(database: Path, revision: str) -> None:
    with sqlite3.connect(database) as connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", [revision])
    connection.close()
