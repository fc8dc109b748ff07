"""What the shell says of a partner: the options that enrolling one and changing one share."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

import click

from petition import languages
from petition.partners.builders import WRAPPERS
from petition.partners.colours import MODES, Pair
from petition.partners.enrolling import Details

F = TypeVar("F", bound=Callable[..., Any])

# The empty choice names none, where something is to be taken away.
_BUILDERS = click.Choice([*WRAPPERS, ""])
_LANGUAGES = click.Choice([*languages.NAMES, ""])
_OPTIONS = (
    click.option("--contact", help="Email address of its contact, who is told when a webhook is disabled."),
    click.option("--origin", "origins", multiple=True, help="Where the form may be shown: https://www.example.org."),
    click.option("--builder", "builders", multiple=True, type=_BUILDERS, help="A site builder it uses."),
    click.option("--site", help="Address of its site."),
    click.option("--declaration", "carries", multiple=True, help="Only this declaration, by its slug. Default: all."),
    click.option("--language", "languages", multiple=True, type=_LANGUAGES, help="Its pages speak it."),
    click.option("--colour", "colours", multiple=True, help="light-accent=#1f4568; also light-background, dark-…."),
    click.option("--wording", "wordings", multiple=True, help="Of its consent: en=Yes, they may write to me."),
    click.option("--notice", help="Address of its privacy notice."),
    click.option("--may-share/--no-may-share", default=None, help="It may be given people who agree to that."),
    click.option("--age-key", help="Its public key of age; what it is given is encrypted to it."),
)


def take(command: F) -> F:
    """Have the command take all of them, each None or empty where it is not given."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def apply(given: Mapping[str, Any], known: Details) -> Details:
    """What is known already, with what was given; an empty one takes away. Raises ClickException."""
    said: dict[str, Any] = {name: value for name, value in given.items() if value not in (None, ())}
    if "colours" in said:
        said["colours"] = _coloured(said["colours"], known.colours)
    if "wordings" in said:
        said["wordings"] = known.wordings | dict(
            _pair(each, "en=Yes, they may write to me") for each in said["wordings"]
        )
    for name in ("origins", "builders", "languages", "carries"):
        if name in said:
            said[name] = tuple(each for each in said[name] if each)
    if "carries" in said:
        said["carries"] = said["carries"] or None
    return replace(known, **said)


def _coloured(given: tuple[str, ...], known: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    colours = {mode: dict(known.get(mode, {})) for mode in MODES}
    for each in given:
        name, colour = _pair(each, "light-accent=#1f4568")
        mode, _, part = name.partition("-")
        if mode not in MODES or part not in Pair._fields:
            raise click.ClickException(f"“{name}” is no colour of a partner: write it like light-accent=#1f4568.")
        colours[mode][part] = colour
    return colours


def _pair(given: str, example: str) -> tuple[str, str]:
    name, separator, value = given.partition("=")
    if not separator:
        raise click.ClickException(f"“{given}” does not say which: write it like {example}.")
    return name.strip(), value
