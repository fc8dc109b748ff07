"""What happened around the declaration: the event that it comes from, and its hand-overs."""

from datetime import date, datetime, timedelta

from petition import clock
from petition.declarations.plans import Event, Handover
from petition.declarations.values import Values

EARLIEST = date(1900, 1, 1)


def events(values: Values) -> dict[str, Event]:
    found = {}
    for language, event in values.take("event", dict, {}).items():
        if language not in values.named_languages():
            values.refuse(f"event.{language}", f"“{language}” is not among the declaration's languages.")
        words = event if isinstance(event, dict) else {}
        if set(words) != {"name", "place", "dates"} or not all(isinstance(word, str) for word in words.values()):
            values.refuse(f"event.{language}", "Each event needs “name”, “place” and “dates”, and nothing else.")
            continue
        found[language] = Event(**words)
    return found


def handovers(values: Values) -> tuple[Handover, ...]:
    """The newest first. None lies ahead: a hand-over is told, not announced."""
    found = []
    for nth, each in values.blocks("handovers"):
        words = values.wording(each, "handovers", nth=nth, besides=("on",))
        on = each.get("on")
        if not isinstance(on, date) or isinstance(on, datetime) or on < EARLIEST:
            values.refuse("on", "Each [[handovers]] needs “on”, a day such as 2025-11-13.", "handovers", nth=nth)
        elif on > _latest_day_on_earth():
            values.refuse("on", "This day lies ahead; a hand-over is told once it has happened.", "handovers", nth=nth)
        else:
            found.append(Handover(on, words))
    return tuple(sorted(found, key=lambda handover: handover.on, reverse=True))


def _latest_day_on_earth() -> date:
    return (clock.now() + timedelta(hours=14)).date()
