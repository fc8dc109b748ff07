"""``petition signatures …``: decide about signatures."""

from collections.abc import Callable
from typing import Any

import click
from flask import Blueprint

from petition.extensions import writing
from petition.signatures import acts, moderating
from petition.signatures.models import Verdict
from petition.signatures.refusals import Refusal

commands = Blueprint("signatures_commands", __name__, cli_group="signatures")
commands.cli.help = "Decide about signatures; enter those that were given on paper."

_IDS = {"ignore_unknown_options": True}
"""A random id may begin with a hyphen, and is no option for that."""


def _of_one(command: Callable[..., None]) -> Any:
    named = click.argument("public_id")(command)
    return click.option("--reason", required=True, help="Why, in a sentence that the signatory may read.")(named)


@commands.cli.command("hold", context_settings=_IDS)
@_of_one
def hold(public_id: str, reason: str) -> None:
    """Neither count nor show the signature PUBLIC_ID until it is approved."""
    _decide(public_id, Verdict.HELD, reason)


@commands.cli.command("approve", context_settings=_IDS)
@_of_one
def approve(public_id: str, reason: str) -> None:
    """Let the held signature PUBLIC_ID count."""
    _decide(public_id, Verdict.APPROVED, reason)


@commands.cli.command("invalidate", context_settings=_IDS)
@_of_one
def invalidate(public_id: str, reason: str) -> None:
    """Set the signature PUBLIC_ID aside; it stays so until it is reinstated."""
    _decide(public_id, Verdict.INVALIDATED, reason)


@commands.cli.command("reinstate", context_settings=_IDS)
@_of_one
def reinstate(public_id: str, reason: str) -> None:
    """Let the invalidated signature PUBLIC_ID count again."""
    _decide(public_id, Verdict.REINSTATED, reason)


def _decide(public_id: str, verdict: Verdict, reason: str) -> None:
    try:
        with writing():
            signature = moderating.lock(public_id)
            changed = moderating.decide(signature, verdict, reason=reason)
            if changed:
                acts.decided(signature, verdict, reason=reason)
            state = signature.state
    except Refusal as refusal:
        raise click.ClickException(str(refusal.sentence)) from refusal
    click.echo(f"{public_id}: {'' if changed else 'nothing to change; it is '}{state}.")
