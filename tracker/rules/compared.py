"""The whole answer to "what is it with these runs?": what differs, and whether the difference is more than noise. Pure.

Each further run is held against the first. A run speaks with its replicates, where there are any: one seed alone
says nothing of luck.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from tracker.errors import UsageError
from tracker.record import BoardSpec, Record
from tracker.rules.board import Ranking, rank
from tracker.rules.comparison import Comparison, Spread, explain, explain_all
from tracker.rules.differences import why_no_replicates
from tracker.rules.noise import Judgement, between
from tracker.rules.replicates import key_of, value_of
from tracker.rules.standing import split
from tracker.rules.words import counted, listed, number


class Compared(msgspec.Struct, frozen=True):
    """The first run against each of the others.

    `comparisons` and `judgements` have an entry for each further run; a judgement is None where `why_not` (of the
    same length) says what keeps the two from being judged. `spread` is what varies among all.
    """

    run_ids: tuple[str, ...]
    comparisons: tuple[Comparison, ...]
    judgements: tuple[Judgement | None, ...]
    why_not: tuple[str, ...]
    spread: Spread
    ranking: Ranking
    verdict: str


def compare(
    spec: BoardSpec,
    records: Sequence[Record],
    *,
    replicates: Mapping[str, Sequence[Record]] | None = None,
    contents: Mapping[str, bytes] | None = None,
) -> Compared:
    """`replicates` are further runs by the ID of the run they repeat; `contents` stored files by digest, for lines.

    Raises:
        UsageError: fewer than two runs.
    """
    spread = explain_all(records)
    groups = [_group(spec, record, (replicates or {}).get(record.id, ())) for record in records]
    judged = [_judged(spec, groups[0], group) for group in groups[1:]]
    ranking = rank(spec, list({each.id: each for group in groups for each in group}.values()))
    two = len(records) == 2
    return Compared(
        run_ids=tuple(record.id for record in records),
        comparisons=tuple(explain(records[0], other, contents=contents) for other in records[1:]),
        judgements=tuple(judgement for judgement, _ in judged),
        why_not=tuple(why for _, why in judged),
        spread=spread,
        ranking=ranking,
        verdict=(judged[0][0].sentence if judged[0][0] else judged[0][1]) if two else _leaders(ranking, spread.run_ids),
    )


def _leaders(ranking: Ranking, asked: Sequence[str]) -> str:
    """Who leads among several, and who cannot be told from the leader; rows go by the run that was asked for."""
    spec, rows = ranking.spec, ranking.rows
    if not rows:
        return f"None of these has a result by {spec.metric}."
    names = [next(run_id for run_id in asked if run_id in row.run_ids) for row in rows]
    tied = [name for name, row in zip(names[1:], rows[1:], strict=True) if row.rank == 1]
    leads = f"{names[0]} is the best of {counted(len(rows), 'row')} by {spec.metric}: {number(rows[0].value)}"
    if not tied:
        return f"{leads}." if len(rows) > 1 else f"{names[0]} alone has a result by {spec.metric}."
    return f"{leads}; {listed(tied)} can't be told apart from it."


def _group(spec: BoardSpec, record: Record, others: Sequence[Record]) -> list[Record]:
    """The run, and those of its replicates that the board would rank, a run a seed, the first that ended."""
    found = [record]
    key = key_of(record)
    if key is None or record.state != "finished" or value_of(spec, record) is None:
        return found
    entries, _ = split(spec, [other for other in others if key_of(other) == key])
    seeds = {record.seed}
    for entry in sorted(entries, key=lambda entry: entry.ended):
        if entry.record.seed not in seeds:
            seeds.add(entry.record.seed)
            found.append(entry.record)
    return found


def _judged(spec: BoardSpec, a: Sequence[Record], b: Sequence[Record]) -> tuple[Judgement | None, str]:
    if not why_no_replicates((a[0], b[0])):
        return None, f"{a[0].id} and {b[0].id} are replicates: what differs is the seed."
    if a[0].project != b[0].project:
        return None, f"{b[0].id} is of another project, {b[0].project}: its values mean something else."
    for record in (a[0], b[0]):
        if record.state != "finished":
            return None, f"{record.id} has not ended well: its value is no result."
    try:
        return between(spec, a, b), ""
    except UsageError as error:
        return None, error.message
