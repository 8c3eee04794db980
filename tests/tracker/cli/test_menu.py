"""The command line: every command has help, errors are one line, start-up loads little."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib import import_module
from keyword import iskeyword
from pathlib import Path

import pytest
import typer

from tracker.cli import main, menu

SUBCOMMANDS = {"members": ("list", "add", "role", "token", "tokens", "revoke", "bind")}


@pytest.fixture
def at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of one's own, and nothing said by the environment."""
    for name in [name for name in os.environ if name.startswith("RUNCITE_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("RUNCITE_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def one_line(told: str) -> bool:
    return told.startswith("runcite: ") and told.count("\n") == 1 and "Traceback" not in told


@pytest.mark.parametrize("name", menu.OURS)
def test_every_command_has_help(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    app = import_module(f"tracker.cli.{name}{'_' * iskeyword(name)}").app
    assert isinstance(app, typer.Typer)
    assert main([name, "--help"]) == 0
    told = capsys.readouterr().out
    assert f"runcite {name}" in told
    for word in SUBCOMMANDS.get(name, ()):
        assert main([name, word, "--help"]) == 0
        assert "--help" in capsys.readouterr().out


def test_the_overview_lists_every_command_and_loads_none(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    told = capsys.readouterr().out
    assert all(f"  {name} " in told for name in menu.OURS)
    assert all(len(line) <= 80 for line in told.splitlines())
    code = "import sys, tracker.cli; tracker.cli.main([]); print(*sys.modules, file=sys.stderr)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    heavy = {"sqlalchemy", "fastapi", "numpy", "matplotlib", "httpx", "rich.console", "uvicorn"}
    assert heavy & set(loaded.stderr.split()) == set()


@pytest.mark.parametrize(
    ("words", "code", "hint"),
    [
        (("shw",), 2, "runcite show"),
        (("xyzzy",), 2, "runcite --help"),
        (("runs", "--limit", "0"), 2, "runcite runs --help"),
        (("runs", "--no-such"), 2, "runcite runs --help"),
        (("show",), 2, "runcite show --help"),
        (("compare", "r-7K3M9QX2"), 2, "runcite compare --help"),
        (("members", "role", "ada", "king"), 2, "runcite members --help"),
        (("show", "r-xxxxxxxx"), 1, "mistyped"),
        (("show", "hello"), 1, "no run ID"),
        (("board", "nowhere"), 1, "nowhere"),
        (("runs", "--where", "drop table runs"), 1, "runcite:"),
        (("login", "ftp://x"), 1, "no server's address"),
        (("login", "http://127.0.0.1:9", "--token", "rc_x"), 1, "127.0.0.1:9"),
    ],
)
def test_an_error_is_one_line_and_says_what_to_type(
    words: tuple[str, ...], code: int, hint: str, at_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == code
    told = capsys.readouterr().err
    assert one_line(told), told
    assert hint in told


def test_a_setting_that_makes_no_sense_is_one_line(
    at_home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RUNCITE_URL", "gopher://x")
    assert main(["runs"]) == 1
    assert one_line(capsys.readouterr().err)


@pytest.mark.parametrize(
    ("url", "hint"), [("", "pip install 'runcite[server]'"), ("http://127.0.0.1:9", "127.0.0.1:9")]
)
def test_without_the_servers_packages_only_a_server_can_be_asked(tmp_path: Path, url: str, hint: str) -> None:
    code = "import sys; sys.modules['sqlalchemy'] = None; from tracker.cli import main; sys.exit(main(['runs']))"
    environ = {"RUNCITE_HOME": str(tmp_path), "RUNCITE_URL": url, "PATH": "/usr/bin:/bin"}
    told = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environ, cwd=tmp_path, timeout=60, check=False
    )
    assert told.returncode == 1
    assert one_line(told.stderr) and hint in told.stderr


def test_a_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    script = f"RUNCITE_HOME={tmp_path} {sys.executable} -m tracker.cli | true; echo ${{PIPESTATUS[0]}}"
    told = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=60, check=True)
    assert told.stdout.strip() == "0" and told.stderr == ""
