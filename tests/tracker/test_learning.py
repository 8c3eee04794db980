"""A server's first requests, all at once: none of them ends it."""

import subprocess
import sys

FIRST = """
import sys, threading
import msgspec
from tracker.learning import learned

sys.setswitchinterval(1e-6)
BODY = b'{"of":{"of":{"of":{"of":{"said":[1.5,"x"]}}}}}'
for _ in range(200):
    kind = msgspec.defstruct("Inner", [("said", list[float | str | None], []), ("kept", dict[str, int], {})])
    for name in ("Third", "Second", "First", "Outer"):
        kind = msgspec.defstruct(name, [("of", kind | None, None), ("at", tuple[kind, ...], ())])
    together = threading.Barrier(8)

    def ask(kind=kind):
        together.wait()
        msgspec.json.decode(BODY, type=learned(kind))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
print("alive")
"""


def test_threads_that_meet_a_type_at_once_do_not_end_the_process() -> None:
    ran = subprocess.run([sys.executable, "-c", FIRST], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout) == (0, "alive\n"), ran.stderr[-2000:]
