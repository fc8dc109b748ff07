"""Firefox ESR without a window, driven by its own remote protocol (Marionette).

The package that speaks it (marionette_driver) needs telnetlib, which Python 3.13 no longer has, and leaves sockets
open.
"""

import json
import shutil
import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.running import until

Preferences = Mapping[str, bool | int | str]
QUIET: Preferences = {
    "app.normandy.enabled": False,
    "app.update.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.homepage_override.mstone": "ignore",
    "browser.startup.page": 0,
    "datareporting.policy.dataSubmissionEnabled": False,
    "extensions.update.enabled": False,
    "marionette.port": 0,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "services.settings.server": "data:,#remote-settings-dummy/v1",
    "toolkit.telemetry.reportingpolicy.firstRun": False,
}
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
"""The key under which WebDriver names an element (section 11)."""
WITHIN = timedelta(seconds=60)


class Refused(Exception):
    """Firefox did not do as it was told; the message says why."""


class Firefox:
    """One browser. Elements are looked for until they are there, for ten seconds."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._stream = connection.makefile("rb")
        self._number = 0
        self._receive()
        self._tell("WebDriver:NewSession", acceptInsecureCerts=True, timeouts={"implicit": 10_000})

    def open(self, url: str) -> None:
        self._tell("WebDriver:Navigate", url=url)

    def find(self, selector: str) -> str:
        """The element's handle. Raises Refused when it does not come."""
        found = self._tell("WebDriver:FindElement", using="css selector", value=selector)
        return str(found["value"][ELEMENT])

    def text(self, selector: str) -> str:
        return str(self._tell("WebDriver:GetElementText", id=self.find(selector))["value"])

    def type(self, selector: str, keys: str) -> None:
        self._tell("WebDriver:ElementSendKeys", id=self.find(selector), text=keys)

    def click(self, selector: str) -> None:
        self._tell("WebDriver:ElementClick", id=self.find(selector))

    def enter(self, selector: str) -> None:
        """Go into the frame; everything that follows is about its page."""
        self._tell("WebDriver:SwitchToFrame", element=self.find(selector))

    def leave(self) -> None:
        """Back to the page around all frames."""
        self._tell("WebDriver:SwitchToFrame", id=None)

    def run(self, script: str) -> Any:
        return self._tell("WebDriver:ExecuteScript", script=script, args=[])["value"]

    def cookies(self) -> list[Any]:
        found: list[Any] = self._tell("WebDriver:GetCookies")
        return found

    def close(self) -> None:
        self._stream.close()
        self._connection.close()

    def _tell(self, command: str, **arguments: Any) -> Any:
        self._number += 1
        message = json.dumps([0, self._number, command, arguments]).encode()
        self._connection.sendall(b"%d:%b" % (len(message), message))
        _kind, _number, error, result = self._receive()
        if error:
            raise Refused(f"{command}: {error['error']}: {error['message']}")
        return result

    def _receive(self) -> Any:
        length = b""
        while (digit := self._stream.read(1)) != b":":
            if not digit:
                raise Refused("Firefox hung up")
            length += digit
        return json.loads(self._stream.read(int(length)))


@contextmanager
def running(folder: Path, **preferences: bool | int | str) -> Iterator[Firefox]:
    """Start it with a profile of its own; dots in the names of preferences are written as two underscores."""
    program = shutil.which("firefox-esr")
    assert program, "firefox-esr is missing; on Debian: apt-get install firefox-esr"
    profile = folder / "profile"
    profile.mkdir(parents=True)
    given = {**QUIET, **{name.replace("__", "."): value for name, value in preferences.items()}}
    lines = (f'user_pref("{name}", {json.dumps(value)});\n' for name, value in given.items())
    (profile / "user.js").write_text("".join(lines))
    command = [program, "--headless", "--marionette", "--no-remote", "--profile", str(profile)]
    with (folder / "firefox.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env=_environment(folder))
    try:
        firefox = Firefox(socket.create_connection(("127.0.0.1", _port(profile)), WITHIN.total_seconds()))
        try:
            yield firefox
        finally:
            firefox.close()
    finally:
        process.kill()
        process.wait()


def _port(profile: Path) -> int:
    """Which one it chose; it writes that into its profile."""
    file = profile / "MarionetteActivePort"
    until(lambda: file.is_file() and file.read_text(), within=WITHIN, what="Firefox listens")
    return int(file.read_text())


def _environment(folder: Path) -> dict[str, str]:
    return {"HOME": str(folder), "PATH": "/usr/bin:/bin", "MOZ_HEADLESS": "1", "LANG": "C.UTF-8"}
