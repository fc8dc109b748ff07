"""SMTP as the standard library speaks it, but within a time, and in fewer journeys where the server allows it."""

import re
import smtplib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from petition import clock
from petition.outbox.letters import Envelope

Reply = tuple[int, bytes]
_DOT = re.compile(rb"^\.", re.MULTILINE)
"""Doubled at the beginning of a line (RFC 5321, section 4.5.2)."""


class TooLate(smtplib.SMTPException):
    """Another worker may have the mail by now."""


class Unanswered(smtplib.SMTPException):
    """The whole mail is there, but not the answer to it: it may have been taken."""


class Connection(smtplib.SMTP):
    """Says nothing more after its time, however slowly the server answers; a body goes out as one piece."""

    until: datetime | None = None

    def send(self, s: Any) -> None:
        if self.until and clock.now() > self.until:
            raise TooLate("the mail server took too long")
        super().send(s)

    def hand_over(self, envelope: Envelope) -> None:
        """Hand over one mail. Raises what the standard library raises, and Unanswered."""
        self.ehlo_or_helo_if_needed()
        sender, *rest = self._ask(
            " ".join([f"MAIL FROM:{smtplib.quoteaddr(envelope.sender)}", *self._options(envelope)]),
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
            done = self._say(envelope.content)
        if done[0] != 250:
            self._take_back()
            raise smtplib.SMTPDataError(*done)

    def _options(self, envelope: Envelope) -> list[str]:
        size = [f"SIZE={len(envelope.content)}"] if self.has_extn("size") else []
        if envelope.to.isascii():
            return size
        if not self.has_extn("smtputf8"):
            raise smtplib.SMTPNotSupportedError("SMTPUTF8 not supported by server")
        return [*size, "SMTPUTF8", "BODY=8BITMIME"]

    def _ask(self, *commands: str) -> list[Reply]:
        """The answers, up to the first that refuses; to all of them where they go in a row (PIPELINING, RFC 2920)."""
        replies: list[Reply] = []
        for row in [commands] if self.has_extn("pipelining") else [(command,) for command in commands]:
            self.send("".join(f"{command}\r\n" for command in row).encode())
            for _command in row:
                replies.append(self.getreply())
                if replies[-1][0] == 421:
                    self.close()
                    return replies
            if not 200 <= replies[-1][0] < 400:
                break
        return replies

    def _say(self, content: bytes) -> Reply:
        """The answer to a whole mail; servers that look into it take their time (RFC 5321, section 4.5.3.2.6)."""
        self.send(_DOT.sub(b"..", content) + b".\r\n")
        assert self.sock is not None, "it was sent"
        if self.until:
            self.sock.settimeout(max(1.0, (self.until - clock.now()).total_seconds()))
        try:
            reply = self.getreply()
        except smtplib.SMTPServerDisconnected as problem:
            raise Unanswered("the mail server has not said what became of it") from problem
        self.sock.settimeout(self.timeout)
        return reply

    def _take_back(self, rest: Sequence[Reply] = ()) -> None:
        """Have a mail forgotten that was refused; a server that waits for its words is given none (RFC 2920)."""
        try:
            if rest and rest[-1][0] == 354:
                self.send(b".\r\n")
                self.getreply()
            self.rset()
        except smtplib.SMTPException:
            # Why it was refused is what counts; the next mail gets another connection.
            self.close()


class TlsConnection(Connection, smtplib.SMTP_SSL):
    """The same over TLS from the first byte."""
