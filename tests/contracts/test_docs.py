"""The documents are true today: links lead somewhere, commands exist, examples run."""

import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from bot.findings import page
from tracker.cli import main

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "deploy").glob("*.md"))]
TEXTS = {str(path.relative_to(ROOT)): path.read_text() for path in DOCUMENTS}


def fenced(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def linked() -> list[tuple[str, str]]:
    found = [
        (name, target.split("#")[0])
        for name, text in TEXTS.items()
        for target in re.findall(r"\]\(([^)\s]+)\)", text)
        if not target.startswith(("http://", "https://", "#", "mailto:"))
    ]
    return sorted(set(found))


def commands() -> list[str]:
    """Every `runcite COMMAND` that a document tells people to type."""
    said = {word for text in TEXTS.values() for word in re.findall(r"\bruncite ([a-z]+)\b(?!\.)", _code_of(text))}
    return sorted(said)


def _code_of(text: str) -> str:
    blocks = fenced(text, "console") + fenced(text, "sh") + fenced(text, "bash")
    return "\n".join(blocks + re.findall(r"`([^`\n]+)`", text))


def test_the_page_of_findings_lists_every_code_as_it_stands() -> None:
    assert TEXTS["deploy/findings.md"] == page()


@pytest.mark.parametrize(("document", "target"), linked())
def test_a_link_in_a_document_leads_to_a_file(document: str, target: str) -> None:
    assert ((ROOT / document).parent / target).exists()


@pytest.mark.parametrize("command", commands())
def test_a_command_that_a_document_names_exists(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([command, "--help"]) == 0
    said = capsys.readouterr()
    assert f"Usage: runcite {command}" in said.out and not said.err


def test_the_readme_s_python_runs_as_it_stands(tmp_path: Path) -> None:
    first, more, reading = fenced(TEXTS["README.md"], "python")
    (tmp_path / "model.pt").write_bytes(b"weights")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "digits.npz").write_bytes(b"digits")
    sync = "import subprocess, sys, pathlib\n" + (
        "subprocess.run([pathlib.Path(sys.executable).with_name('runcite'), 'sync'], check=True)\n"
    )
    (tmp_path / "example.py").write_text(
        first + textwrap.indent(more, "    ") + sync + reading + "print(best.id, run.id)\n"
    )
    ran = subprocess.run(
        [sys.executable, "example.py"],
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "RUNCITE_HOME": str(tmp_path / "home"), "RUNCITE_SHIPPER": "off"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    found, made = ran.stdout.splitlines()[-1].split()
    assert found == made
