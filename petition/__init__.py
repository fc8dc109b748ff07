"""The application: ``create_app`` is the only place that knows every room."""

from datetime import timedelta
from pathlib import Path

from flask import Flask, g, request
from flask_babel import get_locale, lazy_gettext
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import BaseConverter

from petition import clock, countries, headers, keys, languages, logs
from petition.accounts import (
    account_views,
    cookies,
    factors,
    guarding,
    joining_views,
    navigation,
    passkeys_factor,
    passkeys_staff,
    people_acts,
    people_tabs,
    scopes,
    sign_in_views,
    trail,
    trail_commands,
    trail_keeping,
    trail_staff,
)
from petition.accounts import acts as accounts_acts
from petition.accounts import commands as accounts_commands
from petition.accounts import keeping as accounts_keeping
from petition.accounts import mails as accounts_mails
from petition.accounts.duties import Duty
from petition.accounts.navigation import Item
from petition.api import views as api_views
from petition.cards import making as cards_making
from petition.cards import views as cards_views
from petition.console import acts as console_acts
from petition.console import counting as console_counting
from petition.console import mail_rights, mail_staff
from petition.console import staff as console_staff
from petition.declarations import acts as declared_acts
from petition.declarations import commands as declarations_commands
from petition.declarations import counting as text_counting
from petition.declarations import scopes as declared_scopes
from petition.declarations import staff_frame, staff_navigation, staff_publishing, staff_state, staff_texts
from petition.defence import clients, limits
from petition.defence import requests as unusual_requests
from petition.deliveries import acts as deliveries_acts
from petition.deliveries import commands as deliveries_commands
from petition.deliveries import keeping as deliveries_keeping
from petition.deliveries import removing as deliveries_removing
from petition.deliveries import staff as deliveries_staff
from petition.deliveries import staff_handovers as deliveries_staff_handovers
from petition.deliveries import staff_updates
from petition.deliveries import starting as deliveries_starting
from petition.deliveries import views as deliveries_views
from petition.endorsements import asking as endorsements_asking
from petition.endorsements import commands as endorsements_commands
from petition.endorsements import counting as endorsements_counting
from petition.endorsements import keeping as endorsements_keeping
from petition.endorsements import mailboxes as endorsements_mailboxes
from petition.endorsements import mailed_views as mailed_endorsements_views
from petition.endorsements import mails as endorsements_mails
from petition.endorsements import samples as endorsements_samples
from petition.endorsements import views as endorsements_views
from petition.extensions import babel, db, engine_options, migrate, more_engines, writing
from petition.moderation import acts as moderation_acts
from petition.moderation import staff as moderation_staff
from petition.outbox import blocking, composing, personal_links, previewing, sending, sweeping
from petition.outbox import commands as outbox_commands
from petition.outbox.handing_over import PostOffice
from petition.pages import errors, health, machines, numbers
from petition.pages import views as pages_views
from petition.privacy import commands as privacy_commands
from petition.privacy import keepers, personal
from petition.privacy.keepers import Keeper, Person
from petition.server import commands as server_commands
from petition.server import preparing
from petition.settings import Settings
from petition.shelf import shelf, statics
from petition.signatures import (
    acts as signatures_acts,
)
from petition.signatures import (
    asking_views,
    caring_views,
    counting,
    keeping,
    list_views,
    mailed_views,
    mails,
    refusing,
    samples,
    staff_import,
    staff_one,
    staff_paper,
)
from petition.signatures import commands as signatures_commands
from petition.tally import commands as tally_commands
from petition.tally import moving, recounting
from petition.worker import beating, rounds
from petition.worker import commands as worker_commands
from petition.worker.rounds import Work

ROOT = Path(__file__).parent.parent
VIEWS = (
    health.views,
    machines.views,
    pages_views.views,
    cards_views.views,
    numbers.views,
    list_views.views,
    # One blueprint, whose pages lie in three modules.
    mailed_views.views,
    caring_views.views,
    asking_views.views,
    # The staff's pages of the room, again in several modules.
    staff_one.views,
    staff_paper.views,
    staff_import.views,
    moderation_staff.views,
    staff_updates.views,
    endorsements_views.views,
    mailed_endorsements_views.views,
    api_views.views,
    deliveries_views.views,
    # Staff pages. One blueprint, whose pages lie in three modules.
    sign_in_views.views,
    joining_views.views,
    account_views.views,
    console_staff.views,
    mail_staff.views,
    # One blueprint again: people, the audit trail, passkeys.
    trail_staff.views,
    passkeys_staff.views,
    # One blueprint, whose pages lie in five modules.
    staff_texts.views,
    staff_publishing.views,
    staff_frame.views,
    staff_state.views,
    deliveries_staff.views,
    deliveries_staff_handovers.views,
)
COMMANDS = (
    server_commands.commands,
    worker_commands.commands,
    accounts_commands.commands,
    trail_commands.commands,
    declarations_commands.commands,
    signatures_commands.commands,
    endorsements_commands.commands,
    deliveries_commands.commands,
    outbox_commands.commands,
    privacy_commands.commands,
    tally_commands.commands,
)


class LanguageConverter(BaseConverter):
    """A language that these pages speak, as the first part of an address."""

    regex = "|".join(languages.NAMES)


