"""A run as a small card for a notebook: HTML that stands alone, light and dark, and names nothing unescaped. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import msgspec

from tracker.snapshot import Scalar

Curve = tuple[Sequence[int], Sequence[float]]
"""The steps and values of a metric."""

_PLAIN = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#x27;"})
# The library's own `html.escape` loads a table of two thousand names into every training process.
WIDTH, HEIGHT, BUCKETS = 180, 40, 120
MOST_CONFIG, MOST_CURVES, MOST_TEXT = 12, 6, 80
_LIGHT = "--paper:#fff;--ink:#1a1f24;--soft:#58626d;--line:#e2e2dc;--accent:#0b5fae;--curve:#0072b2"
_DARK = "--paper:#181c20;--ink:#e7eaed;--soft:#9ba6b1;--line:#2c3339;--accent:#74b6f2;--curve:#58a9e0"
STYLE = f"""<style>
.runcite-card{{{_LIGHT};background:var(--paper);color:var(--ink);border:1px solid var(--line);border-radius:8px;
padding:10px 14px;max-width:640px;font:13px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}}
@media (prefers-color-scheme:dark){{body:not([data-jp-theme-light="true"]):not(.vscode-light) .runcite-card{{{_DARK}}}}}
body[data-jp-theme-light="false"] .runcite-card,body.vscode-dark .runcite-card{{{_DARK}}}
.runcite-card a{{color:var(--accent)}} .runcite-card code{{font:12px ui-monospace,Menlo,monospace;background:none;
color:inherit}} .runcite-card .soft{{color:var(--soft)}} .runcite-card .parts{{display:flex;flex-wrap:wrap;gap:8px 22px;
margin-top:8px}} .runcite-card figure{{margin:0}} .runcite-card svg{{display:block}} .runcite-card polyline{{fill:none;
stroke:var(--curve);stroke-width:1.5;vector-effect:non-scaling-stroke}} .runcite-card circle{{fill:var(--curve)}}
.runcite-card dl{{display:grid;grid-template-columns:auto auto;gap:0 12px;margin:0}} .runcite-card dd{{margin:0}}
.runcite-card dt{{color:var(--soft)}}
</style>"""


class Card(msgspec.Struct, frozen=True):
    """What a card shows. `address` is a page's, or what to type; `note` says what it leaves out."""

    run_id: str
    address: str
    project: str
    name: str | None
    state: str
    config: Mapping[str, Scalar]
    curves: Mapping[str, Curve]
    note: str = ""


def html(card: Card) -> str:
    """The card as HTML."""
    name = f" <span>{_text(card.name)}</span>" if card.name else ""
    head = (
        f"<code><b>{_text(card.run_id)}</b></code>{name} <span class='soft'>{_text(card.project)} · {card.state}</span>"
    )
    parts = [_figure(metric, *card.curves[metric]) for metric in list(card.curves)[:MOST_CURVES]]
    left = len(card.curves) - MOST_CURVES
    notes = [card.note] if card.note else []
    if left > 0:
        notes.append(f"{left} more metrics are on the run's page.")
    said = "".join(f"<div class='soft'>{note.translate(_PLAIN)}</div>" for note in notes)
    return (
        f"{STYLE}<div class='runcite-card'><div>{head} {_link(card.address)}</div>"
        f"<div class='parts'>{_config(card.config)}{''.join(parts)}</div>{said}</div>"
    )


def _link(address: str) -> str:
    if address.startswith(("http://", "https://")):
        return f"<a href='{address.translate(_PLAIN)}' target='_blank' rel='noopener'>see it</a>"
    return f"<code class='soft'>{_text(address)}</code>"


def _config(config: Mapping[str, Scalar]) -> str:
    shown = list(config.items())[:MOST_CONFIG]
    rows = "".join(f"<dt>{_text(key)}</dt><dd>{_text(value)}</dd>" for key, value in shown)
    more = len(config) - len(shown)
    rows += f"<dt>…</dt><dd class='soft'>{more} more</dd>" if more else ""
    return f"<dl>{rows}</dl>" if rows else ""


def _figure(metric: str, steps: Sequence[int], values: Sequence[float]) -> str:
    last = f"{values[-1]:.5g} at step {steps[-1]}" if values else ""
    return f"<figure>{_curve(steps, values)}<div>{_text(metric)} <b>{last}</b></div></figure>"


def _curve(steps: Sequence[int], values: Sequence[float]) -> str:
    points = thinned([point for point in zip(steps, values, strict=True) if math.isfinite(point[1])], BUCKETS)
    if not points:
        return ""
    xs, ys = [x for x, _ in points], [y for _, y in points]
    left, low = min(xs), min(ys)
    wide, high = max(max(xs) - left, 1), max(ys) - low or 1.0
    at = [((x - left) / wide * (WIDTH - 6) + 3, HEIGHT - 3 - (y - low) / high * (HEIGHT - 6)) for x, y in points]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in at)
    end = f"<circle cx='{at[-1][0]:.1f}' cy='{at[-1][1]:.1f}' r='2.2'/>"
    return f"<svg width='{WIDTH}' height='{HEIGHT}' role='img'><polyline points='{line}'/>{end}</svg>"


def thinned(points: Sequence[tuple[int, float]], buckets: int) -> list[tuple[int, float]]:
    """At most two points for each bucket: its lowest and its highest, in order; the last point always."""
    if len(points) <= 2 * buckets:
        return list(points)
    size = math.ceil(len(points) / buckets)
    kept: list[tuple[int, float]] = []
    for start in range(0, len(points), size):
        some = range(start, min(start + size, len(points)))
        ends = {min(some, key=lambda at: points[at][1]), max(some, key=lambda at: points[at][1])}
        kept += [points[at] for at in sorted(ends)]
    return kept if kept[-1] == points[-1] else [*kept, points[-1]]


def _text(value: object) -> str:
    text = str(value)
    return (text if len(text) <= MOST_TEXT else text[: MOST_TEXT - 1] + "…").translate(_PLAIN)
