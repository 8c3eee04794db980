"""The colours of Runcite, named once: charts, pages and README share them.

The series colours are those of M. Okabe and K. Ito ("Color Universal Design", 2008), told apart under every
common colour blindness; on dark ground they are lighter, and yellow and light blue are darkened on light
ground, so that each has a contrast of 3:1 or more. The pages' style sheet names the same values `--k0` … `--k7`,
`--ink`, `--soft`, `--line`, `--paper`, `--good`, `--bad` and `--warn`.

A meaning is never told by colour alone: what stands out is also bold, named or marked.
"""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Theme:
    """Colours as `#rrggbb`.

    `paper` is the ground, `ink` the text, `soft` lesser text, `line` rules and rails, `crowd` what stands
    behind (other runs), `cited` what the chart is about, `mark` what it is measured against. `language` (en or zh) is
    that of the chart's own words.
    """

    name: str
    paper: str
    raised: str
    ink: str
    soft: str
    line: str
    crowd: str
    cited: str
    mark: str
    good: str
    bad: str
    warn: str
    series: tuple[str, ...]
    language: str = "en"


LIGHT = Theme(
    name="light",
    paper="#ffffff",
    raised="#fbfbf9",
    ink="#1a1f24",
    soft="#58626d",
    line="#e2e2dc",
    crowd="#a9b0b7",
    cited="#0072b2",
    mark="#d55e00",
    good="#0a6b49",
    bad="#ad2f18",
    warn="#7d5200",
    series=("#0072b2", "#d55e00", "#009e73", "#b0578d", "#b58500", "#3a9bd9", "#6b4fa0", "#5a5f66"),
)

DARK = Theme(
    name="dark",
    paper="#181c20",
    raised="#1d2227",
    ink="#e7eaed",
    soft="#9ba6b1",
    line="#2c3339",
    crowd="#6a7580",
    cited="#58a9e0",
    mark="#f08a3c",
    good="#5fcf9f",
    bad="#ff9078",
    warn="#e9b949",
    series=("#58a9e0", "#f08a3c", "#3cc49a", "#dd8fbd", "#e3bd3f", "#8fd0f7", "#ab93de", "#aab1b8"),
)


def in_language(theme: Theme, language: str) -> Theme:
    """The theme for a reader of that language."""
    return theme if theme.language == language else replace(theme, language=language)
