"""A second declaration, of which the people in a test know nothing."""

from dataclasses import replace

from petition.declarations import folders, publishing, reading
from petition.extensions import db

ANOTHER = "another-declaration"


def another_scope() -> int:
    """Its scope; it is made where it is not there yet, and committed."""
    if reading.find(ANOTHER) is None:
        sample = folders.read(folders.SAMPLE)
        publishing.publish(replace(sample, frame=replace(sample.frame, slug=ANOTHER)))
        db.session.commit()
    found = reading.find(ANOTHER)
    assert found is not None
    return found.id
