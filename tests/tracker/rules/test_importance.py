"""Importance finds what is known to matter, and nothing in noise."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence

import numpy as np
import optuna
import pytest

from tracker.errors import UsageError
from tracker.record import Digests, Record
from tracker.rules import sensitivity
from tracker.rules.importance import MOST, Factor, Importance, importance
from tracker.rules.trials import trials
from tracker.snapshot import Scalar, digest_of

from .makers import METRIC, SPEC, record, summary

RNG = np.random.default_rng


def runs(configs: Sequence[dict[str, Scalar]], values: Sequence[float], **changes: int) -> list[Record]:
    return [
        record(
            i,
            seed=i,
            config=config,
            metrics={METRIC: summary(float(value))},
            digests=Digests(digest_of(config)),
            **changes,
        )
        for i, (config, value) in enumerate(zip(configs, values, strict=True))
    ]


def sweep(unit: np.ndarray, values: np.ndarray) -> list[Record]:
    names = [f"x{i}" for i in range(unit.shape[1])]
    return runs([dict(zip(names, row, strict=True)) for row in unit.tolist()], values.tolist())


def by_key(found: Importance) -> dict[str, Factor]:
    return {factor.key: factor for factor in found.factors}


def ishigami(u: np.ndarray) -> np.ndarray:
    x = np.pi * (2 * u - 1)
    return np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])


def sobol_g(u: np.ndarray) -> np.ndarray:
    a = np.array([0, 1, 4.5, 9])
    return np.prod((np.abs(4 * u - 2) + a) / (1 + a), axis=1)


def linear(u: np.ndarray) -> np.ndarray:
    return u @ np.array([4.0, 2.0, 1.0, 0.0])


@pytest.mark.parametrize(
    ("function", "alone", "total"),
    [
        (ishigami, (0.3139, 0.4424, 0.0), (0.5576, 0.4424, 0.2437)),
        (sobol_g, (0.7165, 0.1791, 0.0237, 0.0072), (0.7871, 0.2422, 0.0343, 0.0105)),
        (linear, (16 / 21, 4 / 21, 1 / 21, 0.0), (16 / 21, 4 / 21, 1 / 21, 0.0)),
    ],
)
def test_the_shares_come_near_the_known_sobol_indices(
    function: Callable[[np.ndarray], np.ndarray], alone: tuple[float, ...], total: tuple[float, ...]
) -> None:
    """The indices are those of I. M. Sobol' (1993), and of T. Ishigami and T. Homma (1990), a = 7, b = 0.1."""
    drawn = [RNG(seed).random((500, len(alone))) for seed in (1, 2, 3)]
    columns = tuple(slice(at, at + 1) for at in range(len(alone)))
    found = [sensitivity.shares(u, function(u), columns, RNG(4), trees=100, size=1600) for u in drawn]
    assert np.mean([each.alone for each in found], axis=0) == pytest.approx(alone, abs=0.08)
    assert np.mean([each.total for each in found], axis=0) == pytest.approx(total, abs=0.10)


def test_the_whole_answer_on_a_function_with_an_interaction() -> None:
    u = RNG(1).random((300, 4))
    found = importance(SPEC, sweep(u, ishigami(u[:, :3])))
    factors = by_key(found)
    assert {key for key, factor in factors.items() if factor.confirmed} == {"x0", "x1", "x2"}
    assert factors["x2"].share < 0.05 < 0.12 < factors["x2"].total
    for key, truth in (("x0", 0.3139), ("x1", 0.4424), ("x3", 0.0)):
        assert factors[key].low <= truth <= factors[key].high
    assert factors["x3"].fanova < 0.05 < 0.1 < min(factors["x0"].fanova, factors["x1"].fanova)
    assert found.explained > 0.75 and any("x2 acted mostly together" in caveat for caveat in found.caveats)
    assert sum(factor.top for factor in found.factors) == pytest.approx(1)
    assert importance(SPEC, sweep(u, ishigami(u[:, :3]))) == found


def test_the_shares_agree_with_optuna_s_fanova() -> None:
    u = RNG(2).random((150, 4))
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.create_study()
    unit = optuna.distributions.FloatDistribution(0, 1)
    for row, value in zip(u.tolist(), linear(u).tolist(), strict=True):
        params = {f"x{i}": each for i, each in enumerate(row)}
        study.add_trial(
            optuna.trial.create_trial(params=params, distributions=dict.fromkeys(params, unit), value=value)
        )
    theirs = optuna.importance.FanovaImportanceEvaluator(n_trees=16, seed=0).evaluate(study)
    columns = tuple(slice(at, at + 1) for at in range(4))
    ours = sensitivity.shares(u, linear(u), columns, RNG(4), trees=100, size=1600).alone
    assert ours == pytest.approx([theirs[f"x{i}"] for i in range(4)], abs=0.08)


def test_noise_confirms_nothing_more_often_than_stated() -> None:
    rng = RNG(3)
    columns = tuple(slice(at, at + 1) for at in range(5))
    scores = [
        sensitivity.check(rng.random((60, 5)), rng.normal(size=60), columns, rng, trees=40).score for _ in range(20)
    ]
    assert np.mean(np.concatenate(scores) > 2.33) <= 0.03


