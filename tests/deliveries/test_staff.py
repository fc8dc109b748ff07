"""Staff pages: order, preview, watch, cancel, download, readers' keys, hand-overs; and what the public sees of them."""

import html
import re
from pathlib import Path
from typing import Any

import pyrage
import pytest
from flask import Flask
from sqlalchemy import select, update

from petition import clock
from petition.accounts.trail_models import TrailEntry
from petition.declarations import folders, framing, publishing, reading, saving
from petition.declarations.plans import Handover
from petition.deliveries import acts, asking, leasing, making, places, readers
from petition.deliveries.models import Delivery, State
from petition.extensions import db, writing
from petition.languages import CODES
from petition.packages import site_key
from petition.staging.orders import Part, Reader
from tests import make, staff
from tests.conftest import browser
from tests.deliveries import asked
from tests.staff import staff_post
from tests.standing import AppMaker

LIST = f"/console/declarations/{make.SLUG}/deliveries"
ORDER = {"reader": "addressee", "language": "en", "sorting": "country", "public": "y", "addressee": "y", "parts": "csv"}
HANDOVER = {
    "delivery": "",
    "handed_on": "2026-01-05",
    "place": "Rome",
    "handed_by": "The organisers",
    "handed_to": "Pope Leo XIV",
    "words-en": "In a private audience.",
    "photos": "https://www.example.org/photo.jpg",
}


def newest() -> Delivery:
    return db.session.scalars(select(Delivery).order_by(Delivery.id.desc())).first() or pytest.fail(
        "none was asked for"
    )


def delivery(**given: Any) -> Delivery:
    """A delivery that waits, committed."""
    declaration = reading.find(make.SLUG)
    assert declaration is not None
    made = asking.ask(declaration, asked.order(parts=frozenset({Part.CSV}), **given))
    db.session.commit()
    return made


def finished(**facts: Any) -> Delivery:
    """A delivery that was made, without its file."""
    made = delivery()
    values = {"finished_at": clock.now(), "as_of": clock.now(), "size": 5, "manifest_sha256": "ab" * 32, "count": 1234}
    db.session.execute(
        update(Delivery).where(Delivery.id == made.id).values(**{**values, "file_name": "a.zip", **facts})
    )
    db.session.commit()
    db.session.refresh(made)
    return made


# Who may enter


@pytest.mark.parametrize(
    ("role", "status"), [("organiser", 200), ("exporter", 200), ("editor", 403), ("moderator", 403)]
)
def test_deliveries_are_for_organisers_and_exporters(app: Flask, role: str, status: int) -> None:
    client = staff.signed_in(app, role)
    for path in (LIST, f"{LIST}/new", f"{LIST}/readers", f"{LIST}/handovers/new", f"{LIST}/progress"):
        assert client.get(path).status_code == status, path


def test_another_declarations_delivery_is_not_here(app: Flask, folder: Path) -> None:
    client = staff.signed_in(app, "organiser")
    for path in ("cancel", "download", "again"):
        assert staff_post(client, f"{LIST}/{'x' * 22}/{path}").status_code == 404
    assert staff_post(client, f"{LIST}/handovers/{'x' * 22}/withdraw").status_code == 404


# Ordering


@pytest.mark.parametrize("reader", [*Reader])
def test_the_form_begins_with_what_the_reader_gets(app: Flask, reader: Reader) -> None:
    page = staff.signed_in(app, "organiser").get(f"{LIST}/new?reader={reader}").text
    for name in ("public", "addressee"):
        field = re.search(rf'<input type="checkbox" id="{name}"[^>]*>', page)
        assert bool(field) is (name in readers.NAMES_AT_MOST[reader])
        if field:
            assert (" checked" in field[0]) is (name in readers.NAMES_BY_DEFAULT[reader])
    assert ('name="with_addresses"' in page) is (reader is Reader.ARCHIVE)


