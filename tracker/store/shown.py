"""What the store holds, as somebody may see it: the one way to records, series and events for pages, API and bot.

Whoever asks is a `Viewer`. Runs of a board that conceals something until it closes come as `rules.veil` says, with what
hangs on them: a search by what is hidden finds the viewer's own runs alone, hidden series and others' raw events are
refused. Nothing is asked of the database for this as long as no board conceals anything, but which boards do.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import msgspec
from sqlalchemy import ColumnElement, func, not_, or_, select

from tracker.errors import NotAllowed, NotFound
from tracker.events import PlacedEvent
from tracker.record import BoardSpec, Citation, Finding, Record
from tracker.rules.fitness import findings
from tracker.rules.veil import IDENTITY, INSTRUCTOR, Veil, Viewer, veil_of
from tracker.store import citations, keys, lineage, queries, records
from tracker.store.database import Database
from tracker.store.finding import asked_for
from tracker.store.lineage import Kin
from tracker.store.queries import ProjectSummary
from tracker.store.series import EMPTY, Points
from tracker.store.tables import people
from tracker.store.tables import runs as t

_REMEDY = "Ask an instructor, who sees everything; or wait until then."


@dataclass(frozen=True)
class Shown:
    """The store as `viewer` sees it at `now`."""

    db: Database
    viewer: Viewer
    now: int

    @cached_property
    def veils(self) -> dict[str, Veil]:
        """What stands between the viewer and projects' runs, by project; most have nothing."""
        if self.viewer.whole:
            return {}
        found: dict[str, Veil] = {}
        for spec in _open_boards(self.db, self.now):
            # The secret is of no use to boards without pseudonyms, and drawing it writes.
            secret = keys.key_of(self.db, keys.PSEUDONYMS, now=self.now) if spec.rules.pseudonyms else ""
            veil = veil_of(spec, self.viewer, self.now, secret)
            if veil is not None:
                found[spec.project] = veil
        return found

    def veil(self, project: str) -> Veil | None:
        """What stands between the viewer and the project's runs."""
        return self.veils.get(project)

    def key(self, project: str) -> str:
        """Equal for two viewers who see the project alike, as long as its veil is the same."""
        return "" if self.veil(project) is None else f"as {self.viewer.handle} {self.viewer.known}"

    def of(self, record: Record) -> Record:
        """A record as the viewer may see it."""
        veil = self.veil(record.project)
        return record if veil is None else veil.shown(record)

    def every(self, records: Iterable[Record]) -> tuple[Record, ...]:
        """Records as the viewer may see them."""
        return tuple(map(self.of, records)) if self.veils else tuple(records)

    def without_values(self, records: Iterable[Record]) -> tuple[Record, ...]:
        """Records as boards and statistics may take them; what comes of them must be shown through the veil."""
        veils = self.veils
        return tuple(
            veils[record.project].without_values(record) if record.project in veils else record for record in records
        )

    def closed(self, record: Record) -> Veil | None:
        """What keeps the viewer from this run's raw events and stored files; None where nothing does."""
        return self._closed(record.project, record.member)

    def _closed(self, project: str, member: str | None) -> Veil | None:
        veil = self.veil(project)
        return None if veil is None or veil.owner(member) else veil

    def must_open(self, run_id: str) -> None:
        """Go on only if the run's raw events and files are open to the viewer.

        Raises:
            NotFound: no such run.
            NotAllowed: they are closed until the board closes.
        """
        if self.veils and (veil := self._closed(*_owner_of(self.db, run_id))) is not None:
            raise _hidden(veil, f"What {run_id} said and stored")

    def record(self, run_id: str) -> Record:
        """As `queries.get_record`."""
        return self.of(queries.get_record(self.db, run_id, now=self.now))

    def records(self, run_ids: Iterable[str]) -> dict[str, Record]:
        """As `queries.get_records`."""
        found = queries.get_records(self.db, run_ids, now=self.now)
        return {run_id: self.of(record) for run_id, record in found.items()}

    def find(
        self,
        project: str | None,
        *,
        where: str | None = None,
        order_by: str | None = None,
        limit: int = 100,
        offset: int = 0,
    ) -> tuple[Record, ...]:
        """As `queries.find_records`; a search that looks at what is hidden is over what the viewer sees whole."""
        return self.every(self.found(project, where=where, order_by=order_by, limit=limit, offset=offset))

    def found(
        self,
        project: str | None,
        *,
        where: str | None = None,
        order_by: str | None = None,
        limit: int = 100,
        offset: int = 0,
    ) -> tuple[Record, ...]:
        """What `find` finds, as it is recorded: for rules, never for showing."""
        among = self._among(project, where, order_by)
        return queries.find_records(
            *(self.db, project), where=where, order_by=order_by, limit=limit, offset=offset, now=self.now, among=among
        )

    def count(self, project: str | None, *, where: str | None = None) -> int:
        """How many `find` would find without a limit."""
        among = self._among(project, where, None)
        return queries.count_records(self.db, project, where=where, now=self.now, among=among)

    def replicates(self, record: Record, *, limit: int = 100) -> tuple[Record, ...]:
        """As `queries.replicates_of`."""
        return self.every(queries.replicates_of(self.db, record, limit=limit, now=self.now))

    def history(self, run_id: str, metric: str, *, buckets: int | None = None) -> Points:
        """As `queries.get_history`.

        Raises:
            NotAllowed: the metric is hidden until the board closes.
        """
        if self.veils and (veil := self._closed(*_owner_of(self.db, run_id))) is not None and veil.hides(metric):
            raise _hidden(veil, f"{metric} of {run_id}")
        return queries.get_history(self.db, run_id, metric, buckets=buckets)

    def must_show(self, project: str, metric: str) -> None:
        """Go on only if statistics over the metric may be made for the viewer.

        Raises:
            NotAllowed: it is hidden until the board closes.
        """
        if (veil := self.veil(project)) is not None and veil.hides(metric):
            raise _hidden(veil, f"What moves {metric}")

    def histories(self, run_ids: Sequence[str], metric: str, *, buckets: int) -> dict[str, Points]:
        """As `queries.get_histories`; empty for a run whose metric is hidden."""
        hiding = {project for project, veil in self.veils.items() if veil.hides(metric)}
        if hiding:
            found = queries.get_records(self.db, run_ids, now=self.now).values()
            shut = {each.id for each in found if each.project in hiding and self.closed(each) is not None}
            run_ids, closed = [each for each in run_ids if each not in shut], dict.fromkeys(shut, EMPTY)
        else:
            closed = {}
        return queries.get_histories(self.db, run_ids, metric, buckets=buckets) | closed

    def events(self, run_id: str, *, after: int, limit: int = 1000) -> tuple[PlacedEvent, ...]:
        """As `queries.get_events`.

        Raises:
            NotAllowed: they are closed until the board closes.
        """
        self.must_open(run_id)
        return queries.get_events(self.db, run_id, after=after, limit=limit)

    def columns(self, run_id: str, *, after: int) -> tuple[tuple[int, str, bytes], ...]:
        """As `queries.get_columns`. Raises as `events`."""
        self.must_open(run_id)
        return queries.get_columns(self.db, run_id, after=after)

    def projects(self) -> tuple[ProjectSummary, ...]:
        """As `queries.list_projects`; without the best value where that is hidden."""
        found = queries.list_projects(self.db, now=self.now)
        return tuple(map(self._project, found)) if self.veils else found

    def _project(self, found: ProjectSummary) -> ProjectSummary:
        veil = self.veil(found.name)
        hidden = veil is not None and found.metric is not None and veil.hides(found.metric)
        return msgspec.structs.replace(found, best=None) if hidden else found

    def findings(self, record: Record) -> tuple[Finding, ...]:
        """Why a run that the viewer sees is, or isn't, fit to be cited."""
        spec = queries.get_board(self.db, record.project)
        veil = self.closed(record)
        if veil is None:
            return findings(record, spec)
        whole = queries.get_record(self.db, record.id, now=self.now)
        return veil.findings(whole, findings(veil.without_values(whole), spec))

    def citations(self, record: Record) -> tuple[Citation, ...]:
        """The posts that cite a run; none where they would tell who the run's member is."""
        veil = self.veil(record.project)
        if veil is not None and veil.spec.rules.pseudonyms and not veil.owner(record.member):
            return ()
        return citations.citations_of_run(self.db, record.id)

    def kin(self, digest: str) -> tuple[tuple[Kin, ...], tuple[Kin, ...]]:
        """The runs that made some content, and those that used it, members by what they go by."""
        made, used = lineage.makers(self.db, digest), lineage.users(self.db, digest)
        return tuple(map(self._named, made)), tuple(map(self._named, used))

    def _named(self, kin: Kin) -> Kin:
        veil = self.veil(kin.project)
        return kin if veil is None else msgspec.structs.replace(kin, member=veil.name(kin.member))

    def opened(self) -> ColumnElement[bool] | None:
        """The runs whose raw events and files are open to the viewer; None where all are."""
        return self._whole(list(self.veils)) if self.veils else None

    def _among(self, project: str | None, where: str | None, order_by: str | None) -> ColumnElement[bool] | None:
        """The runs that a search may look at: where it asks for what is hidden, those that the viewer sees whole."""
        veils = [veil for name, veil in self.veils.items() if project in (None, name)]
        if not veils:
            return None
        metrics, fields = asked_for(where, order_by)
        touched = [
            veil.spec.project
            for veil in veils
            if any(map(veil.hides, metrics)) or (veil.spec.rules.pseudonyms and fields & IDENTITY)
        ]
        return self._whole(touched) if touched else None

    def _whole(self, projects: Sequence[str]) -> ColumnElement[bool]:
        """The runs of other projects, and of these the viewer's own."""
        hidden = t.runs.c.project_id.in_(select(t.projects.c.id).where(t.projects.c.name.in_(projects)))
        mine = select(people.members.c.id).where(people.members.c.handle == self.viewer.handle)
        return or_(not_(hidden), t.runs.c.member_id.in_(mine))


