"""Which lines differ between the uncommitted files of two runs, from their stored contents. Pure.

A run stores every file that differs from its commit, and not the commit's own files: where one run has a file as
committed and the other has not, there is nothing here to hold the lines against, and that is said.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from tracker.ids import clip
from tracker.rules.differences import COMMITTED, FileChange

MOST_LINES = 3000
"""Longer files are not compared line by line: the time grows with the square."""

SHOWN_LINES = 400
"""A longer difference is cut there."""

MOST_BYTES = 1 << 19


class LineDiff(msgspec.Struct, frozen=True):
    """A file's difference between two runs, as `diff -u` writes it, without the head.

    `added` and `removed` count lines; `lines` are cut after `SHOWN_LINES`, and `cut` says so. `why_not` is the
    reason where there are no lines to show.
    """

    path: str
    added: int = 0
    removed: int = 0
    lines: tuple[str, ...] = ()
    cut: bool = False
    why_not: str = ""


def wanted(files: Sequence[FileChange]) -> tuple[str, ...]:
    """The digests of the contents that `line_diffs` asks for, each once."""
    found = dict.fromkeys(digest for file in files if not _why_not(file) for digest in file.digests if digest)
    return tuple(found)


def line_diffs(files: Sequence[FileChange], contents: Mapping[str, bytes]) -> tuple[LineDiff, ...]:
    """The difference of each file; `contents` are blobs by digest, those that could be had."""
    return tuple(_line_diff(file, contents) for file in files)


def _line_diff(file: FileChange, contents: Mapping[str, bytes]) -> LineDiff:
    if why := _why_not(file):
        return LineDiff(file.path, why_not=why)
    sides = []
    for digest in file.digests:
        content = contents.get(digest) if digest else b""
        if content is None:
            return LineDiff(file.path, why_not="its content is not stored")
        if len(content) > MOST_BYTES or content.count(b"\n") > MOST_LINES:
            return LineDiff(file.path, why_not="it is too long to be compared line by line")
        if b"\0" in content:
            return LineDiff(file.path, why_not="it is no text")
        sides.append(content.decode("utf-8", "replace").splitlines())
    found = list(_unified(*sides))
    added = sum(line.startswith("+") for line in found)
    removed = sum(line.startswith("-") for line in found)
    shown = tuple(clip(line, 400) for line in found[:SHOWN_LINES])
    return LineDiff(file.path, added, removed, shown, len(found) > SHOWN_LINES)


def _unified(before: list[str], after: list[str]) -> Iterator[str]:
    for place, line in enumerate(difflib.unified_diff(before, after, lineterm="", n=3)):
        if place > 1:  # the first two name the files
            yield line


def _why_not(file: FileChange) -> str:
    if COMMITTED in (file.before, file.after):
        return "one run has it as committed, and a commit's own files are not stored"
    if "submodule" in file.modes:
        return "it is a submodule"
    return ""
