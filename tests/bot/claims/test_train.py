"""Training: the same posts give the same weights, and a fold never sees its own groups."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path

from bot.claims import train
from bot.claims.lexicon import CUES
from bot.claims.model import FOLLOWING, PREVIOUS, WORD, as_model
from bot.claims.scene import SCOPES
from tests.bot.claims.scoring import labelled

PRACTICE = Path(__file__).with_name("practice.jsonl")


def test_training_twice_gives_the_same_weights() -> None:
    posts = [train.prepare(row) for row in labelled(PRACTICE)[:60]]
    assert train.fit(posts) == train.fit(posts)


def test_posts_of_a_group_stay_in_one_fold(monkeypatch: object) -> None:
    rows = [{**row, "group": f"g{place // 2}"} for place, row in enumerate(labelled(PRACTICE)[:40])]
    posts = [train.prepare(row) for row in rows]
    assert all(
        train.fold_of(first.group, 4) == train.fold_of(second.group, 4)
        for first, second in zip(posts[::2], posts[1::2], strict=True)
    )
    predictions = train.cross_validate(posts, 4, 1.0)
    assert sorted(line["id"] for line in predictions) == sorted(row["id"] for row in rows)


def test_trained_on_our_own_posts_alone_it_knows_others() -> None:
    model = as_model(train.fit([train.prepare(row) for row in labelled(PRACTICE)]))
    rows = labelled()
    right = sum(train.prediction(row, model)["is_result_post"] == row["is_result_post"] for row in rows)
    assert right / len(rows) >= 0.9


def test_no_post_is_both_trained_on_and_held_to() -> None:
    practised = {row["text"] for row in labelled(PRACTICE)}
    assert not practised & {row["text"] for row in labelled()}
    assert not practised & {row["text"] for row in labelled(PRACTICE.with_name("fresh.jsonl"))}


def test_the_shipped_weights_name_only_known_cues() -> None:
    weights = json.loads(files("bot.claims").joinpath("weights.json").read_text("utf-8"))
    for name in weights:
        scope, colon, cue = name.partition(":")
        assert not colon or scope in {WORD, PREVIOUS, FOLLOWING} or (scope in SCOPES and cue in CUES), name


def test_the_command_writes_weights_and_predictions(tmp_path: Path) -> None:
    few = tmp_path / "few.jsonl"
    few.write_text("".join(json.dumps(row) + "\n" for row in labelled(PRACTICE)[:30]))
    out, predictions = tmp_path / "weights.json", tmp_path / "predictions.jsonl"
    assert train.main([str(few), "--out", str(out), "--predictions", str(predictions), "--folds", "3"]) == 0
    assert "bias" in json.loads(out.read_text())
    assert len(predictions.read_text().splitlines()) == 30
