"""Why a run is, or isn't, fit to be cited."""

from __future__ import annotations

import math

import msgspec
import pytest

from tracker.record import BoardSpec, Dataset, End, Notice, Record, Retraction, Rules, Seal
from tracker.rules.budget import parameters_of
from tracker.rules.codes import CODES, MEANINGS
from tracker.rules.fitness import findings
from tracker.snapshot import Code, Git, Gpu, LeftOut, Snapshot

from .makers import GIT, MACHINE, METRIC, PYTHON, SPEC, changed, record, summary

SOUND = record()
RETRACTED = Retraction("ines", 5, "leaked labels")


def snapshot(code: Code | None) -> Snapshot:
    return Snapshot(code=code, python=PYTHON, machine=MACHINE)


CODE = Code(GIT, "train.py")
GPUS = msgspec.structs.replace(MACHINE, gpus=(Gpu("A100", 80_000_000_000),) * 2)


def ruled(**rules: object) -> BoardSpec:
    return BoardSpec("digits", METRIC, rules=msgspec.convert(rules, Rules))


CASES: list[tuple[str, Record, BoardSpec]] = [
    ("retracted", record(retracted=RETRACTED), SPEC),
    ("not-ended", record(state="running", end=None), SPEC),
    ("failed", record(state="failed", end=End(9, 1.0, "shipper", signal="SIGKILL", out_of_memory=True)), SPEC),
    ("silent", record(state="silent", end=None), SPEC),
    ("not-finite", record(value=math.nan), SPEC),
    ("implausible", record(value=90.2), ruled(low=0.0, high=1.0)),
    ("other-data", record(), ruled(data_digest="9" * 64)),
    ("over-time", record(), ruled(max_runtime=10.0)),
    (
        "over-gpu-hours",
        record(snapshot=Snapshot(CODE, PYTHON, GPUS), end=End(9, 7200.0, "process")),
        ruled(max_gpu_hours=3.0),
    ),
    ("gpu-hours-unknown", record(snapshot=Snapshot(CODE, PYTHON)), ruled(max_gpu_hours=3.0)),
    ("over-parameters", record(config={"model.num_parameters": 5000}), ruled(max_parameters=4999)),
    ("parameters-unknown", record(), ruled(max_parameters=4999)),
    ("metric-missing", record(metrics={"train/loss": summary(0.1)}), SPEC),
    ("other-not-finite", record(metrics={METRIC: summary(0.9), "train/loss": summary(math.inf)}), SPEC),
    ("some-not-finite", record(metrics={METRIC: summary(0.9, nonfinite=3)}), SPEC),
    ("code-unknown", record(snapshot=snapshot(None)), SPEC),
    ("no-git", record(snapshot=snapshot(Code(None, "train.py", (changed("train.py"),)))), SPEC),
    ("code-incomplete", record(code=Code(GIT, None, left_out=(LeftOut("data.bin", 10**9, "too large"),))), SPEC),
    ("dirty", record(code=Code(GIT, None, (changed("train.py"),))), SPEC),
    ("unpushed", record(code=Code(Git("a" * 40, "main", None, False), None)), SPEC),
    ("bundled", record(code=Code(Git("a" * 40, "main", None, False, bundle="b" * 64), None)), SPEC),
    ("environment-unknown", record(snapshot=Snapshot(code=Code(GIT, None), machine=MACHINE)), SPEC),
    ("code-told", record(code=Code(GIT, "train.py", seen=False)), SPEC),
    ("machine-unknown", record(snapshot=Snapshot(code=Code(GIT, None), python=PYTHON)), SPEC),
    ("data-unknown", record(datasets=()), SPEC),
    ("no-seed", record(seed=None), SPEC),
    ("resumed-after-end", record(seals=(Seal(4, "e" * 64, 1), Seal(9, "f" * 64, 2))), SPEC),
    ("imported", record(notices=(Notice(1, "imported", "from a CSV file"),)), SPEC),
    ("not-recorded", record(notices=(Notice(1, "not-recorded", "Imported from W&B: run 7 (wandb:a/7)"),)), SPEC),
    ("drift", record(notices=(Notice(1, "drift", "config 'lr' is 0.1, but it was 0.01"),)), SPEC),
    ("not-all-kept", record(notices=(Notice(1, "journal-damaged", "200 bytes could not be read."),)), SPEC),
]


