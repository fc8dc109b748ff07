"""The description against the application: invented requests, none a server error, none answered undocumented."""

from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from petition.defence.limits import limiter
from tests import make
from tests.api import submissions
from tests.conftest import Mailbag, browser
from tests.running import rounds

CASES = rounds(5_000)
"""On each of two databases: 10,000 by ``make ordeal``, a tenth of that by ``make test``."""
HERE = {"slug": make.SLUG, "language": "en"}
fuzz = settings(
    max_examples=CASES,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.filter_too_much],
)


@pytest.mark.ordeal
@pytest.mark.slow
def test_nothing_that_can_be_asked_is_a_server_error_or_answered_undocumented(app: Flask, mails: Mailbag) -> None:
    client = browser(app)
    described = schemathesis.openapi.from_dict(client.get("/api/v1/openapi.json").get_json())
    described.app = app
    secret = submissions.key(make.partner())
    good = submissions.body()
    some = st.sets(st.sampled_from([*HERE, *good]))
    seen: dict[str, set[int]] = {}

    @fuzz
    @given(case=_cases(described), knows_key=st.booleans(), parts=some | st.just({*HERE, *good}))
    def ask(case: Case, knows_key: bool, parts: set[str]) -> None:
        limiter.reset()
        changed = _lead_somewhere(case, parts, good)
        # Schemathesis unpacks nothing that comes without a network.
        headers = {"Accept-Encoding": "identity", **({"Authorization": f"Bearer {secret}"} if knows_key else {})}
        # A name obeys rules that no schema can say; and what was put in may mend what was broken on purpose.
        excluded = [positive_data_acceptance, *([negative_data_rejection] if changed else [])]
        answer = case.call_and_validate(session=client, headers=headers, excluded_checks=excluded)
        seen.setdefault(case.operation.label, set()).add(answer.status_code)

    ask()
    mails.take()
    assert {202, 401} <= seen["POST /declarations/{slug}/signatures"]
    assert all(200 in statuses for label, statuses in seen.items() if label.startswith("GET")), seen


def _cases(described: Any) -> st.SearchStrategy[Case]:
    """Requests that keep to the description, and requests that break it; every other one tries to sign."""
    signing = described["/declarations/{slug}/signatures"]["POST"]
    return st.one_of(
        *(each.as_strategy(generation_mode=mode) for mode in GenerationMode for each in (described, signing))
    )


def _lead_somewhere(case: Case, parts: set[str], good: dict[str, Any]) -> bool:
    """Put what exists in the place of some of what was invented, or nearly all would end at the first check."""
    places = {name: value for name, value in HERE.items() if name in parts and name in case.path_parameters}
    case.path_parameters.update(places)
    if not isinstance(case.body, dict):
        return bool(places)
    members = {name: good[name] for name in parts & good.keys()}
    case.body = members if parts >= good.keys() else {**case.body, **members}
    return bool(places or members)
