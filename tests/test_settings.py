"""Settings: read once, typed, frozen; every problem told at once, no secret told ever."""

import dataclasses
import json
import os
import stat
import subprocess
import sys
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest

from petition.application import create_app
from petition.extensions import more_engines
from petition.settings import PREFIX, SECRET_NAMES, Network, Settings, SettingsRefused, public_fields
from tests import make, running

DATABASE = "postgresql+psycopg://petition:hunter2@db.example.org/petition"
KEY = "XVDRnJhTLzvd26e8P7CJnbsKyHTd8E3taVeVHnpqkgQ"
SECRETS = [PREFIX + name.upper() for name in SECRET_NAMES]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An instance folder of the test's own, and no setting but it."""
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)
    folder = tmp_path / "instance"
    monkeypatch.setenv("PETITION_INSTANCE_DIR", str(folder))
    return folder


@pytest.fixture
def production(monkeypatch: pytest.MonkeyPatch) -> None:
    """A database is named, and every secret given."""
    monkeypatch.setenv("PETITION_DATABASE_URL", DATABASE)
    for name in SECRETS:
        monkeypatch.setenv(name, make.key())


def test_the_embedded_default_needs_no_setting(folder: Path) -> None:
    settings = Settings.from_environment()
    assert settings.embedded and settings.on_sqlite
    assert settings.database == f"sqlite:///{folder / 'petition.sqlite'}"
    assert settings.tally_every == timedelta(seconds=5)
    assert (settings.trusted_proxies, settings.sign_limits) == (0, "30/minute;300/hour")
    assert settings.base_url == "http://localhost:8000"


def test_every_setting_is_read_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PETITION_TALLY_EVERY", "30")
    monkeypatch.setenv("PETITION_TRUSTED_PROXIES", "2")
    monkeypatch.setenv("PETITION_BASE_URL", "https://declaration.example.org/")
    monkeypatch.setenv("PETITION_NETWORKS", "hall=203.0.113.0/24@600/minute;6000/hour lan=2001:db8::/48@9/second")
    monkeypatch.setenv("PETITION_WEBHOOK_NETWORKS", "10.1.0.0/16 fd12::/48")
    settings = Settings.from_environment()
    assert settings.tally_every == timedelta(seconds=30)
    assert settings.trusted_proxies == 2
    assert settings.webhook_networks == (ip_network("10.1.0.0/16"), ip_network("fd12::/48"))
    assert settings.base_url == "https://declaration.example.org", "mailed links begin with it and a slash"
    assert settings.networks == (
        Network("hall", ip_network("203.0.113.0/24"), "600/minute;6000/hour"),
        Network("lan", ip_network("2001:db8::/48"), "9/second"),
    )


def test_settings_are_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Settings.from_environment().base_url = "http://evil.example"  # type: ignore[misc]


