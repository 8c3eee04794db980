"""The table of all findings as Markdown: `python -m bot.findings` makes `deploy/findings.md`."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from tracker.rules.codes import MEANINGS, POST_MEANINGS, Meaning

_HEAD = """# Findings

Each reason why a post is not accepted, or is accepted with a word beside it. *Rejects* and *warns* are what a finding
does unless the board's rules say otherwise (`/results policy unpushed=reject`, `runcite board PROJECT --set …`); a firm
one does the same on every board. This page is made by `python -m bot.findings`.
"""


def page() -> str:
    """The whole page."""
    parts = [_HEAD, "## About the post\n", _table(POST_MEANINGS), "## About the run\n", _table(MEANINGS)]
    return "\n".join(parts)


def _table(meanings: Iterable[Meaning]) -> str:
    does = {"reject": "rejects", "warn": "warns", "note": "is noted"}
    lines = ["| finding | what it means | does |", "| --- | --- | --- |"]
    lines += [f"| `{each.code}` | {each.meaning} | {does[each.severity]}{', firm' * each.firm} |" for each in meanings]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(page())
