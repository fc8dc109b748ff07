"""What becomes of a notice and of its endpoint after an attempt: taken, tried again ever later, given up, disabled."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from petition import clock
from petition.webhooks import owners
from petition.webhooks.failures import Disabled, Failure
from petition.webhooks.models import WebhookEndpoint

PAUSES = tuple(timedelta(seconds=seconds) for seconds in (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400))
"""Between the attempts of one notice, as the specification proposes."""
GIVE_UP_AFTER = timedelta(days=3)
"""From its first attempt on a notice is tried for so long; an endpoint that took nothing for so long is disabled."""
RESTS = tuple(timedelta(seconds=seconds) for seconds in (5, 30, 120, 600, 1_800))
"""An endpoint that failed is spared for so long, ever longer, so that what waits for it costs little."""
JITTER = 0.2
COLUMNS = ("attempts", "due_at", "first_tried_at", "tried_at", "status", "reason", "sent_at", "dropped_at")
"""What an attempt writes into a notice's row."""


@dataclass(frozen=True)
class Outcome:
    """What an attempt makes of a notice's row."""

    attempts: int
    due_at: datetime
    first_tried_at: datetime | None = None
    tried_at: datetime | None = None
    status: int | None = None
    reason: str | None = None
    sent_at: datetime | None = None
    dropped_at: datetime | None = None
    retry_after: timedelta | None = None

    @property
    def row(self) -> dict[str, object]:
        return {name: getattr(self, name) for name in COLUMNS}


def taken(attempts: int, *, first_tried_at: datetime | None, status: int) -> Outcome:
    now = clock.now()
    return Outcome(attempts + 1, now, first_tried_at or now, tried_at=now, status=status, sent_at=now)


def failed(
    attempts: int,
    failure: Failure,
    *,
    first_tried_at: datetime | None,
    status: int | None = None,
    retry_after: timedelta | None = None,
) -> Outcome:
    """Due again after a pause that grows, once more when the three days end, and then never."""
    now = clock.now()
    first = first_tried_at or now
    last_try = first + GIVE_UP_AFTER
    pause = max(_jittered(PAUSES[min(attempts, len(PAUSES) - 1)]), retry_after or timedelta(0))
    return Outcome(
        attempts + 1,
        due_at=min(now + pause, max(last_try, now)),
        first_tried_at=first,
        tried_at=now,
        status=status,
        reason=failure,
        dropped_at=now if now >= last_try else None,
        retry_after=retry_after,
    )


def note(endpoint: WebhookEndpoint, results: list[Outcome]) -> None:
    """What these attempts, in their order, tell of the endpoint, whose row is locked."""
    for outcome in results:
        if outcome.sent_at is not None:
            if endpoint.failures:
                endpoint.failures, endpoint.failing_since, endpoint.rests_until = 0, None, None
        else:
            _note_failure(endpoint, outcome)


def disable(endpoint: WebhookEndpoint, because: Disabled) -> None:
    """It hears of nothing more; what waits for it stays, and leaves when it is enabled again."""
    endpoint.disabled_at, endpoint.disabled_because = clock.now(), because


def _note_failure(endpoint: WebhookEndpoint, outcome: Outcome) -> None:
    at = outcome.tried_at or clock.now()
    # Not since the notice was first tried: others may have been taken in between.
    endpoint.failing_since = endpoint.failing_since or at
    rest = _jittered(RESTS[min(endpoint.failures, len(RESTS) - 1)])
    endpoint.failures += 1
    endpoint.rests_until = at + max(rest, outcome.retry_after or timedelta(0))
    if not endpoint.on:
        return
    if outcome.reason == Failure.GONE:
        disable(endpoint, Disabled.GONE)
    elif at - endpoint.failing_since >= GIVE_UP_AFTER:
        disable(endpoint, Disabled.FAILING)
    else:
        return
    owners.tell(endpoint)


def _jittered(pause: timedelta) -> timedelta:
    return pause * random.uniform(1 - JITTER, 1 + JITTER)
