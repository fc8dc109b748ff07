"""The event that the declaration comes from."""

from petition.declarations.plans import Event
from petition.declarations.values import Values


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
