"""Runs and people."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "documents",
        sa.Column("id", KEY, nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_documents")),
        sa.UniqueConstraint("digest", name=op.f("uq_documents_digest")),
    )
    op.create_table(
        "members",
        sa.Column("id", KEY, nullable=False),
        sa.Column("handle", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("slack_team", sa.Text(), nullable=True),
        sa.Column("slack_user", sa.Text(), nullable=True),
        sa.Column("slack_at", sa.BigInteger(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("role IN ('member', 'instructor', 'admin')", name=op.f("ck_members_role")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_members")),
        sa.UniqueConstraint("handle", name=op.f("uq_members_handle")),
        sa.UniqueConstraint("slack_team", "slack_user", name=op.f("uq_members_slack_team_slack_user")),
    )
    op.create_table(
        "projects",
        sa.Column("id", KEY, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_projects")),
        sa.UniqueConstraint("name", name=op.f("uq_projects_name")),
    )
    op.create_table(
        "boards",
        sa.Column("id", KEY, nullable=False),
        sa.Column("project_id", KEY, nullable=False),
        sa.Column("spec", sa.LargeBinary(), nullable=False),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.Column("set_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_boards_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_boards")),
    )
    op.create_index(op.f("ix_boards_project_id"), "boards", ["project_id"])
    op.create_table(
        "keys",
        sa.Column("id", KEY, nullable=False),
        sa.Column("project_id", KEY, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_keys_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_keys")),
        sa.UniqueConstraint("project_id", "name", name=op.f("uq_keys_project_id_name")),
    )
    op.create_table(
        "metrics",
        sa.Column("id", KEY, nullable=False),
        sa.Column("project_id", KEY, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_metrics_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_metrics")),
        sa.UniqueConstraint("project_id", "name", name=op.f("uq_metrics_project_id_name")),
    )
    op.create_table(
        "runs",
        sa.Column("id", KEY, nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("project_id", KEY, nullable=False),
        sa.Column("member_id", KEY, nullable=True),
        sa.Column("nonce", sa.Text(), nullable=False),
        sa.Column("principal", KEY, nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("last_seen", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("runtime", sa.Float(precision=53), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("seed", sa.Text(), nullable=True),
        sa.Column("parent", sa.Text(), nullable=True),
        sa.Column("reproduces", sa.Text(), nullable=True),
        sa.Column("config_digest", sa.Text(), nullable=False),
        sa.Column("code_digest", sa.Text(), nullable=True),
        sa.Column("data_digest", sa.Text(), nullable=True),
        sa.Column("environment_digest", sa.Text(), nullable=True),
        sa.Column("events", sa.BigInteger(), nullable=False),
        sa.Column("head", sa.LargeBinary(), nullable=False),
        sa.Column("seals", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.CheckConstraint("state IN ('running', 'finished', 'failed')", name=op.f("ck_runs_state")),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_runs_member_id")),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_runs_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runs")),
        sa.UniqueConstraint("run_id", name=op.f("uq_runs_run_id")),
    )
    op.create_index(op.f("ix_runs_member_id_started_at"), "runs", ["member_id", "started_at"])
    op.create_index(op.f("ix_runs_project_id_config_digest"), "runs", ["project_id", "config_digest"])
    op.create_index(op.f("ix_runs_project_id_started_at_id"), "runs", ["project_id", "started_at", "id"])
    op.create_index(op.f("ix_runs_project_id_state_started_at"), "runs", ["project_id", "state", "started_at"])
    op.create_index(op.f("ix_runs_reproduces"), "runs", ["reproduces"])
    op.create_index(op.f("ix_runs_started_at_id"), "runs", ["started_at", "id"])
    op.create_table(
        "tokens",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("member_id", KEY, nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_tokens_member_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tokens")),
        sa.UniqueConstraint("digest", name=op.f("uq_tokens_digest")),
    )
    op.create_index(op.f("ix_tokens_member_id"), "tokens", ["member_id"])
    op.create_table(
        "artifacts",
        sa.Column("run", KEY, autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("folder", sa.Boolean(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("stored", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["run"], ["runs.id"], name=op.f("fk_artifacts_run")),
        sa.PrimaryKeyConstraint("run", "seq", name=op.f("pk_artifacts")),
        sa.UniqueConstraint("run", "name", "version", name=op.f("uq_artifacts_run_name_version")),
    )
    op.create_index(op.f("ix_artifacts_digest"), "artifacts", ["digest"])
    op.create_table(
        "chunks",
        sa.Column("run", KEY, autoincrement=False, nullable=False),
        sa.Column("metric_id", KEY, autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["metric_id"], ["metrics.id"], name=op.f("fk_chunks_metric_id")),
        sa.ForeignKeyConstraint(["run"], ["runs.id"], name=op.f("fk_chunks_run")),
        sa.PrimaryKeyConstraint("run", "metric_id", "seq", name=op.f("pk_chunks")),
    )
    op.create_table(
        "config_values",
        sa.Column("run", KEY, autoincrement=False, nullable=False),
        sa.Column("key_id", KEY, autoincrement=False, nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("number", sa.Float(precision=53), nullable=True),
        sa.ForeignKeyConstraint(["key_id"], ["keys.id"], name=op.f("fk_config_values_key_id")),
        sa.ForeignKeyConstraint(["run"], ["runs.id"], name=op.f("fk_config_values_run")),
        sa.PrimaryKeyConstraint("run", "key_id", name=op.f("pk_config_values")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_config_values_number", "config_values", ["key_id", "number", "run"])
    op.create_index("ix_config_values_text", "config_values", ["key_id", "text", "run"])
    op.create_table(
        "datasets",
        sa.Column("run", KEY, autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("used_as", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["run"], ["runs.id"], name=op.f("fk_datasets_run")),
        sa.PrimaryKeyConstraint("run", "seq", name=op.f("pk_datasets")),
    )
    op.create_index(op.f("ix_datasets_digest"), "datasets", ["digest"])
    op.create_table(
        "details",
        sa.Column("run", KEY, autoincrement=False, nullable=False),
        sa.Column("code", KEY, nullable=True),
        sa.Column("python", KEY, nullable=True),
        sa.Column("config", sa.LargeBinary(), nullable=False),
        sa.Column("snapshot", sa.LargeBinary(), nullable=False),
        sa.Column("ended", sa.LargeBinary(), nullable=True),
        sa.Column("seals", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["code"], ["documents.id"], name=op.f("fk_details_code")),
        sa.ForeignKeyConstraint(["python"], ["documents.id"], name=op.f("fk_details_python")),
        sa.ForeignKeyConstraint(["run"], ["runs.id"], name=op.f("fk_details_run")),
        sa.PrimaryKeyConstraint("run", name=op.f("pk_details")),
    )
    op.create_table(
        "notices",
        sa.Column("id", KEY, nullable=False),
        sa.Column("run", KEY, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["run"], ["runs.id"], name=op.f("fk_notices_run")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
    )
    op.create_index(op.f("ix_notices_run"), "notices", ["run"])
    op.create_table(
        "pieces",
        sa.Column("run", KEY, autoincrement=False, nullable=False),
        sa.Column("metric_id", KEY, autoincrement=False, nullable=False),
        sa.Column("after_seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("last_seq", sa.BigInteger(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["metric_id"], ["metrics.id"], name=op.f("fk_pieces_metric_id")),
        sa.ForeignKeyConstraint(["run"], ["runs.id"], name=op.f("fk_pieces_run")),
        sa.PrimaryKeyConstraint("run", "metric_id", "after_seq", name=op.f("pk_pieces")),
    )
    op.create_table(
        "reproductions",
        sa.Column("run", KEY, autoincrement=False, nullable=False),
        sa.Column("original", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=True),
        sa.Column("score", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["run"], ["runs.id"], name=op.f("fk_reproductions_run")),
        sa.PrimaryKeyConstraint("run", name=op.f("pk_reproductions")),
    )
    op.create_index(op.f("ix_reproductions_original"), "reproductions", ["original"])
    op.create_table(
        "retractions",
        sa.Column("run", KEY, autoincrement=False, nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["run"], ["runs.id"], name=op.f("fk_retractions_run")),
        sa.PrimaryKeyConstraint("run", name=op.f("pk_retractions")),
    )
    op.create_table(
        "segments",
        sa.Column("id", KEY, nullable=False),
        sa.Column("run", KEY, nullable=False),
        sa.Column("segment", sa.Text(), nullable=False),
        sa.Column("nonce", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=True),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("offset", sa.BigInteger(), nullable=False),
        sa.Column("last_digest", sa.Text(), nullable=False),
        sa.Column("ended", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["run"], ["runs.id"], name=op.f("fk_segments_run")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_segments")),
        sa.UniqueConstraint("run", "nonce", "segment", name=op.f("uq_segments_run_nonce_segment")),
    )
    op.create_table(
        "summaries",
        sa.Column("run", KEY, autoincrement=False, nullable=False),
        sa.Column("metric_id", KEY, autoincrement=False, nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("nonfinite", sa.BigInteger(), nullable=False),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.Column("last_time", sa.BigInteger(), nullable=False),
        sa.Column("last", sa.Float(precision=53), nullable=True),
        sa.Column("first_step", sa.BigInteger(), nullable=False),
        sa.Column("first", sa.Float(precision=53), nullable=True),
        sa.Column("min", sa.Float(precision=53), nullable=True),
        sa.Column("min_step", sa.BigInteger(), nullable=True),
        sa.Column("max", sa.Float(precision=53), nullable=True),
        sa.Column("max_step", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["metric_id"], ["metrics.id"], name=op.f("fk_summaries_metric_id")),
        sa.ForeignKeyConstraint(["run"], ["runs.id"], name=op.f("fk_summaries_run")),
        sa.PrimaryKeyConstraint("run", "metric_id", name=op.f("pk_summaries")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_summaries_last", "summaries", ["metric_id", "last", "run"])
    op.create_index("ix_summaries_max", "summaries", ["metric_id", "max", "run"])
    op.create_index("ix_summaries_min", "summaries", ["metric_id", "min", "run"])
    op.create_table(
        "tags",
        sa.Column("run", KEY, autoincrement=False, nullable=False),
        sa.Column("tag", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["run"], ["runs.id"], name=op.f("fk_tags_run")),
        sa.PrimaryKeyConstraint("run", "tag", name=op.f("pk_tags")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_tags_tag_run"), "tags", ["tag", "run"])
    op.create_table(
        "events",
        sa.Column("run", KEY, autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("segment", KEY, nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("link", sa.LargeBinary(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["run"], ["runs.id"], name=op.f("fk_events_run")),
        sa.ForeignKeyConstraint(["segment"], ["segments.id"], name=op.f("fk_events_segment")),
        sa.PrimaryKeyConstraint("run", "seq", name=op.f("pk_events")),
    )
    op.create_table(
        "roots",
        sa.Column("number", KEY, autoincrement=False, nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("previous", sa.Text(), nullable=False),
        sa.Column("moved", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_roots")),
        sa.UniqueConstraint("day", name=op.f("uq_roots_day")),
    )
    op.create_table(
        "rooted",
        sa.Column("run", KEY, autoincrement=False, nullable=False),
        sa.Column("root", KEY, autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("link", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["run"], ["runs.id"], name=op.f("fk_rooted_run")),
        sa.ForeignKeyConstraint(["root"], ["roots.number"], name=op.f("fk_rooted_root")),
        sa.PrimaryKeyConstraint("run", "root", name=op.f("pk_rooted")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_rooted_root"), "rooted", ["root"])
