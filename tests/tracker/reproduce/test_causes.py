"""The planted causes: what makes numbers not come back, each planted for real, and each given back or named."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec
import pytest

from tests.tracker.reproduce.conftest import TRAIN, Studio
from tracker.record import Record
from tracker.reproduce.whole import Plan
from tracker.rules.reproduction import Verdict
from tracker.snapshot import ChangedFile

Plant = Callable[[Studio], Record | Iterator[Record]]
"""Gives a record, or one after another, each to be reproduced before the next thing happens."""


def places_of_the_commit(studio: Studio) -> Iterator[Record]:
    record = studio.train()
    yield record
    studio.vanish()
    yield record
    studio.remote.rename(studio.folder / "moved.git")
    yield record


def uncommitted_untracked_and_oddly_named(studio: Studio) -> Record:
    studio.write("model/layers.py", "WIDTH = 3\n")
    for name in ("-rf.py", "a\nb.py", "ünïcode 名.py", "'; touch x; '.py", "$(id).py"):
        studio.write(name, "VALUE = 1\n")
    (studio.repo / "link.py").symlink_to("train.py")
    studio.write("run it.sh", "#!/bin/sh\n").chmod(0o755)
    changed = TRAIN.replace("rng.random()", "rng.random() / WIDTH")
    studio.write("train.py", changed.replace("import tracker", "import tracker\nfrom model.layers import WIDTH"))
    record = studio.train()
    studio.vanish()
    return record


def unpushed_commit(studio: Studio) -> Iterator[Record]:
    studio.write("train.py", TRAIN.replace("rng.random()", "rng.random() / 3"))
    studio.commit(push=False)
    record = studio.train()
    studio.vanish()
    yield record
    code = record.snapshot.code
    assert code is not None and code.git is not None
    code = msgspec.structs.replace(code, git=msgspec.structs.replace(code.git, bundle=None))
    yield msgspec.structs.replace(record, snapshot=msgspec.structs.replace(record.snapshot, code=code))


def reading(name: str) -> str:
    """The script, its metric read from a file."""
    read = f"factor = float(open({name!r}).read())"
    return TRAIN.replace("rng = random.Random(seed)", read).replace("rng.random()", "factor")


def data_in_the_tree(studio: Studio) -> Iterator[Record]:
    studio.write(
        "train.py",
        reading("data.csv").replace("as run:", 'as run:\n    run.log_dataset("points", "data.csv")'),
    )
    studio.write("data.csv", "0.5")
    studio.commit()
    record = studio.train()
    yield record
    studio.write("data.csv", "0.6")
    yield record
    studio.vanish()
    yield record


def another_seed(studio: Studio) -> Record:
    drawn = 'import os\nseed = int(os.environ.get("SEED", 1))\n'
    studio.write("train.py", TRAIN.replace("seed = int", f"{drawn}unused = int"))
    studio.commit()
    return studio.train(env={"SEED": "5"})


def shuffled_loader(studio: Studio) -> Record:
    studio.write("train.py", TRAIN.replace("rng = random.Random(seed)", "random.seed(seed)\nrng = random.Random()"))
    studio.commit()
    return studio.train()


def unseeded_generator(studio: Studio) -> Record:
    studio.write("train.py", TRAIN.replace("rng.random()", "random.random()"))
    studio.commit()
    return studio.train()


def variables_that_bear_on_it(studio: Studio) -> Record:
    told = 'hash("order") % 1000 + len(os.environ.get("OMP_NUM_THREADS", ""))'
    studio.write("train.py", TRAIN.replace("rng.random()", told).replace("import sys", "import os, sys"))
    studio.commit()
    return studio.train(env={"OMP_NUM_THREADS": "12", "PYTHONHASHSEED": "11"})


THREADS = """
from concurrent.futures import ThreadPoolExecutor
threads = int(os.environ.get("THREADS", 1))
os.environ["OMP_NUM_THREADS"] = str(threads)
def total(numbers):
    with ThreadPoolExecutor(threads) as pool:
        return sum(pool.map(sum, [numbers[start::threads] for start in range(threads)]))
