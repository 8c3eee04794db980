"""CSV: one row a step, one row a point, or one row a run; how its columns were understood is said.

- A point a row: columns `metric` and `value`, with `step`, `time` and `run` where they are there. It is what
  `runcite export --table series` writes.
- A step a row: a column `step` (or `epoch`, `iteration`, `global_step`); every column of numbers is a metric.
- A run a row otherwise: `config.…`, `params.…` and `param_…` are settings, `metric.…` and `metrics.…` metrics; of the
  other columns, those of numbers are metrics whose names say so (`loss`, `val/accuracy`, `f1`, …), the rest settings.

The run is told by `run`, `run_id`, `id` or `name`, else by the file and, where each row is one, by the row.
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tracker.ways.found import Curve, Found, FoundRun, Gathering, Said, Trouble, micros, number, scalar, seed_of

SOURCE = "csv"
_STEPS = ("step", "_step", "global_step", "trainer/global_step", "iteration", "iter", "epoch")
_RUNS = ("run", "run_id", "run id", "id", "run_name", "name")
_NAMES = ("name", "run_name", "run name")
_TIMES = ("time", "_timestamp", "timestamp", "wall_time", "wall time", "date", "created", "started")
_SETTING = re.compile(r"(?:config|params?|hparams?)[._/](.+)", re.IGNORECASE)
_MEASURED = re.compile(r"(?:metrics?|summary)[._/](.+)", re.IGNORECASE)
_TELLING = re.compile(
    r"(?:^|[^a-z])(?:loss|acc|accuracy|f1|auc|auroc|error|err|score|perplexity|ppl|bleu|rouge|wer|cer|r2|rmse|mse|mae|map|"
    r"iou|miou|dice|precision|recall|psnr|ssim|fid|nll|reward|return|top[15])(?:$|[^a-z])|^(?:val|valid|test|train|eval)"
    r"[/_.]",
    re.IGNORECASE,
)
_LONGEST = 1 << 22


@dataclass(frozen=True)
class _Layout:
    """What each column is."""

    run: str | None
    step: str | None
    time: str | None
    name: str | None
    metrics: dict[str, str]
    settings: dict[str, str]
    long: bool = False

    def said(self, path: Path) -> str:
        """The layout in a sentence."""
        each = "point" if self.long else "step" if self.step else "run"
        parts = [f"a row is a {each}"]
        parts += [f"{word} from {column}" for word, column in (("run", self.run), ("step", self.step)) if column]
        if not self.long:
            parts.append(f"metrics: {', '.join(self.metrics) or 'none'}")
            parts.append(f"settings: {', '.join(self.settings) or 'none'}")
        return f"{path.name}: {'; '.join(parts)}."


def read(root: Path, project: str) -> Iterator[Found]:
    """The runs of a file, or of every CSV file in a folder."""
    for path in [root] if root.is_file() else sorted(root.glob("*.csv")):
        try:
            layout = _layout(path)
            if layout is None:
                yield Trouble(str(path), "it has no row under its heading")
                continue
            yield Said(layout.said(path))
            yield from _runs(path, layout, project)
        except (OSError, UnicodeError, csv.Error) as error:
            yield Trouble(str(path), f"it can't be read as CSV: {error}")


def _rows(path: Path) -> Iterator[dict[str, str]]:
    csv.field_size_limit(_LONGEST)
    with path.open(encoding="utf-8-sig", newline="") as stream:
        head = stream.read(1 << 16)
        stream.seek(0)
        first = head.partition("\n")[0]
        mark = max((";", "\t", ","), key=lambda each: (first.count(each), each == ","))
        for row in csv.DictReader(stream, delimiter=mark):
            yield {key: value or "" for key, value in row.items() if key is not None and not isinstance(value, list)}


def _layout(path: Path) -> _Layout | None:
    rows = _rows(path)
    first = next(rows, None)
    if first is None:
        return None
    by = {column.strip().lower(): column for column in first}
    run, step, time = (next((by[each] for each in names if each in by), None) for names in (_RUNS, _STEPS, _TIMES))
    name = next((by[each] for each in _NAMES if each in by), None)
    if "metric" in by and "value" in by:
        return _Layout(run, step, time, name, {by["metric"]: by["value"]}, {}, True)
    numeric = {column for column in first if column not in (run, step, time, name)}
    seen: set[str] = set()
    for row in [first, *(row for row, _ in zip(rows, range(10_000), strict=False))]:
        seen |= {column for column in numeric if number(row.get(column) or None) is not None}
        numeric -= {column for column in numeric if row.get(column) and number(row[column]) is None}
    metrics: dict[str, str] = {}
    settings: dict[str, str] = {}
    for column in first:
        if column in (run, step, time, name) or not column.strip():
            continue
        if setting := _SETTING.fullmatch(column):
            settings[column] = setting[1]
        elif measured := _MEASURED.fullmatch(column):
            metrics[column] = measured[1]
        elif column in numeric & seen and (step is not None or _TELLING.search(column)):
            metrics[column] = column
        else:
            settings[column] = column
    return _Layout(run, step, time, name, metrics, settings)


def _runs(path: Path, layout: _Layout, project: str) -> Iterator[Found]:
    """The runs, in the order of their first rows; settings are the first row's."""
    age = micros(path.stat().st_mtime)
    firsts: dict[str, dict[str, str]] = {}
    ends: dict[str, int] = {}
    for place, row in enumerate(_rows(path)):
        key = _key(path, layout, place, row)
        firsts.setdefault(key, row)
        ends[key] = max(ends.get(key, 0), _time(row, layout) or 0)
    together = _Together(path, layout)
    for key, row in firsts.items():
        config = {name: scalar(row[column]) for column, name in layout.settings.items() if row.get(column, "") != ""}
        start = _time(row, layout) or age
        yield FoundRun(
            source=SOURCE,
            key=f"{project}/{key}",
            project=project,
            series=_Reading(path, layout, key, start) if len(firsts) == 1 else together.of(key, start),
            where=f"{path}, run {key}",
            name=(row.get(layout.name) if layout.name else None) or key,
            config=config,
            seed=seed_of(config),
            started_at=start,
            ended_at=ends[key] or start,
        )


