"""Which kind of source something is, and what is found in it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, get_args

from tracker.errors import NotFound, UsageError
from tracker.ways import (
    mlflow_base,
    mlflow_files,
    mlflow_server,
    neptune,
    sheet,
    tensorboard,
    trackio,
    wandb_files,
    wandb_offline,
)
from tracker.ways.found import Found

Kind = Literal["mlflow", "wandb", "tensorboard", "trackio", "neptune", "csv"]
KINDS: tuple[Kind, ...] = get_args(Kind)
_ANSWER = "Say it: --from mlflow|wandb|tensorboard|trackio|neptune|csv."


def kind_of(source: str) -> Kind:
    """What kind of source it is, by how it looks.

    Raises:
        NotFound: there is nothing.
        UsageError: it looks like none of those that can be read.
    """
    if source.startswith(("http://", "https://")):
        return "mlflow"
    path = Path(source)
    if not path.exists():
        raise NotFound(f"There is no {source}.", remedy="Name a file, a folder, or the address of an MLflow server.")
    found = _of_file(path) if path.is_file() else _of_folder(path)
    if found is None:
        raise UsageError(f"{source} looks like nothing that can be imported.", remedy=_ANSWER)
    return found


def _of_file(path: Path) -> Kind | None:
    if path.suffix == ".wandb":
        return "wandb"
    if "tfevents" in path.name:
        return "tensorboard"
    if path.suffix in (".csv", ".tsv"):
        return "csv"
    if path.suffix == ".parquet" and neptune.is_export(path):
        return "neptune"
    if mlflow_base.is_database(path):
        return "mlflow"
    return "trackio" if trackio.is_database(path) else None


def _of_folder(path: Path) -> Kind | None:
    if _any(path.rglob("run-*.wandb")) or _any(path.rglob("history.json*")) or _any(path.rglob("history.csv")):
        return "wandb"
    if _any(path.glob("*/meta.yaml")) or (path / "meta.yaml").is_file():
        return "mlflow"
    if _any(path.rglob("*tfevents*")):
        return "tensorboard"
    if any(trackio.is_database(each) for each in path.glob("*.db")):
        return "trackio"
    if _any(path.glob("*.csv")):
        return "csv"
    return "neptune" if _any(path.rglob("*.parquet")) else None


def _any(paths: Iterator[Path]) -> bool:
    return any(itertools.islice(paths, 1))


@contextmanager
def opened(source: str, kind: Kind, project: str | None, token: str | None = None) -> Iterator[Iterator[Found]]:
    """What is in the source, found as it is asked for, while the block lasts. `project` is where runs go; without it
    they go where the source says, or into a project called as the source."""
    path = Path(source)
    if kind == "mlflow" and source.startswith(("http://", "https://")):
        server = mlflow_server.Server(source, token)
        try:
            yield mlflow_server.read(server, project)
        finally:
            server.close()
        return
    if not path.exists():
        raise NotFound(f"There is no {source}.", remedy="Name a file or a folder.")
    called = project or path.absolute().stem or "imported"
    match kind:
        case "mlflow":
            yield mlflow_base.read(path, project) if path.is_file() else mlflow_files.read(path, project)
        case "wandb":
            yield itertools.chain(
                wandb_offline.read(path, project), () if path.is_file() else wandb_files.read(path, called)
            )
        case "tensorboard":
            yield tensorboard.read(path, called)
        case "trackio":
            yield trackio.read(path, project)
        case "neptune":
            yield neptune.read(path, project)
        case "csv":
            yield sheet.read(path, called)
