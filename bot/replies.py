"""What the bot says to a post: the verdict first, then what is recorded. Pure.

Every reply is blocks and a `text` that alone says the verdict. The chart is added later, into the same
message, by `with_chart`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.blocks import (
    Block,
    Message,
    advice,
    button,
    code,
    context,
    escape,
    image,
    joined,
    link,
    message,
    plain,
    prose,
    section,
)
from bot.matches import Match, Recorded, said
from bot.verdicts import Judgement
from tracker.record import BoardSpec, Finding, Record
from tracker.rules.board import Place, Ranking, best, place_of, why_unranked
from tracker.rules.differences import settings
from tracker.rules.words import counted, duration, number
from tracker.snapshot import Scalar

ACCEPTED, REJECTED, ABOUT = ":white_check_mark:", ":x:", ":mag:"
_SHOWN_SETTINGS = 12
_SHOWN_ELSEWHERE = frozenset({"dirty", "bundled", "data-unknown", "best-not-last"})
"""Notes of which another line of the reply speaks."""
_MAIN_PACKAGES = ("torch", "tensorflow", "jax", "scikit-learn", "transformers", "lightning", "numpy")


@dataclass(frozen=True)
class Sight:
    """What a reply may look at beside the judgement: the boards of the cited runs' projects, and where pages are."""

    rankings: tuple[Ranking, ...] = ()
    pages: str = ""

    def ranking(self, record: Record) -> Ranking | None:
        """The board of the run's project."""
        return next((each for each in self.rankings if each.spec.project == record.project), None)

    def place(self, record: Record) -> Place | None:
        """Where the run stands; None where it does not rank."""
        ranking = self.ranking(record)
        return place_of(ranking, record.id) if ranking else None

    def leader(self, record: Record) -> Record | None:
        """The best run of the run's project; None when that is the run itself, or nothing ranks."""
        ranking = self.ranking(record)
        row = best(ranking) if ranking else None
        return None if row is None or record.id in row.run_ids else row.records[0]

    def run_page(self, run_id: str) -> str:
        return f"{self.pages}/runs/{run_id}" if self.pages else ""

    def run(self, record: Record) -> str:
        """The run ID, leading to the run's page."""
        return link(self.run_page(record.id), record.id)


def reply(judgement: Judgement, sight: Sight) -> Message:
    """The reply to a post that was judged; only for a judgement that speaks."""
    if judgement.verdict == "rejected":
        return _rejected(judgement, sight)
    if judgement.verdict == "accepted":
        return _accepted(judgement, sight)
    return _about(judgement, sight)


def with_chart(said_so_far: Message, file: str, alt: str) -> Message:
    """The same reply with its chart: before the small print."""
    blocks = list(said_so_far.blocks)
    at = next((at for at, block in enumerate(blocks) if block["type"] == "context"), len(blocks))
    return message(said_so_far.text, [*blocks[:at], image(file, alt), *blocks[at:]])


def buttons(record: Record, sight: Sight) -> list[Block]:
    """What one may want next: the run's page, how it differs from the best, how to get it again."""
    leader, page = sight.leader(record), sight.run_page(record.id)
    found = [
        button("Open run", "open", url=page) if page else None,
        button("Compare with best", "compare", f"{record.id} {leader.id}") if leader else None,
        button("How to reproduce", "reproduce", record.id),
    ]
    return [{"type": "actions", "elements": [each for each in found if each is not None]}]


def handed(refusal: Message, words: str) -> Message:
    """What a post's author gets where posts that are not accepted are taken away: why, and their words."""
    back = plain(words, 2500)
    said = "Your post was taken back from the channel. These were its words:"
    text = f"{refusal.text} {said} "
    blocks = [*refusal.blocks, section(f"{said}\n```{escape(back.replace('`', 'ʼ')) or '–'}```")]
    return Message(f"{text}{escape(back.replace('://', '∶//'))}"[:3900], tuple(blocks))


