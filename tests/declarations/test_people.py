"""Founding signatories and hand-overs: what the frame may say of them, and each problem with its line."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import time_machine

from petition.declarations import contacts, folders
from petition.declarations.folders import FolderRefused
from petition.declarations.plans import Founding, Handover, Plan
from tests import make

BEFORE = "# What the form asks besides"
MAY = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.fixture
def folder(folder: Path) -> Path:
    """The sample in the two languages in which the words below are written."""
    make.keep_languages(folder, "en", "it")
    return folder


def _add(folder: Path, words: str) -> int:
    """Put words into the frame; the number of their first line."""
    frame = folder / "declaration.toml"
    before, after = frame.read_text().split(BEFORE)
    frame.write_text(f"{before}{words}\n{BEFORE}{after}")
    return before.count("\n") + 1


def _plan(folder: Path, words: str) -> Plan:
    _add(folder, words)
    with time_machine.travel(MAY, tick=False):
        return folders.read(folder).frame.plan


def test_founding_signatories_come_in_the_order_of_the_file(folder: Path) -> None:
    plan = _plan(
        folder,
        """
[[founding]]
name = "  Ada \u00a0 Lovelace "
role = { en = "President", it = "Presidente" }
affiliation = "Analytical Society"
country = "GB"

[[founding]]
name = "Jose\u0301 Ferreira"

