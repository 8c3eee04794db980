"""Lines that differ between uncommitted files, where both contents are stored, and why there are none where not."""

from __future__ import annotations

from typing import Any

from tracker.rules.comparison import explain
from tracker.rules.line_diffs import MOST_BYTES, SHOWN_LINES, LineDiff, wanted
from tracker.snapshot import ChangedFile, Code

from .makers import GIT, record

A, B = "1" * 64, "2" * 64


def diff(before: bytes | None, after: bytes | None, **changes: Any) -> LineDiff:
    """The difference of a file that both runs changed; None for contents that cannot be had."""
    files = [ChangedFile("train.py", "modified", digest, 10, **changes) for digest in (A, B)]
    one, other = (record(number, code=Code(GIT, None, (file,))) for number, file in enumerate(files, 1))
    contents = {digest: each for digest, each in ((A, before), (B, after)) if each is not None}
    (found,) = explain(one, other, contents=contents).diffs
    return found


def test_changed_lines_are_told_as_diff_does() -> None:
    found = diff(b"import torch\nlr = 0.1\nx = 1\n", b"import torch\nlr = 0.2\ny = 2\nx = 1\n")
    assert (found.added, found.removed, found.cut, found.why_not) == (2, 1, False, "")
    assert found.lines == ("@@ -1,3 +1,4 @@", " import torch", "-lr = 0.1", "+lr = 0.2", "+y = 2", " x = 1")


def test_a_line_that_looks_like_a_head_is_a_line() -> None:
    found = diff(b"a\n", b"++ b\n-- c\na\n")
    assert (found.added, found.removed) == (2, 0) and "+++ b" in found.lines


def test_what_cannot_be_compared_says_why() -> None:
    assert diff(b"a", None).why_not == "its content is not stored"
    assert diff(b"a\0b", b"c").why_not == "it is no text"
    assert diff(b"x" * (MOST_BYTES + 1), b"").why_not.startswith("it is too long")
    assert diff(b"a", b"b", mode="submodule").why_not == "it is a submodule"
    long = diff(b"", b"line\n" * 1000)
    assert long.cut and len(long.lines) == SHOWN_LINES and long.added == 1000


def test_a_file_that_one_run_has_as_committed_has_nothing_to_be_held_against() -> None:
    changed = ChangedFile("train.py", "modified", A, 10)
    found = explain(record(1), record(2, code=Code(GIT, None, (changed,))), contents={A: b"x"})
    assert "as committed" in found.diffs[0].why_not and wanted(found.files) == ()


def test_a_deleted_file_lost_all_its_lines() -> None:
    one = record(1, code=Code(GIT, None, (ChangedFile("a.py", "modified", A, 4),)))
    other = record(2, code=Code(GIT, None, (ChangedFile("a.py", "deleted", None, 0),)))
    found = explain(one, other, contents={A: b"1\n2\n"})
    assert wanted(found.files) == (A,) and (found.diffs[0].added, found.diffs[0].removed) == (0, 2)
    assert explain(one, other).diffs == ()
