"""How well predictions meet labels: F1 of result posts and of claims, by the corpus's rules.

Optional claims are neutral, equal ones count once, `unknown` fits any metric and either scale.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.claims import Reading

POSTS = Path(__file__).with_name("posts.jsonl")


def labelled(path: Path = POSTS) -> list[dict[str, Any]]:
    """The rows of a file of labelled posts."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]


def near(a: float, b: float) -> bool:
    return abs(a - b) <= max(5e-5, 1e-4 * abs(b))


def same(metric: str, value: float, gold: dict[str, Any]) -> bool:
    if metric in (gold["metric"], *gold.get("metric_alt", ())) and near(value, gold["value"]):
        return True
    return gold["metric"] == "unknown" and any(near(value * scale, gold["value"]) for scale in (1, 100, 0.01))


@dataclass
class Count:
    right: int = 0
    spare: int = 0
    missed: int = 0

    @property
    def f1(self) -> float:
        all_of_it = 2 * self.right + self.spare + self.missed
        return 2 * self.right / all_of_it if all_of_it else 1.0


@dataclass
class Score:
    posts: Count = field(default_factory=Count)
    claims: Count = field(default_factory=Count)
    ids: Count = field(default_factory=Count)
    wrong: list[str] = field(default_factory=list)

    def add(self, row: dict[str, Any], reading: Reading) -> None:
        said, gold = reading.is_result_post, row["is_result_post"]
        self.posts.right += said and gold
        self.posts.spare += said and not gold
        self.posts.missed += gold and not said
        cited, meant = set(reading.run_ids), set(row.get("run_ids", ()))
        self.ids.right += len(cited & meant)
        self.ids.spare += len(cited - meant)
        self.ids.missed += len(meant - cited)
        found = list({(claim.metric, claim.value): None for claim in reading.claims})
        for claim in sorted(row["claims"], key=lambda gold: bool(gold.get("optional"))):
            hit = next((each for each in found if same(*each, claim)), None)
            if hit:
                found.remove(hit)
            if not claim.get("optional"):
                self.claims.right += hit is not None
                self.claims.missed += hit is None
        self.claims.spare += len(found)
        if said != gold or found:
            self.wrong.append(row["text"])


def score(rows: Iterable[dict[str, Any]], readings: Iterable[Reading]) -> Score:
    total = Score()
    for row, reading in zip(rows, readings, strict=True):
        total.add(row, reading)
    return total
