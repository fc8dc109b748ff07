"""What a signatory states, as values: taken from a form, put into a row, compared."""

from dataclasses import dataclass, fields
from typing import Self

from petition.signatures.models import Signature, Stated, Submission


@dataclass(frozen=True)
class Statement:
    """The answers a person gives and may correct; None where a declaration does not ask."""

    name: str
    country: str
    visibility: str
    affiliation: str | None = None
    role: str | None = None
    sector: str | None = None
    comment: str | None = None

    @classmethod
    def of(cls, row: Stated) -> Self:
        return cls(**{field.name: getattr(row, field.name) for field in fields(cls)})

    def put_into(self, row: Submission | Signature) -> None:
        for field in fields(self):
            setattr(row, field.name, getattr(self, field.name))
