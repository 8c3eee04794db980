"""Which of the things that differ between two runs moves the number: the bad run again, with one thing of the good one.

Cheapest first: what stands in the command (config, seed), then variables, data and code, and last the packages, for
which an environment may have to be built. Nothing of this is registered: these are trials, not results.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Literal

import msgspec

from tracker.record import Record
from tracker.reproduce import compare
from tracker.reproduce.attempt import attempt, workplace
from tracker.reproduce.environment import differences
from tracker.reproduce.fetch import Origin
from tracker.reproduce.places import guessed_root
from tracker.reproduce.stages import Options, Stopped, Tell
from tracker.rules.replicates import value_of
from tracker.rules.words import listed
from tracker.settings import Settings
from tracker.snapshot import Command

Part = Literal["config", "seed", "variable", "data", "code", "packages"]


class Change(msgspec.Struct, frozen=True):
    """One thing that differs, in words, and the bad run's record with the good run's in its place."""

    part: Part
    words: str
    record: Record


class Trial(msgspec.Struct, frozen=True):
    """What the number became with one thing changed. `share` is how much of the gap that closes (1: all of it).

    `value` is None where the trial could not be run; `why` says why then.
    """

    part: Part
    words: str
    value: float | None
    share: float | None
    why: str = ""


class Bisection(msgspec.Struct, frozen=True):
    """The two values, the trials in the order they were made, and the answer in a sentence."""

    good: str
    bad: str
    metric: str
    good_value: float
    bad_value: float
    trials: tuple[Trial, ...]
    sentence: str


Told = Callable[[Trial], None]


def bisect(
    origin: Origin,
    good: Record,
    bad: Record,
    options: Options,
    settings: Settings,
    deliver: compare.Deliver,
    tell: Tell,
    told: Told,
) -> Bisection:
    """Try every difference alone. `told` is called with each trial as it is known.

    Raises:
        Stopped: one of the two has no value, or they do not differ in anything that is recorded.
    """
    spec = origin.board(good.project)
    one, other = value_of(spec, good), value_of(spec, bad)
    if one is None or other is None:
        raise Stopped("compare", "metric-missing", f"One of the two has no {spec.metric}.", "Take two runs that have.")
    found = list(changes(good, bad))
    if not found:
        said = "Nothing that is recorded differs between the two."
        raise Stopped("compare", "nothing-differs", said, f"Type: runcite reproduce {bad.id}")
    trials = []
    for change in found:
        trial = _tried(origin, change, one, other, options, settings, deliver, tell, spec_metric=spec.metric)
        told(trial)
        trials.append(trial)
    return Bisection(good.id, bad.id, spec.metric, one, other, tuple(trials), _sentence(trials))


def _tried(
    origin: Origin,
    change: Change,
    good: float,
    bad: float,
    options: Options,
    settings: Settings,
    deliver: compare.Deliver,
    tell: Tell,
    *,
    spec_metric: str,
) -> Trial:
    spec = msgspec.structs.replace(origin.board(change.record.project), metric=spec_metric)
    try:
        with workplace() as folder:
            made = attempt(origin, change.record, options, settings, deliver, tell, folder)
    except Stopped as stopped:
        return Trial(change.part, change.words, None, None, stopped.message)
    if made.failed is not None:
        return Trial(change.part, change.words, None, None, made.failed.sentence)
    value = value_of(spec, made.again)
    share = None if value is None or good == bad else (value - bad) / (good - bad)
    return Trial(change.part, change.words, value, share)


def changes(good: Record, bad: Record) -> Iterator[Change]:
    """Each thing that differs, the cheapest to try first."""
    yield from _arguments(good, bad)
    yield from _variables(good, bad)
    yield from _data(good, bad)
    if good.digests.code != bad.digests.code and good.snapshot.code is not None:
        words = "the code of the good run"
        snapshot = msgspec.structs.replace(
            bad.snapshot, code=good.snapshot.code, command=_in_the_code_of(good, bad), python=bad.snapshot.python
        )
        digests = msgspec.structs.replace(bad.digests, code=good.digests.code)
        yield Change("code", words, msgspec.structs.replace(bad, snapshot=snapshot, digests=digests))
    one, other = good.snapshot.python, bad.snapshot.python
    if one is not None and other is not None and (apart := differences(one, other)):
        words = f"the packages of the good run ({listed(apart, 3)})"
        yield Change("packages", words, _with(bad, python=one))


def _arguments(good: Record, bad: Record) -> Iterator[Change]:
    one, other = good.snapshot.command, bad.snapshot.command
    if one is None or other is None:
        return
    theirs, ours = options_of(one.argv[1:]), options_of(other.argv[1:])
    for name in dict.fromkeys([*theirs, *ours]):
        if theirs.get(name) == ours.get(name):
            continue
        mixed = {**ours, name: theirs[name]} if name in theirs else {key: ours[key] for key in ours if key != name}
        argv = (other.argv[0], *(word for words in mixed.values() for word in words))
        part: Part = "seed" if "seed" in name.lower() else "config"
        shown = " ".join(theirs[name]) if name in theirs else f"without {name}"
        yield Change(part, shown, _with(bad, command=msgspec.structs.replace(other, argv=argv)))


def options_of(words: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Arguments taken apart: an option with the values behind it, other words by their place."""
    found: dict[str, tuple[str, ...]] = {}
    name = ""
    for place, word in enumerate(words):
        if word.startswith("-") and not word[1:2].isdigit():
            name = word.partition("=")[0]
            name = name if name not in found else f"{name} ({place})"
            found[name] = (word,)
        elif name and "=" not in found[name][0]:
            found[name] = (*found[name], word)
        else:
            name = ""
            found[f"argument {place + 1}"] = (word,)
    return found


