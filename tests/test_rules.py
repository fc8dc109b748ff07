"""The rules of the house: limits on every post, words for every setting, command and room, logical CSS."""

import ast
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import click
import pytest
from flask import Flask
from werkzeug.routing import Rule
from werkzeug.routing.converters import NumberConverter

from petition.declarations.frames import RESERVED_SLUGS, SLUG
from petition.settings import PREFIX, public_fields
from tests import make
from tests.conftest import browser

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "petition"
ROOMS = sorted(path.name for path in PACKAGE.iterdir() if (path / "__init__.py").is_file())
MODULES = sorted(path.stem for path in PACKAGE.glob("*.py") if not path.name.startswith("__"))
STYLESHEETS = sorted((ROOT / "static").rglob("*.css"))
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
WRITING = {"POST", "PUT", "PATCH", "DELETE"}

PHYSICAL = re.compile(
    r"""
    (?<![\w-])(?:margin|padding|border|inset|scroll-margin|scroll-padding)-(?:left|right|top|bottom)\b
    | (?<![\w-])(?:left|right)\s*:
    | (?<![\w-])(?:text-align|float|clear|caption-side|transform-origin)\s*:[^;}]*\b(?:left|right)\b
    | (?<![\w-])border-(?:top|bottom)-(?:left|right)-radius\b
    """,
    re.VERBOSE,
)


def _read(*paths: Path) -> str:
    return "\n".join(path.read_text() for path in paths)


def _docs() -> str:
    return _read(ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))


# Routes


def _writing(app: Flask) -> list[Rule]:
    return [rule for rule in app.url_map.iter_rules() if rule.methods and rule.methods & WRITING]


def _has_limit(app: Flask, endpoint: str) -> bool:
    """Flask-Limiter leaves this mark on a view that its limiter has wrapped."""
    return hasattr(app.view_functions[endpoint], "__wrapper-limiter-instance")


def test_every_route_that_writes_carries_a_limit(migrated: Flask) -> None:
    assert len(_writing(migrated)) >= 8, "the routes were found"
    assert not [rule.rule for rule in _writing(migrated) if not _has_limit(migrated, rule.endpoint)]


def _some(rule: Rule, name: str) -> str | int:
    """A value for this argument of the address."""
    if isinstance(rule._converters[name], NumberConverter):
        return 1
    return {"language": "en", "slug": make.SLUG}.get(name, "x")


