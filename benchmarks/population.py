"""A database that has been signed: any number of signatures with all that belongs to them."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from benchmarks.ground import SLUG, LoadFailed, Product
from petition import keys
from petition.declarations import reading
from petition.declarations.models import Declaration
from petition.signatures import searching

GIVEN = (
    "Maria José Anna Giuseppe Zoë Łukasz Chiara Jean-Baptiste Siobhán Nguyễn Fatima Олена 明 अनन्या محمد "
    "Grace Thabo Yuki Inés Matteo"
).split()
FAMILY = (
    "Rossi Müller O’Neill Nowak García Silva Dubois Kowalczyk Okafor Шевченко 王 शर्मा العلي Tanaka "
    "Fernández Smith Andersson Dlamini Bianchi Nakamura"
).split()
AFFILIATIONS = (
    "Università degli Studi di Example",
    "Example University",
    "Fondazione Example",
    "Sisters of Example",
    "Example Children’s Hospital",
    "Ministry of Education, Example",
    "Escuela Example",
    'NGO "Example", Kyiv',
)
ROLES = ("Professor", "Paediatrician", "Teacher", "Director", "Insegnante", "Researcher, child psychology", "Parent")
COUNTRIES = "IT IT IT IT US DE FR ES PL BR AR IN PH NG KE GB PT MX UA JP".split()
VISIBILITIES = "addressee addressee addressee addressee addressee public public public counted counted".split()
DAYS = 20
"""Over so many days the signatures came; what was submitted is kept for 30."""

_ID = "left(translate(encode(uuid_send(gen_random_uuid()), 'base64'), '+/', '-_'), 22)"
_DIGEST = "sha256(uuid_send(gen_random_uuid()))"
# One row of values for each signature; every other table is made from it.
_PEOPLE = f"""
CREATE UNLOGGED TABLE people AS
SELECT {_ID} AS submission, {_ID} AS signature, {_DIGEST} AS mailbox, {_DIGEST} AS domain, {_DIGEST} AS network,
    (%(names)s::text[])[pick] AS name, (%(keys)s::text[])[pick] AS key, (%(turned)s::text[])[pick] AS turned,
    CASE WHEN random() < 0.6 THEN (%(affiliations)s::text[])[1 + floor(random() * 8)] END AS affiliation,
    CASE WHEN random() < 0.4 THEN (%(roles)s::text[])[1 + floor(random() * 7)] END AS role,
    (%(countries)s::text[])[1 + floor(random() * 20)] AS country,
    (%(visibilities)s::text[])[1 + floor(random() * 10)] AS visibility,
    now() - interval '{DAYS} days' * (1 - number / %(rows)s::float) - interval '1 minute' AS at
FROM generate_series(1, %(rows)s) AS number,
    LATERAL (SELECT (1 + floor(random() * (%(picks)s + 0 * number)))::int AS pick) AS picked
"""
_STATED = "name, affiliation, role, country, visibility, language, channel, source, answers, declaration_id, text_id"
_VALUES = "name, affiliation, role, country, visibility, 'en', 'web', '', 'null'::json, %(declaration)s, %(text)s"
_TABLES = (
    f"""INSERT INTO submissions (public_id, {_STATED}, created_at, confirmed_at, mailed_at, address, mailbox,
        loose_mailbox, domain, network, consents)
    SELECT submission, {_VALUES}, at - interval '9 minutes', at, at - interval '8 minutes', %(address)s, mailbox,
        mailbox, domain, substr(network, 1, 16),
        json_build_array(json_build_object('purpose', 'agree', 'wording', %(wording)s::text, 'language', 'en'))
    FROM people""",
    f"""INSERT INTO signatures (public_id, {_STATED}, created_at, confirmed_at, address, mailbox,
        loose_mailbox, domain, network, search_name, search_turned)
    SELECT signature, {_VALUES}, at - interval '9 minutes', at, %(address)s, mailbox,
        mailbox, domain, substr(network, 1, 16), key, turned
    FROM people""",
    """INSERT INTO consents (signature_id, purpose, wording, language, given_at)
    SELECT id, 'agree', %(wording)s, 'en', confirmed_at FROM signatures""",
    f"""INSERT INTO mails (public_id, kind, reference, scope, mailbox, language, created_at, due_at, attempts,
        composed_at, sent_at)
    SELECT {_ID}, kind, CASE kind WHEN 'confirm' THEN submission ELSE signature END, %(declaration)s, mailbox, 'en',
        at, at, 1, at, at
    FROM people, (VALUES ('confirm'), ('signed')) AS kinds (kind)""",
)

_FILLED = "('submissions', 'signatures', 'consents', 'mails')"
_CONSTRAINTS = f"""SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE contype = 'u' AND conrelid::regclass::text IN {_FILLED}"""
_INDEXES = f"SELECT indexname, indexdef FROM pg_indexes WHERE tablename IN {_FILLED} AND indexname NOT LIKE 'pk_%'"


def populate(product: Product, rows: int) -> None:
    """Fill an empty database with so many confirmed signatures, their submissions, consents and mails, all counted."""
    with product.app.app_context():
        text = reading.find_current(SLUG, "en")
        assert text is not None, "the sample declaration is there"
        values = {
            **_words(text.declaration),
            "rows": rows,
            "declaration": text.declaration_id,
            "text": text.id,
            # One ciphertext for all: it costs what any other does.
            "address": keys.ring().encrypt("signatory@example.org"),
        }
        product.app.extensions["migrate"].db.session.remove()
    with product.connect() as connection:
        # A load by hand need not survive a power cut; what is measured later does wait for the disk.
        connection.execute("SET synchronous_commit = off")
        connection.execute("SET session_replication_role = replica")  # foreign keys are not looked up, row by row
        connection.execute("SET maintenance_work_mem = '256MB'")
        connection.execute(_PEOPLE, values)
        with _without_indexes(connection):
            for statement in _TABLES:
                connection.execute(statement, values)
        connection.execute("DROP TABLE people")
        connection.execute("VACUUM (ANALYZE)")
        connection.execute("CHECKPOINT")
    if f"{rows} counted" not in product.run("tally", "recount", "--repair"):
        raise LoadFailed("the tally does not hold every signature")


@contextmanager
def _without_indexes(connection: psycopg.Connection) -> Iterator[None]:
    """Take the indexes away and make them again, as they were; built at once they cost a fraction."""
    constraints = connection.execute(_CONSTRAINTS).fetchall()
    for table, name, _definition in constraints:
        connection.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    indexes = connection.execute(_INDEXES).fetchall()
    for name, _definition in indexes:
        connection.execute(f"DROP INDEX {name}")
    yield
    for _name, definition in indexes:
        connection.execute(definition)
    for table, name, definition in constraints:
        connection.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")


def _words(declaration: Declaration) -> dict[str, object]:
    names = [f"{given} {family}" for given in GIVEN for family in FAMILY]
    return {
        "names": names,
        "picks": len(names),
        "keys": [searching.key(name) for name in names],
        "turned": [searching.turned_key(name) for name in names],
        "affiliations": list(AFFILIATIONS),
        "roles": list(ROLES),
        "countries": COUNTRIES,
        "visibilities": VISIBILITIES,
        "wording": declaration.plan.consents["agree"]["en"],
    }
