"""The house's floors are executed, not drawn."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OURS = {"tracker", "bot", "training"}
SHIELDS = ("tracker/client/run.py", "bot/worker.py", "tracker/server/app.py", "tracker/shipper")
SOURCES = sorted(path for package in OURS for path in (ROOT / package).rglob("*.py"))


def test_every_import_goes_down_the_floors() -> None:
    checked = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"], cwd=ROOT, capture_output=True, text=True
    )
    assert checked.returncode == 0, checked.stdout[-4000:]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_keeps_the_house_rules(path: Path) -> None:
    """No import of our own inside a function, no broad except outside the shields, no file over 400 lines."""
    name = str(path.relative_to(ROOT))
    source = path.read_text()
    assert source.count("\n") <= 400, f"{name} tells more than one story"
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef):
            assert not [inner.lineno for inner in ast.walk(node) if _imports_ours(inner)], f"{name}: {node.name}"
        if isinstance(node, ast.ExceptHandler) and not name.startswith(SHIELDS):
            caught = ast.unparse(node.type) if node.type else ""
            assert caught not in {"", "Exception", "BaseException"}, f"{name}:{node.lineno} catches everything"


def _imports_ours(node: ast.AST) -> bool:
    if isinstance(node, ast.ImportFrom):
        return (node.module or "").split(".")[0] in OURS
    return isinstance(node, ast.Import) and any(alias.name.split(".")[0] in OURS for alias in node.names)
