"""Sources by name: the first 500 of a scope, and all the others together, because anybody can make one up in a link."""

from collections import Counter

from sqlalchemy import select

from petition.extensions import db, insert_into
from petition.tally.models import Key, NamedSource

MOST = 500
OTHER = "other"


class Names:
    """Which sources are counted by name; those that are new stand once ``keep`` is called and the caller commits.

    A name that was given stays, so that whatever is taken away again is taken away where it was counted.
    """

    def __init__(self) -> None:
        self._known: dict[int, set[str]] = {}
        self._new: list[dict[str, object]] = []

    def fold(self, changes: Counter[Key]) -> Counter[Key]:
        """The same amounts, each at the source under which it is counted."""
        folded: Counter[Key] = Counter()
        for (scope, kind, hour, country, source, partner), amount in changes.items():
            folded[scope, kind, hour, country, self._name(scope, source), partner] += amount
        return folded

    def keep(self) -> None:
        if self._new:
            db.session.execute(insert_into(NamedSource).on_conflict_do_nothing(), self._new)

    def _name(self, scope: int, source: str) -> str:
        if source in ("", OTHER):
            return source
        known = self._of(scope)
        if source in known:
            return source
        if len(known) >= MOST:
            return OTHER
        known.add(source)
        self._new.append({"scope": scope, "source": source})
        return source

    def _of(self, scope: int) -> set[str]:
        if scope not in self._known:
            query = select(NamedSource.source).where(NamedSource.scope == scope)
            self._known[scope] = set(db.session.scalars(query))
        return self._known[scope]
