"""What git knows beside the files: remotes, what is pushed, bundles, submodules, and the odd repositories."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import pytest

from tracker.capture import git
from tracker.capture.shelf import Limits

from .cases import TOKENS
from .conftest import Look, Repository


@pytest.fixture
def pushed(repo: Repository, tmp_path: Path) -> Repository:
    """The repository with a bare `origin` that has everything."""
    repo.git("init", "-q", "--bare", str(tmp_path / "origin.git"))
    repo.git("remote", "add", "origin", str(tmp_path / "origin.git"))
    repo.git("push", "-q", "-u", "origin", "main")
    return repo


def test_a_pushed_commit_needs_no_bundle(pushed: Repository, look: Look) -> None:
    state = look().code.git
    assert state is not None
    assert (state.pushed, state.bundle) == (True, None)
    assert state.remote == pushed.git("remote", "get-url", "origin")


def test_unpushed_commits_travel_as_a_bundle_that_rebuilds_them(pushed: Repository, look: Look, tmp_path: Path) -> None:
    pushed.write("model.py", "width = 99\n")
    commit = pushed.commit("wider")
    seen = look()
    assert seen.code.git is not None
    assert seen.code.git.pushed is False
    assert seen.code.git.bundle is not None
    (tmp_path / "x.bundle").write_bytes(seen.kept.content[seen.code.git.bundle])
    elsewhere = Repository(tmp_path / "elsewhere")
    subprocess.run(["git", "clone", "-q", str(tmp_path / "origin.git"), str(elsewhere.root)], check=True)
    elsewhere.git("fetch", "-q", str(tmp_path / "x.bundle"), "HEAD")
    elsewhere.git("checkout", "-q", commit)
    assert (elsewhere.root / "model.py").read_text() == "width = 99\n"


def test_without_a_remote_the_bundle_holds_the_whole_history(repo: Repository, look: Look, tmp_path: Path) -> None:
    repo.write("model.py", "width = 99\n")
    commit = repo.commit()
    repo.git("checkout", "-q", "--detach")
    seen = look()
    assert seen.code.git is not None
    assert seen.code.git.pushed is None
    (tmp_path / "x.bundle").write_bytes(seen.kept.content[seen.code.git.bundle or ""])
    subprocess.run(["git", "clone", "-q", str(tmp_path / "x.bundle"), str(tmp_path / "copy")], check=True)
    assert Repository(tmp_path / "copy").git("rev-parse", "HEAD") == commit


def test_commits_too_large_to_travel_are_told(pushed: Repository, look: Look) -> None:
    pushed.write("weights.bin", bytes(range(256)) * 400)
    pushed.commit()
    seen = look(limits=Limits(bundle_size=100))
    assert seen.code.git is not None
    assert seen.code.git.bundle is None
    assert seen.snapshot.problems[0].startswith("The 1 unpushed commit were not stored: they are larger than")


def test_commits_that_hold_secrets_do_not_travel(pushed: Repository, look: Look) -> None:
    pushed.write(".env", "X=1\n")
    pushed.commit("oops")
    pushed.git("rm", "-q", ".env")
    pushed.commit("gone, but in the history")
    named = look()
    assert named.code.git is not None
    assert named.code.git.bundle is None
    assert "named like a secret: .env" in named.snapshot.problems[0]
    pushed.git("push", "-q")
    pushed.write("note.txt", TOKENS["RSA key"] + "\n")
    pushed.commit("oops again")
    keyed = look()
    assert keyed.code.git is not None
    assert keyed.code.git.bundle is None
    assert "private key" in keyed.snapshot.problems[0]


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("https://ada:lovelace1@github.com/a/b.git", "https://github.com/a/b.git"),
        (f"https://{TOKENS['GitHub classic']}@github.com/a/b.git", "https://github.com/a/b.git"),
        ("git@github.com:a/b.git", "git@github.com:a/b.git"),
    ],
)
def test_a_remote_is_told_without_credentials(repo: Repository, look: Look, url: str, told: str) -> None:
    repo.git("remote", "add", "origin", url)
    seen = look()
    assert seen.code.git is not None
    assert seen.code.git.remote == told
    assert [item.where for item in seen.snapshot.scrubbed] == (["git remote origin"] if url != told else [])


def test_the_branchs_own_remote_comes_before_origin(repo: Repository, look: Look) -> None:
    repo.git("remote", "add", "origin", "https://example.org/origin.git")
    repo.git("remote", "add", "fork", "https://example.org/fork.git")
    repo.git("config", "branch.main.remote", "fork")
    state = look().code.git
    assert state is not None
    assert state.remote == "https://example.org/fork.git"


def test_a_secret_in_the_commit_message_is_scrubbed(repo: Repository, look: Look) -> None:
    repo.write("model.py", "width = 9\n")
    repo.commit(f"use {TOKENS['Slack bot']}")
    state = look().code.git
    assert state is not None
    assert state.message == "use [scrubbed]"


def test_a_shallow_clone_is_seen_like_any_other(pushed: Repository, look: Look, tmp_path: Path) -> None:
    pushed.write("model.py", "width = 9\n")
    pushed.commit("second")
    pushed.git("push", "-q")
    shallow = Repository(tmp_path / "shallow")
    origin = f"file://{tmp_path / 'origin.git'}"
    subprocess.run(["git", "clone", "-q", "--depth", "1", origin, str(shallow.root)], check=True)
    shallow.write("train.py", "import model, new\n")
    shallow.commit("third")
    seen = look(shallow.root / "train.py", shallow.root)
    assert seen.code.git is not None
    assert seen.code.git.pushed is False
    assert seen.code.git.bundle is not None
    assert seen.snapshot.problems == ()


def test_a_submodule_counts_by_its_commit_and_its_changed_files(repo: Repository, look: Look, tmp_path: Path) -> None:
    library = Repository(tmp_path / "library")
    library.root.mkdir()
    library.git("init", "-q")
    library.write("layers.py")
    library.commit()
    repo.git("submodule", "--quiet", "add", str(library.root), "lib")
    repo.commit("with a submodule")
    assert not look().code.dirty
    inner = Repository(repo.root / "lib")
    inner.write("layers.py", "y = 2\n")
    inner.write("fresh.py")
    assert set(look().files) == {"lib/layers.py", "lib/fresh.py"}
    commit = inner.commit("moved on")
    seen = look()
    assert {name: file.mode for name, file in seen.files.items()} == {"lib": "submodule"}
    assert seen.content("lib").decode() == commit
    assert any("lib stands on a commit that is on no remote branch" in problem for problem in seen.snapshot.problems)


def test_a_repository_lying_untracked_in_this_one_is_looked_into(repo: Repository, look: Look) -> None:
    nested = Repository(repo.root / "third_party/apex")
    nested.root.mkdir(parents=True)
    nested.git("init", "-q")
    nested.write("fused.py")
    commit = nested.commit()
    nested.write("new.py")
    seen = look()
    assert seen.content("third_party/apex").decode() == commit
    assert set(seen.files) == {"third_party/apex", "third_party/apex/new.py"}


def test_lfs_pointers_are_seen_without_git_lfs(repo: Repository, look: Look) -> None:
    repo.write(".gitattributes", "*.bin filter=lfs diff=lfs merge=lfs -text\n")
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize 12345\n"
    repo.write("weights.bin", pointer)
    repo.commit("a pointer")
    for setting in (
        "filter.lfs.required true",
        "filter.lfs.clean git-lfs-missing-clean",
        "filter.lfs.process git-lfs-missing",
    ):
        repo.git("config", *setting.split(" ", 1))
    assert not look().code.dirty
    repo.write("weights.bin", pointer.replace("12345", "99999"))
    seen = look()
    assert b"size 99999" in seen.content("weights.bin")
    assert seen.snapshot.problems == ()


def test_a_folder_in_no_repository_has_none(tmp_path: Path) -> None:
    assert git.find(tmp_path, deadline=time.monotonic() + 10) is None


@pytest.mark.parametrize("content", ["", "gitdir: /nowhere/at/all\n", "\0"])
def test_a_broken_repository_is_a_problem_and_not_an_error(repo: Repository, look: Look, content: str) -> None:
    subprocess.run(["rm", "-r", str(repo.root / ".git")], check=True)
    repo.write(".git", content)
    seen = look()
    assert seen.code.git is None
    assert {"train.py", "model.py"} <= set(seen.files)
    assert seen.snapshot.problems


def test_a_git_that_takes_too_long_is_ended_and_the_record_says_so(
    repo: Repository, look: Look, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A real slow git: a clean filter that sleeps, on a file whose time stamp makes git read it again."""
    repo.write(".gitattributes", "slow.bin filter=slow\n")
    repo.write("slow.bin", "x\n")
    repo.commit()
    repo.git("config", "filter.slow.clean", "sleep 30; cat")
    repo.write("slow.bin", "y\n")
    began = time.monotonic()
    seen = look(limits=Limits(seconds=2))
    assert time.monotonic() - began < 10
    assert "took longer than" in " ".join(seen.snapshot.problems)
    assert seen.code.git is not None
    assert seen.code.git.commit == repo.git("rev-parse", "HEAD")


def test_thousands_of_files_are_asked_for_at_once(repo: Repository, look: Look) -> None:
    """Git's own fast import makes them in a moment; the bound catches a look that asks git for each file."""
    blob = "blob\nmark :1\ndata 4\nx=1\n\n"
    files = "".join(f"M 100644 :1 src/d{number // 100}/m{number}.py\n" for number in range(5000))
    stream = f"{blob}commit refs/heads/big\ncommitter A <a@example.org> 0 +0000\ndata 3\nbig\n{files}\n"
    subprocess.run(["git", "fast-import", "--quiet"], cwd=repo.root, input=stream.encode(), check=True)
    repo.git("checkout", "-q", "big")
    repo.write("src/d0/m0.py", "y=2\n")
    began = time.monotonic()
    seen = look(repo.root / "src/d0/m0.py")
    assert set(seen.files) == {"src/d0/m0.py"}
    assert time.monotonic() - began < 10
