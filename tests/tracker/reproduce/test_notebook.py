"""A run in a real Jupyter kernel gives its number back: its cells are run again, in the order in which they ran."""

from __future__ import annotations

from tests.tracker.client.test_notebook import Kernel
from tests.tracker.reproduce.conftest import Studio

CELLS = (
    "import random, tracker\nfrom layers import WIDTH",
    "%time rng = random.Random(7)",
    "with tracker.start_run('studio', {'lr': 0.1}, seed=7, name='one') as run:\n"
    "    run.log({'val/accuracy': float(open('ignored.csv').read())}, 1)",
    "run = tracker.start_run('studio', {'lr': 0.1}, seed=7, name='two')",
    "for step in range(2):\n    run.log({'val/accuracy': rng.random() * WIDTH}, step)",
    "run.finish()",
    "raise_nothing = 'behind the run: no part of it'",
)


def test_the_cells_of_a_real_kernel_are_run_again_and_what_a_cell_lacks_is_named(studio: Studio) -> None:
    studio.write("layers.py", "WIDTH = 3\n")
    studio.write("ignored.csv", "0.5")
    kernel = Kernel(studio.folder, studio.repo)
    try:
        for cell in CELLS:
            kernel.run(cell)
    finally:
        kernel.close()
    studio.deliver()
    found = {record.name: record for record in map(studio.record, studio.ids())}

    result = studio.again(found["two"])
    assert (result.verdict, result.metrics) == ("exact", ("val/accuracy",)), result
    again = studio.record(str(result.reproduced_by))
    assert again.digests == found["two"].digests and again.metrics["val/accuracy"].count == 2
    assert "notebook" in {finding.code for finding in result.findings}

    result = studio.again(found["one"])
    assert (result.verdict, result.stage, result.findings[0].code) == ("could-not-run", "run", "file-missing"), result
    assert "ignored.csv" in result.sentence
