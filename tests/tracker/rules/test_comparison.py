"""What lies between runs: what differs and what doesn't."""

from __future__ import annotations

import math

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.errors import UsageError
from tracker.record import Dataset, Record
from tracker.rules.comparison import explain, explain_all
from tracker.snapshot import Code, Git, LeftOut, Package, Python, Snapshot

from .makers import GIT, MACHINE, METRIC, changed, record, run_id, summary

OTHER_PYTHON = Python("3.11.7", "CPython", "python", (Package("numpy", "2.3.0"), Package("pandas", "3.0")))


def with_digests(made: Record, **digests: str | None) -> Record:
    return msgspec.structs.replace(made, digests=msgspec.structs.replace(made.digests, **digests))


def test_equal_runs_but_for_the_seed_are_replicates() -> None:
    found = explain(record(1, 0.9, seed=1), record(2, 0.91, seed=2))
    assert found.replicates and found.reasons == () and found.differing == ()
    assert found.parts == {"code": "equal", "packages": "equal", "data": "equal"}
    assert "seed: 1 → 2" in found.lines and f"{METRIC}: 0.9000 → 0.9100 (+0.01)" in found.lines
    assert found.lines[-1].startswith("equal: code, packages, data, machine")


def test_config_differs_key_by_key_also_in_kind_and_in_being_there() -> None:
    before = record(1, config={"lr": 0.1, "width": 1, "bias": True, "depth": 3, "seed": 1})
    after = record(2, config={"lr": 0.2, "width": 1.0, "bias": True, "decay": None, "seed": 2})
    found = explain(before, after)
    assert [setting.key for setting in found.differing] == ["lr", "width", "depth", "decay"]
    assert [setting.key for setting in found.equal] == ["bias"]
    assert found.lines[:4] == ("lr: 0.1 → 0.2", "width: 1 → 1.0", "depth: 3 → not set", "decay: not set → none")
    assert not found.replicates


def test_code_differs_by_commit_and_by_changed_files() -> None:
    one = record(1, code=Code(GIT, None, (changed("a.py"), changed("b.py", "2" * 64))))
    other = record(2, code=Code(Git("b" * 40, "main", None, True), None, (changed("a.py"), changed("b.py"))))
    found = explain(one, with_digests(other, code="0" * 64))
    assert found.parts["code"] == "different" and found.commits == ("a" * 40, "b" * 40)
    assert [change.path for change in found.files] == ["b.py"]
    assert "code: commit aaaaaaa → bbbbbbb; files: b.py" in found.lines
    alone = explain(record(1), with_digests(record(2, code=Code(GIT, None, (changed("c.py"),))), code="0" * 64))
    assert "code: same commit aaaaaaa; files: c.py" in alone.lines and alone.files[0].before == "as committed"


def test_what_was_not_fully_captured_is_neither_equal_nor_different() -> None:
    partial = with_digests(record(2, code=Code(GIT, None, left_out=(LeftOut("x.bin", 9, "too large"),))), code=None)
    found = explain(record(1), partial)
    assert found.parts["code"] == "unknown" and not found.replicates
    assert "not fully captured: code" in found.lines


def test_different_commits_differ_even_where_files_were_left_out() -> None:
    code = Code(Git("b" * 40, "main", None, True), None, left_out=(LeftOut("x.bin", 9, "too large"),))
    assert explain(record(1), with_digests(record(2, code=code), code=None)).parts["code"] == "different"


def test_packages_data_machine_and_metrics_are_told() -> None:
    machine = msgspec.structs.replace(MACHINE, id="m2", host="beta")
    other = record(
        2,
        snapshot=Snapshot(code=Code(GIT, "train.py"), python=OTHER_PYTHON, machine=machine),
        datasets=(Dataset("digits", "9" * 64, 5), Dataset("more", "8" * 64, 5)),
        metrics={METRIC: summary(math.nan), "loss": summary(0.5)},
    )
    found = explain(record(1), with_digests(other, environment="0" * 64, data="0" * 64))
    assert {change.name: (change.before, change.after) for change in found.packages} == {
        "numpy": ("2.4.6", "2.3.0"),
        "pandas": (None, "3.0"),
        "torch": ("2.13.0", None),
    }
    assert [(trait.name, trait.sameness) for trait in found.data] == [("digits", "different"), ("more", "different")]
    assert [trait.name for trait in found.machine if trait.sameness == "different"] == ["machine"]
    assert [(gap.name, gap.change) for gap in found.metrics] == [(METRIC, None), ("loss", None)]
    assert "machine: alpha → beta" in found.lines and f"{METRIC}: 0.9000 → NaN" in found.lines


def test_runs_of_which_little_is_known_are_compared_all_the_same() -> None:
    bare = record(2, seed=None, snapshot=Snapshot(), datasets=(), metrics={}, end=None, member=None)
    found = explain(record(1), with_digests(bare, code=None, data=None, environment=None))
    assert set(found.parts.values()) == {"unknown"} and found.machine[0].sameness == "unknown"
    assert f"the seed of {run_id(2)} is not known" in found.reasons


def test_many_runs_show_what_varies_and_what_all_share() -> None:
    runs = [
        record(i, config={"lr": lr, "optimizer": name, "width": 8})
        for i, (lr, name) in enumerate([(0.1, "adam"), (0.2, "sgd"), (0.1, "sgd")])
    ]
    spread = explain_all(runs)
    assert [setting.key for setting in spread.varying] == ["lr", "optimizer"] and spread.numeric == ("lr",)
    assert spread.varying[0].values == (0.1, 0.2, 0.1) and spread.metrics == (METRIC,)
    assert spread.lines[0] == "lr: 0.1 and 0.2" and spread.lines[-1] == "the same in all: width 8"
    with pytest.raises(UsageError, match="fewer than two"):
        explain_all(runs[:1])


CONFIGS = st.dictionaries(
    st.sampled_from("abcd"), st.one_of(st.none(), st.booleans(), st.integers(0, 2), st.text(max_size=3))
)


@given(CONFIGS, CONFIGS)
def test_every_key_is_either_equal_or_different_and_never_both(
    a: dict[str, str | int | bool | None], b: dict[str, str | int | bool | None]
) -> None:
    found = explain(record(1, config=a), record(2, config=b))
    equal, differing = {each.key for each in found.equal}, {each.key for each in found.differing}
    assert equal | differing == set(a) | set(b) and not equal & differing
    assert equal == {key for key in set(a) & set(b) if type(a[key]) is type(b[key]) and a[key] == b[key]}
    mirrored = explain(record(2, config=b), record(1, config=a))
    assert {each.key for each in mirrored.equal} == equal
