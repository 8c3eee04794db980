"""What the store knows of what a post says: runs under IDs and near misses, and the boards of their projects."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from bot.case import Cited
from bot.claims import NearMiss, Reading
from bot.desk import Desk
from bot.tries import tries_of
from bot.veil import hidden, is_open, masked, veiled
from tracker import ids
from tracker.record import BoardSpec, Record
from tracker.rules.board import Ranking, place_of, rank
from tracker.rules.fitness import findings
from tracker.store import queries
from tracker.store.verify import verify_run

MOST_RUNS = 20
"""Run IDs of one post that are looked at."""
MOST_RECORDS = 5000
"""Runs of a project that its board is made of."""
MOST_EVENTS = 5000
"""Events of a run whose hash chain is followed before it is accepted."""

_RUN_ID = re.compile(r"r-[0-9A-Za-z]{6,10}")
_MARKED = re.compile(r"<[@#!][^<>]*>|<https?://[^<>|]*(?:\|([^<>]*))?>|:[a-z0-9_+-]+:|https?://\S+")


def board_of(desk: Desk, project: str, now: int, viewer: str | None = None) -> Ranking:
    """A project's board as it stands, as the viewer (a handle) may see it."""
    stamp = queries.project_stamp(desk.db, project)
    spec = desk.shelves.specs.get(project, stamp, now, lambda: queries.get_board(desk.db, project))
    rules = spec.rules
    key = (project, viewer if rules.pseudonyms else None, is_open(rules, now))

    def make() -> Ranking:
        found = queries.find_records(desk.db, project, limit=MOST_RECORDS, now=now)
        return rank(spec, [as_shown(desk, record, spec, now, viewer) for record in found])

    return desk.shelves.boards.get(key, stamp, now, make)


def as_shown(desk: Desk, record: Record, spec: BoardSpec, now: int, viewer: str | None = None) -> Record:
    """A record as the viewer (a handle) may see it while the board is open."""
    return masked(veiled(record, spec.rules, now), spec.rules, now, desk.settings.veil, viewer)


def everybody(ranking: Ranking) -> Iterator[Record]:
    """Every run of the project, with a place or without."""
    yield from ranked((ranking,))
    yield from (each.record for each in ranking.unranked)


def on_board(desk: Desk, cited: Cited, ranking: Ranking, now: int, viewer: str | None) -> Cited:
    """A cited run with everything that it is judged by: as the viewer may see it, and its findings and company."""
    if cited.record is None:
        return cited
    spec = ranking.spec
    record = as_shown(desk, cited.record, spec, now, viewer)
    place = place_of(ranking, record.id)
    return replace(
        cited,
        record=record,
        board=spec,
        findings=findings(record, spec),
        hidden=hidden(cited.record, spec.rules, now),
        broken=_is_broken(desk, record, now),
        tries=tries_of(spec, record, everybody(ranking)),
        mates=place.row.records if place else (),
    )


def _is_broken(desk: Desk, record: Record, now: int) -> bool:
    """Whether the record is not what was sealed. A very long run is left to `runcite verify`."""
    if record.sealed is None or record.events > MOST_EVENTS:
        return False
    stamp = (record.sealed, record.events)
    return desk.shelves.broken.get(record.id, stamp, now, lambda: bool(verify_run(desk.db, record.id)))


def ranked(rankings: Iterable[Ranking]) -> Iterator[Record]:
    """Every run that has a place on these boards."""
    for ranking in rankings:
        for row in ranking.rows:
            yield from (*row.records, *row.repeats)


def projects(cited: Iterable[Cited]) -> Iterator[str]:
    """The projects of the runs that are registered, with repeats."""
    return (each.record.project for each in cited if each.record is not None)


def look_up(desk: Desk, reading: Reading, now: int) -> tuple[Cited, ...]:
    """The run IDs of a post with what is registered under them; near misses that lead to a run are taken.

    A near miss that leads nowhere counts only where the post cites nothing else.
    """
    wanted = reading.run_ids[:MOST_RUNS]
    near = {miss: _meanings(miss) for miss in reading.near_misses[:MOST_RUNS]}
    close = {run_id: sorted(ids.neighbours(run_id)) for run_id in wanted if not ids.is_run_id(run_id)}
    every = [*wanted, *(each for found in near.values() for each in found), *(e for f in close.values() for e in f)]
    records = queries.get_records(desk.db, every, now=now) if every else {}
    found: list[Cited] = []
    for run_id in wanted:
        suggestions = tuple(each for each in close.get(run_id, ()) if each in records)
        found.append(Cited(run_id, records.get(run_id), suggestions=suggestions, mistyped=run_id in close))
    lost: list[Cited] = []
    for miss, meanings in near.items():
        taken = _taken(miss, records)
        if taken is not None:
            found.append(Cited(taken.id, taken, as_written=miss.as_written))
        else:
            suggestions = tuple(each for each in meanings if each in records)
            lost.append(Cited(miss.folded or miss.as_written, None, None, (), miss.as_written, suggestions, True))
    return tuple(found or lost)


def _meanings(miss: NearMiss) -> tuple[str, ...]:
    """The valid run IDs that a near miss may have meant."""
    folded = miss.folded or ids.fold(miss.as_written)
    if folded is None:
        return ()
    return (folded, *sorted(ids.neighbours(folded)))


def _taken(miss: NearMiss, records: dict[str, Record]) -> Record | None:
    """The run a near miss leads to for sure: what its look-alikes stand for is registered."""
    for folded in (ids.fold(miss.as_written), miss.folded):
        if folded is not None and ids.is_run_id(folded) and folded in records:
            return records[folded]
    return None


def is_bare(text: str) -> bool:
    """Whether a text is nothing but run IDs: as they are, or as links to their pages."""
    rest = _MARKED.sub(lambda match: match[1] or "", text)
    return not any(char.isalnum() for char in _RUN_ID.sub("", rest))
