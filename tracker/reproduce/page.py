"""The exported run for people: a README, and a page that opens with no server and no network. Pure.

What people wrote is data: everything is escaped, the page has no script, and asks nobody for anything.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from html import escape

import numpy as np

from tracker.record import Finding, Record
from tracker.rules.reproduction import Score
from tracker.rules.words import counted, duration, number
from tracker.store.series import Points

_WIDE, _HIGH, _MOST = 640, 200, 400
_STYLE = """
:root { color-scheme: light dark; --ink: #1b1f24; --dim: #57606a; --line: #d0d7de; --page: #fff; --curve: #0969da;
  --ok: #1a7f37; --no: #bc4c00; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6edf3; --dim: #9198a1; --line: #3d444d; --page: #0d1117; --curve: #58a6ff;
    --ok: #3fb950; --no: #f0883e; }
}
body { margin: 0 auto; padding: 1.5rem 1rem 4rem; max-width: 60rem; background: var(--page); color: var(--ink);
  font: 16px/1.5 system-ui, "Noto Sans", "Noto Sans CJK SC", sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; margin: 0; } h2 { font-size: 1.05rem; margin: 2rem 0 .5rem; }
code, td.value { font-family: ui-monospace, Menlo, Consolas, monospace; font-size: .9em; }
pre { background: color-mix(in srgb, var(--line) 30%, transparent); padding: .75rem; overflow: auto;
  border-radius: 6px; }
table { border-collapse: collapse; width: 100%; } td { border-top: 1px solid var(--line); padding: .3rem .5rem .3rem 0;
  vertical-align: top; overflow-wrap: anywhere; } td:first-child { color: var(--dim); width: 30%; }
