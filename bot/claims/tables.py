"""Tables in a post: Markdown, tab-separated and aligned ones. A cell's number gets its column's or its row's metric."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from bot.claims.candidates import Candidate
from bot.claims.plain import FENCE
from bot.claims.token import LINE, MARK, NUMBER, Token

_NO_VALUES = frozenset(
    """
        support n epoch epochs step steps iter params param parameters flops macs gflops version shot shots
        stderr std stdev stddev seed time lr rank count size id date batch hours runtime samples # no. stdev. sd
        ci filter memory mem gpu vram eta 轮次 步数 参数量 样本数 数量 标准差 耗时 显存 编号 序号 学习率
        instances train_time s/epoch it/s data images
    """.split()
)


_INITIALS = {"P": "precision", "R": "recall", "Prec": "precision", "Rec": "recall", "F": "f1"}


@dataclass(slots=True)
class _Line:
    cells: list[list[int]] = field(default_factory=list)
    piped: bool = False
    rule: bool = False
    numbers: int = 0


def _columns(tokens: list[Token], by_place: dict[int, Candidate]) -> None:
    """Lines of a code block whose columns are parted by single blanks: the i-th number gets the i-th metric's name."""
    header: list[Token] = []
    line: list[int] = []
    inside = False
    for place, token in enumerate([*tokens, Token(LINE, 0, 0, "\n", "\n")]):
        if token.raw == FENCE:
            inside = not inside
        if token.kind != LINE:
            line.append(place)
            continue
        numbers = [at for at in line if at in by_place]
        named = [tokens[at] for at in line if tokens[at].metric and not tokens[at].weak]
        if not numbers and len(named) > 1:
            header = named
        elif (
            header
            and inside
            and len(numbers) == len(header)
            and not named
            and "|" not in {tokens[at].raw for at in line}
        ):
            for at, title in zip(numbers, header, strict=True):
                if not by_place[at].cell:
                    _fill(by_place[at], title.metric)
        elif line:
            header = []
        line = []


def _fill(candidate: Candidate, metric: str) -> None:
    candidate.metric, candidate.cost, candidate.cell, candidate.side, candidate.header = metric, 0.5, True, "cell", True


def read(tokens: list[Token], candidates: list[Candidate], text: str) -> list[Candidate]:
    """Bind the candidates that stand in tables, and leave out those of columns that hold no values."""
    commas = [match.span() for match in _CSV.finditer(text)] if "," in text and "\n" in text else []
    if not commas and not any(mark in text for mark in ("|", "\t", "  ", FENCE)):
        return candidates
    lines = _lines(tokens, text, commas, {candidate.place for candidate in candidates})
    by_place = {candidate.place: candidate for candidate in candidates}
    dropped: set[int] = set()
    header: _Line | None = None
    for line in lines:
        if line.rule:
            continue
        if len(line.cells) < 2:
            header = None
        elif header is None or (not line.numbers and _is_header(line, tokens)):
            header = line if not line.numbers and _is_header(line, tokens) else None
        elif header is not None and line.numbers:
            _row(header, line, tokens, by_place, dropped)
    if FENCE in text:
        _columns(tokens, by_place)
    return [candidate for candidate in candidates if candidate.place not in dropped] if dropped else candidates


def _lines(tokens: list[Token], text: str, commas: list[tuple[int, int]], places: set[int]) -> list[_Line]:
    at = 0
    lines = [_Line()]
    cell: list[int] = []
    last = -1
    for place, token in enumerate(tokens):
        line = lines[-1]
        while at + 1 < len(commas) and commas[at][1] <= token.start:
            at += 1
        if token.kind == LINE:
            if cell:
                line.cells.append(cell)
            _finish(line, tokens)
            lines.append(_Line())
            cell, last = [], -1
            continue
        if token.raw == FENCE:
            continue
        if token.raw == "|" or (token.raw == "," and commas and commas[at][0] <= token.start < commas[at][1]):
            if last >= 0:
                line.cells.append(cell)
            line.piped = True
            cell, last = [], place
            continue
        if last >= 0 and not line.piped:
            gap = text[tokens[last].end : token.start]
            if len(gap) > 1 or gap == "\t":
                line.cells.append(cell)
                cell = []
        cell.append(place)
        line.numbers += token.kind == NUMBER and place in places
        last = place
    if cell:
        lines[-1].cells.append(cell)
    _finish(lines[-1], tokens)
    return [line for line in lines if line.cells or line.rule]


_CSV = re.compile(r"(?m)^[^\s,]*(?:,[^\s,]*){2,30}$")


def _finish(line: _Line, tokens: list[Token]) -> None:
    inside = [place for cell in line.cells for place in cell]
    line.rule = bool(inside) and all(tokens[place].kind == MARK and tokens[place].raw in "-:+=–_|" for place in inside)


def _is_header(line: _Line, tokens: list[Token]) -> bool:
    return any(
        tokens[place].metric or tokens[place].split or tokens[place].raw in _INITIALS
        for cell in line.cells
        for place in cell
    )


def _row(header: _Line, line: _Line, tokens: list[Token], by_place: dict[int, Candidate], dropped: set[int]) -> None:
    shift = len(header.cells) - len(line.cells)
    label_metric = label_split = ""
    macro = False
    for cell in line.cells:
        if any(place in by_place for place in cell):
            continue
        for place in cell:
            token = tokens[place]
            label_metric = label_metric or (token.metric if token.metric not in {"generic", "other"} else "")
            label_split = label_split or token.split
            macro = macro or token.text == "macro"
    for column, cell in enumerate(line.cells):
        inside = [by_place[place] for place in cell if place in by_place]
        if not inside:
            continue
        if header.piped or shift in {0, -1}:
            index = column + (shift if shift == -1 else 0)
        else:
            index = column + shift
        titles = [tokens[place] for place in header.cells[index]] if 0 <= index < len(header.cells) else []
        metric = next((title.metric for title in titles if title.metric and not title.weak), "")
        metric = metric or _INITIALS.get(titles[0].raw if len(titles) == 1 else "", "")
        metric = metric or ("latency" if any(title.text == "ms" for title in titles) else "")
        split = next((title.split for title in titles if title.split), "")
        named = any(title.text in _NO_VALUES for title in titles)
        for candidate in inside:
            if named and not metric:
                dropped.add(candidate.place)
                continue
            if macro and metric == "f1":
                metric = "macro_f1"
            chosen = label_metric or metric
            if chosen and chosen != "generic":
                candidate.metric, candidate.cost, candidate.cell, candidate.side = chosen, 0.5, True, "cell"
            candidate.header = bool(metric)
            candidate.split = split or label_split
