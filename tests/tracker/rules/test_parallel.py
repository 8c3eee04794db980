"""Many runs as lines: axes of the right kind, the best and the worst always there."""

from __future__ import annotations

import math

from tracker.record import BoardSpec
from tracker.rules.parallel import MOST_AXES, MOST_RUNS, parallel

from .makers import METRIC, SPEC, record, run_id


def test_settings_become_axes_of_their_kind() -> None:
    runs = [
        record(1, 0.8, config={"lr": 1e-4, "width": 8, "optimizer": "adam", "same": 1, "beta": 0.9}),
        record(2, 0.9, config={"lr": 1e-1, "width": 64, "optimizer": "sgd", "same": 1}),
        record(3, 0.7, config={"lr": 1e-2, "width": 16, "optimizer": "adam", "same": 1, "beta": 0.8}),
        record(4, math.nan, config={"lr": 1}),
        record(5, 0.99, config={"lr": 1}, state="failed"),
    ]
    found = parallel(SPEC, runs, first=("optimizer", "nothing"))
    assert found.run_ids == (run_id(3), run_id(1), run_id(2)) and found.of == 3
    axes = {axis.name: axis for axis in found.axes}
    assert [axis.name for axis in found.axes] == ["optimizer", "lr", "width", "beta"]
    assert axes["lr"].kind == "log" and (axes["lr"].low, axes["lr"].high) == (1e-4, 1e-1)
    assert axes["width"].kind == "linear" and axes["width"].values == (16.0, 8.0, 64.0)
    assert axes["optimizer"].levels == ("adam", "sgd") and axes["optimizer"].values == (0.0, 0.0, 1.0)
    assert axes["beta"].values == (0.8, 0.9, None)
    assert found.metric.values == (0.7, 0.8, 0.9) and found.metric.name == METRIC
    assert found.left_out == (("same", "never varied"),)
    assert parallel(BoardSpec("digits", METRIC, "min"), runs).metric.values == (0.9, 0.8, 0.7)


def test_of_a_great_many_runs_the_best_and_the_worst_are_drawn() -> None:
    runs = [record(number, number / 10_000, config={"lr": number}) for number in range(MOST_RUNS + 300)]
    found = parallel(SPEC, runs)
    assert len(found.run_ids) == len(set(found.run_ids)) == MOST_RUNS and found.of == MOST_RUNS + 300
    assert (found.metric.values[0], found.metric.values[-1]) == (0.0, (MOST_RUNS + 299) / 10_000)


def test_names_and_axes_beyond_what_can_be_drawn_are_left_out_and_named() -> None:
    wide = [
        record(number, 0.5, config={f"k{at:02}": number + at for at in range(30)} | {"note": f"try {number}"})
        for number in range(40)
    ]
    found = parallel(SPEC, wide)
    reasons = dict(found.left_out)
    assert len(found.axes) == MOST_AXES and reasons["note"].startswith("is a name rather than a setting")
    assert sum(reason == "there are too many axes" for reason in reasons.values()) == 6


def test_no_run_makes_an_empty_picture() -> None:
    found = parallel(SPEC, [])
    assert found.run_ids == () and found.axes == () and found.of == 0


def test_an_axis_of_one_value_stays_within_the_bounds_of_what_it_measures() -> None:
    same = [record(number, 0.91, config={"lr": number / 10}) for number in (1, 2, 3)]
    assert 0.8 < (axis := parallel(SPEC, same).metric).low < 0.91 < axis.high < 1.0
    perfect = parallel(SPEC, [record(number, 1.0, config={"lr": number / 10}) for number in (1, 2)]).metric
    assert (perfect.low, perfect.high) == (0.95, 1.0)
