"""What lies between runs: what differs and what doesn't, part by part, as values and as lines to read. Pure.

Equal means the same to the last bit (1 and 1.0 differ, as their digests do). A part that was not fully
captured is neither equal nor different, but unknown, and said to be.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

import msgspec

from tracker.errors import UsageError
from tracker.record import Record
from tracker.rules.differences import (
    FileChange,
    PackageChange,
    Part,
    Setting,
    commit_of,
    digest_of,
    file_changes,
    package_changes,
    settings,
    why_no_replicates,
)
from tracker.rules.line_diffs import LineDiff, line_diffs
from tracker.rules.words import counted, duration, listed, number, shown
from tracker.snapshot import Machine

Sameness = Literal["equal", "different", "unknown"]


class Trait(msgspec.Struct, frozen=True):
    """Something that is either the same in two runs or not, told as text for each."""

    name: str
    before: str
    after: str
    sameness: Sameness


class MetricGap(msgspec.Struct, frozen=True):
    """One metric's last values, and the second less the first; None where a run has none, or none finite."""

    name: str
    before: float | None
    after: float | None
    change: float | None


class Comparison(msgspec.Struct, frozen=True):
    """Two runs, `a` (before) and `b` (after).

    `differing` and `equal` are config keys, `parts` says of code, packages and data whether they are equal,
    `machine` and `circumstances` (seed, member, runtime, state) the rest. `replicates` says that the two
    differ in the seed alone; `reasons` what speaks against it. `diffs` has an entry for each of `files`, where
    the files' contents were at hand.
    """

    a: str
    b: str
    differing: tuple[Setting, ...]
    equal: tuple[Setting, ...]
    parts: dict[str, Sameness]
    commits: tuple[str | None, str | None]
    files: tuple[FileChange, ...]
    packages: tuple[PackageChange, ...]
    data: tuple[Trait, ...]
    machine: tuple[Trait, ...]
    circumstances: tuple[Trait, ...]
    metrics: tuple[MetricGap, ...]
    replicates: bool
    reasons: tuple[str, ...]
    lines: tuple[str, ...]
    diffs: tuple[LineDiff, ...] = ()


class Spread(msgspec.Struct, frozen=True):
    """Many runs: what varies among them, what all share, and which of them are replicates of each other.

    `varying` holds what changes from run to run with its values in the order of `run_ids`; `numeric` the keys
    of it that can be an axis.
    """

    run_ids: tuple[str, ...]
    varying: tuple[Setting, ...]
    shared: tuple[Setting, ...]
    numeric: tuple[str, ...]
    parts: dict[str, Sameness]
    metrics: tuple[str, ...]
    lines: tuple[str, ...]


PARTS: tuple[Part, ...] = ("code", "packages", "data")


def explain(a: Record, b: Record, *, contents: Mapping[str, bytes] | None = None) -> Comparison:
    """The gap between two runs: what differs and what doesn't; with stored `contents` by digest, line by line."""
    every = settings((a, b))
    reasons = why_no_replicates((a, b))
    parts: dict[str, Sameness] = {part: _sameness((a, b), part) for part in PARTS}
    files = file_changes(a, b)
    whole = Comparison(
        a=a.id,
        b=b.id,
        differing=tuple(each for each in every if not each.same),
        equal=tuple(each for each in every if each.same),
        parts=parts,
        commits=(commit_of(a), commit_of(b)),
        files=files,
        packages=package_changes(a, b),
        data=tuple(_data(a, b)),
        machine=tuple(_machine(a.snapshot.machine, b.snapshot.machine)),
        circumstances=tuple(_circumstances(a, b)),
        metrics=tuple(_metrics(a, b)),
        replicates=not reasons,
        reasons=reasons,
        lines=(),
        diffs=line_diffs(files, contents) if contents is not None else (),
    )
    return msgspec.structs.replace(whole, lines=tuple(_lines(whole)))


def explain_all(records: Sequence[Record]) -> Spread:
    """What varies among many runs.

    Raises:
        UsageError: fewer than two runs.
    """
    if len(records) < 2:
        raise UsageError("There is nothing to compare with fewer than two runs.", remedy="Name at least two run IDs.")
    every = settings(records)
    varying = tuple(each for each in every if not each.same)
    shared = tuple(each for each in every if each.same)
    parts: dict[str, Sameness] = {part: _sameness(records, part) for part in PARTS}
    names = {name: None for record in records for name in record.metrics}
    lines = [f"{each.key}: {listed(list(dict.fromkeys(_values(each))), 6)}" for each in varying]
    lines += [*_part_lines(parts, "among them"), *_shared_line(shared)]
    return Spread(
        run_ids=tuple(record.id for record in records),
        varying=varying,
        shared=shared,
        numeric=tuple(each.key for each in varying if _is_numeric(each)),
        parts=parts,
        metrics=tuple(names),
        lines=tuple(lines),
    )


def _sameness(records: Sequence[Record], part: Part) -> Sameness:
    digests = {digest_of(record, part) for record in records}
    known = digests - {None}
    commits = {commit_of(record) for record in records} - {None} if part == "code" else set()
    if len(known) > 1 or len(commits) > 1:
        return "different"
    return "unknown" if None in digests else "equal"


