"""The Python that a command will run on, and its script, seen from outside before it starts."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from tracker.capture import scrub
from tracker.capture.command import look
from tracker.capture.take import Origin

PROBE_SECONDS = 10.0
_PROBE = (
    "import json, platform, sys; print(json.dumps([sys.executable, platform.python_version(), "
    "platform.python_implementation(), sys.prefix, sys.path]))"
)
_VALUE_OPTIONS = frozenset({"-W", "-X"})


class Probed(msgspec.Struct, frozen=True, array_like=True):
    """What an interpreter says of itself."""

    executable: str
    version: str
    implementation: str
    prefix: str
    path: tuple[str, ...]


def origin_of(command: Sequence[str], environ: Mapping[str, str], given: Mapping[str, str]) -> Origin:
    """The process-to-be, as `capture` wants it: its arguments, its interpreter, its script.

    `given` are variables that its command line gave it: they are recorded whatever they are called.
    """
    program, arguments = _program(command, environ)
    script, module = _script(arguments) if program else (None, None)
    seen = look(environ=environ, argv=_argv(arguments) if program else command)
    if script is None and module is None:
        script = shutil.which(command[0], path=environ.get("PATH"))
        script = script if script and _is_text(script) else None
        program = program or _shebang(script)
    probed = _probe(program, environ) if program else None
    path = str(Path.cwd() / script) if script else None
    source = _source(arguments) if program else None
    told, scrubbed = scrub.mapping(dict(given), "environment")
    seen = msgspec.structs.replace(
        seen,
        script=path,
        module=module,
        source=source,
        wrapped=True,
        env={**seen.env, **{name: str(value) for name, value in told.items()}},
        scrubbed=tuple(dict.fromkeys((*seen.scrubbed, *scrubbed))),
    )
    if probed is None:
        return msgspec.structs.replace(
            seen, executable=program or "", problems=(*seen.problems, "The command's interpreter could not be asked.")
        )
    return msgspec.structs.replace(
        seen,
        executable=probed.executable,
        version=probed.version,
        implementation=probed.implementation,
        prefix=probed.prefix,
        path=tuple(entry for entry in probed.path if entry),
    )


def within_env(command: Sequence[str], environ: Mapping[str, str]) -> tuple[list[str], dict[str, str], dict[str, str]]:
    """What `env` would start, all variables it would give it, and those that the command line names; a command without
    `env`, or with options of it that change more than variables, as it is.

    So the variables that stand in a command are recorded like those of the shell, and `PYTHONPATH` among them does not
    keep out what has to be in it.
    """
    as_it_is = list(command), dict(environ), dict[str, str]()
    words, env, given = list(command), dict(environ), dict[str, str]()
    while words and Path(words[0]).name == "env":
        rest = words[1:]
        while rest and (rest[0].startswith("-") or "=" in rest[0]):
            word = rest.pop(0)
            name, sign, value = word.partition("=")
            if word in ("-i", "-", "--ignore-environment"):
                env.clear()
            elif word in ("-u", "--unset") and rest:
                env.pop(rest.pop(0), None)
            elif name == "--unset" and sign:
                env.pop(value, None)
            elif word.startswith("-") or not name:
                return as_it_is
            else:
                env[name] = given[name] = value
        if not rest:
            return as_it_is
        words = rest
    return words, env, given


def _program(command: Sequence[str], environ: Mapping[str, str]) -> tuple[str | None, list[str]]:
    """The Python that the command names, and its arguments."""
    words = list(command)
    if not words or not Path(words[0]).name.startswith("python"):
        return None, words
    return shutil.which(words[0], path=environ.get("PATH")), words[1:]


def _script(arguments: Sequence[str]) -> tuple[str | None, str | None]:
    """The script, or the module, among an interpreter's arguments."""
    words = iter(arguments)
    for word in words:
        if word == "-m":
            return None, next(words, None)
        if word == "-c" or word == "-":
            return None, None
        if word in _VALUE_OPTIONS:
            next(words, None)
        elif not word.startswith("-"):
            return word, None
    return None, None


def _argv(arguments: Sequence[str]) -> list[str]:
    """The arguments as the program will see them: its script, module or `-c` first; none for an interactive one."""
    words = list(arguments)
    while words and words[0].startswith("-") and words[0] not in ("-", "-c", "-m"):
        del words[: 2 if words[0] in _VALUE_OPTIONS else 1]
    if words[:1] == ["-c"]:
        return ["-c", *words[2:]]
    return words[1:] if words[:1] == ["-m"] else words


def _source(arguments: Sequence[str]) -> str | None:
    """The argument of `python -c`."""
    words = list(arguments)
    return words[words.index("-c") + 1] if "-c" in words[:-1] and _script(words) == (None, None) else None


def _is_text(path: str) -> bool:
    try:
        with Path(path).open("rb") as file:
            return file.read(2) == b"#!"
    except OSError:
        return False


def _shebang(script: str | None) -> str | None:
    """The Python that a script's first line names, as that of an installed command does."""
    if script is None:
        return None
    with Path(script).open("rb") as file:
        words = file.readline(4096)[2:].decode("utf-8", "replace").split()
    names = [word for word in words if Path(word).name.startswith("python")]
    return shutil.which(names[0]) if names else None


def _probe(program: str, environ: Mapping[str, str]) -> Probed | None:
    try:
        told = subprocess.run(
            [program, "-c", _PROBE],
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PROBE_SECONDS,
            check=True,
        )
        return msgspec.json.decode(told.stdout.splitlines()[-1], type=Probed)
    except (OSError, subprocess.SubprocessError, msgspec.DecodeError, IndexError):
        return None
