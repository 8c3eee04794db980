"""A run leaves its server as one file, and gives its number back on a machine that never saw that server."""

from __future__ import annotations

import zipfile
from pathlib import Path

import msgspec

from tests.tracker.reproduce.conftest import TRAIN, Studio
from tests.tracker.server.conftest import House
from tracker.reproduce.whole import Result

LINE = '    run.log_artifact("train.py", kind="code")\n'


def test_a_file_from_a_server_gives_the_number_back_where_nothing_else_is_left(
    studio: Studio, house: House, tmp_path: Path
) -> None:
    house.start()
    there = {"RUNCITE_URL": house.url, "RUNCITE_TOKEN": house.token("ada")}
    studio.write("train.py", TRAIN + LINE)
    studio.commit(push=False)
    studio.write("notes.py", "VALUE = 1\n")
    assert studio.python_runs("train.py", env=there).returncode == 0
    sent = studio.runcite("sync", **there)
    run_id = sent.stdout.split()[0]
    told = studio.runcite("export", run_id, "--to", str(tmp_path / "run.zip"), **there)
    assert told.returncode == 0 and "reproduce" in told.stdout, told.stderr
    house.stop()
    for gone in (studio.repo, studio.remote, studio.settings.home):
        gone.rename(tmp_path / f"gone-{gone.name}")

    kept = tmp_path / "kept"
    fresh = {"RUNCITE_HOME": str(tmp_path / "fresh"), "HOME": str(tmp_path / "nobody")}
    again = studio.runcite("reproduce", "run.zip", "--yes", "--json", "--in", str(kept), cwd=tmp_path, **fresh)
    result = msgspec.json.decode(again.stdout, type=Result)
    assert (again.returncode, result.verdict, result.run_id) == (0, "exact", run_id), again.stdout + again.stderr
    assert (kept / "tree" / "notes.py").read_text() == "VALUE = 1\n" and (kept / "output.txt").exists()
    refused = studio.runcite("reproduce", "run.zip", "--yes", "--in", str(kept), cwd=tmp_path, **fresh)
    assert refused.returncode == 1 and "is not empty" in refused.stderr
    with zipfile.ZipFile(tmp_path / "run.zip") as packed:
        assert {Path(name).name for name in packed.namelist()} >= {"README.md", "index.html", "manifest.json"}
