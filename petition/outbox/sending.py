"""Send what is due: claim, compose, commit, hand over, record; killed anywhere, nothing is lost."""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from queue import Empty, SimpleQueue

from sqlalchemy import update

from petition import clock, logs
from petition.extensions import db, writing
from petition.outbox import carriers, claiming, letters
from petition.outbox.carriers import Carrier, Deferred, Refused, Unreachable
from petition.outbox.composing import Composed, Later, Message, compose
from petition.outbox.letters import Letter
from petition.outbox.models import Mail
from petition.settings import Settings

HAND_OVER_WITHIN = timedelta(seconds=40)
"""A worker begins no hand-over later than this after its claim, so that no other can have the same mail."""
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 30, 60, 120, 240, 480, 720, 720))
LONGEST_SILENCE = timedelta(minutes=5)
"""While no mail server answers at all, it is asked again this often."""
JITTER = 0.2


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

    def hand_over(self, written: list[Letter]) -> list[Outcome]:
        return list(self.threads.map(self._hand_over, written))

    def hang_up(self) -> None:
        while not self.idle.empty():
            self.idle.get().hang_up()

    def close(self) -> None:
        self.threads.shutdown()
        self.hang_up()

    def _hand_over(self, letter: Letter) -> Outcome:
        if clock.now() > letter.claimed_until - claiming.CLAIM_FOR + HAND_OVER_WITHIN:
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
    """Send one batch of what is due; returns how many mails it took up, 0 when nothing is left to do."""
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
    with writing():
        for letter, outcome in zip(written, outcomes, strict=True):
            # Only while the claim is still this worker's.
            row = update(Mail).where(Mail.id == letter.mail_id, Mail.claimed_until == letter.claimed_until)
            db.session.execute(row.values(claimed_until=None, **outcome))


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
        mail.due_at, mail.claimed_until, mail.attempts = _next_try(mail.attempts), None, mail.attempts + 1
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
