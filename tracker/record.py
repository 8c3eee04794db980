"""The record: everything known of a run, and what is said about it, as frozen values.

Events go in, records come out. Nothing here reads a database, a network or a clock. Times are
microseconds since 1970 in UTC. Digests are lower-case hex SHA-256.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from tracker.snapshot import Scalar, Snapshot

State = Literal["running", "finished", "failed", "silent"]
Direction = Literal["max", "min"]
Aggregate = Literal["best", "last"]
Badge = Literal["self-reported", "reproduced by author", "reproduced by member", "reproduced elsewhere"]
Role = Literal["member", "instructor", "admin"]


class Summary(msgspec.Struct, frozen=True):
    """One metric's summary, kept as it is written.

    `min` and `max` are over finite values, with the step of the first point that reached them; None when
    no value was finite. `last` is the value with the highest step (the latest written among equals) and may
    be NaN or infinite. `count` counts every point, `nonfinite` those that were NaN or infinite.
    """

    count: int
    nonfinite: int
    last: float
    last_step: int
    last_time: int
    min: float | None = None
    min_step: int | None = None
    max: float | None = None
    max_step: int | None = None

    def value(self, aggregate: Aggregate, direction: Direction) -> float | None:
        """The value that ranks: the last one, or the best in that direction. None where there is none."""
        if aggregate == "last":
            return self.last
        return self.max if direction == "max" else self.min


class Artifact(msgspec.Struct, frozen=True):
    """A named, versioned file or folder of a run. `version` counts from 1 among equal names of the run."""

    name: str
    version: int
    type: str
    digest: str
    size: int
    folder: bool
    media_type: str
    at: int
    stored: bool = True


class Dataset(msgspec.Struct, frozen=True):
    """A data set the run used, by the digest of its full content."""

    name: str
    digest: str
    size: int
    source: str | None = None
    used_as: str | None = None


class End(msgspec.Struct, frozen=True):
    """How the run ended. `runtime` in seconds; `witness` says who saw it."""

    at: int
    runtime: float
    witness: Literal["process", "shipper"]
    reason: str | None = None
    traceback: str | None = None
    exit_code: int | None = None
    signal: str | None = None
    out_of_memory: bool = False


class Notice(msgspec.Struct, frozen=True):
    """Something the recorder could not keep or had to change."""

    at: int
    code: str
    message: str


class Seal(msgspec.Struct, frozen=True):
    """The run ended at event `seq`: `digest` is the chain's link there, `at` the server's clock."""

    seq: int
    digest: str
    at: int


class Retraction(msgspec.Struct, frozen=True):
    """A run is never deleted, only retracted: by whom (handle), when and why."""

    by: str
    at: int
    why: str


class Reproduction(msgspec.Struct, frozen=True):
    """What a run that reproduced another found, as it stands in that run's own chain.

    `run_id` is the run that did it, `original` the one it reproduced, `by` who did it, `elsewhere` whether that was
    another machine. `score` is how far the original's record sufficed ("6 of 7: commit not pushed").
    """

    run_id: str
    original: str
    verdict: Literal["exact", "within", "differs"]
    sentence: str
    at: int
    by: str | None = None
    elsewhere: bool = False
    score: str = ""


class Digests(msgspec.Struct, frozen=True):
    """What makes runs comparable; None where it is not fully known. `config` leaves the seed aside."""

    config: str
    code: str | None = None
    data: str | None = None
    environment: str | None = None


class Record(msgspec.Struct, frozen=True):
    """Everything known of a run.

    `member` is the handle of who owns it (None on an embedded database without members). `started_at` is
    the writer's clock, `received_at` and `last_seen` the server's. `seals` has one seal for each time the run
    ended: a run that ended may be resumed, and is sealed anew behind what it said then. `sealed` is the latest
    seal's digest, None before the first. `silent` runs have said nothing since `last_seen`.
    `reproductions` are the runs that reproduced this one and carry the evidence, the earliest first; `evidence` is
    what this run found, where it reproduced another.
    """

    id: str
    project: str
    state: State
    member: str | None
    started_at: int
    received_at: int
    last_seen: int
    digests: Digests
    name: str | None = None
    config: dict[str, Scalar] = {}
    seed: int | None = None
    tags: tuple[str, ...] = ()
    note: str = ""
    parent: str | None = None
    reproduces: str | None = None
    badge: Badge = "self-reported"
    reproductions: tuple[Reproduction, ...] = ()
    evidence: Reproduction | None = None
    snapshot: Snapshot = Snapshot()
    metrics: dict[str, Summary] = {}
    artifacts: tuple[Artifact, ...] = ()
    datasets: tuple[Dataset, ...] = ()
    notices: tuple[Notice, ...] = ()
    end: End | None = None
    retracted: Retraction | None = None
    events: int = 0
    sealed: str | None = None
    seals: tuple[Seal, ...] = ()


class Rules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a project's board asks of a cited run. `policy` maps a finding's code to what it does.

    `data_digest` and `split` restrict what a claim may be about; `low` and `high` bound the metric (outside
    it a value is implausible); budgets are upper limits. A member has so many `attempts` (accepted posts), and
    none after `closes` (microseconds since 1970); until then nobody sees values of `private_split`, and with
    `pseudonyms` not who is who. `tolerance` is how far a reproduction's value may lie from the original's where
    there are no replicates to tell.
    """

    policy: dict[str, Literal["reject", "warn", "ignore"]] = {}
    data_digest: str | None = None
    split: str | None = None
    low: float | None = None
    high: float | None = None
    max_runtime: float | None = None
    max_parameters: int | None = None
    tolerance: float | None = None
    max_gpu_hours: float | None = None
    attempts: int | None = None
    closes: int | None = None
    private_split: Literal["val", "test", "train"] | None = None
    pseudonyms: bool = False


