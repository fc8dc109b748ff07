"""A folder on disk: what is wrong with it is told at once, each problem with its file and line."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
import time_machine

from petition.declarations import folders, frames, people
from petition.declarations.folders import FolderRefused
from petition.declarations.plans import OPTIONAL_FIELDS, SECTIONS
from petition.languages import CODES
from tests import make

FRAME = "declaration.toml"
NAMED = f"languages = {json.dumps(CODES)}"
DOCUMENT = Path(__file__).parent.parent.parent / "docs" / "declarations.md"


def _edit(file: Path, old: str, new: str) -> None:
    """Replace what stands in the file once at least; its first place."""
    content = file.read_bytes()
    assert old.encode() in content
    file.write_bytes(content.replace(old.encode(), new.encode(errors="surrogateescape"), 1))


def _line(file: Path, words: str) -> int:
    """The number of the line that holds these words, as an editor counts; comments of the frame aside."""
    lines = enumerate(file.read_text().split("\n"), 1)
    [first, *_] = [number for number, line in lines if words in line and not (file.name == FRAME and line[:1] == "#")]
    return first


def _problems(folder: Path) -> list[str]:
    with pytest.raises(FolderRefused) as refusal:
        folders.read(folder)
    assert str(refusal.value).startswith(f"{folder} cannot be loaded:\n")
    return [str(problem) for problem in refusal.value.problems]


# One problem at a time: (old words, new words, words of the complained line, the sentence)


@pytest.mark.parametrize(
    ("old", "new", "at", "sentence"),
    [
        ('slug = "child-dignity" ', "", None, "“slug” is missing"),
        ('"child-dignity"', '"Child Dignity"', "slug =", "small letters, digits and single hyphens"),
        ('"child-dignity"', '"child--dignity"', "slug =", "small letters"),
        ('"child-dignity"', '"-child"', "slug =", "small letters"),
        ('"child-dignity"', '"dignité"', "slug =", "small letters"),
        ('"child-dignity"', '"../../etc"', "slug =", "small letters"),
        ('"child-dignity"', f'"{"a" * 61}"', "slug =", "60 at most"),
        ('"child-dignity"', '""', "slug =", "small letters"),
        ('"child-dignity"', "7", "slug =", "must be text"),
        ("sample = true", 'sample = "yes"', "sample =", "must be true or false"),
        ("featured = true", "featured = 1", "featured =", "must be true or false"),
        (NAMED, "languages = []", "languages =", "at least one language"),
        ('"zh"]', '"zh", "tlh"]', "languages =", "“tlh” is not one of en, it"),
        ('"zh"]', '"zh", "en"]', "languages =", "one language twice"),
        ('"zh"]', '"zh", ["en"]]', "languages =", "is not one of"),
        ('"Europe/Rome"', '"Rome"', "time_zone =", "not a time zone"),
        ('"Europe/Rome"', "1", "time_zone =", "must be text"),
        ("2025-11-12T09:00:00+01:00  #", "2025-11-12  #", "opens_at =", "a time with its offset"),
        ("2025-11-12T09:00:00+01:00  #", "2025-11-12T09:00:00  #", "opens_at =", "a time with its offset"),
        ("2025-11-12T09:00:00+01:00  #", '"tomorrow"  #', "opens_at =", "a time with its offset"),
        ("2025-11-12T09:00:00+01:00  #", "0001-01-01T00:00:00+14:00  #", "opens_at =", "a time with its offset"),
        ("opens_at = 2025", "opened = 2025", "opened =", "“opened” is not a key"),
        ("# closes_at = 2026", "closes_at = 2024", "closes_at =", "must come after “opens_at”"),
        ("sample = true", 'paused = "yes"', "paused =", "“paused” must be true or false"),
        ("goal = 10000", "goal = -1", "goal =", "Please give a whole number from 0 to 10000000000."),
        ("goal = 10000", "goal = 10.5", "goal =", "must be a whole number"),
        ("goal = 10000", "goal = true", "goal =", "must be a whole number"),
        ("goal = 10000", f"goal = {'9' * 400}", "goal =", "Please give a whole number"),
        (
            "retention_days = 365",
            "retention_days = 0",
            "retention_days =",
            "Please give a whole number from 1 to 36500.",
        ),
        ("retention_days = 365", "retention_days = 99999999999", "retention_days =", "Please give a whole number"),
        ("[addressee]", "[adressee]", "[adressee]", "“adressee” is not a key"),
        ('it = "Papa Leone XIV"\n', "", "[addressee]", "“addressee” needs words in “it”"),
        ('it = "Papa Leone XIV"', 'it = "  "', "[addressee]", "“addressee” needs words in “it”"),
        ('it = "Papa Leone XIV"', 'it = "x"\ntlh = "y"', "tlh =", "“tlh” is neither a key nor one of"),
        ('name = "Child Dignity Alliance"', 'nmae = "x"', "Alliance", "a “name” and a “contact”, and nothing else"),
        ('name = "Child Dignity Alliance"', "name = 7", "Alliance", "needs a “name”"),
        ('dates = "12-13', 'date = "12-13', "[event.it]", "needs “name”, “place” and “dates”"),
        ("[event.it]", "[event.tlh]", "[event.tlh]", "“tlh” is not among the declaration's languages"),
        ('role = "optional"', 'role = "maybe"', "role =", "“off”, “optional” or “required”"),
        ('role = "optional"', "role = true", "role =", "“off”, “optional” or “required”"),
        ('role = "optional"', 'phone = "required"', "phone =", "“phone” is not one of affiliation"),
        ('code = "health"', 'code = "Health!"', "health", "a code of small letters"),
        ('it = "Ricerca"', 'it = ""', "research", "“sectors” needs words in “it”"),
        ('en = "Technology"', 'en = "Technology"\ncolour = "red"', "colour =", "“colour” is neither a key"),
        ('code = "faith"', 'code = "health"', "education", "Two sectors have the same code"),
        ("[consents.updates]", "[consents.phone]", "[consents.phone]", "There is no consent “phone”"),
        ("[consents.agree]", "[consents.agreed]", "[consents.agreed]", "There is no consent “agreed”"),
        ("Pope Leo XIV", "Pope\\u0000Leo", "\\u0000", "NUL characters"),
        ("goal = 10000", 'goal = "', 'goal = "', "This is not TOML"),
        ("goal = 10000", f"goal = {'9' * 5000}", None, "This is not TOML"),
        ("goal = 10000", f"goal = {'[' * 5000}", None, "This is not TOML"),
        ("Pope Leo XIV", "Pope\0Leo", "Pope\0Leo", "This is not TOML"),
        ("goal = 10000", "goal = 1\ngoal = 2", "goal = 2", "This is not TOML"),
    ],
)
def test_what_is_wrong_in_the_frame_is_told_with_its_line(
    folder: Path, old: str, new: str, at: str | None, sentence: str
) -> None:
    block = _block_before(folder / FRAME, at)
    _edit(folder / FRAME, old, new)
    problems = _problems(folder)
    line = 1 if at is None else block or _line(folder / FRAME, at)
    assert any(re.match(rf"{re.escape(FRAME)}:{line}: ", each) and sentence in each for each in problems), problems


def _block_before(file: Path, at: str | None) -> int | None:
    """Of an entry in a list of tables, the line of its [[header]]; ``at`` then names what is in the entry."""
    entry = re.compile(rf'(?:code = "|name = ".*){re.escape(at or "")}')
    lines = file.read_text().split("\n")
    found = [number for number, line in enumerate(lines, 1) if at and entry.match(line)]
    return found[0] - 1 if found else None


@pytest.mark.parametrize("slug", sorted(filter(frames.SLUG.fullmatch, frames.RESERVED_SLUGS)))
def test_a_word_of_the_sites_own_addresses_is_no_slug(folder: Path, slug: str) -> None:
    _edit(folder / FRAME, "child-dignity", slug)
    problems = _problems(folder)
    assert len(problems) == 1 and problems[0].startswith(f"{FRAME}:{_line(folder / FRAME, 'slug =')}: ")


def test_broken_utf8_in_the_frame_is_told_with_its_line(folder: Path) -> None:
    _edit(folder / FRAME, "Pope Leo XIV", "Pope \udcff")
    line = (folder / FRAME).read_bytes().split(b"\xff")[0].count(b"\n") + 1
    assert _problems(folder) == [f"{FRAME}:{line}: This is not UTF-8."]


def test_an_asked_sector_needs_sectors_to_choose_from(folder: Path) -> None:
    content = (folder / FRAME).read_text()
    before, rest = content.split("# The choices offered", 1)
    without = before.replace('sector = "off"', 'sector = "required"') + "# " + rest[rest.index("# Required from") :]
    (folder / FRAME).write_text(without)
    assert _problems(folder) == [
        f"{FRAME}:{_line(folder / FRAME, 'sector =')}: The sector is asked, but there are no sectors to choose from."
    ]


def test_agreeing_must_have_its_wording(folder: Path) -> None:
    content = (folder / FRAME).read_text()
    (folder / FRAME).write_text(content[: content.index("[consents.agree]")] + content[content.index("# Offered to") :])
    assert sorted(problem.split(": ", 1)[1] for problem in _problems(folder)) == sorted(
        f"“consents.agree” needs words in “{language}”." for language in CODES
    )


# The texts


@pytest.mark.parametrize(
    ("old", "new", "at", "sentence"),
    [
        ("---\ntitle", "title", 1, "must begin with front matter"),
        ("---\n\n>", "\n>", 1, "must begin with front matter"),
        ("title: The", "titel: The", 2, "Front matter holds only lines"),
        ("title: The Dignity", "title:\nsummary: x\n", 1, "needs a title"),
        ("summary: A", "title: A", 3, "second title"),
        ("summary: A", "summary A", 3, "Front matter holds only lines"),
        ("title: The", "title: \0The", 2, "NUL bytes"),
        ("## Preamble", "## Pre\0amble", "Pre\0amble", "NUL bytes"),
        ("## Preamble", "# Preamble", "# Preamble", "Headings begin with ##"),
        ("## Preamble", "## Pre\u2028amble\n# Two", "# Two", "Headings begin with ##"),
        ("## Preamble", "> # Preamble", "> # Preamble", "Headings begin with ##"),
        ("## Preamble", "Preamble\n====", "Preamble", "Headings begin with ##"),
        ("## Preamble", "## Pre\udcffamble", 9, "This is not UTF-8"),
    ],
)
def test_what_is_wrong_in_a_text_is_told_with_its_line(
    folder: Path, old: str, new: str, at: str | int, sentence: str
) -> None:
    _edit(folder / "en.md", old, new)
    line = at if isinstance(at, int) else _line(folder / "en.md", at)
    problems = _problems(folder)
    assert any(each.startswith(f"en.md:{line}: ") and sentence in each for each in problems), problems
    assert all(each.startswith("en.md:") for each in problems)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "en.md:1: The file must begin with front matter between two lines ---."),
        (b"A text without front matter.", "en.md:1: The file must begin with front matter between two lines ---."),
        (b"---\ntitle: A\nsummary: B\n---\n", "en.md:4: The text is empty."),
        (b"---\ntitle: A\nsummary: B\n---\n \n\t\n", "en.md:4: The text is empty."),
        (b"x" * (1024 * 1024 + 1), "en.md:1: The file is larger than 1 MiB."),
        (b"\xff\xfe-\0-\0-\0", "en.md:1: This is not UTF-8."),
    ],
)
def test_a_text_that_is_no_text_is_refused(folder: Path, content: bytes, problem: str) -> None:
    (folder / "en.md").write_bytes(content)
    assert _problems(folder) == [problem]


@pytest.mark.parametrize(
    "change", [lambda text: text.replace(b"\n", b"\r\n"), lambda text: b"\xef\xbb\xbf" + text], ids=["crlf", "bom"]
)
def test_a_text_from_another_editor_is_read_alike(folder: Path, change: Callable[[bytes], bytes]) -> None:
    before = folders.read(folder).texts[0]
    (folder / "en.md").write_bytes(change((folder / "en.md").read_bytes()))
    after = folders.read(folder).texts[0]
    assert (after.title, after.summary, after.html) == (before.title, before.summary, before.html)
    assert after.sha256 != before.sha256, "the sum is of the file's bytes"


# The folder as a whole


def test_every_problem_of_every_file_comes_in_one_report_in_order(folder: Path) -> None:
    _edit(folder / FRAME, '"Europe/Rome"', '"Mars/Base"')
    _edit(folder / FRAME, "goal = 10000", "goal = -1")
    _edit(folder / FRAME, 'role = "optional"', 'role = "maybe"')
    _edit(folder / FRAME, "[consents.updates]", "[consents.phone]")
    _edit(folder / "en.md", "title: The", "titel: The")
    _edit(folder / "en.md", "## In closing", "# In closing")
    (folder / "it.md").unlink()
    (folder / "it.md").mkdir()
    (folder / "fr.md").write_bytes(b"\xff")
    with pytest.raises(FolderRefused) as refusal:
        folders.read(folder)
    found = refusal.value.problems
    assert [(each.file, each.line) for each in found] == [
        (FRAME, _line(folder / FRAME, "Mars/Base")),
        (FRAME, _line(folder / FRAME, "goal =")),
        (FRAME, _line(folder / FRAME, "role =")),
        (FRAME, _line(folder / FRAME, "[consents.phone]")),
        ("en.md", 1),
        ("en.md", 2),
        ("en.md", _line(folder / "en.md", "# In closing")),
        ("fr.md", 1),
        ("it.md", 1),
    ]
    assert all(str(problem) in str(refusal.value) for problem in found)


def test_texts_are_checked_even_when_the_frame_is_missing(folder: Path) -> None:
    (folder / FRAME).unlink()
    (folder / "en.md").write_bytes(b"")
    assert [problem.rsplit(": ", 1)[0] for problem in _problems(folder)] == [
        f"{FRAME}:1: The file cannot be read",
        "en.md:1",
    ]


def test_a_language_without_its_text_is_told(folder: Path) -> None:
    (folder / "it.md").unlink()
    assert _problems(folder) == ["it.md:1: The file cannot be read: No such file or directory."]


def test_a_text_without_its_language_is_told(folder: Path) -> None:
    (folder / "tlh.md").write_bytes((folder / "en.md").read_bytes())
    assert _problems(folder) == [f"tlh.md:1: “tlh” is not among the languages of {FRAME}."]


def test_other_files_are_nobodys_business(folder: Path) -> None:
    (folder / "README.md").write_text("How we wrote it.")
    (folder / "notes.txt").write_text("…")
    assert len(folders.read(folder).texts) == len(CODES)


@pytest.mark.parametrize("line", ["| a | b |\n| - | - |\n| c | d |", "a | b\n--|--\nc | d"])
def test_a_table_is_refused_where_it_begins(folder: Path, line: str) -> None:
    _edit(folder / "en.md", "## Preamble\n", f"## Preamble\n\n{line}\n")
    at = _line(folder / "en.md", line.split("\n")[0])
    assert _problems(folder) == [f"en.md:{at}: Tables cannot be shown; please write a list."]


@pytest.mark.parametrize(
    ("words", "at", "sentence"),
    [
        ("One\ntwo[^1] three.", "two[^1]", "The footnote [^1] has no text; it is written as a line [^1]: …"),
        ("> One[^x] two.", "One[^x]", "The footnote [^x] has no text; it is written as a line [^x]: …"),
        ("One.\n\n[^1]: A note.", "[^1]: A", "Nothing refers to the footnote [^1]."),
        ("One.\n\n   [^a*]: A note.", "[^a*]: A", "Nothing refers to the footnote [^a*]."),
    ],
)
def test_a_footnote_that_would_be_lost_is_told(folder: Path, words: str, at: str, sentence: str) -> None:
    _edit(folder / "en.md", "## Preamble\n", f"## Preamble\n\n{words}\n")
    assert _problems(folder) == [f"en.md:{_line(folder / 'en.md', at)}: {sentence}"]


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    assert _problems(tmp_path) == [f"{FRAME}:1: The file cannot be read: No such file or directory."]


@pytest.mark.parametrize("language", CODES)
def test_a_text_may_come_in_any_language_the_project_is_for(folder: Path, language: str) -> None:
    make.keep_languages(folder, language)
    assert folders.read(folder).frame.plan.languages == (language,)


# What is written about it


@pytest.mark.parametrize(
    "word", sorted({*frames.KEYS, *people.ORGANISER_KEYS, *people.FOUNDING_KEYS, *SECTIONS, *OPTIONAL_FIELDS})
)
def test_everything_a_folder_may_hold_is_in_the_documents(word: str) -> None:
    described = DOCUMENT.read_text()
    forms = (f"`{word}`", f"[{word}]", f"[{word}.", f"<lang>.{word}.md", f"\n{word} = ")
    assert any(form in described for form in forms)


@pytest.mark.parametrize("number", range(4))
def test_the_examples_in_the_documents_can_be_loaded(folder: Path, number: int) -> None:
    make.keep_languages(folder, "en", "it")
    examples = re.findall(r"```(\w+)\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)
    kind, example = examples[number]
    if kind == "toml":
        _edit(folder / FRAME, "# What the form asks", f"{example}\n# What the form asks")
    else:
        (folder / "en.md").write_text(example)
    with time_machine.travel(datetime(2026, 12, 1, tzinfo=UTC)):
        assert folders.read(folder)
    assert len(examples) == 4