def _key(path: Path, layout: _Layout, place: int, row: Mapping[str, str]) -> str:
    told = row.get(layout.run, "").strip() if layout.run else ""
    return told or (path.stem if layout.step or layout.long else f"{path.stem}#{place + 1}")


class _Reading:
    """The points of the file's only run, read when they are asked for."""

    def __init__(self, path: Path, layout: _Layout, key: str, start: int) -> None:
        self._path, self._layout, self._key, self._start = path, layout, key, start

    def __call__(self) -> Iterator[Curve]:
        gathering = Gathering()
        for counted, row in enumerate(_rows(self._path)):
            _gather(gathering, row, self._layout, counted, self._start)
            if gathering.full():
                yield from gathering.take()
        yield from gathering.take()


class _Together:
    """The points of all the runs of a file, gathered in one pass when the first are asked for."""

    def __init__(self, path: Path, layout: _Layout) -> None:
        self._path, self._layout = path, layout
        self._runs: dict[str, Gathering] | None = None

    def of(self, key: str, start: int) -> Callable[[], Iterator[Curve]]:
        """How the points of one run are had; once."""
        return lambda: self._all(start).pop(key, Gathering()).take()

    def _all(self, start: int) -> dict[str, Gathering]:
        if self._runs is None:
            self._runs = {}
            counted: dict[str, int] = {}
            for place, row in enumerate(_rows(self._path)):
                key = _key(self._path, self._layout, place, row)
                gathering = self._runs.setdefault(key, Gathering())
                _gather(gathering, row, self._layout, counted.get(key, 0), start)
                counted[key] = counted.get(key, 0) + 1
        return self._runs


def _gather(gathering: Gathering, row: Mapping[str, str], layout: _Layout, counted: int, start: int) -> None:
    step = _step(row.get(layout.step, "")) if layout.step else None
    shown = counted if step is None and (layout.step or layout.long) else step or 0
    at = _time(row, layout)
    for name, value in _points(row, layout):
        gathering.add(name, shown, value, start if at is None else at)


def _step(text: str) -> int | None:
    """A step, exactly; None for what is none."""
    try:
        return int(text)
    except ValueError:
        value = number(text or None)
        return None if value is None or not math.isfinite(value) else int(value)


def _points(row: Mapping[str, str], layout: _Layout) -> Iterator[tuple[str, float]]:
    for column, name in layout.metrics.items():
        value = number(row.get(name if layout.long else column) or None)
        if value is not None:
            # An export of ours has an apostrophe before what a spreadsheet would take for a formula.
            metric = re.sub(r"^'(?=[=+\-@\t\r])", "", row[column]) if layout.long else name
            yield metric or "unnamed", value


def _time(row: Mapping[str, str], layout: _Layout) -> int | None:
    """A row's time: microseconds, milliseconds or seconds since 1970 by their size, or a date; None for none."""
    text = row.get(layout.time, "").strip() if layout.time else ""
    value = number(text or None)
    if value is not None:
        return next((round(value * by) for least, by in ((1e14, 1), (1e11, 1e3), (1e8, 1e6)) if value >= least), None)
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return micros((found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp())
