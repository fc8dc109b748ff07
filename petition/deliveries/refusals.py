"""What is not delivered, and why: each refusal with one sentence."""


class DeliveryRefused(Exception):
    """The base of every refusal of this room."""


class MakingFailed(DeliveryRefused):
    """The package cannot be made; the message says why, in English, for the record and the command line."""


class Cancelled(DeliveryRefused):
    """Somebody cancelled the delivery while it was made."""


class Lost(DeliveryRefused):
    """Another process has taken the delivery over."""


class Stopped(DeliveryRefused):
    """The process was told to stop; another goes on."""
