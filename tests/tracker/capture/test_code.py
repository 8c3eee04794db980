"""The exact code, on real repositories: everything that differs from the commit is stored, whatever git is told."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tracker.capture import code
from tracker.capture.shelf import Limits
from tracker.snapshot import canonical, code_digest

from .cases import TOKENS
from .conftest import Kept, Look, Repository, Seen, origin_of


def test_a_clean_repository_is_its_commit(repo: Repository, look: Look) -> None:
    seen = look()
    assert seen.code.git is not None
    assert seen.code.git.commit == repo.git("rev-parse", "HEAD")
    assert (seen.code.git.branch, seen.code.git.remote, seen.code.git.pushed) == ("main", None, None)
    assert seen.code.git.message == "first"
    assert seen.code.script == "train.py"
    assert not seen.code.dirty
    assert seen.snapshot.problems == ()


def test_modified_untracked_and_deleted_files_are_seen_and_ignored_ones_not(repo: Repository, look: Look) -> None:
    repo.write("train.py", "import model, new\n")
    repo.write("pkg/new.py", "fresh = True\n")
    repo.write("noise.log", "…")
    repo.write("outputs/model.pt", b"\0\1")
    (repo.root / "model.py").unlink()
    seen = look()
    assert {name: file.change for name, file in seen.files.items()} == {
        "model.py": "deleted",
        "pkg/new.py": "untracked",
        "train.py": "modified",
    }
    assert seen.content("train.py") == b"import model, new\n"
    assert seen.content("pkg/new.py") == b"fresh = True\n"
    assert seen.files["model.py"].digest is None


def test_staging_changes_nothing_of_what_is_seen(repo: Repository, look: Look) -> None:
    repo.write("train.py", "import model, new\n")
    repo.write("new.py")
    repo.git("rm", "-q", "model.py")
    before = look()
    repo.git("add", "-A")
    after = look()
    assert after.code.changed == before.code.changed
    assert code_digest(after.code) == code_digest(before.code)


def test_a_file_removed_from_the_index_and_still_there_is_modified(repo: Repository, look: Look) -> None:
    repo.git("rm", "-q", "--cached", "model.py")
    assert look().files["model.py"].change == "modified"


def test_a_rename_is_a_deletion_and_a_new_file(repo: Repository, look: Look) -> None:
    repo.git("mv", "model.py", "network.py")
    assert {name: file.change for name, file in look().files.items()} == {
        "model.py": "deleted",
        "network.py": "untracked",
    }


def test_modes_and_links_are_kept(repo: Repository, look: Look) -> None:
    repo.write("run.sh", "echo\n").chmod(0o755)
    (repo.root / "latest").symlink_to("outputs/model.pt")
    (repo.root / "loop").symlink_to("loop")
    (repo.root / "train.py").chmod(0o755)
    seen = look()
    modes = {name: file.mode for name, file in seen.files.items()}
    assert modes == {"run.sh": "executable", "latest": "symlink", "loop": "symlink", "train.py": "executable"}
    assert seen.content("latest") == b"outputs/model.pt"


def test_a_conflict_is_stored_as_it_lies_there(repo: Repository, look: Look) -> None:
    repo.git("checkout", "-q", "-b", "other")
    repo.write("model.py", "width = 16\n")
    repo.commit()
    repo.git("checkout", "-q", "main")
    repo.write("model.py", "width = 32\n")
    repo.commit()
    repo.git("merge", "other", check=False)
    assert b"<<<<<<<" in look().content("model.py")


@pytest.mark.parametrize(
    "setting",
    [
        "status.showUntrackedFiles=no",
        "status.relativePaths=true",
        "status.renames=copies",
        "diff.renames=copies",
        "diff.noprefix=true",
        "diff.mnemonicPrefix=true",
        "diff.external=false",
        "diff.ignoreSubmodules=all",
        "color.ui=always",
        "color.status=always",
        "core.quotePath=true",
        "core.fsmonitor=false-program",
        "core.pager=false",
        "core.hooksPath=hooks",
        "log.showSignature=true",
        "i18n.logOutputEncoding=UTF-16",
        "format.pretty=oneline",
        "core.untrackedCache=true",
        "column.ui=always",
        "alias.status=log",
        "status.branch=true",
        "status.short=true",
    ],
)
def test_no_setting_of_the_user_changes_what_is_seen(repo: Repository, look: Look, setting: str) -> None:
    repo.write("train.py", "import model, new\n")
    repo.write("pkg/größe.py")
    repo.git("mv", "model.py", "network.py")
    plain = look()
    repo.git("config", *setting.split("=", 1))
    assert look().snapshot == plain.snapshot


@pytest.mark.parametrize(
    "name", ["GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE", "GIT_OBJECT_DIRECTORY", "GIT_EXTERNAL_DIFF"]
)
def test_variables_left_by_a_calling_git_mislead_nobody(
    repo: Repository, look: Look, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    repo.write("new.py")
    plain = look()
    monkeypatch.setenv(name, str(tmp_path / "elsewhere"))
    assert look().snapshot == plain.snapshot


@pytest.mark.parametrize("flag", ["--assume-unchanged", "--skip-worktree"])
def test_a_change_that_git_was_told_to_overlook_is_seen(repo: Repository, look: Look, flag: str) -> None:
    repo.git("update-index", flag, "model.py")
    assert not look().code.dirty
    repo.write("model.py", "width = 1024\n")
    assert look().content("model.py") == b"width = 1024\n"


def test_looking_leaves_the_repository_as_it_was(repo: Repository, look: Look) -> None:
    repo.write("train.py", "import model, new\n")
    os.utime(repo.root / "model.py", (1, 1))
    index = (repo.root / ".git/index").read_bytes()
    look()
    assert (repo.root / ".git/index").read_bytes() == index
    assert not list((repo.root / ".git").glob("*.lock"))


def test_before_the_first_commit_everything_is_new(tmp_path: Path, look: Look) -> None:
    fresh = Repository(tmp_path / "fresh")
    fresh.root.mkdir()
    fresh.git("init", "-q", "-b", "trunk")
    fresh.write("train.py")
    fresh.write("staged.py")
    fresh.git("add", "staged.py")
    seen = look(fresh.root / "train.py", fresh.root)
    assert seen.code.git is not None
    assert (seen.code.git.commit, seen.code.git.branch) == (None, "trunk")
    assert {file.change for file in seen.code.changed} == {"untracked"}
    assert set(seen.files) == {"train.py", "staged.py"}


def test_a_detached_head_has_a_commit_and_no_branch(repo: Repository, look: Look) -> None:
    repo.git("checkout", "-q", "--detach")
    git = look().code.git
    assert git is not None
    assert (git.commit, git.branch) == (repo.git("rev-parse", "HEAD"), None)


def test_a_worktree_is_seen_as_itself(repo: Repository, look: Look, tmp_path: Path) -> None:
    repo.git("worktree", "add", "-q", "-b", "side", str(tmp_path / "side"))
    side = Repository(tmp_path / "side")
    side.write("model.py", "width = 3\n")
    seen = look(side.root / "train.py", side.root)
    assert seen.code.git is not None
    assert seen.code.git.branch == "side"
    assert set(seen.files) == {"model.py"}


def test_without_a_repository_the_script_and_its_neighbours_are_stored(tmp_path: Path, look: Look) -> None:
    loose = Repository(tmp_path / "loose")
    loose.root.mkdir()
    for name in ("train.py", "model.py", "config.yaml", "pkg/__init__.py", "pkg/deep/layer.py", "data/rows.csv"):
        loose.write(name)
    loose.write(".venv/lib/site.py")
    loose.write("node_modules/x.py")
    loose.write("huge.json", b"0" * 400_000)
    seen = look(loose.root / "train.py", loose.root)
    assert set(seen.files) == {"train.py", "model.py", "config.yaml", "pkg/__init__.py", "pkg/deep/layer.py"}
    assert seen.code.git is None
    assert seen.code.script == "train.py"
    assert "no git repository" in seen.snapshot.problems[0]
    assert code_digest(seen.code) is not None


def test_a_module_without_a_repository_brings_its_package(tmp_path: Path, look: Look) -> None:
    loose = Repository(tmp_path / "loose")
    loose.root.mkdir()
    loose.write("pkg/train.py")
    loose.write("pkg/model.py")
    seen = look(loose.root / "pkg/train.py", loose.root, module="pkg.train")
    assert set(seen.files) == {"pkg/train.py", "pkg/model.py"}
    assert seen.code.script == "pkg/train.py"


def test_a_notebook_is_stored_with_its_cells(repo: Repository, look: Look) -> None:
    notebook = repo.write("explore.ipynb", "{}")
    seen = look(notebook, repo.root, source="lr = 0.1\n\n# %%\ntrain(lr)")
    assert seen.code.script == "explore.ipynb"
    assert seen.content("explore.ipynb") == b"{}"
    assert seen.content("<source>") == b"lr = 0.1\n\n# %%\ntrain(lr)"


def test_an_interactive_session_is_seen_by_its_folder(repo: Repository, look: Look) -> None:
    repo.write("model.py", "width = 9\n")
    seen = look(None)
    assert seen.code.script is None
    assert set(seen.files) == {"model.py"}


def test_a_launcher_of_the_environment_leads_to_the_cwd(repo: Repository, look: Look, tmp_path: Path) -> None:
    launcher = Repository(tmp_path).write("venv/bin/launch")
    seen = look(launcher, repo.root, prefix=str(tmp_path / "venv"))
    assert seen.code.git is not None
    assert seen.code.script == str(launcher)
    app = Repository(tmp_path).write("venv/src/app/train.py", "z = 1\n")
    beside = look(app, repo.root, prefix=str(tmp_path / "venv"))
    assert beside.content("train.py") == b"z = 1\n", "what lies below /usr is not all of the system's"


def test_an_ignored_script_is_stored_all_the_same(repo: Repository, look: Look) -> None:
    for name in ("outputs/try.py", "outputs/[a]*.py", "outputs/:(top)x.py"):
        assert look(repo.write(name, "print(1)\n")).content(name) == b"print(1)\n"


def test_our_own_folder_is_no_part_of_the_code(repo: Repository, look: Look) -> None:
    repo.write(".runcite/journals/r-1/main", b"\0")
    assert not look(without=(repo.root / ".runcite",)).code.dirty
    assert look(without=(repo.root,)).code.dirty, "a home that holds the project hides it not"


def test_file_names_of_any_bytes_are_kept_apart(repo: Repository, look: Look) -> None:
    names = [b"new\nline.py", b'quo"te.py', b"tab\t.py", b"back\\slash.py", b"\xff\xfe.py", b" lead.py", b"-n"]
    names += ["größe.py".encode(), b"*.py", b":(top)x.py", b"$HOME"]
    for name in names:
        (repo.root / os.fsdecode(name)).write_bytes(name)
    seen = look()
    assert {seen.content(file.path) for file in seen.code.changed} == set(names)
    assert "\\xff\\xfe.py" in seen.files
    canonical(seen.snapshot)


NAME = st.binary(min_size=1, max_size=40).map(lambda name: name.translate(None, b"\0/"))
NAMES = st.sets(NAME.filter(lambda name: name not in {b"", b".", b"..", b".git"}), min_size=1, max_size=8)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(names=NAMES)
def test_hostile_names_never_raise_and_lose_no_file(repo: Repository, names: set[bytes]) -> None:
    paths = [repo.root / "pile" / os.fsdecode(name) for name in names]
    (repo.root / "pile").mkdir(exist_ok=True)
    for path in paths:
        path.write_bytes(os.fsencode(path))
    try:
        kept = Kept()
        seen = Seen(code.see(origin_of(repo.root / "train.py", repo.root), kept, Limits()), kept)
        canonical(seen.snapshot)
        assert len(seen.code.changed) + len(seen.code.left_out) == len(names)
        assert seen.snapshot.problems == ()
    finally:
        for path in paths:
            path.unlink()


def test_files_beyond_the_caps_are_left_out_with_the_reason(repo: Repository, look: Look) -> None:
    repo.write("model.py", "width = 9\n")
    repo.write("weights.bin", b"0" * 5000)
    repo.write("a.csv", b"0" * 900)
    repo.write("b.csv", b"0" * 901)
    seen = look(limits=Limits(file_size=4000, total_size=1000))
    assert set(seen.files) == {"a.csv", "model.py"}
    assert seen.reasons["weights.bin"].startswith("it is larger than")
    assert seen.reasons["b.csv"].startswith("the changed files are larger than")
    assert code_digest(seen.code) is None


def test_code_is_stored_before_data_when_there_are_too_many_files(repo: Repository, look: Look) -> None:
    for number in range(300):
        repo.write(f"data/{number}.png", b"0")
    repo.write("zz/new.py", "x = " + "1" * 500)
    repo.write("model.py", "width = 9\n")
    seen = look(limits=Limits(files=3))
    assert {"zz/new.py", "model.py"} < set(seen.files)
    assert len(seen.code.left_out) == 101
    assert seen.code.left_out[-1].reason.startswith("and 199 more")


def test_what_is_no_file_is_left_out(repo: Repository, look: Look) -> None:
    repo.git("rm", "-q", "--cached", "model.py")
    (repo.root / "model.py").unlink()
    os.mkfifo(repo.root / "model.py")
    assert "model.py" in look().files or "model.py" in look().reasons


def test_when_time_is_up_the_rest_is_named_and_nothing_raises(repo: Repository) -> None:
    repo.write("model.py", "width = 9\n")
    ticks = iter(range(10_000))
    for seconds in (0, 1, 2, 3, 5, 8, 13, 21, 34):
        seen = code.see(
            origin_of(repo.root / "train.py", repo.root),
            Kept(),
            Limits(seconds=seconds),
            clock=lambda: float(next(ticks)),
        )
        assert seen.problems or seen.code is not None


def test_a_store_that_fails_leaves_files_out_and_says_why(repo: Repository) -> None:
    repo.write("model.py", "width = 9\n")

    def full(path: Path) -> str:
        raise OSError(28, "No space left on device")

    seen = code.see(origin_of(repo.root / "train.py", repo.root), full, Limits())
    assert seen.code is not None
    assert seen.code.left_out[0].reason == "it could not be stored: No space left on device"
    assert any("unpushed" in problem for problem in seen.problems)


def test_files_that_hold_secrets_stay_behind(repo: Repository, look: Look) -> None:
    for name in (".env", "deploy/id_rsa", "server.pem", "secrets.toml", "sub/.netrc", ".ssh/config"):
        repo.write(name, "nothing to see")
    repo.write(".env.example", "API_KEY=\n")
    repo.write("note.txt", TOKENS["RSA key"])
    repo.write("keys.py", f"TOKEN = {TOKENS['GitHub classic']!r}\nlr = 0.1\n")
    seen = look()
    assert set(seen.files) == {".env.example", "keys.py"}
    assert seen.reasons["note.txt"] == "it holds a private key"
    assert seen.reasons[".env"] == "its name says that it holds secrets"
    assert seen.content("keys.py") == b"TOKEN = '[scrubbed]'\nlr = 0.1\n"
    assert [(item.where, item.why) for item in seen.snapshot.scrubbed] == [("file keys.py", "GitHub token")]
    assert not any(TOKENS["GitHub classic"].encode() in data for data in seen.kept.content.values())


def test_where_git_is_not_installed_the_files_are_stored_without_it(repo: Repository, tmp_path: Path) -> None:
    script = (
        "import sys, msgspec\n"
        "from pathlib import Path\n"
        "from tracker.capture import code\n"
        "from tracker.capture.take import Limits, Origin\n"
        "origin = msgspec.json.decode(sys.stdin.buffer.read(), type=Origin)\n"
        "seen = code.see(origin, lambda path: '0' * 64, Limits())\n"
        "sys.stdout.buffer.write(msgspec.json.encode(seen))\n"
    )
    origin = origin_of(repo.root / "train.py", repo.root)
    ran = subprocess.run(
        [sys.executable, "-c", script],
        input=canonical(origin),
        env={"PATH": str(tmp_path)},
        capture_output=True,
        check=True,
    )
    assert b"git is not installed" in ran.stdout
    assert b'"model.py"' in ran.stdout
