"""Installed distributions, on real ones laid out in a folder as pip and conda lay them out."""

from __future__ import annotations

import json
from importlib import metadata
from pathlib import Path

import pytest

from tracker.capture import packages
from tracker.snapshot import Package, Python, environment_digest

from .cases import TOKENS
from .conftest import Repository, origin_of


def install(site: Path, name: str, version: str, direct_url: object = None) -> None:
    """A distribution's metadata, as an installer writes it."""
    folder = site / f"{name.replace('-', '_')}-{version}.dist-info"
    folder.mkdir(parents=True)
    (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    if direct_url is not None:
        (folder / "direct_url.json").write_text(json.dumps(direct_url))


@pytest.fixture
def site(tmp_path: Path) -> Path:
    folder = tmp_path / "venv/lib/python3.11/site-packages"
    folder.mkdir(parents=True)
    return folder


def seen(site: Path, *more: Path, script: Path | None = None) -> Python:
    path = tuple(map(str, (site, *more)))
    origin = origin_of(script, site, path=path, prefix=str(site.parents[2]))
    python = packages.see(origin).python
    assert python is not None
    return python


def test_every_package_is_listed_with_its_exact_version_in_order(site: Path) -> None:
    install(site, "torch", "2.13.0+cu126")
    install(site, "Numpy", "2.4.0")
    assert seen(site).packages == (Package("Numpy", "2.4.0"), Package("torch", "2.13.0+cu126"))


def test_the_first_of_equal_names_on_the_path_counts(site: Path, tmp_path: Path) -> None:
    other = tmp_path / "other/site-packages"
    install(site, "Some.Thing", "1.0")
    install(other, "some-thing", "2.0")
    assert seen(site, other).packages == (Package("Some.Thing", "1.0"),)


@pytest.mark.parametrize(
    ("direct", "source"),
    [
        ({"url": "https://github.com/a/b.git", "vcs_info": {"vcs": "git", "commit_id": "c0ffee"}}, "git+https://github.com/a/b.git@c0ffee"),
        ({"url": "file:///nowhere/b", "dir_info": {"editable": True}}, "editable"),
        ({"url": "file:///nowhere/b", "dir_info": {}}, "local"),
        ({"url": "https://x.org/b-1.whl", "archive_info": {"hashes": {"sha256": "ab12"}}}, "https://x.org/b-1.whl#sha256=ab12"),
        ({"url": "file:///home/ada/b-1.whl", "archive_info": {}}, "b-1.whl"),
    ],
)  # fmt: skip
def test_a_package_that_is_not_from_an_index_says_whence_it_came(site: Path, direct: object, source: str) -> None:
    install(site, "b", "1", direct)
    assert seen(site).packages == (Package("b", "1", source),)


def test_a_source_with_credentials_is_scrubbed(site: Path) -> None:
    url = f"https://x:{TOKENS['GitHub classic']}@github.com/a/b.git"
    install(site, "b", "1", {"url": url, "vcs_info": {"vcs": "git", "commit_id": "c0ffee"}})
    snapshot = packages.see(origin_of(None, site, path=(str(site),)))
    assert snapshot.python is not None
    assert snapshot.python.packages[0].source == "git+https://github.com/a/b.git@c0ffee"
    assert [item.where for item in snapshot.scrubbed] == ["package b"]


def test_an_editable_package_says_its_commit_and_whether_it_was_changed(site: Path, repo: Repository) -> None:
    install(site, "lib", "1", {"url": repo.root.as_uri(), "dir_info": {"editable": True}})
    commit = repo.git("rev-parse", "HEAD")
    assert seen(site).packages[0].source == f"editable git+local@{commit}"
    repo.write("model.py", "width = 9\n")
    assert seen(site).packages[0].source == f"editable git+local@{commit}, changed"


def test_the_runs_own_repository_is_told_by_the_code_and_not_again(site: Path, repo: Repository) -> None:
    install(site, "project", "1", {"url": repo.root.as_uri(), "dir_info": {"editable": True}})
    assert seen(site, script=repo.root / "train.py").packages[0].source == "editable"


def test_the_way_the_script_was_started_does_not_change_the_environment(site: Path, tmp_path: Path) -> None:
    """`python -m` puts the working folder on the path, and with it an .egg-info that `pip install -e` left."""
    project = tmp_path / "project"
    (project / "project.egg-info").mkdir(parents=True)
    (project / "project.egg-info/PKG-INFO").write_text("Metadata-Version: 2.1\nName: project\nVersion: 1\n")
    install(site, "project", "1", {"url": project.as_uri(), "dir_info": {"editable": True}})
    origin = origin_of(None, tmp_path, path=(str(project), str(site)))
    as_module = packages.see(origin).python
    assert environment_digest(as_module) == environment_digest(seen(site))


def test_broken_metadata_is_passed_over(site: Path) -> None:
    install(site, "good", "1")
    install(site, "odd", "1", None)
    (site / "odd-1.dist-info/direct_url.json").write_text("{not json")
    (site / "empty-1.dist-info").mkdir()
    (site / "binary-1.dist-info").mkdir()
    (site / "binary-1.dist-info/METADATA").write_bytes(b"\xff\xfe\x00Name")
    path = (str(site), "/nowhere", str(site / "good-1.dist-info/METADATA"))
    snapshot = packages.see(origin_of(None, site, path=path))
    assert snapshot.python is not None
    assert {package.name for package in snapshot.python.packages} == {"good", "odd"}
    told = " ".join(snapshot.problems)  # a second reader of metadata, where one is loaded, names an error of its own
    assert "(UnicodeDecodeError)" in told and len(snapshot.problems) >= 2


def test_conda_packages_are_listed_with_their_build(site: Path) -> None:
    records = site.parents[2] / "conda-meta"
    records.mkdir()
    for record in ("cudatoolkit-11.8.0-h6a678d5_0", "numpy-2.4.0-py311_0", "ca-certificates-2026.1-0"):
        (records / f"{record}.json").write_text("{}")
    (records / "history").touch()
    install(site, "numpy", "2.4.0")
    python = seen(site)
    assert python.conda == "venv"
    assert python.packages == (
        Package("ca-certificates", "2026.1", "conda 0"),
        Package("cudatoolkit", "11.8.0", "conda h6a678d5_0"),
        Package("numpy", "2.4.0"),
    )


def test_when_time_is_up_the_record_says_so(site: Path) -> None:
    install(site, "a", "1")
    ticks = iter(range(100))
    snapshot = packages.see(origin_of(None, site, path=(str(site),)), seconds=0, clock=lambda: float(next(ticks)))
    assert snapshot.problems == ("Only 0 packages were seen: there was no time left.",)


def test_this_environment_is_seen_whole() -> None:
    import sys

    python = packages.see(origin_of(None, Path.cwd(), path=tuple(sys.path), prefix=sys.prefix)).python
    assert python is not None
    told = {package.name.lower(): package.version for package in python.packages}
    assert told["msgspec"] == metadata.version("msgspec")
    assert len(told) >= 50
