"""Figures: what was measured, what is to be reached, and whether it is."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any, Literal, TypeVar

Thing = TypeVar("Thing")
Bound = Literal["at least", "at most"]


@dataclass
class Figure:
    """One measured value; ``rounds`` are the values that it is the median of."""

    part: str
    name: str
    value: float
    unit: str
    bound: Bound
    limit: float
    rounds: list[float] = field(default_factory=list)
    details: dict[str, Any] = field(default_factory=dict)
    profile: dict[str, Any] | None = None
    """Where the time goes; taken when the figure is missed."""

    @property
    def reached(self) -> bool:
        return self.value >= self.limit if self.bound == "at least" else self.value <= self.limit


def of_rounds(
    part: str, name: str, rounds: Sequence[float], *, unit: str, bound: Bound, limit: float, **details: Any
) -> Figure:
    """The figure that is the median of these rounds."""
    kept = [round(each, 4) for each in rounds]
    return Figure(part, name, round(median(rounds), 4), unit, bound, limit, kept, details)


def rotated(things: Sequence[Thing], by: int) -> list[Thing]:
    """The same things in an order of this round's own, so that none is always the first."""
    start = by % len(things)
    return [*things[start:], *things[:start]]
