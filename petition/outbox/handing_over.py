"""Hand finished letters to the mail server, side by side; say of each what became of it."""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from queue import Empty, SimpleQueue

from petition import clock, logs
from petition.outbox import carriers
from petition.outbox.carriers import Carrier, Deferred, Refused, Unreachable
from petition.outbox.letters import Letter
from petition.settings import Settings

HAND_OVER_WITHIN = timedelta(seconds=10)
"""A batch begins no hand-over later than this, so that a stop rarely comes between sending and recording."""
MARGIN = timedelta(seconds=20)
"""Nothing is said to a mail server this shortly before a claim ends, so that no other worker has the same mail."""
REST = timedelta(seconds=10)
"""After a batch that no mail server answered, nothing is composed for so long."""
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 30, 60, 120, 240, 480, 720, 720))
LONGEST_SILENCE = timedelta(minutes=5)
"""While no mail server answers at all, it is asked again this often."""
JITTER = 0.2


@dataclass(frozen=True)
class Outcome:
    """What becomes of a mail's row: it was sent, it was dropped, or it is due again. The reason tells why."""

    attempts: int
    due_at: datetime
    sent_at: datetime | None = None
    dropped_at: datetime | None = None
    reason: str | None = None


class Untried(Outcome):
    """There was no time left to hand it over."""


class Silence(Outcome):
    """No mail server answered."""


class PostOffice:
    """Hands mails over side by side, keeping its connections while there is work."""

    def __init__(self, make_carrier: Callable[[], Carrier], connections: int) -> None:
        self.make_carrier = make_carrier
        self.idle: SimpleQueue[Carrier] = SimpleQueue()
        self.threads = ThreadPoolExecutor(connections, thread_name_prefix="mail")
        self.rests_until: datetime | None = None

    @classmethod
    def from_settings(cls, settings: Settings) -> "PostOffice":
        return cls(partial(carriers.make, settings), settings.mail_connections)

    @property
    def rests(self) -> bool:
        """Whether no mail server answered just now, so that composing more would be in vain."""
        return self.rests_until is not None and clock.now() < self.rests_until

    def hand_over(self, written: list[Letter]) -> list[Outcome]:
        begin_until = clock.now() + HAND_OVER_WITHIN
        outcomes = list(self.threads.map(partial(self._hand_over, begin_until), written))
        silent = {type(outcome) for outcome in outcomes} - {Untried} == {Silence}
        self.rests_until = _jittered(REST) if silent else None
        return outcomes

    def hang_up(self) -> None:
        while not self.idle.empty():
            self.idle.get().hang_up()

    def close(self) -> None:
        self.threads.shutdown()
        self.hang_up()

    def _hand_over(self, begin_until: datetime, letter: Letter) -> Outcome:
        if clock.now() > min(begin_until, letter.claimed_until - MARGIN):
            return Untried(letter.attempts, due_at=clock.now())
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


def next_try(attempts: int) -> datetime:
    """When a mail that was tried so many times is due again: ever later, and never all at once."""
    return _jittered(PAUSES[min(attempts, len(PAUSES) - 1)])


def is_last(attempts: int) -> bool:
    """Whether a mail that was tried so many times is given up."""
    return attempts > len(PAUSES)


def _carry(carrier: Carrier, letter: Letter) -> Outcome:
    attempts = letter.attempts + 1
    try:
        carrier.carry(letter.envelope, until=letter.claimed_until - MARGIN)
    except Refused as refusal:
        return _dropped(attempts, str(refusal))
    except Deferred as deferral:
        if is_last(attempts):
            return _dropped(attempts, f"given up: {deferral}")
        return Outcome(attempts, due_at=next_try(letter.attempts), reason=str(deferral))
    except Unreachable as silence:
        pause = min(next_try(letter.attempts), _jittered(LONGEST_SILENCE))
        # A silence lengthens the pause, but it uses up none of the tries that a deferral has.
        return Silence(max(letter.attempts, min(attempts, 2)), due_at=pause, reason=str(silence))
    except Exception as problem:
        # One mail that cannot be handed over must not leave the others of its batch unrecorded.
        logs.get().error("mail not handed over", mail=letter.mail_id, exc_info=problem)
        if is_last(attempts):
            return _dropped(attempts, type(problem).__name__)
        return Outcome(attempts, due_at=next_try(letter.attempts), reason=type(problem).__name__)
    now = clock.now()
    return Outcome(attempts, due_at=now, sent_at=now)


def _dropped(attempts: int, reason: str) -> Outcome:
    now = clock.now()
    return Outcome(attempts, due_at=now, dropped_at=now, reason=reason)


def _jittered(pause: timedelta) -> datetime:
    return clock.now() + pause * random.uniform(1 - JITTER, 1 + JITTER)
