"""What is done to webhooks, as the audit trail calls it."""

from typing import Any

from flask_babel import lazy_gettext

from petition.accounts import scopes, trail
from petition.console.webhooks import whose
from petition.partners import notices as partners
from petition.partners import people
from petition.webhooks import targets
from petition.webhooks.models import WebhookEndpoint

ACTS = {
    "webhook.added": lazy_gettext("Webhook added"),
    "webhook.enabled": lazy_gettext("Webhook enabled"),
    "webhook.disabled": lazy_gettext("Webhook disabled"),
    "webhook.rotated": lazy_gettext("Webhook given another secret"),
    "webhook.replayed": lazy_gettext("Notices sent again to a webhook"),
}


def record(act: str, endpoint: WebhookEndpoint, **detail: Any) -> None:
    """Enter it into the trail of its owner, a declaration or a partner; it stands if the caller commits."""
    partner, scope = partners.slug_of(endpoint.owner), endpoint.scope
    if partner:
        # What a partner has told to its machines is no business of the declaration's organisers.
        detail["partner"], scope = partner, people.find(partner)
    trail.record(f"webhook.{act}", scope=scope, subject=endpoint.public_id, **detail)


def record_added(endpoint: WebhookEndpoint) -> None:
    """Of the address its host alone: the rest is often as good as a password."""
    about = whose.EVERY if endpoint.scope is None else scopes.slug(endpoint.scope)
    record("added", endpoint, declaration=about, host=targets.parse(endpoint.url).host, events=endpoint.events)
