"""What the store knows of what a post says: runs under IDs and near misses, and the boards of their projects."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from bot.case import Cited
from bot.claims import NearMiss, Reading
from bot.desk import Desk
from bot.tries import tries_of
from tracker import ids
from tracker.record import Record
from tracker.rules.board import Ranking, place_of, rank
from tracker.rules.fitness import findings
from tracker.rules.veil import EVERYBODY, Viewer, conceals
from tracker.store import queries
from tracker.store.shown import Shown
from tracker.store.verify import verify_run

MOST_RUNS = 20
"""Run IDs of one post that are looked at."""
MOST_RECORDS = 5000
"""Runs of a project that its board is made of."""
MOST_EVENTS = 5000
"""Events of a run whose hash chain is followed before it is accepted."""

_RUN_ID = re.compile(r"r-[0-9A-Za-z]{6,10}")
_MARKED = re.compile(r"<[@#!][^<>]*>|<https?://[^<>|]*(?:\|([^<>]*))?>|:[a-z0-9_+-]+:|https?://\S+")


def sees(desk: Desk, viewer: Viewer = EVERYBODY) -> Shown:
    """The store as the viewer may see it now."""
    return Shown(desk.db, viewer, desk.clock())


def board_of(desk: Desk, project: str, now: int, viewer: Viewer = EVERYBODY) -> Ranking:
    """A project's board as it stands, as the viewer may see it."""
    stamp = queries.project_stamp(desk.db, project)
    spec = desk.shelves.specs.get(project, stamp, now, lambda: queries.get_board(desk.db, project))
    shown = Shown(desk.db, viewer, now)
    veil = shown.veil(project) if conceals(spec.rules, now) else None
    key = (project, shown.key(project) if veil is not None and spec.rules.pseudonyms else "", veil is not None)

    def make() -> Ranking:
        found = queries.find_records(desk.db, project, limit=MOST_RECORDS, now=now)
        ranking = rank(spec, found if veil is None else [veil.without_values(record) for record in found])
        return ranking if veil is None else veil.ranking(ranking)

    return desk.shelves.boards.get(key, stamp, now, make)


def everybody(ranking: Ranking) -> Iterator[Record]:
    """Every run of the project, with a place or without."""
    yield from ranked((ranking,))
    yield from (each.record for each in ranking.unranked)


def on_board(desk: Desk, cited: Cited, ranking: Ranking, now: int, viewer: Viewer) -> Cited:
    """A cited run with everything that it is judged by: as the viewer may see it, and its findings and company."""
    if cited.record is None:
        return cited
    spec = ranking.spec
    veil = Shown(desk.db, viewer, now).veil(spec.project) if conceals(spec.rules, now) else None
    record, found = cited.record, findings(cited.record, spec) if veil is None else ()
    if veil is not None:
        record = veil.shown(cited.record)
        found = veil.findings(cited.record, findings(veil.without_values(cited.record), spec))
    place = place_of(ranking, record.id)
    return replace(
        cited,
        record=record,
        board=spec,
        findings=found,
        hidden=() if veil is None else veil.hidden(cited.record),
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


def is_bare(text: str, shown: str = "") -> bool:
    """Whether a text is nothing but run IDs: as they are, or as links to their pages. A link below the address `shown`
    has a preview of its own, and asks for nothing more."""
    if shown and shown in text:
        return False
    rest = _MARKED.sub(lambda match: match[1] or "", text)
    return not any(char.isalnum() for char in _RUN_ID.sub("", rest))
