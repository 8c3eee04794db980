"""`runcite doctor`: look at every part, and say what to type where one is not well."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from tracker.capture import machine
from tracker.cli.say import as_json
from tracker.cli.source import open_source
from tracker.cli.tables import line
from tracker.cli.text import size
from tracker.client.launch import locked
from tracker.errors import RunciteError
from tracker.settings import FILE_NAME, Settings, load

app = typer.Typer(add_completion=False)
ENOUGH_DISK = 1 << 30


class Checked(msgspec.Struct, frozen=True):
    """One part: how it is, and, where it is not well, what to type. `state` "note" is no fault."""

    part: str
    state: str
    detail: str
    remedy: str = ""


@app.command()
def doctor(json: Annotated[bool, typer.Option("--json", help="The findings, as one JSON array.")] = False) -> None:
    """Look at every part, and say what to type where one is not well. Exit code 1 if one is not."""
    checked = examine()
    if json:
        as_json(checked)
    else:
        marks = {"ok": ("ok  ", "green"), "note": ("note", "yellow"), "bad": ("bad ", "red")}
        for each in checked:
            mark, style = marks[each.state]
            line(f"{mark}  {each.part:<9} {each.detail}", style="" if each.state == "ok" else style)
            if each.remedy:
                line(f"{'':<16}{each.remedy}")
    if any(each.state == "bad" for each in checked):
        raise typer.Exit(1)


def examine() -> tuple[Checked, ...]:
    """Every part, looked at now."""
    try:
        settings = load()
    except RunciteError as error:
        return (Checked("settings", "bad", error.message, error.remedy),)
    parts: Sequence[Callable[[Settings], Checked]] = (_settings, _store, _journals, _shipper, _git, _disk, _gpu)
    return tuple(part(settings) for part in parts)


def _settings(settings: Settings) -> Checked:
    where = settings.home / FILE_NAME
    files = f", {where}" if where.exists() else ""
    return Checked("settings", "ok", f"Runcite {version('runcite')}; home {settings.home}{files}")


def _store(settings: Settings) -> Checked:
    place = settings.url.rpartition("@")[2] if "@" in settings.url else settings.url
    try:
        with open_source() as source:
            standing = source.me()
    except RunciteError as error:
        return Checked("server" if settings.remote else "database", "bad", f"{place}: {error.message}", error.remedy)
    detail = f"{place}; you are {standing.member.handle} ({standing.member.role})"
    if not settings.remote:
        return Checked("database", "ok", detail)
    detail += f"; its version is {standing.version}"
    if standing.version.split(".")[:2] != version("runcite").split(".")[:2]:
        return Checked("server", "note", detail, f"Versions differ. Type: pip install 'runcite=={standing.version}'")
    return Checked("server", "ok", detail)


def _journals(settings: Settings) -> Checked:
    waiting = [path for path in _journal_files(settings) if path.is_file()]
    if not waiting:
        return Checked("journals", "ok", "nothing waits")
    total = sum(path.stat().st_size for path in waiting)
    return Checked("journals", "note", f"{len(waiting)} kept, {size(total)}", "To send what waits: runcite sync")


def _shipper(settings: Settings) -> Checked:
    if not settings.shipper:
        return Checked("shipper", "note", "switched off by RUNCITE_SHIPPER", "To send what waits: runcite sync")
    path = settings.home / "shipper.lock"
    lock = locked(path) if path.exists() else None
    if lock is not None:
        os.close(lock)
    running = path.exists() and lock is None
    return Checked("shipper", "ok", "running" if running else "not running; the next run starts it")


def _git(settings: Settings) -> Checked:
    found = shutil.which("git")
    if found is None:
        return Checked("git", "bad", "not found: runs are recorded without their code", "Type: apt install git")
    told = subprocess.run([found, "--version"], capture_output=True, text=True, timeout=10, check=False)
    return Checked("git", "ok", told.stdout.strip())


def _disk(settings: Settings) -> Checked:
    folder = settings.home
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    if free < ENOUGH_DISK:
        return Checked("disk", "bad", f"{size(free)} free in {folder}", "Make room, or set RUNCITE_HOME elsewhere.")
    return Checked("disk", "ok", f"{size(free)} free in {folder}")


def _gpu(settings: Settings) -> Checked:
    seen = machine.see()
    if seen.problems:
        return Checked("gpu", "note", seen.problems[0], "Type: nvidia-smi")
    names = [gpu.name for gpu in seen.machine.gpus] if seen.machine else []
    return Checked("gpu", "ok", ", ".join(names) or "none on this machine")


def _journal_files(settings: Settings) -> list[Path]:
    return sorted(settings.journals.rglob("*")) if settings.journals.exists() else []
