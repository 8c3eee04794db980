"""How far a run can be given back, and whether it was: score and verdict. Pure.

The score asks of the record alone what a reproduction will need, one check a thing. The verdict holds the new run
against the old one:

- *exact*: every compared history is the same, bit for bit;
- *within*: the board's value lies in the 95 % prediction interval of the config's replicates (for one further draw:
  t(n−1) · s · √(1 + 1/n) around their mean), or, where there are no replicates, within the board's tolerance;
- *differs*: neither; what differed is named;
- *could not run*: there is nothing to compare, and the stage that failed says why.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

import msgspec

from tracker.events import NOT_JOINED
from tracker.record import BoardSpec, Finding, Record
from tracker.rules.causes import causes, unexplained
from tracker.rules.parting import Parting, Series, compared, measures_the_machine, partings
from tracker.rules.replicates import Sample, value_of
from tracker.rules.words import counted, listed, number

Verdict = Literal["exact", "within", "differs", "could-not-run"]


class Check(msgspec.Struct, frozen=True):
    """One thing that a reproduction needs: whether the record has it, in a few words, and what to do where not."""

    name: str
    holds: bool
    words: str
    remedy: str = ""


class Score(msgspec.Struct, frozen=True):
    """How many of the things that a reproduction needs the record has."""

    met: int
    of: int
    checks: tuple[Check, ...]

    @property
    def text(self) -> str:
        """For instance "7 of 7", or "6 of 7: commit not pushed"."""
        missing = listed([check.words for check in self.checks if not check.holds])
        return f"{self.met} of {self.of}" + (f": {missing}" if missing else "")


class Outcome(msgspec.Struct, frozen=True):
    """What came of holding the two runs against each other.

    `before` and `after` are the board's value in each. `metrics` were compared, `skipped` measure the machine.
    `parting` is where the curves part first, `interval` what "within" was judged by.
    """

    verdict: Verdict
    sentence: str
    before: float | None
    after: float | None
    metrics: tuple[str, ...]
    skipped: tuple[str, ...]
    parting: Parting | None
    interval: tuple[float, float] | None
    findings: tuple[Finding, ...]


def score(record: Record) -> Score:
    """What a reproduction of the run needs, and whether its record has it."""
    checks = tuple(_checks(record))
    return Score(sum(check.holds for check in checks), len(checks), checks)


def findings(record: Record) -> tuple[Finding, ...]:
    """What the record lacks for a reproduction, each with what to do about it."""
    return tuple(
        Finding(f"{check.name}-lacking", f"{check.words[0].upper()}{check.words[1:]}.", check.remedy, "warn")
        for check in score(record).checks
        if not check.holds
    )


def incomparable(original: Record, again: Record, outcome: Outcome) -> Finding | None:
    """Why there is nothing to hold against each other; None where there is."""
    lacking = [record for record in (original, again) if not any(name in record.metrics for name in outcome.metrics)]
    if not lacking:
        return None
    old = lacking[0] is original
    said = outcome.sentence if not outcome.metrics else ""
    said = said or ("The run recorded no metric." if old else f"The new run {again.id} recorded none of the metrics.")
    for record in lacking:
        if lost := next((notice.message for notice in record.notices if notice.code == NOT_JOINED), ""):
            remedy = "Start the script by Python itself, and set variables before runcite exec or by env."
            return Finding(NOT_JOINED, f"{said} {lost}", remedy, "reject")
    remedy = "Log metrics by run.log; under runcite exec, print them: epoch 3: loss 0.25."
    return Finding("nothing-to-compare", said, remedy, "reject")


def judge(
    original: Record,
    again: Record,
    before: Mapping[str, Series],
    after: Mapping[str, Series],
    spec: BoardSpec,
    replicates: Sequence[Record] = (),
) -> Outcome:
    """The verdict over a run and the run that reproduced it, from their histories by metric.

    `replicates` are further runs of the same config, code, data and environment, of other seeds.
    """
    metrics = compared({*before, *after}, spec.metric)
    apart = partings(before, after, metrics)
    told = causes(original, again)
    one, other = value_of(spec, original), value_of(spec, again)
    interval = _interval(spec, original, replicates)
    data = any(finding.code in ("data-differs", "config-differs") for finding in told)
    verdict: Verdict = "differs"
    if metrics and not apart and not data:
        verdict = "exact"
    elif not data and other is not None and interval is not None and interval[0] <= other <= interval[1]:
        verdict = "within"
    if verdict == "exact":
        told = tuple(msgspec.structs.replace(finding, severity="note") for finding in told)
    elif metrics and not told:
        told = (unexplained(original, again),)
    outcome = Outcome(
        verdict=verdict,
        sentence="",
        before=one,
        after=other,
        metrics=metrics,
        skipped=tuple(sorted(name for name in before if name not in metrics and measures_the_machine(name))),
        parting=apart[0] if apart else None,
        interval=interval if verdict != "exact" else None,
        findings=told,
    )
    return msgspec.structs.replace(outcome, sentence=_sentence(outcome, spec, before))


def _checks(record: Record) -> Iterator[Check]:
    yield _ended(record)
    yield from _code(record)
    yield _packages(record)
    yield _data(record)
    yield _seed(record)
    yield _command(record)


def _ended(record: Record) -> Check:
    if record.state == "finished":
        return Check("end", True, "it ended well")
    return Check("end", False, f"it is {record.state}", "Reproduce a run that ended well.")


def _code(record: Record) -> Iterator[Check]:
    code = record.snapshot.code
    git = code.git if code else None
    if code is None or git is None or git.commit is None:
        whole = code is not None and bool(code.changed) and not code.left_out
        words = "code stored whole" if whole else "code not captured" if code is None else "code in no commit"
        yield Check("commit", whole, words, "Put the code under git, and commit it before you train.")
    elif git.pushed is False and git.bundle is None:
        yield Check("commit", False, "commit not pushed", f"Push {git.commit[:7]}: git push.")
    elif git.remote is None and git.bundle is None:
        yield Check("commit", False, "commit on no remote", "Give the repository a remote, and push.")
    else:
        yield Check("commit", True, "commit pushed" if git.pushed else "commit stored with the run")
    left = [each.path for each in code.left_out] if code else []
    scrubbed = [each.where.removeprefix("file ") for each in record.snapshot.scrubbed if each.where.startswith("file ")]
    if left:
        yield Check("changes", False, f"not stored: {listed(left, 3)}", "Commit them, or have git ignore them.")
    elif scrubbed:
        words = f"a secret was taken out of {listed(scrubbed, 3)}"
        yield Check("changes", False, words, "Keep secrets in the environment, not in files.")
    else:
        count = len(code.changed) if code else 0
        yield Check("changes", True, f"{counted(count, 'changed file')} stored" if count else "nothing uncommitted")


def _packages(record: Record) -> Check:
    python = record.snapshot.python
    if python is None or not python.packages:
        return Check("packages", False, "packages not captured", "See `runcite show`: it says why.")
    others = [each for each in python.packages if each.name.lower() != "runcite"]
    loose = [each.name for each in others if each.source and not _can_be_had(each.source)]
    if loose:
        return Check("packages", False, f"{listed(loose, 3)} from a folder", "Install it from an index or a commit.")
    return Check("packages", True, f"{counted(len(python.packages), 'package')}, exact")


def _can_be_had(source: str) -> bool:
    """Whether others can have it: the run's own code, which the record holds, a commit, or an archive by address."""
    if source.endswith(", changed") or "git+local@" in source:
        return False
    return source in ("editable", "local") or "git+" in source or "://" in source


