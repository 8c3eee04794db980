"""Train the weights, and show by cross-validation over groups how well they carry over.

    python -m bot.claims.train POSTS.jsonl [MORE.jsonl …] [--out FILE] [--folds 5] [--strength 1.0]

Each line of POSTS holds `text`, `is_result_post`, `claims`, and where known `deltas` and `group` (posts of one group
stay in one fold). Logistic regression by L-BFGS, with a quadratic pull towards `priors`; nothing is random but the
folds, which follow from a hash of the group's name.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import minimize
from scipy.sparse import csr_matrix

from bot.claims import priors
from bot.claims.lexicon import CUES
from bot.claims.model import FOLLOWING, PREVIOUS, WORD, Features, Model, as_model
from bot.claims.read import Seen, read_post, sentence_words
from bot.claims.scene import SCOPES

_WORDS = tuple(kind + ":" for kind in (WORD, PREVIOUS, FOLLOWING))
_RARE = 4
"""Numbers beside which a word must stand in the posts before it counts as a feature."""
_LEAST = 0.1
"""Weights nearer to nothing are left out."""


@dataclass(frozen=True)
class Post:
    """A labelled post with its candidates' features, whether each is ours, and how much each weighs."""

    row: dict[str, Any]
    features: list[list[str]]
    labels: list[bool]
    weights: list[float]

    @property
    def group(self) -> str:
        """Posts of one group resemble each other."""
        return str(self.row.get("group") or self.row.get("id") or self.row["text"])


def near(a: float, b: float) -> bool:
    """Equal within rounding."""
    return abs(a - b) <= max(5e-5, 1e-4 * abs(b))


def names(features: Features, words: Sequence[str]) -> list[str]:
    """All features that hold, by name; `words` are those of the number's sentence."""
    found = ["bias", *features.forms]
    for scope, mask in zip(SCOPES, features.scopes, strict=False):
        found += [f"{scope}:{cue}" for place, cue in enumerate(CUES) if mask >> place & 1]
    found += [f"{WORD}:{word}" for word in words]
    return [*found, f"{PREVIOUS}:{features.previous}", f"{FOLLOWING}:{features.following}"]


def prepare(row: dict[str, Any]) -> Post:
    """A labelled row with features. Where a post tells but changes and labels none, what has a change's form is one."""
    seen = Seen(row["text"])
    labels, weights = [], []
    share = min(1.0, 3.0 / max(1, len(seen.candidates))) ** 0.5
    only_changed = row["is_result_post"] and not row["claims"]
    unlabelled = only_changed and not row.get("deltas")
    for candidate, each in zip(seen.candidates, seen.features, strict=True):
        amount = abs(candidate.value)

        def hits(gold: dict[str, Any], amount: float = amount) -> bool:
            return any(near(amount * scale, abs(gold["value"])) for scale in (1, 0.01, 1000))

        claims = [gold for gold in row["claims"] if hits(gold)]
        deltas = [gold for gold in row.get("deltas") or [] if hits(gold)]
        word = only_changed and (candidate.sign == "x" or (unlabelled and "change" in each.forms))
        labels.append(word or bool(deltas) or (bool(claims) and candidate.sign != "x"))
        optional = bool(claims) and all(gold.get("optional") for gold in claims)
        weights.append(share * (0.5 if optional else 1.0))
    words = sentence_words(seen.tokens, {each.sentence for each in seen.features})
    return Post(row, [names(each, words[each.sentence]) for each in seen.features], labels, weights)


def fit(posts: Sequence[Post], strength: float = 1.0) -> dict[str, float]:
    """The weights: logistic regression by L-BFGS with a pull towards the priors."""
    weights = np.array([weight for post in posts for weight in post.weights])
    labels = np.array([label for post in posts for label in post.labels], dtype=float)
    matrix, known = _matrix([features for post in posts for features in post.features])
    start = np.array([priors.VALUE.get(name, 0.0) for name in known])
    pull = np.array([strength * (8.0 if name in priors.FIRM else 1.0) for name in known])
    pull[known.index("bias")] = 0.01

    def loss(theta: np.ndarray) -> tuple[float, np.ndarray]:
        scores = matrix @ theta
        chance = 1.0 / (1.0 + np.exp(-np.clip(scores, -40, 40)))
        wrong = np.logaddexp(0.0, scores) - labels * scores
        away = theta - start
        total = float(weights @ wrong + 0.5 * (pull * away) @ away)
        return total, matrix.T @ (weights * (chance - labels)) + pull * away

    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 500}).x
    return {name: round(float(weight), 3) for name, weight in zip(known, found, strict=True) if abs(weight) >= _LEAST}


def _matrix(rows: list[list[str]]) -> tuple[csr_matrix, list[str]]:
    """The features of all numbers as a matrix, and the names of its columns: rare words are left out."""
    counts = Counter(name for row in rows for name in row)
    often = {name for name, count in counts.items() if count >= _RARE or not name.startswith(_WORDS)}
    known = sorted(often | set(priors.VALUE))
    place = {name: index for index, name in enumerate(known)}
    kept = [[place[name] for name in row if name in place] for row in rows]
    ends = np.cumsum([0] + [len(row) for row in kept])
    columns = np.array([column for row in kept for column in row])
    return csr_matrix((np.ones(len(columns)), columns, ends), shape=(len(rows), len(known))), known


def fold_of(group: str, folds: int, seed: str = "") -> int:
    """The fold of a group: the same on every machine."""
    return int(hashlib.sha256(f"{seed}{group}".encode()).hexdigest(), 16) % folds


def cross_validate(
    posts: Sequence[Post], folds: int, strength: float, extra: Sequence[Post] = ()
) -> list[dict[str, Any]]:
    """A prediction for each post, by a model that saw no post of its group."""
    out = []
    for fold in range(folds):
        model = as_model(fit([post for post in posts if fold_of(post.group, folds) != fold] + list(extra), strength))
        for post in posts:
            if fold_of(post.group, folds) == fold:
                out.append(prediction(post.row, model))
    return out


def prediction(row: dict[str, Any], model: Model | None = None) -> dict[str, Any]:
    """One line in the scorer's form."""
    reading = read_post(row["text"], model)
    return {
        "id": row.get("id"),
        "is_result_post": reading.is_result_post,
        "claims": [
            {"metric": c.metric, "value": c.value, "split": c.split, "comparator": c.comparator} for c in reading.claims
        ],
        "run_ids": list(reading.run_ids),
    }


def load(path: Path) -> list[dict[str, Any]]:
    """The rows of a file of labelled posts."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]


def main(arguments: Sequence[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("posts", type=Path, help="the labelled posts that are cross-validated")
    parser.add_argument("more", type=Path, nargs="*", help="further labelled posts, only trained on")
    parser.add_argument("--out", type=Path, help="where the weights of all posts are written")
    parser.add_argument("--predictions", type=Path, help="where the cross-validated predictions are written")
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--strength", type=float, default=1.0, help="the pull towards the priors")
    given = parser.parse_args(arguments)
    posts = [prepare(row) for row in load(given.posts)]
    extra = [prepare(row) for path in given.more for row in load(path)]
    if given.predictions:
        lines = cross_validate(posts, given.folds, given.strength, extra)
        given.predictions.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    if given.out:
        weights = fit(posts + extra, given.strength)
        given.out.write_text(json.dumps(weights, indent=0, sort_keys=True) + "\n", "utf-8")
    sys.stdout.write(f"{len(posts)} posts, {len(extra)} more\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
