"""Attribution: through which partner and which source somebody came; what is malformed or unknown is dropped."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from petition.partners import reading
from petition.partners.models import Partner

SOURCE = re.compile(r"[a-z0-9_-]{1,40}")
FIELDS = ("partner", "source")
"""Their names in addresses and in forms."""


@dataclass(frozen=True)
class Attribution:
    """A partner's slug and a source's code; each empty where there is none."""

    partner: str = ""
    source: str = ""

    @property
    def query(self) -> dict[str, str]:
        """As it stands in an address; nothing where nothing is known."""
        return {name: value for name in FIELDS if (value := getattr(self, name))}

    def __bool__(self) -> bool:
        return bool(self.partner or self.source)


def read(asked: Mapping[str, str], declaration_slug: str) -> Attribution:
    """What an address or a form says of it; both are anybody's to write, so nothing else of them is believed."""
    partner = find_carrier(asked.get("partner", ""), declaration_slug)
    return Attribution(partner=partner.slug if partner else "", source=clean_source(asked.get("source", "")))


def clean_source(code: str) -> str:
    """The code, or nothing where it is not one."""
    return code if SOURCE.fullmatch(code) else ""


def find_carrier(slug: str, declaration_slug: str | None) -> Partner | None:
    """The partner, if it is switched on and carries this declaration, or (None) whichever."""
    partner = reading.find_known(slug)
    if partner is None or not partner.enabled:
        return None
    return partner if declaration_slug is None or partner.has(declaration_slug) else None
