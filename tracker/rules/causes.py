"""The explained gap between a run and its reproduction: what differed, by name, the likeliest cause first. Pure.

Each finding is something that the two records hold differently. Where they hold nothing differently the script
itself is not deterministic, and the state of the generators at the start says where to look.
"""

from __future__ import annotations

from collections.abc import Iterator

from tracker.record import Finding, Record
from tracker.rules.differences import PackageChange, commit_of, file_changes, package_changes, settings
from tracker.rules.words import listed
from tracker.snapshot import Seeds, Snapshot

THREADS = ("torch.num_threads", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMEXPR_NUM_THREADS")
_PLACES = frozenset({"PYTHONPATH", "VIRTUAL_ENV", "LD_LIBRARY_PATH", "CONDA_PREFIX", "CONDA_DEFAULT_ENV", "CI", "LANG"})
_PLACES_TOO = ("LC_", "TORCHINDUCTOR_", "SLURM_", "GITHUB_", "TORCH_HOME")
_OWN = ("editable", "local")


def causes(original: Record, again: Record) -> tuple[Finding, ...]:
    """What differs between the two, the likeliest to move a number first; empty where nothing recorded differs."""
    return tuple(
        Finding(code, sentence, remedy, "warn")
        for told in (_data, _code, _config, _seeds, _packages, _threads, _flags, _machine)
        for code, sentence, remedy in told(original, again)
    )


def unexplained(original: Record, again: Record) -> Finding:
    """Why the numbers differ though nothing recorded does: generators nobody seeded, or an order left to chance."""
    loose = [name for name, one, other in _generators(original, again) if one and other and one != other]
    if loose:
        return Finding(
            "not-seeded",
            f"Nothing that is recorded differs, but {listed(loose)} stood otherwise when the run began: not seeded.",
            "Seed every generator before start_run; a data loader shuffles by one, too.",
            "warn",
        )
    return Finding(
        "not-deterministic",
        "Nothing that is recorded differs: the script itself does not give the same numbers twice.",
        "Look for a loader that shuffles by an own generator, the order of a set or a folder, the time, or threads.",
        "warn",
    )


Told = Iterator[tuple[str, str, str]]


def _data(original: Record, again: Record) -> Told:
    before = {each.name: each.digest for each in original.datasets}
    after = {each.name: each.digest for each in again.datasets}
    changed = [name for name in before if name in after and before[name] != after[name]]
    if changed:
        verb = "is not the data that was" if len(changed) == 1 else "are not the data that were"
        yield "data-differs", f"{listed(changed)} {verb} used: the digests differ.", "Get the data of that digest."
    missing = [name for name in before if name not in after]
    if missing and not changed:
        yield "data-differs", f"{listed(missing)} was not used again.", "Look at how the script finds its data."


def _code(original: Record, again: Record) -> Told:
    before, after = commit_of(original), commit_of(again)
    if before != after:
        yield (
            "code-differs",
            f"The commit is {(after or 'none')[:7]}, not {(before or 'none')[:7]}.",
            "Give the repository that has the commit: runcite reproduce --repo FOLDER.",
        )
        return
    if original.digests.code != again.digests.code or original.digests.code is None:
        files = [each.path for each in file_changes(original, again)]
        left = [each.path for each in (original.snapshot.code.left_out if original.snapshot.code else ())]
        if names := sorted({*files, *left}):
            yield "code-differs", f"The code differs in {listed(names)}.", "The record does not hold all of the code."


def _config(original: Record, again: Record) -> Told:
    different = [each for each in settings((original, again)) if not each.same]
    if different:
        shown = [f"{each.key} ({each.values[0]} → {each.values[1]})" for each in different]
        yield (
            "config-differs",
            f"The config differs: {listed(shown)}.",
            "The script takes it from elsewhere: record that.",
        )


def _seeds(original: Record, again: Record) -> Told:
    if original.seed != again.seed:
        yield (
            "seed-differs",
            f"The seed is {again.seed}, not {original.seed}.",
            "Take the seed from the command line or the config, not from the clock.",
        )
        return
    one, other = original.snapshot.seeds, again.snapshot.seeds
    if one.torch is not None and other.torch is not None and one.torch != other.torch:
        yield (
            "seed-differs",
            f"torch's own seed is {other.torch}, not {one.torch}: it was drawn anew.",
            "Call torch.manual_seed(seed) before start_run.",
        )


def _packages(original: Record, again: Record) -> Told:
    changes = [change for change in package_changes(original, again) if not _own_code(change)]
    if not changes:
        return
    python = [change for change in changes if change.name == "python"]
    for change in python:
        yield "python-differs", f"Python is {change.after}, not {change.before}.", "Install that Python, and repeat."
    shown = [f"{each.name} {each.before or 'none'} → {each.after or 'none'}" for each in changes if each not in python]
    if shown:
        yield "packages-differ", f"Packages differ: {listed(shown)}.", "Repeat without --allow-env-drift."


def _own_code(change: PackageChange) -> bool:
    """Whether it is the run's own code, installed from its folder: that stands in the tree, and is compared as code;
    or the recorder, which is the reproducer's."""
    return change.name == "runcite" or (
        change.before is not None and change.before.endswith(tuple(f"({each})" for each in _OWN))
    )


def _threads(original: Record, again: Record) -> Told:
    before, after = _told(original.snapshot), _told(again.snapshot)
    shown = [
        f"{name} {before.get(name, 'not set')} → {after.get(name, 'not set')}"
        for name in THREADS
        if before.get(name) != after.get(name)
    ]
    if shown:
        remedy = "Set the number of threads in the script: it changes the order of sums."
        yield "threads-differ", f"The number of threads differs: {listed(shown)}.", remedy


def _flags(original: Record, again: Record) -> Told:
    before, after = _told(original.snapshot), _told(again.snapshot)
    names = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
    shown = [
        f"{name} ({before.get(name, 'not set')} → {after.get(name, 'not set')})"
        for name in names
        if name not in THREADS and name not in _PLACES and not name.startswith(_PLACES_TOO)
    ]
    if shown:
        yield "flags-differ", f"Flags and variables differ: {listed(shown)}.", "Set them in the script."


def _machine(original: Record, again: Record) -> Told:
    one, other = original.snapshot.machine, again.snapshot.machine
    if one is None or other is None:
        return
    traits = (
        ("the processor", one.cpu, other.cpu),
        ("the architecture", one.arch, other.arch),
        ("the system", one.os, other.os),
        ("the cores", str(one.cores), str(other.cores)),
        ("the GPUs", listed([each.name for each in one.gpus]), listed([each.name for each in other.gpus])),
        ("the driver", one.driver or "none", other.driver or "none"),
    )
    shown = [f"{what} ({before or 'none'} → {after or 'none'})" for what, before, after in traits if before != after]
    if shown:
        yield "machine-differs", f"The machine differs: {listed(shown)}.", "Bit-equal sums need equal processors."


def _generators(original: Record, again: Record) -> Iterator[tuple[str, str | None, str | None]]:
    one, other = original.snapshot.seeds, again.snapshot.seeds
    yield "Python's generator", one.python_state, other.python_state
    yield "NumPy's generator", one.numpy_state, other.numpy_state


def _told(snapshot: Snapshot) -> dict[str, str]:
    """Determinism flags and the variables that bear on a result."""
    seeds: Seeds = snapshot.seeds
    return {**(snapshot.command.env if snapshot.command else {}), **seeds.flags}
