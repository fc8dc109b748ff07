"""What this room brings: the addresses of the API, and the purge of its idempotency keys."""

from flask import Flask

from petition.api import number_views, page_views, people_views, repeating, signing_views, views
from petition.privacy import keepers

BLUEPRINTS = (
    # One blueprint, whose addresses lie in several modules.
    views.views,
    number_views.views,
    people_views.views,
    page_views.views,
    signing_views.views,
)


def move_in(app: Flask) -> None:
    for blueprint in dict.fromkeys(BLUEPRINTS):
        app.register_blueprint(blueprint)
    keepers.register(app, repeating.KEEPER)