class BoardSpec(msgspec.Struct, frozen=True):
    """A project's leaderboard: which metric ranks, which way is better, and how a run is summed up."""

    project: str
    metric: str
    direction: Direction = "max"
    aggregate: Aggregate = "best"
    rules: Rules = Rules()


class Finding(msgspec.Struct, frozen=True):
    """One reason why a run is or isn't fit to be cited: a code, a sentence, and the one thing to do next."""

    code: str
    sentence: str
    remedy: str
    severity: Literal["reject", "warn", "note"] = "reject"


class Claim(msgspec.Struct, frozen=True):
    """A metric and value that a post states.

    `metric` is canonical (`accuracy`, `loss`, `unknown`, ...), `value` a fraction for ratio metrics,
    `as_written` the number's text in the post and `digits` how many decimals of `value` it fixes: 88.2 %
    fixes three of 0.882.
    """

    metric: str
    value: float
    as_written: str
    digits: int
    split: Literal["val", "test", "train"] | None = None
    comparator: Literal["=", ">", ">=", "<", "<=", "~"] = "="
    aggregate: Aggregate | None = None
    optional: bool = False


class Citation(msgspec.Struct, frozen=True):
    """A post bound to the runs it cites, with its verdict; one for each revision of a post, kept for good."""

    team: str
    channel: str
    ts: str
    revision: int
    poster: str
    run_ids: tuple[str, ...]
    claims: tuple[Claim, ...]
    verdict: Literal["accepted", "rejected", "ignored"]
    findings: tuple[Finding, ...]
    at: int
    retracted_at: int | None = None


class Member(msgspec.Struct, frozen=True):
    """A person: a handle, a role, and the Slack user, if bound."""

    handle: str
    role: Role
    name: str = ""
    slack_team: str | None = None
    slack_user: str | None = None
    active: bool = True


class Token(msgspec.Struct, frozen=True):
    """A token as it is listed: everything but the secret. Times in microseconds since 1970."""

    id: str
    handle: str
    label: str
    created_at: int
    expires_at: int | None = None
    revoked_at: int | None = None

    def usable(self, now: int) -> bool:
        """Whether it still opens the door."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)
