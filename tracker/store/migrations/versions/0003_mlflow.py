"""MLflow: experiments, tags, parameters, inputs, logged models, the registry, and the artifact proxy's paths."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _experiments()
    _runs()
    _models()
    _registry()


def _experiments() -> None:
    op.create_table(
        "mlflow_experiments",
        sa.Column("id", KEY, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("project", sa.Text(), nullable=False),
        sa.Column("location", sa.Text(), nullable=True),
        sa.Column("deleted_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mlflow_experiments")),
        sa.UniqueConstraint("name", name=op.f("uq_mlflow_experiments_name")),
        sa.UniqueConstraint("project", name=op.f("uq_mlflow_experiments_project")),
    )
    op.create_table(
        "mlflow_files",
        sa.Column("root", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("root", "path", name=op.f("pk_mlflow_files")),
    )
    op.create_table(
        "mlflow_experiment_tags",
        sa.Column("experiment", KEY, autoincrement=False, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["experiment"], ["mlflow_experiments.id"], name=op.f("fk_mlflow_experiment_tags_experiment")
        ),
        sa.PrimaryKeyConstraint("experiment", "key", name=op.f("pk_mlflow_experiment_tags")),
    )


def _runs() -> None:
    op.create_table(
        "mlflow_inputs",
        sa.Column("id", KEY, nullable=False),
        sa.Column("run", KEY, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("source_type", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("schema", sa.Text(), nullable=True),
        sa.Column("profile", sa.Text(), nullable=True),
        sa.Column("tags", sa.LargeBinary(), nullable=False),
        sa.Column("context", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["run"], ["runs.id"], name=op.f("fk_mlflow_inputs_run")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mlflow_inputs")),
    )
    op.create_index(op.f("ix_mlflow_inputs_run"), "mlflow_inputs", ["run"], unique=False)
    op.create_table(
        "mlflow_latest",
        sa.Column("run", KEY, autoincrement=False, nullable=False),
        sa.Column("metric_id", KEY, autoincrement=False, nullable=False),
        sa.Column("step", sa.BigInteger(), nullable=False),
        sa.Column("time", sa.BigInteger(), nullable=False),
        sa.Column("value", sa.Float(53), nullable=True),
        sa.ForeignKeyConstraint(["metric_id"], ["metrics.id"], name=op.f("fk_mlflow_latest_metric_id")),
        sa.ForeignKeyConstraint(["run"], ["runs.id"], name=op.f("fk_mlflow_latest_run")),
        sa.PrimaryKeyConstraint("run", "metric_id", name=op.f("pk_mlflow_latest")),
    )
    op.create_table(
        "mlflow_params",
        sa.Column("run", KEY, autoincrement=False, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["run"], ["runs.id"], name=op.f("fk_mlflow_params_run")),
        sa.PrimaryKeyConstraint("run", "key", name=op.f("pk_mlflow_params")),
    )
    op.create_index(op.f("ix_mlflow_params_key_run"), "mlflow_params", ["key", "run"], unique=False)
    op.create_table(
        "mlflow_runs",
        sa.Column("run", KEY, autoincrement=False, nullable=False),
        sa.Column("segment", sa.Text(), nullable=False),
        sa.Column("nonce", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("deleted_at", sa.BigInteger(), nullable=True),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["run"], ["runs.id"], name=op.f("fk_mlflow_runs_run")),
        sa.PrimaryKeyConstraint("run", name=op.f("pk_mlflow_runs")),
    )
    op.create_table(
        "mlflow_tags",
        sa.Column("run", KEY, autoincrement=False, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["run"], ["runs.id"], name=op.f("fk_mlflow_tags_run")),
        sa.PrimaryKeyConstraint("run", "key", name=op.f("pk_mlflow_tags")),
    )
    op.create_index(op.f("ix_mlflow_tags_key_run"), "mlflow_tags", ["key", "run"], unique=False)


def _models() -> None:
    op.create_table(
        "mlflow_model_metrics",
        sa.Column("id", KEY, nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.Float(53), nullable=True),
        sa.Column("step", sa.BigInteger(), nullable=False),
        sa.Column("time", sa.BigInteger(), nullable=False),
        sa.Column("dataset_name", sa.Text(), nullable=True),
        sa.Column("dataset_digest", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mlflow_model_metrics")),
    )
    op.create_index(op.f("ix_mlflow_model_metrics_model"), "mlflow_model_metrics", ["model"], unique=False)
    op.create_table(
        "mlflow_models",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("experiment", KEY, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=True),
        sa.Column("type", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("deleted_at", sa.BigInteger(), nullable=True),
        sa.Column("created_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["experiment"], ["mlflow_experiments.id"], name=op.f("fk_mlflow_models_experiment")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mlflow_models")),
    )
    op.create_index(
        op.f("ix_mlflow_models_experiment_created_at"), "mlflow_models", ["experiment", "created_at"], unique=False
    )
    op.create_index(op.f("ix_mlflow_models_run_id"), "mlflow_models", ["run_id"], unique=False)
    op.create_table(
        "mlflow_lineage",
        sa.Column("run", KEY, autoincrement=False, nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("output", sa.Boolean(), nullable=False),
        sa.Column("step", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["run"], ["runs.id"], name=op.f("fk_mlflow_lineage_run")),
        sa.PrimaryKeyConstraint("run", "model", "output", name=op.f("pk_mlflow_lineage")),
    )
    op.create_table(
        "mlflow_model_words",
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["model"], ["mlflow_models.id"], name=op.f("fk_mlflow_model_words_model")),
        sa.PrimaryKeyConstraint("model", "kind", "key", name=op.f("pk_mlflow_model_words")),
    )


def _registry() -> None:
    op.create_table(
        "mlflow_aliases",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("alias", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", "alias", name=op.f("pk_mlflow_aliases")),
    )
    op.create_table(
        "mlflow_registered",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=True),
        sa.Column("versions", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_mlflow_registered")),
    )
    op.create_table(
        "mlflow_registry_tags",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", "version", "key", name=op.f("pk_mlflow_registry_tags")),
    )
    op.create_table(
        "mlflow_versions",
        sa.Column("id", KEY, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("storage", sa.Text(), nullable=True),
        sa.Column("run_id", sa.Text(), nullable=True),
        sa.Column("run_link", sa.Text(), nullable=True),
        sa.Column("model_id", sa.Text(), nullable=True),
        sa.Column("user_id", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mlflow_versions")),
    )
    op.create_index(op.f("ix_mlflow_versions_name_version"), "mlflow_versions", ["name", "version"], unique=True)
    op.create_index(op.f("ix_mlflow_versions_run_id"), "mlflow_versions", ["run_id"], unique=False)
    op.create_table(
        "mlflow_execs",
        sa.Column("nonce", sa.Text(), nullable=False),
        sa.Column("member", KEY, nullable=False),
        sa.Column("snapshot", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["member"], ["members.id"], name=op.f("fk_mlflow_execs_member")),
        sa.PrimaryKeyConstraint("nonce", name=op.f("pk_mlflow_execs")),
    )