def test_each_setting_knows_where_it_came_from(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PETITION_TALLY_EVERY", "30")
    monkeypatch.setenv("PETITION_SECRET_KEY", make.key())
    sources = Settings.from_environment().sources
    assert sources["tally_every"] == sources["secret_key"] == "environment"
    assert sources["base_url"] == "default"
    assert sources["data_keys"] == str(folder / "secrets.json")
    assert set(sources) == {setting.name for setting in public_fields()}


@pytest.mark.parametrize("setting", public_fields(), ids=lambda setting: setting.name)
def test_every_setting_has_its_help_in_whole_sentences(setting: "dataclasses.Field[object]") -> None:
    help_text = setting.metadata["help"]
    assert len(help_text) > 20
    assert help_text[0].isupper() or help_text.startswith("smtp://")


# Secrets of the embedded default


def test_the_embedded_default_makes_its_secrets_once_and_for_its_owner_alone(folder: Path) -> None:
    first = Settings.from_environment()
    file = folder / "secrets.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    made = file.read_bytes()
    second = Settings.from_environment()
    assert file.read_bytes() == made
    for name in SECRET_NAMES:
        assert getattr(first, name) == getattr(second, name)
    assert len({getattr(first, name) for name in SECRET_NAMES}) == len(SECRET_NAMES)
    assert os.listdir(folder) == ["secrets.json"], "no draft is left"


def test_a_wide_umask_does_not_open_the_secrets(folder: Path) -> None:
    before = os.umask(0)
    try:
        Settings.from_environment()
    finally:
        os.umask(before)
    assert stat.S_IMODE((folder / "secrets.json").stat().st_mode) == 0o600


@pytest.mark.slow
def test_processes_that_start_together_make_the_secrets_once(folder: Path) -> None:
    program = """
import sys
from petition.settings import Settings
print("ready", flush=True)
sys.stdin.readline()
settings = Settings.from_environment()
print(settings.secret_key, settings.data_keys, settings.lookup_key, settings.signing_key)
"""
    started = [
        subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    for process in started:
        assert process.stdout and process.stdout.readline() == "ready\n"
    for process in started:
        assert process.stdin
        process.stdin.write("go\n")
        process.stdin.flush()
    printed = {process.communicate()[0] for process in started}
    assert [process.returncode for process in started] == [0, 0]
    assert len(printed) == 1
    assert printed.pop().split() == list(json.loads((folder / "secrets.json").read_text()).values())


def test_a_given_secret_stands_before_a_generated_one(monkeypatch: pytest.MonkeyPatch) -> None:
    generated = Settings.from_environment()
    given = make.key()
    monkeypatch.setenv("PETITION_SIGNING_KEY", given)
    settings = Settings.from_environment()
    assert settings.signing_key == given
    assert settings.lookup_key == generated.lookup_key


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", "null", "{}", '{"secret_key": "x"}', json.dumps(dict.fromkeys(SECRET_NAMES, 7)), "\udc00"],
)
def test_a_damaged_file_of_secrets_is_told_and_left_alone(folder: Path, content: str) -> None:
    folder.mkdir()
    file = folder / "secrets.json"
    file.write_bytes(content.encode(errors="surrogatepass"))
    with pytest.raises(SettingsRefused, match="is damaged"):
        Settings.from_environment()
    assert file.read_bytes() == content.encode(errors="surrogatepass")


def test_a_file_of_weak_secrets_is_told(folder: Path) -> None:
    folder.mkdir()
    (folder / "secrets.json").write_text(json.dumps(dict.fromkeys(SECRET_NAMES, "changeme")))
    with pytest.raises(SettingsRefused, match=r"is damaged: PETITION_SECRET_KEY is weak.*PETITION_SIGNING_KEY is weak"):
        Settings.from_environment()


def test_a_folder_that_cannot_be_used_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("PETITION_INSTANCE_DIR", str(tmp_path / "file" / "instance"))
    with pytest.raises(SettingsRefused, match=r"The folder .* cannot be used: Not a directory\."):
        Settings.from_environment()


# Production


def test_production_refuses_to_start_without_secrets_and_names_every_one(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PETITION_DATABASE_URL", DATABASE)
    with pytest.raises(SettingsRefused) as refusal:
        Settings.from_environment()
    assert str(refusal.value) == "; ".join(f"{name} is missing" for name in SECRETS) + "."
    assert not folder.exists(), "production makes no secrets"


@pytest.mark.parametrize("name", SECRETS)
@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("", "is missing"),
        ("changeme", "is weak"),
        ("a" * 43, "is weak"),
        ("AB" * 21 + "A", "is weak"),
        (KEY[:-3], "is weak"),
        (KEY + KEY, "is weak"),
        ("é" * 43, "is not URL-safe Base64"),
        ("A" * 41, "is not URL-safe Base64"),
    ],
)
def test_production_refuses_a_weak_secret(
    production: None, monkeypatch: pytest.MonkeyPatch, name: str, value: str, reason: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsRefused, match=f"^{name} {reason}") as refusal:
        Settings.from_environment()
    assert not value or value not in str(refusal.value), "not even a weak secret is told"


@pytest.mark.parametrize("ring", [f"{KEY},changeme", f"{KEY},", f",{KEY}"])
def test_one_weak_key_spoils_the_ring(production: None, monkeypatch: pytest.MonkeyPatch, ring: str) -> None:
    monkeypatch.setenv("PETITION_DATA_KEYS", ring)
    with pytest.raises(SettingsRefused, match="PETITION_DATA_KEYS is weak"):
        Settings.from_environment()


