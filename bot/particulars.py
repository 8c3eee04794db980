"""What made a run, as small blocks: hyperparameters beside the team's best, code, seed and environment. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from bot.blocks import Block, code, context, joined, link, prose, section
from bot.sight import Sight
from tracker.record import Record
from tracker.rules.differences import settings
from tracker.rules.reproduction import score
from tracker.snapshot import Scalar

_SHOWN_SETTINGS = 12
_MAIN_PACKAGES = ("torch", "tensorflow", "jax", "scikit-learn", "transformers", "lightning", "numpy")


def details(record: Record, sight: Sight, *, titled: bool) -> list[Block]:
    """Hyperparameters, those that differ from the team's best marked, and the small print: code, seed, environment."""
    title = f"*{sight.run(record)}* " if titled else ""
    blocks: list[Block] = []
    lines = _settings(record, sight)
    if lines:
        blocks.append(section(title + "\n".join(lines)))
    blocks.append(context([_code(record, sight), environment(record, sight), _again(record, sight)]))
    return blocks


def _settings(record: Record, sight: Sight) -> list[str]:
    leader = sight.leader(record)
    if leader is None:
        every = [f"{code(key, 40)} *{_value(value)}*" for key, value in record.config.items()]
        return [f"*{sight.say('Hyperparameters')}* {_some(every, sight)}"] if every else []
    both = settings([record, leader])
    other = []
    for each in (each for each in both if not each.same):
        own, best_value = (_setting(*pair, sight) for pair in zip(each.values, each.present, strict=True))
        other.append(f"{code(each.key, 40)} *{own}* ({sight.say('best: {}', best_value)})")
    same = [f"{code(each.key, 40)} {_value(each.values[0])}" for each in both if each.same]
    lines = []
    if other:
        title = sight.say("Other than the team's best")
        lines.append(f":small_orange_diamond: *{title}* ({sight.run(leader)}): {_some(other, sight)}")
    elif same:
        same_title = sight.say("The same hyperparameters as the team's best")
        lines.append(f"{same_title} ({sight.run(leader)})")
    if same:
        lines.append(f"*{sight.say('Same' if other else 'Hyperparameters')}* {_some(same, sight)}")
    return lines


def _some(pieces: Sequence[str], sight: Sight) -> str:
    shown = list(pieces[:_SHOWN_SETTINGS])
    left = len(pieces) - len(shown)
    text = joined(shown, limit=1350, more=sight.say("and {} more"))
    return sight.say("{} and {} more", text, left) if left else text


def _setting(value: Scalar, present: bool, sight: Sight) -> str:
    return _value(value) if present else sight.say("not set")


def _value(value: Scalar) -> str:
    """A hyperparameter as people write it; text as a code span."""
    if isinstance(value, str):
        return code(value, 40)
    return "none" if value is None else str(value).lower() if isinstance(value, bool) else prose(f"{value}", 40)


def _code(record: Record, sight: Sight) -> str:
    snapshot = record.snapshot
    seed = sight.say("seed {}", record.seed) if record.seed is not None else sight.say("no seed said")
    found = snapshot.code
    if found is None or found.git is None or found.git.commit is None:
        return f"{sight.say('code not in git')} · {seed}"
    git = found.git
    commit = link(git.commit_url or "", (git.commit or "")[:7])
    branch = f" {sight.say('on {}', code(git.branch, 40))}" if git.branch else ""
    dirty = ""
    if found.dirty:
        kept = sight.say("{} not stored", len(found.left_out)) if found.left_out else sight.say("all stored")
        count = len(found.changed) + len(found.left_out)
        dirty = f" · {sight.say('dirty: {} differ ({})', sight.counted(count, 'file'), kept)}"
    unpushed = f" · {sight.say('not pushed')}" if git.pushed is False else ""
    return f"git *{commit}*{branch}{dirty}{unpushed} · {seed}"


def _again(record: Record, sight: Sight) -> str:
    """How much of what a reproduction needs is recorded."""
    found = score(record)
    return f":repeat: {sight.say('{} of {} things recorded that a reproduction needs', found.met, found.of)}"


def environment(record: Record, sight: Sight) -> str:
    """The environment in a line: Python, the main packages, the machine."""
    python, machine = record.snapshot.python, record.snapshot.machine
    parts = []
    if python is not None:
        parts.append(f"Python {prose(python.version, 20)}")
        versions = {package.name.lower(): package.version for package in python.packages}
        parts += [f"{name} {prose(versions[name], 30)}" for name in _MAIN_PACKAGES if name in versions][:2]
    if machine is not None:
        parts.append(f"{prose(machine.os, 40)} {prose(machine.arch, 12)}, {sight.counted(machine.cores, 'core')}")
        parts += [prose(gpu.name, 40) for gpu in machine.gpus[:1]]
        if len(machine.gpus) > 1:
            parts[-1] += f" ×{len(machine.gpus)}"
    return " · ".join(parts)
