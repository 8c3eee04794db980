"""What recording costs the training loop, and what a kill leaves of it."""

from __future__ import annotations

import mmap
import os
import resource
import signal
import statistics
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import msgspec

import tracker
from tests.bench.rows import Row, each, quantile
from tracker.client.folders import Folder
from tracker.client.frames import START, walk
from tracker.client.run import Run
from tracker.client.transport import Place
from tracker.events import Ack, Batch
from tracker.settings import Settings

CALLS = 5000
ROUNDS = 15
TEN = {f"metric/{index}": 0.5 + index for index in range(10)}
ROOT = Path(__file__).parents[2]


def measure() -> Iterator[Row]:
    """The recorder's rows."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:  # observers may still be at it
        folder = Path(name)
        yield from _calls(folder)
        yield from _kept(folder)
        yield from _processes(folder)


def _settings(folder: Path, **more: object) -> Settings:
    return Settings(home=folder, url="http://127.0.0.1:9", artifacts="", shipper=bool(more))


def _run(folder: Path, name: str) -> Run:
    return tracker.start_run("bench", settings=_settings(folder / name))


def _calls(folder: Path) -> Iterator[Row]:
    """Calls of `log` and of the floors in turns, so that a noisy machine is noisy for all of them."""
    plain = os.open(folder / "plain", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    forty = bytes(40)
    fd = os.open(folder / "mapped", os.O_RDWR | os.O_CREAT)
    os.posix_fallocate(fd, 0, 1 << 22)
    page = mmap.mmap(fd, 1 << 22)
    pack = struct.Struct("<qd").pack

    def mapped(index: int) -> None:
        for value in {"loss": 0.5}.values():
            page.write(pack(index, value))

    run = _run(folder, "calls")
    log = run.log
    contenders: dict[str, Callable[[int], object]] = {
        "write": lambda index: os.write(plain, forty),
        "mapped": mapped,
        "one": lambda index: log({"loss": 0.5}, step=index),
        "ten": lambda index: log(TEN, step=index),
    }
    contenders["one"](0), contenders["ten"](0)
    times: dict[str, list[int]] = {name: [] for name in contenders}
    rounds: dict[str, list[int]] = {name: [] for name in contenders}
    for _ in range(ROUNDS):
        page.seek(0)
        for name, call in contenders.items():
            taken = each(call, CALLS)
            rounds[name].append(quantile(taken, 0.5))
            times[name] += taken
    before = _size(folder / "calls")
    for step in range(CALLS):
        log({"loss": 0.5}, step=step)
    run.finish()
    after = _size(folder / "calls")
    page.close()
    os.close(plain), os.close(fd)
    one, ten, write = (quantile(times[name], 0.5) / 1000 for name in ("one", "ten", "write"))
    tail, floor_tail = (quantile(times[name], 0.99) / 1000 for name in ("one", "write"))
    quiet = {name: min(medians) / 1000 for name, medians in rounds.items()}
    floor = f"os.write {write:.2f} µs, packed and mapped {quantile(times['mapped'], 0.5) / 1000:.2f} µs"
    yield Row("log() of one scalar, median", "≤ 1.0 µs", f"{one:.2f} µs", floor, one <= 1.0)
    quietest = f"os.write {quiet['write']:.2f} µs, packed and mapped {quiet['mapped']:.2f} µs"
    yield Row("the same, quietest of the rounds", "", f"{quiet['one']:.2f} µs", quietest)
    yield Row("log() of one scalar, p99", "≤ 10 µs", f"{tail:.1f} µs", f"os.write {floor_tail:.1f} µs", tail <= 10)
    ratio = statistics.median(ours / floor for ours, floor in zip(rounds["one"], rounds["write"], strict=True))
    yield Row("log() against os.write, round by round", "≤ 0.8", f"{ratio:.2f}", "1", ratio <= 0.8)
    yield Row("log() of ten scalars, median", "≤ 3 µs", f"{ten:.2f} µs", "", ten <= 3)
    yield Row("journal bytes a point", "", "32", f"{(after - before) / CALLS:.1f} measured")


def _size(home: Path) -> int:
    """The bytes of rows in the main journal."""
    (path,) = home.glob("journals/*/main.journal")
    frames = walk(path.read_bytes(), START, Folder(path.parent).seed("main"))
    return sum(frame.end - frame.start for frame in frames if frame.kind >= 8)


KILLED = """
import os, signal, sys, time, tracker
run = tracker.start_run("bench")
for step in range(int(sys.argv[1])):
    run.log({"loss": 0.5}, step=step)
    if float(sys.argv[2]): time.sleep(float(sys.argv[2]))
