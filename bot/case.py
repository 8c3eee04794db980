"""What a post is judged by: the runs it cites, and where and by whom it was posted. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.tries import Tries
from tracker.record import BoardSpec, Finding, Record
from tracker.rules.codes import POST_MEANINGS

CODES = {meaning.code: meaning for meaning in POST_MEANINGS}


@dataclass(frozen=True)
class Cited:
    """A run ID of the post, and what is registered under it.

    `as_written` stands for a near miss that was taken; `suggestions` are registered IDs that come close to
    one that is unknown. `findings` are the run's own, by its board's policy. `hidden` are metrics that nobody
    sees yet; `broken` says that the record is not what was sealed; `tries` are the runs behind the number, and
    `mates` the replicates that share the run's row of the board, itself among them.
    """

    run_id: str
    record: Record | None
    board: BoardSpec | None = None
    findings: tuple[Finding, ...] = ()
    as_written: str | None = None
    suggestions: tuple[str, ...] = ()
    mistyped: bool = False
    hidden: tuple[str, ...] = ()
    broken: bool = False
    tries: Tries | None = None
    mates: tuple[Record, ...] = ()


@dataclass(frozen=True)
class Setting:
    """Where and by whom it was posted.

    `strict`: every post here must cite. `called`: the bot was mentioned. `bare`: the post is nothing but run
    IDs. `member` is the poster's handle. `posted_at`, and `written_at` for what the last edit made of it, are
    microseconds since 1970. `rivals` are other runs whose value a wrong claim may be; `spent` counts the
    poster's other accepted posts by project.
    """

    strict: bool = False
    in_thread: bool = False
    called: bool = False
    bare: bool = False
    member: str | None = None
    posted_at: int = 0
    written_at: int = 0
    rivals: tuple[Record, ...] = ()
    spent: Mapping[str, int] = field(default_factory=dict)


def finding(code: str, sentence: str, remedy: str, board: BoardSpec | None = None) -> Finding | None:
    """A finding about a post, under the board's policy; None where the policy drops it."""
    meaning = CODES[code]
    wanted = meaning.severity if meaning.firm or board is None else board.rules.policy.get(code, meaning.severity)
    return None if wanted == "ignore" else Finding(code, sentence, remedy, wanted)
