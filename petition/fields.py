"""What the fields of every public form obey: filled in where that is needed, and printable."""

from collections.abc import Callable
from typing import Any

from flask_wtf import FlaskForm
from wtforms import Field
from wtforms.validators import StopValidation

from petition import names
from petition.names import NameRefused


def needed(sentence: Any) -> Callable[[FlaskForm, Field], None]:
    """The field must be filled in; an empty one gets this sentence and no other."""

    def check(_form: FlaskForm, field: Field) -> None:
        if not field.data or (isinstance(field.data, str) and not field.data.strip()):
            raise StopValidation(sentence)

    return check


def printable(_form: FlaskForm, field: Field) -> None:
    """The field obeys the rules of names and is kept in their clean form."""
    try:
        field.data = names.clean(field.data or "")
    except NameRefused as refusal:
        raise StopValidation(refusal.reason) from refusal
