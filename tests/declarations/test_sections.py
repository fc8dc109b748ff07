"""Sections beside the text: read, kept with the declaration, and no part of what is signed."""

from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from petition.declarations import folders, publishing, reading
from petition.declarations.folders import FolderRefused
from petition.declarations.models import DeclarationText
from petition.declarations.plans import SECTIONS, Plan, Question, Section
from petition.extensions import db
from petition.languages import CODES
from tests import make


def _write(folder: Path, name: str, content: str | bytes) -> None:
    """The same content in every language."""
    for language in CODES:
        file = folder / f"{language}.{name}.md"
        file.write_bytes(content.encode() if isinstance(content, str) else content)


def _section(folder: Path, name: str, content: str) -> Section:
    _write(folder, name, content)
    found = folders.read(folder).frame.plan.sections["en"][name]
    assert found.source == content
    return replace(found, source="")


def _problems(folder: Path) -> list[str]:
    with pytest.raises(FolderRefused) as refusal:
        folders.read(folder)
    return [str(problem) for problem in refusal.value.problems]


def _remove(folder: Path, *patterns: str) -> None:
    for pattern in patterns:
        for file in folder.glob(pattern):
            file.unlink()


def test_a_section_has_its_title_apart_and_its_headings_below_it(folder: Path) -> None:
    found = _section(folder, "why", "\n# Why now \n\n## One\n\nWords *here*.\n\n### Two\n")
    assert found == Section("Why now", "<h3>One</h3>\n<p>Words <em>here</em>.</p>\n<h4>Two</h4>\n")


def test_questions_come_one_by_one_with_what_stands_before_them(folder: Path) -> None:
    first = "## Who *may*\n\nAll.\n\n- One\n\n```\n## not one\n```\n\n### More\n\n"
    content = f"# Questions\nBefore.\n\n{first}## `Why` & how?\nSo."
    assert _section(folder, "questions", content) == Section(
        "Questions",
        "<p>Before.</p>\n",
        (
            Question(
                "Who may",
                "<p>All.</p>\n<ul>\n<li>One</li>\n</ul>\n<pre><code>## not one\n</code></pre>\n<h4>More</h4>\n",
            ),
            Question("Why & how?", "<p>So.</p>\n"),
        ),
    )


def test_a_footnote_stays_with_its_answer(folder: Path) -> None:
    content = "# Questions\n\n## One?\n\nA[^1].\n\n[^1]: Note one.\n\n## Two?\n\nB[^1].\n\n[^1]: Note two.\n"
    one, two = _section(folder, "questions", content).items
    assert 'id="fn-questions-1-1"' in one.answer_html and "Note one." in one.answer_html
    assert 'id="fn-questions-2-1"' in two.answer_html and "Note two." in two.answer_html


def test_a_section_is_made_safe_as_the_text_is(folder: Path) -> None:
    html = _section(folder, "why", "# <b>T</b>\n<script>alert(1)</script>\n\n[a](javascript:alert(1))").html
    assert "<script" not in html and "href" not in html


@pytest.mark.parametrize("content", ["# T\r\n\r\nWords.\r\n", "\ufeff# T\n\nWords.\n"], ids=["crlf", "bom"])
def test_a_section_from_another_editor_is_read_alike(folder: Path, content: str) -> None:
    assert _section(folder, "why", content) == Section("T", "<p>Words.</p>\n")


@pytest.mark.parametrize(
    ("name", "content", "line", "sentence"),
    [
        ("why", b"", 1, "A section begins with its title"),
        ("why", b"\n\n \n", 1, "A section begins with its title"),
        ("why", b"\nWords.\n", 2, "A section begins with its title"),
        ("why", b"## Why\n\nWords.", 1, "A section begins with its title"),
        ("why", b"# \n\nWords.", 1, "A section begins with its title"),
        ("why", b"---\ntitle: Why\n---\n\nWords.", 1, "A section begins with its title"),
        ("why", b"# Why\n\n \n", 1, "The section is empty."),
        ("why", b"# Why\n\nWords.\n\n# Two\n", 5, "Headings begin with ##"),
        ("why", b"# Why\n\nWo\0rds.", 3, "The text must not hold NUL bytes."),
        ("why", b"# Why\n\nWo\xffrds.", 3, "This is not UTF-8."),
        ("why", b"# Why\n\na|b\n-|-\nc|d", 3, "Tables cannot be shown"),
        ("why", b"# Why\n\nWords[^1].", 3, "The footnote [^1] has no text"),
        ("why", b"# Why\n" + b"x" * 1024 * 1024, 1, "The file is larger than 1 MiB."),
        ("questions", b"# Questions\n\nWords.", 1, "There is no question"),
        ("questions", b"# Questions\n\n## One?\n\n## Two?\n\nWords.", 3, "Each question needs its words and an answer"),
        ("questions", b"# Questions\n\n## One?\n\nWords.\n\n##\n\nWords.", 7, "Each question needs its words"),
        (
            "questions",
            b"# Questions\n\n## One?\n\nWords.\n\n## Two?\n",
            7,
            "Each question needs its words and an answer",
        ),
        ("questions", b"# Questions\n\n## One?\n\nA.\n\n# Two\n\nB.", 7, "Headings begin with ##"),
        (
            "questions",
            b"# Questions\n\n## One?\n\nA[^1].\n\n## Two?\n\nB.\n\n[^1]: Note.",
            5,
            "The footnote [^1] has no",
        ),
    ],
)
def test_what_is_wrong_in_a_section_is_told_with_its_line(
    folder: Path, name: str, content: bytes, line: int, sentence: str
) -> None:
    (folder / f"en.{name}.md").write_bytes(content)
    problems = _problems(folder)
    assert problems[0].startswith(f"en.{name}.md:{line}: {sentence}"), problems
    assert all(each.startswith(f"en.{name}.md:") for each in problems)


