"""What of a webhook is refused, and why: one sentence each."""

from flask_babel import LazyString, lazy_gettext


class WebhookRefused(Exception):
    """The base of this room's refusals; ``sentence`` is for the person."""

    sentence: LazyString = lazy_gettext("This cannot be done.")


class NoAddress(WebhookRefused):
    """It is no address that a request could be sent to."""

    sentence = lazy_gettext("Please enter a whole address such as https://example.org/hooks, without a password in it.")


class NotEncrypted(WebhookRefused):
    """What is sent could be read on its way."""

    sentence = lazy_gettext("The address must begin with https://.")


class UnknownHost(WebhookRefused):
    """The name server knows no such name, or does not answer."""

    sentence = lazy_gettext("This server cannot be found. Please check the address.")


class PrivateAddress(WebhookRefused):
    """It leads into a network that is not everybody's: this machine's own, or one behind it."""

    sentence = lazy_gettext("This address leads into a private network, where no notices are sent.")


class NoEvents(WebhookRefused):
    sentence = lazy_gettext("Please choose at least one of these events.")


class AlreadyThere(WebhookRefused):
    sentence = lazy_gettext("There is a webhook for this address already.")


class TooMany(WebhookRefused):
    sentence = lazy_gettext("There are as many webhooks already as there may be. Please disable one you do not need.")


class IsDisabled(WebhookRefused):
    sentence = lazy_gettext("This webhook is disabled. Please enable it first.")