def main_record(judgement: Judgement) -> Record | None:
    """The run that the reply is mostly about: the first one a claim holds for, else the first cited."""
    records = {record.id: record for record in judgement.records}
    for match in judgement.matches:
        if match.holds and match.recorded is not None:
            return records[match.recorded.run_id]
    return next(iter(records.values()), None)


def _accepted(judgement: Judgement, sight: Sight) -> Message:
    main = main_record(judgement)
    assert main is not None
    place = place_in_words(main, sight)
    head = f"{ACCEPTED} *Accepted*{f' · {place[0].upper()}{place[1:]}' if place else ''}\n{_whose(main, sight)}"
    lines = [_claim_line(match) for match in judgement.matches if not (match.claim.optional and not match.holds)]
    blocks: list[Block] = [section(head)]
    if lines:
        blocks.append(section(joined(lines, "\n")))
    for record in judgement.records[:5]:
        blocks += _details(record, sight, titled=len(judgement.records) > 1)
    blocks += buttons(main, sight)
    blocks += _remarks(judgement.findings)
    claims = "; ".join(_claim_text(match) for match in judgement.matches if match.holds)
    text = f"Accepted: {main.id}{_by(main)}{f': {claims}' if claims else ''}. {_plain_place(main, sight)}"
    return message(text.strip(), blocks)


def _rejected(judgement: Judgement, sight: Sight) -> Message:
    faults = [each for each in judgement.findings if each.severity == "reject"]
    first, others = faults[0], faults[1:]
    blocks: list[Block] = [
        section(f"{REJECTED} *Not accepted* · {prose(first.sentence)}\n*Next:* {advice(first.remedy)}")
    ]
    if others:
        lines = [f"• {prose(each.sentence)} {advice(each.remedy)}" for each in others]
        blocks.append(section(joined(lines, "\n", more="• and {} more")))
    whose = [_whose(record, sight) for record in judgement.records[:3]]
    again = "Edit your post and I look again: this reply changes with it."
    blocks.append(context([*whose, again]))
    blocks += _remarks([each for each in judgement.findings if each.severity == "warn"])
    text = f"Not accepted: {plain(first.sentence, 600)} {plain(first.remedy, 400)}"
    if others:
        text += f" ({counted(len(others), 'further finding')}.)"
    return message(text, blocks)


def _about(judgement: Judgement, sight: Sight) -> Message:
    """A bare run ID, or one in a post that calls the bot: what is known of it, without a verdict."""
    records = judgement.records
    if not records:
        told = judgement.findings[0]
        text = f"{plain(told.sentence, 600)} {plain(told.remedy, 400)}"
        return message(text, [section(f"{ABOUT} {prose(told.sentence)}\n*Next:* {advice(told.remedy)}")])
    blocks: list[Block] = []
    texts = []
    for record in records[:5]:
        blocks += run_card(record, sight)
        texts.append(run_text(record, sight))
    blocks += _remarks(judgement.findings)
    return message(" ".join(texts), blocks)


def run_card(record: Record, sight: Sight) -> list[Block]:
    """A run by itself: whose, how it went, its values, and what made it."""
    head = f"{ABOUT} {_whose(record, sight)}"
    place = place_in_words(record, sight)
    lines = [head, f"{place[0].upper()}{place[1:]}" if place else "", joined(_values(record, sight), limit=1500)]
    return [section("\n".join(line for line in lines if line)), *_details(record, sight, titled=False)]


def run_text(record: Record, sight: Sight) -> str:
    """The same in one line of plain text."""
    values = "; ".join(plain(value.replace("`", "").replace("*", ""), 120) for value in _values(record, sight)[:2])
    return (
        f"{record.id}{_by(record)} in {plain(record.project, 60)}: {_state(record)}{f', {values}' if values else ''}."
    )


