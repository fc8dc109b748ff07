"""Write a declaration back as the folder that it could have been loaded from."""

import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from petition import clock
from petition.declarations import handovers
from petition.declarations.folders import FRAME_FILE, IGNORED, Folder
from petition.declarations.frames import YEARS
from petition.declarations.models import Declaration
from petition.declarations.plans import CONSENTS, Founding, Frame, Handover, Plan, Section, Sector, Wording
from petition.declarations.texts import Text


class SavingRefused(Exception):
    """The folder cannot be written; its sentence says why."""


def folder_of(declaration: Declaration) -> Folder:
    """What is published of the declaration: loading it changes nothing."""
    current = {text.language: text for text in declaration.texts if text.current}
    texts = tuple(
        Text(each.language, each.sha256, each.title, each.summary, each.source, each.html)
        for language in declaration.plan.languages
        if (each := current.get(language))
    )
    return Folder(frame_of(declaration), texts)


def frame_of(declaration: Declaration) -> Frame:
    return Frame(declaration.slug, declaration.featured, declaration.opens_at, declaration.closes_at, declaration.plan)


def files(folder: Folder) -> dict[str, bytes]:
    """The folder's files by name, texts and sections byte for byte. Raises SavingRefused."""
    plan = folder.frame.plan
    found = {FRAME_FILE: toml(folder.frame)}
    found |= {f"{text.language}.md": text.source for text in folder.texts}
    for language in plan.languages:
        for name, section in plan.sections[language].items():
            found[f"{language}.{name}.md"] = _source(section)
    return {name: content.encode() for name, content in found.items()}


def save(folder: Folder, out: Path, *, replace: bool = False) -> None:
    """Write the folder, whole or not at all. Raises SavingRefused.

    With ``replace`` the folder that is there takes the place: its own notes stay, its Markdown files of
    languages and sections that the declaration no longer has go.
    """
    content = files(folder)
    try:
        if out.is_dir() and any(out.iterdir()):
            if not replace:
                raise SavingRefused(f"{out} is not empty; name another folder, or replace it with --force.")
            _replace(out, content)
        else:
            _make(out, content)
    except OSError as problem:
        raise SavingRefused(f"{out} cannot be written: {problem.strerror}.") from problem


def _make(out: Path, content: Mapping[str, bytes]) -> None:
    draft = out.with_name(f".{out.name}.{os.getpid()}.draft")
    try:
        draft.mkdir(parents=True)
        for name, each in content.items():
            (draft / name).write_bytes(each)
        draft.replace(out)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _replace(out: Path, content: Mapping[str, bytes]) -> None:
    for name, each in content.items():
        draft = out / f".{name}.{os.getpid()}.draft"
        try:
            draft.write_bytes(each)
            draft.replace(out / name)
        finally:
            draft.unlink(missing_ok=True)
    for file in out.glob("*.md"):
        if file.name not in content and file.name != IGNORED:
            file.unlink()


def _source(section: Section) -> str:
    if not section.source:
        raise SavingRefused(
            "A section of this declaration was loaded by an earlier version, which did not keep it as it was "
            "written; load its folder once more first."
        )
    return section.source


def toml(frame: Frame) -> str:
    """declaration.toml, in the order of docs/declarations.md."""
    plan = frame.plan
    blocks = [
        _top(frame),
        _table("[addressee]", plan.addressee.items()),
        *(_table("[[organisers]]", _organiser(plan, name)) for name in plan.organisers),
        *(_table("[[founding]]", _founding(each)) for each in plan.founding),
        *(_table(f"[event.{language}]", vars(event).items()) for language, event in plan.events.items()),
        *(_table("[[handovers]]", _handover(each)) for each in plan.handovers),
        _table("[fields]", plan.fields.items()),
        *(_table("[[sectors]]", _sector(each)) for each in plan.sectors),
        *(_table(f"[consents.{each}]", plan.consents[each].items()) for each in CONSENTS if each in plan.consents),
    ]
    return "\n".join(blocks)


def _top(frame: Frame) -> str:
    plan = frame.plan
    pairs: list[tuple[str, object]] = [("slug", frame.slug)]
    marks = (("sample", plan.sample), ("featured", frame.featured), ("paused", plan.paused))
    pairs += [(name, True) for name, marked in marks if marked]
    pairs += [("languages", plan.languages), ("time_zone", plan.time_zone)]
    pairs.append(("opens_at", _in_zone(frame.opens_at, plan.time_zone)))
    if frame.closes_at is not None:
        pairs.append(("closes_at", _in_zone(frame.closes_at, plan.time_zone)))
    return "".join(_lines([*pairs, ("goal", plan.goal), ("retention_days", plan.retention_days)]))


def _in_zone(moment: datetime, zone: str) -> datetime:
    """As clocks there show it, where that can be written down: with an offset of whole minutes."""
    local = clock.in_zone(moment, zone)
    offset = local.utcoffset() or timedelta(0)
    if local.year not in YEARS or offset % timedelta(minutes=1):
        return moment.astimezone(UTC)
    return local


def _organiser(plan: Plan, name: str) -> list[tuple[str, object]]:
    contact = plan.contacts.get(name)
    return [("name", name), *([("contact", contact)] if contact else [])]


def _founding(signatory: Founding) -> Iterator[tuple[str, object]]:
    for key, value in vars(signatory).items():
        if isinstance(value, Wording):
            yield key, once(value)
        elif value is not None:
            yield key, value


def _handover(handover: Handover) -> Iterator[tuple[str, object]]:
    for key in handovers.KEYS:
        value = getattr(handover, key)
        if value not in (None, "", ()):
            yield key, value
    yield from handover.words.items()


def _sector(sector: Sector) -> list[tuple[str, object]]:
    return [("code", sector.code), *sector.names.items()]


def once(wording: Wording) -> str | dict[str, str]:
    """The words themselves where they are the same in all languages."""
    return next(iter(wording.values())) if len(set(wording.values())) == 1 else dict(wording)


def _table(header: str, pairs: Iterable[tuple[str, object]]) -> str:
    return f"{header}\n{''.join(_lines(pairs))}"


def _lines(pairs: Iterable[tuple[str, object]]) -> Iterator[str]:
    return (f"{key} = {_value(value)}\n" for key, value in pairs)


def _value(value: object) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_value(each)}" for key, each in value.items()) + " }"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_value, value))}]"
    if hasattr(value, "isoformat"):
        return str(value.isoformat())
    if isinstance(value, str):
        # JSON escapes what TOML wants escaped, but for this one character.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")
    return json.dumps(value)
