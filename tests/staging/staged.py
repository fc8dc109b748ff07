"""A staging file for the tests of the parts: so many rows, with a default for whatever a test is not about."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from petition.staging import staging
from petition.staging.staging import Facts, StagedRow, StagedText, Staging

SOURCE = "---\ntitle: A declaration\nsummary: In short.\n---\n\nWe declare.\n\n1. One.\n2. Two.\n"
HTML = "<p>We declare.</p>\n<ol>\n<li>One.</li>\n<li>Two.</li>\n</ol>\n"
AS_OF = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)


def row(number: int, **given: Any) -> StagedRow:
    values: dict[str, Any] = {
        "number": number,
        "id": f"{number:022d}",
        "name": "Ada Lovelace",
        "affiliation": "Analytical Society",
        "role": "Mathematician",
        "sector": "",
        "comment": "",
        "country_code": "GB",
        "visibility": "public",
        "language": "en",
        "channel": "web",
        "source": "",
        "text_sha256": sha256(SOURCE.encode()).hexdigest(),
        "confirmed_at": "2026-05-31T10:00:00Z",
        "email": "",
        **given,
    }
    return StagedRow(**values)


def counted(number: int, **given: Any) -> StagedRow:
    """Somebody who gave their signature for the number alone."""
    nothing = dict.fromkeys(("name", "affiliation", "role", "sector", "comment"), "")
    return row(number, **{**nothing, "visibility": "counted", **given})


def facts(rows: Iterable[StagedRow], **given: Any) -> Facts:
    listed = list(rows)
    digest = sha256(SOURCE.encode()).hexdigest()
    text = StagedText("en", 1, digest, "A declaration", "In short.", SOURCE, HTML, len(listed), True)
    made = Facts(
        slug="child-dignity",
        as_of=AS_OF,
        site="http://localhost:8000",
        software="petition 0.1",
        sample=False,
        time_zone="Europe/Rome",
        addressee={"en": "Pope Leo XIV"},
        organisers=["The organisers"],
        events={"en": {"name": "A conference", "place": "Rome", "dates": "12–13 November 2025"}},
        goal=10_000,
        opens_at=datetime(2026, 1, 1, tzinfo=UTC),
        closes_at=None,
        founding=[],
        organisations=[],
        count=len(listed),
        shown=sum(each.shown for each in listed),
        by_country=Counter(each.country_code for each in listed),
        by_day=Counter(each.confirmed_at[:10] for each in listed),
        by_visibility=Counter(each.visibility for each in listed),
        by_channel=Counter(each.channel for each in listed),
        by_source=Counter(each.source for each in listed),
        by_language=Counter(each.language for each in listed),
        texts=[text],
    )
    return replace(made, **given)


def staged(folder: Path, rows: Iterable[StagedRow], **given: Any) -> Staging:
    """The rows must be numbered from 1; facts that are given replace those that the rows say."""
    listed = list(rows)
    path = folder / "staging.sqlite"
    database = staging.create(path)
    marks = ", ".join("?" * len(StagedRow._fields))
    database.executemany(f"INSERT INTO rows VALUES ({marks})", listed)
    database.execute("INSERT INTO facts VALUES (?)", (facts(listed, **given).to_json(),))
    database.commit()
    database.close()
    return Staging(path)