def place_in_words(record: Record, sight: Sight) -> str:
    """`place 2 of 9 by …`, shared or not, or why the run has none; marked up."""
    ranking, place = sight.ranking(record), sight.place(record)
    if ranking is None:
        return ""
    if place is None:
        why = why_unranked(ranking, record.id)
        return f"not ranked{f': {prose(why.reason)}' if why else ''}"
    return f"{_rank(place)} by {_board_metric(ranking.spec)}{_noise(place)}"


def _rank(place: Place) -> str:
    return f"{'shares place' if place.tied else 'place'} *{place.rank}* of {place.of}"


def _noise(place: Place) -> str:
    row = place.row
    if row.one_seed:
        return ", one seed"
    spread = (
        f"{number(row.value)} ({number(row.low)} to {number(row.high)})" if row.low and row.high else number(row.value)
    )
    return f", mean {spread} over {row.n} seeds"


def _plain_place(record: Record, sight: Sight) -> str:
    place = sight.place(record)
    if place is None:
        return ""
    shared = "Shares place" if place.tied else "Place"
    return f"{shared} {place.rank} of {place.of} in {plain(record.project, 60)}."


def _board_metric(spec: BoardSpec) -> str:
    return f"{spec.aggregate} {code(spec.metric)}"


def _whose(record: Record, sight: Sight) -> str:
    name = f" {code(record.name, 40)}" if record.name else ""
    by = f" by {code(record.member, 40)}" if record.member else ""
    return f"*{sight.run(record)}*{name}{by} in {code(record.project)} · {_state(record)}"


def _by(record: Record) -> str:
    return f" by {plain(record.member, 40)}" if record.member else ""


def _state(record: Record) -> str:
    state = "retracted" if record.retracted else record.state
    return f"{state} after {duration(record.end.runtime)}" if record.end else state


def _claim_line(match: Match) -> str:
    """`90.2 %` is val/accuracy: best 0.9023 at step 7, last 0.899."""
    wrote = f"You wrote *{prose(said(match.claim), 40)}*"
    found = match.recorded
    if found is None:
        return f"{wrote}; nothing of the kind is recorded."
    if found.of > 1:
        return f"{wrote}: the mean of {code(found.metric)} over {found.of} runs is *{number(found.value)}*"
    return f"{wrote}: {code(found.metric)} {_recorded(found, match.other)}"


def _recorded(found: Recorded, other: Recorded | None) -> str:
    own = f"*{found.aggregate} {number(found.value)}* at step {found.step}"
    return f"{own}, {other.aggregate} {number(other.value)}" if other else own


def _claim_text(match: Match) -> str:
    found = match.recorded
    assert found is not None
    if found.of > 1:
        return plain(f"{said(match.claim)} is the mean of {found.metric} over {found.of} runs", 200)
    value = f"{found.metric} {found.aggregate} {number(found.value)} at step {found.step}"
    return plain(f"{said(match.claim)} is {value}", 200)


def _values(record: Record, sight: Sight) -> list[str]:
    """The run's metrics, the board's first."""
    ranking = sight.ranking(record)
    spec = ranking.spec if ranking else None
    names = sorted(record.metrics, key=lambda name: (spec is None or name != spec.metric, name))
    lines = []
    for name in names[:6]:
        summary = record.metrics[name]
        text = f"{code(name)} last *{number(summary.last)}*"
        if spec is not None and name == spec.metric:
            top = summary.value("best", spec.direction)
            if top is not None and math.isfinite(top) and top != summary.last:
                text = f"{code(name)} best *{number(top)}*, last {number(summary.last)}"
        lines.append(text)
    return lines


def _details(record: Record, sight: Sight, *, titled: bool) -> list[Block]:
    """Hyperparameters, those that differ from the team's best marked, and the small print: code, seed, environment."""
    title = f"*{sight.run(record)}* " if titled else ""
    blocks: list[Block] = []
    lines = _settings(record, sight)
    if lines:
        blocks.append(section(title + "\n".join(lines)))
    blocks.append(context([_code(record), environment(record)]))
    return blocks