def test_what_was_chosen_comes_back_to_be_changed(app: Flask) -> None:
    client = staff.signed_in(app, "exporter")
    chosen = {**ORDER, "sorting": "time", "boxes": "y", "others": "it"}
    page = client.get(staff_post(client, f"{LIST}/preview", **chosen).location).text
    carried = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    assert {**carried, "csrf_token": ""} == {**chosen, "csrf_token": ""}
    again = staff_post(client, f"{LIST}/edit", **chosen).text
    assert '<option value="time" selected>' in again
    assert re.search(r'id="boxes"[^>]* checked', again) and re.search(r'value="it" checked', again)


def test_an_order_is_stored_with_who_asked_for_it(app: Flask) -> None:
    client = staff.signed_in(app, "exporter")
    answer = staff_post(client, LIST, **ORDER)
    assert (answer.status_code, answer.location) == (303, f"{LIST}?done=asked")
    made = newest()
    assert (made.state, made.asked_by) == (State.WAITING, client.account.public_id)
    assert made.stored_order["shows"] == {"addressee": "name", "counted": "number", "public": "name"}
    assert made.stored_order["parts"] == ["csv"]
    page = client.get(f"{LIST}?done=asked").text
    assert "The delivery is being made." in page and '<noscript><meta http-equiv="refresh"' in page


def test_whoever_orders_proves_once_more_who_they_are_and_the_order_goes_on(app: Flask) -> None:
    client = staff.signed_in(app, "exporter", fresh=False)
    wanted = {**ORDER, "reader": "archive", "with_addresses": "y", "reason": "For our records"}
    asked_again = staff_post(client, LIST, **wanted)
    assert (asked_again.status_code, 'value="For our records"' in asked_again.text) == (403, True)
    assert db.session.scalar(select(Delivery)) is None
    proof = {"again_password": staff.PASSWORD, "again_code": staff.code()}
    assert staff_post(client, LIST, **wanted, **proof).status_code == 303
    assert newest().stored_order["with_addresses"] is True
    later = staff.browse(app, client.account, fresh=False)
    assert staff_post(later, f"{LIST}/{newest().public_id}/again").status_code == 403


@pytest.mark.parametrize(
    ("given", "field", "sentence"),
    [
        ({"language": "xx"}, "language", "Please choose one of these."),
        ({"language": ""}, "language", "Please choose one of these."),
        ({"others": "xx"}, "others", "Please choose one of these."),
        ({"sorting": "random"}, "sorting", "Please choose one of these."),
        ({"parts": "exe"}, "parts", "Please choose one of these."),
        ({"reader": "press"}, "addressee", "These names may not be shown to this reader."),
        ({"with_addresses": "y", "reason": "Why not"}, "with_addresses", "This reader may not have mail addresses."),
        ({"reader": "archive", "with_addresses": "y", "reason": " "}, "reason", "Please say why"),
        ({"reader": "archive", "reason": "x" * 301}, "reason", "at most 300"),
    ],
)
@pytest.mark.parametrize("path", ["", "/preview"])
def test_an_order_that_cannot_be_is_refused_beside_its_field(
    app: Flask, path: str, given: dict[str, str], field: str, sentence: str
) -> None:
    client = staff.signed_in(app, "organiser")
    answer = staff_post(client, LIST + path, **{**ORDER, **given})
    assert answer.status_code == 422
    if field in ("with_addresses", "addressee"):
        # The field is not on the form of a reader who may not have it.
        assert db.session.scalar(select(Delivery)) is None
    else:
        assert sentence in html.unescape(answer.text)
    assert db.session.scalar(select(Delivery)) is None


@pytest.mark.parametrize("reader", ["", "nobody", "ADDRESSEE", "é"])
def test_an_unknown_reader_is_not_found(app: Flask, reader: str) -> None:
    client = staff.signed_in(app, "organiser")
    assert client.get(f"{LIST}/new", query_string={"reader": reader}).status_code == 404
    assert staff_post(client, LIST, **{**ORDER, "reader": reader}).status_code == 404


