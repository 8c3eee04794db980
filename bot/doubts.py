"""What speaks against a post's claims, each held against the record. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from bot.case import Cited, Setting, finding
from bot.claims.metrics import fits, meaning
from bot.claims.reading import Reading
from bot.gains import Gain, gains
from bot.matches import Match, Recorded, describe, equals, said
from tracker.errors import UsageError
from tracker.ids import clip
from tracker.record import BoardSpec, Claim, Finding, Record
from tracker.rules.noise import between
from tracker.rules.words import counted, listed, number


def doubts(reading: Reading, matches: Sequence[Match], cited: Sequence[Cited], setting: Setting) -> Iterator[Finding]:
    """Every finding about the claims, and about the changes that are claimed over other runs."""
    for match in matches:
        told = _doubt(match, cited, setting)
        if told is not None:
            yield told
        elif match.holds and match.recorded is not None:
            yield from _said_beside(match, match.recorded, reading, cited)
    lent = [each for each in matches if each.holds and each.recorded is not None]
    own = _own(cited, {delta.against for delta in reading.deltas}, setting.member)
    if lent and own and not any(each.recorded and each.recorded.run_id in own for each in lent):
        yield _lent(lent[0], own[0])
    pairs = [(each.record, each.board) for each in cited if each.record is not None]
    for gain in gains(reading.deltas, pairs):
        yield from _gain(gain, cited)


def _doubt(match: Match, cited: Sequence[Cited], setting: Setting) -> Finding | None:
    claim, recorded = match.claim, match.recorded
    if claim.optional and not match.holds:
        return None
    if recorded is None:
        return _nothing_recorded(claim, cited)
    board = _board(cited, recorded.run_id)
    if match.holds:
        if recorded.of > 1 and not recorded.replicates:
            sentence = f"{clip(claim.as_written, 20)} is a mean over runs that differ in more than their seed."
            return finding("no-replicates", sentence, "Give each run's own value, or the mean over its seeds.", board)
        wanted = board.rules.split if board else None
        if wanted and meaning(recorded.metric)[1] != wanted:
            sentence = f"The board is about {wanted}; {recorded.metric} is not."
            return finding("other-split", sentence, f"Give the value on {wanted}.", board)
        return None
    sentence = f"You wrote {said(claim)}; {describe(recorded, match.other)}."
    rival = _rival(claim, recorded, setting)
    if rival is not None:
        whose = f" ({rival.member}'s)" if rival.member else ""
        return Finding("other-run", f"{sentence} It is {rival.id}{whose} that recorded it.", f"Cite {rival.id} for it.")
    return Finding("claim-differs", sentence, f"Edit your post and write {_as_claimed(claim, recorded.value)}.")


def _said_beside(match: Match, found: Recorded, reading: Reading, cited: Sequence[Cited]) -> Iterator[Finding]:
    """What is true and still worth a word: the best was given and the last is less; fewer seeds than said."""
    board = _board(cited, found.run_id)
    other = match.other
    told = None
    if other is not None and found.aggregate == "best" and match.claim.comparator == "=":
        sentence = f"You wrote the best; the last is {number(other.value)} (at step {other.step})."
        told = finding("best-not-last", sentence, "Say `best`, or give both.", board)
    if told is not None:
        yield told
    if found.of > 1 and reading.seeds is not None and reading.seeds > found.of:
        sentence = f"You wrote a mean over {reading.seeds} seeds; it is one over {found.of}."
        told = finding("fewer-seeds", sentence, "Cite every run that is in the mean.", board)
        if told is not None:
            yield told


def _own(cited: Sequence[Cited], bases: set[str | None], member: str | None) -> list[str]:
    """The runs that the post is about: not those it compares with, and, where it cites both, not other members'."""
    about = [each for each in cited if each.run_id not in bases]
    mine = [each.run_id for each in about if each.record is not None and each.record.member == member]
    return mine if member is not None and mine else [each.run_id for each in about]


def _lent(match: Match, own: str) -> Finding:
    """A value that only the run has which the post compares itself with."""
    recorded = match.recorded
    assert recorded is not None
    sentence = f"{said(match.claim)} is what {recorded.run_id} recorded, the run you compare with."
    return Finding("other-run", sentence, f"Give the value of {own}.")


def _gain(gain: Gain, cited: Sequence[Cited]) -> Iterator[Finding]:
    board = _board(cited, gain.run.id)
    values = f"{gain.run.id} has {gain.metric} {number(gain.after)} and {gain.base.id} {number(gain.before)}"
    told = None
    if not gain.holds:
        sentence = f"You wrote {clip(gain.delta.as_written, 20)}; {values}: {gain.points}."
        told = finding("change-differs", sentence, f"Edit your post and write {gain.points}.", board)
    elif board is not None and gain.metric == board.metric:
        mates = {each.run_id: each.mates for each in cited}
        try:
            noise = between(board, mates.get(gain.base.id) or (gain.base,), mates.get(gain.run.id) or (gain.run,))
        except UsageError:
            return
        if noise.conclusion in {"unknown", "unclear"}:
            told = finding("within-noise", noise.sentence, "", board)
    if told is not None:
        yield told


def _board(cited: Sequence[Cited], run_id: str) -> BoardSpec | None:
    return next((each.board for each in cited if each.run_id == run_id), None)


def _as_claimed(claim: Claim, value: float) -> str:
    """The recorded value in the claim's own way of writing: a percentage, or a fraction."""
    if any(sign in claim.as_written for sign in "%％") and abs(value) <= 1:
        return f"{number(value * 100)} %"
    return number(value)


def _nothing_recorded(claim: Claim, cited: Sequence[Cited]) -> Finding | None:
    first = cited[0]
    record = first.record
    assert record is not None
    if any(fits(claim.metric, claim.split, name) for each in cited for name in each.hidden):
        sentence = (
            f"{said(claim)} is of the {claim.split or 'private'} split, which nobody sees before the board closes."
        )
        return finding("still-private", sentence, "Take the value out of your post until then.", first.board)
    names = listed(sorted(record.metrics))
    metric = "no metric" if claim.metric == "unknown" else f"no {claim.metric.replace('_', ' ')}"
    on_split = f" on {claim.split}" if claim.split and claim.metric != "unknown" else ""
    has = f"; it recorded {names}" if names else ""
    remedy = "Log it in the training loop with run.log(), or claim what was recorded."
    return finding("metric-not-recorded", f"{record.id} recorded {metric}{on_split}{has}.", remedy, first.board)


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


def tried(each: Cited) -> Finding | None:
    """Best of how many."""
    tries, record = each.tries, each.record
    if tries is None or record is None or tries.count < 2:
        return None
    whose = f" by {record.member}" if record.member else ""
    stand = (
        f"{counted(tries.count, 'run')} of this kind{whose} stand behind it (same hyperparameters set, other values)"
    )
    if tries.place is None or tries.median is None:
        return finding("best-of-many", f"{stand}.", "", each.board)
    where = "it is the best of them" if tries.place == 1 else f"{tries.place - 1} of them did better"
    return finding("best-of-many", f"{stand}: {where}, the median is {number(tries.median)}.", "", each.board)
