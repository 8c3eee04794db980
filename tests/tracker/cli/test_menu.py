"""The command line: every command has help, errors are one line, start-up loads little."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
import typer

from tracker.cli import main, menu

SUBCOMMANDS = {"members": ("list", "add", "role", "token", "tokens", "revoke", "bind")}


def runcite(*words: str, home: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    environment = {
        "RUNCITE_HOME": str(home),
        "RUNCITE_SHIPPER": "off",
        "PATH": "/usr/bin:/bin",
        "COLUMNS": "80",
        **environ,
    }
    return subprocess.run(
        [sys.executable, "-m", "tracker.cli", *words],
        capture_output=True,
        text=True,
        env=environment,
        cwd=home,
        timeout=60,
        check=False,
    )


def one_line(told: str) -> bool:
    return told.startswith("runcite: ") and told.count("\n") == 1 and "Traceback" not in told


@pytest.mark.parametrize("name", menu.OURS)
def test_every_command_has_help(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    app = import_module(f"tracker.cli.{name}").app
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
    words: tuple[str, ...], code: int, hint: str, tmp_path: Path
) -> None:
    told = runcite(*words, home=tmp_path)
    assert told.returncode == code, told.stderr
    assert one_line(told.stderr), told.stderr
    assert hint in told.stderr


def test_a_setting_that_makes_no_sense_is_one_line(tmp_path: Path) -> None:
    told = runcite("runs", home=tmp_path, RUNCITE_URL="gopher://x")
    assert told.returncode == 1 and one_line(told.stderr)


def test_a_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    script = f"RUNCITE_HOME={tmp_path} {sys.executable} -m tracker.cli | true; echo ${{PIPESTATUS[0]}}"
    told = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=60, check=True)
    assert told.stdout.strip() == "0" and told.stderr == ""
