"""Server and bot work in threads, and msgspec must not meet a type for the first time in two of them at once."""

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest

ROOT = Path(__file__).parents[2]
THREADED = [
    path
    for folder in ("bot", "tracker/server", "tracker/store")
    for path in sorted((ROOT / folder).rglob("*.py"))
    if "msgspec" in path.read_text("utf-8")
]


def asked_types(tree: ast.AST) -> Iterator[ast.expr]:
    """What is given as a type to msgspec's `decode` and `convert`; a decoder that was made before has its own."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not ast.unparse(node.func).startswith("msgspec."):
            continue
        name = ast.unparse(node.func)
        if name.endswith(".decode"):
            yield from (word.value for word in node.keywords if word.arg == "type")
        if name == "msgspec.convert":
            yield node.args[1]


def holds_fields(kind: Any) -> bool:
    """Whether msgspec has to look at a class's fields to know the type."""
    made = isinstance(kind, type) and (issubclass(kind, msgspec.Struct) or hasattr(kind, "__dataclass_fields__"))
    return made or any(map(holds_fields, get_args(kind)))


@pytest.mark.parametrize("path", THREADED, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_is_decoded_in_threads_was_learned_before(path: Path) -> None:
    for asked in asked_types(ast.parse(path.read_text("utf-8"))):
        if isinstance(asked, ast.Call) and ast.unparse(asked.func) == "learned":
            continue
        module = importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
        said = ast.unparse(asked)
        try:
            kind = eval(said, vars(module))
        except NameError:
            kind = None
        assert kind is not None, f"{path}:{asked.lineno}: write learned({said})"
        assert not holds_fields(kind), f"{path}:{asked.lineno}: write learned({said}), or make a Decoder at import"
