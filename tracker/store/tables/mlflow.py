"""What MLflow's clients keep that a record has no place for: experiments, key-value tags, parameters as they were
written, dataset inputs, logged models, the model registry, and which path is which artifact.

A run is in `runs` and is written by events only; rows here stand beside it. Experiments and projects go one to one.
Times are microseconds, as everywhere; MLflow's milliseconds are made at the edge.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, Table, Text

from tracker.store.tables import Bytes, Key, Line, Real, Time, metadata

experiments = Table(
    "mlflow_experiments",
    metadata,
    Column("id", Key, primary_key=True),
    Column("name", Line, nullable=False, unique=True),
    Column("project", Line, nullable=False, unique=True),
    Column("location", Line),
    Column("deleted_at", Time),
    Column("created_at", Time, nullable=False),
    Column("updated_at", Time, nullable=False),
    Column("created_by", Line),
)
"""`project` is the project's name, which stays when the experiment is renamed. Number 0 is "Default"."""

experiment_tags = Table(
    "mlflow_experiment_tags",
    metadata,
    Column("experiment", Key, ForeignKey("mlflow_experiments.id"), primary_key=True, autoincrement=False),
    Column("key", Line, primary_key=True),
    Column("value", Line, nullable=False),
)

runs = Table(
    "mlflow_runs",
    metadata,
    Column("run", Key, ForeignKey("runs.id"), primary_key=True, autoincrement=False),
    Column("segment", Line, nullable=False),
    Column("nonce", Line, nullable=False),
    Column("status", Text, nullable=False),
    Column("name", Line, nullable=False),
    Column("user_id", Line, nullable=False),
    Column("ended_at", Time),
    Column("deleted_at", Time),
    Column("refused", Integer, nullable=False),
)
"""Runs that an MLflow client wrote to. `segment` and `nonce` name the segment that is written now; `refused` counts
the notices of what was refused."""

params = Table(
    "mlflow_params",
    metadata,
    Column("run", Key, ForeignKey("runs.id"), primary_key=True, autoincrement=False),
    Column("key", Line, primary_key=True),
    Column("value", Line, nullable=False),
    Index(None, "key", "run"),
)

tags = Table(
    "mlflow_tags",
    metadata,
    Column("run", Key, ForeignKey("runs.id"), primary_key=True, autoincrement=False),
    Column("key", Line, primary_key=True),
    Column("value", Line, nullable=False),
    Index(None, "key", "run"),
)

latest = Table(
    "mlflow_latest",
    metadata,
    Column("run", Key, ForeignKey("runs.id"), primary_key=True, autoincrement=False),
    Column("metric_id", Key, ForeignKey("metrics.id"), primary_key=True, autoincrement=False),
    Column("step", BigInteger, nullable=False),
    Column("time", Time, nullable=False),
    Column("value", Real),
)
"""A metric's latest point as MLflow defines it (highest step, then time, then value), where that is not the one
written last at the highest step, which the summary holds. NaN is NULL."""

inputs = Table(
    "mlflow_inputs",
    metadata,
    Column("id", Key, primary_key=True),
    Column("run", Key, ForeignKey("runs.id"), nullable=False),
    Column("name", Line, nullable=False),
    Column("digest", Line, nullable=False),
    Column("source_type", Line, nullable=False),
    Column("source", Line, nullable=False),
    Column("schema", Line),
    Column("profile", Line),
    Column("tags", Bytes, nullable=False),
    Column("context", Line),
    Index(None, "run"),
)
"""Dataset inputs. `tags` is canonical JSON of their tags, `context` the tag mlflow.data.context."""

models = Table(
    "mlflow_models",
    metadata,
    Column("id", Text, primary_key=True),
    Column("experiment", Key, ForeignKey("mlflow_experiments.id"), nullable=False),
    Column("name", Line, nullable=False),
    Column("run_id", Line),
    Column("type", Line),
    Column("status", Text, nullable=False),
    Column("message", Line),
    Column("created_at", Time, nullable=False),
    Column("updated_at", Time, nullable=False),
    Column("deleted_at", Time),
    Column("created_by", Line),
    Index(None, "experiment", "created_at"),
    Index(None, "run_id"),
)

model_words = Table(
    "mlflow_model_words",
    metadata,
    Column("model", Text, ForeignKey("mlflow_models.id"), primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("key", Line, primary_key=True),
    Column("value", Line, nullable=False),
)
"""Parameters and tags of logged models; `kind` is "param" or "tag"."""

model_metrics = Table(
    "mlflow_model_metrics",
    metadata,
    Column("id", Key, primary_key=True),
    Column("model", Text, nullable=False),
    Column("run_id", Line, nullable=False),
    Column("key", Line, nullable=False),
    Column("value", Real),
    Column("step", BigInteger, nullable=False),
    Column("time", Time, nullable=False),
    Column("dataset_name", Line),
    Column("dataset_digest", Line),
    Index(None, "model"),
)

lineage = Table(
    "mlflow_lineage",
    metadata,
    Column("run", Key, ForeignKey("runs.id"), primary_key=True, autoincrement=False),
    Column("model", Text, primary_key=True),
    Column("output", Boolean, primary_key=True),
    Column("step", BigInteger, nullable=False),
)
"""The logged models a run made (`output`) or used."""

registered = Table(
    "mlflow_registered",
    metadata,
    Column("name", Line, primary_key=True),
    Column("description", Line),
    Column("created_at", Time, nullable=False),
    Column("updated_at", Time, nullable=False),
    Column("created_by", Line),
    Column("versions", Integer, nullable=False),
)
"""`versions` counts the versions there ever were, so that a number is never given twice."""

versions = Table(
    "mlflow_versions",
    metadata,
    Column("id", Key, primary_key=True),
    Column("name", Line, nullable=False),
    Column("version", Integer, nullable=False),
    Column("stage", Text, nullable=False),
    Column("description", Line),
    Column("source", Line),
    Column("storage", Line),
    Column("run_id", Line),
    Column("run_link", Line),
    Column("model_id", Line),
    Column("user_id", Line),
    Column("created_at", Time, nullable=False),
    Column("updated_at", Time, nullable=False),
    Index(None, "name", "version", unique=True),
    Index(None, "run_id"),
)

registry_tags = Table(
    "mlflow_registry_tags",
    metadata,
    Column("name", Line, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("key", Line, primary_key=True),
    Column("value", Line, nullable=False),
)
"""Tags of registered models (version 0) and of their versions."""

aliases = Table(
    "mlflow_aliases",
    metadata,
    Column("name", Line, primary_key=True),
    Column("alias", Line, primary_key=True),
    Column("version", Integer, nullable=False),
)

files = Table(
    "mlflow_files",
    metadata,
    Column("root", Line, primary_key=True),
    Column("path", Line, primary_key=True),
    Column("digest", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("media_type", Line, nullable=False),
    Column("at", Time, nullable=False),
)
"""The artifact proxy: which content a path holds now. `root` is a run ID, a logged model's ID, or "" for any other
path."""

execs = Table(
    "mlflow_execs",
    metadata,
    Column("nonce", Text, primary_key=True),
    Column("member", Key, ForeignKey("members.id"), nullable=False),
    Column("snapshot", Bytes, nullable=False),
    Column("at", Time, nullable=False),
)
"""Snapshots that `runcite exec` took, for the runs that the command opens. `snapshot` is canonical JSON."""
