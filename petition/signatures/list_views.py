"""The public list of signatories, narrowed and searched by its address alone, so that it needs no script."""

from typing import Any

from flask import make_response, render_template, request
from flask.typing import ResponseReturnValue

from petition import countries
from petition.declarations.models import DeclarationText
from petition.headers import never_store
from petition.signatures import filtering, listing
from petition.signatures.filtering import Filters
from petition.signatures.refusals import NoSuchList

# The same blueprint: what people sign and the list of those who did have addresses of one family.
from petition.signatures.views import get_text, kept, views

__all__ = ["views"]


@views.get("/<language:language>/<slug>/signatories")
def signatories(language: str, slug: str) -> ResponseReturnValue:
    """Those who chose to be seen. ``?country=``, ``?kind=`` and ``?name=`` narrow it, ``?after=`` continues it.

    Only the whole list's first page is kept on the shelf: of the others anybody could make up any number.
    """
    text = get_text(slug, language)
    after = request.args.get("after")
    try:
        filters = Filters.read(request.args, text.declaration.plan)
        page = listing.page(text.declaration, filters, after=after)
    except NoSuchList as refusal:
        missing = render_template("signatures/no_such_list.html", text=text, sentence=refusal.sentence)
        response = never_store(make_response(missing, refusal.status))
    else:
        values = {"page": page, "filters": filters, "after": after, **_choices(text, filters, first=after is None)}
        response = kept(render_template("signatures/signatories.html", text=text, **values))
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _choices(text: DeclarationText, filters: Filters, *, first: bool) -> dict[str, Any]:
    """What one may choose from, and who stands first on the list because the declaration names them."""
    plan = text.declaration.plan
    named = (each.country for each in plan.founding)
    occurring = {*listing.countries_shown(text.declaration), *named, filters.country}
    names = {code: name for code, name in countries.names(text.language).items() if code in occurring}
    return {
        "country_names": names,
        "sector_names": {code: words[text.language] for code, words in filtering.sectors(plan).items()},
        "has_founding": bool(plan.founding),
        "founding": [each for each in plan.founding if first and filters.fit(each.name, each.country)],
    }
