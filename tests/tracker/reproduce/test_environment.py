"""The same packages again: found, built anew from wheels, or said to be gone by name."""

from __future__ import annotations

import os
import shutil
import sys
import zipfile
from pathlib import Path

import msgspec
import pytest

from tests.tracker.reproduce.conftest import TRAIN, Studio
from tracker.record import Record
from tracker.reproduce.environment import differences, look, ready, requirements
from tracker.snapshot import Package, Python

SCALED = TRAIN.replace("import tracker", "import tiny, tracker").replace("rng.random()", "rng.random() * tiny.FACTOR")


LACKING: list[tuple[dict[str, object], str, str]] = [
    ({"version": "3.11.99"}, "python-missing", "3.11.99"),
    ({"packages": ()}, "environment-unknown", "packages"),
    ({"packages": (Package("mine", "1", "editable git+local@" + "a" * 40),)}, "package-local", "mine"),
    ({"packages": (Package("env", "1", "conda 0"),)}, "package-local", "env"),
]


@pytest.fixture
def index(wheels: Path, tmp_path: Path) -> Path:
    """A folder of wheels, from which some may be taken away."""
    return shutil.copytree(wheels, tmp_path / "index", copy_function=os.link)


@pytest.fixture(autouse=True)
def no_index(monkeypatch: pytest.MonkeyPatch, index: Path, tmp_path: Path) -> None:
    """The installer sees a folder of wheels, and nothing else."""
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(index))
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_NO_COMPILE", "1")
    settings = tmp_path / "uv.toml"
    settings.write_text(f"no-index = true\nfind-links = [{str(index)!r}]\n")
    monkeypatch.setenv("UV_CONFIG_FILE", str(settings))


@pytest.fixture
def own(lean: Path, tmp_path: Path) -> Path:
    """The lean environment again, whose packages may be changed."""
    return shutil.copytree(lean.parents[1], tmp_path / "own", symlinks=True)


def place(environment: Path, wheel: Path, *, instead_of: str) -> None:
    """Another version of tiny, as an installer puts it in place of the one that is there."""
    (site,) = environment.glob("lib/python*/site-packages")
    shutil.rmtree(site / f"tiny-{instead_of}.dist-info")
    for compiled in site.glob("__pycache__/tiny.*"):
        compiled.unlink()
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(site)


def installed(studio: Studio) -> Path:
    """The environment that was built."""
    (made,) = (studio.settings.home / "environments").iterdir()
    return made


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


@pytest.fixture
def programs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder that comes first in PATH, behind it only the system's own programs."""
    folder = tmp_path / "programs"
    folder.mkdir()
    git = Path(str(shutil.which("git"))).parent
    monkeypatch.setenv("PATH", os.pathsep.join([str(folder), str(git), "/usr/bin", "/bin"]))
    return folder


@pytest.mark.parametrize("installer", ["uv", "pip"])
def test_where_another_version_is_the_recorded_one_is_built_and_one_that_is_gone_is_named(
    studio: Studio, index: Path, own: Path, programs: Path, installer: str
) -> None:
    if installer == "uv":
        (programs / "uv").symlink_to(Path(sys.executable).parent / "uv")
    studio.python = own / "bin" / "python"
    record = scaled(studio)
    place(own, index / "tiny-1.1-py3-none-any.whl", instead_of="1.0")
    if installer == "uv":
        result = studio.again(record)
        assert result.verdict == "exact", result
        assert dict(studio.told)["environment"].startswith("built CPython")
        made = installed(studio)
        assert ready(record, studio.settings.home, allow_drift=False).python.is_relative_to(made), "it is kept"
        shutil.rmtree(made)

    (index / "tiny-1.0-py3-none-any.whl").unlink()
    if installer == "uv":
        result = studio.again(record)
        assert (result.verdict, result.stage) == ("could-not-run", "environment")
        assert result.findings[0].code == "package-missing" and "tiny==1.0" in result.findings[0].sentence
    result = studio.again(record, allow_env_drift=True)
    told = {finding.code: finding.sentence for finding in result.findings}
    assert result.verdict == "differs"
    assert "tiny==1.1 was taken" in told["package-missing"]
    assert "tiny 1.0 → 1.1" in told["packages-differ"]
    (who,) = installed(studio).glob("lib/python*/site-packages/tiny-1.1.dist-info/INSTALLER")
    assert who.read_text().strip() == installer


def test_what_can_not_be_had_is_named_and_another_platform_too(studio: Studio) -> None:
    record = studio.train()
    for changes, code, named in LACKING:
        result = studio.again(with_python(record, **changes))
        assert (result.verdict, result.stage, result.findings[0].code) == ("could-not-run", "environment", code)
        assert named in result.findings[0].sentence
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
