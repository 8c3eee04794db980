"""The planted causes: what makes numbers not come back, each planted for real, and each given back or named."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from tests.tracker.reproduce.conftest import TRAIN, Studio
from tracker.record import Record
from tracker.rules.reproduction import Verdict
from tracker.snapshot import ChangedFile

Plant = Callable[[Studio], Record]


def nothing(studio: Studio) -> Record:
    return studio.train()


def uncommitted_line(studio: Studio) -> Record:
    studio.write("train.py", TRAIN.replace("rng.random()", "rng.random() / 2"))
    record = studio.train()
    studio.git("checkout", "-q", "train.py")
    return record


def untracked_module(studio: Studio) -> Record:
    studio.write("model/layers.py", "WIDTH = 3\n")
    studio.write("train.py", TRAIN.replace("import tracker", "import tracker\nfrom model.layers import WIDTH"))
    record = studio.train()
    studio.vanish()
    return record


def unpushed_commit(studio: Studio) -> Record:
    studio.write("train.py", TRAIN.replace("rng.random()", "rng.random() / 3"))
    studio.commit(push=False)
    record = studio.train()
    studio.vanish()
    return record


def unpushed_and_not_held(studio: Studio) -> Record:
    record = unpushed_commit(studio)
    code = record.snapshot.code
    assert code is not None and code.git is not None
    code = msgspec.structs.replace(code, git=msgspec.structs.replace(code.git, bundle=None))
    return msgspec.structs.replace(record, snapshot=msgspec.structs.replace(record.snapshot, code=code))


def only_the_remote_is_left(studio: Studio) -> Record:
    record = studio.train()
    studio.vanish()
    return record


def dead_remote(studio: Studio) -> Record:
    record = only_the_remote_is_left(studio)
    studio.remote.rename(studio.folder / "moved.git")
    return record


def reading(name: str) -> str:
    """The script, its metric read from a file."""
    read = f"factor = float(open({name!r}).read())"
    return TRAIN.replace("rng = random.Random(seed)", read).replace("rng.random()", "factor")


def data_in_the_tree(studio: Studio) -> Record:
    studio.write(
        "train.py",
        reading("data.csv").replace("as run:", 'as run:\n    run.log_dataset("points", "data.csv")'),
    )
    studio.write("data.csv", "0.5")
    studio.commit()
    return studio.train()


def changed_data(studio: Studio) -> Record:
    record = data_in_the_tree(studio)
    studio.write("data.csv", "0.6")
    return record


def missing_data(studio: Studio) -> Record:
    record = data_in_the_tree(studio)
    studio.vanish()
    return record


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


def hidden_variable(studio: Studio) -> Record:
    studio.write(
        "train.py",
        TRAIN.replace("rng.random()", 'len(os.environ.get("OMP_NUM_THREADS", ""))').replace(
            "import sys", "import os, sys"
        ),
    )
    studio.commit()
    return studio.train(env={"OMP_NUM_THREADS": "12"})


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


def hash_order(studio: Studio) -> Record:
    studio.write("train.py", TRAIN.replace("rng.random()", 'hash("order") % 1000'))
    studio.commit()
    return studio.train(env={"PYTHONHASHSEED": "11"})


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


def odd_names(studio: Studio) -> Record:
    for name in ("-rf.py", "a\nb.py", "ünïcode 名.py", "'; touch x; '.py", "$(id).py"):
        studio.write(name, "VALUE = 1\n")
    (studio.repo / "link.py").symlink_to("train.py")
    script = studio.write("run it.sh", "#!/bin/sh\n")
    script.chmod(0o755)
    return studio.train()


def failed_the_same_way(studio: Studio) -> Record:
    studio.write("train.py", TRAIN + "\n    raise SystemExit('diverged')\n")
    studio.commit()
    return studio.train(check=False)


CAUSES: list[tuple[Plant, Verdict, str]] = [
    (nothing, "exact", ""),
    (uncommitted_line, "exact", ""),
    (untracked_module, "exact", ""),
    (unpushed_commit, "exact", ""),
    (unpushed_and_not_held, "could-not-run", "commit-missing: was never pushed"),
    (only_the_remote_is_left, "exact", ""),
    (dead_remote, "could-not-run", "commit-missing: does not answer"),
    (data_in_the_tree, "exact", "data-found: points"),
    (changed_data, "differs", "data-differs: points"),
    (missing_data, "could-not-run", "data-missing: points"),
    (another_seed, "differs", "seed-differs: 1, not 5"),
    (shuffled_loader, "differs", "not-deterministic: script itself"),
    (unseeded_generator, "differs", "not-seeded: Python's generator"),
    (hidden_variable, "exact", ""),
    (hash_order, "exact", ""),
    (thread_count, "differs", "threads-differ: OMP_NUM_THREADS 3 → 1"),
    (missing_file, "could-not-run", "file-missing: settings.csv"),
    (absolute_path, "could-not-run", "absolute-path: elsewhere.txt"),
    (absolute_path_into_the_repository, "differs", "absolute-path: train.py names"),
    (secret_file, "could-not-run", "file-missing: credentials.json"),
    (sub_folder, "exact", ""),
    (from_outside, "exact", ""),
    (as_a_module, "exact", ""),
    (on_the_command_line, "exact", ""),
    (notebook, "exact", "notebook: cells"),
    (without_git, "exact", "code-by-file"),
    (odd_names, "exact", ""),
    (failed_the_same_way, "exact", "end-lacking: is failed"),
]


@pytest.mark.parametrize(("plant", "verdict", "named"), CAUSES, ids=[plant.__name__ for plant, _, _ in CAUSES])
def test_a_planted_cause_is_given_back_or_named(studio: Studio, plant: Plant, verdict: Verdict, named: str) -> None:
    record = plant(studio)
    result = studio.again(record)
    told = "\n".join(f"{finding.code}: {finding.sentence}" for finding in result.findings)
    assert result.verdict == verdict, f"{result.sentence}\n{told}"
    code, _, words = named.partition(": ")
    assert any(finding.code == code and words in finding.sentence for finding in result.findings) or not named, told
    if verdict == "exact":
        moved = {finding.code for finding in result.findings if finding.severity != "note"}
        assert {each for each in moved if not each.endswith("-lacking")} <= {code}, told
        assert result.skipped == ("step_time",)
    if result.reproduced_by is not None and verdict != "could-not-run":
        again = studio.record(result.reproduced_by)
        assert again.reproduces == record.id and again.evidence is not None and again.evidence.verdict == verdict
        badge = "reproduced by author" if verdict == "exact" and record.state == "finished" else "self-reported"
        assert studio.record(record.id).badge == badge


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
