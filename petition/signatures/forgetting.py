"""What other rooms remember of a signature: they register here, and are told when its person is forgotten."""

from collections.abc import Callable

from flask import Flask, current_app

from petition.signatures.models import Signature

Forget = Callable[[Signature], None]
"""Forgets what a room remembers of the signature, whose row is locked and still whole."""


def register(app: Flask, forget: Forget) -> None:
    app.extensions.setdefault("petition.forgetting", []).append(forget)


def tell(signature: Signature) -> None:
    known: list[Forget] = current_app.extensions.get("petition.forgetting", [])
    for forget in known:
        forget(signature)
