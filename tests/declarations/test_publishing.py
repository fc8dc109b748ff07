"""Publishing: versions are immutable, signatures stay with theirs, and loading again changes nothing."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import inspect, select
from sqlalchemy.exc import IntegrityError

from petition.declarations import folders, publishing, reading
from petition.declarations.models import Declaration, DeclarationText, State
from petition.declarations.publishing import Published
from petition.extensions import db
from petition.languages import CODES
from petition.tally import noting
from tests import make

LATER = datetime(2027, 1, 1, tzinfo=UTC)


def _publish(folder: Path) -> Published:
    published = publishing.publish(folders.read(folder))
    db.session.commit()
    return published


def _change(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))


def _versions(language: str = "en", slug: str = make.SLUG) -> list[tuple[int, bool]]:
    """Number and whether it is current, in order."""
    query = select(DeclarationText.number, DeclarationText.current).join(DeclarationText.declaration)
    query = query.where(Declaration.slug == slug, DeclarationText.language == language)
    return [(number, current) for number, current in db.session.execute(query.order_by(DeclarationText.number))]


def _rows() -> list[dict[str, Any]]:
    """Every column of every declaration and text."""
    db.session.expire_all()
    return [
        {column.key: getattr(row, column.key) for column in inspect(type(row)).column_attrs}
        for model in (Declaration, DeclarationText)
        for row in db.session.scalars(select(model).order_by(model.id))
    ]


def test_publishing_again_changes_nothing(app: Flask, folder: Path) -> None:
    before = _rows()
    with time_machine.travel(LATER, tick=False):
        published = _publish(folder)
    assert (published.changed, published.frame_changed) == ((), False)
    assert _rows() == before


def test_a_new_declaration_has_its_first_versions_and_a_tally(app: Flask, folder: Path) -> None:
    _change(folder / "declaration.toml", '"child-dignity"', '"another-one"')
    published = _publish(folder)
    assert (published.changed, published.frame_changed) == (CODES, True)
    assert _versions(slug="another-one") == [(1, True)]
    tally = noting.find(published.declaration.id)
    assert tally is not None and tally.count == 0
    assert _versions() == [(1, True)], "the other declaration is untouched"


def test_a_changed_text_becomes_a_new_version_while_signatures_keep_theirs(app: Flask, folder: Path) -> None:
    signed = make.signature()
    waiting = make.submission()
    first = signed.text
    kept = (first.sha256, first.html, first.source, first.title)

    _change(folder / "en.md", "## Preamble", "## Opening words")
    with time_machine.travel(LATER, tick=False):
        published = _publish(folder)

    assert (published.changed, published.frame_changed) == (("en",), False)
    assert _versions() == [(1, False), (2, True)]
    assert _versions("it") == [(1, True)]
    db.session.expire_all()
    assert signed.text_id == waiting.text_id == first.id
    assert (first.sha256, first.html, first.source, first.title) == kept
    second = db.session.scalars(select(DeclarationText).where(DeclarationText.number == 2)).one()
    assert "Opening words" in second.html
    assert (second.published_at, second.declaration_id) == (LATER, first.declaration_id)


def test_whoever_signs_after_a_change_signs_the_new_text(app: Flask, folder: Path) -> None:
    before = make.submission()
    _change(folder / "en.md", "## Preamble", "## Opening words")
    _publish(folder)
    app.extensions["petition.known_texts"].clear()
    after = make.submission()
    assert (before.text.number, after.text.number) == (1, 2)


def test_going_back_to_the_old_text_makes_it_current_again_without_a_new_version(app: Flask, folder: Path) -> None:
    old = (folder / "en.md").read_bytes()
    _change(folder / "en.md", "## Preamble", "## Opening words")
    _publish(folder)
    (folder / "en.md").write_bytes(old)
    published = _publish(folder)
    assert published.changed == ("en",)
    assert _versions() == [(1, True), (2, False)]
    assert _publish(folder).changed == ()


def test_a_third_text_is_the_third_version(app: Flask, folder: Path) -> None:
    for words in ("## One", "## Two"):
        text = (folder / "en.md").read_text()
        (folder / "en.md").write_text(text.replace("## Preamble", words).replace("## One", words))
        _publish(folder)
    assert _versions() == [(1, False), (2, False), (3, True)]


def test_a_change_of_one_invisible_byte_is_another_version(app: Flask, folder: Path) -> None:
    (folder / "en.md").write_bytes((folder / "en.md").read_bytes() + b"\n")
    assert _publish(folder).changed == ("en",)
    assert _versions() == [(1, False), (2, True)]


def test_a_dropped_language_retires_and_its_version_stays(app: Flask, folder: Path) -> None:
    signed = make.signature(language="it")
    _drop_italian(folder)
    published = _publish(folder)
    assert (published.changed, published.frame_changed) == ((), True)
    assert _versions("it") == [(1, False)]
    assert _versions("en") == [(1, True)]
    app.extensions["petition.known_texts"].clear()
    assert reading.find_current(make.SLUG, "it") is None
    assert signed.text.language == "it"


def test_a_language_that_comes_back_is_current_again(app: Flask, folder: Path) -> None:
    _drop_italian(folder)
    _publish(folder)
    published = _publish(folders.SAMPLE)
    assert published.changed == ("it",)
    assert _versions("it") == [(1, True)]


def _drop_italian(folder: Path) -> None:
    make.keep_languages(folder, *(language for language in CODES if language != "it"))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("featured = true", "featured = false"),
        ("goal = 10000", "goal = 20000"),
        ("# closes_at", "closes_at"),
        ("opens_at = 2025", "opens_at = 2024"),
        ('affiliation = "optional"', 'affiliation = "required"'),
        ("Pope Leo XIV", "His Holiness Pope Leo XIV"),
        ('en = "Education"', 'en = "Teaching"'),
        ("by email; I can", "by mail; I can"),
        ("12–13 November 2025", "12 and 13 November 2025"),
    ],
)
def test_a_changed_frame_changes_no_text(app: Flask, folder: Path, old: str, new: str) -> None:
    _change(folder / "declaration.toml", old, new)
    published = _publish(folder)
    assert (published.changed, published.frame_changed) == ((), True)
    assert _versions() == [(1, True)]
    again = _publish(folder)
    assert (again.changed, again.frame_changed) == ((), False)


def test_the_same_moment_in_another_offset_is_no_change(app: Flask, folder: Path) -> None:
    _change(folder / "declaration.toml", "2025-11-12T09:00:00+01:00", "2025-11-12T08:00:00Z")
    assert not _publish(folder).frame_changed


def test_what_the_frame_says_comes_back_as_it_was_read(app: Flask, folder: Path) -> None:
    frame = folders.read(folder).frame
    db.session.expire_all()
    kept = reading.find(make.SLUG)
    assert kept is not None
    assert kept.plan == frame.plan
    assert (kept.opens_at, kept.closes_at, kept.featured) == (frame.opens_at, None, True)


def test_the_plan_that_is_seen_is_the_published_one(app: Flask, folder: Path) -> None:
    declaration = reading.find(make.SLUG)
    assert declaration is not None and declaration.plan.goal == 10_000
    _change(folder / "declaration.toml", "goal = 10000", "goal = 20000")
    _publish(folder)
    assert declaration.plan.goal == 20_000


def test_the_form_closes_at_the_second(app: Flask, folder: Path) -> None:
    _change(folder / "declaration.toml", "# closes_at", "closes_at")
    declaration = _publish(folder).declaration
    opens, closes = declaration.opens_at, declaration.closes_at
    assert closes is not None
    second = timedelta(seconds=1)
    moments = [opens - second, opens, closes - second, closes]
    assert [declaration.state_at(moment) for moment in moments] == [
        State.UPCOMING,
        State.OPEN,
        State.OPEN,
        State.CLOSED,
    ]


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"number": 2}, "uq_declaration_texts_version"),
        ({"sha256": "0" * 64}, "uq_declaration_texts_current"),
        ({"sha256": "0" * 63, "current": False}, "ck_declaration_texts_sha256"),
    ],
)
def test_the_database_refuses_two_versions_that_are_one(app: Flask, changes: dict[str, Any], constraint: str) -> None:
    text = db.session.scalars(select(DeclarationText).where(DeclarationText.language == "en")).one()
    values = {column.key: getattr(text, column.key) for column in inspect(DeclarationText).column_attrs}
    del values["id"]
    with pytest.raises(IntegrityError) as refusal, db.session.begin_nested():
        db.session.add(DeclarationText(**{**values, **changes}))
        db.session.flush()
    # SQLite names the columns of a unique index, or the index where it is partial.
    assert constraint in str(refusal.value) or "UNIQUE constraint failed: declaration_texts." in str(refusal.value)