def test_a_section_in_one_language_must_be_there_in_all(folder: Path) -> None:
    make.keep_languages(folder, "en", "it", "fr")
    _remove(folder, "it.why.md", "en.questions.md")
    assert _problems(folder) == [
        "en.questions.md:1: This file is missing: there is a section “questions” in it, fr.",
        "it.why.md:1: This file is missing: there is a section “why” in en, fr.",
    ]


def test_a_declaration_needs_no_sections(folder: Path) -> None:
    _remove(folder, "*.*.md")
    plan = folders.read(folder).frame.plan
    assert plan.sections == {language: {} for language in CODES}
    assert plan.sections["tlh"] == {}


@pytest.mark.parametrize("given", SECTIONS)
def test_any_one_section_may_stand_alone(folder: Path, given: str) -> None:
    kept = {f"{language}.{given}.md" for language in CODES}
    _remove(folder, *(file.name for file in folder.glob("*.*.md") if file.name not in kept))
    sections = folders.read(folder).frame.plan.sections
    assert {language: list(named) for language, named in sections.items()} == {each: [given] for each in CODES}


@pytest.mark.parametrize(
    ("file", "problem"),
    [
        ("en.how.md", "There is no section “how”, only why, conveners, delivery, questions."),
        ("en.why.now.md", "There is no section “why.now”, only why, conveners, delivery, questions."),
        ("en..md", "There is no section “”, only why, conveners, delivery, questions."),
        ("tlh.why.md", "“tlh” is not among the languages of declaration.toml."),
        ("notes.md", "“notes” is not among the languages of declaration.toml."),
    ],
)
def test_a_file_of_no_section_is_told(folder: Path, file: str, problem: str) -> None:
    (folder / file).write_text("# Words\n\nWords.\n")
    assert _problems(folder) == [f"{file}:1: {problem}"]


def test_a_changed_section_changes_the_page_and_no_text(app: Flask, folder: Path) -> None:
    signed = make.signature()
    kept = (signed.text.id, signed.text.sha256, signed.text.html)
    versions = db.session.scalar(select(func.count()).select_from(DeclarationText))
    _write(folder, "why", "# Why now\n\nOther words.\n")

    published = publishing.publish(folders.read(folder))
    db.session.commit()

    assert (published.changed, published.frame_changed) == ((), True)
    assert db.session.scalar(select(func.count()).select_from(DeclarationText)) == versions
    db.session.expire_all()
    assert (signed.text.id, signed.text.sha256, signed.text.html) == kept
    found = reading.find(make.SLUG)
    assert found is not None and found.plan.sections["en"]["why"].html == "<p>Other words.</p>\n"
    assert publishing.publish(folders.read(folder)).frame_changed is False


def test_dropped_sections_are_gone(app: Flask, folder: Path) -> None:
    _remove(folder, "*.delivery.md")
    assert publishing.publish(folders.read(folder)).frame_changed
    db.session.commit()
    found = reading.find(make.SLUG)
    assert found is not None and list(found.plan.sections["en"]) == ["why", "conveners", "questions"]


def test_a_plan_stored_before_there_were_sections_is_still_read(folder: Path) -> None:
    stored = folders.read(folder).frame.plan.to_json()
    for key in ("paused", "founding", "handovers", "sections"):
        del stored[key]
    plan = Plan.from_json(stored)
    assert (plan.paused, plan.founding, plan.handovers, plan.sections["en"]) == (False, (), (), {})


def test_a_plan_comes_back_as_it_was_stored(folder: Path) -> None:
    make.keep_languages(folder, "en", "it")
    frame = folder / "declaration.toml"
    more = (
        'paused = true\n\n[[founding]]\nname = "Ada"\nrole = {en = "x", it = "y"}\ncountry = "IT"\n\n'
        '[[founding]]\nname = "Bo"\n\n[[handovers]]\non = 2026-01-01\nen = "x"\nit = "y"\n\n[addressee]'
    )
    frame.write_text(frame.read_text().replace("[addressee]", more, 1))
    plan = folders.read(folder).frame.plan
    assert plan.paused and plan.founding and plan.handovers and plan.sections
    assert Plan.from_json(plan.to_json()) == plan
