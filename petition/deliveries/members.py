"""Which signatures a delivery held, as bits by their serial ids: small to keep, quick to ask, nothing to read."""

from dataclasses import dataclass, field

BLOCK = 1 << 16
"""Serial ids in one row; its bits are 8 KiB."""


@dataclass
class Bits:
    """One block's bits: who was held, and whose name was shown."""

    held: bytearray = field(default_factory=lambda: bytearray(BLOCK // 8))
    named: bytearray = field(default_factory=lambda: bytearray(BLOCK // 8))


@dataclass
class Members:
    blocks: dict[int, Bits] = field(default_factory=dict)

    def add(self, serial: int, *, named: bool) -> None:
        block, place = divmod(serial, BLOCK)
        bits = self.blocks.get(block)
        if bits is None:
            bits = self.blocks[block] = Bits()
        byte, bit = place >> 3, 1 << (place & 7)
        bits.held[byte] |= bit
        if named:
            bits.named[byte] |= bit


def holds(bits: bytes, serial: int) -> bool:
    """Whether the bit of this serial id is set in its block's bits; none is where they were forgotten."""
    place = serial % BLOCK
    return bool(bits and bits[place >> 3] & (1 << (place & 7)))


def without(bits: bytes, *serials: int) -> bytes:
    """The same bits, these cleared."""
    cleared = bytearray(bits)
    for serial in serials:
        place = serial % BLOCK
        cleared[place >> 3] &= ~(1 << (place & 7)) & 0xFF
    return bytes(cleared)
