"""Calls of `runcite exec`: a snapshot for the runs that the wrapped command opens, and how the command ended."""

from __future__ import annotations

import msgspec

from tracker.server.mlflow.asking import Ask
from tracker.server.mlflow.shapes import EMPTY, Empty
from tracker.snapshot import Snapshot
from tracker.store.mlflow import execs as store
from tracker.store.mlflow.rows import Exit


class Begin(msgspec.Struct, frozen=True):
    nonce: str
    snapshot: Snapshot


class Runs(msgspec.Struct, frozen=True):
    """The runs that the command opened."""

    runs: tuple[str, ...]


def begin(ask: Ask) -> Empty:
    """Runs that name the nonce get the snapshot."""
    asked = ask.parsed(Begin)
    ask.write(lambda connection: store.begin(connection, asked.nonce, asked.snapshot, ask.author, ask.now))
    return EMPTY


def end(ask: Ask) -> Runs:
    """The command has ended: its runs that are still open end as it did."""
    how = ask.parsed(Exit)
    return Runs(ask.write(lambda connection: store.end(connection, ask.names[0], how, ask.author, ask.now)))
