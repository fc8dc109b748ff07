"""A mail server that takes everything and writes the confirm link of each mail to its standard output.

As lean as it can be: it stands for the world's mail servers, which do not run on the measured machine.
"""

import asyncio
import base64
import binascii
import re
import sys

_LINK = re.compile(rb"https?://[^/\s]+(/[a-z]+/confirm/[\w-]+)")
_FIRST_PART = re.compile(rb"\r\n\r\n.*?\r\n(content-.*?)\r\n\r\n(.*?)\r\n--", re.IGNORECASE | re.DOTALL)


class Sink(asyncio.Protocol):
    """One SMTP session (RFC 5321): it answers 250 to whatever it is told, and reads what is sent after DATA."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.buffer = b""
        self.in_data = False
        transport.write(b"220 sink ESMTP\r\n")

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while self._take_mail() if self.in_data else self._take_line():
            pass

    def _take_mail(self) -> bool:
        mail, end, rest = self.buffer.partition(b"\r\n.\r\n")
        if not end:
            return False
        self.buffer, self.in_data = rest, False
        self.transport.write(b"250 2.0.0 taken\r\n")
        if link := find_link(mail):
            sys.stdout.buffer.write(link + b"\n")
            sys.stdout.buffer.flush()
        return True

    def _take_line(self) -> bool:
        line, end, rest = self.buffer.partition(b"\r\n")
        if not end:
            return False
        self.buffer = rest
        verb = line[:4].upper()
        if verb == b"DATA":
            self.in_data = True
            self.transport.write(b"354 go ahead\r\n")
        elif verb == b"EHLO":
            self.transport.write(b"250-sink\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n")
        elif verb == b"QUIT":
            self.transport.write(b"221 2.0.0 bye\r\n")
            self.transport.close()
        else:
            self.transport.write(b"250 2.0.0 fine\r\n")
        return True


def find_link(mail: bytes) -> bytes | None:
    """The path of the confirm link in a mail's first part, however that is encoded."""
    part = _FIRST_PART.search(mail)
    if part is None:
        return None
    heads, body = part[1].lower(), part[2]
    if b"base64" in heads:
        body = base64.b64decode(body)
    elif b"quoted-printable" in heads:
        body = binascii.a2b_qp(body)
    link = _LINK.search(body)
    return link and link[1]


async def serve(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Sink, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