def test_it_is_encrypted_by_default_once_the_reader_has_a_key(app: Flask) -> None:
    client = staff.signed_in(app, "organiser")
    key = str(pyrage.x25519.Identity.generate().to_public())
    answer = staff_post(
        client, f"{LIST}/readers/addressee", **{"addressee-name": "The Holy See", "addressee-age_key": key}
    )
    assert answer.status_code == 303
    assert re.search(r'id="encrypt"[^>]* checked', client.get(f"{LIST}/new").text)
    staff_post(client, LIST, **ORDER, encrypt="y")
    assert newest().stored_order["age_key"] == key
    staff_post(client, LIST, **ORDER)
    assert newest().stored_order["age_key"] is None


@pytest.mark.parametrize("key", ["age1nonsense", "AGE-SECRET-KEY-1QQQ", "ssh-ed25519 AAAA", "é", "age1" + "q" * 500])
def test_what_is_no_key_is_refused_and_kept_in_the_form(app: Flask, key: str) -> None:
    client = staff.signed_in(app, "organiser")
    answer = staff_post(client, f"{LIST}/readers/press", **{"press-age_key": key})
    assert answer.status_code == 422
    assert "it begins with age1" in html.unescape(answer.text)


def test_a_readers_key_changes_only_after_asking_again_who_it_is(app: Flask) -> None:
    client = staff.signed_in(app, "organiser", fresh=False)
    assert staff_post(client, f"{LIST}/readers/press", **{"press-name": "The press"}).status_code == 403


# Watching, cancelling, downloading


def test_the_progress_is_told_to_the_pages_script(app: Flask) -> None:
    made = delivery()
    db.session.execute(update(Delivery).values(started_at=clock.now(), stage="csv", done=1, total=3))
    db.session.commit()
    told = staff.signed_in(app, "exporter").get(f"{LIST}/progress").json
    assert told == {"deliveries": {made.public_id: {"state": "working", "percent": 33, "words": "CSV file"}}}


def test_cancelling_is_once_and_says_so(app: Flask) -> None:
    made = delivery()
    client = staff.signed_in(app, "exporter")
    assert staff_post(client, f"{LIST}/{made.public_id}/cancel").location == f"{LIST}?done=cancelled"
    assert staff_post(client, f"{LIST}/{made.public_id}/cancel").location == LIST
    db.session.refresh(made)
    assert made.state is State.CANCELLED


def test_what_failed_says_why_and_goes_on_with_boxes(app: Flask) -> None:
    made = delivery()
    db.session.execute(update(Delivery).values(failed_at=clock.now(), failure="No font here can set 1 names."))
    db.session.commit()
    folder = places.open_folder(made)
    (folder / places.UNSETTABLE).write_text(
        '[{"number": 1, "text": "<b>Name", "code_points": ["U+11F04"], "scripts": ["Kawi"], "packages": []}]'
    )
    client = staff.signed_in(app, "exporter")
    page = client.get(LIST).text
    assert "No font here can set 1 names." in page and "&lt;b&gt;Name" in page and "U+11F04" in page
    staff_post(client, f"{LIST}/{made.public_id}/again", boxes="y")
    again = newest()
    assert again.id != made.id and again.stored_order == {**made.stored_order, "boxes": True}
    places.remove(folder)


