"""The verdict on a post: what it claims, held against what is recorded. Pure.

Every code stands in `tracker.rules.codes`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from bot.case import CODES, Cited, Setting, finding
from bot.claims.reading import Reading
from bot.doubts import doubts, tried
from bot.matches import Match, match_of
from tracker.ids import clip
from tracker.record import BoardSpec, Finding, Record
from tracker.rules.words import counted, listed
from tracker.times import moment

__all__ = ["CODES", "SILENT", "Cited", "Judgement", "Setting", "Verdict", "judge"]

Verdict = Literal["accepted", "rejected", "ignored"]

_GRACE = 60_000_000


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
    mates = _mates(reading, registered)
    matches = tuple(match_of(claim, pairs, mates) for claim in reading.claims) if pairs else ()
    told: list[Finding] = [*_unregistered(cited), *_mended(cited)]
    for each in registered:
        told += each.findings
        told += _about(each, setting)
    if registered:
        told += doubts(reading, matches, registered, setting)
    findings = tuple(_ordered(told))
    rejected = any(finding.severity == "reject" for finding in findings)
    return Judgement("rejected" if rejected else "accepted", True, findings, matches, cited)


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
    found = list(_by_the_rules(each, record, setting))
    if each.broken:
        sentence = f"The record of {record.id} is not what was sealed when it ended."
        found.append(("seal-broken", sentence, f"Ask an admin to type: runcite verify {record.id}"))
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
    stand = tried(each)
    if stand is not None:
        yield stand


def _by_the_rules(each: Cited, record: Record, setting: Setting) -> Iterator[tuple[str, str, str]]:
    """What the board asks of the post itself: in time, and not one too many."""
    rules = each.board.rules if each.board else None
    if rules is None:
        return
    written = max(setting.posted_at, setting.written_at)
    if rules.closes is not None and written > rules.closes:
        sentence = f"The board of {record.project} closed at {moment(rules.closes)}."
        yield "closed", sentence, "Ask an instructor, if you have more time."
    spent = setting.spent.get(record.project, 0)
    if rules.attempts is not None and spent >= rules.attempts:
        allowed = counted(rules.attempts, "accepted post")
        sentence = f"The board of {record.project} allows {allowed} a member; you have {spent}."
        yield "no-attempts-left", sentence, "Delete an earlier post to take it back, or edit it to the better run."


def _mates(reading: Reading, registered: Sequence[Cited]) -> tuple[tuple[Record, BoardSpec | None], ...]:
    """The replicates that a mean over seeds may be over, where one run is cited for all of them."""
    if reading.seeds is None or len(registered) != 1:
        return ()
    return tuple((mate, registered[0].board) for mate in registered[0].mates)


def _ordered(findings: Sequence[Finding]) -> list[Finding]:
    grave = {"reject": 0, "warn": 1, "note": 2}
    return sorted(dict.fromkeys(findings), key=lambda each: grave[each.severity])