"""
"""What numeric libraries do: every thread sums its share, and the shares are summed. Floats do not add up alike."""


def thread_count(studio: Studio) -> Record:
    summed = TRAIN.replace("rng.random()", "total([rng.random() for _ in range(1000)])")
    studio.write("train.py", summed.replace("import sys\n", f"import os, sys\n{THREADS}"))
    studio.commit()
    return studio.train(env={"THREADS": "3"})


def missing_file(studio: Studio) -> Record:
    studio.write("train.py", reading("settings.csv"))
    studio.write("settings.csv", "0.25")
    studio.commit()
    return studio.train()


def absolute_path(studio: Studio) -> Record:
    path = studio.folder / "elsewhere.txt"
    path.write_text("0.5")
    studio.write("train.py", reading(str(path)))
    studio.commit()
    record = studio.train()
    path.unlink()
    return record


def absolute_path_into_the_repository(studio: Studio) -> Record:
    path = studio.write("numbers.txt", "0.5")
    studio.write("train.py", reading(str(path)))
    studio.commit()
    record = studio.train()
    path.write_text("0.75")
    return record


def secret_file(studio: Studio) -> Record:
    studio.write("train.py", reading("credentials.json"))
    studio.write("credentials.json", "0.5")
    studio.git("add", "train.py")
    studio.git("commit", "-q", "-m", "Work")
    return studio.train()


def sub_folder(studio: Studio) -> Record:
    studio.write("lab/inner/train.py", TRAIN)
    studio.commit()
    return studio.train("train.py", "9", cwd=studio.repo / "lab" / "inner")


def from_outside(studio: Studio) -> Record:
    return studio.train("repo/train.py", cwd=studio.folder)


def as_a_module(studio: Studio) -> Record:
    studio.write("lab/__init__.py", "")
    studio.write("lab/train.py", TRAIN)
    studio.commit()
    return studio.train("-m", "lab.train", "3")


def on_the_command_line(studio: Studio) -> Record:
    return studio.train("-c", TRAIN.replace("sys.argv[1]", "sys.argv[-1]"), "4")


KERNEL = """
import sys, types
main = sys.modules["__main__"] = types.ModuleType("__main__")
main.In = ["", {first!r}, "%matplotlib inline", {second!r}]
exec(main.In[1], main.__dict__)
exec(main.In[3], main.__dict__)
"""
"""What a notebook's kernel does: a main module of its own, that keeps the cells that were run."""


def notebook(studio: Studio) -> Record:
    first, _, second = TRAIN.partition("rng =")
    kernel = studio.folder / "lib" / "kernel_launcher.py"
    kernel.parent.mkdir()
    kernel.write_text(KERNEL.format(first=first.replace("sys.argv[1]", "'7'"), second=f"rng ={second}"))
    return studio.train(str(kernel), "-f", "connection.json")


def without_git(studio: Studio) -> Record:
    place = studio.folder / "loose"
    place.mkdir()
    (place / "helper.py").write_text("SCALE = 2\n")
    (place / "train.py").write_text(TRAIN.replace("import tracker", "import tracker\nfrom helper import SCALE"))
    return studio.train(cwd=place)


def failed_the_same_way(studio: Studio) -> Record:
    studio.write("train.py", TRAIN + "\n    raise SystemExit('diverged')\n")
    studio.commit()
    return studio.train(check=False)