def _data(record: Record) -> Check:
    if record.datasets:
        return Check("data", True, f"{counted(len(record.datasets), 'data set')} by digest")
    return Check("data", False, "data not recorded", "Log it: run.log_dataset(name, path_or_array).")


def _seed(record: Record) -> Check:
    if record.seed is not None or record.snapshot.seeds.stated is not None:
        return Check("seed", True, f"seed {record.seed}")
    return Check("seed", False, "no seed", "Pass it on: start_run(…, seed=…).")


def _command(record: Record) -> Check:
    command = record.snapshot.command
    if command is None or not command.argv:
        return Check("command", False, "command not captured", "Start the script by Python.")
    if any("[scrubbed]" in argument for argument in command.argv):
        return Check("command", False, "a secret was taken out of the command", "Pass secrets in the environment.")
    return Check("command", True, "command recorded")


def _interval(spec: BoardSpec, original: Record, replicates: Sequence[Record]) -> tuple[float, float] | None:
    """What one further run may give: by the replicates, or without them by the board's tolerance."""
    own = value_of(spec, original)
    if own is None:
        return None
    values = [own, *(value for each in replicates if (value := value_of(spec, each)) is not None)]
    if len(values) > 1:
        sample = Sample(tuple(values))
        return sample.mean - sample.margin, sample.mean + sample.margin
    tolerance = spec.rules.tolerance
    return None if tolerance is None else (own - tolerance, own + tolerance)


def _sentence(outcome: Outcome, spec: BoardSpec, before: Mapping[str, Series]) -> str:
    points = sum(len(before[name].steps) for name in outcome.metrics if name in before)
    if outcome.verdict == "exact":
        count = counted(len(outcome.metrics), "metric")
        return f"Every point is the same, bit for bit: {counted(points, 'point')} of {count}."
    if not outcome.metrics:
        return "The run recorded no metric that can be compared."
    if outcome.before is None or outcome.after is None:
        values = f"{spec.metric} was not recorded {'again' if outcome.after is None else 'at first'}"
    elif outcome.before == outcome.after:
        values = f"{spec.metric} is {number(outcome.after)} again"
    else:
        values = f"{spec.metric} is {number(outcome.after)}, not {number(outcome.before)}"
    where = ""
    if outcome.parting is not None:
        where = f"; {outcome.parting.metric} parts at step {outcome.parting.step:,}"
    if outcome.interval is not None:
        low, high = outcome.interval
        inside = "inside" if outcome.verdict == "within" else "compare"
        where += f" ({inside} {number(low)} to {number(high)})"
    return f"{values}{where}."
