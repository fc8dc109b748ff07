"""The shapes of what the API gives, as JSON Schema."""

from petition.api.shapes import (
    COUNTRY,
    DIGEST,
    LANGUAGE,
    SHA256,
    Schema,
    a_list,
    a_number,
    a_text,
    a_time,
    a_url,
    an_object,
    by_language,
    nullable,
    ref,
)
from petition.declarations.models import State
from petition.tally.models import ORGANISATION, PERSON

_VERSION = {
    "language": LANGUAGE,
    "title": a_text("Its title."),
    "version": {"type": "integer", "minimum": 1, "description": "1 for the first version in this language."},
    "sha256": SHA256,
    "published_at": a_time("When this version was published."),
    "url": a_url("Where the text is told whole."),
    "page": a_url("The page on which people read and sign it."),
}
_SHORT = {
    "slug": a_text("Its name in addresses."),
    "url": a_url("Where it is told whole."),
    "state": a_text("Whether one may sign it.", enum=list(State)),
    "sample": {"type": "boolean", "description": "Whether it only shows how a declaration looks."},
    "opens_at": a_time("From when on one may sign."),
    "closes_at": nullable(a_time("From when on one may not, or null."), "string"),
    "titles": by_language("Its titles by language."),
}
_PERSON = {
    "name": a_text("The name."),
    "role": nullable(a_text("What the person says to be, or null."), "string"),
    "affiliation": nullable(a_text("What the person says to belong to, or null."), "string"),
    "country": COUNTRY,
}
_NAMED = {
    "name": a_text("The name."),
    "role": nullable(by_language("By language, or null."), "object"),
    "affiliation": nullable(by_language("By language, or null."), "object"),
    "country": nullable(COUNTRY, "string"),
}

GIVEN: dict[str, Schema] = {
    "Declarations": an_object(
        "All declarations.", {"declarations": a_list(ref("ShortDeclaration"), "Every one that has a page.")}
    ),
    "ShortDeclaration": an_object("A declaration in brief.", _SHORT),
    "Declaration": an_object(
        "A declaration, and what a form of one’s own must show and ask.",
        {
            **_SHORT,
            "time_zone": a_text("The time zone of its days."),
            "goal": nullable(a_number("The number hoped for, or null."), "integer"),
            "addressee": by_language("To whom it is handed over."),
            "organisers": a_list({"type": "string"}, "Who stands behind it."),
            "languages": a_list(LANGUAGE, "Those of its pages; the first is the one it was written in."),
            "texts": a_list(ref("TextVersion"), "The version that people sign now, in each language."),
            "fields": a_list(ref("Field"), "What it asks."),
            "sectors": a_list(ref("Sector"), "What the field sector may hold; none where that is not asked."),
            "consents": a_list(ref("Consent"), "What people are asked to agree to."),
        },
    ),
    "TextVersion": an_object("Which version of a text is current.", _VERSION),
    "Text": an_object(
        "A text, whole.",
        {
            **_VERSION,
            "summary": a_text("Its summary."),
            "markdown": a_text("The file, byte for byte: front matter, then Markdown. Its SHA-256 is sha256."),
            "html": a_text("The text as it stands on the page, without title and summary."),
        },
    ),
    "Field": an_object(
        "A field of the form.",
        {"name": a_text("Its name."), "required": {"type": "boolean", "description": "Whether it must be filled in."}},
    ),
    "Sector": an_object("A sector.", {"code": a_text("What is posted."), "names": by_language("What is shown.")}),
    "Consent": an_object(
        "A consent. It may be asked for in these very words alone.",
        {
            "purpose": a_text("What it is for."),
            "required": {"type": "boolean", "description": "Whether there is no signature without it."},
            "wordings": by_language("Its words by language, each with their digest.", ref("Wording")),
        },
    ),
    "Wording": an_object("Words in one language.", {"words": a_text("What must be shown."), "digest": DIGEST}),
    "Count": an_object(
        "The count.",
        {
            "count": a_number("How many people’s signatures count."),
            "as_of": a_time("Up to when every change is in that number."),
        },
    ),
    "Numbers": an_object(
        "The count’s parts. People and organisations are never added up.",
        {
            "as_of": a_time("Up to when every change is in these numbers."),
            "time_zone": a_text("The declaration’s; its days are these."),
            "goal": nullable(a_number("The number hoped for, or null."), "integer"),
            "by_kind": a_list(ref("KindCount"), "People, and organisations."),
            "by_day": a_list(ref("DayCount"), "People, every day from the first signature to now or to the closing."),
            "by_country": a_list(ref("CountryCount"), "People, the largest first."),
            "other_countries": ref("OtherCountries"),
        },
    ),
    "KindCount": an_object(
        "How many of a kind.",
        {"kind": a_text("People or organisations.", enum=[PERSON, ORGANISATION]), "count": a_number("How many.")},
    ),
    "DayCount": an_object(
        "A day’s signatures.",
        {
            "day": a_text("The day.", format="date"),
            "signatures": a_number("Those of that day."),
            "total": a_number("Those of all days up to it."),
        },
    ),
    "CountryCount": an_object("A country’s signatures.", {"country": COUNTRY, "signatures": a_number("How many.")}),
    "OtherCountries": an_object(
        "The countries with few signatures, together, and never by name.",
        {
            "signatures": a_number("Signatures from all of them."),
            "countries": a_number("How many countries they are."),
            "fewer_than": a_number("Each of them has fewer signatures than this."),
        },
    ),
    "Signatories": an_object(
        "A page of the public list, the newest first.",
        {
            "founding": a_list(ref("Founding"), "Whom the declaration itself names; on the first page."),
            "signatories": a_list(ref("Signatory"), "Who signed here and chose to be seen; 50 on a page."),
            "next": nullable(a_url("The next page, or null at the end."), "string"),
        },
    ),
    "Founding": an_object("Somebody whom the declaration itself names.", _NAMED),
    "Signatory": an_object("Somebody who signed and chose to be seen.", _PERSON),
    "Problem": an_object(
        "Problem details (RFC 9457), in the language of Accept-Language.",
        {
            "type": a_url("Which kind of problem; the page tells about it there."),
            "title": a_text("The kind in words."),
            "status": {"type": "integer", "minimum": 400, "maximum": 599, "description": "The status of the answer."},
            "detail": a_text("What to do about it."),
        },
        {
            "errors": a_list(
                ref("FieldError"),
                "Each with the member of the body that it is about, as a JSON pointer.",
            )
        },
    ),
    "FieldError": an_object(
        "What is wrong with one member of the body.",
        {"pointer": a_text("Where it is (RFC 6901).", pattern="^#"), "detail": a_text("What is wrong.")},
    ),
}
