"""Container, compose file, unit and guide name what exists: services, settings, commands, files."""

from __future__ import annotations

import configparser
import contextlib
import io
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot import slack
from bot.app import READY_PATH
from bot.cli import BOT_PORT
from bot.settings import load_bot
from tracker.cli import main

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if service["image"].startswith("runcite")}
GUIDE = (DEPLOY / "README.md").read_text()
UNIT = configparser.RawConfigParser(strict=False)
UNIT.optionxform = str
UNIT.read_string((DEPLOY / "runcite.service").read_text())
BESIDE = {"POSTGRES_PASSWORD", "RUNCITE_LISTEN"}
"""Variables that compose itself reads, and no code of ours."""


def known_settings() -> set[str]:
    """The names of all settings, as the two modules that read the environment write them."""
    tracker, bot = (ROOT / "tracker/settings.py").read_text(), (ROOT / "bot/settings.py").read_text()
    asked = {f"RUNCITE_{name.upper()}" for name in re.findall(r"(?<![.\w])get\(\"(\w+)\"\)", tracker)}
    return asked | set(re.findall(r"\"((?:RUNCITE|SLACK)_[A-Z_]+)\"", tracker + bot))


def table(heading: str) -> dict[str, str]:
    """The first table under a heading of the guide: first column to second, code marks taken off the first."""
    section = GUIDE.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {row[0].strip("`"): row[1] for row in rows[2:]}


def example() -> dict[str, str]:
    """Every variable of env.example, the ones in comments too."""
    lines = (DEPLOY / "env.example").read_text().splitlines()
    found = [re.fullmatch(r"(?:# )?([A-Z][A-Z_]+)=(.*)", line) for line in lines]
    return {match[1]: match[2] for match in found if match}


def helped(*command: str) -> str:
    """What a command of ours says of itself; its options are in there. Asked in this process, which is quicker."""
    told = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(told):
        patch.setenv("COLUMNS", "200")
        assert main([*command, "--help"]) == 0
    return told.getvalue()


def check_command(words: list[str]) -> bool:
    """The command exists, and takes the options that are given."""
    told = helped(words[0])
    for word in words[1:]:
        if word.startswith("--"):
            assert re.search(rf"{re.escape(word.partition('=')[0])}\b", told), f"runcite {words[0]} takes no {word}"
    return True


