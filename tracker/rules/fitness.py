"""Whether a run is fit to be cited: its findings, from the record and the board's rules alone.

What a post claims is judged elsewhere; here only facts of the run speak. Every code stands in
`tracker.rules.codes`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from tracker.ids import clip
from tracker.record import BoardSpec, Finding, Notice, Record, Summary
from tracker.rules.budget import gpu_hours_of, parameters_of
from tracker.rules.codes import CODES, Severity
from tracker.rules.words import counted, duration, listed, number
from tracker.snapshot import Code, Git

Told = tuple[str, str, str]
"""A finding before the policy: code, sentence, remedy."""

IMPORTED = "imported"
"""The code of the notice, and the tag, that mark a run which was brought in from elsewhere."""

NOT_RECORDED = "not-recorded"
"""The code of the notice that marks a run which another tracker recorded."""

_LOSSES = frozenset(
    {"mlflow-refused", "not-logged", "log-failed", "after-the-end", "journal-damaged", "journal-unknown"}
)
_ORDER = {code: place for place, code in enumerate(CODES)}
_RANK: dict[Severity, int] = {"reject": 0, "warn": 1, "note": 2}


def findings(record: Record, board: BoardSpec | None) -> tuple[Finding, ...]:
    """Why the run is, or isn't, fit to be cited: what rejects first, then what warns, then what is only noted.

    The board's policy is applied: it may make a finding reject or warn, or drop it; a firm one (see
    `codes.MEANINGS`) rejects whatever the policy says. No finding that rejects means fit. Without a board
    only what needs none is looked at.
    """
    policy = board.rules.policy if board else {}
    found = []
    for code, sentence, remedy in _told(record, board):
        meaning = CODES[code]
        severity = meaning.severity
        if not meaning.firm:
            wanted = policy.get(code, severity)
            if wanted == "ignore":
                continue
            severity = wanted
        found.append(Finding(code, sentence, remedy, severity))
    found.sort(key=lambda finding: (_RANK[finding.severity], _ORDER[finding.code]))
    return tuple(found)


def _told(record: Record, board: BoardSpec | None) -> Iterator[Told]:
    yield from _ending(record)
    yield from _values(record, board)
    if board is not None:
        yield from _rules(record, board)
    yield from _code(record.snapshot.code)
    yield from _machine(record, board)
    yield from _rest(record)


def _ending(record: Record) -> Iterator[Told]:
    if record.retracted is not None:
        taken = record.retracted
        yield "retracted", f"{record.id} was retracted by {taken.by}: {_quoted(taken.why)}.", "Cite another run."
    if record.state == "running":
        yield "not-ended", f"{record.id} is still running.", "Cite it when it has ended."
    elif record.state == "silent":
        sentence = f"{record.id} stopped telling before its end, and nobody saw how it ended."
        yield "silent", sentence, "Run `runcite sync` on the machine where it trained, or train it again."
    elif record.state == "failed":
        yield "failed", f"{record.id} failed{_how(record)}.", "Mend what failed, and cite a run that ended well."


def _how(record: Record) -> str:
    end = record.end
    if end is None:
        return ""
    if end.out_of_memory:
        return ": it ran out of memory"
    if end.reason:
        return f": {_quoted(end.reason)}"
    if end.signal:
        return f": it was ended by {end.signal}"
    return f" with exit code {end.exit_code}" if end.exit_code is not None else ""


def _values(record: Record, board: BoardSpec | None) -> Iterator[Told]:
    main = board.metric if board else None
    if board is not None:
        summary = record.metrics.get(board.metric)
        if summary is None:
            names = listed(sorted(record.metrics))
            has = f"it recorded {names}" if names else "it recorded no metric at all"
            yield (
                "metric-missing",
                f"{record.id} did not record {board.metric}: {has}.",
                f"Log {board.metric} in the training loop to take a place on the board.",
            )
        else:
            yield from _finite(record, board, summary)
    bad = [name for name, summary in record.metrics.items() if name != main and not math.isfinite(summary.last)]
    if bad:
        said = listed([f"{name} as {number(record.metrics[name].last)}" for name in bad])
        yield (
            "other-not-finite",
            f"{record.id} ended with {said}.",
            "Look at its curves: the training may have diverged.",
        )


def _finite(record: Record, board: BoardSpec, summary: Summary) -> Iterator[Told]:
    value = summary.value(board.aggregate, board.direction)
    if not math.isfinite(summary.last) or value is None:
        sentence = f"{board.metric} of {record.id} ended as {number(summary.last)}."
        yield "not-finite", sentence, "A run that diverged is no result: train it again with other settings."
        return
    if summary.nonfinite:
        sentence = f"{summary.nonfinite:,} of {counted(summary.count, 'point')} of {board.metric} were not finite."
        yield "some-not-finite", sentence, "Look at the curve: the training was unstable."
    low, high = board.rules.low, board.rules.high
    if (low is not None and value < low) or (high is not None and value > high):
        band = f"{'−∞' if low is None else number(low)} to {'∞' if high is None else number(high)}"
        yield (
            "implausible",
            f"{board.metric} is {number(value)}, outside what the board takes for possible ({band}).",
            "Check how it is computed (a percentage, a leak, an empty split?), or ask an instructor to widen the band.",
        )


def _rules(record: Record, board: BoardSpec) -> Iterator[Told]:
    rules = board.rules
    if rules.data_digest is not None:
        used = {dataset.digest for dataset in record.datasets} | {record.digests.data}
        if rules.data_digest not in used:
            has = listed([f"{each.name} ({each.digest[:8]})" for each in record.datasets])
            said = f"used {has}" if has else "did not record its data"
            yield (
                "other-data",
                f"{record.id} {said}; the board asks for {rules.data_digest[:8]}.",
                "Train on the board's data set and log it with run.log_dataset().",
            )
    if rules.max_runtime is not None and record.end is not None and record.end.runtime > rules.max_runtime:
        took, allowed = duration(record.end.runtime), duration(rules.max_runtime)
        yield "over-time", f"{record.id} took {took}; the board allows {allowed}.", "Train within the time allowed."
    yield from _gpu_hours(record, rules.max_gpu_hours)
    if rules.max_parameters is not None:
        has_parameters = parameters_of(record)
        if has_parameters is None:
            yield (
                "parameters-unknown",
                f"The board allows {rules.max_parameters:,} parameters; {record.id} did not record how many it has.",
                "Put the number into the config as `parameters`.",
            )
        elif has_parameters > rules.max_parameters:
            sentence = f"{record.id} has {has_parameters:,} parameters; the board allows {rules.max_parameters:,}."
            yield "over-parameters", sentence, "Train a smaller model."


def _gpu_hours(record: Record, allowed: float | None) -> Iterator[Told]:
    if allowed is None or record.end is None:
        return
    if record.snapshot.machine is None:
        sentence = f"The board allows {number(allowed)} GPU hours; the machine of {record.id} was not captured."
        yield "gpu-hours-unknown", sentence, "See the run's problems: `runcite show` lists them."
        return
    took = gpu_hours_of(record) or 0.0
    if took > allowed:
        sentence = f"{record.id} took {number(took, 3)} GPU hours; the board allows {number(allowed)}."
        yield "over-gpu-hours", sentence, "Train with fewer GPUs, or for a shorter time."


def _machine(record: Record, board: BoardSpec | None) -> Iterator[Told]:
    told_already = board is not None and board.rules.max_gpu_hours is not None
    if record.snapshot.machine is None and not told_already:
        yield "machine-unknown", "The machine was not captured.", "See the run's problems: `runcite show` lists them."


def _code(code: Code | None) -> Iterator[Told]:
    if code is None:
        yield "code-unknown", "The code was not captured.", "Start the run from the folder of your code."
        return
    if not code.seen:
        sentence = "The commit was told by a client that does not look at what differs from it."
        yield "code-told", sentence, "Start it as `runcite exec -- python train.py`, which looks at the files."
    if code.left_out:
        names = listed([item.path for item in code.left_out])
        yield (
            "code-incomplete",
            f"The code differs from the commit; {counted(len(code.left_out), 'file')} could not be stored: {names}.",
            "Commit what belongs to the code, and have git ignore what does not.",
        )
    elif code.changed and code.git is not None and code.git.commit is not None:
        sentence = f"{counted(len(code.changed), 'file')} differed from the commit; the run holds them."
        yield "dirty", sentence, "Commit before you train, so that others can read what changed."
    yield from _commit(code.git)


def _commit(git: Git | None) -> Iterator[Told]:
    if git is None:
        yield "no-git", "The code was in no git repository.", "Put the code under git: git init, add, commit."
    elif git.commit is None:
        yield "no-git", "The repository has no commit yet.", "Commit the code before you train."
    elif git.pushed is False and git.bundle is None:
        yield "unpushed", f"Nobody else can see commit {git.commit[:7]}: it is not pushed.", "Push it: git push."
    elif git.pushed is False:
        sentence = f"Commit {git.commit[:7]} is not pushed; the run holds it."
        yield "bundled", sentence, "Push it, so that others can read it: git push."


def _rest(record: Record) -> Iterator[Told]:
    if record.snapshot.python is None or not record.snapshot.python.packages:
        sentence = "The installed packages were not captured."
        yield "environment-unknown", sentence, "See the run's problems: `runcite show` lists them."
    if not record.datasets:
        sentence = f"{record.id} did not record which data it used."
        yield "data-unknown", sentence, "Log it: run.log_dataset(name, path_or_array)."
    if record.seed is None:
        sentence = f"{record.id} did not say its seed, so it cannot be told from luck, nor be repeated exactly."
        yield "no-seed", sentence, "Pass it on: start_run(…, seed=…)."
    resumed = len(record.seals) - (record.state in ("finished", "failed"))
    if resumed > 0:
        first = record.seals[0]
        sentence = (
            f"{record.id} ended at event {first.seq} and was resumed {counted(resumed, 'time')} since;"
            " what was sealed then stands, the rest was written behind it."
        )
        yield "resumed-after-end", sentence, "See what came when: the run's events and seals."
    elsewhere = next((notice.message for notice in record.notices if notice.code == NOT_RECORDED), None)
    if elsewhere is not None:
        sentence = f"{record.id} was not recorded by Runcite: {_quoted(elsewhere)}."
        yield "not-recorded", sentence, "Train it again under Runcite, or ask an instructor to allow imported runs."
    elif IMPORTED in record.tags or any(notice.code == IMPORTED for notice in record.notices):
        sentence = f"{record.id} was imported: Runcite did not see it train."
        yield "imported", sentence, "Train it under Runcite to prove it."
    if drifted := [notice.message for notice in record.notices if notice.code == "drift"]:
        sentence = f"{record.id} did not do what its config says: {_all_said(drifted)}."
        yield "drift", sentence, "Pass the values that are used into the config, and train again."
    if lost := [notice for notice in record.notices if notice.code in _LOSSES]:
        yield "not-all-kept", _loss(lost), "See all of them: `runcite show` lists the run's notices."


def _loss(lost: list[Notice]) -> str:
    return f"The recorder could not keep everything: {_all_said([notice.message for notice in lost])}."


def _all_said(messages: list[str]) -> str:
    more = f" (and {counted(len(messages) - 1, 'notice')} more)" if len(messages) > 1 else ""
    return f"{_quoted(messages[0])}{more}"


def _quoted(text: str) -> str:
    """Somebody's words inside a sentence: one line, not too long, the full stop left to the sentence."""
    return clip(" ".join(text.split()), 200).rstrip(".")
