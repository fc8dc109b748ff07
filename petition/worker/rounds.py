"""Which rounds there are: higher rooms and the application register them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from flask import Flask

Work = Callable[[], bool]
"""One round's work; commits by itself and returns True while more is waiting."""


@dataclass(frozen=True)
class Round:
    name: str
    every: timedelta
    make_work: Callable[[Flask], Work]


def register(app: Flask, name: str, *, every: timedelta, make_work: Callable[[Flask], Work]) -> None:
    """Have this work done in the worker, again and again; ``make_work`` runs once, when a worker starts."""
    registered(app).append(Round(name, every, make_work))


def require(app: Flask, check: Callable[[], None]) -> None:
    """Have this checked before a worker begins; what it raises ends the worker."""
    required(app).append(check)


def required(app: Flask) -> list[Callable[[], None]]:
    checks: list[Callable[[], None]] = app.extensions.setdefault("petition.worker_checks", [])
    return checks


def registered(app: Flask) -> list[Round]:
    rounds: list[Round] = app.extensions.setdefault("petition.rounds", [])
    return rounds