os.kill(os.getpid(), signal.SIGKILL)
"""


def _kept(folder: Path) -> Iterator[Row]:
    for count, pause in ((CALLS, 0.0), (100, 0.1)):
        home = folder / f"killed{count}"
        done = _python(KILLED, str(count), str(pause), home=home)
        assert done.returncode == -signal.SIGKILL
        kept = _size(home) // 32
        yield Row(f"kept after SIGKILL, of {count:,}", "all", f"{kept:,}", "", kept == count)


def _python(script: str, *arguments: str, home: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "RUNCITE_HOME": str(home), "RUNCITE_SHIPPER": "off"}
    return subprocess.run(
        [sys.executable, "-c", script, *arguments],
        env=env | environ, cwd=home.parent, capture_output=True, text=True, check=False,
    )  # fmt: skip


STARTED = """
import resource, sys, time
def rss(): return int(open("/proc/self/statm").read().split()[1]) * 4096 / 1e6
before = rss(); import tracker; a, spent = time.perf_counter(), time.process_time()
run = tracker.start_run("bench", {"lr": 0.1}); b, spent = time.perf_counter(), time.process_time() - spent
if len(sys.argv) > 1:
    for step in range(100_000): run.log({"loss": 0.5}, step=step)
    print(rss() - before)
else:
    c = time.perf_counter(); run.finish(); d = time.perf_counter()
    print((b - a) * 1000, (d - c) * 1000, spent * 1000)
"""


def _processes(folder: Path) -> Iterator[Row]:
    bare: list[float] = []
    loaded: list[float] = []
    spent: dict[str, list[float]] = {"pass": [], "import tracker": []}
    for _ in range(11):
        for script, times in (("pass", bare), ("import tracker", loaded)):
            began, before = time.perf_counter(), _children()
            _python(script, home=folder / "import")
            times.append((time.perf_counter() - began) * 1000)
            spent[script].append((_children() - before) * 1000)
    over = statistics.median(loaded) - statistics.median(bare)
    least, processor = min(spent["pass"]), min(spent["import tracker"])
    yield Row(
        "import tracker",
        "≤ 60 ms over Python",
        f"{over:.0f} ms, {processor - least:.0f} ms of CPU",
        f"python {statistics.median(bare):.0f} ms, {least:.0f} ms of CPU",
        over <= 60,
    )
    repository = _repository(folder)
    for where, name in ((folder, "no repository"), (repository, "10,000 files in git")):
        figures = []
        for index in range(7):
            home = where / f".home{index}"
            figures.append([float(text) for text in _python(STARTED, home=home).stdout.split()])
        start, cpu = (statistics.median(figure[which] for figure in figures) for which in (0, 2))
        yield Row(f"start_run, {name}", "≤ 50 ms", f"{start:.1f} ms, {cpu:.1f} ms of CPU", "", start <= 50)
    server = _Answering()
    figures = []
    for index in range(5):
        text = _python(STARTED, home=folder / f"end{index}", RUNCITE_URL=server.url, RUNCITE_SHIPPER="on").stdout
        figures.append([float(word) for word in text.split()])
    finish = statistics.median(figure[1] for figure in figures)
    yield Row("finish() of an empty run, server answering", "≤ 100 ms", f"{finish:.0f} ms", "", finish <= 100)
    grown = float(_python(STARTED, "points", home=folder / "rss").stdout)
    yield Row("memory of the training process, 100,000 points", "< 15 MB", f"{grown:.1f} MB", "", grown < 15)


def _children() -> float:
    """Seconds of processor time of all processes that were waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _repository(folder: Path) -> Path:
    path = folder / "repository"
    for index in range(10_000):
        file = path / f"d{index % 100}" / f"f{index}.txt"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(str(index))
    git = ["git", "-C", str(path), "-c", "user.name=b", "-c", "user.email=b@b"]
    (path / ".gitignore").write_text(".home*\n")
    for words in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "all"]):
        subprocess.run([*git, *words], check=True, capture_output=True)
    return path


class _Answering:
    """A server on loopback that takes whatever it is sent and answers at once, as an idle store does."""

    def __init__(self) -> None:
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
                answer = _answer(self.path, body)
                self.send_response(200)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            do_PUT = do_POST

            def log_message(self, *args: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        self.url = f"http://127.0.0.1:{server.server_address[1]}"
        threading.Thread(target=server.serve_forever, daemon=True).start()


def _answer(path: str, body: bytes) -> bytes:
    if path.endswith("/cursors"):
        places = msgspec.msgpack.decode(body, type=tuple[Place, ...])
        return msgspec.msgpack.encode([Ack(place.run_id, place.segment, 0, 0) for place in places])
    if path.endswith("/batches"):
        batches = msgspec.msgpack.decode(body, type=tuple[Batch, ...])
        ends = [(batch, batch.events[-1]) for batch in batches]
        return msgspec.msgpack.encode([Ack(b.run_id, b.segment, end.number, end.offset) for b, end in ends])
    return b'{"missing": []}'
