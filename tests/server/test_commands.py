"""Every command has its help, and bad input ends with one clear line and a non-zero exit."""

from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from flask.cli import ScriptInfo

from petition.application import create_app
from petition.commands import cli
from petition.settings import public_fields
from tests import make, running
from tests.running import Served


def _commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every command and group below this one, as it is typed."""
    # Left open, it would keep its application's context for every test that follows.
    with click.Context(group, info_name="petition") as context:
        commands = {name: group.get_command(context, name) for name in group.list_commands(context)}
    for name, command in commands.items():
        assert command is not None
        yield (*path, name)
        if isinstance(command, click.Group):
            yield from _commands(command, (*path, name))


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("commands") / "instance"
    with Served.start(folder) as server:
        assert server.stop() == 0
    return folder


def test_every_command_has_help(instance: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PETITION_INSTANCE_DIR", str(instance))
    found = list(_commands(cli))
    # One application for them all: to make one for each takes longer than everything else here.
    script = ScriptInfo(create_app=create_app)
    for path in found:
        with pytest.raises(SystemExit) as ended:
            cli.main([*path, "--help"], prog_name="petition", obj=script)
        assert ended.value.code == 0, path
    assert {("serve",), ("worker",), ("settings",), ("declarations", "load"), ("deliveries", "make")} <= set(found)
    assert {("declarations", "list"), ("outbox", "send"), ("privacy", "purge"), ("tally", "recount")} <= set(found)


def test_every_command_and_option_says_what_it_is_for(instance: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PETITION_INSTANCE_DIR", str(instance))
    for path in _commands(cli):
        command = _find(path)
        assert isinstance(command, click.Group) or command.help, path
        options = [each for each in command.params if isinstance(each, click.Option)]
        assert all(option.help for option in options), path


def test_the_program_itself_has_help(instance: Path) -> None:
    ended = running.run(instance, "--help")

    assert ended.returncode == 0
    assert "serve" in ended.stdout and "deliveries" in ended.stdout


def test_the_schema_can_be_brought_up_by_hand_as_the_refusal_says(tmp_path: Path) -> None:
    ended = running.run(tmp_path / "instance", "db", "upgrade")

    assert ended.returncode == 0, ended.stderr
    assert (tmp_path / "instance" / "petition.sqlite").exists()


BAD = {
    "an unknown command": ("frobnicate",),
    "an unknown verb": ("declarations", "frobnicate"),
    "an unknown option": ("serve", "--frobnicate"),
    "a port that is no number": ("serve", "--port", "many"),
    "a port too high": ("serve", "--port", "70000"),
    "no workers": ("serve", "--workers", "0"),
    "a host that is no host": ("serve", "--host", "no such host", "--port", "0"),
    "a host of another machine": ("serve", "--host", "192.0.2.1", "--port", "0"),
    "a host that is too long": ("serve", "--host", "ä" * 300, "--port", "0"),
    "no folder": ("declarations", "load"),
    "a folder that is not there": ("declarations", "load", "/nowhere"),
    "a folder that is a file": ("declarations", "load", "/etc/passwd"),
    "an unknown declaration": ("deliveries", "make", "nothing", "--format", "csv", "--out", "{empty}/out.csv"),
    "an unknown format": ("deliveries", "make", make.SLUG, "--format", "odt", "--out", "{empty}/out"),
    "no file": ("deliveries", "make", make.SLUG, "--format", "csv"),
    "a file that is a folder": ("deliveries", "make", make.SLUG, "--format", "csv", "--out", "{empty}"),
    "a file in no folder": ("deliveries", "make", make.SLUG, "--format", "csv", "--out", "/nowhere/out.csv"),
    "a file below a file": ("deliveries", "make", make.SLUG, "--format", "csv", "--out", "/etc/passwd/out.csv"),
    "a file that is there": ("deliveries", "make", make.SLUG, "--format", "csv", "--out", "{file}"),
    "a file that cannot be written": ("deliveries", "make", make.SLUG, "--format", "csv", "--out", "/proc/out.csv"),
    "an unknown column": ("deliveries", "make", make.SLUG, "--format", "csv", "--out", "{empty}/o", "--columns", "x"),
    "no columns": ("deliveries", "make", make.SLUG, "--format", "csv", "--out", "{empty}/o", "--columns", ""),
    "an unknown language": (
        "deliveries",
        "make",
        make.SLUG,
        "--format",
        "csv",
        "--out",
        "{empty}/o",
        "--language",
        "x",
    ),
    "words too many": ("tally", "recount", "now"),
}


@pytest.mark.parametrize("arguments", BAD.values(), ids=BAD.keys())
def test_bad_input_ends_with_one_clear_line(instance: Path, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    (tmp_path / "file").write_text("mine")
    places = {"empty": str(tmp_path / "empty"), "file": str(tmp_path / "file")}
    (tmp_path / "empty").mkdir()

    ended = running.run(instance, *(each.format(**places) for each in arguments))

    assert ended.returncode in (1, 2), ended
    assert ended.stdout == ""
    lines = ended.stderr.splitlines()
    # Wrong usage is told after click's two lines on how to use it.
    told = [line for line in lines if not line.startswith(("Usage: ", "Try ")) and line]
    assert len(told) == 1 and told[0].startswith("Error: "), ended.stderr
    assert (tmp_path / "file").read_text() == "mine"
    assert not list((tmp_path / "empty").iterdir())


def test_the_settings_are_shown_with_their_source_and_help_and_without_secrets(instance: Path) -> None:
    ended = running.run(instance, "settings", redis_url="redis://me:hidden@localhost/0")

    assert ended.returncode == 0
    assert all(f"PETITION_{setting.name.upper()} = " in ended.stdout for setting in public_fields())
    assert all(setting.metadata["help"] in ended.stdout for setting in public_fields())
    assert "hidden" not in ended.stdout
    assert "from environment" in ended.stdout and "from default" in ended.stdout
    kept = (instance / "secrets.json").read_text()
    assert not [word for word in kept.split('"') if len(word) > 30 and word in ended.stdout]


def _find(path: tuple[str, ...]) -> click.Command:
    command: click.Command = cli
    for name in path:
        assert isinstance(command, click.Group)
        with click.Context(command) as context:
            found = command.get_command(context, name)
        assert found is not None
        command = found
    return command


@pytest.mark.parametrize(
    "arguments",
    [
        ("declarations", "list"),
        ("outbox", "send"),
        ("privacy", "purge"),
        ("tally", "recount"),
        ("deliveries", "make", make.SLUG, "--format", "csv", "--out", "{folder}/out.csv"),
        ("worker",),
    ],
    ids=" ".join,
)
def test_a_command_before_the_first_start_ends_with_one_clear_line(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    ended = running.run(tmp_path / "instance", *(each.format(folder=tmp_path) for each in arguments))

    assert ended.returncode == 1, ended
    assert len(ended.stderr.splitlines()) == 1 and ended.stderr.startswith("Error: "), ended.stderr
