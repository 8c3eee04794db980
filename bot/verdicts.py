"""The verdict on a post: what it claims, held against what is recorded. Pure.

Codes of the findings made here stand in `MEANINGS`; those about a run alone are `tracker.rules.codes`'.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from bot.claims.reading import Reading
from bot.matches import Match, Recorded, describe, equals, match_of, said
from tracker.ids import clip
from tracker.record import BoardSpec, Claim, Finding, Record
from tracker.rules.codes import Meaning
from tracker.rules.replicates import key_of
from tracker.rules.words import counted, listed, number

Verdict = Literal["accepted", "rejected", "ignored"]

MEANINGS: tuple[Meaning, ...] = (
    Meaning("no-run", "the post cites no run", "reject", firm=True),
    Meaning("mistyped", "the run ID is mistyped", "reject", firm=True),
    Meaning("unknown-run", "nothing is registered under the run ID", "reject", firm=True),
    Meaning("claim-differs", "the value is not the one recorded", "reject", firm=True),
    Meaning("other-run", "the value is another run's", "reject", firm=True),
    Meaning("metric-not-recorded", "no cited run recorded the metric", "reject"),
    Meaning("no-replicates", "a mean over runs that are no replicates", "reject"),
    Meaning("other-split", "the value is of another split than the board's", "reject"),
    Meaning("mended-id", "a look-alike character in the run ID was read as what it stands for", "note"),
    Meaning("other-member", "the run is another member's", "note"),
    Meaning("registered-later", "the run was registered after the post", "note"),
)
CODES = {meaning.code: meaning for meaning in MEANINGS}

_GRACE = 60_000_000


@dataclass(frozen=True)
class Cited:
    """A run ID of the post, and what is registered under it.

    `as_written` stands for a near miss that was taken; `suggestions` are registered IDs that come close to
    one that is unknown. `findings` are the run's own, by its board's policy.
    """

    run_id: str
    record: Record | None
    board: BoardSpec | None = None
    findings: tuple[Finding, ...] = ()
    as_written: str | None = None
    suggestions: tuple[str, ...] = ()
    mistyped: bool = False


@dataclass(frozen=True)
class Setting:
    """Where and by whom it was posted.

    `strict`: every post here must cite. `called`: the bot was mentioned. `bare`: the post is nothing but run
    IDs. `member` is the poster's handle; `posted_at` microseconds since 1970. `rivals` are other runs whose
    value a wrong claim may be.
    """

    strict: bool = False
    in_thread: bool = False
    called: bool = False
    bare: bool = False
    member: str | None = None
    posted_at: int = 0
    rivals: tuple[Record, ...] = ()


@dataclass(frozen=True)
class Judgement:
    """What the bot thinks of a post. `speaks`: whether it says anything at all."""

    verdict: Verdict
    speaks: bool
    findings: tuple[Finding, ...] = ()
    matches: tuple[Match, ...] = ()
    cited: tuple[Cited, ...] = ()

    @property
    def records(self) -> tuple[Record, ...]:
        """The records of the cited runs that are registered."""
        return tuple(each.record for each in self.cited if each.record is not None)


SILENT = Judgement("ignored", speaks=False)


def judge(reading: Reading, cited: Sequence[Cited], setting: Setting) -> Judgement:
    """The verdict on a post, and the findings that made it, the gravest first."""
    cited = tuple(cited)
    if not cited:
        return _without_run(reading, setting)
    if not reading.is_result_post:
        if not (setting.bare or setting.called):
            return SILENT
        unknown = tuple(_unregistered(cited))
        notes = tuple(_ordered([*unknown, *(f for each in cited for f in each.findings), *_mended(cited)]))
        return Judgement("ignored", True, notes, (), cited)
    registered = tuple(each for each in cited if each.record is not None)
    pairs = [(each.record, each.board) for each in cited if each.record is not None]
    matches = tuple(match_of(claim, pairs) for claim in reading.claims) if pairs else ()
    told: list[Finding] = [*_unregistered(cited), *_mended(cited)]
    for each in registered:
        told += each.findings
        told += _about(each, setting)
    if registered:
        for match in matches:
            told += _doubts(match, registered, setting)
    findings = tuple(_ordered(told))
    rejected = any(finding.severity == "reject" for finding in findings)
    return Judgement("rejected" if rejected else "accepted", True, findings, matches, cited)


def finding(code: str, sentence: str, remedy: str, board: BoardSpec | None = None) -> Finding | None:
    """A finding of this floor, under the board's policy; None where the policy drops it."""
    meaning = CODES[code]
    wanted = meaning.severity if meaning.firm or board is None else board.rules.policy.get(code, meaning.severity)
    return None if wanted == "ignore" else Finding(code, sentence, remedy, wanted)


def _without_run(reading: Reading, setting: Setting) -> Judgement:
    strict = setting.strict and not setting.in_thread
    if not strict and (not reading.is_result_post or setting.in_thread):
        return SILENT
    if reading.is_result_post:
        sentence = "This result cites no run."
        remedy = "Edit your post and add the run ID, such as r-7K3M9QX2: training prints it when it ends."
    else:
        sentence = "Posts in this channel cite a run, and this one cites none."
        remedy = "Add the run ID to your post, or take the talk to a thread."
    return Judgement("rejected", True, (Finding("no-run", sentence, remedy),))


