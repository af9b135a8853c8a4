"""Initial.

Revision: 0001, after nothing.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from models.search.factory import search_index
from models.storage.database import BigKey, UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:  # noqa: PLR0915 - the first revision makes every table
    """Go to this revision, inside the caller's transaction."""
    op.create_table(
        "feeds",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("current_url", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("relevance", sa.Text(), nullable=False),
        sa.Column("full_text", sa.Boolean(), nullable=False),
        sa.Column("position", BigKey, nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("etag", sa.Text(), nullable=True),
        sa.Column("last_modified", sa.Text(), nullable=True),
        sa.Column("document_digest", sa.Text(), nullable=True),
        sa.Column("parsed_as", sa.Text(), nullable=True),
        sa.Column("unconditional_at", UtcDateTime(), nullable=True),
        sa.Column("next_attempt_at", UtcDateTime(), nullable=True),
        sa.Column("failure_points", sa.Float(), nullable=False),
        sa.Column("failing_nights", BigKey, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("state_reason", sa.Text(), nullable=True),
        sa.Column("last_success_at", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feeds")),
    )
    op.create_table(
        "raw_blobs",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("content_type", sa.Text(), nullable=False),
        sa.Column("size_bytes", BigKey, nullable=False),
        sa.Column("first_seen_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_raw_blobs")),
    )
    op.create_table(
        "runs",
        sa.Column("id", BigKey, sa.Identity(always=False), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("parameters", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("started_by", sa.Text(), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("heartbeat_at", UtcDateTime(), nullable=False),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.Column("flow_run_id", sa.Text(), nullable=True),
        sa.Column("parent_run_id", BigKey, nullable=True),
        sa.Column("night_id", BigKey, nullable=True),
        sa.Column("code_version", sa.Text(), nullable=False),
        sa.Column("pages", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.ForeignKeyConstraint(["night_id"], ["runs.id"], name=op.f("fk_runs_night_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["parent_run_id"], ["runs.id"], name=op.f("fk_runs_parent_run_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runs")),
    )
    with op.batch_alter_table("runs", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_runs_status"), ["status"], unique=False)

    op.create_table(
        "topics",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("definition", sa.Text(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_topics")),
    )
    op.create_table(
        "feed_runs",
        sa.Column("run_id", BigKey, nullable=False),
        sa.Column("feed_id", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("traceback", sa.Text(), nullable=True),
        sa.Column("http_status", BigKey, nullable=True),
        sa.Column("attempts", BigKey, nullable=False),
        sa.Column("size_bytes", BigKey, nullable=False),
        sa.Column("elapsed_ms", BigKey, nullable=False),
        sa.Column("seen", BigKey, nullable=False),
        sa.Column("new", BigKey, nullable=False),
        sa.Column("updated", BigKey, nullable=False),
        sa.Column("unchanged", BigKey, nullable=False),
        sa.Column("duplicate", BigKey, nullable=False),
        sa.Column("off_topic", BigKey, nullable=False),
        sa.Column("failed", BigKey, nullable=False),
        sa.Column("versions", BigKey, nullable=False),
        sa.Column("warnings", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("document_digest", sa.Text(), nullable=True),
        sa.Column("finished_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["feed_id"], ["feeds.id"], name=op.f("fk_feed_runs_feed_id"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_feed_runs_run_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("run_id", "feed_id", name=op.f("pk_feed_runs")),
    )
    with op.batch_alter_table("feed_runs", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_feed_runs_document_digest"), ["document_digest"], unique=False)
        batch_op.create_index(batch_op.f("ix_feed_runs_feed_id"), ["feed_id"], unique=False)

    op.create_table(
        "quarantine",
        sa.Column("id", BigKey, sa.Identity(always=False), nullable=False),
        sa.Column("feed_id", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("code_version", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("traceback", sa.Text(), nullable=True),
        sa.Column("document_digest", sa.Text(), nullable=True),
        sa.Column("run_id", BigKey, nullable=False),
        sa.Column("first_seen_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["feed_id"], ["feeds.id"], name=op.f("fk_quarantine_feed_id"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_quarantine_run_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quarantine")),
        sa.UniqueConstraint(
            "feed_id", "digest", "stage", "code_version", name=op.f("uq_quarantine_feed_id_digest_stage_code_version")
        ),
    )
    op.create_table(
        "stories",
        sa.Column("id", BigKey, sa.Identity(always=False), nullable=False),
        sa.Column("uid", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("authors", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("tags", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("published_at", UtcDateTime(), nullable=True),
        sa.Column("published_raw", sa.Text(), nullable=True),
        sa.Column("is_zone_assumed", sa.Boolean(), nullable=False),
        sa.Column("first_seen_at", UtcDateTime(), nullable=False),
        sa.Column("sort_at", UtcDateTime(), nullable=False),
        sa.Column("admitted_at", UtcDateTime(), nullable=True),
        sa.Column("first_run_id", BigKey, nullable=False),
        sa.Column("admitted_run_id", BigKey, nullable=True),
        sa.Column("version_id", BigKey, nullable=True),
        sa.Column("classification_id", BigKey, nullable=True),
        sa.Column("lead", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("revisions", BigKey, nullable=False),
        sa.Column("flapping", sa.Boolean(), nullable=False),
        sa.Column("cluster_id", BigKey, nullable=False),
        sa.Column("merged_into", BigKey, nullable=True),
        sa.Column("withdrawn_at", UtcDateTime(), nullable=True),
        sa.Column("withdrawn_reason", sa.Text(), nullable=True),
        sa.Column("page_state", sa.Text(), nullable=False),
        sa.Column("page_reason", sa.Text(), nullable=True),
        sa.Column("page_due_at", UtcDateTime(), nullable=True),
        sa.Column("page_attempts", BigKey, nullable=False),
        sa.Column("page_checks", BigKey, nullable=False),
        sa.Column("page_etag", sa.Text(), nullable=True),
        sa.Column("page_digest", sa.Text(), nullable=True),
        sa.Column("page_pending_hash", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["admitted_run_id"], ["runs.id"], name=op.f("fk_stories_admitted_run_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["first_run_id"], ["runs.id"], name=op.f("fk_stories_first_run_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["merged_into"], ["stories.id"], name=op.f("fk_stories_merged_into"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stories")),
        sa.UniqueConstraint("uid", name=op.f("uq_stories_uid")),
    )
    with op.batch_alter_table("stories", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_stories_cluster_id"), ["cluster_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_stories_first_seen_at"), ["first_seen_at"], unique=False)
        batch_op.create_index(
            "ix_stories_page_due", ["page_due_at"], unique=False, postgresql_where=sa.text("page_due_at IS NOT NULL")
        )
        batch_op.create_index(
            "ix_stories_sort_at", ["sort_at", "id"], unique=False, postgresql_where=sa.text("admitted_at IS NOT NULL")
        )
        batch_op.create_index(batch_op.f("ix_stories_url"), ["url"], unique=False)

    op.create_table(
        "fetches",
        sa.Column("id", BigKey, sa.Identity(always=False), nullable=False),
        sa.Column("run_id", BigKey, nullable=False),
        sa.Column("feed_id", sa.Text(), nullable=True),
        sa.Column("story_id", BigKey, nullable=True),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("attempt", BigKey, nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("elapsed_ms", BigKey, nullable=False),
        sa.Column("status", BigKey, nullable=True),
        sa.Column("headers", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("digest", sa.Text(), nullable=True),
        sa.Column("size_bytes", BigKey, nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("message", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["feed_id"], ["feeds.id"], name=op.f("fk_fetches_feed_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_fetches_run_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["story_id"], ["stories.id"], name=op.f("fk_fetches_story_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fetches")),
    )
    with op.batch_alter_table("fetches", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_fetches_run_id"), ["run_id"], unique=False)

    op.create_table(
        "search_queue",
        sa.Column("story_id", BigKey, nullable=False),
        sa.Column("queued_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["story_id"], ["stories.id"], name=op.f("fk_search_queue_story_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("story_id", name=op.f("pk_search_queue")),
    )
    op.create_table(
        "sightings",
        sa.Column("id", BigKey, sa.Identity(always=False), nullable=False),
        sa.Column("feed_id", sa.Text(), nullable=False),
        sa.Column("story_id", BigKey, nullable=False),
        sa.Column("guid", sa.Text(), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("url_key", sa.Text(), nullable=True),
        sa.Column("entry_digest", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("length_class", BigKey, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("first_seen_at", UtcDateTime(), nullable=False),
        sa.Column("first_run_id", BigKey, nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["feed_id"], ["feeds.id"], name=op.f("fk_sightings_feed_id"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["first_run_id"], ["runs.id"], name=op.f("fk_sightings_first_run_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["story_id"], ["stories.id"], name=op.f("fk_sightings_story_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sightings")),
        sa.UniqueConstraint("feed_id", "story_id", name=op.f("uq_sightings_feed_id_story_id")),
    )
    with op.batch_alter_table("sightings", schema=None) as batch_op:
        batch_op.create_index("ix_sightings_digest", ["feed_id", "entry_digest"], unique=False)
        batch_op.create_index(batch_op.f("ix_sightings_story_id"), ["story_id"], unique=False)

    op.create_table(
        "story_keys",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("story_id", BigKey, nullable=False),
        sa.Column("feed_id", sa.Text(), nullable=False),
        sa.Column("is_shared", sa.Boolean(), nullable=False),
        sa.Column("key_version", BigKey, nullable=False),
        sa.Column("added_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["feed_id"], ["feeds.id"], name=op.f("fk_story_keys_feed_id"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["story_id"], ["stories.id"], name=op.f("fk_story_keys_story_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("kind", "scope", "key", name=op.f("pk_story_keys")),
    )
    with op.batch_alter_table("story_keys", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_story_keys_story_id"), ["story_id"], unique=False)

    op.create_table(
        "story_versions",
        sa.Column("id", BigKey, sa.Identity(always=False), nullable=False),
        sa.Column("story_id", BigKey, nullable=False),
        sa.Column("number", BigKey, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("feed_id", sa.Text(), nullable=True),
        sa.Column("run_id", BigKey, nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("extractor_version", sa.Text(), nullable=False),
        sa.Column("raw_entry", sa.LargeBinary(), nullable=True),
        sa.Column("raw_digest", sa.Text(), nullable=True),
        sa.Column("replaced_hash", sa.Text(), nullable=True),
        sa.Column("replaced_extractor_version", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["feed_id"], ["feeds.id"], name=op.f("fk_story_versions_feed_id"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["raw_digest"], ["raw_blobs.digest"], name=op.f("fk_story_versions_raw_digest"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_story_versions_run_id"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["story_id"], ["stories.id"], name=op.f("fk_story_versions_story_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_story_versions")),
        sa.UniqueConstraint("story_id", "number", name=op.f("uq_story_versions_story_id_number")),
        sa.UniqueConstraint("story_id", "run_id", "source", name=op.f("uq_story_versions_story_id_run_id_source")),
    )
    with op.batch_alter_table("story_versions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_story_versions_run_id"), ["run_id"], unique=False)

    op.create_table(
        "classifications",
        sa.Column("id", BigKey, sa.Identity(always=False), nullable=False),
        sa.Column("story_id", BigKey, nullable=False),
        sa.Column("version_id", BigKey, nullable=False),
        sa.Column("classifier_version", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("relevance", sa.Float(), nullable=False),
        sa.Column("is_relevant", sa.Boolean(), nullable=False),
        sa.Column("needs_review", sa.Boolean(), nullable=False),
        sa.Column("evidence", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["story_id"], ["stories.id"], name=op.f("fk_classifications_story_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["version_id"], ["story_versions.id"], name=op.f("fk_classifications_version_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_classifications")),
    )
    with op.batch_alter_table("classifications", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_classifications_story_id"), ["story_id"], unique=False)

    op.create_table(
        "story_topics",
        sa.Column("classification_id", BigKey, nullable=False),
        sa.Column("topic_id", sa.Text(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("is_primary", sa.Boolean(), nullable=False),
        sa.Column("evidence", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.ForeignKeyConstraint(
            ["classification_id"],
            ["classifications.id"],
            name=op.f("fk_story_topics_classification_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["topic_id"], ["topics.id"], name=op.f("fk_story_topics_topic_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("classification_id", "topic_id", name=op.f("pk_story_topics")),
    )
    with op.batch_alter_table("story_topics", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_story_topics_topic_id"), ["topic_id"], unique=False)
    search_index(op.get_bind()).create(op.get_bind())