def test_every_route_that_writes_says_429_to_one_post_too_many(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = replace(app.extensions["petition.settings"], sign_limits="1/minute")
    monkeypatch.setitem(app.extensions, "petition.settings", settings)
    client = browser(app)
    urls = app.url_map.bind("localhost")
    # Two addresses of one view share its limit.
    for rule in {rule.endpoint: rule for rule in _writing(app)}.values():
        path = urls.build(rule.endpoint, {name: _some(rule, name) for name in rule.arguments}, method="POST")
        first, second = client.post(path), client.post(path)
        assert (first.status_code != 429, second.status_code) == (True, 429), path
        assert int(second.headers["Retry-After"]) > 0


def test_reading_and_writing_are_views_of_their_own(migrated: Flask) -> None:
    """So that a GET changes nothing, and only posts are limited."""
    assert not [rule.rule for rule in _writing(migrated) if "GET" in (rule.methods or ())]


def test_every_word_of_the_sites_addresses_is_refused_as_a_slug(migrated: Flask) -> None:
    # Below these a slug never stands where a word does.
    rules = [rule.rule for rule in migrated.url_map.iter_rules() if not rule.rule.startswith(("/static/", "/console/"))]
    words = {word for rule in rules for word in rule.split("/") if SLUG.fullmatch(word)}
    assert {"sign", "confirm", "signatories"} <= words
    assert words | {"console"} <= RESERVED_SLUGS


# Words


@pytest.mark.parametrize("name", [PREFIX + setting.name.upper() for setting in public_fields()])
def test_every_setting_is_in_the_operators_guide(name: str) -> None:
    assert re.search(rf"\b{name}\b", _read(ROOT / "docs" / "operating.md"))


def _commands(group: click.Group, *before: str) -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from _commands(command, *before, name)
        else:
            yield " ".join([*before, name]), command


def test_every_command_is_in_the_docs(migrated: Flask) -> None:
    commands = _own_commands(migrated)
    assert {"serve", "worker", "settings", "declarations load", "deliveries make"} <= commands.keys()
    words = _docs()
    assert not [name for name in commands if f"petition {name}" not in words]


def test_every_command_has_its_help_and_every_option_its_own(migrated: Flask) -> None:
    for name, command in _own_commands(migrated).items():
        assert command.help and command.help.strip(), name
        options = [parameter for parameter in command.params if isinstance(parameter, click.Option)]
        assert all(option.help for option in options), name
        answer = migrated.test_cli_runner().invoke(args=[*name.split(), "--help"])
        assert answer.exit_code == 0 and "--help" in answer.output, name


def _own_commands(app: Flask) -> dict[str, click.Command]:
    """The commands of our rooms, without Flask's and its extensions'."""
    found = dict(_commands(app.cli))
    return {
        name: command
        for name, command in found.items()
        if command.callback and _unwrapped(command.callback).__module__.startswith("petition.")
    }


def _unwrapped(function: object) -> object:
    while hasattr(function, "__wrapped__"):
        function = function.__wrapped__
    return function


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_is_on_the_map(room: str) -> None:
    assert f"| `{room}` |" in _read(ROOT / "ARCHITECTURE.md")


@pytest.mark.parametrize("module", MODULES)
def test_every_module_of_level_0_is_on_the_map_with_its_sentence(module: str) -> None:
    sentence = (ast.get_docstring(ast.parse((PACKAGE / f"{module}.py").read_text())) or "").split("\n")[0]
    assert f"| `{module}` | {sentence.replace('``', '`')} |" in _read(ROOT / "ARCHITECTURE.md")


# Looks


@pytest.mark.parametrize("path", STYLESHEETS, ids=lambda path: path.name)
def test_the_stylesheet_uses_logical_properties_only(path: Path) -> None:
    rules = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)
    assert not PHYSICAL.findall(rules)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_template_names_no_left_and_no_right(path: Path) -> None:
    """Those of mails carry their styles with them; mail programs know `top`, which turns round with no language."""
    assert not [found for found in PHYSICAL.findall(path.read_text()) if "top" not in found and "bottom" not in found]


@pytest.mark.parametrize(
    ("css", "physical"),
    [
        ("a { margin-left: 1rem }", True),
        ("a { padding-right: 0 }", True),
        ("a { margin-top: 0 }", True),
        ("a { left: 0; }", True),
        ("a{color:red;right:0}", True),
        ("a { text-align: left; }", True),
        ("a { float: right }", True),
        ("a { border-left: 1px solid }", True),
        ("a { border-top-left-radius: 1px }", True),
        ("a { margin-inline-start: 1rem; inset-inline-end: 0; text-align: start }", False),
        ("a { border-block-end: 1px; padding-inline: var(--left) }", False),
        (".left-alone { color: red }", False),
    ],
)
def test_the_check_knows_physical_from_logical(css: str, physical: bool) -> None:
    assert bool(PHYSICAL.search(css)) is physical


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_page_carries_a_script_or_a_style_of_its_own(path: Path) -> None:
    """The content security policy would not let them run; mails are read elsewhere and may have styles."""
    page = path.read_text()
    assert not re.search(r"\son[a-z]+\s*=", page)
    assert "javascript:" not in page
    assert not re.search(r"<script(?![^>]*\ssrc=)", page)
    # So may what partners paste into pages of their own.
    if not {"mail", "snippets"} & set(path.parts):
        assert not re.search(r"<style|\sstyle\s*=", page)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_template_switches_escaping_off_but_for_the_declarations_own_text(path: Path) -> None:
    # All three were made by declarations/markdown.py, which lets no script and no style through.
    allowed = {"text.html|safe", "section.html|safe", "each.answer_html|safe"}
    raw = {match.strip() for match in re.findall(r"\{\{([^}]*\|\s*safe[^}]*)\}\}", path.read_text())}
    assert raw <= allowed
    assert "autoescape false" not in path.read_text()
