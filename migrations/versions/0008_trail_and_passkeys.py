"""The audit trail, which its own triggers keep append-only, and passkeys."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)
REFUSED = "the audit trail is append-only"
FIXED = ("number", "at", "account", "act", "scope", "subject", "detail_digest", "network_digest", "previous", "digest")
EMPTIABLE = (("detail", "salt"), ("network", "network_salt"))

POSTGRESQL = """
CREATE FUNCTION trail_entries_append() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.number IS DISTINCT FROM (SELECT coalesce(max(number), 0) + 1 FROM trail_entries)
     OR EXISTS (SELECT 1 FROM trail_entries WHERE number = NEW.number - 1 AND digest <> NEW.previous)
  THEN RAISE EXCEPTION '{refused}'; END IF;
  RETURN NEW;
END $$;
CREATE FUNCTION trail_entries_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF {emptied} THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION '{refused}';
END $$;
CREATE TRIGGER trail_entries_append BEFORE INSERT ON trail_entries
  FOR EACH ROW EXECUTE FUNCTION trail_entries_append();
CREATE TRIGGER trail_entries_keep BEFORE UPDATE OR DELETE ON trail_entries
  FOR EACH ROW EXECUTE FUNCTION trail_entries_keep();
CREATE TRIGGER trail_entries_keep_all BEFORE TRUNCATE ON trail_entries
  FOR EACH STATEMENT EXECUTE FUNCTION trail_entries_keep();
"""
# An insert is looked at too, because REPLACE removes the row that stood there without asking the trigger for deletes.
SQLITE = (
    """
    CREATE TRIGGER trail_entries_append BEFORE INSERT ON trail_entries
    WHEN NEW.number IS NOT (SELECT coalesce(max(number), 0) + 1 FROM trail_entries)
      OR EXISTS (SELECT 1 FROM trail_entries WHERE number = NEW.number - 1 AND digest <> NEW.previous)
    BEGIN SELECT RAISE(ABORT, '{refused}'); END
    """,
    """
    CREATE TRIGGER trail_entries_keep BEFORE UPDATE ON trail_entries WHEN NOT ({emptied})
    BEGIN SELECT RAISE(ABORT, '{refused}'); END
    """,
    """
    CREATE TRIGGER trail_entries_stay BEFORE DELETE ON trail_entries
    BEGIN SELECT RAISE(ABORT, '{refused}'); END
    """,
)


def upgrade() -> None:
    op.create_table(
        "trail_entries",
        sa.Column("number", SERIAL, autoincrement=False, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("account", sa.String(length=22), nullable=False),
        sa.Column("act", sa.String(length=60), nullable=False),
        sa.Column("scope", sa.BigInteger(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("salt", sa.LargeBinary(length=32), nullable=True),
        sa.Column("detail_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("network", sa.Text(), nullable=True),
        sa.Column("network_salt", sa.LargeBinary(length=32), nullable=True),
        sa.Column("network_digest", sa.LargeBinary(length=32), nullable=True),
        sa.Column("previous", sa.LargeBinary(length=32), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.CheckConstraint("(detail IS NULL) = (salt IS NULL)", name=op.f("ck_trail_entries_detail_with_salt")),
        sa.CheckConstraint(
            "(network IS NULL) = (network_salt IS NULL)", name=op.f("ck_trail_entries_network_with_salt")
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_trail_entries")),
    )
    op.create_index("ix_trail_entries_at", "trail_entries", ["at"])
    op.create_index("ix_trail_entries_account", "trail_entries", ["account", "number"])
    op.create_index("ix_trail_entries_scope", "trail_entries", ["scope", "number"])
    op.create_index("ix_trail_entries_subject", "trail_entries", ["subject"])
    _make_triggers()
    op.create_table(
        "passkeys",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("account_id", SERIAL, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("transports", sa.Text(), nullable=False),
        sa.Column("added_at", TIME, nullable=False),
        sa.Column("used_at", TIME, nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_passkeys_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkeys")),
        sa.UniqueConstraint("public_id", name=op.f("uq_passkeys_public_id")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_passkeys_credential_id")),
    )
    op.create_index("ix_passkeys_account_id", "passkeys", ["account_id"])


def downgrade() -> None:
    op.drop_table("passkeys")
    op.drop_table("trail_entries")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION trail_entries_append()")
        op.execute("DROP FUNCTION trail_entries_keep()")


def _make_triggers() -> None:
    if op.get_bind().dialect.name == "postgresql":
        words = {"refused": REFUSED, "emptied": _emptied("IS NOT DISTINCT FROM")}
        op.execute(POSTGRESQL.format(**words))
        return
    for statement in SQLITE:
        op.execute(statement.format(refused=REFUSED, emptied=_emptied("IS")))


def _emptied(same: str) -> str:
    """The condition that an update does nothing but empty what may be emptied."""
    fixed = [f"NEW.{name} {same} OLD.{name}" for name in FIXED]
    emptied = [
        f"({' AND '.join(f'NEW.{name} {same} OLD.{name}' for name in pair)}"
        f" OR {' AND '.join(f'NEW.{name} IS NULL' for name in pair)})"
        for pair in EMPTIABLE
    ]
    return " AND ".join([*fixed, *emptied])
