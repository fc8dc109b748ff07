"""What declaration.toml has the form ask: consents, optional fields, and the sectors to choose from."""

import re
from typing import cast

from flask_babel import gettext

from petition.declarations.plans import CONSENTS, OPTIONAL_FIELDS, Asked, Sector, Wording
from petition.declarations.values import Values

SECTOR_CODE = re.compile(r"[a-z0-9-]{1,40}")
ASKED = ("off", "optional", "required")


def consents(values: Values) -> dict[str, Wording]:
    given = values.take("consents", dict)
    for purpose in given.keys() - set(CONSENTS):
        values.refuse(f"consents.{purpose}", f"There is no consent “{purpose}”.", "consents")
    purposes = [purpose for purpose in CONSENTS if purpose in given or purpose == "agree"]
    return {purpose: values.wording(given.get(purpose), f"consents.{purpose}") for purpose in purposes}


def fields(values: Values) -> dict[str, Asked]:
    given = values.take("fields", dict, {})
    for name, asked in given.items():
        if name not in OPTIONAL_FIELDS:
            values.refuse(name, f"“{name}” is not one of {', '.join(OPTIONAL_FIELDS)}.", "fields")
        elif asked not in ASKED:
            values.refuse(name, f"“{name}” must be “off”, “optional” or “required”.", "fields")
    if given.get("sector", "off") != "off" and not values.values.get("sectors"):
        values.refuse("sector", gettext("The sector is asked, but there are no sectors to choose from."), "fields")
    return {name: cast(Asked, given.get(name, "off")) for name in OPTIONAL_FIELDS}


def sectors(values: Values) -> tuple[Sector, ...]:
    found = []
    for nth, each in values.blocks("sectors"):
        code = each.get("code")
        if not isinstance(code, str) or not SECTOR_CODE.fullmatch(code):
            values.refuse("sectors", gettext("Each sector needs a code of small letters, digits and hyphens."), nth=nth)
            continue
        found.append(Sector(code, values.wording(each, "sectors", nth=nth, besides=("code",))))
    if len({sector.code for sector in found}) < len(found):
        values.refuse("sectors", gettext("Two sectors have the same code."))
    return tuple(found)
