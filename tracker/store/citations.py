"""Posts and citations: what became of each post the bot saw, for good.

A post is judged again whenever its content changes; each judgement is a `Citation` under the next revision,
and retracts the ones before. A post that is deleted keeps its citations, retracted. The bot's own view of a
post (`Post`: which content it judged last, what its reply should say, where that reply is) stands beside
them, and is only written by who holds the post's lane.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, and_, bindparam, func, not_, select, update

from tracker.record import Citation, Claim, Finding
from tracker.store.database import Database
from tracker.store.sql import insert_new, portions
from tracker.store.tables.mail import citations, cited, posts
from tracker.store.tables.runs import projects, runs

_CLAIMS = msgspec.json.Decoder(tuple[Claim, ...])
_FINDINGS = msgspec.json.Decoder(tuple[Finding, ...])


class Post(msgspec.Struct, frozen=True):
    """What the bot knows of a post. Times in microseconds since 1970.

    `revision` counts its judgements; `version` is the ts of the edit that was judged last ("" for the post
    as written) and `digest` that of the content. `reply` is what the reply should say now, `reply_ts` where
    it stands; `chart` is the digest of what its chart shows, `chart_file` Slack's file of it.
    """

    lane: int
    team: str
    channel: str
    ts: str
    revision: int = 0
    version: str = ""
    digest: str = ""
    verdict: str | None = None
    reply_ts: str | None = None
    reply: bytes | None = None
    chart: str | None = None
    chart_file: str | None = None
    deleted_at: int | None = None


# The statements of every post are built once: putting one together takes longer than running it.

_GET = select(*(posts.c[name] for name in Post.__struct_fields__)).where(posts.c.lane == bindparam("held"))
_SAME_POST = and_(
    citations.c.team == bindparam("in_team"),
    citations.c.channel == bindparam("in_channel"),
    citations.c.ts == bindparam("at_ts"),
)
_STANDING = (
    update(citations).where(_SAME_POST, citations.c.retracted_at.is_(None)).values(retracted_at=bindparam("now"))
)
_EARLIER = _STANDING.where(citations.c.revision < bindparam("before"))
_KEPT = select(citations.c.id).where(_SAME_POST, citations.c.revision == bindparam("revision"))


def get_post(connection: Connection, lane: int) -> Post | None:
    """The post whose lane that is; None for one that was never seen."""
    row = connection.execute(_GET, {"held": lane}).first()
    return Post(*row) if row else None


def chart_file(db: Database, team: str, chart: str) -> str | None:
    """Slack's file of a chart that shows just this, where some reply has it already."""
    with db.read() as connection:
        same = and_(posts.c.team == team, posts.c.chart == chart, posts.c.chart_file.is_not(None))
        found: str | None = connection.scalar(select(posts.c.chart_file).where(same).limit(1))
        return found


def see_post(connection: Connection, lane: int, team: str, channel: str, ts: str, *, now: int) -> Post:
    """The post, known from now on."""
    row = {"lane": lane, "team": team, "channel": channel, "ts": ts, "seen_at": now}
    insert_new(connection, posts, [{**row, "revision": 0, "version": "", "digest": ""}])
    found = get_post(connection, lane)
    assert found is not None
    return found


def change_post(connection: Connection, lane: int, **values: Any) -> None:
    """Write some of a post's fields."""
    connection.execute(update(posts).where(posts.c.lane == lane).values(**values))


def cite(connection: Connection, citation: Citation) -> None:
    """Keep a judgement, and retract the post's earlier ones. Keeping it again changes nothing."""
    post = {"in_team": citation.team, "in_channel": citation.channel, "at_ts": citation.ts}
    connection.execute(_EARLIER, {**post, "before": citation.revision, "now": citation.at})
    row = {
        "team": citation.team,
        "channel": citation.channel,
        "ts": citation.ts,
        "revision": citation.revision,
        "poster": citation.poster,
        "verdict": citation.verdict,
        "claims": msgspec.json.encode(citation.claims),
        "findings": msgspec.json.encode(citation.findings),
        "at": citation.at,
        "retracted_at": citation.retracted_at,
    }
    insert_new(connection, citations, [row])
    key = connection.scalar(_KEPT, {**post, "revision": citation.revision})
    rows = [{"citation": key, "place": place, "run_id": run} for place, run in enumerate(citation.run_ids)]
    insert_new(connection, cited, rows)


def retract_post(connection: Connection, team: str, channel: str, ts: str, *, now: int) -> int:
    """A post was deleted: its citations no longer stand. How many stood."""
    return connection.execute(_STANDING, {"in_team": team, "in_channel": channel, "at_ts": ts, "now": now}).rowcount


def citations_of_post(db: Database, team: str, channel: str, ts: str) -> tuple[Citation, ...]:
    """Every judgement of a post, the first one first."""
    c = citations.c
    with db.read() as connection:
        return _citations(connection, and_(c.team == team, c.channel == channel, c.ts == ts))


def citations_of_run(db: Database, run_id: str, *, standing: bool = True) -> tuple[Citation, ...]:
    """The posts that cite a run, the first one first; with `standing`, only what was accepted and still holds."""
    c = citations.c
    where: ColumnElement[bool] = c.id.in_(select(cited.c.citation).where(cited.c.run_id == run_id))
    if standing:
        where = and_(where, c.verdict == "accepted", c.retracted_at.is_(None))
    with db.read() as connection:
        return _citations(connection, where)


def count_accepted(db: Database, poster: str, project: str, *, but: tuple[str, str, str]) -> int:
    """How many accepted posts of a Slack user's stand that cite a run of the project, one of them (team, channel, ts)
    left aside."""
    c = citations.c
    of_project = (
        select(cited.c.citation)
        .join(runs, runs.c.run_id == cited.c.run_id)
        .join(projects, projects.c.id == runs.c.project_id)
        .where(projects.c.name == project)
    )
    team, channel, ts = but
    other = not_(and_(c.channel == channel, c.ts == ts))
    standing = and_(c.team == team, c.poster == poster, c.verdict == "accepted", c.retracted_at.is_(None), other)
    with db.read() as connection:
        return int(connection.scalar(select(func.count()).where(standing, c.id.in_(of_project))) or 0)


def list_citations(
    db: Database, *, since: int = 0, until: int | None = None, limit: int = 1000
) -> tuple[Citation, ...]:
    """What was judged from `since` until (not including) `until`, the first one first."""
    where = citations.c.at >= since
    if until is not None:
        where = and_(where, citations.c.at < until)
    with db.read() as connection:
        return _citations(connection, where, limit)


def _citations(connection: Connection, where: ColumnElement[bool], limit: int | None = None) -> tuple[Citation, ...]:
    query = select(citations).where(where).order_by(citations.c.at, citations.c.id).limit(limit)
    rows = connection.execute(query).all()
    runs: dict[int, list[str]] = {row.id: [] for row in rows}
    for some in portions(list(runs)):
        places = select(cited).where(cited.c.citation.in_(some)).order_by(cited.c.citation, cited.c.place)
        for place in connection.execute(places):
            runs[place.citation].append(place.run_id)
    return tuple(_citation(row, runs[row.id]) for row in rows)


def _citation(row: Row[Any], run_ids: Sequence[str]) -> Citation:
    return Citation(
        team=row.team,
        channel=row.channel,
        ts=row.ts,
        revision=row.revision,
        poster=row.poster,
        run_ids=tuple(run_ids),
        claims=_CLAIMS.decode(row.claims),
        verdict=row.verdict,
        findings=_FINDINGS.decode(row.findings),
        at=row.at,
        retracted_at=row.retracted_at,
    )