def test_a_sound_run_has_no_finding() -> None:
    assert findings(SOUND, SPEC) == ()
    assert findings(SOUND, None) == ()


@pytest.mark.parametrize(("code", "found", "board"), CASES, ids=[case[0] for case in CASES])
def test_each_code_is_found_alone_with_its_severity_a_sentence_and_a_remedy(
    code: str, found: Record, board: BoardSpec
) -> None:
    (finding,) = findings(found, board)
    assert finding.code == code
    assert finding.severity == CODES[code].severity
    assert finding.sentence.endswith(".") and "  " not in finding.sentence and finding.remedy.endswith(".")


def test_every_code_of_the_table_can_be_found() -> None:
    assert {case[0] for case in CASES} == set(CODES)
    assert len(CODES) == len(MEANINGS)


@pytest.mark.parametrize(("code", "found", "board"), CASES, ids=[case[0] for case in CASES])
def test_policy_decides_what_a_finding_does_unless_it_is_firm(code: str, found: Record, board: BoardSpec) -> None:
    for wish in ("reject", "warn", "ignore"):
        rules = msgspec.structs.replace(board.rules, policy={code: wish})
        told = findings(found, msgspec.structs.replace(board, rules=rules))
        if CODES[code].firm:
            assert [finding.severity for finding in told] == ["reject"]
        else:
            assert [finding.severity for finding in told] == ([] if wish == "ignore" else [wish])


def test_what_rejects_comes_first_and_the_gravest_before_the_rest() -> None:
    worst = record(seed=None, datasets=(), retracted=RETRACTED, state="failed", code=Code(GIT, None, (changed("a"),)))
    assert [each.code for each in findings(worst, SPEC)] == ["retracted", "failed", "no-seed", "dirty", "data-unknown"]


def test_without_a_board_only_what_needs_none_is_looked_at() -> None:
    assert findings(record(value=90.0, metrics={}), None) == ()
    assert [each.code for each in findings(record(value=math.nan), None)] == ["other-not-finite"]


def test_a_best_value_does_not_hide_that_the_run_diverged_later() -> None:
    diverged = msgspec.structs.replace(summary(0.9, nonfinite=1), last=math.nan)
    assert findings(record(metrics={METRIC: diverged}), SPEC)[0].code == "not-finite"


def test_a_run_on_the_board_s_data_is_welcome_by_either_digest() -> None:
    both = record(datasets=(Dataset("train", "1" * 64, 5), Dataset("val", "2" * 64, 5)))
    for digest in ("1" * 64, "2" * 64, "d" * 64):
        assert findings(both, ruled(data_digest=digest)) == ()


@pytest.mark.parametrize(
    ("end", "said"),
    [
        (End(1, 1.0, "shipper", out_of_memory=True), "it ran out of memory."),
        (End(1, 1.0, "process", reason="ValueError: no such file."), "failed: ValueError: no such file."),
        (End(1, 1.0, "shipper", signal="SIGKILL"), "it was ended by SIGKILL."),
        (End(1, 1.0, "shipper", exit_code=3), "failed with exit code 3."),
        (None, "failed."),
    ],
)
def test_a_failure_is_told_by_what_is_known_of_it(end: End | None, said: str) -> None:
    assert findings(record(state="failed", end=end), SPEC)[0].sentence.endswith(said)


def test_parameters_are_found_in_the_config_or_among_the_metrics() -> None:
    assert parameters_of(record(config={"model.n_params": 7})) == 7
    assert parameters_of(record(metrics={"model/parameters": summary(8.0)})) == 8
    assert parameters_of(record(config={"parameters": True, "hyperparameters": 3})) is None
