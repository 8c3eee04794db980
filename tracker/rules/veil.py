"""What nobody sees before a board closes: values of its private split, and who is who. Pure.

Instructors see everything. A member sees their own runs whole on pages, in the API and on the command line. In a
channel, where everybody reads along, values stay hidden even in the author's own thread; their name does not.

Where members go by pseudonyms, a run of somebody else's is shown without whatever might name its owner: name, note,
code, machine, command, notices. Where a split is private, what others' runs stored or printed is closed as well, as
the values may stand there.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import msgspec

from tracker.events import Body, Configured, DatasetLogged, Joined, Metrics, Reproduced, Started
from tracker.record import BoardSpec, Finding, Record, Reproduction, Rules
from tracker.rules.board import Lead, Ranking, Row, Unranked
from tracker.rules.codes import EVERY
from tracker.rules.filters import Filter
from tracker.rules.splits import split_of
from tracker.snapshot import Snapshot
from tracker.times import moment

STILL_PRIVATE = "still-private"
IDENTITY = frozenset({"member", "name", "note"})
"""Fields of a query that tell who somebody is."""
_ANIMALS = (
    "Albatross Alpaca Axolotl Badger Bison Bittern Caracal Chamois Cormorant Coyote Curlew Dormouse Egret Eland "
    "Falcon Ferret Gannet Gazelle Gecko Gibbon Grouse Hare Heron Hoopoe Ibex Ibis Impala Jackdaw Jerboa Kestrel "
    "Kingfisher Kudu Lapwing Lemur Linnet Lynx Marmot Marten Merlin Narwhal Nightjar Ocelot Oriole Osprey Otter "
    "Ouzel Pangolin Petrel Pika Plover Puffin Quokka Raven Redstart Saola Serval Siskin Stoat Swift Tapir Tern "
    "Vole Wombat Wren "
).split()


@dataclass(frozen=True)
class Viewer:
    """Who looks. `handle` sees their own runs whole; `known` is named, though their values are hidden like anybody's;
    `whole` sees everything."""

    handle: str | None = None
    known: str | None = None
    whole: bool = False


EVERYBODY = Viewer()
"""Who reads along in a channel."""
INSTRUCTOR = Viewer(whole=True)


def is_open(rules: Rules, now: int) -> bool:
    """Whether the board has a time to close, and it has not come."""
    return rules.closes is not None and now < rules.closes


def conceals(rules: Rules, now: int) -> bool:
    """Whether there is something that nobody sees yet."""
    return (rules.private_split is not None or rules.pseudonyms) and is_open(rules, now)


def veil_of(spec: BoardSpec, viewer: Viewer, now: int, secret: str) -> Veil | None:
    """What stands between the viewer and the project's runs; None where they see all."""
    return None if viewer.whole or not conceals(spec.rules, now) else Veil(spec, viewer, secret)