def test_a_download_asks_again_who_it_is_and_is_private_and_repeatable(make_app: AppMaker) -> None:
    app = make_app()
    asked.put(app, [{"name": "Zoë"}])
    with app.app_context():
        made = delivery()
        lease = leasing.claim_next()
        assert lease is not None and making.make(lease)
        db.session.refresh(made)
        path, name = f"{LIST}/{made.public_id}/download", made.file_name
        content = places.file_of(made).read_bytes()
        assert staff_post(staff.signed_in(app, "exporter", fresh=False), path).status_code == 403
        client = staff.signed_in(app, "exporter")
        for _ in range(2):
            answer = staff_post(client, path)
            assert (answer.status_code, answer.data) == (200, content)
            answer.close()
        assert answer.headers["Content-Disposition"] == f"attachment; filename={name}"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert client.get(path).status_code == 405
        with writing():
            made.removed_at = clock.now()
        gone = staff_post(client, path)
        assert (gone.status_code, "72 hours" in gone.text) == (410, True)


def test_a_server_that_has_not_the_file_says_so_and_records_no_download(app: Flask) -> None:
    made = finished()
    client = staff.signed_in(app, "exporter")
    answer = staff_post(client, f"{LIST}/{made.public_id}/download")
    assert (answer.status_code, "lies on another server" in answer.text) == (404, True)
    assert "Deliveries" in client.get(LIST).text
    assert not [each for each in db.session.scalars(select(TrailEntry)) if each.act == "delivery.downloaded"]


# Handing over


def test_a_hand_over_is_told_on_the_declarations_page_with_how_to_check(app: Flask) -> None:
    made = finished()
    client = staff.signed_in(app, "organiser")
    assert staff_post(client, f"{LIST}/handovers", **{**HANDOVER, "delivery": made.public_id}).status_code == 303
    public = browser(app)
    page = html.unescape(re.sub(r"</?bdi>", "", public.get(make.PAGE).text))
    assert "Delivered in Rome to Pope Leo XIV, with 1,234 signatures." in page
    assert "In a private audience." in page
    checked = public.get(f"{make.PAGE}/deliveries").text
    for words in ("ab" * 32, site_key.public_key_line(), site_key.fingerprint(), "https://www.example.org/photo.jpg"):
        assert html.escape(words) in checked
    italian = public.get(f"/it/{make.SLUG}/deliveries").text
    assert "Pope Leo XIV" in italian and "private audience" not in italian


def test_a_record_that_was_wrong_is_taken_back(app: Flask) -> None:
    client = staff.signed_in(app, "organiser")
    staff_post(client, f"{LIST}/handovers", **HANDOVER)
    (handover,) = _handovers()
    assert handover.count is None
    back = f"{LIST}/handovers/{handover.record}/withdraw"
    assert [staff_post(client, back).status_code for _ in range(2)] == [303, 404]
    assert _handovers() == ()
    assert "Nothing has been handed over yet." in browser(app).get(f"{make.PAGE}/deliveries").text


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("handed_on", "", "Please enter a day"),
        ("handed_on", "yesterday", "Please enter a day"),
        ("handed_on", "2026-02-30", "Please enter a day"),
        ("handed_on", "9999-01-01", "not in the future"),
        ("handed_on", "0001-01-01", "not in the future"),
        ("place", "", "Please say where."),
        ("place", "\u202eRome", "invisible characters"),
        ("handed_by", " ", "Please say by whom."),
        ("handed_to", "x" * 101, "at most 100"),
        ("photos", "http://www.example.org/", "begin with https://"),
        ("photos", "javascript:alert(1)", "begin with https://"),
        ("photos", "https://", "begin with https://"),
        ("photos", "https://[::1", "begin with https://"),
        ("photos", " ".join(["https://example.org/"] * 21), "at most 20"),
        ("words-en", "x" * 2001, "at most 2000"),
        ("words-en", "\u202ereversed", "cannot be printed"),
        ("words-ar", "\x07", "cannot be printed"),
        ("delivery", "x" * 22, "Please choose one of these."),
    ],
)
def test_a_hand_over_that_cannot_be_is_refused_beside_its_field(
    app: Flask, field: str, value: str, sentence: str
) -> None:
    client = staff.signed_in(app, "organiser")
    answer = staff_post(client, f"{LIST}/handovers", **{**HANDOVER, field: value})
    assert (answer.status_code, sentence in html.unescape(answer.text)) == (422, True)
    assert "The organisers" in answer.text or field == "handed_by", "what was typed is kept"
    assert _handovers() == ()


