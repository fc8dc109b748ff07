"""The application: ``create_app`` is the only place that knows every room."""

from collections.abc import Callable
from pathlib import Path

from flask import Flask, g, request
from flask_babel import get_locale
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import BaseConverter

from petition import clock, countries, headers, keys, languages, logs
from petition.accounts import cookies, guarding
from petition.accounts import room as accounts_room
from petition.api import room as api_room
from petition.cards import room as cards_room
from petition.console import room as console_room
from petition.declarations import room as declarations_room
from petition.defence import limits
from petition.defence import requests as unusual_requests
from petition.deliveries import room as deliveries_room
from petition.embed import room as embed_room
from petition.endorsements import room as endorsements_room
from petition.extensions import babel, db, engine_options, migrate, more_engines
from petition.moderation import room as moderation_room
from petition.outbox import room as outbox_room
from petition.pages import errors
from petition.pages import room as pages_room
from petition.paper import room as paper_room
from petition.partners import room as partners_room
from petition.privacy import room as privacy_room
from petition.server import room as server_room
from petition.settings import Settings
from petition.shelf import shelf, statics
from petition.signatures import room as signatures_room
from petition.tally import room as tally_room
from petition.worker import room as worker_room

ROOT = Path(__file__).parent.parent
ROOMS: tuple[Callable[[Flask], None], ...] = (
    pages_room.move_in,
    console_room.move_in,
    cards_room.move_in,
    api_room.move_in,
    moderation_room.move_in,
    deliveries_room.move_in,
    paper_room.move_in,
    embed_room.move_in,
    signatures_room.move_in,
    endorsements_room.move_in,
    partners_room.move_in,
    declarations_room.move_in,
    accounts_room.move_in,
    outbox_room.move_in,
    tally_room.move_in,
    worker_room.move_in,
    privacy_room.move_in,
    server_room.move_in,
)
"""From the top of the map down, because keepers of personal data forget in the order in which they moved in:
the deliveries' before the signatures', after which nobody knows whose signature it was. The server comes last,
because it joins what lies below all of them.
"""


class LanguageConverter(BaseConverter):
    """A language that these pages speak, as the first part of an address."""

    regex = "|".join(languages.NAMES)


def create_app(settings: Settings | None = None) -> Flask:
    """Make the application. Without settings they are read from the environment; raises SettingsRefused."""
    settings = settings or Settings.from_environment()
    app = Flask(
        __package__,
        static_folder=str(ROOT / "static"),
        static_url_path=statics.url_path(ROOT / "static"),
        template_folder=str(ROOT / "templates"),
    )
    logs.configure(settings.log_level)
    app.session_interface = cookies.ServerSessions()
    _configure(app, settings)
    _prepare_requests(app, settings)
    for move_in in ROOMS:
        move_in(app)
    return app


def _configure(app: Flask, settings: Settings) -> None:
    app.extensions["petition.settings"] = settings
    app.extensions["petition.keys"] = keys.Keys.from_settings(settings)
    app.config.update(
        SECRET_KEY=settings.secret_key,
        WTF_I18N_ENABLED=False,
        # A form of a staff page is good for as long as its session.
        WTF_CSRF_TIME_LIMIT=None,
        SQLALCHEMY_DATABASE_URI=settings.database,
        SQLALCHEMY_ENGINE_OPTIONS=engine_options(settings),
        SQLALCHEMY_BINDS=more_engines(settings),
        BABEL_TRANSLATION_DIRECTORIES=str(Path(__file__).parent / "translations"),
    )
    app.url_map.converters["language"] = LanguageConverter
    db.init_app(app)
    migrate.init_app(app, db, directory=str(ROOT / "migrations"), render_as_batch=True)
    babel.init_app(app, locale_selector=_language)
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        languages.say, languages.say_counted, newstyle=True, pgettext=languages.say_of
    )
    app.jinja_env.filters["zoned"] = clock.in_zone
    app.jinja_env.globals.update(
        country_name=countries.name,
        country_options=countries.options,
        direction=languages.direction,
        language_names=languages.NAMES,
        locale=get_locale,
    )


def _prepare_requests(app: Flask, settings: Settings) -> None:
    """What happens to every request, whichever room it is for. The first listed sees the answer last."""
    app.extensions["petition.shelf"] = shelf.init_app(app)
    logs.init_app(app, settings.log_level)
    headers.init_app(app, settings.base_url)
    statics.init_app(app)
    unusual_requests.init_app(app)
    guarding.init_app(app)
    limits.init_app(app, settings)
    errors.init_app(app)
    if settings.trusted_proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=settings.trusted_proxies, x_proto=settings.trusted_proxies, x_host=0
        )


def _language() -> str:
    """The language of the address, its first part or ``lang``; else the one that the reader's browser asks for."""
    if not request:
        return "en"
    if "language" not in g:
        named = (request.path.split("/", 2)[1], request.args.get("lang", ""))
        known = next((each for each in named if each in languages.NAMES), None)
        g.language = known or languages.preferred(request.accept_languages, list(languages.NAMES))
    return str(g.language)
