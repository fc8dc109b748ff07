"""The signatories who chose to be seen, page by page, for anyone."""

from typing import Any

from flask import abort, jsonify, request
from flask.typing import ResponseReturnValue

from petition import links
from petition.api import problems
from petition.api.refusals import Refused

# The same blueprint: all addresses of the API are of one family.
from petition.api.views import for_anyone, views
from petition.declarations import reading
from petition.declarations.plans import Founding
from petition.signatures import listing
from petition.signatures.filtering import Filters
from petition.signatures.models import Signature
from petition.signatures.refusals import NoSuchList

__all__ = ["views"]


@views.get("/declarations/<slug>/signatories")
def signatories(slug: str) -> ResponseReturnValue:
    """The public list as its pages show it, in their order and of their size; narrowed by the same words."""
    declaration = reading.find(slug)
    if declaration is None or not reading.current_texts(declaration):
        abort(404)
    try:
        filters = Filters.read(request.args, declaration.plan)
        page = listing.page(declaration, filters, after=request.args.get("after"))
    except NoSuchList as refusal:
        raise Refused(problems.NOT_FOUND, detail=refusal.sentence) from refusal
    following = page.next and links.external("api.signatories", slug=slug, after=page.next, **filters.query)
    first = "after" not in request.args
    named = [each for each in declaration.plan.founding if first and filters.fit(each.name, each.country)]
    response = for_anyone(
        jsonify(
            founding=[_named(each) for each in named],
            signatories=[_shown(each) for each in page.signatories],
            next=following,
        )
    )
    if following:
        response.headers["Link"] = f'<{following}>; rel="next"'
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _named(founding: Founding) -> dict[str, Any]:
    """Whom the declaration itself names, on the first page; what they are, by language."""
    return {
        "name": founding.name,
        "role": founding.role,
        "affiliation": founding.affiliation,
        "country": founding.country,
    }


def _shown(signature: Signature) -> dict[str, Any]:
    """What the page shows of a person; empty answers are null."""
    return {
        "name": signature.name,
        "role": signature.role or None,
        "affiliation": signature.affiliation or None,
        "country": signature.country,
    }
