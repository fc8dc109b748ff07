"""Call many endpoints side by side, so that a slow one holds up neither the others nor anything else."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from flask import Flask

from petition import logs
from petition.extensions import db
from petition.webhooks import claiming, sending
from petition.webhooks.calling import Caller

THREADS = 32
LANES = 4
"""Calls to one endpoint at the same time, while it answers; one that fails is called by one thread alone."""


class Switchboard:
    """One worker's threads. A round starts what can be started, and waits for none of it."""

    def __init__(self, app: Flask, caller: Caller) -> None:
        self.app = app
        self.caller = caller
        self.threads = ThreadPoolExecutor(THREADS, thread_name_prefix="webhook")
        self.lock = threading.Lock()
        self.talking: Counter[int] = Counter()

    def work(self) -> bool:
        """Begin to call whoever has something due, in as many lanes as are free."""
        for endpoint_id, failing in claiming.endpoints_due():
            if self._take_lane(endpoint_id, 1 if failing else LANES):
                self.threads.submit(self._talk, endpoint_id)
        return False

    def close(self) -> None:
        """Finish the calls that were begun."""
        self.threads.shutdown()

    def _take_lane(self, endpoint_id: int, most: int) -> bool:
        with self.lock:
            # All threads in use: what waits stays in the table, where another worker may take it.
            if self.talking[endpoint_id] >= most or self.talking.total() >= THREADS:
                return False
            self.talking[endpoint_id] += 1
            return True

    def _talk(self, endpoint_id: int) -> None:
        try:
            with self.app.app_context():
                try:
                    sending.send(self.caller, endpoint_id)
                finally:
                    db.session.remove()
        except Exception as problem:
            logs.get().error("webhook failed", endpoint=endpoint_id, problem=type(problem).__name__, exc_info=problem)
        finally:
            with self.lock:
                self.talking[endpoint_id] -= 1
