"""A whole reproduction, from the record to the verdict and its badge; and its plan, which runs nothing."""

from __future__ import annotations

from pathlib import Path

import msgspec

from tracker.record import Finding, Record
from tracker.reproduce import compare, data, environment, run
from tracker.reproduce.attempt import Attempt, attempt, command_of, workplace
from tracker.reproduce.fetch import Origin, histories
from tracker.reproduce.stages import Options, Stage, Stopped, Tell
from tracker.rules import reproduction as rules
from tracker.rules.parting import Parting
from tracker.rules.words import counted, listed
from tracker.settings import Settings


class Result(msgspec.Struct, frozen=True):
    """What came of it: the verdict, the new run, and everything that was found on the way.

    `stage` and `sentence` say where it stopped, for one that could not be run. `delivery` says why the new run waits
    in its journal, "" where it has arrived.
    """

    verdict: rules.Verdict
    run_id: str
    reproduced_by: str | None
    score: str
    sentence: str
    findings: tuple[Finding, ...]
    stage: Stage | None = None
    metric: str = ""
    before: float | None = None
    after: float | None = None
    parting: Parting | None = None
    interval: tuple[float, float] | None = None
    metrics: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    checks: tuple[rules.Check, ...] = ()
    delivery: str = ""


class Plan(msgspec.Struct, frozen=True):
    """What would happen: the score, a line for each stage, and what stands in the way."""

    run_id: str
    score: str
    member: str | None
    command: str
    stages: dict[Stage, str]
    findings: tuple[Finding, ...]
    checks: tuple[rules.Check, ...]


def plan(record: Record, options: Options, home: Path) -> Plan:
    """What a reproduction of the run would do here, and what is missing. Nothing is run, built or fetched."""
    told = rules.score(record)
    found = list(rules.findings(record))
    stages: dict[Stage, str] = {}
    git = record.snapshot.code.git if record.snapshot.code else None
    changed = len(record.snapshot.code.changed) if record.snapshot.code else 0
    commit = f"commit {(git.commit or '')[:7]} of {git.remote or 'a repository at hand'}" if git else "the stored files"
    stages["code"] = f"{commit}, {counted(changed, 'changed file')}"
    try:
        ready = environment.ready(record, home, allow_drift=options.allow_env_drift, plan=True)
        stages["environment"] = ready.sentence
        found += ready.findings
    except Stopped as stopped:
        stages["environment"] = stopped.message
        found.append(stopped.finding)
    data_told = "; ".join(f"{each.name}: {how}" for each, how in data.planned(record, options.data))
    stages["data"] = data_told or "none recorded"
    said = command_of(record)
    given = listed([f"{name}={value}" for name, value in run.passed(record).items()], 8)
    stages["run"] = f"{said}, with {given}" if given else said
    return Plan(record.id, told.text, record.member, said, stages, tuple(found), told.checks)


def reproduce(
    origin: Origin, record: Record, options: Options, settings: Settings, deliver: compare.Deliver, tell: Tell
) -> Result:
    """Reproduce a run: the verdict, always; what stopped it stands in the result.

    Raises:
        UsageError: what was asked for makes no sense.
    """
    told = rules.score(record)
    blank = Result("could-not-run", record.id, None, told.text, "", (), checks=told.checks)
    with workplace(options.folder) as folder:
        try:
            return _judged(origin, record, options, settings, deliver, tell, folder, blank)
        except Stopped as stopped:
            findings = (stopped.finding, *rules.findings(record))
            return msgspec.structs.replace(blank, stage=stopped.stage, sentence=stopped.message, findings=findings)


def _judged(
    origin: Origin,
    record: Record,
    options: Options,
    settings: Settings,
    deliver: compare.Deliver,
    tell: Tell,
    folder: Path,
    blank: Result,
) -> Result:
    made = attempt(origin, record, options, settings, deliver, tell, folder)
    again = made.again
    if again.state != record.state:
        said = f"The new run {again.id} is {again.state}."
        failed = made.failed or Finding("script-failed", said, "See its output: --in DIR.", "reject")
        return _ended(record, made, "run", failed, settings, deliver, blank)
    spec = origin.board(record.project)
    others = compare.replicates(origin, record)
    outcome = rules.judge(record, again, histories(origin, record), made.series, spec, others)
    if finding := rules.incomparable(record, again, outcome):
        return _ended(record, made, "compare", finding, settings, deliver, blank)
    compare.testify(made.home, again.id, record, outcome)
    waits = compare.hand_over(made.home, settings, deliver)
    tell("compare", outcome.sentence, done=True)
    known = {finding.code for finding in outcome.findings}
    rest = [finding for finding in made.findings if finding.code not in known]
    if made.failed is not None and outcome.verdict != "exact":
        rest.insert(0, msgspec.structs.replace(made.failed, severity="warn"))
    return msgspec.structs.replace(
        blank,
        verdict=outcome.verdict,
        reproduced_by=again.id,
        sentence=outcome.sentence,
        findings=(*outcome.findings, *rest, *rules.findings(record)),
        metric=spec.metric,
        before=outcome.before,
        after=outcome.after,
        parting=outcome.parting,
        interval=outcome.interval,
        metrics=outcome.metrics,
        skipped=outcome.skipped,
        delivery=waits,
    )


def _ended(
    record: Record,
    made: Attempt,
    stage: Stage,
    finding: Finding,
    settings: Settings,
    deliver: compare.Deliver,
    blank: Result,
) -> Result:
    """What came of a new run that there is, but that gives no verdict."""
    waits = compare.hand_over(made.home, settings, deliver)
    findings = (finding, *made.findings, *rules.findings(record))
    return msgspec.structs.replace(
        blank, stage=stage, sentence=finding.sentence, findings=findings, reproduced_by=made.again.id, delivery=waits
    )