def _unregistered(cited: Sequence[Cited]) -> Iterator[Finding]:
    for each in cited:
        if each.record is not None:
            continue
        written = clip(each.as_written or each.run_id, 24)
        near = listed(list(each.suggestions[:3]), joint="or")
        if near:
            sentence = f"{written} is {'mistyped' if each.mistyped else 'not registered'}: did you mean {near}?"
            yield Finding("mistyped", sentence, f"Edit your post and write {each.suggestions[0]}.")
        elif each.mistyped:
            remedy = "Copy it from the end of the training output, or see /results mine."
            yield Finding("mistyped", f"{written} is mistyped: its symbols do not fit together.", remedy)
        else:
            remedy = "If it was trained off line, type `runcite sync` on that machine, then edit your post."
            yield Finding("unknown-run", f"Nothing is registered under {written}.", remedy)


def _mended(cited: Sequence[Cited]) -> Iterator[Finding]:
    for each in cited:
        if each.record is not None and each.as_written is not None:
            sentence = f"You wrote {clip(each.as_written, 24)}; I read it as {each.run_id}."
            yield Finding("mended-id", sentence, "Run IDs have no letters O, I, L and U.", "note")


def _about(each: Cited, setting: Setting) -> Iterator[Finding]:
    record = each.record
    assert record is not None
    found = []
    if record.member is not None and setting.member is not None and record.member != setting.member:
        found.append(("other-member", f"{record.id} is {record.member}'s run.", "That is fine; the reply says whose."))
    if setting.posted_at and record.received_at > setting.posted_at + _GRACE:
        minutes = math.ceil((record.received_at - setting.posted_at) / 60_000_000)
        sentence = f"{record.id} was registered {counted(minutes, 'minute')} after the post."
        found.append(("registered-later", sentence, "Post a result when its run is there."))
    for code, sentence, remedy in found:
        told = finding(code, sentence, remedy, each.board)
        if told is not None:
            yield told


def _ordered(findings: Sequence[Finding]) -> list[Finding]:
    grave = {"reject": 0, "warn": 1, "note": 2}
    return sorted(dict.fromkeys(findings), key=lambda each: grave[each.severity])


def _doubts(match: Match, cited: Sequence[Cited], setting: Setting) -> Iterator[Finding]:
    told = _doubt(match, cited, setting)
    if told is not None:
        yield told


def _doubt(match: Match, cited: Sequence[Cited], setting: Setting) -> Finding | None:
    claim, recorded = match.claim, match.recorded
    if claim.optional and not match.holds:
        return None
    if recorded is None:
        return _nothing_recorded(claim, cited)
    board = next((each.board for each in cited if each.run_id == recorded.run_id), None)
    if match.holds:
        if recorded.of > 1 and len({key_of(each.record) for each in cited if each.record}) != 1:
            sentence = f"{clip(claim.as_written, 20)} is a mean over runs that differ in more than their seed."
            return finding("no-replicates", sentence, "Give each run's own value, or the mean over its seeds.", board)
        wanted = board.rules.split if board else None
        if wanted and not recorded.metric.lower().startswith(wanted.lower()):
            sentence = f"The board is about {wanted}; {recorded.metric} is not."
            return finding("other-split", sentence, f"Give the value on {wanted}.", board)
        return None
    sentence = f"You wrote {said(claim)}; {describe(recorded, match.other)}."
    rival = _rival(claim, recorded, setting)
    if rival is not None:
        whose = f" ({rival.member}'s)" if rival.member else ""
        return Finding("other-run", f"{sentence} It is {rival.id}{whose} that recorded it.", f"Cite {rival.id} for it.")
    return Finding("claim-differs", sentence, f"Edit your post and write {_as_claimed(claim, recorded.value)}.")


def _as_claimed(claim: Claim, value: float) -> str:
    """The recorded value in the claim's own way of writing: a percentage, or a fraction."""
    if any(sign in claim.as_written for sign in "%％") and abs(value) <= 1:
        return f"{number(value * 100)} %"
    return number(value)


def _nothing_recorded(claim: Claim, cited: Sequence[Cited]) -> Finding | None:
    record = cited[0].record
    assert record is not None
    names = listed(sorted(record.metrics))
    metric = "no metric" if claim.metric == "unknown" else f"no {claim.metric.replace('_', ' ')}"
    on_split = f" on {claim.split}" if claim.split and claim.metric != "unknown" else ""
    has = f"; it recorded {names}" if names else ""
    remedy = "Log it in the training loop with run.log(), or claim what was recorded."
    return finding("metric-not-recorded", f"{record.id} recorded {metric}{on_split}{has}.", remedy, cited[0].board)


def _rival(claim: Claim, recorded: Recorded, setting: Setting) -> Record | None:
    """Another run that recorded just what was claimed; of three digits or more only, as others are met by luck."""
    if claim.digits < 3 or claim.comparator != "=":
        return None
    for rival in sorted(setting.rivals, key=lambda each: each.member != setting.member):
        summary = rival.metrics.get(recorded.metric)
        if rival.id == recorded.run_id or summary is None:
            continue
        values = [summary.last, summary.max, summary.min]
        if any(value is not None and math.isfinite(value) and equals(claim, value) for value in values):
            return rival
    return None