def _settings(record: Record, sight: Sight) -> list[str]:
    leader = sight.leader(record)
    if leader is None:
        every = [f"{code(key, 40)} *{_value(value)}*" for key, value in record.config.items()]
        return [f"*Hyperparameters* {_some(every)}"] if every else []
    both = settings([record, leader])
    other = []
    for each in (each for each in both if not each.same):
        own, best_value = (_setting(*pair) for pair in zip(each.values, each.present, strict=True))
        other.append(f"{code(each.key, 40)} *{own}* (best: {best_value})")
    same = [f"{code(each.key, 40)} {_value(each.values[0])}" for each in both if each.same]
    lines = []
    if other:
        lines.append(f":small_orange_diamond: *Other than the team's best* ({sight.run(leader)}): {_some(other)}")
    elif same:
        lines.append(f"The same hyperparameters as the team's best ({sight.run(leader)})")
    if same:
        lines.append(f"*{'Same' if other else 'Hyperparameters'}* {_some(same)}")
    return lines


def _some(pieces: Sequence[str]) -> str:
    shown = list(pieces[:_SHOWN_SETTINGS])
    left = len(pieces) - len(shown)
    text = joined(shown, limit=1350)
    return f"{text} and {left} more" if left else text


def _setting(value: Scalar, present: bool) -> str:
    return _value(value) if present else "not set"


def _value(value: Scalar) -> str:
    """A hyperparameter as people write it; text as a code span."""
    if isinstance(value, str):
        return code(value, 40)
    return "none" if value is None else str(value).lower() if isinstance(value, bool) else prose(f"{value}", 40)


def _code(record: Record) -> str:
    snapshot, seed = record.snapshot, f"seed {record.seed}" if record.seed is not None else "no seed said"
    found = snapshot.code
    if found is None or found.git is None or found.git.commit is None:
        return f"code not in git · {seed}"
    git = found.git
    commit = link(git.commit_url or "", (git.commit or "")[:7])
    branch = f" on {code(git.branch, 40)}" if git.branch else ""
    dirty = ""
    if found.dirty:
        kept = "all stored" if not found.left_out else f"{len(found.left_out)} not stored"
        count = len(found.changed) + len(found.left_out)
        dirty = f" · dirty: {count} {'file differs' if count == 1 else 'files differ'} ({kept})"
    unpushed = " · not pushed" if git.pushed is False else ""
    return f"git *{commit}*{branch}{dirty}{unpushed} · {seed}"


def environment(record: Record) -> str:
    """The environment in a line: Python, the main packages, the machine."""
    python, machine = record.snapshot.python, record.snapshot.machine
    parts = []
    if python is not None:
        parts.append(f"Python {prose(python.version, 20)}")
        versions = {package.name.lower(): package.version for package in python.packages}
        parts += [f"{name} {prose(versions[name], 30)}" for name in _MAIN_PACKAGES if name in versions][:2]
    if machine is not None:
        parts.append(f"{prose(machine.os, 40)} {prose(machine.arch, 12)}, {counted(machine.cores, 'core')}")
        parts += [prose(gpu.name, 40) for gpu in machine.gpus[:1]]
        if len(machine.gpus) > 1:
            parts[-1] += f" ×{len(machine.gpus)}"
    return " · ".join(parts)


def _remarks(findings: Sequence[Finding]) -> list[Block]:
    """What warns, and what is only noted, as small print."""
    lines = list(_remark(findings))
    return [context(lines[:10])] if lines else []


def _remark(findings: Sequence[Finding]) -> Iterator[str]:
    for each in findings:
        if each.severity == "reject":
            yield f"{REJECTED} {prose(each.sentence, 250)}"
        elif each.severity == "warn":
            yield f":warning: {prose(each.sentence, 250)} {advice(each.remedy, 150)}"
        elif each.code not in _SHOWN_ELSEWHERE:
            yield f":information_source: {prose(each.sentence, 250)}"
