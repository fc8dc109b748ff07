"""What a snapshot says as a whole: the declaration as it stands, its texts, its organisations, its numbers."""

from collections import Counter
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from flask import current_app
from sqlalchemy import select

from petition.declarations.models import Declaration, DeclarationText
from petition.declarations.plans import Plan
from petition.deliveries.collating import sort_key
from petition.endorsements.models import Endorsement
from petition.extensions import db
from petition.settings import Settings
from petition.staging.staging import Facts, StagedText
from petition.version import VERSION

_BY = ("country", "day", "visibility", "channel", "source", "language")


@dataclass
class Numbers:
    """Counts of the rows by all that is told of them at once; added up in the end, because rows are many."""

    rows: Counter[tuple[str, str, str, str, str, str, bool]] = field(default_factory=Counter)
    """By country, day, visibility, channel, source, language, and whether the name is shown."""

    @property
    def count(self) -> int:
        return self.rows.total()

    @property
    def shown(self) -> int:
        return sum(number for key, number in self.rows.items() if key[-1])

    def by(self) -> dict[str, dict[str, int]]:
        sums: dict[str, Counter[str]] = {name: Counter() for name in _BY}
        for key, number in self.rows.items():
            for name, value in zip(_BY, key[:-1], strict=True):
                sums[name][value] += number
        return {f"by_{name}": dict(sorted(counter.items())) for name, counter in sums.items()}


def describe(declaration: Declaration, numbers: Numbers, *, signed: Counter[int], as_of: datetime) -> Facts:
    """The facts of the snapshot that the session's transaction holds. ``signed``: by the text's id."""
    settings: Settings = current_app.extensions["petition.settings"]
    plan = declaration.plan
    return Facts(
        slug=declaration.slug,
        as_of=as_of,
        site=settings.base_url,
        software=f"petition {VERSION}",
        sample=plan.sample,
        time_zone=plan.time_zone,
        addressee=dict(plan.addressee),
        organisers=list(plan.organisers),
        events={language: asdict(event) for language, event in plan.events.items()},
        goal=plan.goal,
        opens_at=declaration.opens_at,
        closes_at=declaration.closes_at,
        founding=[asdict(each) for each in plan.founding],
        organisations=_organisations(declaration),
        count=numbers.count,
        shown=numbers.shown,
        texts=_texts(declaration, plan, signed),
        **numbers.by(),
    )


def _organisations(declaration: Declaration) -> list[dict[str, str]]:
    query = select(Endorsement.organisation, Endorsement.country, Endorsement.site).where(
        Endorsement.declaration_id == declaration.id, Endorsement.counted
    )
    found = [dict(zip(("organisation", "country_code", "site"), row, strict=True)) for row in db.session.execute(query)]
    return sorted(found, key=lambda each: (sort_key(each["organisation"]), each["country_code"], each["site"]))


def _texts(declaration: Declaration, plan: Plan, signed: Counter[int]) -> list[StagedText]:
    """The versions that somebody signed, and the current ones, in the order of the declaration's languages."""
    query = select(DeclarationText).where(DeclarationText.declaration_id == declaration.id)
    wanted = [text for text in db.session.scalars(query) if text.current or signed[text.id]]
    languages: dict[str, Any] = {language: place for place, language in enumerate(plan.languages)}
    wanted.sort(key=lambda text: (languages.get(text.language, len(languages)), text.language, text.number))
    return [
        StagedText(
            language=text.language,
            number=text.number,
            sha256=text.sha256,
            title=text.title,
            summary=text.summary,
            source=text.source,
            html=text.html,
            signed=signed[text.id],
            current=text.current,
        )
        for text in wanted
    ]