def test_importance_of_noise_says_that_nothing_moved_the_metric() -> None:
    u = RNG(4).random((60, 3))
    found = importance(SPEC, sweep(u, RNG(5).normal(size=60)))
    assert found.sentence.startswith(f"No setting moved {METRIC} more than chance would") and found.explained < 0.3


def test_names_and_settings_that_exist_only_beside_others_count() -> None:
    rng = RNG(6)
    configs: list[dict[str, Scalar]] = []
    values = []
    for _ in range(120):
        optimizer, lr, width = rng.choice(["adam", "sgd"]), float(10 ** rng.uniform(-4, -1)), int(rng.integers(8, 64))
        config: dict[str, Scalar] = {
            "optimizer": str(optimizer),
            "lr": lr,
            "width": width,
            "note": f"try {rng.random()}",
        }
        momentum = float(rng.uniform(0, 1)) if optimizer == "sgd" else None
        if momentum is not None:
            config["momentum"] = momentum
        configs.append(config)
        values.append((0.3 if optimizer == "adam" else momentum or 0) - 0.05 * (np.log10(lr) + 2.5) ** 2)
    found = importance(SPEC, runs(configs, values))
    factors = by_key(found)
    assert factors["momentum"].conditional and factors["momentum"].confirmed and factors["lr"].confirmed
    assert not factors["width"].confirmed and factors["width"].share < 0.05
    assert [key.parent for key in trials(SPEC, runs(configs, values)).keys if key.name == "momentum"] == ["optimizer"]
    assert dict(found.left_out)["note"].startswith("is a name")


def test_a_setting_gets_no_merit_for_being_there_that_is_its_parent_s() -> None:
    """Only adam has a beta, adam is better, and beta does nothing: the merit is the optimizer's."""
    rng = RNG(8)
    configs: list[dict[str, Scalar]] = []
    for at in range(80):
        beta: dict[str, Scalar] = {"beta": float(rng.uniform(0.9, 0.999))} if at % 2 else {}
        configs.append({"optimizer": "adam" if at % 2 else "sgd", "lr": float(rng.uniform())} | beta)
    factors = by_key(importance(SPEC, runs(configs, [float(len(each)) + 0.1 * rng.normal() for each in configs])))
    assert factors["optimizer"].confirmed and factors["optimizer"].share > 0.8
    assert not factors["beta"].confirmed and factors["beta"].share < 0.1 and factors["beta"].fanova < 0.1


def test_settings_that_always_moved_together_are_named() -> None:
    grid = list(itertools.product(range(6), range(5)))
    configs: list[dict[str, Scalar]] = [
        {"lr": 0.1 * (a + 1), "schedule": f"plan {a}", "warmup": a * 100.0 + 1, "width": b} for a, b in grid
    ]
    found = importance(SPEC, runs(configs, [a + 0.1 * b for a, b in grid]))
    assert found.together == (("lr", "schedule", "warmup"),)
    assert any("lr, schedule and warmup moved together" in caveat for caveat in found.caveats)


def test_too_few_configs_are_refused_with_the_number_still_needed() -> None:
    u = RNG(7).random((13, 3))
    with pytest.raises(UsageError, match=r"needs 20 different configs .* has 13") as refused:
        importance(SPEC, sweep(u, linear(np.column_stack([u, u[:, :1]]))))
    assert refused.value.remedy == "Train 7 more."
    wide = RNG(7).random((30, 8))
    with pytest.raises(UsageError, match="needs 40 different configs"):
        importance(SPEC, sweep(wide, wide[:, 0]))


def test_nothing_varied_or_nothing_moved_is_said() -> None:
    with pytest.raises(UsageError, match=r"No hyperparameter of digits varies among its finished runs \(lr\)"):
        importance(SPEC, runs([{"lr": 0.1}] * 3, [1, 2, 3]))
    with pytest.raises(UsageError, match="the same in all runs"):
        importance(SPEC, sweep(RNG(8).random((30, 2)), np.ones(30)))


def test_seeds_are_no_settings_and_replicates_are_one_line() -> None:
    configs: list[dict[str, Scalar]] = [{"lr": 0.1, "seed": 1}, {"lr": 0.1, "seed": 2}, {"lr": 0.2, "seed": 3}]
    made = runs(configs, [1.0, 2.0, 5.0])
    same = [record(i, seed=i, config=each.config, metrics=each.metrics) for i, each in enumerate(made)]
    table = trials(SPEC, [*same, record(9, 7.0, state="failed"), record(10, float("nan"))])
    assert [key.name for key in table.keys] == ["lr"]
    assert table.y.tolist() == [1.5, 5.0] and table.runs == 3


def test_a_great_many_configs_are_thinned_and_that_is_said() -> None:
    u = RNG(9).random((MOST + 50, 1))
    found = importance(SPEC, sweep(u, u[:, 0]))
    assert found.configs == MOST + 50 and any("Reckoned from" in caveat for caveat in found.caveats)
