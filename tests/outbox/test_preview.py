"""Previewing: every mail of every kind in every language, as files, without a database."""

from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from pathlib import Path

import pytest
from flask import Flask
from flask_babel import force_locale, gettext

from petition import languages
from petition.application import create_app
from petition.outbox import previewing
from tests import make

KINDS = {
    "invitation": "You are invited to the console",
    "confirm": "Please confirm your signature",
    "confirm-last": "Please confirm your signature",
    "confirm-signed": "You have already signed",
    "remind": "Reminder: please confirm your signature",
    "signed": "Your signature is confirmed",
    "signed-paper": "Your signature on paper was entered",
    "links": "Your personal link",
    "endorse": "Please confirm your organisation’s endorsement",
    "endorse-already": "Your organisation has already endorsed the declaration",
    "endorsed": "Your organisation’s endorsement is confirmed",
    "endorsement-approved": "Your organisation’s endorsement is published",
    "webhook-disabled": "A webhook was disabled",
    "webhook-disabled-partner": "A webhook was disabled",
    "endorsement-declined": "Your organisation’s endorsement is not published",
}


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The application where nothing was ever prepared: its database does not exist."""
    return create_app(make.settings(tmp_path_factory.mktemp("bare")))


def _read(path: Path) -> EmailMessage:
    message = BytesParser(policy=default).parsebytes(path.read_bytes())
    assert isinstance(message, EmailMessage) and not message.defects
    return message


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None and not part.defects
    return str(part.get_content())


def test_the_command_writes_every_mail_in_every_language_and_prints_where(bare: Flask, tmp_path: Path) -> None:
    result = bare.test_cli_runner().invoke(args=["outbox", "preview", "--out", str(tmp_path / "a" / "b")])

    assert result.exit_code == 0, result.output
    expected = {
        f"{kind}.{language}.{ending}" for kind in KINDS for language in languages.NAMES for ending in ("eml", "html")
    }
    written = {path.name for path in (tmp_path / "a" / "b").iterdir()}
    assert {Path(line).name for line in result.output.splitlines()} == written
    assert expected <= written
    assert not (bare.extensions["petition.settings"].instance_dir / "petition.sqlite").exists(), "no database was made"


def test_without_a_folder_it_writes_into_the_instance(bare: Flask) -> None:
    result = bare.test_cli_runner().invoke(args=["outbox", "preview"])

    folder = bare.extensions["petition.settings"].instance_dir / "mail-preview"
    assert result.exit_code == 0
    assert {Path(line).parent for line in result.output.splitlines()} == {folder}


def test_a_folder_that_cannot_be_made_gives_one_clear_line(bare: Flask, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    result = bare.test_cli_runner().invoke(args=["outbox", "preview", "--out", str(tmp_path / "file" / "below")])

    assert result.exit_code == 1
    assert result.output.strip() == "Error: The previews cannot be written: Not a directory."


@pytest.mark.parametrize("language", [*languages.NAMES])
def test_each_file_is_a_mail_in_its_language_and_direction(bare: Flask, tmp_path: Path, language: str) -> None:
    with bare.app_context():
        list(previewing.write(tmp_path))
        for kind, subject in KINDS.items():
            mail = _read(tmp_path / f"{kind}.{language}.eml")
            with force_locale(language):
                assert mail["Subject"] == gettext(subject)
            assert (mail["Subject"] == subject) == (language == "en"), "it is translated"
            assert mail["Content-Language"] == language
            html = _body(mail, "html")
            assert f'<html lang="{language}" dir="{languages.direction(language)}">' in html
            assert html.split() == (tmp_path / f"{kind}.{language}.html").read_text().split()
            assert _body(mail, "plain").strip()
            assert mail["List-Unsubscribe"] is None


def test_a_right_to_left_language_turns_the_whole_mail(
    bare: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(languages.NAMES, "ar", "العربية")
    with bare.app_context():
        list(previewing.write(tmp_path))

    mail = _read(tmp_path / "confirm.ar.eml")
    assert '<html lang="ar" dir="rtl">' in _body(mail, "html")
    assert '<div lang="ar" dir="rtl"' in _body(mail, "html")
    assert '<bdi dir="ltr">1234 5678</bdi>' in _body(mail, "html")
    assert "\n\u20681234 5678\u2069\n" in _body(mail, "plain"), "or the halves of the code would change places"


def test_every_kind_of_mail_has_a_sample(bare: Flask) -> None:
    assert set(bare.extensions["petition.composers"]) == previewing.kinds(bare)


def test_every_kind_differs_from_the_others(bare: Flask, tmp_path: Path) -> None:
    with bare.app_context():
        list(previewing.write(tmp_path))
    bodies = [_body(_read(path), "plain") for path in tmp_path.glob("*.en.eml")]
    assert len(set(bodies)) == len(bodies) > 5


def test_the_words_of_the_links_to_share_are_in_the_mails_language(bare: Flask, tmp_path: Path) -> None:
    with bare.app_context():
        list(previewing.write(tmp_path))
        for language in languages.NAMES:
            with force_locale(language):
                word = gettext("Email")
            assert f"<bdi>{word}</bdi></a> ·" in (tmp_path / f"signed.{language}.html").read_text()