def create_app(settings: Settings | None = None) -> Flask:
    """Make the application. Without settings they are read from the environment; raises SettingsRefused."""
    settings = settings or Settings.from_environment()
    app = Flask(
        __name__,
        static_folder=str(ROOT / "static"),
        static_url_path=statics.url_path(ROOT / "static"),
        template_folder=str(ROOT / "templates"),
    )
    logs.configure(settings.log_level)
    app.session_interface = cookies.ServerSessions()
    _configure(app, settings)
    _prepare_requests(app, settings)
    for blueprint in dict.fromkeys((*VIEWS, *COMMANDS)):
        app.register_blueprint(blueprint)
    _connect_rooms(app)
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
    app.jinja_env.install_gettext_callables(languages.say, languages.say_counted, newstyle=True)  # type: ignore[attr-defined]
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
    headers.init_app(app)
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
    """The language of the address; where it names none, the one that the reader's browser asks for."""
    if not request:
        return "en"
    if "language" not in g:
        first = request.path.split("/", 2)[1]
        g.language = (
            first if first in languages.NAMES else languages.preferred(request.accept_languages, list(languages.NAMES))
        )
    return str(g.language)


def _connect_rooms(app: Flask) -> None:
    """Tell the machinery what the higher rooms know."""
    scopes.register(
        app,
        find=declared_scopes.find,
        name=declared_scopes.name,
        slugs=declared_scopes.slugs,
        slug=declared_scopes.slug,
    )
    trail.register(app, accounts_acts.ACTS)
    trail.register(app, declared_acts.ACTS)
    trail.register(app, signatures_acts.ACTS)
    trail.register(app, moderation_acts.ACTS)
    trail.register(app, staff_updates.ACTS)
    for kind, composer in {**mails.COMPOSERS, **endorsements_mails.COMPOSERS, **accounts_mails.COMPOSERS}.items():
        composing.register(app, kind, composer)
    for (kind, shape), sample in {**samples.SAMPLES, **endorsements_samples.SAMPLES, **accounts_mails.SAMPLES}.items():
        previewing.register(app, kind, sample, shape=shape)
    blocking.register(app, refusing.find_blocked)
    blocking.register(app, endorsements_mailboxes.find_blocked)
    personal_links.register(app, endorsements_asking.find_held)
    # Before the signatures' keeper, after which nobody knows whose signature it was.
    keepers.register(app, deliveries_keeping.KEEPER)
    keepers.register(app, keeping.KEEPER)
    keepers.register(app, endorsements_keeping.KEEPER)
    keepers.register(app, _OUTBOX_KEEPER)
    keepers.register(app, _NETWORK_KEEPER)
    keepers.register(app, trail_keeping.KEEPER)
    factors.register(app, passkeys_factor.FACTOR)
    keepers.register(app, accounts_keeping.KEEPER)
    text_counting.register(app, counting.count_texts)
    recounting.register(app, counting.count_rows)
    recounting.register(app, endorsements_counting.count_rows)
    trail.register(app, deliveries_acts.ACTS)
    _register_rounds(app)
    _furnish_console(app)


def _furnish_console(app: Flask) -> None:
    """What staff find their way by, and what the audit trail calls their acts."""
    for acts in (people_acts.ACTS, console_acts.ACTS):
        trail.register(app, acts)
    home = Item("console.home", lazy_gettext("Home"), Duty.WATCH, scoped=True)
    for item in (home, *_SIGNATURE_TABS, *staff_navigation.ITEMS, deliveries_staff.TAB, *people_tabs.TABS):
        navigation.register(app, item)
    if mail_rights.are_files(app.extensions["petition.settings"]):
        navigation.register(app, Item("console_mails.listed", lazy_gettext("Outgoing mails"), Duty.ACCOUNTS))


_SIGNATURE_TABS = (
    Item("signatures_staff.found", lazy_gettext("Signatures"), Duty.SIGNATURES, scoped=True),
    Item("moderation_staff.held", lazy_gettext("Held"), Duty.SIGNATURES, scoped=True),
    Item("moderation_staff.organisations", lazy_gettext("Organisations"), Duty.SIGNATURES, scoped=True),
    Item("deliveries_updates.ask", lazy_gettext("Updates"), Duty.SIGNATURES, scoped=True),
)


def _register_rounds(app: Flask) -> None:
    settings: Settings = app.extensions["petition.settings"]
    rounds.require(app, preparing.check_if_reachable)
    second, minute, hour = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
    rounds.register(app, "outbox", every=second, make_work=lambda _app: _send_mails(settings))
    rounds.register(app, "tally", every=settings.tally_every, make_work=lambda _app: moving.move)
    rounds.register(app, "cards", every=minute, make_work=lambda _app: cards_making.make_next)
    rounds.register(app, "figures", every=console_counting.EVERY, make_work=lambda _app: console_counting.count_all)
    rounds.register(app, beating.NAME, every=beating.EVERY, make_work=beating.make_work)
    rounds.register(app, "deliveries", every=2 * second, make_work=deliveries_starting.make_round)
    rounds.register(app, "old deliveries", every=10 * minute, make_work=lambda _app: deliveries_removing.remove_due)
    rounds.register(app, "purge", every=hour, make_work=lambda _app: _purge)


def _send_mails(settings: Settings) -> Work:
    office = PostOffice.from_settings(settings)
    return lambda: sending.send_due(office) > 0


def _purge() -> bool:
    """One batch, committed by itself, so that nobody waits long for the write lock."""
    with writing():
        removed = personal.purge()
    return personal.more_waits(removed)


def _forget_mails(person: Person) -> list[str]:
    sweeping.forget(person.mailbox, scope=person.scope)
    return []


_OUTBOX_KEEPER = Keeper(
    "outbox",
    access=lambda person: {"mails": sweeping.access(person.mailbox, scope=person.scope)},
    forget=_forget_mails,
    purge=sweeping.sweep,
    discloses=(sweeping.MAILS,),
)
_NETWORK_KEEPER = Keeper("defence", access=lambda person: {}, forget=lambda person: [], purge=clients.destroy_old_keys)
