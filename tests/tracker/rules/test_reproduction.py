"""How far a record suffices, whether a number was given back, and what is named where it was not."""

from dataclasses import dataclass

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

from tests.tracker.rules.makers import GIT, MACHINE, METRIC, PYTHON, SPEC, changed, group, record, summary
from tracker.events import NOT_JOINED
from tracker.record import Dataset, Digests, Notice, Record, Rules
from tracker.rules.board import rank
from tracker.rules.parting import compared, parts_at
from tracker.rules.reproduction import findings, incomparable, judge, score
from tracker.snapshot import Code, Command, LeftOut, Package, Python, Scrubbed, Seeds, Snapshot

COMMAND = Command(("train.py", "--lr", "0.1"), "/home/ada/digits")


@dataclass
class Curve:
    steps: NDArray[np.int64]
    values: NDArray[np.float64]


def curve(*values: float) -> Curve:
    return Curve(np.arange(len(values)), np.array(values, np.float64))


def whole(**changes: object) -> Record:
    """A record that lacks nothing."""
    snapshot = Snapshot(
        code=changes.pop("code", Code(GIT, "train.py")),  # type: ignore[arg-type]
        python=changes.pop("python", PYTHON),  # type: ignore[arg-type]
        machine=changes.pop("machine", MACHINE),  # type: ignore[arg-type]
        command=changes.pop("command", COMMAND),  # type: ignore[arg-type]
        seeds=changes.pop("seeds", Seeds(stated=1)),  # type: ignore[arg-type]
        scrubbed=changes.pop("scrubbed", ()),  # type: ignore[arg-type]
    )
    return msgspec.structs.replace(record(), snapshot=snapshot, **changes)


LACKING = [
    ({}, "7 of 7"),
    ({"state": "failed"}, "6 of 7: it is failed"),
    ({"code": Code(msgspec.structs.replace(GIT, pushed=False), "train.py")}, "6 of 7: commit not pushed"),
    ({"code": Code(msgspec.structs.replace(GIT, pushed=False, bundle="b" * 64), "train.py")}, "7 of 7"),
    ({"code": Code(msgspec.structs.replace(GIT, remote=None, pushed=None), "t.py")}, "6 of 7: commit on no remote"),
    ({"code": Code(None, "train.py", (changed("train.py"),))}, "7 of 7"),
    ({"code": None}, "6 of 7: code not captured"),
    (
        {"code": Code(GIT, "t.py", (), (LeftOut("big.bin", 9, "too large"),))},
        "6 of 7: not stored: big.bin",
    ),
    ({"scrubbed": (Scrubbed("file conf.py", "AWS access key"),)}, "6 of 7: a secret was taken out of conf.py"),
    ({"python": Python("3.11.7", "CPython", "python")}, "6 of 7: packages not captured"),
    ({"datasets": ()}, "6 of 7: data not recorded"),
    ({"seed": None, "seeds": Seeds()}, "6 of 7: no seed"),
    ({"command": None}, "6 of 7: command not captured"),
    (
        {"python": Python("3.11.7", "CPython", "python", (Package("mine", "1", "editable git+local@abc"),))},
        "6 of 7: mine from a folder",
    ),
]


@pytest.mark.parametrize(("changes", "text"), LACKING, ids=[text for _, text in LACKING])
def test_the_score_says_what_a_record_lacks(changes: dict[str, object], text: str) -> None:
    made = whole(**changes)
    assert score(made).text == text
    assert len(findings(made)) == score(made).of - score(made).met
    assert all(finding.remedy for finding in findings(made))


def test_the_same_bits_are_exact_and_a_nan_is_itself() -> None:
    before = {METRIC: curve(0.1, float("nan"), 0.3), "step_time": curve(1.0)}
    after = {METRIC: curve(0.1, -float("nan"), 0.3), "step_time": curve(2.0)}
    outcome = judge(whole(), whole(), before, after, SPEC)
    assert outcome.verdict == "exact"
    assert outcome.skipped == ("step_time",)
    assert "3 points" in outcome.sentence


def test_one_bit_at_one_step_is_found_there() -> None:
    before = {METRIC: curve(0.1, 0.2, 0.3), "loss": curve(3.0, 2.0, 1.0)}
    after = {METRIC: curve(0.1, 0.2, 0.3), "loss": curve(3.0, np.nextafter(2.0, 3.0), 1.0)}
    outcome = judge(whole(), whole(), before, after, SPEC)
    assert outcome.verdict == "differs"
    assert outcome.parting is not None and (outcome.parting.metric, outcome.parting.step) == ("loss", 1)
    assert outcome.findings[0].code == "not-deterministic"


def test_a_curve_that_goes_on_longer_parts_where_the_other_ends() -> None:
    parting = parts_at("loss", curve(3.0, 2.0), curve(3.0, 2.0, 1.0))
    assert parting is not None and (parting.step, parting.before, parting.after) == (2, None, 1.0)
    assert parts_at("loss", curve(0.0), curve(-0.0)) is not None


def test_within_is_the_prediction_interval_of_the_replicates() -> None:
    values = [0.90, 0.91, 0.92]
    original, *others = (msgspec.structs.replace(each, snapshot=whole().snapshot) for each in group(1, values))
    mean, sd = 0.91, 0.01
    margin = 4.302652729911275 * sd * (1 + 1 / 3) ** 0.5  # t(2), 95 %, two-sided: from a table

    def verdict(value: float, replicates: list[Record]) -> str:
        again = msgspec.structs.replace(original, metrics={METRIC: summary(value)})
        series = ({METRIC: curve(0.9)}, {METRIC: curve(value)})
        return judge(original, again, *series, SPEC, replicates).verdict

    assert verdict(mean + margin - 1e-6, others) == "within"
    assert verdict(mean + margin + 1e-6, others) == "differs"
    assert verdict(0.9001, []) == "differs"


