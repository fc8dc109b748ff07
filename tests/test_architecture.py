"""The order of the rooms: an import goes only to a lower level, and rooms of one level do not know each other."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from petition.application import ROOMS

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "petition"

# DESIGN.md, section 2. Modules of level 0 may import each other; nothing else of one level may.
LEVELS = {
    **dict.fromkeys(("petition", "__main__", "application", "commands"), 8),
    **dict.fromkeys(("pages", "console", "server"), 7),
    **dict.fromkeys(("embed", "api", "cards", "moderation", "deliveries", "paper"), 6),
    **dict.fromkeys(("signatures", "endorsements"), 5),
    **dict.fromkeys(("partners", "books"), 4),
    **dict.fromkeys(("declarations", "tables"), 3),
    **dict.fromkeys(("accounts", "packages"), 2),
    **dict.fromkeys(
        ("outbox", "webhooks", "tally", "worker", "privacy", "transparency", "defence", "shelf", "staging"),
        1,
    ),
    **dict.fromkeys(
        (
            "settings", "extensions", "clock", "addresses", "links", "columns", "names", "keys", "storing", "languages",
            "countries", "charts", "scales", "headers", "logs", "version", "disclosing", "sharing", "fields", "qr",
            "typesetting", "stationery", "outages", "whole", "aside",
        ),
        0,
    ),
}  # fmt: skip

ALLOWED = {
    # gunicorn loads this module by its name: it is an entry, as wsgi.py is, and has to make the application.
    ("petition/server/opening.py", "petition.application"),
    # The `petition` command makes the application; both stand at the top.
    ("petition/commands.py", "petition.application"),
}
IMPORTED_BY_A_CALL = {
    # Whoever imports a part of the program would otherwise load all of it.
    "petition/__init__.py",
    # `petition serve` must be there at once, so the command loads the rooms only for the others.
    "petition/__main__.py",
}
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "core", "services", "service", "misc"}
MODULES = sorted(PACKAGE.rglob("*.py"))


@dataclass(frozen=True)
class Import:
    file: str
    line: int
    target: str

    @property
    def importer(self) -> str:
        return _room(_module(self.file))

    @property
    def imported(self) -> str:
        return _room(self.target)

    def __str__(self) -> str:
        return f"{self.file}:{self.line} imports {self.target}"


def _module(file: str) -> str:
    return file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _room(module: str) -> str:
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else parts[0]


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _imports(path: Path, tree: ast.AST) -> Iterator[Import]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            targets = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{_name(path)}:{node.lineno}: imports name the whole way"
            targets = [_target(node.module or "", alias.name) for alias in node.names]
        else:
            continue
        yield from (Import(_name(path), node.lineno, target) for target in targets if _is_ours(target))


def _target(module: str, name: str) -> str:
    """``from petition import clock`` imports a module of ours, and so does ``from petition.clock import now``."""
    if module == "petition" and ((PACKAGE / name).is_dir() or (PACKAGE / f"{name}.py").is_file()):
        return f"petition.{name}"
    return module


def _is_ours(target: str) -> bool:
    return target == "petition" or target.startswith("petition.")


def _trees() -> Iterator[tuple[Path, ast.Module]]:
    for path in MODULES:
        yield path, ast.parse(path.read_text())


def _all_imports() -> list[Import]:
    return [each for path, tree in _trees() for each in _imports(path, tree)]


def _is_upward(each: Import) -> bool:
    if each.importer == each.imported:
        # Inside a room everything may be imported.
        return False
    below, above = LEVELS[each.imported], LEVELS[each.importer]
    return below > above or (below == above != 0)


def test_every_room_has_its_level() -> None:
    rooms = {path.name for path in PACKAGE.iterdir() if (path / "__init__.py").is_file()}
    modules = {path.stem for path in PACKAGE.glob("*.py")} - {"__init__"}
    assert rooms | modules <= LEVELS.keys()


def test_an_import_between_rooms_goes_only_to_a_lower_level() -> None:
    found = _all_imports()
    assert len(found) > 200, "the walk has seen the imports"
    wrong = [str(each) for each in found if _is_upward(each) and (each.file, each.target) not in ALLOWED]
    assert not wrong


def test_every_allowance_is_still_needed() -> None:
    found = {(each.file, each.target) for each in _all_imports() if _is_upward(each)}
    assert found == ALLOWED


@pytest.mark.parametrize(
    ("file", "target", "upward"),
    [
        ("petition/tally/moving.py", "petition.signatures.models", True),
        ("petition/tally/moving.py", "petition.outbox.posting", True),
        ("petition/pages/views.py", "petition.server.preparing", True),
        ("petition/settings.py", "petition.shelf.shelf", True),
        ("petition/signatures/signing.py", "petition.application", True),
        ("petition/signatures/signing.py", "petition.outbox.posting", False),
        ("petition/signatures/signing.py", "petition.signatures.models", False),
        ("petition/keys.py", "petition.settings", False),
        ("petition/application.py", "petition.server.commands", False),
    ],
)
def test_the_check_knows_up_from_down(file: str, target: str, upward: bool) -> None:
    assert _is_upward(Import(file, 1, target)) is upward


def test_every_room_that_brings_something_moves_in_once() -> None:
    bringing = sorted(_module(_name(path)) for path in PACKAGE.glob("*/room.py"))
    assert len(bringing) >= 15, "the rooms were found"
    assert sorted(move_in.__module__ for move_in in ROOMS) == bringing


def test_a_folder_inside_a_room_moves_in_with_it() -> None:
    """Nothing else knows it, so that to the other rooms it is a part of that one."""
    folders = [path.parent.relative_to(ROOT).as_posix() for path in PACKAGE.glob("*/*/room.py")]
    assert folders, "there are such folders"
    for folder in folders:
        theirs = [each for each in _all_imports() if each.target.startswith(folder.replace("/", "."))]
        outside = {each.file for each in theirs if not each.file.startswith(f"{folder}/")}
        assert outside == {f"{Path(folder).parent.as_posix()}/room.py"}, folder


def test_rooms_move_in_from_the_top_down_and_the_server_last() -> None:
    """A keeper forgets before those on which it builds."""
    *rooms, last = (_room(move_in.__module__) for move_in in ROOMS)
    levels = [LEVELS[room] for room in rooms]
    assert levels == sorted(levels, reverse=True)
    assert last == "server"


def test_no_import_hides_inside_a_function() -> None:
    hidden = [
        f"{_name(path)}:{node.lineno}"
        for path, tree in _trees()
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert not hidden


def test_no_module_is_imported_by_a_call() -> None:
    calls = re.compile(r"\b(importlib|__import__|import_module|import_string|resolve_name|runpy)\b")
    assert {_name(path) for path in MODULES if calls.search(path.read_text())} == IMPORTED_BY_A_CALL


@pytest.mark.parametrize("path", [*MODULES, ROOT / "wsgi.py"], ids=_name)
def test_a_module_opens_with_one_sentence(path: Path) -> None:
    opening = (ast.get_docstring(ast.parse(path.read_text())) or "").split("\n\n")[0]
    assert opening, "it has a docstring"
    assert "\n" not in opening, "on one line"
    assert opening.endswith((".", "?"))


def test_no_module_is_named_after_nothing() -> None:
    assert not [_name(path) for path in PACKAGE.rglob("*") if path.stem in FORBIDDEN_NAMES]


def test_machinery_knows_no_table_of_a_higher_room() -> None:
    """Foreign keys point down, as imports do; text in SQL would get around the imports."""
    tables = {"signatures", "submissions", "declarations", "declaration_texts", "consents"}
    machinery = [path for path in MODULES if LEVELS[_room(_module(_name(path)))] == 1]
    assert machinery
    named = re.compile(rf"\b(FROM|INTO|UPDATE|JOIN|REFERENCES) ({'|'.join(tables)})\b", re.IGNORECASE)
    assert not [_name(path) for path in machinery if named.search(path.read_text())]
