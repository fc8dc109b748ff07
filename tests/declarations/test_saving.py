"""A declaration written back as a folder is that folder: loading it changes nothing."""

import hashlib
import json
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from click.testing import Result
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st

from petition.declarations import folders, handovers, publishing, reading, saving
from petition.declarations.folders import Folder
from petition.declarations.models import Declaration
from petition.declarations.plans import (
    OPTIONAL_FIELDS,
    SECTIONS,
    Event,
    Founding,
    Frame,
    Handover,
    Plan,
    Section,
    Sections,
    Sector,
    Wording,
)
from petition.declarations.texts import Text
from petition.extensions import db
from tests import make

LANGUAGES = st.lists(st.sampled_from(["en", "it", "ar", "zh"]), min_size=1, max_size=3, unique=True)
ANY = st.characters(exclude_characters="\0", exclude_categories=["Cs"])
WORDS = st.text(ANY, max_size=12).map(lambda words: f"x{words}y")
NAMES = st.sampled_from(["Ada Lovelace", "O’Brien", 'The "Great"', "عبد الله", "名 前", "Müller \\ Söhne"])
# In UTC, as the database gives them: where clocks are turned back, Python calls no two zones' times equal.
MOMENTS = st.datetimes(datetime(1900, 1, 3), datetime(2999, 12, 29), timezones=st.just(UTC))
FACTS = {
    **dict.fromkeys(("place", "handed_by", "handed_to"), NAMES),
    "photos": st.sampled_from([(), ("https://www.example.org/a😀.jpg", "https://example.org")]),
    "count": st.none() | st.integers(0, 10**10),
    "as_of": st.none() | MOMENTS,
    "manifest_sha256": st.sampled_from(["", "0a" * 32]),
}
BODIES = st.sampled_from(
    ["Words.", "Words.\n", "\r\nWords.\r\n", "\n\n## Head\n\n- one\n- two\n\n", "Wörds\u2028مرحبا"]
)


@st.composite
def frames(draw: st.DrawFn) -> Frame:
    languages = tuple(draw(LANGUAGES))
    wordings = st.tuples(*[WORDS] * len(languages)).map(lambda words: Wording(zip(languages, words, strict=True)))
    same = NAMES.map(lambda name: Wording(dict.fromkeys(languages, name)))
    names = draw(st.lists(NAMES | WORDS, min_size=1, max_size=3, unique=True))
    sectors = draw(st.lists(st.sampled_from(["a", "b-1", "99"]), max_size=3, unique=True))
    fields = {name: draw(st.sampled_from(["off", "optional", "required"])) for name in OPTIONAL_FIELDS}
    founding = st.builds(Founding, NAMES, st.none() | same, st.none() | same, st.none() | st.sampled_from(["IT", "NO"]))
    days = st.dates(date(1900, 1, 1), date(2025, 1, 1))
    partly = wordings.map(lambda words: Wording(list(words.items())[1:]))
    records = st.sampled_from(["", "A-_4" * 5 + "00"])
    opens_at = draw(MOMENTS)
    plan = Plan(
        sample=True,
        paused=draw(st.booleans()),
        languages=languages,
        time_zone=draw(st.timezone_keys(allow_prefix=False)),
        goal=draw(st.integers(0, 10**10)),
        retention_days=draw(st.integers(1, 36_500)),
        addressee=draw(wordings),
        organisers=tuple(names),
        contacts={name: "desk@example.org" for name in names if draw(st.booleans())},
        founding=tuple(draw(st.lists(founding, max_size=2, unique_by=lambda each: each.name))),
        consents={"agree": draw(wordings)} | ({"updates": draw(wordings)} if draw(st.booleans()) else {}),
        fields=fields | ({} if sectors else {"sector": "off"}),
        sectors=tuple(Sector(code, draw(wordings)) for code in sectors),
        events={each: Event(draw(WORDS), "", draw(WORDS)) for each in languages if draw(st.booleans())},
        handovers=handovers.in_order(
            [
                *draw(st.lists(st.builds(Handover, days, wordings), max_size=2)),
                *draw(st.lists(st.builds(Handover, days, partly, record=records, **FACTS), max_size=1)),
            ]
        ),
        sections=_sections(draw, languages),
    )
    closes_at = draw(st.none() | st.just(opens_at + timedelta(microseconds=1)))
    return Frame("some-slug", draw(st.booleans()), opens_at, closes_at, plan)


def _sections(draw: st.DrawFn, languages: tuple[str, ...]) -> Sections:
    names = draw(st.lists(st.sampled_from(SECTIONS[:3]), max_size=2, unique=True))
    ordered = [name for name in SECTIONS if name in names]
    return Sections(
        {
            each: {name: Section("", "", source=f"# {draw(NAMES)}\n{draw(BODIES)}") for name in ordered}
            for each in languages
        }
    )


@st.composite
def whole(draw: st.DrawFn) -> Folder:
    frame = draw(frames())
    sources = {each: f"---\ntitle: {draw(NAMES)}\nsummary: Y\n---\n{draw(BODIES)}" for each in frame.plan.languages}
    return Folder(frame, tuple(Text(each, "", "", "", source, "") for each, source in sources.items()))


@settings(deadline=None)
@given(given_folder=whole())
def test_what_is_saved_is_read_back_as_it_was(given_folder: Folder) -> None:
    with TemporaryDirectory() as place:
        first, second = Path(place) / "first", Path(place) / "second"
        saving.save(given_folder, first)
        read = folders.read(first)
        saving.save(read, second)
        assert folders.read(second) == read
        assert _bytes(second) == _bytes(first)
    bare = {each: dict.fromkeys(named, "") for each, named in given_folder.frame.plan.sections.items()}
    assert {each: dict.fromkeys(named, "") for each, named in read.frame.plan.sections.items()} == bare
    assert vars(read.frame) | {"plan": 0} == vars(given_folder.frame) | {"plan": 0}
    assert vars(read.frame.plan) | {"sections": 0} == vars(given_folder.frame.plan) | {"sections": 0}
    assert [text.source for text in read.texts] == [text.source for text in given_folder.texts]


