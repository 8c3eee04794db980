"""How well the reading of posts carries over: grouped cross-validation, and what a post costs.

    python -m tests.bench.claims POSTS.jsonl [MORE.jsonl …] [--folds 5] [--strength 1.2] [--hold 4]

Each fold's posts are read by weights that saw no post of their groups. With `--hold`, the folds are first thinned of
that one, and its posts are then read by weights of all the others.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

from bot.claims import read_post
from bot.claims.model import Model, as_model
from bot.claims.train import fit, fold_of, load, prepare
from tests.bot.claims.scoring import Score


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("posts", type=Path)
    parser.add_argument("more", type=Path, nargs="*")
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--strength", type=float, default=1.2)
    parser.add_argument("--hold", type=int, default=None)
    parser.add_argument("--errors", action="store_true")
    given = parser.parse_args()
    posts = [prepare(row) for row in load(given.posts)]
    extra = [prepare(row) for path in given.more for row in load(path)]
    held = [post for post in posts if given.hold is not None and fold_of(post.group, given.folds) == given.hold]
    seen = [post for post in posts if post not in held]
    scores: dict[str, Score] = {}
    for fold in range(given.folds):
        part = [post for post in seen if fold_of(post.group, given.folds) == fold]
        rest = [post for post in seen if fold_of(post.group, given.folds) != fold]
        if part:
            model = as_model(fit(rest + extra, given.strength))
            for post in part:
                add(scores, post.row, model, "cross-validated")
    if held:
        model = as_model(fit(seen + extra, given.strength))
        for post in held:
            add(scores, post.row, model, "held out")
    for name, total in sorted(scores.items()):
        ids = f"ids {total.ids.f1:.4f}" if total.ids.right else ""
        print(f"{name:<28} post {total.posts.f1:.4f}  claims {total.claims.f1:.4f}  {ids}")
        if given.errors and name == "cross-validated":
            print("\n".join(f"    {text[:160]!r}" for text in total.wrong))
    texts = [post.row["text"] for post in posts]
    start = time.process_time()
    for text in texts:
        read_post(text)
    print(f"{(time.process_time() - start) / len(texts) * 1e6:.0f} µs a post")


def add(scores: dict[str, Score], row: dict[str, Any], model: Model, name: str) -> None:
    reading = read_post(row["text"], model)
    for key in (name, f"{name}, {row.get('lang', '?')}"):
        scores.setdefault(key, Score()).add(row, reading)


if __name__ == "__main__":
    main()
