"""`runcite verify`: find any edit made behind the store's back."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Annotated

import typer

from tracker.cli.say import as_json
from tracker.cli.tables import line
from tracker.errors import UsageError
from tracker.ids import parse
from tracker.settings import Settings, load
from tracker.store import migrate, roots
from tracker.store.blobs import open_blobs
from tracker.store.database import Database, open_database
from tracker.store.roots import Root
from tracker.store.verify import Flaw, verify, verify_run

app = typer.Typer(add_completion=False)


@app.command("verify")
def check(
    runs: Annotated[list[str] | None, typer.Argument(help="Run IDs; every run where none is given.")] = None,
    project: Annotated[str | None, typer.Option(help="Every run of this project.")] = None,
    contents: Annotated[bool, typer.Option(help="Read and hash the artifacts' content, too.")] = True,
    only_roots: Annotated[bool, typer.Option("--roots", help="List the daily roots, and check them only.")] = False,
    root: Annotated[
        list[str] | None, typer.Option(metavar="DAY=DIGEST", help="A root as it was told, to hold ours against it.")
    ] = None,
    take_root: Annotated[bool, typer.Option("--take-root", help="Take today's root first, if none was.")] = False,
    json: Annotated[bool, typer.Option("--json", help="One JSON object a run, and a root.")] = False,
) -> None:
    """Check runs against their hash chains, artifacts against their hashes, and all chains against the daily roots.

    Exit code 1 where anything is not as it was written.
    """
    settings = load()
    witnesses = dict(map(_witness, root or []))
    checked = bad = 0
    with _database(settings) as db:
        if take_root:
            roots.daily(db, datetime.now(UTC).date(), time.time_ns() // 1000)
        for run_id, flaws in () if only_roots else _flaws(db, settings, runs or [], project, contents):
            checked += 1
            bad += bool(flaws)
            if json:
                as_json({"run_id": run_id, "flaws": flaws})
            _tell(run_id, flaws, json)
        if not only_roots and not json:
            line(f"{checked:,} runs checked; {_said(bad)}")
        if only_roots or witnesses or not (runs or project):
            bad += _roots(db, witnesses, json=json, listed=only_roots)
    if bad:
        raise typer.Exit(1)


def _roots(db: Database, witnesses: dict[str, str], *, json: bool, listed: bool) -> int:
    """Check the roots and tell of them; how many don't hold."""
    count = bad = 0
    for each, found in roots.verify_roots(db):
        flaws = [*found, *_against(each, witnesses.pop(each.day, None))]
        count += 1
        bad += bool(flaws)
        if json:
            as_json({"root": each, "flaws": flaws})
        elif listed:
            line(f"{each.day}  {each.digest}  {each.moved:,} chains moved")
        _tell(f"root of {each.day}", flaws, json)
    for day in witnesses:
        bad += 1
        flaw = Flaw("root-missing", None, "A root was told for that day, and none is stored.")
        if json:
            as_json({"root": {"day": day}, "flaws": [flaw]})
        _tell(f"root of {day}", [flaw], json)
    if not json:
        line(f"{count:,} daily roots checked; {_said(bad)}")
    return bad


def _against(root: Root, told: str | None) -> Iterator[Flaw]:
    if told is not None and told != root.digest:
        yield Flaw("root-changed", None, f"It was told as {told[:16]}…; stored is {root.digest[:16]}….")


def _witness(text: str) -> tuple[str, str]:
    day, _, digest = text.partition("=")
    try:
        return date.fromisoformat(day.strip()).isoformat(), digest.strip().lower()
    except ValueError:
        raise UsageError(f"{text!r} is no root.", remedy="Write --root 2026-05-17=DIGEST.") from None


def _tell(what: str, flaws: Sequence[Flaw], json: bool) -> None:
    for flaw in () if json else flaws:
        place = "" if flaw.seq is None else f" at event {flaw.seq}"
        line(f"{what}  {flaw.code}{place}: {flaw.sentence}", style="red")


def _said(bad: int) -> str:
    return f"{bad:,} are not as they were written." if bad else "all are as they were written."


@contextmanager
def _database(settings: Settings) -> Iterator[Database]:
    if settings.remote:
        raise UsageError(
            "Chains are checked on the database itself.", remedy="On the server's machine, type: runcite verify"
        )
    db = open_database(settings.url)
    try:
        migrate.upgrade(db)
        yield db
    finally:
        db.close()


def _flaws(
    db: Database, settings: Settings, runs: list[str], project: str | None, contents: bool
) -> Iterator[tuple[str, tuple[Flaw, ...]]]:
    blobs = open_blobs(settings.artifacts) if contents else None
    if not runs:
        yield from verify(db, project, blobs=blobs)
    for run_id in map(parse, runs):
        yield run_id, verify_run(db, run_id, blobs=blobs)
