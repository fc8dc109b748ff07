"""Several editors at once, each with a connection of their own: nobody publishes away what another has published."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from petition.declarations import drafts
from petition.declarations.drafts import TEXT
from petition.extensions import db, writing
from tests import make, staff
from tests.declarations import steps
from tests.standing import AppMaker

PUBLISH = f"/console/declarations/{make.SLUG}/publish"
AT_ONCE = ("it", "fr", "es", "de")


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_several_who_publish_at_once_publish_all_of_it(make_app: AppMaker, database: str) -> None:
    app = make_app(database)
    start = threading.Barrier(len(AT_ONCE))

    def publish(browser: staff.Staff, value: str) -> int:
        start.wait()
        return staff.staff_post(browser, PUBLISH, draft=value).status_code

    with app.app_context():
        for language in AT_ONCE:
            with writing():
                desk = steps.desk()
                there = desk.published(TEXT, language)
                content = {**there, "title": f"New in {language}"}
                opened = desk.seen(TEXT, language)
                drafts.save(desk.declaration, TEXT, language, content, published=there, opened=opened)
        with writing():
            editor = staff.account("editor")
        browsers = [staff.browse(app, editor) for _ in AT_ONCE]
        values = re.findall(r'name="draft" value="([^"]+)"', browsers[0].get(PUBLISH).text)
        assert len(values) == len(AT_ONCE)
        with ThreadPoolExecutor(len(AT_ONCE)) as threads:
            assert set(threads.map(publish, browsers, values)) == {303}
        db.session.rollback()
        current = steps.desk().current
        assert {language: current[language].title for language in AT_ONCE} == {
            language: f"New in {language}" for language in AT_ONCE
        }
        assert not steps.desk().drafts
