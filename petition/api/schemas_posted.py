"""The shapes of what a partner's form posts and what it is answered, as JSON Schema."""

from petition.api.shapes import COUNTRY, DIGEST, LANGUAGE, SHA256, Schema, a_text, a_url, an_object
from petition.signatures.models import Visibility

POSTED: dict[str, Schema] = {
    "Submission": an_object(
        "What somebody typed into a partner’s form. Which fields there are, the declaration says.",
        {
            "language": LANGUAGE,
            "text_sha256": SHA256,
            "name": a_text("The name."),
            "email": a_text("The mail address; its owner confirms."),
            "country": COUNTRY,
            "consents": {
                "type": "object",
                "description": "What was agreed to: each purpose with the digest of the words that were shown.",
                "properties": {"agree": DIGEST},
                "required": ["agree"],
                "additionalProperties": DIGEST,
            },
        },
        {
            "visibility": a_text(
                "Who sees the name; the addressee alone where nothing else is said.",
                enum=list(Visibility),
                default=Visibility.ADDRESSEE,
            ),
            "affiliation": a_text("What the person belongs to."),
            "role": a_text("What the person is there."),
            "sector": a_text("A sector’s code."),
            "comment": a_text("A few words."),
            "referrer_data": an_object(
                "As OSDI has it.",
                {},
                {"source": a_text("Through what it came: a-z, 0-9, _ and -, at most 40; else dropped.")},
            ),
        },
    ),
    "Accepted": an_object(
        "The submission is stored. Whether the address was known is told to its owner alone.",
        {
            "accepted": {"const": True},
            "check_your_mail": a_url("The page that says what comes next, where the code of the mail may be typed."),
        },
    ),
}
