"""A run in a real Jupyter kernel: its card, the cells, and how it ends when the kernel is killed."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jupyter_client.manager import KernelManager

from tracker.client.card import Card, html, thinned
from tracker.reads import find_runs
from tracker.settings import Settings, load
from tracker.shipper import sync

KEY = "sk-ant-api03-0123456789abcdef0123456789abcdef"


class Kernel:
    """A kernel in a process of its own, driven as a front end drives it."""

    def __init__(self, folder: Path, cwd: Path | None = None) -> None:
        self.home = folder / "home"
        self.manager = KernelManager(kernel_name="python3")
        env = {**os.environ, "RUNCITE_HOME": str(self.home), "RUNCITE_SHIPPER": "off", "IPYTHONDIR": str(folder)}
        self.manager.start_kernel(cwd=str(cwd or folder), env=env)
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=120)

    def run(self, cell: str) -> list[dict[str, Any]]:
        """Run a cell to its end; what it displayed, and what was renewed by it."""
        shown: list[dict[str, Any]] = []

        def take(message: dict[str, Any]) -> None:
            assert message["msg_type"] != "error", message["content"]
            if message["msg_type"] in {"display_data", "update_display_data", "execute_result"}:
                shown.append({"kind": message["msg_type"], **message["content"]})

        self.client.execute_interactive(cell, output_hook=take, timeout=120)
        return shown

    def fail(self, cell: str) -> None:
        """Run a cell that raises."""
        reply = self.client.execute_interactive(cell, output_hook=lambda message: None, timeout=120)
        assert reply["content"]["status"] == "error", reply["content"]

    def exit(self) -> None:
        """Let the kernel end as a front end does, and wait until it has."""
        self.client.shutdown()
        deadline = time.monotonic() + 60
        while self.manager.is_alive() and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not self.manager.is_alive()

    @property
    def settings(self) -> Settings:
        return load({"RUNCITE_HOME": str(self.home)}, cwd=self.home)

    @property
    def pid(self) -> int:
        return int(self.manager.provisioner.pid)  # type: ignore[union-attr, attr-defined]

    def close(self) -> None:
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


@pytest.fixture
def kernel(tmp_path: Path) -> Iterator[Kernel]:
    made = Kernel(tmp_path)
    yield made
    made.close()


def test_a_notebook_s_run_shows_itself_keeps_its_cells_and_is_seen_to_be_killed(kernel: Kernel) -> None:
    kernel.run(f"import tracker\nkey = '{KEY}'")
    kernel.run("first = tracker.start_run('books', {'lr': 0.1, 'who': '<script>alert(1)</script>'}, name='one')")
    (card,) = kernel.run("first.log({'val/loss': 0.5}, 1); first.log({'val/loss': 0.25}, 2); first")
    page = card["data"]["text/html"]
    assert "val/loss" in page and "0.25 at step 2" in page and "<polyline" in page and "books · running" in page
    assert "&lt;script&gt;" in page and "<script" not in page
    (renewed,) = kernel.run("first.log({'val/loss': 0.125}, 3)")
    assert renewed["kind"] == "update_display_data" and "0.125 at step 3" in renewed["data"]["text/html"]
    assert renewed["transient"] == card["transient"]
    assert "books · finished" in str(kernel.run("first.finish()"))
    kernel.run("after = 'is no part of it'")
    kernel.run("second = tracker.start_run('books', name='two'); second.log({'val/loss': 1.0})")
    os.kill(kernel.pid, signal.SIGKILL)
    sync(kernel.settings, seconds=60)
    one, two = find_runs("books", order_by="started", settings=kernel.settings)
    assert (one.state, two.state) == ("finished", "failed")
    assert two.end and (two.end.signal, two.end.witness) == ("SIGKILL", "shipper")
    cells = {record.name: _content(record, kernel) for record in (one, two)}
    assert "first.log({'val/loss': 0.125}, 3)" in cells["one"] and "after" not in cells["one"]
    assert "second.log" in cells["two"] and "# %% In [2]" in cells["two"]
    assert KEY not in str(cells)


def test_only_a_cell_that_wrote_to_the_run_and_raised_fails_it_when_the_kernel_exits(kernel: Kernel) -> None:
    kernel.run("import tracker\nruns = [tracker.start_run('exits', name=name) for name in ('good', 'bad', 'mended')]")
    good, bad, mended = (f"runs[{place}].log({{'val/loss': 0.5}})" for place in range(3))
    kernel.fail(f"{mended}; 1 / 0")
    kernel.run(f"{mended}; {good}")
    kernel.fail(f"{bad}; raise ValueError('diverged')")
    kernel.fail("plot_that_is_missing()")
    kernel.exit()
    sync(kernel.settings, seconds=60)
    ends = {record.name: record for record in find_runs("exits", settings=kernel.settings)}
    assert {name: record.state for name, record in ends.items()} == {
        "good": "finished",
        "bad": "failed",
        "mended": "finished",
    }
    assert ends["bad"].end and ends["bad"].end.reason == "ValueError: diverged"
    assert ends["good"].end and ends["good"].end.reason == "the kernel ended without finish()"


def _content(record: Any, kernel: Kernel) -> str:
    (found,) = [artifact for artifact in record.artifacts if artifact.name == "notebook.py"]
    return Path(kernel.settings.artifacts, found.digest[:2], found.digest).read_text()


@given(st.lists(st.floats(allow_nan=True), max_size=900), st.text(max_size=200))
def test_a_card_is_drawn_of_any_values_and_lets_no_text_come_alive(values: list[float], text: str) -> None:
    steps = list(range(len(values)))
    page = html(Card("r-7K3M9QX2", f"https://x/{text}", text, text, "running", {text: text}, {text: (steps, values)}))
    bare = html(Card("r-7K3M9QX2", "https://x/", "", "", "running", {"": ""}, {"": (steps, values)}))
    assert page.count("<") - bare.count("<") in {0, 2} and len(page) < 20_000


@given(st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=2000), st.integers(1, 50))
def test_a_thinned_curve_keeps_its_extremes_and_its_end(values: list[float], buckets: int) -> None:
    points = list(enumerate(values))
    kept = thinned(points, buckets)
    assert kept[-1] == points[-1] and len(kept) <= 2 * buckets + 1 and kept == sorted(kept)
    assert {max(values), min(values)} <= {value for _, value in kept}
