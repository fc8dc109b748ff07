"""The first rooms: declarations, signatures, outbox, tally, privacy, defence."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)
COUNTED = (
    "confirmed_at IS NOT NULL"
    " AND (withdrawn_at IS NULL OR withdrawn_at < confirmed_at)"
    " AND (invalidated_at IS NULL OR (reinstated_at IS NOT NULL AND invalidated_at < reinstated_at))"
    " AND (held_at IS NULL OR (approved_at IS NOT NULL AND held_at < approved_at))"
)


def upgrade() -> None:
    op.create_table(
        "code_tries",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("mailbox", sa.LargeBinary(length=32), nullable=False),
        sa.Column("tried_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_code_tries")),
    )
    with op.batch_alter_table("code_tries", schema=None) as batch_op:
        batch_op.create_index("ix_code_tries_mailbox", ["mailbox", "tried_at"], unique=False)

    op.create_table(
        "declarations",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("slug", sa.String(length=60), nullable=False),
        sa.Column("featured", sa.Boolean(), nullable=False),
        sa.Column("opens_at", TIME, nullable=False),
        sa.Column("closes_at", TIME, nullable=True),
        sa.Column("stored_plan", sa.JSON(), nullable=False),
        sa.Column("updated_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_declarations")),
        sa.UniqueConstraint("slug", name=op.f("uq_declarations_slug")),
    )
    op.create_table(
        "erasures",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("subject", sa.String(length=22), nullable=False),
        sa.Column("erased_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasures")),
    )
    op.create_table(
        "key_checks",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_key_checks")),
    )
    op.create_table(
        "mails",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("reference", sa.String(length=22), nullable=False),
        sa.Column("scope", sa.BigInteger(), nullable=False),
        sa.Column("mailbox", sa.LargeBinary(length=32), nullable=True),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("due_at", TIME, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("claimed_until", TIME, nullable=True),
        sa.Column("composed_at", TIME, nullable=True),
        sa.Column("sent_at", TIME, nullable=True),
        sa.Column("dropped_at", TIME, nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mails")),
        sa.UniqueConstraint("public_id", name=op.f("uq_mails_public_id")),
    )
    with op.batch_alter_table("mails", schema=None) as batch_op:
        batch_op.create_index("ix_mails_mailbox", ["mailbox", "scope"], unique=False)
        batch_op.create_index(
            "ix_mails_waiting",
            ["due_at"],
            unique=False,
            sqlite_where=sa.text("sent_at IS NULL AND dropped_at IS NULL"),
            postgresql_where=sa.text("sent_at IS NULL AND dropped_at IS NULL"),
        )

    op.create_table(
        "network_keys",
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("sealed_key", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("month", name=op.f("pk_network_keys")),
    )
    op.create_table(
        "tallies",
        sa.Column("scope", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("as_of", TIME, nullable=False),
        sa.PrimaryKeyConstraint("scope", name=op.f("pk_tallies")),
    )
    op.create_table(
        "tally_buckets",
        sa.Column("scope", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hour", TIME, nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("scope", "hour", "country", "source", name=op.f("pk_tally_buckets")),
    )
    op.create_table(
        "tally_changes",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("scope", sa.BigInteger(), nullable=False),
        sa.Column("hour", TIME, nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tally_changes")),
    )
    op.create_table(
        "declaration_texts",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("declaration_id", SERIAL, nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("published_at", TIME, nullable=False),
        sa.Column("current", sa.Boolean(), nullable=False),
        sa.CheckConstraint("length(sha256) = 64", name=op.f("ck_declaration_texts_sha256")),
        sa.ForeignKeyConstraint(
            ["declaration_id"], ["declarations.id"], name=op.f("fk_declaration_texts_declaration_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_declaration_texts")),
        sa.UniqueConstraint("declaration_id", "language", "sha256", name="uq_declaration_texts_version"),
    )
    with op.batch_alter_table("declaration_texts", schema=None) as batch_op:
        batch_op.create_index(
            "uq_declaration_texts_current",
            ["declaration_id", "language"],
            unique=True,
            sqlite_where=sa.text("current = 1"),
            postgresql_where=sa.text("current"),
        )

    op.create_table(
        "mail_blocks",
        sa.Column("declaration_id", SERIAL, nullable=False),
        sa.Column("mailbox", sa.LargeBinary(length=32), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["declaration_id"], ["declarations.id"], name=op.f("fk_mail_blocks_declaration_id")),
        sa.PrimaryKeyConstraint("declaration_id", "mailbox", name=op.f("pk_mail_blocks")),
    )
    op.create_table(
        "mailed_links",
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("purpose", sa.String(length=10), nullable=False),
        sa.Column("declaration_id", SERIAL, nullable=False),
        sa.Column("mailbox", sa.LargeBinary(length=32), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("expires_at", TIME, nullable=True),
        sa.ForeignKeyConstraint(["declaration_id"], ["declarations.id"], name=op.f("fk_mailed_links_declaration_id")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_mailed_links")),
    )
    with op.batch_alter_table("mailed_links", schema=None) as batch_op:
        batch_op.create_index("ix_mailed_links_mailbox", ["mailbox", "declaration_id"], unique=False)

    op.create_table(
        "signatures",
        sa.Column("address", sa.LargeBinary(), nullable=True),
        sa.Column("mailbox", sa.LargeBinary(length=32), nullable=True),
        sa.Column("loose_mailbox", sa.LargeBinary(length=32), nullable=True),
        sa.Column("domain", sa.LargeBinary(length=32), nullable=True),
        sa.Column("network", sa.LargeBinary(length=16), nullable=True),
        sa.Column("confirmed_at", TIME, nullable=True),
        sa.Column("withdrawn_at", TIME, nullable=True),
        sa.Column("invalidated_at", TIME, nullable=True),
        sa.Column("reinstated_at", TIME, nullable=True),
        sa.Column("held_at", TIME, nullable=True),
        sa.Column("approved_at", TIME, nullable=True),
        sa.Column("erased_at", TIME, nullable=True),
        sa.Column(
            "counted",
            sa.Boolean(),
            sa.Computed(
                COUNTED,
                persisted=True,
            ),
            nullable=False,
        ),
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("affiliation", sa.Text(), nullable=True),
        sa.Column("role", sa.Text(), nullable=True),
        sa.Column("sector", sa.String(length=40), nullable=True),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("answers", sa.JSON(), nullable=True),
        sa.Column("visibility", sa.String(length=10), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("declaration_id", SERIAL, nullable=False),
        sa.Column("text_id", SERIAL, nullable=False),
        sa.CheckConstraint("visibility IN ('public', 'addressee', 'counted')", name=op.f("ck_signatures_visibility")),
        sa.ForeignKeyConstraint(["declaration_id"], ["declarations.id"], name=op.f("fk_signatures_declaration_id")),
        sa.ForeignKeyConstraint(["text_id"], ["declaration_texts.id"], name=op.f("fk_signatures_text_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signatures")),
        sa.UniqueConstraint("declaration_id", "mailbox", name="uq_signatures_one_per_mailbox"),
        sa.UniqueConstraint("public_id", name=op.f("uq_signatures_public_id")),
    )
    with op.batch_alter_table("signatures", schema=None) as batch_op:
        batch_op.create_index(
            "ix_signatures_delivery",
            ["declaration_id", "confirmed_at", "public_id"],
            unique=False,
            sqlite_where=sa.text("counted = 1"),
            postgresql_where=sa.text("counted"),
        )
        batch_op.create_index(
            "ix_signatures_shown",
            ["declaration_id", "confirmed_at", "public_id"],
            unique=False,
            sqlite_where=sa.text("counted = 1 AND visibility = 'public'"),
            postgresql_where=sa.text("counted AND visibility = 'public'"),
        )

    op.create_table(
        "submissions",
        sa.Column("address", sa.LargeBinary(), nullable=False),
        sa.Column("mailbox", sa.LargeBinary(length=32), nullable=False),
        sa.Column("loose_mailbox", sa.LargeBinary(length=32), nullable=False),
        sa.Column("domain", sa.LargeBinary(length=32), nullable=False),
        sa.Column("network", sa.LargeBinary(length=16), nullable=True),
        sa.Column("consents", sa.JSON(), nullable=False),
        sa.Column("mailed_at", TIME, nullable=True),
        sa.Column("code_hash", sa.LargeBinary(length=32), nullable=True),
        sa.Column("confirmed_at", TIME, nullable=True),
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("affiliation", sa.Text(), nullable=True),
        sa.Column("role", sa.Text(), nullable=True),
        sa.Column("sector", sa.String(length=40), nullable=True),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("answers", sa.JSON(), nullable=True),
        sa.Column("visibility", sa.String(length=10), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("declaration_id", SERIAL, nullable=False),
        sa.Column("text_id", SERIAL, nullable=False),
        sa.CheckConstraint("visibility IN ('public', 'addressee', 'counted')", name=op.f("ck_submissions_visibility")),
        sa.ForeignKeyConstraint(["declaration_id"], ["declarations.id"], name=op.f("fk_submissions_declaration_id")),
        sa.ForeignKeyConstraint(["text_id"], ["declaration_texts.id"], name=op.f("fk_submissions_text_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submissions")),
        sa.UniqueConstraint("public_id", name=op.f("uq_submissions_public_id")),
    )
    with op.batch_alter_table("submissions", schema=None) as batch_op:
        batch_op.create_index("ix_submissions_mailbox", ["mailbox", "declaration_id", "id"], unique=False)

    op.create_table(
        "consents",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("signature_id", SERIAL, nullable=False),
        sa.Column("purpose", sa.String(length=40), nullable=False),
        sa.Column("wording", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("partner", sa.String(length=60), nullable=True),
        sa.Column("given_at", TIME, nullable=False),
        sa.Column("withdrawn_at", TIME, nullable=True),
        sa.ForeignKeyConstraint(["signature_id"], ["signatures.id"], name=op.f("fk_consents_signature_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consents")),
    )
    with op.batch_alter_table("consents", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_consents_signature_id"), ["signature_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("consents", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_consents_signature_id"))

    op.drop_table("consents")
    with op.batch_alter_table("submissions", schema=None) as batch_op:
        batch_op.drop_index("ix_submissions_mailbox")

    op.drop_table("submissions")
    with op.batch_alter_table("signatures", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_signatures_shown",
            sqlite_where=sa.text("counted = 1 AND visibility = 'public'"),
            postgresql_where=sa.text("counted AND visibility = 'public'"),
        )
        batch_op.drop_index(
            "ix_signatures_delivery", sqlite_where=sa.text("counted = 1"), postgresql_where=sa.text("counted")
        )

    op.drop_table("signatures")
    with op.batch_alter_table("mailed_links", schema=None) as batch_op:
        batch_op.drop_index("ix_mailed_links_mailbox")

    op.drop_table("mailed_links")
    op.drop_table("mail_blocks")
    with op.batch_alter_table("declaration_texts", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_declaration_texts_current", sqlite_where=sa.text("current = 1"), postgresql_where=sa.text("current")
        )

    op.drop_table("declaration_texts")
    op.drop_table("tally_changes")
    op.drop_table("tally_buckets")
    op.drop_table("tallies")
    op.drop_table("network_keys")
    with op.batch_alter_table("mails", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_mails_waiting",
            sqlite_where=sa.text("sent_at IS NULL AND dropped_at IS NULL"),
            postgresql_where=sa.text("sent_at IS NULL AND dropped_at IS NULL"),
        )
        batch_op.drop_index("ix_mails_mailbox")

    op.drop_table("mails")
    op.drop_table("key_checks")
    op.drop_table("erasures")
    op.drop_table("declarations")
    with op.batch_alter_table("code_tries", schema=None) as batch_op:
        batch_op.drop_index("ix_code_tries_mailbox")

    op.drop_table("code_tries")
