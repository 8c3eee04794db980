"""What MLflow's clients send, as the record holds it, and what may not be sent at all. Pure."""

from __future__ import annotations

import hashlib
import math
import posixpath
import re
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from tracker.errors import UsageError
from tracker.events import Column, DatasetLogged, Metrics
from tracker.ids import clip, is_run_id
from tracker.snapshot import Code, Git, Scalar, Snapshot, digest_of
from tracker.store.mlflow.rows import Input, Point
from tracker.store.series import Points, encode

MAX_KEY = 250
MAX_PARAM = 6000
MAX_TAG = 8000
MAX_FLAG = 200
MOST = (1 << 63) - 1
NOTE = "mlflow.note.content"
NAME = "mlflow.runName"
PARENT = "mlflow.parentRunId"
_PLAIN = re.compile(r"[\w\-: ]+(?:[./][\w\-: ]+)*")
_SIGNS = re.compile(r"[\w\-: ./]+")
_WORDS: Mapping[str, Scalar] = {"True": True, "False": False, "None": None}


def typed(text: str) -> Scalar:
    """A parameter's text as the value it was, where that value would be written just so; else the text.

    `str()` of what is given back is the text again.
    """
    if text in _WORDS:
        return _WORDS[text]
    for read in (int, float):
        try:
            value: int | float = read(text)
        except ValueError:
            continue
        if str(value) == text and math.isfinite(value) and (read is float or abs(value) <= MOST):
            return value
    return text


def check_key(key: str, what: str) -> None:
    """Go on with a key that can be stored.

    Raises:
        UsageError: none, a long one, one with odd signs, or one that plays tricks as a path.
    """
    if not 0 < len(key) <= MAX_KEY:
        raise UsageError(f"A {what}'s name has 1 to {MAX_KEY} characters.", remedy=f"Shorten {clip(key)!r}.")
    if _PLAIN.fullmatch(key):
        return
    if not _SIGNS.fullmatch(key):
        raise UsageError(
            f"{clip(key)!r} is no {what}'s name.",
            remedy="Names may only contain letters, digits, spaces, and _ - . : / as MLflow has it.",
        )
    plain = posixpath.normpath(key)
    if plain != key or plain == "." or plain.startswith(("..", "/")):
        raise UsageError(f"{clip(key)!r} is no {what}'s name.", remedy="Names are no paths to elsewhere.")


def check_points(points: Sequence[Point]) -> None:
    """Go on with points that can be stored. Raises UsageError as `check_key`, and for odd times and steps."""
    for point in points:
        check_key(point.key, "metric")
        if not 0 <= point.time <= MOST:
            raise UsageError(
                f"The time of {clip(point.key)!r} is out of range.",
                remedy="Give milliseconds since 1970, none below 0.",
            )
        if not -MOST <= point.step <= MOST:
            raise UsageError(f"The step of {clip(point.key)!r} is out of range.", remedy="Give a step of 64 bits.")


def check_words(words: Sequence[tuple[str, str]], what: str, most: int) -> tuple[tuple[str, str], ...]:
    """Parameters or tags as they are kept: long values are cut.

    Raises:
        UsageError: as `check_key`, and for a param that comes twice.
    """
    kept: dict[str, str] = {}
    for key, value in words:
        check_key(key, what)
        if what == "param" and key in kept:
            raise UsageError(f"Duplicate parameter keys: {clip(key)!r} comes twice.", remedy="Log it once.")
        kept[key] = value[:most]
    return tuple(kept.items())


def columns(points: Sequence[Point]) -> tuple[Metrics, tuple[bytes, ...]]:
    """Points as an event, metric by metric in the order they came, and its encoded columns."""
    by_key: dict[str, list[Point]] = {}
    for point in points:
        by_key.setdefault(point.key, []).append(point)
    named, data = [], []
    for key, some in by_key.items():
        encoded = encode(
            Points(
                np.array([point.step for point in some], np.int64),
                np.array([point.value for point in some], np.float64),
                np.array([point.time for point in some], np.int64),
            )
        )
        named.append(Column(key, len(some), hashlib.sha256(encoded).hexdigest()))
        data.append(encoded)
    return Metrics(tuple(named)), tuple(data)


def rank(point: Point) -> tuple[int, int, float]:
    """Which of a metric's points is its latest: the one that ranks highest."""
    return point.step, point.time, 0.0 if math.isnan(point.value) else point.value


def flag(key: str, value: str) -> str | None:
    """A tag of people's own as a record's tag; None for MLflow's own, and for what is too long to be one."""
    text = f"{key}={value}" if value else key
    return None if key.startswith(("mlflow.", "runcite.")) or len(text) > MAX_FLAG else text


def flags(words: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """As `flag`, of several."""
    return tuple(text for key, value in words if (text := flag(key, value)) is not None)


def parent(tags: Mapping[str, str]) -> str | None:
    """The run that this one is nested in."""
    said = tags.get(PARENT, "")
    return said if is_run_id(said) else None


def snapshot(tags: Mapping[str, str], client: str) -> Snapshot:
    """What the client's tags tell of the code, and, as a problem, what they don't."""
    commit = tags.get("mlflow.source.git.commit")
    remote = tags.get("mlflow.source.git.repoURL")
    git = Git(commit, tags.get("mlflow.source.git.branch"), remote and _scrubbed(remote), None) if commit else None
    told = "the commit, but not what differed from it" if git else "no commit"
    return Snapshot(
        code=Code(git, tags.get("mlflow.source.name"), seen=False) if git else None,
        problems=(
            f"Registered by an MLflow client ({clip(client, 80)}): it told {told}, and neither packages nor machine. "
            "Started as `runcite exec -- python …`, a script records them.",
        ),
    )


def dataset(given: Input) -> DatasetLogged:
    """A dataset input as the record's. The digest is of what the client says of the data: it is no full-content one."""
    context = given.tags.get("mlflow.data.context")
    digest = digest_of({"mlflow": [given.source_type, given.source, given.digest]})
    source = given.source if len(given.source) <= MAX_FLAG else clip(given.source, MAX_FLAG)
    return DatasetLogged(given.name[:MAX_FLAG] or "data", digest, 0, f"mlflow:{given.digest} {source}", context)


def _scrubbed(remote: str) -> str:
    """A repository's address without the name and password that old clients leave in it."""
    scheme, separator, rest = remote.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}://{host.rpartition('@')[2]}{slash}{path}" if separator else remote