def _bytes(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def _run(app: Flask, *words: str | Path) -> Result:
    return app.test_cli_runner().invoke(args=["declarations", *map(str, words)])


def test_the_saved_sample_loads_without_any_change(app: Flask, tmp_path: Path) -> None:
    out = tmp_path / "saved"
    result = _run(app, "save", make.SLUG, "--out", out)
    assert result.exit_code == 0, result.output
    assert _run(app, "load", out).output == f"{make.SLUG}: nothing changed.\n"
    assert [file.name for file in tmp_path.iterdir()] == ["saved"]


def test_the_saved_texts_and_sections_are_the_same_bytes(app: Flask, tmp_path: Path) -> None:
    out = tmp_path / "saved"
    _run(app, "save", make.SLUG, "--out", out)
    original = {file.name: file.read_bytes() for file in folders.SAMPLE.glob("*.md")}
    assert {file.name: file.read_bytes() for file in out.glob("*.md")} == original
    assert hashlib.sha256((out / "en.md").read_bytes()).hexdigest() == make.text().sha256


@pytest.mark.parametrize("change", ["\r\n", "\ufeff"], ids=["crlf", "bom"])
def test_a_text_from_another_editor_comes_back_byte_for_byte(
    app: Flask, folder: Path, tmp_path: Path, change: str
) -> None:
    source = (folder / "en.md").read_text()
    written = source.replace("\n", "\r\n") if change == "\r\n" else change + source
    (folder / "en.md").write_bytes(written.encode())
    publishing.publish(folders.read(folder))
    _run(app, "save", make.SLUG, "--out", tmp_path / "saved")
    assert (tmp_path / "saved" / "en.md").read_bytes() == written.encode()


def test_times_are_written_as_clocks_in_the_declarations_zone_show_them(app: Flask, tmp_path: Path) -> None:
    _run(app, "save", make.SLUG, "--out", tmp_path / "saved")
    assert "opens_at = 2025-11-12T09:00:00+01:00\n" in (tmp_path / "saved" / "declaration.toml").read_text()


@pytest.mark.parametrize(
    ("moment", "zone", "written"),
    [
        (datetime(2025, 10, 26, 1, 30, tzinfo=UTC), "Europe/Rome", "2025-10-26T02:30:00+01:00"),
        (datetime(2025, 10, 26, 0, 30, tzinfo=UTC), "Europe/Rome", "2025-10-26T02:30:00+02:00"),
        (datetime(2025, 1, 1, 0, 0, 0, 1, tzinfo=UTC), "UTC", "2025-01-01T00:00:00.000001+00:00"),
        (datetime(1910, 1, 1, tzinfo=UTC), "Europe/Amsterdam", None),
        (datetime(1900, 1, 1, tzinfo=timezone(timedelta(0))), "America/New_York", "1900-01-01T00:00:00+00:00"),
    ],
)
def test_a_saved_moment_is_the_same_moment(
    app: Flask, folder: Path, moment: datetime, zone: str, written: str | None
) -> None:
    frame = folders.read(folder).frame
    plan = Plan.from_json(frame.plan.to_json() | {"time_zone": zone})
    toml = saving.toml(Frame(frame.slug, False, moment, None, plan))
    assert f"opens_at = {written}\n" in toml if written else True
    (folder / "declaration.toml").write_text(toml)
    assert folders.read(folder).frame.opens_at == moment


def test_saving_keeps_what_is_there_unless_told_otherwise(app: Flask, tmp_path: Path) -> None:
    out = tmp_path / "saved"
    out.mkdir()
    (out / "notes.txt").write_text("mine")
    (out / "tlh.md").write_text("of a language that was dropped")
    result = _run(app, "save", make.SLUG, "--out", out)
    assert result.exit_code == 1
    assert result.output == f"Error: {out} is not empty; name another folder, or replace it with --force.\n"
    assert sorted(_bytes(out)) == ["notes.txt", "tlh.md"]
    assert _run(app, "save", make.SLUG, "--out", out, "--force").exit_code == 0
    assert (out / "notes.txt").read_text() == "mine"
    assert _run(app, "load", out).output == f"{make.SLUG}: nothing changed.\n"


def test_what_cannot_be_written_gives_one_clear_line(app: Flask, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    result = _run(app, "save", make.SLUG, "--out", tmp_path / "file" / "below")
    assert result.exit_code == 1
    assert result.output == f"Error: {tmp_path / 'file' / 'below'} cannot be written: Not a directory.\n"
    assert _run(app, "save", "no-such", "--out", tmp_path / "x").output == "Error: There is no declaration “no-such”.\n"
    assert [file.name for file in tmp_path.iterdir()] == ["file"]


def test_a_section_stored_without_its_source_is_told(app: Flask, tmp_path: Path) -> None:
    declaration = reading.find(make.SLUG)
    assert isinstance(declaration, Declaration)
    stored = json.loads(json.dumps(declaration.stored_plan))
    del stored["sections"]["en"]["why"]["source"]
    declaration.stored_plan = stored
    db.session.commit()
    vars(declaration).pop("plan", None)
    result = _run(app, "save", make.SLUG, "--out", tmp_path / "saved")
    assert result.exit_code == 1 and "load its folder once more first" in result.output
    assert not (tmp_path / "saved").exists()
