"""How long and how large: the full run, and a quick one for trying the harness."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Scale:
    rounds: int
    round_seconds: float
    rows: int
    """Signatures in the large database."""
    few_rows: int
    """Signatures in the small one."""
    page_rows: int
    """Signatures in the one whose list, searched by name and country, fills a page as it does in the large one."""
    names: int
    """In the book."""
    gets: int
    """Requests in one round of those that are counted and not timed."""
    posts: int
    pages: int
    """The same of pages that no shelf keeps."""
    warm_seconds: float
    flow_seconds: float
    profile_seconds: float


FULL = Scale(
    rounds=5,
    round_seconds=4,
    rows=1_000_000,
    few_rows=100,
    page_rows=30_000,
    names=100_000,
    gets=10_000,
    posts=2_000,
    pages=400,
    warm_seconds=5,
    flow_seconds=60,
    profile_seconds=10,
)
QUICK = Scale(
    rounds=3,
    round_seconds=1,
    rows=60_000,
    few_rows=100,
    page_rows=30_000,
    names=5_000,
    gets=2_000,
    posts=500,
    pages=200,
    warm_seconds=2,
    flow_seconds=5,
    profile_seconds=3,
)
