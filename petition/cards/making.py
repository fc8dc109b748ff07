"""Make the cards anew: each at most once an hour, and only if what stands on it has changed."""

from datetime import timedelta
from functools import cache

from sqlalchemy import or_, select, update
from sqlalchemy.orm import joinedload

from petition import clock, languages, logs, typesetting
from petition.cards import drawing
from petition.cards.models import Card
from petition.declarations.models import DeclarationText
from petition.extensions import db, insert_into, writing
from petition.tally import noting

REST = timedelta(hours=1)
"""How long a card stays as it is, whatever changes."""
CLAIM = timedelta(minutes=2)
"""How long a worker may take; if it was killed, another makes the card afterwards."""

Key = tuple[int, str]


def make_next() -> bool:
    """Make one card that is due, and commit; True while there may be another. No transaction is open meanwhile."""
    for key, words in _outdated():
        if not _claim(key):
            continue
        try:
            picture = drawing.draw(words, language=key[1])
        except typesetting.FontsMissing as problem:
            _warn(str(problem))
            continue
        _keep(key, picture, content=drawing.digest(words))
        return True
    return False


def find(text: DeclarationText) -> bytes | None:
    """The picture of this text's declaration in its language, if one has been made."""
    return db.session.scalar(
        select(Card.png).where(Card.declaration_id == text.declaration_id, Card.language == text.language)
    )


def _outdated() -> list[tuple[Key, drawing.Words]]:
    """The cards that are missing, or no longer say what holds now."""
    query = select(DeclarationText).where(DeclarationText.current).options(joinedload(DeclarationText.declaration))
    contents = {(each.declaration_id, each.language): each.content for each in db.session.execute(_CONTENTS)}
    found = []
    for text in db.session.scalars(query):
        tally = noting.find(text.declaration_id)
        if (
            tally is None
            or text.language not in languages.NAMES
            or text.language not in text.declaration.plan.languages
        ):
            continue
        key, words = (text.declaration_id, text.language), drawing.words(text, count=tally.count)
        if contents.get(key) != drawing.digest(words):
            found.append((key, words))
    return found


_CONTENTS = select(Card.declaration_id, Card.language, Card.content)


def _claim(key: Key) -> bool:
    """Take the card for this worker; False if it is too young, or another worker has it."""
    now = clock.now()
    row = insert_into(Card).values(declaration_id=key[0], language=key[1], claimed_until=now + CLAIM)
    taking = row.on_conflict_do_update(
        index_elements=["declaration_id", "language"],
        set_={"claimed_until": row.excluded.claimed_until},
        where=(Card.claimed_until <= now) & or_(Card.made_at.is_(None), Card.made_at <= now - REST),
    )
    with writing():
        return db.session.execute(taking.returning(Card.language)).first() is not None


def _keep(key: Key, picture: bytes, *, content: str) -> None:
    making = update(Card).where(Card.declaration_id == key[0], Card.language == key[1])
    with writing():
        db.session.execute(making.values(png=picture, content=content, made_at=clock.now()))


@cache
def _warn(sentence: str) -> None:
    """Once in a process: the operator installs fonts, or does not."""
    logs.get().warning("card not made", problem=sentence)
