"""What a partner's server posts, with its key."""

import json
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from petition.declarations.plans import digest
from petition.extensions import db
from petition.outbox.models import Mail
from petition.partners import api_keys
from petition.partners.models import Partner
from petition.signatures.models import Submission
from tests import make

SIGN = f"/api/v1/declarations/{make.SLUG}/signatures"


def key(partner: Partner, *carries: str) -> str:
    """A fresh key of this partner's, good for these declarations or for every one; committed."""
    _key, secret = api_keys.make(partner, carries)
    db.session.commit()
    return secret


def agreed(*purposes: str, language: str = "en") -> dict[str, str]:
    """The consents, each with the digest of its words."""
    words = make.text(language).declaration.plan.consents
    return {purpose: digest(words[purpose][language]) for purpose in purposes}


def body(language: str = "en", **given: Any) -> dict[str, Any]:
    """What the form of the partner's site holds; a member given as None is left out."""
    posted = {
        "language": language,
        "text_sha256": make.text(language).sha256,
        "name": "Ada Lovelace",
        "email": make.email(),
        "country": "GB",
        "visibility": "public",
        "consents": agreed("agree", language=language),
        **given,
    }
    return {name: value for name, value in posted.items() if value is not None}


def post(
    client: FlaskClient, posted: Any, *, secret: str = "", idempotency: str | None = None, **headers: str
) -> TestResponse:
    """As a server sends it: no Origin, no cookie, no word of where it came from."""
    sent = {"Content-Type": "application/json", **{name.replace("_", "-"): value for name, value in headers.items()}}
    if secret:
        sent["Authorization"] = f"Bearer {secret}"
    if idempotency is not None:
        sent["Idempotency-Key"] = idempotency
    raw = posted if isinstance(posted, bytes) else json.dumps(posted).encode()
    return client.post(SIGN, data=raw, headers=sent, environ_overrides={"HTTP_SEC_FETCH_SITE": "cross-site"})


def stored() -> tuple[int, int]:
    """How many submissions and mails there are."""
    db.session.expire_all()
    counts = [db.session.scalar(select(func.count()).select_from(table)) or 0 for table in (Submission, Mail)]
    return counts[0], counts[1]


def told(answer: TestResponse) -> dict[str, str]:
    """The errors by the members that they are about."""
    return {error["pointer"]: error["detail"] for error in answer.get_json().get("errors", [])}