def _handovers() -> tuple[Handover, ...]:
    """What is told of hand-overs, newest first."""
    db.session.expire_all()
    found = reading.find(make.SLUG)
    assert found is not None
    vars(found).pop("plan", None)
    return found.plan.handovers


def test_what_is_recorded_is_in_the_folder_that_is_saved_and_loading_it_changes_nothing(
    app: Flask, tmp_path: Path
) -> None:
    client = staff.signed_in(app, "organiser")
    staff_post(client, f"{LIST}/handovers", **{**HANDOVER, "delivery": finished().public_id})
    staff_post(client, f"{LIST}/handovers", **{**HANDOVER, "words-en": "", "photos": "", "handed_on": "2026-01-02"})
    before = _handovers()
    page = browser(app).get(make.PAGE).text
    saved = saving.folder_of(reading.find(make.SLUG))  # type: ignore[arg-type]
    saving.save(saved, tmp_path / "saved")
    read = folders.read(tmp_path / "saved")
    assert read.frame.plan.handovers == before
    published = publishing.publish(read)
    assert (published.changed, published.frame_changed) == ((), False)
    db.session.commit()
    assert _handovers() == before
    assert browser(app).get(make.PAGE).text == page
    # And it is still the console's to take back.
    assert staff_post(client, f"{LIST}/handovers/{before[0].record}/withdraw").status_code == 303
    assert _handovers() == before[1:]


def test_loading_a_folder_that_does_not_know_of_it_keeps_what_was_recorded(app: Flask, folder: Path) -> None:
    client = staff.signed_in(app, "organiser")
    staff_post(client, f"{LIST}/handovers", **HANDOVER)
    (recorded,) = _handovers()
    own = "\n[[handovers]]\non = 2026-01-02\n" + "".join(f'{code} = "By hand."\n' for code in CODES)
    frame = folder / "declaration.toml"
    written = frame.read_text()
    for added, told in ((own, 2), ("", 1)):
        db.session.commit()
        frame.write_text(written + added)
        assert app.test_cli_runner().invoke(args=["declarations", "load", str(folder)]).exit_code == 0
        assert len(_handovers()) == told and recorded in _handovers()
    result = app.test_cli_runner().invoke(args=["declarations", "load", str(folder)])
    assert result.output == f"{make.SLUG}: nothing changed.\n"
    assert staff_post(client, f"{LIST}/handovers/{recorded.record}/withdraw").status_code == 303
    assert _handovers() == (), "the console takes it back, and it alone"


def test_settings_that_are_published_keep_what_was_recorded(app: Flask) -> None:
    client = staff.signed_in(app, "organiser")
    staff_post(client, f"{LIST}/handovers", **HANDOVER)
    found = reading.find(make.SLUG)
    assert found is not None
    content = framing.content_of(found.plan)
    assert framing.plan_of(content, found.plan).handovers == found.plan.handovers
    content["languages"] = ["en", "it"]
    assert framing.plan_of(content, found.plan).handovers[0].words == {"en": "In a private audience."}


def test_a_delivery_that_is_not_finished_was_not_handed_over(app: Flask) -> None:
    made = delivery()
    answer = staff_post(
        staff.signed_in(app, "organiser"), f"{LIST}/handovers", **{**HANDOVER, "delivery": made.public_id}
    )
    assert answer.status_code == 422


def test_the_public_key_is_one_line_for_verifiers(app: Flask) -> None:
    answer = browser(app).get("/deliveries.pub")
    assert answer.mimetype == "text/plain"
    assert answer.text == site_key.public_key_line() + "\n"


def test_every_act_has_its_words(app: Flask) -> None:
    assert acts.ACTS.keys() <= app.extensions["petition.acts"].keys()
