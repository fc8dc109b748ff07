"""What tests of accounts do again and again."""

from dataclasses import replace

from petition.declarations import folders, publishing, reading
from petition.extensions import db

ANOTHER = "another-declaration"


def another_scope() -> int:
    """The scope of a second declaration, which is made where it is not there yet; committed."""
    if reading.find(ANOTHER) is None:
        sample = folders.read(folders.SAMPLE)
        publishing.publish(replace(sample, frame=replace(sample.frame, slug=ANOTHER)))
        db.session.commit()
    found = reading.find(ANOTHER)
    assert found is not None
    return found.id
