"""`--sandbox`: somebody's code reaches no network and writes nothing of ours; where no fence can be had, one line."""

from __future__ import annotations

import shutil
import socket
from pathlib import Path

import pytest

from tests.tracker.reproduce.conftest import Studio
from tracker.errors import UsageError
from tracker.reproduce.run import Start, _refused, fenced

REACHES = """
import socket, sys
import tracker

def can(what):
    try:
        what()
    except OSError:
        return 0
    return 1

with tracker.start_run("studio", {"lr": 0.1}, seed=3) as run:
    connect = can(lambda: socket.create_connection(("127.0.0.1", int(sys.argv[1])), 5).close())
    write = can(lambda: open(sys.argv[2], "w").close())
    run.log({"could/connect": connect, "could/write": write, "could/count": 2}, step=0)
"""


def test_behind_the_fence_there_is_no_network_and_nothing_of_ours_to_write(studio: Studio) -> None:
    fence = shutil.which("bwrap")
    studio.write("reaches.py", REACHES)
    studio.commit()
    ours = studio.folder / "ours.txt"
    with socket.create_server(("127.0.0.1", 0)) as listening:
        record = studio.train("reaches.py", str(listening.getsockname()[1]), str(ours))
        assert (record.metrics["could/connect"].last, record.metrics["could/write"].last) == (1, 1)
        ours.unlink()
        if fence is None or _refused(fence):
            with pytest.raises(UsageError, match="--sandbox"):
                studio.again(record, sandbox=True)
            return
        result = studio.again(record, sandbox=True)
    again = studio.record(str(result.reproduced_by))
    assert (again.metrics["could/connect"].last, again.metrics["could/write"].last) == (0, 0)
    assert again.metrics["could/count"].last == 2 and not ours.exists()


@pytest.mark.parametrize("there", [False, True])
def test_where_no_fence_can_be_made_one_line_says_why(
    there: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    if there:
        refusing = tmp_path / "bwrap"
        refusing.write_text("#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n")
        refusing.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UsageError) as refusal:
        fenced(Start(("true",), tmp_path, {}), writable=[tmp_path], readable=[])
    said = str(refusal.value)
    assert "\n" not in said and ("No permissions" in said) == there
    assert "leave --sandbox out" in str(refusal.value.remedy)