Answer = tuple[Verdict, str]
CAUSES: list[tuple[Plant, list[Answer]]] = [
    (places_of_the_commit, [("exact", ""), ("exact", ""), ("could-not-run", "commit-missing: does not answer")]),
    (uncommitted_untracked_and_oddly_named, [("exact", "")]),
    (unpushed_commit, [("exact", ""), ("could-not-run", "commit-missing: was never pushed")]),
    (
        data_in_the_tree,
        [
            ("exact", "data-found: points"),
            ("differs", "data-differs: points"),
            ("could-not-run", "data-missing: points"),
        ],
    ),
    (another_seed, [("differs", "seed-differs: 1, not 5")]),
    (shuffled_loader, [("differs", "not-deterministic: script itself")]),
    (unseeded_generator, [("differs", "not-seeded: Python's generator")]),
    (variables_that_bear_on_it, [("exact", "")]),
    (thread_count, [("differs", "threads-differ: OMP_NUM_THREADS 3 → 1")]),
    (missing_file, [("could-not-run", "file-missing: settings.csv")]),
    (absolute_path, [("could-not-run", "absolute-path: elsewhere.txt")]),
    (absolute_path_into_the_repository, [("differs", "absolute-path: train.py names")]),
    (secret_file, [("could-not-run", "file-missing: credentials.json")]),
    (sub_folder, [("exact", "")]),
    (from_outside, [("exact", "")]),
    (as_a_module, [("exact", "")]),
    (on_the_command_line, [("exact", "")]),
    (notebook, [("exact", "notebook: cells")]),
    (without_git, [("exact", "code-by-file")]),
    (failed_the_same_way, [("exact", "end-lacking: is failed")]),
]
"""What is planted, and what is answered. Elsewhere: packages in test_environment.py, torchrun in test_ranks.py, a real
kernel in test_notebook.py, commands of others in test_wrapped.py, hostile names in archives in test_archive.py."""


@pytest.mark.parametrize(("plant", "answers"), CAUSES, ids=[plant.__name__ for plant, _ in CAUSES])
def test_a_planted_cause_is_given_back_or_named(studio: Studio, plant: Plant, answers: list[Answer]) -> None:
    planted = plant(studio)
    records = [planted] if isinstance(planted, Record) else planted
    for record, (verdict, named) in zip(records, answers, strict=True):
        result = studio.again(record)
        told = "\n".join(f"{finding.code}: {finding.sentence}" for finding in result.findings)
        assert result.verdict == verdict, f"{result.sentence}\n{told}"
        code, _, words = named.partition(": ")
        assert any(finding.code == code and words in finding.sentence for finding in result.findings) or not named, told
        if verdict == "exact":
            moved = {finding.code for finding in result.findings if finding.severity != "note"}
            assert {each for each in moved if not each.endswith("-lacking")} <= {code}, told
            assert result.skipped == ("step_time",)
        if verdict in ("exact", "differs"):
            again = studio.record(str(result.reproduced_by))
            assert again.reproduces == record.id and again.evidence is not None and again.evidence.verdict == verdict
            if verdict == "exact" and record.state == "finished":
                assert studio.record(record.id).badge == "reproduced by author"
            elif record is planted:
                assert studio.record(record.id).badge == "self-reported"


def test_a_plan_says_what_would_happen_and_what_is_missing_and_runs_nothing(studio: Studio) -> None:
    record = studio.train(env={"OMP_NUM_THREADS": "12", "PYTHONHASHSEED": "11"})
    planned = msgspec.json.decode(studio.runcite("reproduce", record.id, "--plan", "--json").stdout, type=Plan)
    assert planned.score == "6 of 7: data not recorded" and planned.command == "python train.py"
    assert planned.stages["run"] == "python train.py, with OMP_NUM_THREADS=12 and PYTHONHASHSEED=11"
    assert "the same is here" in planned.stages["environment"]
    told = studio.runcite("reproduce", record.id, "--plan")
    assert told.returncode == 0 and "✗ data not recorded" in told.stdout
    assert studio.ids() == [record.id]


def test_a_file_beside_the_tree_is_never_written(studio: Studio) -> None:
    record = studio.train()
    code = record.snapshot.code
    assert code is not None
    for name in (
        "../evil.py",
        "/tmp/evil.py",
        "a/../../evil.py",
        ".git/hooks/post-checkout",
        ".GIT/config",
        "x/.git./y",
    ):
        file = ChangedFile(name, "untracked", "0" * 64, 4)
        planted = msgspec.structs.replace(code, changed=(file,))
        snapshot = msgspec.structs.replace(record.snapshot, code=planted)
        result = studio.again(msgspec.structs.replace(record, snapshot=snapshot))
        assert (result.verdict, result.stage, result.findings[0].code) == ("could-not-run", "code", "hostile-path")
