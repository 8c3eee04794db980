"""Take each protection out of a copy of the code and see its test fail: `python -m tests.protections [WORD]`.

With a word, only the entries whose fault or file holds it. Exit 1 if a test passes without its protection.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.protections.entry import Protection
from tests.protections.table import PROTECTIONS

ROOT = Path(__file__).parents[2]


def copied(to: Path) -> Path:
    """The files that git knows or would add, as they are now."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (ROOT / name).is_file():
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, to / name)
    return to


def fails(tree: Path, *tests: str) -> bool:
    """Whether a test fails over the code in `tree`."""
    environment = {**os.environ, "PYTHONPATH": str(tree)}
    command = [sys.executable, "-m", "pytest", "-x", "-n", "0", "-p", "no:cacheprovider", *tests]
    done = subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True, check=False)
    if done.returncode not in {0, 1}:
        sys.exit(f"pytest could not run {' '.join(tests)}:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.returncode == 1


def weakened(tree: Path, protection: Protection) -> bool:
    """Whether the test fails with the protection taken out; the code is put back."""
    path = tree / protection.file
    whole = path.read_text()
    path.write_text(whole.replace(protection.strong, protection.weak))
    try:
        return fails(tree, protection.test)
    finally:
        path.write_text(whole)


def main(word: str = "") -> int:
    """One line for each protection; 1 if one is not missed."""
    chosen = [one for one in PROTECTIONS if word in one.fault or word in one.file]
    with tempfile.TemporaryDirectory() as folder:
        tree = copied(Path(folder))
        if fails(tree, *dict.fromkeys(one.test for one in chosen)):
            sys.exit("The tests fail with every protection in place: mend them first.")
        missed = []
        for one in chosen:
            missed.append(weakened(tree, one))
            print(f"{'missed' if missed[-1] else 'NOT MISSED':10}  {one.fault:58}  {one.file}", flush=True)
    print(f"{sum(missed)} of {len(chosen)} protections are missed by their test when they are taken out")
    return 0 if all(missed) else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
