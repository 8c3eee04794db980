"""What differs between two runs, part by part: the plain facts that ranking and comparing both build on. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

import msgspec

from tracker.ids import clip
from tracker.record import Record
from tracker.rules.words import listed
from tracker.snapshot import ChangedFile, Scalar

SEED_KEY = "seed"
"""The hyperparameter that is no hyperparameter: replicates differ in it."""

COMMITTED = "as committed"
"""How a file stands in a run that did not change it, or where it is not there at all."""

Part = Literal["code", "packages", "data"]


class Setting(msgspec.Struct, frozen=True):
    """A config key and its value in each run; `present` says in which runs the key was written at all."""

    key: str
    values: tuple[Scalar, ...]
    present: tuple[bool, ...]

    @property
    def same(self) -> bool:
        """Whether every run wrote the key with the same value (1, 1.0 and True are three values)."""
        return all(self.present) and len({(type(value), value) for value in self.values}) == 1


class PackageChange(msgspec.Struct, frozen=True):
    """A distribution whose version or source differs; None where it is not installed."""

    name: str
    before: str | None
    after: str | None


class FileChange(msgspec.Struct, frozen=True):
    """A file whose uncommitted state differs: how it stood in each run, "as committed" where it was not changed.

    `digests` name the stored contents, None where there is none; `modes` are theirs.
    """

    path: str
    before: str
    after: str
    digests: tuple[str | None, str | None] = (None, None)
    modes: tuple[str, str] = ("file", "file")


def settings(records: Sequence[Record]) -> tuple[Setting, ...]:
    """Every config key of any of the runs, in the order they were written, the seed left out."""
    keys = dict.fromkeys(key for record in records for key in record.config if key != SEED_KEY)
    return tuple(
        Setting(
            key, tuple(record.config.get(key) for record in records), tuple(key in record.config for record in records)
        )
        for key in keys
    )


def package_changes(a: Record, b: Record) -> tuple[PackageChange, ...]:
    """The distributions that differ, by name; none where either run's packages were not captured."""
    before, after = _packages(a), _packages(b)
    if not before or not after:
        return ()
    names = sorted(set(before) | set(after))
    return tuple(
        PackageChange(name, before.get(name), after.get(name)) for name in names if before.get(name) != after.get(name)
    )


def file_changes(a: Record, b: Record) -> tuple[FileChange, ...]:
    """The files whose difference from the commit is not the same in both runs."""
    before, after = _files(a), _files(b)
    found = []
    for path in sorted(set(before) | set(after)):
        one, other = before.get(path), after.get(path)
        if one is None or other is None or _content(one) != _content(other):
            found.append(
                FileChange(
                    path,
                    one.change if one else COMMITTED,
                    other.change if other else COMMITTED,
                    (one.digest if one else None, other.digest if other else None),
                    (one.mode if one else "file", other.mode if other else "file"),
                )
            )
    return tuple(found)


def commit_of(record: Record) -> str | None:
    """The commit of the run's code."""
    code = record.snapshot.code
    return code.git.commit if code and code.git else None


def digest_of(record: Record, part: Part) -> str | None:
    """The digest that decides whether that part is equal; None where it is not fully known."""
    digests = record.digests
    return {"code": digests.code, "packages": digests.environment, "data": digests.data}[part]


def why_no_replicates(records: Sequence[Record]) -> tuple[str, ...]:
    """What keeps the runs from being replicates of each other, a phrase each; nothing when they are.

    Replicates have equal config (the seed aside), code, data and environment, all fully known, and seeds that
    are all different.
    """
    return tuple(_reasons(records))


def _reasons(records: Sequence[Record]) -> Iterator[str]:
    if len({record.digests.config for record in records}) > 1:
        different = [setting for setting in settings(records) if not setting.same]
        yield listed([f"{each.key} differs ({_shown(each)})" for each in different], 5) or "the config differs"
    parts: tuple[Part, ...] = ("code", "data", "packages")
    for part in parts:
        digests = [digest_of(record, part) for record in records]
        unknown = [record.id for record, digest in zip(records, digests, strict=True) if digest is None]
        verb = "are" if part == "packages" else "is"
        if unknown:
            yield f"the {part} of {listed(unknown)} {verb} not fully known"
        elif len(set(digests)) > 1:
            yield f"the {part} differ{'' if part == 'packages' else 's'}{_what(part, records)}"
    seeds = [record.seed for record in records]
    if None in seeds:
        yield f"the seed of {listed([record.id for record in records if record.seed is None])} is not known"
    if twice := sorted({seed for seed in seeds if seed is not None and seeds.count(seed) > 1}):
        yield f"seed {listed([str(seed) for seed in twice])} was used more than once"


def _what(part: Part, records: Sequence[Record]) -> str:
    if part == "code":
        commits = {commit[:7] for record in records if (commit := commit_of(record))}
        if len(commits) > 1:
            return f" (commits {listed(sorted(commits))})"
        names = sorted({each.path for other in records[1:] for each in file_changes(records[0], other)})
        return f" ({listed(names)})" if names else ""
    if part == "packages":
        names = sorted({each.name for other in records[1:] for each in package_changes(records[0], other)})
        return f" ({listed(names)})" if names else ""
    return ""


def _shown(setting: Setting) -> str:
    values = dict.fromkeys(
        clip(str(value), 20) if there else "not set"
        for value, there in zip(setting.values, setting.present, strict=True)
    )
    return listed(list(values))


def _packages(record: Record) -> dict[str, str]:
    python = record.snapshot.python
    if python is None or not python.packages:
        return {}
    versions = {"python": f"{python.implementation} {python.version}"}
    for package in python.packages:
        versions[package.name.lower()] = f"{package.version} ({package.source})" if package.source else package.version
    return versions


def _files(record: Record) -> dict[str, ChangedFile]:
    code = record.snapshot.code
    return {file.path: file for file in code.changed} if code else {}


def _content(file: ChangedFile) -> tuple[str, str | None, str]:
    return file.change, file.digest, file.mode