def everything(db: Database, now: int) -> Shown:
    """The store as whoever holds the database sees it, and every instructor."""
    return Shown(db, INSTRUCTOR, now)


def _hidden(veil: Veil, what: str) -> NotAllowed:
    return NotAllowed(f"{what} is not shown yet: {veil.sentence}", remedy=_REMEDY)


def _open_boards(db: Database, now: int) -> tuple[BoardSpec, ...]:
    """The boards that have a time to close, which has not come."""
    b = t.boards.c
    latest = select(func.max(b.id)).group_by(b.project_id)
    with db.read() as connection:
        specs = connection.scalars(select(b.spec).where(b.id.in_(latest))).all()
    found = (records.SPEC.decode(spec) for spec in specs if b'"closes"' in spec)
    return tuple(spec for spec in found if spec.rules.closes is not None and now < spec.rules.closes)


def _owner_of(db: Database, run_id: str) -> tuple[str, str | None]:
    """The project that a run is of, and the handle of whose it is."""
    r = t.runs.c
    query = (
        select(t.projects.c.name, people.members.c.handle)
        .select_from(t.runs)
        .join(t.projects, t.projects.c.id == r.project_id)
        .outerjoin(people.members, people.members.c.id == r.member_id)
        .where(r.run_id == run_id)
    )
    with db.read() as connection:
        row = connection.execute(query).first()
    if row is None:
        raise NotFound(f"No run {run_id} is registered.")
    return row[0], row[1]
