"""Send what is due: claim, compose, commit, hand over, record; killed anywhere, nothing is lost."""

import time
from datetime import timedelta
from typing import Any

from sqlalchemy import bindparam, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from petition import clock, logs
from petition.extensions import db, writing
from petition.outbox import claiming, letters
from petition.outbox.composing import Composed, Later, Message, compose
from petition.outbox.handing_over import Outcome, PostOffice, is_last, next_try
from petition.outbox.letters import Letter
from petition.outbox.models import Mail

RECORD_PAUSES = tuple(timedelta(seconds=seconds) for seconds in (0.5, 1, 2, 4, 8))
"""Between tries to write down what was sent, while the database is away."""
_RECORD = (
    update(Mail)
    .where(Mail.id == bindparam("mail_id"), Mail.claimed_until == bindparam("claim"))
    .values(
        claimed_until=None,
        **{name: bindparam(name) for name in ("attempts", "due_at", "sent_at", "dropped_at", "reason")},
    )
)


def send_due(office: PostOffice) -> int:
    """Send one batch of what is due; returns how many mails it took up, 0 when nothing is left to do now."""
    if office.rests:
        return 0
    written, taken = _take()
    if written:
        _record(written, office.hand_over(written))
    if not taken:
        office.hang_up()
    return taken


def _take() -> tuple[list[Letter], int]:
    """Claim a batch and write its letters. Both are committed before a mail server is talked to."""
    with writing():
        mails = claiming.claim()
        return _letters(mails), len(mails)


def _record(written: list[Letter], outcomes: list[Outcome]) -> None:
    """Write down what became of the letters; only of those whose claim is still this worker's.

    What is not written down is sent again, so a database that is away for a moment is waited for.
    """
    rows = [
        {"mail_id": letter.mail_id, "claim": letter.claimed_until, **vars(outcome)}
        for letter, outcome in zip(written, outcomes, strict=True)
    ]
    for pause in RECORD_PAUSES:
        try:
            return _write_down(rows)
        except (DBAPIError, PoolTimeout):
            if clock.now() + pause > written[0].claimed_until:
                raise
            time.sleep(pause.total_seconds())
    return _write_down(rows)


def _write_down(rows: list[dict[str, Any]]) -> None:
    with writing():
        db.session.connection().execute(_RECORD, rows)


def _letters(mails: list[Mail]) -> list[Letter]:
    """Compose the mails and settle those that are not to be sent now."""
    try:
        with db.session.begin_nested():
            return [letter for mail, composed in compose(mails) if (letter := _settle(mail, composed))]
    except Exception as problem:
        if len(mails) > 1:
            # One mail that cannot be written must not keep the others from leaving.
            return [letter for mail in mails for letter in _letters([mail])]
        [mail] = mails
        logs.get().error("mail not composed", kind=mail.kind, mail=mail.id, exc_info=problem)
        mail.due_at, mail.claimed_until, mail.attempts = next_try(mail.attempts), None, mail.attempts + 1
        if is_last(mail.attempts):
            mail.dropped_at, mail.reason = clock.now(), type(problem).__name__
        return []


def _settle(mail: Mail, composed: Composed) -> Letter | None:
    now = clock.now()
    if isinstance(composed, Message):
        mail.composed_at = mail.composed_at or now
        return letters.write(mail, composed)
    mail.claimed_until = None
    if isinstance(composed, Later):
        mail.due_at = composed.until
    else:
        mail.dropped_at, mail.reason = now, composed.reason
    return None
