"""A crowd that signs and confirms while things break, and afterwards is asked what it was promised."""

import http.client
import threading
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Self

from sqlalchemy import Engine, create_engine, text
from sqlalchemy.pool import NullPool

from tests import make, running
from tests.running import Answer, Served, until
from tests.services import Mail, MailServer

BROKEN = (OSError, http.client.HTTPException)
"""What a client sees of a server that was killed: no answer, half an answer."""
PATIENT = timedelta(minutes=2)


@dataclass
class Crowd:
    """Signs and confirms side by side; remembers what was acknowledged and what else it was told."""

    served: Served
    mail_server: MailServer
    people: int = 4
    signed: set[str] = field(default_factory=set)
    confirmed: set[str] = field(default_factory=set)
    answers: Counter[int] = field(default_factory=Counter)
    wrong: list[Answer] = field(default_factory=list)
    unheard: int = 0
    slowest: float = 0.0

    def __post_init__(self) -> None:
        self.stopping = threading.Event()
        self.lock = threading.Lock()
        self.served.ticket()
        self.threads = [threading.Thread(target=self._sign, name=f"signer {n}") for n in range(self.people)]
        self.threads.append(threading.Thread(target=self._confirm, name="confirmer"))

    def __enter__(self) -> Self:
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        for thread in self.threads:
            thread.join()

    def wait_for(self, more: int, *, within: timedelta = timedelta(seconds=60)) -> None:
        """Until so many more signatures were acknowledged."""
        wanted = len(self.signed) + more
        until(lambda: len(self.signed) >= wanted, within=within, what=f"{wanted} signatures; told {self.answers}")

    def _sign(self) -> None:
        while not self.stopping.is_set():
            address = make.email()
            answer = self._ask(lambda address=address: self.served.sign(address))  # type: ignore[misc]
            if answer and answer.status == 303:
                with self.lock:
                    self.signed.add(address)
            elif not answer or answer.status != 303:
                self.stopping.wait(0.05)

    def _confirm(self) -> None:
        """Follow each mailed link once, and again while the answer did not come."""
        seen = 0
        waiting: list[Mail] = []
        while not self.stopping.is_set():
            arrived = self.mail_server.messages
            waiting += [mail for mail in arrived[seen:] if "Please confirm" in mail.message["Subject"]]
            seen = len(arrived)
            waiting = [mail for mail in waiting if not self._confirms(mail)]
            self.stopping.wait(0.1)

    def _confirms(self, mail: Mail) -> bool:
        if self.stopping.is_set():
            return True
        answer = self._ask(lambda: self.served.confirm(make.link(mail.message, "confirm")))
        if answer is None or answer.status not in (200, 303):
            return False
        # A page without the form says that an earlier try, whose answer was lost, has confirmed.
        with self.lock:
            self.confirmed.add(mail.recipients[0])
        return True

    def _ask(self, ask: "object") -> Answer | None:
        assert callable(ask)
        began = time.monotonic()
        answer: Answer | None = None
        with suppress(*BROKEN):
            answer = ask()
        with self.lock:
            self.slowest = max(self.slowest, time.monotonic() - began)
            if answer is None:
                self.unheard += 1
                return None
            self.answers[answer.status] += 1
            if answer.status not in (200, 303) and (answer.status != 503 or "Retry-After" not in answer.headers):
                self.wrong.append(answer)
        return answer


def engine(folder: Path, settings: dict[str, str]) -> Engine:
    """The test's own way into the server's database; it keeps no connection."""
    return create_engine(settings.get("database_url") or f"sqlite:///{folder / 'petition.sqlite'}", poolclass=NullPool)


def ask(engine: Engine, query: str) -> int:
    with engine.connect() as connection:
        return int(connection.execute(text(query)).scalar_one())


WAITING = "sent_at IS NULL AND dropped_at IS NULL AND kind <> 'remind'"


def free_claims(engine: Engine) -> None:
    """Let go of what the dead had in hand: by design that lasts a minute.

    If it was a living worker's claim after all, that mail goes twice, under one Message-ID.
    """
    with engine.begin() as connection:
        connection.execute(text(f"UPDATE mails SET claimed_until = NULL WHERE {WAITING}"))


def hasten_mails(engine: Engine) -> None:
    """Make what waits due now: by design its pauses grow to minutes."""
    with engine.begin() as connection:
        connection.execute(
            text(f"UPDATE mails SET due_at = created_at WHERE {WAITING} AND attempts > 0 AND claimed_until IS NULL")
        )


def check_promises(crowd: Crowd, folder: Path, settings: dict[str, str]) -> None:
    """Every acknowledged signature is there and was mailed about, every confirmation counts, the tally is exact."""
    assert not crowd.wrong, [(answer.status, answer.text[:300]) for answer in crowd.wrong[:3]]
    database = engine(folder, settings)
    free_claims(database)
    until(lambda: _all_sent(database), within=PATIENT, every=timedelta(seconds=1), what="every mail is sent")
    until(lambda: crowd.served.count() == _counted(database), within=timedelta(seconds=40), what="the count is moved")
    # Who was told 503 or nothing may have been taken up all the same: the answer was lost, not the signature.
    unsure = crowd.unheard + crowd.answers[503] + 1
    submissions = ask(database, "SELECT count(*) FROM submissions")
    assert len(crowd.signed) <= submissions <= len(crowd.signed) + unsure
    assert len(crowd.confirmed) <= _counted(database) <= len(crowd.confirmed) + unsure
    _check_mails(crowd)
    recount = running.run(folder, "tally", "recount", **settings)
    assert recount.returncode == 0, recount
    database.dispose()


def _all_sent(database: Engine) -> bool:
    hasten_mails(database)
    return ask(database, f"SELECT count(*) FROM mails WHERE {WAITING}") == 0


def _counted(database: Engine) -> int:
    return ask(database, "SELECT count(*) FROM signatures WHERE confirmed_at IS NOT NULL")


def _check_mails(crowd: Crowd) -> None:
    """Each acknowledged address was written to, and each of its mails is one mail however often it was sent."""
    ids: dict[tuple[str, str], set[str]] = {}
    for mail in crowd.mail_server.messages:
        key = (mail.recipients[0], mail.message["Subject"])
        ids.setdefault(key, set()).add(mail.message["Message-ID"])
    lost = [address for address in crowd.signed if (address, "Please confirm your signature") not in ids]
    assert not lost, f"{len(lost)} acknowledged signatures were never mailed about"
    unthanked = [address for address in crowd.confirmed if (address, "Your signature is confirmed") not in ids]
    assert not unthanked, f"{len(unthanked)} confirmed signatures got no personal link"
    assert not {key: found for key, found in ids.items() if len(found) > 1}