def test_server_bot_and_database_are_there_and_wait_for_one_another() -> None:
    assert set(SERVICES) == {"postgres", "server", "bot"}
    assert SERVICES["server"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    assert SERVICES["bot"]["depends_on"] == {"server": {"condition": "service_healthy"}}
    assert all("healthcheck" in service for service in SERVICES.values())


def test_what_is_kept_lies_in_named_volumes() -> None:
    used = {volume.partition(":")[0] for service in SERVICES.values() for volume in service.get("volumes", ())}
    assert used == set(COMPOSE["volumes"])
    home = re.search(r"RUNCITE_HOME=(\S+)", (DEPLOY / "Dockerfile").read_text())
    assert home is not None
    assert all(f"data:{home[1]}" in service["volumes"] for service in OURS.values())


@pytest.mark.parametrize("service", OURS)
def test_a_service_is_given_settings_that_exist(service: str) -> None:
    given = {name for name in OURS[service]["environment"] if name.startswith(("RUNCITE_", "SLACK_"))}
    assert given <= known_settings()


def test_no_secret_is_written_into_the_compose_file() -> None:
    for service in SERVICES.values():
        for name, value in service.get("environment", {}).items():
            if re.search("TOKEN|SECRET|PASSWORD", name):
                assert re.fullmatch(r"\$\{\w+:\?set it in deploy/\.env\}", value), name
    assert ".env" in (ROOT / ".gitignore").read_text().split()


def test_the_bot_starts_with_what_compose_gives_it(tmp_path: Path) -> None:
    env = example() | {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1", "POSTGRES_PASSWORD": "x"}

    def fill(match: re.Match[str]) -> str:
        return env.get(match[1]) or match[2] or ""

    given: dict[str, str] = OURS["bot"]["environment"]
    filled = {name: re.sub(r"\$\{(\w+):(?:-([^}]*)|\?[^}]*)\}", fill, value) for name, value in given.items()}
    config = load_bot(filled | {"RUNCITE_HOME": str(tmp_path)})
    assert config.socket_mode
    assert config.tracker.url == "postgresql+psycopg://runcite@postgres/runcite"
    assert config.is_strict("C1", "results-team-3")


@pytest.mark.parametrize("service", OURS)
def test_a_service_runs_a_command_that_exists(service: str) -> None:
    assert check_command(OURS[service]["command"])


def test_the_image_and_the_unit_run_commands_that_exist() -> None:
    docker = (DEPLOY / "Dockerfile").read_text()
    entry, command = (
        yaml.safe_load(re.findall(rf"^{word} (\[.*\])$", docker, re.MULTILINE)[0]) for word in ("ENTRYPOINT", "CMD")
    )
    assert entry == ["runcite"]
    check_command(command)
    program, *words = shlex.split(UNIT["Service"]["ExecStart"])
    assert program == "/opt/runcite/bin/runcite"
    check_command(words)


def test_the_image_is_built_from_files_that_exist() -> None:
    docker = (DEPLOY / "Dockerfile").read_text()
    copied = [word for line in re.findall(r"^COPY (?!--from)(.*) \S+$", docker, re.MULTILINE) for word in line.split()]
    allowed = re.findall(r"^!(.+)$", (DEPLOY / "Dockerfile.dockerignore").read_text(), re.MULTILINE)
    assert sorted(copied) == sorted(allowed)
    assert all((ROOT / name).exists() for name in copied)
    assert re.search(r"^USER runcite$", docker, re.MULTILINE)


def test_the_ports_agree() -> None:
    port = re.search(r"DEFAULT_PORT = (\d+)", (ROOT / "tracker/server/config.py").read_text())
    assert port is not None
    assert f"EXPOSE {port[1]}" in (DEPLOY / "Dockerfile").read_text()
    assert SERVICES["server"]["ports"] == [f"${{RUNCITE_LISTEN:-127.0.0.1:{port[1]}}}:{port[1]}"]
    assert f"127.0.0.1:{port[1]}/readyz" in SERVICES["server"]["healthcheck"]["test"][-1]
    assert f"127.0.0.1:{BOT_PORT}{READY_PATH}" in SERVICES["bot"]["healthcheck"]["test"][-1]


def test_the_example_of_the_secrets_names_what_is_read() -> None:
    assert set(example()) <= known_settings() | BESIDE
    asked_for = set(re.findall(r"\$\{(\w+)", (DEPLOY / "compose.yaml").read_text()))
    assert asked_for <= set(example())


def test_the_unit_keeps_its_secrets_in_a_file_and_its_data_in_its_own_folder() -> None:
    service = UNIT["Service"]
    assert service["EnvironmentFile"] == "/etc/runcite.env"
    assert service["StateDirectory"] == "runcite"
    text = (DEPLOY / "runcite.service").read_text()
    assert "Environment=RUNCITE_HOME=/var/lib/runcite\n" in text
    assert set(re.findall(r"^Environment=(RUNCITE_\w+|SLACK_\w+)=", text, re.MULTILINE)) <= known_settings()


def test_the_guides_table_of_scopes_is_the_bots_own() -> None:
    assert table("What the app may do") == slack.SCOPES


def test_the_guides_table_of_settings_is_complete() -> None:
    assert set(table("Settings")) == known_settings()


def test_the_guides_commands_name_files_that_exist() -> None:
    blocks = "".join(re.findall(r"```console\n(.*?)```", GUIDE, re.DOTALL))
    named = set(re.findall(r"deploy/[\w.-]+", blocks)) - {"deploy/.env"}
    assert named
    assert all((ROOT / name).exists() for name in named)
