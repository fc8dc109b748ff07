"""Compute aside: what takes seconds runs in a thread of its own, so that the gevent server goes on answering."""

from collections.abc import Callable
from typing import TypeVar

from gevent import get_hub, monkey

T = TypeVar("T")


def compute(work: Callable[[], T]) -> T:
    """What ``work`` gives, or the exception that it raises.

    It must ask for neither the application nor the request, which a thread of its own does not know. Where no other
    request waits for this thread, as in a command, it is done at once.
    """
    if not monkey.is_module_patched("threading"):
        return work()
    given, problem = get_hub().threadpool.apply(_tried, (work,))
    if problem is not None:
        raise problem
    result: T = given
    return result


def _tried(work: Callable[[], T]) -> tuple[T | None, Exception | None]:
    # What a thread of gevent's raises is printed, as if nobody expected it.
    try:
        return work(), None
    except Exception as problem:
        return None, problem
