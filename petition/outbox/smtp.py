"""SMTP as the standard library speaks it, but within a time, and in fewer journeys where the server allows it."""

import re
import smtplib
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from petition import clock
from petition.outbox.letters import Envelope

Reply = tuple[int, bytes]
_DOT = re.compile(rb"^\.", re.MULTILINE)
"""Doubled at the beginning of a line (RFC 5321, section 4.5.2)."""


class TooLate(smtplib.SMTPException):
    """Another worker may have the mail by now."""


class Connection(smtplib.SMTP):
    """Says nothing more after its time, however slowly the server answers; a body goes out as one piece."""

    until: datetime | None = None

    def send(self, s: Any) -> None:
        if self.until and clock.now() > self.until:
            raise TooLate("the mail server took too long")
        super().send(s)

    def hand_over(self, envelope: Envelope) -> None:
        """Hand over one mail. Raises what the standard library raises.

        Of a server that takes commands in a row (PIPELINING, RFC 2920) sender, recipient and DATA are asked at once.
        """
        self.ehlo_or_helo_if_needed()
        options = self._options(envelope)
        if self.has_extn("pipelining"):
            self._hand_over_at_once(envelope, options)
        else:
            self.sendmail(envelope.sender, [envelope.to], envelope.content, options)

    def _options(self, envelope: Envelope) -> list[str]:
        if envelope.to.isascii():
            return []
        if not self.has_extn("smtputf8"):
            raise smtplib.SMTPNotSupportedError("SMTPUTF8 not supported by server")
        return ["SMTPUTF8", "BODY=8BITMIME"]

    def _hand_over_at_once(self, envelope: Envelope, options: Sequence[str]) -> None:
        size = [f"SIZE={len(envelope.content)}"] if self.has_extn("size") else []
        sender, *rest = self._ask(
            " ".join([f"MAIL FROM:{smtplib.quoteaddr(envelope.sender)}", *size, *options]),
            f"RCPT TO:{smtplib.quoteaddr(envelope.to)}",
            "DATA",
        )
        if sender[0] != 250:
            self._take_back(rest)
            raise smtplib.SMTPSenderRefused(*sender, envelope.sender)
        taken, *rest = rest
        if taken[0] not in (250, 251):
            self._take_back(rest)
            raise smtplib.SMTPRecipientsRefused({envelope.to: taken})
        [done] = rest
        if done[0] == 354:
            self.send(_DOT.sub(b"..", envelope.content) + b".\r\n")
            done = self.getreply()
        if done[0] != 250:
            self._take_back()
            raise smtplib.SMTPDataError(*done)

    def _ask(self, *commands: str) -> list[Reply]:
        """The answers to all of them; the last one is earlier where the server says that it hangs up."""
        self.send("".join(f"{command}\r\n" for command in commands).encode())
        replies: list[Reply] = []
        for _command in commands:
            replies.append(self.getreply())
            if replies[-1][0] == 421:
                self.close()
                break
        return replies

    def _take_back(self, rest: Sequence[Reply] = ()) -> None:
        """Have a mail forgotten that was refused; a server that waits for its words is given none (RFC 2920)."""
        with suppress(smtplib.SMTPServerDisconnected):
            if rest and rest[-1][0] == 354:
                self.send(b".\r\n")
                self.getreply()
            self.rset()


class TlsConnection(Connection, smtplib.SMTP_SSL):
    """The same over TLS from the first byte."""
