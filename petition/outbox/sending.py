"""Send what is due: claim, compose, commit, hand over, record; killed anywhere, nothing is lost."""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime
from functools import partial
from queue import Empty, SimpleQueue

from flask import current_app
from sqlalchemy import or_, select, text, update

from petition import addresses, clock, logs
from petition.extensions import db, writing
from petition.outbox import carriers
from petition.outbox.carriers import Carrier, Deferred, Refused, Unreachable
from petition.outbox.composing import Later, Message, NotDue, compose
from petition.outbox.models import WAITING, Mail
from petition.settings import Settings

BATCH = 50
CLAIM_FOR = timedelta(seconds=60)
"""How long a worker has its mails in hand; one that dies leaves them to others after this."""
HAND_OVER_WITHIN = timedelta(seconds=40)
"""A worker begins no hand-over later than this after its claim, so that no other can have the same mail."""
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 30, 60, 120, 240, 480, 720, 720))
LONGEST_SILENCE = timedelta(minutes=5)
"""While no mail server answers at all, it is asked again this often."""
JITTER = 0.2


@dataclass(frozen=True)
class Letter:
    """A claimed mail with what was composed for it."""

    mail_id: int
    attempts: int
    claimed_until: datetime
    message: EmailMessage


Outcome = dict[str, object]
"""The columns of the mail's row that its hand-over changes."""


class PostOffice:
    """Hands mails over side by side, keeping its connections while there is work."""

    def __init__(self, make_carrier: Callable[[], Carrier], connections: int) -> None:
        self.make_carrier = make_carrier
        self.idle: SimpleQueue[Carrier] = SimpleQueue()
        self.threads = ThreadPoolExecutor(connections, thread_name_prefix="mail")

    @classmethod
    def from_settings(cls, settings: Settings) -> "PostOffice":
        return cls(partial(carriers.make, settings), settings.mail_connections)

    def hand_over(self, letters: list[Letter]) -> list[Outcome]:
        return list(self.threads.map(self._hand_over, letters))

    def hang_up(self) -> None:
        while not self.idle.empty():
            self.idle.get().hang_up()

    def close(self) -> None:
        self.threads.shutdown()
        self.hang_up()

    def _hand_over(self, letter: Letter) -> Outcome:
        if clock.now() > letter.claimed_until - CLAIM_FOR + HAND_OVER_WITHIN:
            return {"due_at": clock.now()}
        carrier = self._carrier()
        try:
            return _carry(carrier, letter)
        finally:
            self.idle.put(carrier)

    def _carrier(self) -> Carrier:
        try:
            return self.idle.get_nowait()
        except Empty:
            return self.make_carrier()


def send_due(office: PostOffice) -> int:
    """Send one batch of what is due; returns how many mails it took up."""
    letters, taken = _take()
    if letters:
        _record(letters, office.hand_over(letters))
    if taken < BATCH:
        office.hang_up()
    return taken


def _take() -> tuple[list[Letter], int]:
    """Claim a batch and compose it; both are committed before anything is handed over."""
    with writing():
        mails = _claim()
        letters = [letter for mail in mails if (letter := _compose(mail))]
    return letters, len(mails)


def _claim() -> list[Mail]:
    now = clock.now()
    query = (
        select(Mail)
        .where(WAITING, Mail.due_at <= now, or_(Mail.claimed_until.is_(None), Mail.claimed_until < now))
        .order_by(Mail.due_at)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    mails = list(db.session.scalars(query))
    for mail in mails:
        mail.claimed_until = now + CLAIM_FOR
    return mails


def _record(letters: list[Letter], outcomes: list[Outcome]) -> None:
    with writing():
        for letter, outcome in zip(letters, outcomes, strict=True):
            # Only while the claim is still this worker's.
            row = update(Mail).where(Mail.id == letter.mail_id, Mail.claimed_until == letter.claimed_until)
            db.session.execute(row.values(claimed_until=None, **outcome))


def _compose(mail: Mail) -> Letter | None:
    if not _has_mailbox_alone(mail):
        mail.claimed_until = None
        return None
    try:
        with db.session.begin_nested():
            composed = compose(mail)
        message = _written(mail, composed) if isinstance(composed, Message) else None
    except Exception as problem:
        # One mail that cannot be written must not keep the others from leaving.
        logs.get().error("mail not composed", kind=mail.kind, mail=mail.id, exc_info=problem)
        mail.due_at, mail.claimed_until, mail.attempts = _next_try(mail.attempts), None, mail.attempts + 1
        return None
    if message is not None:
        assert mail.claimed_until is not None
        mail.composed_at = mail.composed_at or clock.now()
        return Letter(mail.id, mail.attempts, mail.claimed_until, message)
    if isinstance(composed, NotDue):
        mail.dropped_at, mail.reason, mail.claimed_until = clock.now(), composed.reason, None
    elif isinstance(composed, Later):
        mail.due_at, mail.claimed_until = composed.until, None
    return None


def _has_mailbox_alone(mail: Mail) -> bool:
    """One worker at a time writes to one mailbox, or two could each write the last mail of its day."""
    if db.engine.dialect.name == "sqlite" or mail.mailbox is None:
        return True
    lock = int.from_bytes(mail.mailbox[:8], "big", signed=True)
    return bool(db.session.scalar(text("SELECT pg_try_advisory_xact_lock(:lock)"), {"lock": lock}))


def _written(mail: Mail, message: Message) -> EmailMessage:
    settings: Settings = current_app.extensions["petition.settings"]
    written = EmailMessage(policy=policy.SMTP)
    written["From"] = settings.sender
    # Many mail servers know domains in IDNA only.
    to = addresses.parse(message.to)
    written["To"] = f"{to.local}@{to.domain}"
    written["Subject"] = message.subject
    written["Date"] = format_datetime(clock.now())
    # The same over every attempt, so that a mail server that took it twice can tell.
    written["Message-ID"] = f"<{mail.public_id}@{settings.base_host}>"
    written["Auto-Submitted"] = "auto-generated"
    written["Content-Language"] = mail.language
    written.set_content(message.text)
    written.add_alternative(message.html, subtype="html")
    return written


def _carry(carrier: Carrier, letter: Letter) -> Outcome:
    attempts = letter.attempts + 1
    try:
        carrier.carry(letter.message)
    except Refused as refusal:
        return {"attempts": attempts, "dropped_at": clock.now(), "reason": str(refusal)}
    except Deferred as deferral:
        if attempts > len(PAUSES):
            return {"attempts": attempts, "dropped_at": clock.now(), "reason": f"given up: {deferral}"}
        return {"attempts": attempts, "due_at": _next_try(letter.attempts), "reason": str(deferral)}
    except Unreachable as silence:
        pause = min(_next_try(letter.attempts), _jittered(LONGEST_SILENCE))
        # A silence lengthens the pause, but it uses up none of the tries that a deferral has.
        attempts = max(letter.attempts, min(attempts, 2))
        return {"attempts": attempts, "due_at": pause, "reason": str(silence)}
    except Exception as problem:
        # One mail that cannot be handed over must not leave the others of its batch unrecorded.
        logs.get().error("mail not handed over", mail=letter.mail_id, exc_info=problem)
        return {"attempts": attempts, "due_at": _next_try(letter.attempts), "reason": type(problem).__name__}
    return {"attempts": attempts, "sent_at": clock.now(), "reason": None}


def _next_try(attempts: int) -> datetime:
    return _jittered(PAUSES[min(attempts, len(PAUSES) - 1)])


def _jittered(pause: timedelta) -> datetime:
    return clock.now() + pause * random.uniform(1 - JITTER, 1 + JITTER)
