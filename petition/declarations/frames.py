"""Read declaration.toml: every problem told at once, each with its line."""

import re
import tomllib
from datetime import UTC, datetime
from zoneinfo import available_timezones

from flask_babel import gettext

from petition.declarations import asking, handovers, occasions, people
from petition.declarations.lines import Lines
from petition.declarations.plans import Frame, Plan
from petition.declarations.values import Complain, Values
from petition.languages import CODES

SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
LONGEST_SLUG = 60
MOST = {"goal": 10**10, "retention_days": 36_500}
LEAST = {"goal": 0, "retention_days": 1}
"""Links to confirm work for 24 hours after the closing: purged sooner, people would lose what they were promised."""
YEARS = range(1900, 3000)
RESERVED_SLUGS = frozenset(
    "accessibility api card check-your-mail confirm console count declarations deliveries download embed embed.js "
    "endorse endorsement endorsements erase frame healthz lift log metrics new not-me numbers oembed partners preview "
    "privacy publish readyz resend sent sign signatories signature signatures state static stop-sharing texts "
    "unsubscribe v1 versions withdraw".split()
) | set(CODES)
KEYS = frozenset(
    "slug sample featured paused languages time_zone opens_at closes_at goal retention_days addressee organisers "
    "founding event handovers fields sectors consents".split()
)


def read(content: bytes, complain: Complain) -> Frame | None:
    """Read the bytes of declaration.toml; None if they cannot be used, every reason complained of."""
    try:
        source = content.decode()
        parsed = tomllib.loads(source)
    except UnicodeDecodeError as problem:
        complain(content.count(b"\n", 0, problem.start) + 1, "This is not UTF-8.")
        return None
    except (ValueError, RecursionError) as problem:
        # Numbers of thousands of digits and brackets in thousands are no TOML errors to the parser.
        complain(Lines(source).told_by(str(problem)), f"This is not TOML: {problem}.")
        return None
    return _frame(Values(source, parsed, complain))


def _frame(values: Values) -> Frame | None:
    values.refuse_nul_characters()
    values.refuse_unknown(KEYS)
    values.languages = languages_of(values)
    plan = plan_of(values)
    opens_at, closes_at = _dates(values)
    frame = Frame(slug_of(values), values.take("featured", bool, False), opens_at, closes_at, plan)
    return frame if values.sound else None


def plan_of(values: Values) -> Plan:
    organisers = people.organisers(values)
    return Plan(
        sample=values.take("sample", bool, False),
        paused=values.take("paused", bool, False),
        languages=values.languages,
        time_zone=_time_zone(values),
        goal=_whole(values, "goal", 0),
        retention_days=_whole(values, "retention_days", 365),
        addressee=values.wording(values.take("addressee", dict), "addressee"),
        organisers=tuple(organisers),
        contacts={name: contact for name, contact in organisers.items() if contact},
        founding=people.founding(values),
        consents=asking.consents(values),
        fields=asking.fields(values),
        sectors=asking.sectors(values),
        events=occasions.events(values),
        handovers=handovers.read(values),
    )


def slug_of(values: Values) -> str:
    slug = str(values.take("slug", str))
    if isinstance(values.values.get("slug"), str) and (not SLUG.fullmatch(slug) or len(slug) > LONGEST_SLUG):
        sentence = gettext("Please use small letters, digits and single hyphens, %(most)s at most.", most=LONGEST_SLUG)
        values.refuse("slug", sentence)
    if slug in RESERVED_SLUGS:
        sentence = gettext("“%(slug)s” is a word of the site’s own addresses; please choose another.", slug=slug)
        values.refuse("slug", sentence)
    return slug


def languages_of(values: Values) -> tuple[str, ...]:
    languages = tuple(values.take("languages", list))
    if not languages:
        values.refuse("languages", "“languages” must name at least one language.")
    for language in languages:
        if language not in CODES:
            values.refuse("languages", f"“{language}” is not one of {', '.join(CODES)}.")
    if len(set(map(str, languages))) < len(languages):
        values.refuse("languages", "“languages” names one language twice.")
    return tuple(language for language in languages if language in CODES)


def _time_zone(values: Values) -> str:
    zone = str(values.take("time_zone", str, "UTC"))
    if zone not in available_timezones():
        values.refuse("time_zone", gettext("“%(zone)s” is not a time zone such as Europe/Rome.", zone=zone))
    return zone


def _whole(values: Values, key: str, default: int) -> int:
    number = int(values.take(key, int, default))
    if not LEAST[key] <= number <= MOST[key]:
        sentence = gettext("Please give a whole number from %(least)s to %(most)s.", least=LEAST[key], most=MOST[key])
        values.refuse(key, sentence)
    return number


def _dates(values: Values) -> tuple[datetime, datetime | None]:
    opens_at = _moment(values, "opens_at", required=True)
    closes_at = _moment(values, "closes_at", required=False)
    if opens_at and closes_at and closes_at <= opens_at:
        values.refuse("closes_at", "“closes_at” must come after “opens_at”.")
    return opens_at or datetime.min.replace(tzinfo=UTC), closes_at


def is_near(moment: datetime) -> bool:
    """Within the years that every calendar and database here can show, also in UTC."""
    return moment.year in YEARS and moment.astimezone(UTC).year in YEARS


def _moment(values: Values, key: str, *, required: bool) -> datetime | None:
    value = values.values.get(key)
    if value is None and not required:
        return None
    if isinstance(value, datetime) and value.tzinfo is not None and is_near(value):
        return value
    values.refuse(key, f"“{key}” must be a time with its offset, such as 2025-11-12T09:00:00+01:00.")
    return None