def _data(a: Record, b: Record) -> Iterator[Trait]:
    before = {dataset.name: dataset for dataset in a.datasets}
    after = {dataset.name: dataset for dataset in b.datasets}
    for name in dict.fromkeys((*before, *after)):
        one, other = before.get(name), after.get(name)
        texts = [each.digest[:12] if each else "not used" for each in (one, other)]
        same = one is not None and other is not None and one.digest == other.digest
        yield Trait(name, texts[0], texts[1], "equal" if same else "different")


def _machine(a: Machine | None, b: Machine | None) -> Iterator[Trait]:
    if a is None or b is None:
        yield Trait("machine", a.host if a else "not captured", b.host if b else "not captured", "unknown")
        return
    yield _trait("machine", (a.id, a.host), (b.id, b.host))
    for name, before, after in (
        ("CPU", f"{a.cpu}, {a.cores} cores", f"{b.cpu}, {b.cores} cores"),
        ("GPU", _gpus(a), _gpus(b)),
        ("driver", a.driver or "none", b.driver or "none"),
        ("system", f"{a.os} {a.arch}", f"{b.os} {b.arch}"),
    ):
        yield _trait(name, (before, before), (after, after))


def _circumstances(a: Record, b: Record) -> Iterator[Trait]:
    seeds = [str(record.seed) if record.seed is not None else "not stated" for record in (a, b)]
    unknown = a.seed is None or b.seed is None
    yield Trait("seed", seeds[0], seeds[1], "unknown" if unknown else "equal" if a.seed == b.seed else "different")
    for name, before, after in (
        ("member", a.member or "nobody", b.member or "nobody"),
        ("state", a.state, b.state),
        ("runtime", _runtime(a), _runtime(b)),
    ):
        yield _trait(name, (before, before), (after, after))


def _metrics(a: Record, b: Record) -> Iterator[MetricGap]:
    for name in dict.fromkeys((*a.metrics, *b.metrics)):
        before, after = (record.metrics[name].last if name in record.metrics else None for record in (a, b))
        known = before is not None and after is not None and math.isfinite(before) and math.isfinite(after)
        change = after - before if known and before is not None and after is not None else None
        yield MetricGap(name, before, after, change)


def _lines(found: Comparison) -> Iterator[str]:
    for setting in found.differing:
        yield f"{setting.key}: {' → '.join(_values(setting))}"
    commits = [commit[:7] if commit else "no commit" for commit in found.commits]
    if found.parts["code"] == "different":
        names = listed([change.path for change in found.files])
        both = f"commit {commits[0]} → {commits[1]}" if commits[0] != commits[1] else f"same commit {commits[0]}"
        yield f"code: {both}{'; files: ' + names if names else ''}"
    if found.packages:
        changes = [f"{each.name} {each.before or 'none'} → {each.after or 'none'}" for each in found.packages]
        yield f"packages: {listed(changes)}"
    for trait in (*found.data, *found.machine, *found.circumstances):
        if trait.sameness == "different":
            yield f"{trait.name}: {trait.before} → {trait.after}"
    for gap in found.metrics:
        before, after = (number(value) if value is not None else "none" for value in (gap.before, gap.after))
        change = f" ({'+' if gap.change > 0 else ''}{number(gap.change)})" if gap.change else ""
        yield f"{gap.name}: {before} → {after}{change}"
    yield from _unknown_line(found.parts)
    same = [part for part, state in found.parts.items() if state == "equal"]
    same += [trait.name for trait in (*found.machine, *found.circumstances) if trait.sameness == "equal"]
    if found.equal:
        same.append(counted(len(found.equal), "setting"))
    if same:
        yield f"equal: {listed(same, 20)}"


def _part_lines(parts: dict[str, Sameness], where: str) -> Iterator[str]:
    for part, state in parts.items():
        if state == "different":
            yield f"{part}: not the same {where}"
    yield from _unknown_line(parts)


def _unknown_line(parts: dict[str, Sameness]) -> Iterator[str]:
    unknown = [part for part, state in parts.items() if state == "unknown"]
    if unknown:
        yield f"not fully captured: {listed(unknown)}"


def _shared_line(shared: tuple[Setting, ...]) -> Iterator[str]:
    if shared:
        yield f"the same in all: {listed([f'{each.key} {shown(each.values[0])}' for each in shared], 12)}"


def _values(setting: Setting) -> list[str]:
    return [shown(value) if there else "not set" for value, there in zip(setting.values, setting.present, strict=True)]


def _is_numeric(setting: Setting) -> bool:
    return all(
        isinstance(value, int | float) and not isinstance(value, bool)
        for value, there in zip(setting.values, setting.present, strict=True)
        if there
    )


def _trait(name: str, before: tuple[str, str], after: tuple[str, str]) -> Trait:
    """A trait that is equal when the first texts are; the second ones are shown."""
    return Trait(name, before[1], after[1], "equal" if before[0] == after[0] else "different")


def _gpus(machine: Machine) -> str:
    return listed([gpu.name for gpu in machine.gpus], 8) or "none"


def _runtime(record: Record) -> str:
    return duration(record.end.runtime) if record.end else "not ended"
