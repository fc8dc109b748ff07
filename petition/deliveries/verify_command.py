"""``petition deliveries verify``: is a package as it was made?"""

import sys
from pathlib import Path

import click
from flask.cli import with_appcontext

from petition.packages import site_key, zipping
from petition.packages import verify as verifying
from petition.packages.verify import Key, Unusable, Verdict

CHANGED, CANNOT_TELL = 1, 2

_KEY_HELP = (
    "The public key (name+id+base64) of the site that made it, or a file that holds it. This site's if left out."
)
_IDENTITY_HELP = "The file with the reader's age identity (AGE-SECRET-KEY-1…), for an encrypted package."


@click.command("verify")
@click.argument("package", type=click.Path(path_type=Path))
@click.option("--key", help=_KEY_HELP)
@click.option("--identity", type=click.Path(path_type=Path, dir_okay=False), help=_IDENTITY_HELP)
@with_appcontext
def verify(package: Path, key: str | None, identity: Path | None) -> None:
    """Say whether PACKAGE (a ZIP, encrypted or not, or a folder) is as it was made.

    Exits with 0 if it is, with 1 after naming what is changed, missing or added, and with 2 if that cannot be told.
    """
    try:
        used = _read_key(key)
        verdict = zipping.verify(package, used, identity=_read_identity(identity))
    except Unusable as reason:
        click.echo(f"Error: {reason}", err=True)
        sys.exit(CANNOT_TELL)
    _tell(package, used, verdict)
    sys.exit(0 if verdict.whole else CHANGED)


def _tell(package: Path, key: Key, verdict: Verdict) -> None:
    for problem in verdict.problems:
        click.echo(problem)
    if not verdict.whole:
        click.echo(f"No: {package} is not as it was made.")
        return
    manifest = verdict.manifest
    counted = f"{manifest['counts']['signatures']} signatures as of {manifest['as_of']}"
    click.echo(f"Yes: {package} is whole: {manifest['declaration']['slug']}, {counted}.")
    click.echo(f"Signed with the key of {key.name}, fingerprint {key.fingerprint}")


def _read_key(given: str | None) -> Key:
    if given is None:
        return site_key.public_key()
    return verifying.read_key(verifying.read_words(Path(given)) if Path(given).is_file() else given)


def _read_identity(path: Path | None) -> str | None:
    """The first line that is no comment, as age's own programs write such files. Raises Unusable."""
    if path is None:
        return None
    lines = [line for line in verifying.read_words(path).splitlines() if line.strip() and not line.startswith("#")]
    return lines[0] if lines else ""
