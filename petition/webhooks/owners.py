"""Whose an endpoint is: rooms register how each kind of owner is told that theirs was disabled."""

from collections.abc import Callable

from flask import Flask, current_app

from petition.webhooks.models import WebhookEndpoint

Tell = Callable[[WebhookEndpoint], None]
"""Posts word to the owner, in the transaction that disables the endpoint."""


def register(app: Flask, kind: str, tell: Tell) -> None:
    app.extensions.setdefault("petition.webhook_owners", {})[kind] = tell


def tell(endpoint: WebhookEndpoint) -> None:
    """That it was disabled, and why; an owner whose kind nobody registered is told nothing."""
    known: dict[str, Tell] = current_app.extensions.get("petition.webhook_owners", {})
    kind = endpoint.owner.partition(":")[0]
    if kind in known:
        known[kind](endpoint)
