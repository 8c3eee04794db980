"""The stand-in stands apart: it could be lifted out with one file of errors beside it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import bot.sandbox

MODULES = sorted(Path(bot.sandbox.__file__).parent.glob("*.py"))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_a_module_imports_nothing_of_the_bot_or_the_tracker_but_errors(path: Path) -> None:
    imported = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            imported += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            imported.append(node.module or "")
    ours = {name for name in imported if name.split(".")[0] in {"bot", "tracker", "training"}}
    assert all(name.startswith("bot.sandbox") or name == "tracker.errors" for name in ours), ours


def test_the_page_asks_nothing_of_any_other_host() -> None:
    for path in (MODULES[0].parent / "page").iterdir():
        text = path.read_text().replace("http://www.w3.org/2000/svg", "")
        assert "http://" not in text, path.name
        assert "https://" not in text, path.name
        assert "innerHTML" not in text, path.name