@dataclass(frozen=True)
class Veil:
    """An open board's rules between a viewer and its runs. `secret` draws the pseudonyms."""

    spec: BoardSpec
    viewer: Viewer
    secret: str

    @property
    def sentence(self) -> str:
        """What is hidden until when, for who wonders."""
        rules = self.spec.rules
        split = f"results on the {rules.private_split} split" if rules.private_split else ""
        who = "who is who" if rules.pseudonyms else ""
        hidden = " and ".join(part for part in (split, who) if part)
        return f"The board of {self.spec.project} hides {hidden} until {moment(rules.closes or 0)}."

    def owns(self, record: Record) -> bool:
        """Whether the run is the viewer's own, and theirs alone to look at here."""
        return self.owner(record.member)

    def owner(self, handle: str | None) -> bool:
        """Whether the viewer is that member, and looks alone."""
        return handle is not None and handle == self.viewer.handle

    def hides(self, metric: str) -> bool:
        """Whether the metric is of the private split."""
        split = self.spec.rules.private_split
        return split is not None and split_of(metric) == split

    def hidden(self, record: Record) -> tuple[str, ...]:
        """The run's metrics that nobody sees yet."""
        return tuple(name for name in record.metrics if self.hides(name))

    def without_values(self, record: Record) -> Record:
        """The record as boards and statistics may take it: without hidden values, whoever's they are."""
        names = self.hidden(record)
        if not names:
            return record
        shown = {name: summary for name, summary in record.metrics.items() if name not in names}
        return msgspec.structs.replace(record, metrics=shown)

    def shown(self, record: Record) -> Record:
        """The record as the viewer may see it."""
        if self.owns(record):
            return record
        record = self.without_values(record)
        if self.spec.rules.private_split is not None:
            record = _closed(record)
        return _anonymous(record, self.name) if self._masks(record.member) else record

    def name(self, handle: str | None) -> str | None:
        """What a member goes by."""
        if handle is None or not self._masks(handle):
            return handle
        return pseudonym(self.spec.project, handle, self.secret)

    def _masks(self, handle: str | None) -> bool:
        return self.spec.rules.pseudonyms and (handle is None or handle not in (self.viewer.handle, self.viewer.known))

    def filter(self, only: Filter, records: Iterable[Record]) -> Filter:
        """A filter by what members go by, as one by handles: others' handles pass nobody."""
        if not only.members or not self.spec.rules.pseudonyms:
            return only
        real = {self.name(handle): handle for handle in {record.member for record in records} if handle is not None}
        return msgspec.structs.replace(only, members=tuple(real.get(name, "") for name in only.members))

    def ranking(self, ranking: Ranking, only: Filter | None = None) -> Ranking:
        """A board of records without values, as the viewer may see it; `only` is the filter as they wrote it."""
        return msgspec.structs.replace(
            ranking,
            rows=tuple(self._row(row) for row in ranking.rows),
            unranked=tuple(self.unranked(each) for each in ranking.unranked),
            only=ranking.only if only is None else only,
        )

    def _row(self, row: Row) -> Row:
        records, repeats = (tuple(map(self.shown, group)) for group in (row.records, row.repeats))
        return msgspec.structs.replace(row, records=records, repeats=repeats)

    def unranked(self, each: Unranked) -> Unranked:
        """A run without a place, and a reason that tells nothing that is hidden."""
        record = self.shown(each.record)
        if each.code == "metric-missing" and self.hides(self.spec.metric):
            reason = f"{record.id} is judged when the board closes: {self.spec.metric} is hidden until then."
            return Unranked(record, STILL_PRIVATE, reason)
        if self._masks(each.record.member):
            return Unranked(record, each.code, _meaning(record.id, each.code))
        return Unranked(record, each.code, each.reason)

    def findings(self, record: Record, found: Sequence[Finding]) -> tuple[Finding, ...]:
        """What speaks against a run, as the viewer may hear it: of who goes by a pseudonym, what a code means."""
        if not self._masks(record.member):
            return tuple(found)
        return tuple(msgspec.structs.replace(each, sentence=_meaning(record.id, each.code)) for each in found)

    def leads(self, leads: Sequence[Lead]) -> tuple[Lead, ...]:
        """Who led when, as the viewer may see it."""
        return tuple(msgspec.structs.replace(lead, record=self.shown(lead.record)) for lead in leads)

    def valued(self, record: Record) -> Record:
        """The record with the values that the viewer may see, and everything else: for judging two against each other,
        never for showing."""
        return record if self.owns(record) else self.without_values(record)

    def tells(self, body: Body) -> bool:
        """Whether an event of somebody else's run may be told in a line."""
        if self.spec.rules.pseudonyms:
            return isinstance(body, Started | Joined | Configured | Metrics | DatasetLogged)
        return not isinstance(body, Reproduced)


def _meaning(run_id: str, code: str) -> str:
    return f"{run_id}: {EVERY[code].meaning if code in EVERY else 'it does not rank'}."


def pseudonym(project: str, handle: str, secret: str) -> str:
    """`Otter 417`: always the same for a member of a project, and not to be found out without the secret."""
    drawn = hmac.new(secret.encode(), f"{project}\n{handle}".encode(), hashlib.sha256).digest()
    number = int.from_bytes(drawn[:8], "big")
    return f"{_ANIMALS[number % len(_ANIMALS)]} {number // len(_ANIMALS) % 1000:03}"


def _closed(record: Record) -> Record:
    """The record without what its values may stand in."""
    return msgspec.structs.replace(
        record,
        artifacts=(),
        reproductions=tuple(_quiet(each) for each in record.reproductions),
        evidence=_quiet(record.evidence) if record.evidence else None,
    )


def _quiet(told: Reproduction) -> Reproduction:
    return msgspec.structs.replace(told, sentence="")


def _anonymous(record: Record, name: Callable[[str | None], str | None]) -> Record:
    """The record under its member's pseudonym, without whatever names them."""
    end = msgspec.structs.replace(record.end, reason=None, traceback=None) if record.end else None
    retracted = record.retracted
    if retracted is not None:
        retracted = msgspec.structs.replace(retracted, by=name(retracted.by) or "", why="")
    python = record.snapshot.python
    if python is not None:
        packages = tuple(msgspec.structs.replace(package, source=None) for package in python.packages)
        python = msgspec.structs.replace(python, executable="", conda=None, packages=packages)
    return msgspec.structs.replace(
        record,
        member=name(record.member),
        name=None,
        note="",
        snapshot=Snapshot(python=python, seeds=record.snapshot.seeds),
        artifacts=(),
        datasets=tuple(msgspec.structs.replace(each, source=None) for each in record.datasets),
        notices=(),
        end=end,
        retracted=retracted,
        reproductions=tuple(_unnamed(each, name) for each in record.reproductions),
        evidence=_unnamed(record.evidence, name) if record.evidence else None,
    )


def _unnamed(told: Reproduction, name: Callable[[str | None], str | None]) -> Reproduction:
    return msgspec.structs.replace(told, by=name(told.by), sentence="")
