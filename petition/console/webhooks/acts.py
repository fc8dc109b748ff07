"""What is done to webhooks, as the audit trail calls it."""

from typing import Any

from flask_babel import lazy_gettext

from petition.accounts import trail
from petition.partners import notices as partners
from petition.webhooks.models import WebhookEndpoint

ACTS = {
    "webhook.added": lazy_gettext("Webhook added"),
    "webhook.enabled": lazy_gettext("Webhook enabled"),
    "webhook.disabled": lazy_gettext("Webhook disabled"),
    "webhook.rotated": lazy_gettext("Webhook given another secret"),
    "webhook.replayed": lazy_gettext("Notices sent again to a webhook"),
}


def record(act: str, endpoint: WebhookEndpoint, **detail: Any) -> None:
    """Enter it into the trail, with the partner whose webhook it is; it stands if the caller commits."""
    if partner := partners.slug_of(endpoint.owner):
        detail["partner"] = partner
    trail.record(f"webhook.{act}", scope=endpoint.scope, subject=endpoint.public_id, **detail)
