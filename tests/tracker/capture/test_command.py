"""How a process was started, seen in real processes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import ModuleType

import msgspec
import pytest

from tracker.capture import command
from tracker.capture.take import Origin, look, quick

from .cases import TOKENS

SHOW = (
    "import sys, msgspec\nfrom tracker.capture.take import look\nsys.stdout.buffer.write(msgspec.json.encode(look()))\n"
)


def started(cwd: Path, *arguments: str, **environ: str) -> Origin:
    """What `python ARGUMENTS` in `cwd` says of itself."""
    root = str(Path(command.__file__).parents[2])
    ran = subprocess.run(
        [sys.executable, *arguments], cwd=cwd, env={"PYTHONPATH": root, **environ}, capture_output=True, check=True
    )
    return msgspec.json.decode(ran.stdout, type=Origin)


def test_a_script_is_known_by_its_file(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(SHOW)
    origin = started(tmp_path, "train.py", "--lr", "0.1")
    assert origin.argv == ("train.py", "--lr", "0.1")
    assert (origin.script, origin.module, origin.source) == (str(tmp_path / "train.py"), None, None)
    assert (origin.cwd, origin.executable) == (str(tmp_path), sys.executable)


def test_a_module_is_known_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "pkg").mkdir()
    (tmp_path / "pkg/__init__.py").touch()
    (tmp_path / "pkg/__main__.py").write_text(SHOW)
    (tmp_path / "pkg/train.py").write_text(SHOW)
    assert started(tmp_path, "-m", "pkg.train").module == "pkg.train"
    assert started(tmp_path, "-m", "pkg").module == "pkg"
    assert started(tmp_path, "-m", "pkg").script == str(tmp_path / "pkg/__main__.py")


def test_code_on_the_command_line_is_kept_as_source(tmp_path: Path) -> None:
    origin = started(tmp_path, "-c", SHOW, "extra")
    assert (origin.source, origin.script) == (SHOW, None)
    assert origin.argv == ("-c", "extra")


def test_secrets_in_arguments_and_environment_never_leave_the_process(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(SHOW)
    token = TOKENS["GitHub classic"]
    origin = started(tmp_path, "train.py", f"--repo=https://x:{token}@github.com/a/b", NCCL_DEBUG=token, HF_TOKEN=token)
    assert token.encode() not in msgspec.json.encode(origin)
    assert origin.env["NCCL_DEBUG"] == "[scrubbed]"
    assert {item.where for item in origin.scrubbed} == {"argument 1", "environment NCCL_DEBUG"}
    assert quick(origin).scrubbed == origin.scrubbed


def test_only_variables_that_bear_on_a_result_are_kept() -> None:
    kept = {"CUDA_VISIBLE_DEVICES": "0", "OMP_NUM_THREADS": "4", "SLURM_JOB_ID": "9"}
    assert look(environ=kept | {"HOME": "/home/ada", "MAIL": "x"}).env == kept


def test_a_notebook_is_known_by_its_server_and_its_cells(tmp_path: Path) -> None:
    main = ModuleType("__main__")
    main.__dict__["In"] = ["", "lr = 0.1", f"token = '{TOKENS['Hugging Face']}'"]
    origin = look(main=main, environ={"JPY_SESSION_NAME": str(tmp_path / "explore.ipynb")})
    assert origin.script == str(tmp_path / "explore.ipynb")
    assert origin.source == "lr = 0.1\n\n# %%\ntoken = '[scrubbed]'"


def test_a_folder_that_is_gone_and_odd_arguments_raise_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (gone := tmp_path / "gone").mkdir()
    monkeypatch.chdir(gone)
    monkeypatch.syspath_prepend("")
    gone.rmdir()
    origin = look(argv=["\udcff", "", "a\nb", "\0"], environ={"LANG": "\udcff"})
    assert origin.problems == ("The working directory is gone, so it is not known.",)
    assert msgspec.json.decode(msgspec.json.encode(origin), type=Origin) == origin
