"""The form of a notice: what the library of Standard Webhooks verifies, and what it does not."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from petition import clock
from petition.webhooks import outcomes, standard

ROOT = Path(__file__).parent.parent.parent


def _signed(body: bytes, *secrets: str, at: datetime | None = None) -> dict[str, str]:
    return standard.headers("AbC_-123", body, signed_with=secrets, at=at or clock.now())


def test_a_body_says_what_happened_and_when() -> None:
    body = standard.body("thing.happened", datetime(2026, 3, 1, 12, tzinfo=UTC), {"who": "Zoë"})
    assert json.loads(body) == {"type": "thing.happened", "timestamp": "2026-03-01T12:00:00Z", "data": {"who": "Zoë"}}


def test_the_librarys_receiver_verifies_what_is_sent() -> None:
    secret, body = standard.new_secret(), standard.body("thing.happened", clock.now(), {"who": 'Zoë 王 " \\'})
    assert Webhook(secret).verify(body, _signed(body, secret))["data"] == {"who": 'Zoë 王 " \\'}
    with pytest.raises(WebhookVerificationError):
        Webhook(standard.new_secret()).verify(body, _signed(body, secret))
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(body.replace(b"who", b"why"), _signed(body, secret))
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(body, {**_signed(body, secret), "webhook-id": "another"})
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(body, _signed(body, secret, at=clock.now() - timedelta(hours=1)))


def test_the_specifications_own_example_is_signed_alike() -> None:
    """The vector that the implementations of Standard Webhooks share."""
    headers = standard.headers(
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        b'{"test": 2432232314}',
        signed_with=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
        at=datetime.fromtimestamp(1614265330, UTC),
    )
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert headers["webhook-timestamp"] == "1614265330"


def test_while_the_secret_changes_both_verify() -> None:
    new, old, body = standard.new_secret(), standard.new_secret(), b"{}"
    for secret in (new, old):
        assert Webhook(secret).verify(body, _signed(body, new, old)) == {}


def test_secrets_are_long_and_never_the_same() -> None:
    made = {standard.new_secret() for _ in range(100)}
    assert len(made) == 100
    assert all(secret.startswith("whsec_") and len(secret) == 50 for secret in made)


def test_the_receiver_in_the_documents_verifies_what_is_sent() -> None:
    example = (ROOT / "docs" / "webhooks.md").read_text().split("```python\n")[1].split("```")[0]
    written: dict[str, Any] = {}
    exec(example, written)
    new, old, body = standard.new_secret(), standard.new_secret(), standard.body("thing.happened", clock.now(), {})
    headers = _signed(body, new, old)
    assert all(written["is_ours"](headers, body, secret) for secret in (new, old))
    assert not written["is_ours"](headers, body, standard.new_secret())
    assert not written["is_ours"](headers, body + b" ", new)
    assert not written["is_ours"](_signed(body, new, at=clock.now() - timedelta(minutes=6)), body, new)


def test_the_documents_tell_the_pauses_as_they_are() -> None:
    table = (ROOT / "docs" / "webhooks.md").read_text()
    words = {5: "5 seconds", 300: "5 minutes", 1_800: "30 minutes"}
    for number, pause in enumerate(outcomes.PAUSES[:-1], 2):
        seconds = int(pause.total_seconds())
        assert f"| {number} | {words.get(seconds, f'{seconds // 3600} hours')} |" in table
