"""What the fields of every public form obey: filled in where that is needed, and printable."""

from typing import Any

from flask_wtf import FlaskForm
from wtforms import Field
from wtforms.validators import StopValidation

from petition import names
from petition.names import NameRefused


class Needed:
    """Lies on its field as the flag ``missing`` too: the page carries the sentence, for scripts that say it early."""

    def __init__(self, sentence: Any) -> None:
        self.sentence = sentence
        self.field_flags = {"missing": sentence}

    def __call__(self, _form: FlaskForm, field: Field) -> None:
        if not field.data or (isinstance(field.data, str) and not field.data.strip()):
            raise StopValidation(self.sentence)


def needed(sentence: Any) -> Needed:
    """The field must be filled in; an empty one gets this sentence and no other."""
    return Needed(sentence)


def printable(_form: FlaskForm, field: Field) -> None:
    """The field obeys the rules of names and is kept in their clean form."""
    try:
        field.data = names.clean(field.data or "")
    except NameRefused as refusal:
        raise StopValidation(refusal.reason) from refusal