[founding.role]
en = "Rector"
it = "Rettore"
""",
    )
    ada, jose = plan.founding
    assert (ada.name, ada.country) == ("Ada Lovelace", "GB")
    assert ada.role == {"en": "President", "it": "Presidente"}
    assert ada.affiliation == {"en": "Analytical Society", "it": "Analytical Society"}
    assert jose == Founding("José Ferreira", {"en": "Rector", "it": "Rettore"}, None, None)  # type: ignore[arg-type]


def test_handovers_come_newest_first(folder: Path) -> None:
    blocks = [
        f'[[handovers]]\non = {on}\nen = "Presented {on}"\nit = "Presentata {on}"\n'
        for on in ("2025-11-13", "2026-04-30", "2026-01-01")
    ]
    plan = _plan(folder, "\n".join(blocks))
    assert [each.on for each in plan.handovers] == [date(2026, 4, 30), date(2026, 1, 1), date(2025, 11, 13)]
    assert plan.handovers[0] == Handover(
        date(2026, 4, 30),
        {"en": "Presented 2026-04-30", "it": "Presentata 2026-04-30"},  # type: ignore[arg-type]
    )


def test_a_day_that_has_begun_anywhere_is_no_day_ahead(folder: Path) -> None:
    _add(folder, '[[handovers]]\non = 2026-05-02\nen = "x"\nit = "x"')
    with time_machine.travel(datetime(2026, 5, 1, 10, tzinfo=UTC), tick=False):
        assert folders.read(folder).frame.plan.handovers
    with time_machine.travel(datetime(2026, 5, 1, 9, tzinfo=UTC), tick=False), pytest.raises(FolderRefused):
        folders.read(folder)


GOOD = '[[founding]]\nname = "Ada Lovelace"\n\n'
STATED = "[[handovers]]\non = 2026-04-30\nplace = 'Rome'\nhanded_by = 'A'\nhanded_to = 'B'\n"
RECORD = f"record = '{'x' * 22}'\n"
HANDED = '[[handovers]]\non = 2026-04-30\nen = "Presented"\nit = "Presentata"\n\n'


@pytest.mark.parametrize(
    ("words", "offset", "sentence"),
    [
        (GOOD + "[[founding]]\nrole = 'x'", 3, "Each founding signatory needs a name."),
        (GOOD + "[[founding]]", 3, "Each founding signatory needs a name."),
        (GOOD + "[[founding]]\nname = 7", 4, "“name” must be text."),
        (GOOD + "[[founding]]\nname = ' '", 4, "“name” is empty."),
        (GOOD + "[[founding]]\nname = 'Ada 😀'", 4, "This cannot be printed: Please leave out emoji and pictures."),
        (GOOD + "[[founding]]\nname = '=Ada'", 4, "This cannot be printed: Please begin with a letter"),
        (GOOD + "[[founding]]\nname = 'Ada www.example.org'", 4, "This cannot be printed: Please leave out web"),
        (GOOD + f"[[founding]]\nname = '{'x' * 101}'", 4, "This cannot be printed: Please use at most 100"),
        (GOOD + '[[founding]]\nname = "A\\u202Eda"', 4, "This cannot be printed: Please leave out invisible"),
        (GOOD + "[[founding]]\nname = 'Ada Lovelace'", 4, "This founding signatory is named twice."),
        (GOOD + "[[founding]]\nname = 'B'\nnmae = 'C'", 5, "“nmae” is not one of name, role, affiliation, country."),
        (GOOD + "[[founding]]\nname = 'B'\nrole = 7", 5, "“role” needs words in “en”."),
        (GOOD + "[[founding]]\nname = 'B'\nrole = ''", 5, "“role” is empty."),
        (GOOD + "[[founding]]\nname = 'B'\nrole = {en = 'x'}", 5, "“role” needs words in “it”."),
        (GOOD + "[[founding]]\nname = 'B'\nrole.en = 'x'", 5, "“role” needs words in “it”."),
        (GOOD + "[[founding]]\nname = 'B'\nrole = {en = 'x', it = '@y'}", 5, "This cannot be printed: Please begin"),
        (GOOD + "[[founding]]\nname = 'B'\nrole = {en = 'x', it = 'y', fr = 'z'}", 5, "“fr” is neither a key nor"),
        (GOOD + "[[founding]]\nname = 'B'\naffiliation = ['x']", 5, "“affiliation” needs words in “en”."),
        (GOOD + "[[founding]]\nname = 'B'\ncountry = 'Italy'", 5, "“country” must be a code of ISO 3166-1"),
        (GOOD + "[[founding]]\nname = 'B'\ncountry = 'it'", 5, "“country” must be a code of ISO 3166-1"),
        (GOOD + "[[founding]]\nname = 'B'\ncountry = 'EU'", 5, "“country” must be a code of ISO 3166-1"),
        (GOOD + "[[founding]]\nname = 'B'\ncountry = ['IT']", 5, "“country” must be a code of ISO 3166-1"),
        ("[founding]\nname = 'B'", 0, "“founding” must be a list."),
        (HANDED + "[[handovers]]\nen = 'x'\nit = 'x'", 5, "Each [[handovers]] needs “on”, a day such as"),
        (HANDED + "[[handovers]]\non = '2026-01-01'\nen = 'x'\nit = 'x'", 6, "Each [[handovers]] needs “on”"),
        (HANDED + "[[handovers]]\non = 2026-01-01T09:00:00Z\nen = 'x'\nit = 'x'", 6, "Each [[handovers]] needs “on”"),
        (HANDED + "[[handovers]]\non = 0001-01-01\nen = 'x'\nit = 'x'", 6, "Each [[handovers]] needs “on”"),
        (HANDED + "[[handovers]]\non = 2026-05-03\nen = 'x'\nit = 'x'", 6, "This day lies ahead"),
        (HANDED + "[[handovers]]\non = 9999-12-31\nen = 'x'\nit = 'x'", 6, "This day lies ahead"),
        (HANDED + "[[handovers]]\non = 2026-01-01\nen = 'x'", 5, "“handovers” needs words in “it”."),
        (HANDED + "[[handovers]]\non = 2026-01-01\nen = 'x'\nit = ''", 5, "“handovers” needs words in “it”."),
        (HANDED + "[[handovers]]\non = 2026-01-01\nen = 'x'\nit = 'x'\nfr = 'x'", 9, "“fr” is neither a key nor one"),
        ("[handovers]\non = 2026-01-01", 0, "“handovers” must be a list."),
        (HANDED + STATED.replace("handed_by = 'A'\n", ""), 5, "“handed_by” must be text"),
        (HANDED + STATED.replace("'Rome'", "' '"), 7, "“place” must be text"),
        (HANDED + STATED.replace("'Rome'", "'=Rome'"), 7, "This cannot be printed: Please begin with a letter"),
        (HANDED + STATED.replace("'A'", "7"), 8, "“handed_by” must be text"),
        (HANDED + STATED + "en = ' '", 5, "“handovers” needs words in “en”."),
        (HANDED + STATED + "photos = ['http://example.org']", 10, "“photos” must be a list of https addresses"),
        (HANDED + STATED + "photos = 'https://example.org'", 10, "“photos” must be a list of https addresses"),
        (HANDED + STATED + "count = -1", 10, "“count” must be a number of signatures."),
        (HANDED + STATED + "count = true", 10, "“count” must be a number of signatures."),
        (HANDED + STATED + "as_of = 2026-01-01T09:00:00", 10, "“as_of” must be a time with its offset."),
        (HANDED + STATED + "manifest_sha256 = 'ab'", 10, "“manifest_sha256” must be one."),
        (HANDED + STATED + "record = 'x y'", 10, "“record” must be the id that the console gave."),
        (f"{STATED}{RECORD}{STATED}{RECORD}", 11, "This record is told twice."),
    ],
)
def test_what_is_wrong_is_told_with_its_line(folder: Path, words: str, offset: int, sentence: str) -> None:
    first = _add(folder, words)
    with time_machine.travel(MAY, tick=False), pytest.raises(FolderRefused) as refusal:
        folders.read(folder)
    problems = [str(each) for each in refusal.value.problems]
    assert any(each.startswith(f"declaration.toml:{first + offset}: {sentence}") for each in problems), problems


@pytest.mark.parametrize("table", ["founding", "handovers", "sectors"])
def test_what_is_no_block_is_told(folder: Path, table: str) -> None:
    frame = folder / "declaration.toml"
    text = frame.read_text()
    if table == "sectors":
        text = text[: text.index("[[sectors]]")] + text[text.index("# Required from") :]
    frame.write_text(f"{table} = [1]\n{text}")
    with pytest.raises(FolderRefused) as refusal:
        folders.read(folder)
    [problem] = refusal.value.problems
    assert str(problem) == f"declaration.toml:1: “{table}” is written as blocks that begin with [[{table}]]."


ALLIANCE = 'name = "Child Dignity Alliance"'


def _contact(folder: Path, toml: str, *, official: bool = False) -> int:
    """Give the second organiser this contact; the number of its line."""
    if official:
        make.be_official(folder)
    frame = folder / "declaration.toml"
    source = frame.read_text().replace(f'{ALLIANCE}\ncontact = "desk@example.org"', ALLIANCE)
    before, after = source.split(ALLIANCE)
    frame.write_text(f"{before}{ALLIANCE}\n{toml}{after}")
    return before.count("\n") + 2


def _problems(folder: Path) -> str:
    with pytest.raises(FolderRefused) as refused:
        folders.read(folder)
    return str(refused.value)


@pytest.mark.parametrize(
    ("contact", "href"),
    [
        ("desk@example.org", "mailto:desk@example.org"),
        ("o'neil+a&b=c?d@example.org", "mailto:o%27neil%2Ba%26b%3Dc%3Fd@example.org"),
        ("büro@bücher.example.org", "mailto:b%C3%BCro@b%C3%BCcher.example.org"),
        ("https://example.org/contact?a=b#c", "https://example.org/contact?a=b#c"),
    ],
)
def test_an_organiser_is_reached_by_mail_or_by_a_page(folder: Path, contact: str, href: str) -> None:
    _contact(folder, f'contact = "{contact}"')
    plan = folders.read(folder).frame.plan
    assert plan.contacts == {"Child Dignity Alliance": contact}
    assert contacts.href(contact) == href
    assert Plan.from_json(plan.to_json()) == plan


@pytest.mark.parametrize(
    "given",
    [
        '""', '"  "', '"desk"', '"desk@"', '"desk@localhost"', '"http://example.org"', '"javascript:alert(1)"',
        '"https://"', '"https://localhost"', '"https://example.org:0"', '"https://example.org:x"', '"https://[::1"',
        '"https://a@example.org"', '"https://example.org/a b"', '"https://example.org/\\u202e"',
        '"https://example.org\\\\evil"', '"x\\ny@example.org"', "7", "[]", f'"https://example.org/{"a" * 300}"',
    ],
)  # fmt: skip
def test_a_contact_that_is_none_is_told_with_its_line(folder: Path, given: str) -> None:
    line = _contact(folder, f"contact = {given}")
    assert f"declaration.toml:{line}: The contact must be a mail address" in _problems(folder)


def test_only_a_sample_may_do_without_contacts(folder: Path) -> None:
    assert folders.read(folder).frame.plan.contacts == {}
    line = _contact(folder, "", official=True)
    assert f"declaration.toml:{line - 2}: Please say how this organiser is reached" in _problems(folder)


def test_an_organiser_named_twice_is_told(folder: Path) -> None:
    frame = folder / "declaration.toml"
    frame.write_text(frame.read_text().replace(ALLIANCE, 'name = "Fondazione Child ETS"'))
    assert "This organiser is named twice." in _problems(folder)


def test_a_plan_stored_before_there_were_contacts_still_loads(folder: Path) -> None:
    stored = folders.read(folder).frame.plan.to_json()
    del stored["contacts"]
    assert Plan.from_json(stored).contacts == {}