def test_without_replicates_the_boards_tolerance_holds() -> None:
    spec = msgspec.structs.replace(SPEC, rules=Rules(tolerance=0.005))
    again = msgspec.structs.replace(whole(), metrics={METRIC: summary(0.904)})
    assert judge(whole(), again, {METRIC: curve(0.9)}, {METRIC: curve(0.904)}, spec).verdict == "within"
    again = msgspec.structs.replace(whole(), metrics={METRIC: summary(0.906)})
    assert judge(whole(), again, {METRIC: curve(0.9)}, {METRIC: curve(0.906)}, spec).verdict == "differs"


OTHER = Digests("a" * 64, "9" * 64, "d" * 64, "e" * 64)
CAUSES = [
    ({"code": Code(GIT, "train.py", (changed("model.py"),)), "digests": OTHER}, "code-differs", "model.py"),
    ({"code": Code(msgspec.structs.replace(GIT, commit="b" * 40), "t.py")}, "code-differs", "bbbbbbb"),
    (
        {"python": Python("3.11.7", "CPython", "p", (Package("numpy", "2.4.6"), Package("torch", "2.12.0")))},
        "packages-differ",
        "torch 2.13.0 → 2.12.0",
    ),
    ({"python": Python("3.12.1", "CPython", "p", PYTHON.packages)}, "python-differs", "3.12.1"),
    ({"datasets": (Dataset("digits", "9" * 64, 1000),)}, "data-differs", "digits"),
    ({"seed": 2}, "seed-differs", "2, not 1"),
    ({"config": {"lr": 0.2}}, "config-differs", "lr (0.1 → 0.2)"),
    ({"seeds": Seeds(1, flags={"torch.num_threads": "4"})}, "threads-differ", "torch.num_threads"),
    ({"seeds": Seeds(1, flags={"PYTHONHASHSEED": "7"})}, "flags-differ", "PYTHONHASHSEED"),
    ({"machine": msgspec.structs.replace(MACHINE, cpu="Xeon")}, "machine-differs", "Xeon"),
    ({"seeds": Seeds(1, numpy_state="2" * 64)}, "not-seeded", "NumPy's generator"),
]


@pytest.mark.parametrize(("changes", "code", "named"), CAUSES, ids=[f"{code}: {named}" for _, code, named in CAUSES])
def test_what_differs_is_found_and_named(changes: dict[str, object], code: str, named: str) -> None:
    original = whole(seeds=Seeds(1, numpy_state="1" * 64))
    seeds = changes.pop("seeds", original.snapshot.seeds)
    again = whole(seeds=seeds, **changes)
    outcome = judge(original, again, {METRIC: curve(0.9)}, {METRIC: curve(0.8)}, SPEC)
    found = outcome.findings[0]
    assert outcome.verdict == "differs"
    assert found.code == code and named in found.sentence, outcome.findings


@pytest.mark.parametrize("old", [True, False])
def test_a_run_that_recorded_nothing_gives_no_verdict_and_what_kept_it_from_that_is_said(old: bool) -> None:
    full, empty = whole(metrics={METRIC: summary(0.9)}), whole(metrics={})
    series: tuple[dict[str, Curve], dict[str, Curve]] = ({METRIC: curve(0.9)}, {})
    outcome = judge(full, empty, *series, SPEC)
    assert incomparable(full, full, outcome) is None
    silent = msgspec.structs.replace(empty, notices=(Notice(1, NOT_JOINED, "The hooks were kept out."),))
    for lacking, code in ((empty, "nothing-to-compare"), (silent, NOT_JOINED)):
        found = incomparable(lacking, full, outcome) if old else incomparable(full, lacking, outcome)
        assert found is not None and found.code == code and found.severity == "reject"
        assert ("kept out" in found.sentence) == (lacking is silent) and ("new run" in found.sentence) != old


def test_equal_numbers_from_other_data_are_no_reproduction() -> None:
    again = whole(datasets=(Dataset("digits", "9" * 64, 1000),))
    assert judge(whole(), again, {METRIC: curve(0.9)}, {METRIC: curve(0.9)}, SPEC).verdict == "differs"


def test_the_runs_own_code_installed_from_its_folder_is_no_difference() -> None:
    one = whole(python=Python("3.11.7", "CPython", "p", (Package("digits", "1", "editable"),)))
    other = whole(python=Python("3.11.7", "CPython", "p", (Package("digits", "1", "editable git+x@y"),)))
    assert judge(one, other, {METRIC: curve(0.9)}, {METRIC: curve(0.9)}, SPEC).findings == ()


def test_metrics_of_the_machine_are_not_compared_unless_the_board_ranks_by_them() -> None:
    names = ["val/accuracy", "train/loss", "epoch_time", "system/gpu.0", "tokens_per_second", "time", "latency"]
    assert compared(names, "val/accuracy") == ("train/loss", "val/accuracy")
    assert compared(names, "latency") == ("latency", "train/loss", "val/accuracy")
    assert compared(["timestep_reward", "cputest", "sometimes"], None) == ("cputest", "sometimes", "timestep_reward")


def test_a_reproduction_takes_no_second_place_on_the_board() -> None:
    original = record(1, 0.9)
    again = record(2, 0.95, reproduces=original.id)
    ranking = rank(SPEC, [original, again])
    assert [row.records[0].id for row in ranking.rows] == [original.id]
    assert [each.code for each in ranking.unranked] == ["reproduction"]
