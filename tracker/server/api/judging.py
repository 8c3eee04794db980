"""What the rules say of a project and of runs: boards under a filter, the lead, importance, comparisons."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from tracker.record import Badge
from tracker.rules.board import Lead, Ranking, shortened
from tracker.rules.compared import Compared
from tracker.rules.filters import Filter
from tracker.rules.importance import Importance
from tracker.rules.parallel import Parallel
from tracker.server import desk
from tracker.server.api.shapes import PREFIX, described
from tracker.server.auth import Sees
from tracker.server.config import context_of
from tracker.server.wire import answer
from tracker.store import judging

router = APIRouter(prefix=PREFIX, tags=["judging"])
_LARGEST = 1 << 53


def asked(
    member: Annotated[list[str] | None, Query()] = None,
    tag: Annotated[list[str] | None, Query()] = None,
    without_tag: Annotated[list[str] | None, Query()] = None,
    badge: Badge | None = None,
    since: Annotated[int | None, Query(ge=0, le=_LARGEST)] = None,
    until: Annotated[int | None, Query(ge=0, le=_LARGEST)] = None,
    max_runtime: Annotated[float | None, Query(ge=0, allow_inf_nan=False)] = None,
    max_gpu_hours: Annotated[float | None, Query(ge=0, allow_inf_nan=False)] = None,
    max_parameters: Annotated[int | None, Query(ge=0, le=_LARGEST)] = None,
    seeds: Annotated[int, Query(ge=1, le=1000)] = 1,
) -> Filter:
    """The filter that an address names: any of the members, all of the tags, ended between `since` and `until`."""
    return Filter(
        members=tuple(member or ()),
        tags=tuple(tag or ()),
        without_tags=tuple(without_tag or ()),
        badge=badge,
        since=since,
        until=until,
        max_runtime=max_runtime,
        max_gpu_hours=max_gpu_hours,
        max_parameters=max_parameters,
        seeds=seeds,
    )


Only = Annotated[Filter, Depends(asked)]


@router.get("/projects/{name:path}/ranking", **described(result=Ranking))
def get_ranking(
    request: Request,
    name: str,
    sees: Sees,
    only: Only,
    where: str | None = None,
    rows: Annotated[int | None, Query(ge=0, le=100_000)] = None,
) -> Response:
    """The board itself: ranked rows, and what does not rank, with the reason; with `rows`, the first so many."""
    found = judging.ranking(sees, name, only=only, where=where)
    return answer(request, found if rows is None else shortened(found, rows))


@router.get("/projects/{name:path}/lead", **described(result=tuple[Lead, ...]))
def get_lead(request: Request, name: str, sees: Sees, only: Only, where: str | None = None) -> Response:
    """Who led the board when, the oldest lead first."""
    return answer(request, judging.lead(sees, name, only=only, where=where))


@router.get("/projects/{name:path}/importance", **described(result=Importance))
def get_importance(
    request: Request, name: str, sees: Sees, metric: str | None = None, where: str | None = None
) -> Response:
    """Which hyperparameters moved the board's metric, or another one. The first who asks waits some seconds."""
    return answer(request, desk.kept_importance(context_of(request).shelf, sees, name, metric=metric, where=where))


@router.get("/projects/{name:path}/parallel", **described(result=Parallel))
def get_parallel(
    request: Request,
    name: str,
    sees: Sees,
    metric: str | None = None,
    where: str | None = None,
    first: Annotated[list[str] | None, Query()] = None,
) -> Response:
    """The project's runs as lines through an axis for each setting; `first` are settings to put first."""
    context = context_of(request)
    if not first:
        return answer(request, desk.kept_parallel(context, sees, name, metric=metric, where=where))
    ordered = judging.parallel_of(sees, name, metric=metric, where=where, first=first)
    return answer(request, ordered)


@router.get("/comparison", **described(result=Compared))
def get_comparison(request: Request, sees: Sees, runs: Annotated[list[str] | None, Query()] = None) -> Response:
    """The first run against each of the others, as `?runs=A,B` or `?runs=A&runs=B`: what differs, and is it noise?"""
    return answer(request, desk.compared(context_of(request), sees, desk.listed(runs)))
