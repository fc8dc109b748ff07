"""``petition declarations load`` and ``list``, as an organiser types them."""

import hashlib
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import func, select

from petition.accounts.trail_models import TrailEntry
from petition.declarations import folders, reading
from petition.declarations.models import DeclarationText
from petition.extensions import db
from petition.languages import CODES
from tests import make


def _run(app: Flask, *words: str | Path) -> Result:
    return app.test_cli_runner().invoke(args=["declarations", *map(str, words)])


def _change(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))


def _versions() -> int:
    return db.session.scalar(select(func.count()).select_from(DeclarationText)) or 0


def _sum(language: str) -> str:
    return hashlib.sha256((folders.SAMPLE / f"{language}.md").read_bytes()).hexdigest()[:12]


def test_loading_again_says_that_nothing_changed(app: Flask) -> None:
    before = _versions()
    for _ in range(2):
        result = _run(app, "load", folders.SAMPLE)
        assert (result.exit_code, result.output) == (0, f"{make.SLUG}: nothing changed.\n")
    assert _versions() == before


def test_loading_a_changed_text_says_in_which_language(app: Flask, folder: Path) -> None:
    _change(folder / "it.md", "## Preambolo", "## Premessa")
    result = _run(app, "load", folder)
    assert (result.exit_code, result.output) == (0, f"{make.SLUG}: published a text in it.\n")


def test_loading_a_changed_frame_says_that_the_texts_are_the_same(app: Flask, folder: Path) -> None:
    _change(folder / "declaration.toml", "goal = 10000", "goal = 20000")
    result = _run(app, "load", folder)
    assert result.exit_code == 0
    assert result.output == f"{make.SLUG}: the texts are the same; what stands around them changed.\n"


def test_what_a_folder_changed_is_on_the_audit_trail(app: Flask, folder: Path) -> None:
    def loaded() -> list[tuple[str, str | None, str | None]]:
        query = select(TrailEntry).where(TrailEntry.act == "declaration.loaded").order_by(TrailEntry.number)
        return [(each.account, each.subject, each.detail) for each in db.session.scalars(query)]

    _run(app, "load", folder)
    assert loaded() == []
    _change(folder / "it.md", "## Preambolo", "## Premessa")
    for _ in range(2):
        _run(app, "load", folder)
        assert loaded() == [("command", make.SLUG, '{"texts":["it"]}')]


def test_loading_the_official_text_replaces_the_sample_with_one_command(app: Flask, folder: Path) -> None:
    make.be_official(folder)
    for language in CODES:
        (folder / f"{language}.md").write_text("---\ntitle: Official\nsummary: One.\n---\nThe official text.\n")
    assert _run(app, "load", folder).exit_code == 0
    app.extensions["petition.known_texts"].clear()
    assert "The official text." in make.text().html
    found = reading.find(make.SLUG)
    assert found is not None and not found.plan.sample


def test_a_broken_folder_is_refused_whole_with_every_problem(app: Flask, folder: Path) -> None:
    before = _versions()
    _change(folder / "declaration.toml", "goal = 10000", "goal = -1")
    _change(folder / "en.md", "## Preamble", "# Preamble")
    _change(folder / "it.md", "## Preambolo", "## Premessa")
    frame = (folder / "declaration.toml").read_text().splitlines()
    line = next(number for number, each in enumerate(frame, 1) if each.startswith("goal ="))
    result = _run(app, "load", folder)
    assert result.exit_code == 1
    lines = result.output.splitlines()
    assert lines[0] == f"Error: {folder} cannot be loaded:"
    assert [each.split(": ")[0].strip() for each in lines[1:]] == [f"declaration.toml:{line}", "en.md:9"]
    assert _versions() == before, "not even the sound Italian text was published"


@pytest.mark.parametrize("name", ["missing", "declaration.toml"])
def test_what_is_no_folder_gives_one_clear_line(app: Flask, folder: Path, name: str) -> None:
    result = _run(app, "load", folder / name)
    assert result.exit_code == 2
    assert result.output.splitlines()[-1].startswith("Error: ")


def test_the_list_shows_state_versions_and_sums(app: Flask) -> None:
    result = _run(app, "list")
    assert result.exit_code == 0
    [line] = result.output.splitlines()
    assert line == f"{make.SLUG}  open  {'; '.join(f'{each} v1 {_sum(each)}' for each in CODES)}"


def test_the_list_shows_current_versions_only(app: Flask, folder: Path) -> None:
    _change(folder / "en.md", "## Preamble", "## Opening words")
    _run(app, "load", folder)
    assert "en v2" in _run(app, "list").output
    assert "en v1" not in _run(app, "list").output
