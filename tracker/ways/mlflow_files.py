"""MLflow's file store: the folder `mlruns`, an experiment a folder, in it a run a folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

from tracker.errors import Corrupt
from tracker.ways.found import Curve, Found, FoundFile, FoundRun, Gathering, Trouble, number
from tracker.ways.mlflow_words import NUMBERED, found

_META = "meta.yaml"


def meta(path: Path) -> dict[str, str]:
    """What a `meta.yaml` says: MLflow writes plain values there, a line each.

    Raises:
        Corrupt: it is none.
    """
    said: dict[str, str] = {}
    for line in path.read_text("utf-8").splitlines():
        key, colon, value = line.partition(":")
        if colon and key and not key[0].isspace():
            said[key.strip()] = _unquoted(value.strip())
    if not said:
        raise Corrupt(f"{path.name} says nothing")
    return said


def _unquoted(text: str) -> str:
    if len(text) >= 2 and text[0] == text[-1] == "'":
        return text[1:-1].replace("''", "'")
    if len(text) >= 2 and text[0] == text[-1] == '"':
        return text[1:-1].encode("latin-1", "backslashreplace").decode("unicode_escape", "replace")
    return "" if text in ("null", "~") else text


def read(root: Path, project: str | None) -> Iterator[Found]:
    """The runs of every experiment that was not deleted."""
    folders = [root] if (root / _META).is_file() else sorted(path.parent for path in root.glob(f"*/{_META}"))
    for folder in folders:
        try:
            experiment = meta(folder / _META).get("name") or folder.name
        except (OSError, UnicodeError, Corrupt) as error:
            yield Trouble(str(folder / _META), str(error).rstrip("."))
            experiment = folder.name
        for path in sorted(folder.glob(f"*/{_META}")):
            try:
                run = _found(path.parent, project or experiment)
            except (OSError, UnicodeError, ValueError, Corrupt) as error:
                yield Trouble(str(path), str(error).rstrip("."))
                continue
            if run is not None:
                yield run


def _found(folder: Path, experiment: str) -> FoundRun | None:
    said = meta(folder / _META)
    if "run_id" not in said and "run_uuid" not in said:
        return None  # a model or another thing that MLflow keeps beside its runs
    if said.get("lifecycle_stage") == "deleted":
        return None
    bad: list[str] = []
    params = _texts(folder / "params", bad)
    status = said.get("status", "")
    files = _files(_artifacts(folder, said.get("artifact_uri", "")))
    return found(
        said.get("run_id") or said["run_uuid"],
        experiment,
        str(folder),
        lambda: _series(folder / "metrics"),
        status=NUMBERED.get(int(status), "") if status.isdigit() else status,
        start=int(said["start_time"]) if said.get("start_time") else None,
        end=int(said["end_time"]) if said.get("end_time") else None,
        name=said.get("run_name"),
        params=params,
        tags=_texts(folder / "tags", bad),
        files=files,
        notices=(*_bad_lines(folder / "metrics"), *bad),
    )


def _texts(folder: Path, bad: list[str]) -> dict[str, str]:
    said: dict[str, str] = {}
    for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
        if path.is_file():
            data = path.read_bytes()
            said[path.relative_to(folder).as_posix()] = data.decode("utf-8", "replace").rstrip("\r\n")
            if b"\xef\xbf\xbd" not in data and "\ufffd" in said[path.relative_to(folder).as_posix()]:
                bad.append(f"{path.name} is no valid text: what could be read was kept.")
    return said


def _artifacts(folder: Path, uri: str) -> Path:
    """Where the run's artifacts lie: beside it, or where the store says if that is on this machine."""
    told = urlsplit(uri)
    beside = folder / "artifacts"
    return beside if beside.is_dir() or told.scheme not in ("", "file") or not told.path else Path(unquote(told.path))


def _files(folder: Path) -> tuple[FoundFile, ...]:
    paths = sorted(path for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else []
    return tuple(FoundFile(path.relative_to(folder).as_posix(), path) for path in paths)


def _points(path: Path) -> Iterator[tuple[int, float, int] | None]:
    """Step, value and time of each line; None for one that is none."""
    with path.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            parts = line.split()
            value = number(parts[1]) if len(parts) > 1 else None
            if value is None or not parts[0].lstrip("-").isdigit():
                yield None
                continue
            step = parts[2] if len(parts) > 2 and parts[2].lstrip("-").isdigit() else "0"
            yield int(step), value, int(parts[0]) * 1000


def _metrics(folder: Path) -> Iterator[tuple[str, Path]]:
    for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
        if path.is_file():
            yield path.relative_to(folder).as_posix(), path


def _series(folder: Path) -> Iterator[Curve]:
    gathering = Gathering()
    for name, path in _metrics(folder):
        for point in _points(path):
            if point is not None:
                gathering.add(name, *point)
            if gathering.full():
                yield from gathering.take()
    yield from gathering.take()


def _bad_lines(folder: Path) -> Iterator[str]:
    for name, path in _metrics(folder):
        bad = sum(point is None for point in _points(path))
        if bad:
            yield f"{bad:,} lines of the metric {name} could not be read; the others were kept."
