"""One keep-alive HTTP/1.1 connection that sends bytes and tells when an answer is whole."""

import re
import socket

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
LARGEST_READ = 1 << 18


class Connection:
    """Non-blocking once connected, one request at a time."""

    __slots__ = ("_place", "_rest", "socket")

    def __init__(self, host: str, port: int) -> None:
        self._place = (host, port)
        self._rest = b""
        self.socket = self._connect()

    def send(self, request: bytes) -> None:
        # Requests are smaller than the kernel's buffer, so this never blocks.
        self.socket.sendall(request)

    def receive(self) -> tuple[bytes, bytes] | None:
        """The status and the whole answer, or None while some of it is on its way. Raises ConnectionError."""
        data = self.socket.recv(LARGEST_READ)
        if not data:
            raise ConnectionResetError("the server hung up")
        if self._rest:
            data = self._rest + data
        end = data.find(b"\r\n\r\n")
        if end >= 0:
            length = _LENGTH.search(data, 0, end)
            if length is None:
                raise ConnectionError(f"an answer without a length: {data[:end]!r}")
            if len(data) >= end + 4 + int(length[1]):
                self._rest = b""
                return data[9:12], data
        self._rest = data
        return None

    def has_hung_up(self) -> bool:
        """Whether the server ended the connection while it was idle."""
        try:
            return not self.socket.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return False

    def call_again(self) -> None:
        """Connect anew."""
        self.socket.close()
        self.socket = self._connect()

    def _connect(self) -> socket.socket:
        made = socket.create_connection(self._place)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        made.setblocking(False)
        return made
