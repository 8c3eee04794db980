"""Settings: the one place that reads the environment and `runcite.toml`.

Precedence: environment, then the nearest `runcite.toml` upwards from the working directory, then
`runcite.toml` in `RUNCITE_HOME`, then the defaults. `runcite login` keeps tokens in the home's file, in a
table `tokens` by server address, so that a token is only ever shown to the server it was made for.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from tracker.errors import InvalidSettings

FILE_NAME = "runcite.toml"
PREFIX = "rc_"
"""What the token of a member begins with, so that it is known as one wherever it shows."""
_SCHEMES = ("sqlite", "postgresql", "postgresql+psycopg", "http", "https")


class Settings(msgspec.Struct, frozen=True):
    """Where runs go. `url` is a database or a server; `artifacts` a folder or `s3://bucket/prefix`.

    `token` never shows in a repr. `shipper` is False when journals wait for `runcite sync`, `output` when what a run
    prints is not kept. `exec` is the folder of notes of the `runcite exec` that this process runs under. `reproduces`
    is the run that whatever is started now reproduces: `runcite reproduce` says so to the script, by the environment
    alone.
    """

    home: Path
    url: str
    artifacts: str
    token: str | None = None
    shipper: bool = True
    exec: Path | None = None
    reproduces: str | None = None
    output: bool = True

    def __repr__(self) -> str:
        return f"Settings(home={str(self.home)!r}, url={_without_password(self.url)!r})"

    @property
    def remote(self) -> bool:
        """Whether `url` is a Runcite server rather than a database."""
        return self.url.startswith(("http://", "https://"))

    @property
    def journals(self) -> Path:
        """The folder of the journals of this user on this machine."""
        return self.home / "journals"


def load(environ: Mapping[str, str] | None = None, cwd: Path | None = None) -> Settings:
    """The settings in force.

    Raises:
        InvalidSettings: a file that is no TOML, or a URL of an unknown scheme.
    """
    environ = os.environ if environ is None else environ
    home = Path(environ.get("RUNCITE_HOME") or _default_home()).expanduser().absolute()
    at_home = _read(home / FILE_NAME)
    here = _nearest(cwd or Path.cwd())

    def get(name: str) -> str | None:
        value = environ.get(f"RUNCITE_{name.upper()}") or here.get(name, at_home.get(name))
        return str(value) if isinstance(value, str | int | bool) else None

    url = get("url") or f"sqlite:///{home / 'runcite.db'}"
    if urlsplit(url).scheme not in _SCHEMES:
        raise InvalidSettings(
            f"RUNCITE_URL {_without_password(url)!r} is neither a database nor a server.",
            remedy="Use sqlite:///FILE, postgresql+psycopg://…, or https://… for a Runcite server.",
        )
    if url.startswith("postgresql://"):
        url = "postgresql+psycopg" + url.removeprefix("postgresql")
    elif url.startswith("http"):
        url = url.rstrip("/")
    tokens = at_home.get("tokens")
    return Settings(
        home=home,
        url=url,
        artifacts=get("artifacts") or str(home / "artifacts"),
        token=get("token") or (tokens.get(url) if isinstance(tokens, dict) else None),
        shipper=_on(get("shipper")),
        exec=Path(environ["RUNCITE_EXEC"]) if environ.get("RUNCITE_EXEC") else None,
        reproduces=environ.get("RUNCITE_REPRODUCES") or None,
        output=_on(get("output")),
    )


def _on(value: str | None) -> bool:
    return (value or "on").lower() not in {"off", "0", "false", "no"}


def keep_login(home: Path, url: str, token: str, *, default: bool = True) -> Path:
    """Keep a server's token in the home's file, and make the server the place where runs go.

    Everything else in the file, comments too, stays as it is. The file is readable by its owner only; it is
    replaced in one step, so that a crash leaves the old one. Returns its path.

    Raises:
        InvalidSettings: the file there is no TOML.
    """
    path = home / FILE_NAME
    _read(path)
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    first = next((i for i, line in enumerate(lines) if line.lstrip().startswith("[")), len(lines))
    top, tables = lines[:first], lines[first:]
    if default:
        top = [line for line in top if line.partition("=")[0].strip() != "url"]
        top.insert(0, f"url = {_quoted(url)}")
    place = next((i for i, line in enumerate(tables) if line.strip() == "[tokens]"), None)
    if place is None:
        tables = [*tables, "", "[tokens]"]
        place = len(tables) - 1
    tables = [line for line in tables if not line.strip().startswith(_quoted(url))]
    tables.insert(place + 1, f"{_quoted(url)} = {_quoted(token)}")
    text = "\n".join([*top, *tables]).strip() + "\n"
    home.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{FILE_NAME}.{os.getpid()}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    fresh.replace(path)
    return path


def _quoted(text: str) -> str:
    """`text` as a TOML string."""
    return msgspec.json.encode(text).decode()


def _default_home() -> str:
    import platformdirs

    return platformdirs.user_data_dir("runcite", appauthor=False)


def _nearest(start: Path) -> dict[str, Any]:
    for folder in (start, *start.parents):
        if table := _read(folder / FILE_NAME):
            return table
    return {}


def _read(path: Path) -> dict[str, Any]:
    try:
        data = path.read_bytes()
    except OSError:
        return {}
    import tomllib  # only where there is a file: a training process has usually none

    try:
        return tomllib.loads(data.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidSettings(f"{path} is no TOML: {error}.", remedy="Mend the line, or remove the file.") from None


def _without_password(url: str) -> str:
    head, _, tail = url.rpartition("@")
    return f"{head.partition('//')[0]}//…@{tail}" if head else url
