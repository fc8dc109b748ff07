"""What this folder brings: the partners' own pages, and the round that counts for them."""

from flask import Flask

from petition.console.carrying import counting, staff
from petition.worker import rounds


def move_in(app: Flask) -> None:
    app.register_blueprint(staff.views)
    rounds.register(app, "partners", every=counting.EVERY, make_work=lambda _app: counting.count_all)
