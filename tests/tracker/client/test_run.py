"""The recorder in the training process: nothing lost, nothing raised, nothing rewritten."""

import hashlib
import math
import os
import pickle
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np
import pytest

import tracker
from tracker.client.run import Run
from tracker.events import (
    ArtifactLogged,
    Captured,
    Configured,
    DatasetLogged,
    Finished,
    Joined,
    Noticed,
    Started,
    Tagged,
)
from tracker.settings import Settings

ROOT = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No repository to look at: the observers of these runs have little to do."""
    monkeypatch.chdir(tmp_path)


def journal_of(run: Run, settings: Settings, segment: str = "main") -> Path:
    return next(settings.journals.glob(f"{run.id}-*/{segment}.journal"))


def notices(bodies: list[object]) -> list[str]:
    return [body.code for body in bodies if isinstance(body, Noticed)]


@pytest.fixture
def run(settings: Settings) -> Run:
    return tracker.start_run("p", {"lr": 0.1}, seed=3, settings=settings, rng=Random(1))


def test_a_run_says_how_it_started_what_it_is_and_how_it_ended(settings, read) -> None:
    with tracker.start_run(
        "milestone-1",
        {"lr": 1e-3, "net": {"layers": [2, 3]}},
        seed=7,
        name="n",
        tags=["a"],
        note="x",
        settings=settings,
    ) as run:
        run.log({"loss": 0.5}, step=1)
    bodies = read(journal_of(run, settings)).bodies
    started = bodies[0]
    assert isinstance(started, Started)
    assert started.config == {"lr": 1e-3, "net.layers.0": 2, "net.layers.1": 3}
    assert (started.project, started.seed, started.name, started.tags, started.note) == (
        "milestone-1", 7, "n", ("a",), "x",
    )  # fmt: skip
    assert isinstance(bodies[1], Captured) and bodies[1].snapshot.seeds.stated == 7
    assert isinstance(bodies[-1], Finished) and bodies[-1].state == "finished" and bodies[-1].overhead > 0


def test_steps_count_by_themselves_and_go_on_from_given_ones(run, settings, read) -> None:
    run.log({"a": 1})
    run.log({"a": 2})
    run.log({"a": 3}, step=10)
    run.log({"a": 4, "b": 5})
    assert read(journal_of(run, settings)).points == [
        ("a", 0, 1.0), ("a", 1, 2.0), ("a", 10, 3.0), ("a", 11, 4.0), ("b", 11, 5.0),
    ]  # fmt: skip


def test_numbers_of_every_kind_are_taken_and_nonfinite_ones_kept(run, settings, read) -> None:
    torch = pytest.importorskip("torch")
    values = [1, True, np.float32(0.5), np.int64(3), torch.tensor(0.25), float("nan"), math.inf, -math.inf, 10**400]
    for value in values:
        run.log({"x": value})
    found = [value for _, _, value in read(journal_of(run, settings)).points]
    assert found[:5] == [1.0, 1.0, 0.5, 3.0, 0.25]
    assert math.isnan(found[5]) and found[6:] == [math.inf, -math.inf, math.inf]


def test_what_is_no_number_is_said_and_the_rest_kept(run, settings, read, capsys) -> None:
    run.log({"good": 1, "bad": "text", "none": None, "many": np.zeros(3)}, step=1)
    run.log(["no", "mapping"])
    run.log({"good": 2}, step="seven")
    run.log({"good": 3}, step=2**70)
    run.log({})
    found = read(journal_of(run, settings))
    assert found.points == [("good", 1, 1.0), ("good", 2, 2.0), ("good", 3, 3.0)]
    assert {"not-logged", "log-failed"} <= set(notices(found.bodies))
    assert capsys.readouterr().err.count("was left out") == 1


def test_a_problem_that_comes_again_and_again_is_counted_not_repeated(run, settings, read, capsys) -> None:
    for _ in range(500):
        run.log({"bad": "text"})
    run.finish()
    bodies = read(journal_of(run, settings)).bodies
    assert len(notices(bodies)) == 21
    assert "480 more" in bodies[-2].message
    assert capsys.readouterr().err.count("left out") == 1


def test_config_is_written_once(run, settings, read) -> None:
    run.config["momentum"] = 0.9
    run.config.update({"lr": 0.1}, depth=3)
    run.config["lr"] = 0.2
    assert dict(run.config) == {"lr": 0.1, "momentum": 0.9, "depth": 3}
    bodies = read(journal_of(run, settings)).bodies
    assert [body.config for body in bodies if isinstance(body, Configured)] == [{"momentum": 0.9}, {"depth": 3}]
    assert notices(bodies) == ["config-rewritten"]


@dataclass
class Options:
    lr: float
    name: str


def test_a_config_that_can_not_be_stored_as_it_is_is_stored_as_text_and_said(settings, read) -> None:
    config = {
        "object": object, "nan": float("nan"), "big": 2**80, "empty": {}, "path": Path("/x"), "np": np.float64(0.5),
        "text": "a\0b\ud800", "long": list(range(1000)), 3: "number", "options": Options(0.1, "n"),
    }  # fmt: skip
    run = tracker.start_run("p", config, settings=settings)
    bodies = read(journal_of(run, settings)).bodies
    stored = bodies[0].config
    assert stored["nan"] == "NaN" and stored["big"] == str(2**80) and stored["empty"] == "{}" and stored["np"] == 0.5
    assert stored["text"] == "a\ufffdb?" and stored["3"] == "number" and stored["options.lr"] == 0.1
    assert stored["long"].startswith("[0,1,2") and "class" in stored["object"]
    assert notices(bodies).count("config-changed") == 4
    run.finish()


def test_a_config_of_200_kB_is_kept_whole(settings, read) -> None:
    config = {"text": "é" * 100_000, **{f"key{i}": "x" * 90 for i in range(1000)}}
    run = tracker.start_run("p", config, settings=settings)
    assert read(journal_of(run, settings)).bodies[0].config == config
    run.finish()


def test_something_that_is_no_config_starts_a_run_all_the_same(settings, read) -> None:
    run = tracker.start_run("p", 42, settings=settings)
    assert notices(read(journal_of(run, settings)).bodies) == ["config-not-kept"]
    run.finish()


def test_artifacts_are_staged_by_content_before_they_are_named(run, settings, read, tmp_path) -> None:
    model = tmp_path / "model.pt"
    model.write_bytes(b"weights")
    folder = tmp_path / "plots"
    (folder / "deep").mkdir(parents=True)
    (folder / "a.txt").write_text("a")
    (folder / "deep" / "b.txt").write_text("b")
    run.log_artifact(model, kind="model")
    run.log_artifact(folder, name="figures")
    model.unlink()
    path = journal_of(run, settings)
    file, tree = [body for body in read(path).bodies if isinstance(body, ArtifactLogged)]
    assert (file.name, file.size, file.type, file.folder) == ("model.pt", 7, "model", False)
    assert (tree.name, tree.size, tree.folder) == ("figures", 2, True)
    blobs = path.parent / "blobs"
    assert (blobs / file.digest).read_bytes() == b"weights"
    assert b'"deep/b.txt"' in (blobs / tree.digest).read_bytes()
    staged = {hashlib.sha256(content).hexdigest() for content in (b"weights", b"a", b"b")} | {tree.digest}
    assert staged <= {blob.name for blob in blobs.iterdir()}  # the observer may stage changed code beside them


def test_data_is_digested_whole_whatever_holds_it(run, settings, read, tmp_path) -> None:
    torch = pytest.importorskip("torch")
    array = np.arange(12, dtype=np.float32).reshape(3, 4)
    other = array.copy()
    other[2, 3] += 1
    (tmp_path / "d.bin").write_bytes(b"data")
    run.log_dataset("file", tmp_path / "d.bin", used_as="train")
    run.log_dataset("bytes", b"data")
    for name, data in [
        ("array", array), ("view", np.asfortranarray(array)), ("tensor", torch.tensor(array)), ("other", other),
        ("pair", (array, other)), ("half", torch.ones(3, dtype=torch.bfloat16)), ("nothing", object()),
    ]:  # fmt: skip
        run.log_dataset(name, data)
    bodies = read(journal_of(run, settings)).bodies
    found = {body.name: body for body in bodies if isinstance(body, DatasetLogged)}
    assert found["file"].digest == found["bytes"].digest and found["file"].source == str(tmp_path / "d.bin")
    assert found["array"].digest == found["view"].digest == found["tensor"].digest != found["other"].digest
    assert found["pair"].size == 96 and "half" in found and "nothing" not in found
    assert notices(bodies) == ["log-dataset-failed"]


def test_what_can_not_be_read_is_said_and_training_goes_on(run, settings, read, tmp_path) -> None:
    run.log_artifact(tmp_path / "nowhere")
    run.log_artifact(None)
    run.log_dataset("d", tmp_path / "nowhere")
    run.log({"x": 1})
    found = read(journal_of(run, settings))
    assert notices(found.bodies) == ["log-artifact-failed", "log-artifact-failed", "log-dataset-failed"]
    assert found.points == [("x", 0, 1.0)]


def test_tags_and_note_can_change(run, settings, read) -> None:
    run.tag("baseline", "keep", remove=["old"], note="again")
    assert read(journal_of(run, settings)).bodies[-1] == Tagged(("baseline", "keep"), ("old",), "again")


def test_after_the_end_nothing_is_taken_and_nothing_raised(run, settings, read, capsys) -> None:
    run.log({"x": 1})
    run.finish()
    size = journal_of(run, settings).stat().st_size
    run.log({"x": 2})
    run.log({"x": 3, "y": 4})
    run.log_dataset("d", b"x")
    run.tag("late")
    run.finish()
    assert journal_of(run, settings).stat().st_size == size
    assert capsys.readouterr().err.count("after the run had ended") == 1


@pytest.mark.parametrize(
    ("error", "state", "reason", "sign", "code"),
    [
        (ValueError("loss is NaN"), "failed", "ValueError: loss is NaN", None, None),
        (KeyboardInterrupt(), "failed", "KeyboardInterrupt", "SIGINT", None),
        (SystemExit(3), "failed", "sys.exit(3)", None, 3),
        (SystemExit(0), "finished", "sys.exit(0)", None, 0),
        (SystemExit("broken"), "failed", "sys.exit('broken')", None, 1),
    ],
)
def test_what_leaves_the_block_is_kept_and_goes_on(settings, read, error, state, reason, sign, code) -> None:
    def train() -> None:
        raise error

    with pytest.raises(type(error)), tracker.start_run("p", settings=settings) as run:
        train()
    finished = read(journal_of(run, settings)).bodies[-1]
    assert (finished.state, finished.reason, finished.signal, finished.exit_code) == (state, reason, sign, code)
    if not isinstance(error, SystemExit):
        assert "in train" in finished.traceback


def test_threads_lose_nothing(run, settings, read) -> None:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)

    def work(worker: int) -> None:
        for step in range(3000):
            run.log({f"w{worker}": step}, step=step)
            if step % 100 == 0:
                run.log({f"w{worker}/a": step, f"w{worker}/b{step}": 1}, step=step)

    try:
        threads = [threading.Thread(target=work, args=(worker,)) for worker in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(before)
    points = read(journal_of(run, settings)).points
    for worker in range(6):
        assert [step for name, step, _ in points if name == f"w{worker}"] == list(range(3000))
        assert len([1 for name, _, _ in points if name.startswith(f"w{worker}/")]) == 60


def test_a_child_made_by_fork_writes_a_segment_of_its_own(run, settings, read) -> None:
    run.log({"loss": 1.0}, step=1)
    child = os.fork()
    if child == 0:
        try:
            for step in range(100):
                run.log({"loss": 2.0}, step=step)
            run.finish()
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    run.log({"loss": 3.0}, step=2)
    run.finish()
    main = journal_of(run, settings)
    assert read(main).points == [("loss", 1, 1.0), ("loss", 2, 3.0)]
    worker = read(journal_of(run, settings, "worker-*"))
    assert isinstance(worker.bodies[0], Joined) and worker.bodies[0].role == "worker"
    assert isinstance(worker.bodies[-1], Finished)
    assert worker.points == [("loss", step, 2.0) for step in range(100)]


def test_a_child_that_logs_nothing_leaves_nothing(run, settings) -> None:
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    assert [path.stem for path in journal_of(run, settings).parent.glob("*.journal") if path.stem != "observer"] == [
        "main"
    ]


def test_a_run_sent_to_a_worker_by_pickle_logs_into_the_same_run(run, settings, read, monkeypatch) -> None:
    monkeypatch.setenv("RUNCITE_HOME", str(settings.home))
    joined = pickle.loads(pickle.dumps(run))
    joined.log({"rank1/loss": 0.5}, step=1)
    joined.finish()
    assert joined.id == run.id
    assert read(journal_of(run, settings, "worker-*")).points == [("rank1/loss", 1, 0.5)]


def test_the_id_follows_a_rename(run, settings) -> None:
    old = run.id
    (journal_of(run, settings).parent / "id").write_text("r-00000000")
    assert run.id == "r-00000000" != old
    assert run.address == "http://127.0.0.1:9/runs/r-00000000"


def test_a_resumed_run_goes_on_in_a_segment_of_its_own(settings, read) -> None:
    first = tracker.start_run("p", settings=settings)
    again = tracker.start_run("p", {"lr": 1}, resume=first.id.lower(), settings=settings)
    again.log({"x": 1})
    assert again.id == first.id
    bodies = read(journal_of(again, settings, "resume-*")).bodies
    assert isinstance(bodies[0], Joined) and bodies[0].role == "resume"
    assert bodies[1] == Configured({"lr": 1})
    first.finish()
    again.finish()


def test_a_mistyped_run_to_resume_starts_a_new_one(settings, read) -> None:
    run = tracker.start_run("p", resume="r-nonsense", settings=settings)
    assert notices(read(journal_of(run, settings)).bodies) == ["not-resumed"]
    run.finish()


# ---- in processes of their own


def only(tmp_path: Path, pattern: str = "home/journals/*/main.journal") -> Path:
    (path,) = tmp_path.glob(pattern)
    return path


def test_sigkill_right_behind_the_last_call_loses_nothing(tmp_path, read, script) -> None:
    process = script(
        """
        import os, signal, tracker
        run = tracker.start_run("p")
        for step in range(5000):
            run.log({"loss": step / 7}, step=step)
        os.kill(os.getpid(), signal.SIGKILL)
        """,
        tmp_path,
    )
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL
    assert read(only(tmp_path)).points == [("loss", step, step / 7) for step in range(5000)]


def test_sigkill_at_any_moment_loses_nothing_that_log_returned_for(tmp_path, read, script) -> None:
    for delay in (0.02, 0.05, 0.1):
        home = tmp_path / str(delay)
        home.mkdir()
        process = script(
            """
            import os, tracker
            run = tracker.start_run("p")
            told = os.open("told", os.O_WRONLY | os.O_CREAT)
            print("go", flush=True)
            step = 0
            while True:
                run.log({"a": step, "b": -step}, step=step)
                os.pwrite(told, step.to_bytes(8, "little"), 0)
                step += 1
            """,
            home,
        )
        assert process.stdout.readline() == "go\n"
        try:
            process.wait(delay)
        except subprocess.TimeoutExpired:
            process.kill()
        process.communicate()
        last = int.from_bytes((home / "told").read_bytes(), "little")
        steps = [step for name, step, _ in read(only(home)).points if name == "a"]
        assert steps == list(range(len(steps))) and len(steps) - 1 in {last, last + 1}


def test_a_script_without_finish_ends_well_and_one_that_raises_badly(tmp_path, read, script) -> None:
    script("import tracker; tracker.start_run('p').log({'x': 1})", tmp_path).communicate(timeout=60)
    finished = read(only(tmp_path)).bodies[-1]
    assert finished.state == "finished"
    bad = tmp_path / "bad"
    bad.mkdir()
    script("import tracker; tracker.start_run('p'); 1 / 0", bad).communicate(timeout=60)
    finished = read(only(bad)).bodies[-1]
    assert finished.state == "failed" and "ZeroDivisionError" in finished.traceback


def test_a_home_that_can_not_be_written_is_replaced_and_said_once(tmp_path, read, script) -> None:
    (tmp_path / "home").write_text("this is a file")
    process = script("import tracker\nwith tracker.start_run('p') as run: run.log({'x': 1})", tmp_path)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 0
    assert err.count("can't be written") == 1
    found = read(only(tmp_path, "runcite-*/journals/*/main.journal"))
    assert found.points == [("x", 0, 1.0)] and notices(found.bodies) == ["home"]


def test_with_nowhere_to_write_training_goes_on(tmp_path, script) -> None:
    (tmp_path / "home").write_text("this is a file")
    text = """
        import tempfile
        tempfile.tempdir = "/dev/null/nothing"
        import tracker
        with tracker.start_run("p", {"lr": 1}) as run:
            run.log({"x": 1}); run.log_dataset("d", b"d"); run.log_artifact("/etc/hostname"); run.config["x"] = 1
        print("trained")
        """
    process = script(text, tmp_path)
    out, err = process.communicate(timeout=60)
    assert (out, process.returncode) == ("trained\n", 0)
    assert "not recorded" in err


def test_settings_that_make_no_sense_are_said_and_training_goes_on(tmp_path, script) -> None:
    (tmp_path / "runcite.toml").write_text("this is = = no toml")
    process = script(
        "import tracker\nwith tracker.start_run('p') as run: run.log({'x': 1})\nprint('trained')", tmp_path
    )
    out, err = process.communicate(timeout=60)
    assert out == "trained\n" and "is no TOML" in err


def test_the_training_process_gets_no_thread_no_child_and_no_seed(tmp_path, script) -> None:
    text = """
        import os, random, threading
        random.seed(5); before = random.getstate()
        import tracker
        run = tracker.start_run("p", seed=1)
        run.log({"x": 1}); run.finish()
        assert random.getstate() == before
        assert threading.active_count() == 1 and len(os.listdir("/proc/self/task")) == 1
        try:
            os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            print("alone")
        """
    out, err = script(text, tmp_path).communicate(timeout=60)
    assert out == "alone\n", err


def test_without_stderr_and_with_warnings_as_errors_nothing_is_raised(tmp_path, script) -> None:
    text = """
        import sys, warnings
        warnings.simplefilter("error"); sys.stderr = None
        import tracker
        with tracker.start_run("p") as run: run.log({"x": "bad"}); run.log({"x": 1})
        print("trained")
        """
    out, _ = script(text, tmp_path).communicate(timeout=60)
    assert out == "trained\n"


def test_what_a_full_disk_has_cost_stands_in_the_record(tmp_path, read, script) -> None:
    disk = tmp_path / "home"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", disk], capture_output=True).returncode:
        pytest.skip("mounting a small file system needs root")
    try:
        text = """
            import tracker
            run = tracker.start_run("p")
            try:
                with open("home/ballast", "wb") as file:
                    while True: file.write(bytes(4096)); file.flush()
            except OSError:
                pass
            for step in range(20_000):
                run.log({"loss": step}, step=step)
            run.log_artifact("big")
            run.finish()
            print("trained")
            """
        (tmp_path / "big").write_bytes(bytes(2_000_000))
        out, err = script(text, tmp_path).communicate(timeout=60)
        assert out == "trained\n", err
        found = read(only(tmp_path))
        assert {"disk-full-lost", "log-artifact-failed"} <= set(notices(found.bodies)), found.bodies
        assert found.bodies[-1].state == "finished"
        steps = [step for _, step, _ in found.points]
        assert steps == list(range(len(steps))) and 5000 < len(steps) < 20_000
        assert "disk is full" in err
    finally:
        subprocess.run(["umount", "-l", disk], check=True)
