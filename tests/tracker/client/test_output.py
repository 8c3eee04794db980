"""What a script prints is kept as it is printed, and the script never notices."""

from __future__ import annotations

import errno
import os
import sys
import threading
from pathlib import Path

from tracker.client.output import Output, as_seen, kept, read


def test_both_streams_are_kept_in_the_order_of_printing_and_shown_as_ever(capsys, tmp_path: Path) -> None:
    output = Output(tmp_path)
    output.attach()
    print("one", flush=True)
    print("two é", file=sys.stderr)
    sys.stdout.writelines(["three\n"])
    assert read(tmp_path) == "one\ntwo é\nthree\n"  # before anything was closed: a kill loses nothing
    output.detach()
    print("four")
    assert read(tmp_path) == "one\ntwo é\nthree\n"
    assert tuple(capsys.readouterr()) == ("one\nthree\nfour\n", "two é\n")
    assert "write" not in vars(sys.stdout) and "write" not in vars(sys.stderr)


def test_of_very_much_the_beginning_and_the_end_are_kept_and_the_gap_is_told(capsys, tmp_path: Path) -> None:
    output = Output(tmp_path, head=100, tail=50)
    output.attach()
    for index in range(100):
        print(f"line {index:04}")
    output.detach()
    text = read(tmp_path)
    assert len(kept(tmp_path)) == 3 and sum(path.stat().st_size for path in kept(tmp_path)) < 300
    before, gap, after = text.split("…")
    assert before.startswith("line 0000\n") and after.endswith("line 0099\n")
    left = int(gap.split()[0].replace(",", ""))
    assert len(before.encode()) - 1 + left + len(after.encode()) - 1 == 1000


def test_threads_that_print_at_once_lose_nothing(capsys, tmp_path: Path) -> None:
    output = Output(tmp_path, head=2000, tail=10**6)
    output.attach()

    def work(worker: int) -> None:
        for index in range(300):
            sys.stdout.write(f"{worker} {index}\n")

    threads = [threading.Thread(target=work, args=(worker,)) for worker in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    output.detach()
    assert sorted(read(tmp_path).split("\n")[:-1]) == sorted(f"{w} {i}" for w in range(4) for i in range(300))


def test_whatever_is_wrong_with_the_file_the_script_prints_on(capsys, tmp_path: Path, monkeypatch) -> None:
    output = Output(tmp_path / "gone")
    output.attach()
    print("shown")
    assert output.stopped and capsys.readouterr().out == "shown\n"
    full = Output(tmp_path)
    full.attach()
    monkeypatch.setattr(os, "write", lambda fd, data: (_ for _ in ()).throw(OSError(errno.ENOSPC, "No space left")))
    print("shown too")
    monkeypatch.undo()
    assert "No space left" in full.stopped and capsys.readouterr().out == "shown too\n"
    full.detach(), output.detach()


def test_a_stream_that_is_missing_or_closed_to_us_is_let_alone(tmp_path: Path, monkeypatch) -> None:
    class Slotted:
        __slots__ = ()

        def write(self, text: str) -> int:
            return len(text)

    monkeypatch.setattr(sys, "stdout", Slotted())
    monkeypatch.setattr(sys, "stderr", None)
    output = Output(tmp_path)
    output.attach()
    print("x")
    output.detach()
    assert not kept(tmp_path)


def test_one_who_looks_over_our_shoulder_stays_when_we_go(capsys, tmp_path: Path) -> None:
    first, second = Output(tmp_path), Output(tmp_path / "b")
    (tmp_path / "b").mkdir()
    first.attach()
    second.attach()
    print("both")
    first.detach()
    print("second")
    second.detach()
    print("nobody")
    assert read(tmp_path) == "both\n" and read(tmp_path / "b") == "both\nsecond\n"
    assert capsys.readouterr().out == "both\nsecond\nnobody\n"


def test_a_progress_bar_leaves_its_last_state() -> None:
    assert as_seen("a\n 10%\r 50%\r100%\r\nb\r\nc") == "a\n100%\nb\nc"
