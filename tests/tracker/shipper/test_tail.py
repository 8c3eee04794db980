"""What the last bytes of a journal tell."""

from pathlib import Path

import pytest

from tracker.client import process
from tracker.client.folders import Folder
from tracker.client.frames import event_frame
from tracker.client.journal import Journal
from tracker.client.rows import Rows
from tracker.events import Finished, Started
from tracker.settings import Settings
from tracker.shipper.tail import Tail


@pytest.mark.parametrize(
    ("last", "torn", "seen"),
    [
        (Finished("finished", 1.0), 0, True),
        (Finished("failed", 1.0, reason="no"), 0, True),
        (Finished("failed", 1.0, traceback="x" * 9000), 0, False),  # too long to be seen at a glance
        (Finished("finished", 1.0), 8, False),
        (None, 0, False),
    ],
)
def test_whether_a_process_wrote_its_end_is_seen_in_the_last_bytes(
    tmp_path: Path, last: Finished | None, torn: int, seen: bool
) -> None:
    settings = Settings(home=tmp_path, url="http://127.0.0.1:9", artifacts="", shipper=False)
    folder = Folder.make(settings, "r-7K3M9QX2", "nonce")
    seed = folder.seed("main")
    journal = Journal(folder.segment("main"), process.describe("r-7K3M9QX2", "main", "nonce", 5), seed)
    journal.append(event_frame(5, Started("p", "nonce"), seed))
    for step in range(400):
        Rows(seed).frames(("loss",), (0.5,), step, 5, journal.append)
    journal.close(*[event_frame(6, last, seed)] if last else [])
    path = folder.segment("main")
    path.write_bytes(path.read_bytes()[: path.stat().st_size - torn])
    tail = Tail(folder, "main")
    assert tail.says_end() is seen
    tail.close()
