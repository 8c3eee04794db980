"""Which commands there are: ours by name, and those other packages bring by entry point.

The list needs no command's module, so that help is quick.
"""

from __future__ import annotations

import ast
import difflib
import shutil
from collections.abc import Callable
from importlib import metadata
from importlib.util import find_spec
from keyword import iskeyword
from pathlib import Path

import typer
from typer.exceptions import TyperException

from tracker.cli.parts import part
from tracker.cli.say import complain
from tracker.errors import UsageError
from tracker.ids import clip

GROUP = "runcite.commands"
OURS = {
    "runs": "List runs, newest first; --where, --order-by and --json.",
    "show": "Everything known of a run.",
    "board": "A project's leaderboard.",
    "compare": "What differs between runs, and whether it is more than noise.",
    "importance": "Which hyperparameters moved the metric, and how sure that is.",
    "reproduce": "From a run ID back to its number, with a verdict.",
    "bisect": "Which of the things that differ between two runs moves the number.",
    "export": "A run as one file that outlives the server.",
    "import": "Take an exported run into the store.",
    "trace": "What a run says, event by event, as it arrives.",
    "exec": "Run any command, registered: runcite exec -- python train.py",
    "sync": "Send what waits in this machine's journals.",
    "doctor": "Look at every part, and say what to type where one is not well.",
    "login": "Keep a server's token on this machine.",
    "members": "Who there is: add, list, role, token, rotate, revoke, leave, bind.",
    "backup": "Save database and artifacts into a folder, while they are in use.",
    "restore": "Put a back-up where there is no database yet.",
    "retract": "Take a run back: it stays, and says by whom, when and why.",
    "server": "Start the server: API and pages.",
    "verify": "Check runs against their hash chains, and artifacts against their hashes.",
}
INTRO = "Runcite: no result without a run.\n\nUsage: runcite COMMAND [OPTIONS]\n\n"


def version() -> str:
    """The installed version."""
    return metadata.version("runcite")


def names() -> dict[str, str]:
    """Every command, and what it does in a line."""
    brought = {entry.name: _docstring(entry.value) for entry in metadata.entry_points(group=GROUP)}
    return OURS | {name: text for name, text in brought.items() if name not in OURS}


def overview() -> str:
    """The help page."""
    listed = names()
    wide = max(map(len, listed)) + 2
    room = shutil.get_terminal_size((80, 24)).columns - wide - 2
    lines = [f"  {name:<{wide}}{clip(text, room)}" for name, text in listed.items()]
    return INTRO + "\n".join(lines) + "\n\nMore on each: runcite COMMAND --help\n"


def find(name: str) -> Callable[[list[str]], int]:
    """The command under that name, ready to run on its arguments.

    Raises:
        UsageError: there is none.
    """
    app = _load(name)
    if not isinstance(app, typer.Typer):
        function, app = app, typer.Typer(add_completion=False)
        app.command()(function)
    command = typer.main.get_command(app)

    def run(arguments: list[str]) -> int:
        try:
            result = command.main(arguments, prog_name=f"runcite {name}", standalone_mode=False)
        except TyperException as error:
            complain(error.format_message(), f"Type: runcite {name} --help")
            return 2
        except typer.Abort:
            return 130
        return result if isinstance(result, int) else 0

    return run


def _load(name: str) -> Callable[..., object] | typer.Typer:
    if name in OURS:
        return _checked(name, part(f"tracker.cli.{name}{'_' * iskeyword(name)}").app)
    for entry in metadata.entry_points(group=GROUP):
        if entry.name == name:
            return _checked(name, entry.load())
    near = difflib.get_close_matches(name, names(), n=1)
    raise UsageError(
        f"There is no command {name!r}.", remedy=f"Did you mean: runcite {near[0]}" if near else "Type: runcite --help"
    )


def _checked(name: str, loaded: object) -> Callable[..., object] | typer.Typer:
    if isinstance(loaded, typer.Typer) or callable(loaded):
        return loaded
    raise UsageError(f"The command {name!r} is neither a Typer app nor a function.", remedy="Mend its package.")


def _docstring(target: str) -> str:
    """The first line a command says of itself, read without running its module: of the function, of the Typer
    app's `help`, or of the first function that is registered with that app."""
    module, _, attribute = target.partition(":")
    spec = find_spec(module)
    if spec is None or spec.origin is None:
        return ""
    for node in ast.parse(Path(spec.origin).read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == attribute for t in node.targets):
            if said := _help_argument(node.value):
                return said
        elif isinstance(node, ast.FunctionDef) and (node.name == attribute or _registered(node, attribute)):
            return (ast.get_docstring(node) or "").partition("\n")[0]
    return ""


def _registered(function: ast.FunctionDef, app: str) -> bool:
    """Whether the function is decorated with `@app.command(…)` or `@app.callback(…)`."""
    return any(
        isinstance(name, ast.Name) and name.id == app for each in function.decorator_list for name in ast.walk(each)
    )


def _help_argument(node: ast.expr) -> str:
    """The `help` of `typer.Typer(help="…")`."""
    if isinstance(node, ast.Call):
        for keyword in node.keywords:
            if keyword.arg == "help" and isinstance(keyword.value, ast.Constant):
                return str(keyword.value.value)
    return ""
