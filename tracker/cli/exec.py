"""`runcite exec -- CMD`: run any command, registered."""

from __future__ import annotations

import os
import sys
from random import SystemRandom
from typing import Annotated

import typer

from tracker.cli.parts import part
from tracker.cli.text import named_paths
from tracker.client.ending import tell
from tracker.errors import UsageError
from tracker.settings import Settings, load
from tracker.wrap.child import leave
from tracker.wrap.command import Side, execute

app = typer.Typer(add_completion=False)


@app.command(context_settings={"allow_interspersed_args": False})
def wrapped(
    command: Annotated[list[str], typer.Argument(help="The command and its arguments.", metavar="-- CMD...")],
    project: Annotated[
        str | None, typer.Option(help="The project, where the command names none; else the folder's name.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="The run's name, where the command opens none by itself.")] = None,
    data: Annotated[
        list[str] | None, typer.Option(help="What it reads, NAME=PATH: recorded by digest, where it opens no run.")
    ] = None,
) -> int:
    """Run a command, registered: snapshot, exit code, and the run it opens (Runcite's or MLflow's) or one of its own.

    A run of its own has the results that the command prints, such as "epoch 3: loss 0.25, accuracy 91 %".

    Its output, signals and exit code stay what they are.
    """
    if not command:
        raise UsageError("There is no command.", remedy="Type: runcite exec -- python train.py")
    settings = load()
    how = execute(
        command,
        settings,
        _side(settings),
        project=project,
        name=name,
        data=named_paths(data or ()),
        environ=os.environ,
        rng=SystemRandom(),
        tell=tell,
    )
    sys.stdout.flush()
    sys.stderr.flush()
    return leave(how)


def _side(settings: Settings) -> Side:
    """Who keeps the command's MLflow runs. Loaded by name: a server's client need not have a server."""
    side: Side
    if settings.remote:
        side = part("tracker.wrap.there").There(settings)
    else:
        side = part("tracker.wrap.here").Here(settings, lambda: part("tracker.wrap.door").Door)
    return side
