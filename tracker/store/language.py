"""Text of a query to a tree of sqlglot's, bounded in size. What its nodes mean is said in `where`."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import TypeVar

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from tracker.errors import InvalidQuery
from tracker.ids import clip

MAX_LENGTH = 10_000
MAX_NODES = 2_000
MAX_DEPTH = 60
_KEPT = 64
REMEDY = "For example: config.lr < 0.01 and max('val/accuracy') > 0.9 and state = 'finished'."
Node = exp.Expr
T = TypeVar("T", bound=exp.Expr)

# What sqlglot raises on text that is no SQL, over and above its own errors.
_ODD = (RecursionError, ValueError, AttributeError, TypeError, LookupError, AssertionError)


@lru_cache(_KEPT)
def parse_condition(text: str) -> Node:
    """The tree of a `where`.

    Raises:
        InvalidQuery: it is no single expression, or an absurdly large one.
    """
    return _parsed(text, text, "where")


@lru_cache(_KEPT)
def parse_order(text: str) -> tuple[tuple[Node, bool], ...]:
    """The terms of an `order_by`, each with whether the greatest comes first.

    Raises: as `parse_condition`.
    """
    tree = _parsed(f"SELECT 1 ORDER BY {text}", text, "order_by")
    said = {name for name, value in tree.args.items() if value} if isinstance(tree, exp.Select) else set()
    if not said <= {"expressions", "order", "kind"} or "order" not in said:
        raise InvalidQuery("The order_by cannot be read.", remedy="For example: -max('val/accuracy'), started.")
    terms = []
    for ordered in tree.args["order"].expressions:
        down = bool(ordered.args.get("desc"))
        term = bare(ordered.this)
        if isinstance(term, exp.Neg):
            term, down = bare(term.this), not down
        terms.append((term, down))
    return tuple(terms)


def _parsed(sql: str, text: str, what: str) -> Node:
    if "\0" in text or (not text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in text)):
        raise InvalidQuery(f"The {what} holds characters that are no text.", remedy=REMEDY)
    if len(text) > MAX_LENGTH:
        raise InvalidQuery(f"The {what} is longer than {MAX_LENGTH:,} characters.", remedy="Ask for less at once.")
    try:
        tree = sqlglot.parse_one(sql)
        nodes = sum(1 for _ in tree.walk())
        depth = _depth(tree)
    except (SqlglotError, *_ODD) as error:
        raise InvalidQuery(f"The {what} {clip(text)!r} cannot be read{_place(error)}.", remedy=REMEDY) from None
    if nodes > MAX_NODES or depth > MAX_DEPTH:
        raise InvalidQuery(f"The {what} is too large.", remedy="Ask for less at once.")
    return tree


def _depth(tree: Node) -> int:
    """How deep the tree is; a chain of ANDs or ORs counts as one level."""
    deepest = 0
    stack = [(tree, 1)]
    while stack:
        node, depth = stack.pop()
        deepest = max(deepest, depth)
        for child in node.iter_expressions():
            chained = type(child) is type(node) and isinstance(node, exp.And | exp.Or)
            stack.append((child, depth if chained else depth + 1))
    return deepest


def _place(error: Exception) -> str:
    for found in getattr(error, "errors", ()):
        if isinstance(found, dict) and found.get("highlight"):
            return f" at {clip(str(found['highlight']))!r}"
    return ""


def bare(node: Node) -> Node:
    """A node without the parentheses around it."""
    while isinstance(node, exp.Paren):
        node = node.this
    return node


def parts(node: Node, kind: type[T]) -> Iterator[Node]:
    """The links of a chain of ANDs (or ORs), parentheses left out."""
    stack = [node]
    while stack:
        part = bare(stack.pop())
        if isinstance(part, kind):
            stack += [part.args["expression"], part.this]
        else:
            yield part