def _variables(good: Record, bad: Record) -> Iterator[Change]:
    one, other = good.snapshot.command, bad.snapshot.command
    if one is None or other is None:
        return
    for name in sorted(one.env.keys() | other.env.keys()):
        if one.env.get(name) != other.env.get(name):
            env = {key: value for key, value in {**other.env, name: one.env.get(name)}.items() if value is not None}
            words = f"{name}={one.env[name]}" if name in one.env else f"without {name}"
            yield Change("variable", words, _with(bad, command=msgspec.structs.replace(other, env=env)))


def _data(good: Record, bad: Record) -> Iterator[Change]:
    theirs = {each.name: each for each in good.datasets}
    for place, dataset in enumerate(bad.datasets):
        wanted = theirs.get(dataset.name)
        if wanted is None or wanted.digest == dataset.digest or dataset.source is None:
            continue
        mixed = msgspec.structs.replace(wanted, source=dataset.source)
        datasets = (*bad.datasets[:place], mixed, *bad.datasets[place + 1 :])
        words = f"{dataset.name} of digest {wanted.digest[:12]}"
        artifacts = (*bad.artifacts, *good.artifacts)
        yield Change("data", words, msgspec.structs.replace(bad, datasets=datasets, artifacts=artifacts))


def _in_the_code_of(good: Record, bad: Record) -> Command | None:
    """The bad run's command, started in the good run's folders, where the code lay elsewhere."""
    one, other = good.snapshot.command, bad.snapshot.command
    if one is None or other is None or guessed_root(good) == guessed_root(bad):
        return other
    return msgspec.structs.replace(other, cwd=one.cwd, argv=(one.argv[0], *other.argv[1:]))


def _with(record: Record, **parts: object) -> Record:
    return msgspec.structs.replace(record, snapshot=msgspec.structs.replace(record.snapshot, **parts))


def _sentence(trials: Sequence[Trial]) -> str:
    moved = [trial for trial in trials if trial.share is not None and abs(trial.share) > 0.01]
    if not moved:
        failed = [trial for trial in trials if trial.value is None]
        if failed:
            return f"Nothing that could be tried moves it; {listed([each.words for each in failed])} could not."
        return "No difference moves it alone: it takes several together, or the script is not deterministic."
    moved.sort(key=lambda trial: -abs(trial.share or 0.0))
    first = moved[0]
    rest = listed([f"{each.words} ({each.share:.0%})" for each in moved[1:]])
    whole = (
        "all of the gap" if first.share is not None and abs(first.share - 1) < 0.01 else f"{first.share:.0%} of the gap"
    )
    return f"{first.words} closes {whole}" + (f"; then {rest}." if rest else ".")