p.dim, figcaption { color: var(--dim); }
.ok { color: var(--ok); } .no { color: var(--no); }
figure { margin: 0; }
.curves { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(17rem, 100%), 1fr)); gap: 1rem; }
svg { box-sizing: border-box; width: 100%; height: auto; border: 1px solid var(--line); border-radius: 6px; }
a { color: var(--curve); }
"""


def page(record: Record, score: Score, series: Mapping[str, Points]) -> str:
    """The page, whole: style within, no script, no address but those of files beside it."""
    title = f"{record.id} · {record.project}"
    body = "".join(_body(record, score, series))
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>{escape(title)}</title><style>{_STYLE}</style>{body}</html>\n"
    )


def _body(record: Record, score: Score, series: Mapping[str, Points]) -> Iterator[str]:
    yield f"<h1>{escape(record.id)} {escape(record.name or '')}</h1>"
    when = datetime.fromtimestamp(record.started_at / 1e6, UTC).strftime("%Y-%m-%d %H:%M UTC")
    took = f", {duration(record.end.runtime)}" if record.end else ""
    yield f'<p class="dim">{escape(record.project)} · {escape(record.member or "nobody known")} · {when}{took} · '
    yield f"{escape(record.state)} · {escape(record.badge)}</p>"
    yield f"<h2>Reproducibility: {score.met} of {score.of}</h2><table>"
    for check in score.checks:
        sign = '<span class="ok">✓</span>' if check.holds else '<span class="no">✗</span>'
        remedy = "" if check.holds else f" {escape(check.remedy)}"
        yield f"<tr><td>{sign} {escape(check.name)}</td><td>{escape(check.words)}.{remedy}</td></tr>"
    yield f"</table><pre>runcite reproduce {escape(record.id)}.zip</pre>"
    if series:
        yield '<h2>Curves</h2><div class="curves">'
        for name, points in series.items():
            yield _curve(name, points, record.metrics[name].count)
        yield "</div>"
    metrics = [
        (name, f"{each.last:.6g} last · {number_or(each.max)} max · {number_or(each.min)} min")
        for name, each in record.metrics.items()
    ]
    yield from _section("Values", metrics)
    yield from _section("Config", [(key, str(value)) for key, value in record.config.items()])
    yield from _section("Code", list(_code(record)))
    yield from _section("Environment", list(_environment(record)))
    yield from _section(
        "Data", [(each.name, f"SHA-256 {each.digest}, {each.size:,} bytes") for each in record.datasets]
    )
    if record.artifacts:
        yield "<h2>Artifacts</h2><table>"
        for each in record.artifacts:
            digest = escape(each.digest)
            file = f'<a href="blobs/{digest}" download="{escape(each.name)}">blobs/{digest[:12]}…</a>'
            yield f"<tr><td>{escape(each.name)} v{each.version}</td><td>{file}, {each.size:,} bytes</td></tr>"
        yield "</table>"
    yield f'<h2>Seal</h2><p class="dim"><code>{escape(record.sealed or "not sealed")}</code></p>'


def _section(title: str, rows: Sequence[tuple[str, str]]) -> Iterator[str]:
    if rows:
        yield f"<h2>{title}</h2><table>"
        for name, value in rows:
            yield f'<tr><td>{escape(name)}</td><td class="value">{escape(value)}</td></tr>'
        yield "</table>"


def _code(record: Record) -> Iterator[tuple[str, str]]:
    code, command = record.snapshot.code, record.snapshot.command
    if command is not None:
        yield "command", shlex.join(command.argv)
    if code is None:
        return
    if code.git is not None:
        yield "commit", code.git.commit or "none"
        yield "remote", code.git.remote or "none"
    for file in code.changed:
        yield file.change, file.path
    for left in code.left_out:
        yield "left out", f"{left.path}: {left.reason}"


def _environment(record: Record) -> Iterator[tuple[str, str]]:
    python, machine = record.snapshot.python, record.snapshot.machine
    if python is not None:
        yield "python", f"{python.implementation} {python.version}, {len(python.packages)} packages (environment.txt)"
    if machine is not None:
        yield "machine", f"{machine.os} {machine.arch}, {machine.cpu}, {machine.cores} cores"
    if record.seed is not None:
        yield "seed", str(record.seed)


def _curve(name: str, points: Points, count: int) -> str:
    """One metric as a line, at most a few hundred points of it, its range told in words."""
    finite = np.isfinite(points.values)
    steps, values = points.steps[finite].astype(np.float64), points.values[finite]
    if not len(values):
        return f"<figure><figcaption>{escape(name)}: no finite value</figcaption></figure>"
    chosen = np.unique(np.linspace(0, len(values) - 1, min(_MOST, len(values))).astype(int))
    low, high = float(values.min()), float(values.max())
    x = (steps[chosen] - steps[0]) / max(1.0, float(steps[-1] - steps[0])) * (_WIDE - 20) + 10
    y = _HIGH - 10 - (values[chosen] - low) / ((high - low) or 1.0) * (_HIGH - 20)
    line = " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x.tolist(), y.tolist(), strict=True))
    line = line if len(chosen) > 1 else f"{line} {line}"  # a dot, by its round ends
    told = f"{name}: {number(low)} to {number(high)}, {counted(count, 'point')}"
    return (
        f'<figure><svg viewBox="0 0 {_WIDE} {_HIGH}" role="img" aria-label="{escape(told)}">'
        f'<polyline points="{line}" fill="none" stroke="var(--curve)" stroke-width="2.5" stroke-linecap="round"/></svg>'
        f"<figcaption>{escape(told)}</figcaption></figure>"
    )


def number_or(value: float | None) -> str:
    """A value, or a dash."""
    return "–" if value is None else number(value)


def readme(record: Record, score: Score, findings: Sequence[Finding], name: str) -> str:
    """What it is, how to look at it, how to get the number again, and what is missing."""
    missing = "".join(f"- {finding.sentence} {finding.remedy}\n" for finding in findings)
    return (
        f"# {record.id}\n\n"
        f"A run of the project {_plain(record.project)}, by {_plain(record.member or 'nobody known')}, "
        "exported whole by Runcite.\n"
        "Open `index.html` in a browser: it needs no server and no network.\n\n"
        f"## Get the number again\n\n    pip install 'runcite[server]'\n    runcite reproduce {_plain(name)}\n\n"
        f"Reproducibility: {score.text}.\n\n"
        "## What is in it\n\n"
        "- `record.json`, `events.jsonl`: the record, and every event of its hash chain\n"
        "- `series.csv`: every point of every metric\n"
        "- `commit.bundle`: the commit without its past, as a git bundle\n"
        "- `blobs/`: changed files, unpushed commits and artifacts, by SHA-256 (`record.json` names them)\n"
        "- `environment.txt`: the packages, exact, for `pip install --no-deps -r`\n"
        "- `manifest.json`: the SHA-256 of every file here\n"
        + (f"\n## What is missing\n\n{missing}" if missing else "")
    )


def _plain(text: str) -> str:
    return "".join(symbol for symbol in text if symbol.isprintable()).replace("`", "'")
