"""Results among what a command printed, as trainers print them: a measure's name with a number behind it. Pure.

A name must hold a word that only measures have (loss, accuracy, F1, …); what else is printed with a number (sizes,
rates, times) is none. Where a line tells its step, epoch or iteration, that is the step.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

_LISTED = """
acc ap auc auroc bce bleu bpb bpc ce cer determination dice elbo err error f1 f2 fid fmeasure iou kappa kl likelihood
loss mae map mape mcc miou mrr mse ndcg nll ppl perplexity precision psnr r2 r² r^2 recall return reward rmse score
sensitivity specificity ssim wer
"""
_WORDS = frozenset(_LISTED.split())
_ENDS = ("accuracy", "loss", "error", "mse", "mae", "ppl", "score", "auc", "acc")
_WORD = re.compile(r"[A-Za-z]+(?:\^?[\d²])?")
_NUMBER = r"[-+]?(?:\d[\d_]*\.?\d*(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?|nan|inf(?:inity)?)"
_STEP = re.compile(
    r"(?:^|[\s|:\[(])(?:global[ _]?)?(?:step|iter(?:ation)?|epoch|round|update|episode)s?\s*[:=#]?\s*\[?\s*"
    r"(\d+)(?!\d|\.\d)(?:\s*/\s*\d+)?\]?\s*[:,|]?",
    re.IGNORECASE,
)
_ROUND = re.compile(r"^\s*\[(\d+)\]\s")
_CUT = re.compile(r"[,;|\t]|\s{2,}|\s[-–—]+\s|\]\s+|(?<=[\d%])\s+(?=[A-Za-z])")
_TOLD = re.compile(
    rf"^(?P<name>[^\d\W](?:[^:=]*[^\s:=])??)(?P<sign>\s*[:=]\s*|\s+)(?P<value>{_NUMBER})"
    rf"(?:\s*/\s*(?P<of>\d+(?:\.\d+)?))?\s*(?P<percent>%)?\s*(?:\(.*)?\.?$",
    re.IGNORECASE,
)
_BARE = re.compile(rf"^(?P<value>{_NUMBER})(?P<percent>%)?$", re.IGNORECASE)
_QUOTES = str.maketrans("", "", "'\"`")
_LONGEST = 4_000
NAME = 80


class Row(NamedTuple):
    """The results of a line, by name, and the step that it tells."""

    step: int | None
    values: dict[str, float]


def results(text: str) -> Iterator[Row]:
    """The results in a text, line by line, in its order. Every metric's steps rise: a step told twice counts on."""
    last: dict[str, int] = {}
    standing: int | None = None
    for line in text.splitlines():
        row = of_line(line)
        if not row.values:
            standing = row.step if row.step is not None else standing
            continue
        step = row.step if row.step is not None else standing
        for name, value in row.values.items():
            before = last.get(name, -1)
            last[name] = step if step is not None and step > before else before + 1
            yield Row(last[name], {name: value})


def of_line(line: str) -> Row:
    """The results in one line, and the step that it tells."""
    line = re.sub(r"([:=])[ \t]+", r"\1 ", line[:_LONGEST].strip().translate(_QUOTES))
    step, round_ = _STEP.search(line), _ROUND.match(line)
    told = step or round_
    if told is not None:
        line = f"{line[: told.start()]} | {line[told.end() :]}"
    pieces = [piece.strip(" \t[](){}>*#") for piece in _CUT.split(line)]
    return Row(int(told[1]) if told else None, dict(_values([piece for piece in pieces if piece])))


def _values(pieces: list[str]) -> Iterator[tuple[str, float]]:
    """Each measure with its number. A heading such as "Test set:" stands before the names behind it in its line."""
    heading, waiting = "", ""
    for piece in pieces:
        if waiting and (bare := _BARE.match(piece)):
            yield _slug(f"{heading} {waiting}"), _number(bare)
        waiting = ""
        before, colon, rest = piece.partition(": ")
        if colon and not re.match(rf"\s*{_NUMBER}", rest, re.IGNORECASE) and len(before) <= 40:
            heading, piece = before, rest.strip()
        elif piece.endswith(":"):
            heading = piece[:-1]
            continue
        told = _TOLD.match(piece)
        if told is None:
            waiting = piece if len(piece) <= NAME and _is_measure(piece, ":") else ""
        elif len(told["name"]) <= NAME and _is_measure(told["name"], told["sign"]):
            yield _slug(f"{heading} {told['name']}"), _number(told)


def _is_measure(name: str, sign: str) -> bool:
    """Whether the name is a measure's; where no sign stands behind it, its last word must be one."""
    words = [word.lower() for word in _WORD.findall(name if sign.strip() else name.split()[-1])]
    return any(word in _WORDS or word.rstrip("0123456789") in _WORDS or word.endswith(_ENDS) for word in words)


def _number(match: re.Match[str]) -> float:
    value = float(match["value"].replace("_", ""))
    parts = match.groupdict()
    if parts.get("of") and float(parts["of"]):
        return value / float(parts["of"])
    return value / 100 if parts.get("percent") else value


def _slug(name: str) -> str:
    words = re.sub(r"[^\w./@²^+-]+", "_", name.strip().lower()).strip("_")
    return words.removeprefix("the_")[:NAME]


def names(rows: Iterable[Row]) -> tuple[str, ...]:
    """The metrics in the rows, each once."""
    return tuple(dict.fromkeys(name for row in rows for name in row.values))
