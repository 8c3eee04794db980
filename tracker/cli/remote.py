"""A Runcite server, for commands. It needs none of the server's packages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import quote

import msgspec
import numpy as np
from numpy.typing import NDArray

from tracker.cli.source import Standing
from tracker.client.transport import HttpTransport
from tracker.events import PlacedEvent
from tracker.record import BoardSpec, Finding, Member, Record, Role, Token
from tracker.rules.board import Lead, Ranking
from tracker.rules.compared import Compared
from tracker.rules.filters import EVERYTHING, Filter
from tracker.rules.importance import Importance

_JSON = {"Content-Type": "application/json"}
T = TypeVar("T")

JUDGING_SECONDS = 300.0
"""What the rules are asked may take the server minutes on a busy machine."""


class Remote(HttpTransport):
    """A Runcite server."""

    def me(self) -> Standing:
        return self.get("me", Standing)

    def get_run(self, run_id: str) -> Record:
        return self.get(f"runs/{_part(run_id)}", Record)

    def find_runs(
        self, project: str | None, *, where: str | None, order_by: str | None, limit: int, offset: int
    ) -> tuple[Record, ...]:
        asked = {"project": project, "where": where, "order_by": order_by, "limit": limit, "offset": offset}
        return self.get("runs", tuple[Record, ...], {key: value for key, value in asked.items() if value is not None})

    def events(self, run_id: str, *, after: int) -> tuple[PlacedEvent, ...]:
        return self.get(f"runs/{run_id}/events", tuple[PlacedEvent, ...], {"after": after})

    def findings(self, run_id: str) -> tuple[Finding, ...]:
        return self.get(f"runs/{run_id}/findings", tuple[Finding, ...])

    def get_board(self, project: str) -> BoardSpec:
        return self.get(f"projects/{_part(project)}/board", BoardSpec)

    def set_board(self, spec: BoardSpec) -> BoardSpec:
        return self._tell("PUT", f"projects/{_part(spec.project)}/board", spec, BoardSpec)

    def ranking(
        self, project: str, only: Filter = EVERYTHING, where: str | None = None, rows: int | None = None
    ) -> Ranking:
        asked = _asked(only) | ({} if rows is None else {"rows": rows})
        return self._judged(f"projects/{_part(project)}/ranking", Ranking, where, **asked)

    def lead(self, project: str, only: Filter = EVERYTHING, where: str | None = None) -> tuple[Lead, ...]:
        return self._judged(f"projects/{_part(project)}/lead", tuple[Lead, ...], where, **_asked(only))

    def importance(self, project: str, metric: str | None = None, where: str | None = None) -> Importance:
        more = {} if metric is None else {"metric": metric}
        return self._judged(f"projects/{_part(project)}/importance", Importance, where, **more)

    def compared(self, run_ids: Sequence[str]) -> Compared:
        return self._judged("comparison", Compared, None, runs=list(run_ids))

    def history(self, run_id: str, metric: str, *, points: int) -> Curve:
        found = self.get(f"runs/{_part(run_id)}/history", _History, {"metric": metric, "points": points})
        return Curve(np.array(found.steps, np.int64), np.array(found.values, np.float64))

    def members(self) -> tuple[Member, ...]:
        return self.get("members", tuple[Member, ...])

    def add_member(self, handle: str, role: Role, name: str) -> Member:
        return self._tell("POST", "members", {"handle": handle, "role": role, "name": name}, Member)

    def set_role(self, handle: str, role: Role) -> Member:
        return self._tell("PUT", f"members/{_part(handle)}/role", {"role": role}, Member)

    def bind_slack(self, handle: str, team: str, user: str) -> Member:
        return self._tell("PUT", f"members/{_part(handle)}/slack", {"team": team, "user": user}, Member)

    def issue_token(self, handle: str, label: str, expires_at: int | None) -> str:
        body = {"label": label, "expires_at": expires_at}
        return self._tell("POST", f"members/{_part(handle)}/tokens", body, _Issued).token

    def tokens(self, handle: str) -> tuple[Token, ...]:
        return self.get(f"members/{_part(handle)}/tokens", tuple[Token, ...])

    def revoke_token(self, token_id: str) -> None:
        self._tell("DELETE", f"tokens/{_part(token_id)}", {}, dict[str, str])

    def rotate_token(self, token_id: str) -> str:
        return self._tell("POST", f"tokens/{_part(token_id)}/rotate", {}, _Issued).token

    def set_active(self, handle: str, active: bool) -> Member:
        return self._tell("PUT", f"members/{_part(handle)}/active", {"active": active}, Member)

    def retract(self, run_id: str, why: str) -> Record:
        return self._tell("POST", f"runs/{_part(run_id)}/retract", {"why": why}, Record)

    def _judged(self, path: str, kind: type[T], where: str | None, **asked: object) -> T:
        """An answer that may take the server a while."""
        return self.get(path, kind, asked if where is None else asked | {"where": where}, seconds=JUDGING_SECONDS)

    def _tell(self, method: str, path: str, body: object, kind: type[T]) -> T:
        answer = self._ask(method, path, content=msgspec.json.encode(body), headers=_JSON)
        return msgspec.json.decode(answer.content, type=kind)


class _History(msgspec.Struct, frozen=True):
    steps: list[int]
    values: list[float]


@dataclass(frozen=True, eq=False)
class Curve:
    """One metric's curve."""

    steps: NDArray[np.int64]
    values: NDArray[np.float64]


class _Issued(msgspec.Struct, frozen=True):
    token: str


def _asked(only: Filter) -> dict[str, object]:
    """The filter as the parts of an address; what asks for nothing is left out."""
    parts: dict[str, object] = {
        "member": list(only.members),
        "tag": list(only.tags),
        "without_tag": list(only.without_tags),
        "badge": only.badge,
        "since": only.since,
        "until": only.until,
        "max_runtime": only.max_runtime,
        "max_gpu_hours": only.max_gpu_hours,
        "max_parameters": only.max_parameters,
        "seeds": None if only.seeds == 1 else only.seeds,
    }
    return {name: value for name, value in parts.items() if value not in (None, [])}


def _part(name: str) -> str:
    """A name as one part of an address."""
    return quote(name, safe="")