def test_a_key_may_carry_its_padding_and_a_ring_its_spaces(production: None, monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = make.key(), make.key()
    monkeypatch.setenv("PETITION_DATA_KEYS", f"{one}=, {other}")
    assert [len(key) for key in Settings.from_environment().data_key_ring] == [32, 32]


# Bad values


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TALLY_EVERY", "soon"),
        ("TALLY_EVERY", "0"),
        ("TALLY_EVERY", "-5"),
        ("TALLY_EVERY", "9" * 30),
        ("TRUSTED_PROXIES", "one"),
        ("TRUSTED_PROXIES", "-1"),
        ("POOL_SIZE", "1.5"),
        ("POOL_SIZE", "0"),
        ("MAIL_CONNECTIONS", "0"),
        ("BASE_URL", ""),
        ("BASE_URL", "declaration.example.org"),
        ("BASE_URL", "ftp://declaration.example.org"),
        ("BASE_URL", "http://"),
        ("BASE_URL", "http:///page"),
        ("BASE_URL", "http://[::1"),
        ("BASE_URL", "http://localhost:port"),
        ("DATABASE_URL", "petition.sqlite"),
        ("DATABASE_URL", "mysql://localhost/petition"),
        ("DATABASE_URL", "sqlite://"),
        ("REDIS_URL", "localhost:6379"),
        ("REDIS_URL", "memcached://localhost"),
        ("MAIL_URL", "mail.example.org"),
        ("MAIL_URL", "http://mail.example.org"),
        ("MAIL_URL", "smtp://mail.example.org?tls=startls"),
        ("MAIL_URL", "smtp://mail.example.org?tls=starttls&tls=starttls"),
        ("MAIL_URL", "smtp://mail.example.org?starttls"),
        ("MAIL_URL", "smtp://mail.example.org?TLS=starttls"),
        ("MAIL_URL", "smtp://mail.example.org?tls=starttls&verify=no"),
        ("MAIL_URL", "smtp://mail.example.org#tls=starttls"),
        ("MAIL_URL", "smtp://mail.example.org?tls=starttls&ca=/nowhere.pem"),
        ("MAIL_URL", "smtps://mail.example.org?ca=/"),
        ("MAIL_URL", "smtps://mail.example.org?ca="),
        ("MAIL_URL", "smtps://mail.example.org?tls=starttls"),
        ("MAIL_FROM", "declaration"),
        ("MAIL_FROM", "@example.org"),
        ("MAIL_FROM", "Office <office@example.org>"),
        ("MAIL_FROM", "office@example.org, two@example.org"),
        ("MAIL_FROM", "office@example.org\nBcc: eve@example.org"),
        ("MAIL_FROM", "büro@example.org"),
        ("SIGN_LIMITS", ""),
        ("SIGN_LIMITS", "many"),
        ("SIGN_LIMITS", "30/minute;lots"),
        ("LOG_LEVEL", "loud"),
        ("NETWORKS", "hall"),
        ("NETWORKS", "hall=203.0.113.0/24"),
        ("NETWORKS", "hall=203.0.113.7/24@600/minute"),
        ("NETWORKS", "hall=somewhere@600/minute"),
        ("NETWORKS", "hall=203.0.113.0/24@many"),
        ("WEBHOOK_NETWORKS", "somewhere"),
        ("WEBHOOK_NETWORKS", "10.1.2.3/16"),
    ],
)
def test_a_bad_value_is_refused_by_its_name(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(PREFIX + name, value)
    with pytest.raises(SettingsRefused, match=PREFIX + name) as refusal:
        Settings.from_environment()
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MAIL_URL", "smtp://mail.example.org"),
        ("MAIL_URL", "smtp://u:p%40@mail.example.org:587?tls=starttls"),
        ("MAIL_URL", f"smtp://mail.example.org?tls=starttls&ca={__file__}"),
        ("MAIL_URL", f"smtps://mail.example.org?ca={__file__}"),
        ("MAIL_FROM", "office@example.org"),
        ("MAIL_FROM", "office@mail.local"),
    ],
)
def test_a_good_value_is_taken(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(PREFIX + name, value)
    assert getattr(Settings.from_environment(), name.lower()) == value


def test_bad_values_and_missing_secrets_come_in_one_message(monkeypatch: pytest.MonkeyPatch) -> None:
    bad = {"DATABASE_URL": DATABASE, "POOL_SIZE": "x", "TALLY_EVERY": "x", "NETWORKS": "x", "BASE_URL": "x"}
    for name, value in bad.items():
        monkeypatch.setenv(PREFIX + name, value)
    with pytest.raises(SettingsRefused) as refusal:
        Settings.from_environment()
    named = [PREFIX + name for name in bad if name != "DATABASE_URL"]
    assert all(name in str(refusal.value) for name in [*named, *SECRETS])


def test_a_bad_value_of_the_embedded_default_is_told_before_a_folder_is_made(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PETITION_POOL_SIZE", "x")
    with pytest.raises(SettingsRefused, match=r"^PETITION_POOL_SIZE: Not a valid integer\.$"):
        Settings.from_environment()
    assert not folder.exists()


# What follows from them


@pytest.mark.parametrize(
    ("base_url", "hosts"),
    [
        ("http://localhost:8000", ("localhost", "127.0.0.1", "[::1]")),
        ("http://127.0.0.1:8000", ("localhost", "127.0.0.1", "[::1]")),
        ("http://[::1]:8000", ("localhost", "127.0.0.1", "[::1]")),
        ("https://declaration.example.org", ("declaration.example.org",)),
        ("https://Declaration.Example.org:8443", ("declaration.example.org",)),
        ("https://[2001:db8::1]", ("[2001:db8::1]",)),
    ],
)
def test_requests_may_name_the_base_urls_host_and_loopback_only_on_loopback(
    tmp_path: Path, base_url: str, hosts: tuple[str, ...]
) -> None:
    assert make.settings(tmp_path, base_url=base_url).trusted_hosts == hosts


def test_mails_come_from_the_base_urls_host_unless_told_otherwise(tmp_path: Path) -> None:
    assert make.settings(tmp_path, base_url="https://example.org").sender == "declaration@example.org"
    assert make.settings(tmp_path, mail_from="office@example.org").sender == "office@example.org"


def test_connections_for_storing_are_no_more_than_the_pool(tmp_path: Path) -> None:
    [storing] = more_engines(make.settings(tmp_path, database_url=DATABASE, pool_size=7)).values()
    assert (storing["pool_size"], storing["max_overflow"]) == (7, 0)


# The command


def test_the_command_prints_every_setting_with_its_source_and_help_and_no_secret(
    production: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PETITION_REDIS_URL", "redis://:hunter2@redis.example.org/0")
    monkeypatch.setenv("PETITION_MAIL_URL", "smtp://petition:hun%20ter2@mail.example.org:587?tls=starttls")
    settings = Settings.from_environment()
    result = create_app(settings).test_cli_runner().invoke(args=["settings"])
    assert result.exit_code == 0
    lines = result.output.splitlines()
    for setting in public_fields():
        [place] = [number for number, line in enumerate(lines) if line.startswith(f"PETITION_{setting.name.upper()} =")]
        assert lines[place + 1].strip() == f"from {settings.sources[setting.name]}. {setting.metadata['help']}"
    for secret in (*(getattr(settings, name) for name in SECRET_NAMES), "hunter2", "hun%20ter2"):
        assert secret not in result.output
    assert "db.example.org" in result.output


@pytest.mark.slow
def test_settings_that_cannot_be_used_end_the_command_with_one_line_and_an_error() -> None:
    environ = {**os.environ, "PETITION_DATABASE_URL": DATABASE}
    result = running.typed(("settings",), environ)
    assert result.returncode != 0
    assert result.stderr.count("\n") == 1
    assert all(f"{name} is missing" in result.stderr for name in SECRETS)
    assert "hunter2" not in result.stderr
