"""`runcite claims`: what the bot sees in a text, and why. It loads nothing of server or Slack."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from bot.claims import Reading, read_post
from tracker.errors import NotFound, UsageError
from tracker.learning import learned


def claims(
    text: Annotated[str, typer.Argument(help="A post, as Slack delivers it; - reads it from standard input.")] = "-",
    jsonl: Annotated[Path | None, typer.Option(help="A file of posts, one JSON object a line.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """What the bot sees in a text, and why."""
    if jsonl is not None:
        _predict(jsonl)
        return
    reading = read_post(sys.stdin.read() if text == "-" else text)
    if as_json:
        sys.stdout.write(msgspec.json.encode(reading).decode() + "\n")
        return
    for line in _seen(reading):
        sys.stdout.write(line + "\n")


class _Labelled(msgspec.Struct):
    """A line of a file of posts."""

    id: str
    text: str


def _predict(path: Path) -> None:
    """One prediction a line, in the scorer's form."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        posts = [msgspec.json.decode(line, type=learned(_Labelled)) for line in lines if line.strip()]
    except OSError as error:
        raise NotFound(
            f"{path} cannot be read: {error.strerror}.", remedy="Give the path of a file of posts."
        ) from None
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} is no file of posts: {error}.", remedy="Each line needs an id and a text.") from None
    for post in posts:
        reading = read_post(post.text)
        prediction = {
            "id": post.id,
            "is_result_post": reading.is_result_post,
            "claims": [{"metric": claim.metric, "value": claim.value} for claim in reading.claims],
            "run_ids": list(reading.run_ids),
        }
        sys.stdout.write(msgspec.json.encode(prediction).decode() + "\n")


def _seen(reading: Reading) -> list[str]:
    kind = "a result post" if reading.is_result_post else "no result post"
    lines = [f"It is {kind} (sure to {reading.confidence:.0%})."]
    if reading.claims or reading.deltas or reading.run_ids or reading.near_misses:
        lines.append("")
    for claim in reading.claims:
        about = " ".join(part for part in (claim.split, claim.aggregate, claim.metric) if part)
        lines.append(f"  claim      {about} {claim.comparator} {claim.value:g}   written {claim.as_written!r}")
    for delta in reading.deltas:
        told = " ".join(part for part in (delta.split, delta.metric, delta.way) if part)
        rest = " (relative)" * delta.relative + (f" over {delta.against}" if delta.against else "")
        lines.append(f"  change     {told} {delta.value:g}{rest}   written {delta.as_written!r}")
    if reading.seeds:
        lines.append(f"  mean       over {reading.seeds} seeds")
    lines += [f"  run        {run_id}" for run_id in reading.run_ids]
    for miss in reading.near_misses:
        meant = f", perhaps {miss.folded}" if miss.folded else ""
        lines.append(f"  near miss  {miss.as_written!r}: {miss.why}{meant}")
    if reading.reasons:
        lines += ["", "Why, number by number (+ speaks for a result of ours, - against):"]
    for reason in reading.reasons:
        named = {"claim": "taken", "delta": "a change", "left": "left"}[reason.kind]
        lines.append(f"  {reason.as_written}   {named}, {reason.confidence:.0%} a result of ours")
        lines += [f"      {cue}" for cue in reason.cues]
    return lines
