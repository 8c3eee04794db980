"""`runcite claims`: what the bot sees, and predictions in the scorer's form."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path

import pytest
from typer import Typer
from typer.testing import CliRunner

from bot.claims.explain import phrase
from bot.claims.lexicon import CUES
from bot.claims_command import claims

APP = Typer()
APP.command()(claims)
TEXT = "val acc 88.2 now, aiming for 95. r-7K3M9QX2"


def output(*arguments: str) -> str:
    ran = CliRunner().invoke(APP, list(arguments))
    assert ran.exit_code == 0, ran.output
    return ran.output


def test_it_says_what_it_sees_and_why() -> None:
    said = output(TEXT)
    assert "a result post" in said
    assert "0.882" in said
    assert "r-7K3M9QX2" in said
    assert "95 left, " in " ".join(said.split())
    assert "- the sentence states a goal" in said


def test_every_reason_is_told_in_words_for_people() -> None:
    weights = json.loads(files("bot.claims").joinpath("weights.json").read_text("utf-8"))
    names = set(weights) - {"bias"}
    assert [name for name in names if phrase(name) == name.replace("_", " ") and "_" in name] == []
    assert [cue for cue in CUES if phrase(f"near:{cue}") == f"{cue} just before it"] == []


def test_a_program_may_read_it() -> None:
    reading = json.loads(output("--json", TEXT))
    assert reading["is_result_post"] is True
    assert [claim["value"] for claim in reading["claims"]] == [pytest.approx(0.882)]


def test_a_file_of_posts_gives_one_prediction_a_line(tmp_path: Path) -> None:
    posts = tmp_path / "posts.jsonl"
    posts.write_text(json.dumps({"id": "m-1", "text": TEXT}) + "\n" + json.dumps({"id": "m-2", "text": ""}) + "\n")
    first, second = (json.loads(line) for line in output("--jsonl", str(posts)).splitlines())
    assert (first["id"], first["is_result_post"], first["run_ids"]) == ("m-1", True, ["r-7K3M9QX2"])
    assert first["claims"][0]["metric"] == "accuracy"
    assert second == {"id": "m-2", "is_result_post": False, "claims": [], "run_ids": []}
