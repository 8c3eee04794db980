"""The same packages again: found, built anew from wheels, or said to be gone by name."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import msgspec
import pytest

from tests.tracker.reproduce.conftest import TRAIN, Studio
from tracker.record import Record
from tracker.reproduce.environment import differences, look, ready, requirements
from tracker.snapshot import Package, Python

SCALED = TRAIN.replace("import tracker", "import tiny, tracker").replace("rng.random()", "rng.random() * tiny.FACTOR")


@pytest.fixture(autouse=True)
def no_index(monkeypatch: pytest.MonkeyPatch, wheels: Path, tmp_path: Path) -> None:
    """The installer sees a folder of wheels, and nothing else."""
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheels))
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    settings = tmp_path / "uv.toml"
    settings.write_text(f"no-index = true\nfind-links = [{str(wheels)!r}]\n")
    monkeypatch.setenv("UV_CONFIG_FILE", str(settings))


def scaled(studio: Studio) -> Record:
    studio.write("train.py", SCALED)
    studio.commit()
    return studio.train()


def with_python(record: Record, **changes: object) -> Record:
    """The record of a run under another interpreter, which is not on this machine any more."""
    python = record.snapshot.python
    assert python is not None
    python = msgspec.structs.replace(python, executable="/nowhere/bin/python", **changes)
    return msgspec.structs.replace(record, snapshot=msgspec.structs.replace(record.snapshot, python=python))


def with_tiny(record: Record, version: str, source: str | None = None) -> Record:
    python = record.snapshot.python
    assert python is not None
    others = tuple(package for package in python.packages if package.name != "tiny")
    return with_python(record, packages=(*others, Package("tiny", version, source)))


@pytest.fixture
def programs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder that comes first in PATH, behind it only the system's own programs."""
    folder = tmp_path / "programs"
    folder.mkdir()
    git = Path(str(shutil.which("git"))).parent
    monkeypatch.setenv("PATH", os.pathsep.join([str(folder), str(git), "/usr/bin", "/bin"]))
    return folder


@pytest.mark.parametrize("installer", ["uv", "pip"])
def test_the_exact_packages_are_built_where_they_are_not_here_and_kept(
    studio: Studio, programs: Path, installer: str
) -> None:
    record = with_python(scaled(studio))
    if installer == "uv":
        (programs / "uv").symlink_to(Path(sys.executable).parent / "uv")
    result = studio.again(record)
    assert result.verdict == "exact", result
    assert dict(studio.told)["environment"].startswith("built CPython")
    (made,) = (studio.settings.home / "environments").iterdir()
    (who,) = made.glob("lib/python*/site-packages/tiny-1.0.dist-info/INSTALLER")
    assert who.read_text().strip() == installer
    if installer == "uv":
        assert ready(record, studio.settings.home, allow_drift=False).python.is_relative_to(made), "it is kept"


@pytest.mark.parametrize("installer", ["uv", "pip"])
def test_a_version_that_is_gone_is_named_and_with_drift_the_nearest_is_taken_and_said(
    studio: Studio, programs: Path, installer: str
) -> None:
    if installer == "uv":
        (programs / "uv").symlink_to(Path(sys.executable).parent / "uv")
    record = with_tiny(scaled(studio), "2.0")
    result = studio.again(record)
    assert (result.verdict, result.stage) == ("could-not-run", "environment")
    assert result.findings[0].code == "package-missing" and "tiny==2.0" in result.findings[0].sentence
    result = studio.again(record, allow_env_drift=True)
    told = {finding.code: finding.sentence for finding in result.findings}
    assert result.verdict == "differs"
    assert "tiny==3.0 was taken" in told["package-missing"]
    assert "tiny 2.0 → 3.0" in told["packages-differ"]


@pytest.mark.parametrize(
    ("changes", "code", "named"),
    [
        ({"version": "3.11.99"}, "python-missing", "3.11.99"),
        ({"packages": ()}, "environment-unknown", "packages"),
        ({"packages": (Package("mine", "1", "editable git+local@" + "a" * 40),)}, "package-local", "mine"),
        ({"packages": (Package("env", "1", "conda 0"),)}, "package-local", "env"),
    ],
)
def test_what_can_not_be_had_is_named(studio: Studio, changes: dict[str, object], code: str, named: str) -> None:
    result = studio.again(with_python(studio.train(), **changes))
    assert (result.verdict, result.stage, result.findings[0].code) == ("could-not-run", "environment", code)
    assert named in result.findings[0].sentence


def test_another_platform_is_named(studio: Studio) -> None:
    record = studio.train()
    machine = record.snapshot.machine
    assert machine is not None
    machine = msgspec.structs.replace(machine, arch="riscv64")
    record = msgspec.structs.replace(record, snapshot=msgspec.structs.replace(record.snapshot, machine=machine))
    result = studio.again(record)
    assert (result.stage, result.findings[0].code) == ("environment", "platform-differs")
    result = studio.again(record, allow_env_drift=True)
    assert result.verdict == "exact" and "platform-differs" in {finding.code for finding in result.findings}


def test_requirements_name_an_index_a_commit_or_an_archive_and_never_a_folder() -> None:
    commit = "git+https://example.org/team/lib@" + "a" * 40
    archive = "https://example.org/lib-1.tar.gz#sha256=" + "b" * 64
    packages = (
        Package("numpy", "2.4.6"),
        Package("lib", "1", commit),
        Package("other", "1", f"editable {commit}"),
        Package("archive", "1", archive),
        Package("own", "1", "editable"),
        Package("runcite", "1"),
        Package("touched", "1", f"editable {commit}, changed"),
        Package("option", "1", "--index-url=https://evil.example"),
        Package("file", "1", "file:///etc/passwd"),
    )
    lines, findings = requirements(Python("3.11.7", "CPython", "python", packages))
    assert lines == ("numpy==2.4.6", f"lib @ {commit}", f"other @ {commit}", f"archive @ {archive}")
    assert len(findings) == 3


@pytest.mark.parametrize("name", ["-r/etc/passwd", "a b", "x;rm", "--editable"])
def test_a_package_whose_name_is_none_is_never_passed_to_an_installer(name: str) -> None:
    lines, findings = requirements(Python("3.11.7", "CPython", "python", (Package(name, "1"), Package("ok", "1 -e ."))))
    assert lines == () and {finding.code for finding in findings} == {"package-hostile"}


def test_an_environment_is_equal_to_itself(lean: Path) -> None:
    seen = look(lean)
    assert seen is not None and differences(seen, seen) == ()
    without = msgspec.structs.replace(seen, packages=seen.packages[1:])
    assert len(differences(seen, without)) == len(differences(without, seen)) == 1
