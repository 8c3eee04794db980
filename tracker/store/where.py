"""The language of `where`: an SQL condition over what is known of a run, and nothing else.

    config.KEY          a hyperparameter (config."a/b" where the key is no plain name)
    last('METRIC') first('METRIC') min('METRIC') max('METRIC')
    id name project member state seed tag note parent reproduces runtime started ended seen retracted
    = != < <= > >=  + - * /  and or not  in (…)  like  between … and …  is null

Text stands in single quotes and is compared as text, config values by their first 200 characters; `like` does
not mind case. Times are compared with '2026-05-17 12:00' (UTC). What a run does not have is NULL, and no
comparison with it holds, but `tag != 'x'`, which holds for a run without that tag. Every node must be one that
is known here, names become numbers looked up beforehand, and all values travel as parameters, so nothing
written here can be code.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from operator import add, eq, ge, gt, le, lt, mul, ne, sub
from typing import Any

from sqlalchemy import ColumnElement, Float, Select, and_, exists, false, func, literal, not_, or_, select, true
from sqlglot import exp

from tracker.errors import InvalidQuery
from tracker.ids import clip
from tracker.store.fields import NO_FIELD, Aggregate, Field, Fields, Kind
from tracker.store.language import REMEDY, Node, bare, parts
from tracker.store.tables import runs as t

Operator = Callable[[Any, Any], Any]
Value = str | float
_COMPARISONS: dict[type[Node], Operator] = {
    exp.EQ: eq,
    exp.NEQ: ne,
    exp.GT: gt,
    exp.GTE: ge,
    exp.LT: lt,
    exp.LTE: le,
    exp.NullSafeEQ: eq,
}
_ARITHMETIC: dict[type[Node], Operator] = {
    exp.Add: add,
    exp.Sub: sub,
    exp.Mul: mul,
    exp.Div: lambda a, b: a / func.nullif(b, 0.0),
}
_FLIPPED: dict[Operator, Operator] = {gt: lt, ge: le, lt: gt, le: ge, eq: eq, ne: ne}
_CALLS = (exp.Anonymous, exp.Max, exp.Min, exp.First, exp.Last)
_AGGREGATES: dict[str, Aggregate] = {"max": "max", "min": "min", "first": "first", "last": "last"}


@dataclass(frozen=True)
class Operand:
    """One side of a comparison: a `field`, a `value` of the query, or what was reckoned from them (a `number`)."""

    number: ColumnElement[Any] | None = None
    text: ColumnElement[Any] | None = None
    value: Value | None = None
    field: Field = NO_FIELD


class Condition:
    """A parsed condition as SQLAlchemy expressions over the fields of a run; every run fits where there is none."""

    def __init__(self, tree: Node | None, fields: Fields) -> None:
        self._tree = tree
        self._fields = fields

    def probe(self) -> ColumnElement[bool]:
        """The condition for one run at a time, by look-ups: right where runs are walked in order."""
        return true() if self._tree is None else self._truth(self._tree, sets=False)

    def sets(self) -> ColumnElement[bool]:
        """The same condition by sets of runs wherever an index gives them: right where all runs are asked."""
        return true() if self._tree is None else self._truth(self._tree, sets=True)

    def drivers(self) -> Iterator[Select[Any]]:
        """Queries for the numbers of runs, each of which holds every run that fits: one may be very short."""
        for part in parts(self._tree, exp.And) if self._tree is not None else ():
            if (driver := self._driver(part)) is not None:
                yield driver

    def _driver(self, node: Node) -> Select[Any] | None:
        if isinstance(node, exp.And):
            return next((found for part in parts(node, exp.And) if (found := self._driver(part)) is not None), None)
        if not isinstance(node, exp.Or):
            return self._search(node)
        several = []
        for part in parts(node, exp.Or):
            found = self._driver(part)
            if found is None:
                return None
            several.append(found)
        united = several[0].union_all(*several[1:]).subquery()
        return select(united.c[0])

    def _search(self, node: Node) -> Select[Any] | None:
        """The runs for which a field compares so with values of the query, by the field's index, if it has one."""
        if node.args.get("negate"):
            return None
        if isinstance(node, exp.In) and node.expressions:
            field = self._operand(node.this).field
            values = self._values(node.expressions, field)
            return field.search(lambda column: column.in_(values), _kind(values)) if values else None
        if isinstance(node, exp.Between):
            field = self._operand(node.this).field
            bounds = self._values([node.args["low"], node.args["high"]], field)
            return field.search(lambda column: column.between(bounds[0], bounds[1]), _kind(bounds)) if bounds else None
        operator = _COMPARISONS.get(type(node))
        if operator is None or operator is ne:
            return None
        left, right = self._operand(node.this), self._operand(node.args["expression"])
        if right.field.index is not None:
            left, right, operator = right, left, _FLIPPED[operator]
        if right.value is None:
            return None
        value = left.field.fitting(right.value)
        return left.field.search(lambda column: operator(column, value), _kind([value]))

    def _truth(self, node: Node, sets: bool) -> ColumnElement[bool]:
        node = bare(node)
        if isinstance(node, exp.And | exp.Or):
            join = and_ if isinstance(node, exp.And) else or_
            return join(*(self._truth(part, sets) for part in parts(node, type(node))))
        if isinstance(node, exp.Not):
            return not_(self._truth(node.this, False))
        if node.args.get("negate"):
            positive = node.copy()
            positive.set("negate", None)
            return not_(self._truth(positive, False))
        if isinstance(node, exp.Boolean):
            return true() if node.this else false()
        if sets and (found := self._search(node)) is not None:
            return self._fields.run.c.id.in_(found)
        if isinstance(node, exp.Is) and isinstance(node.args["expression"], exp.Null):
            return self._missing(self._operand(node.this))
        if isinstance(node, exp.In) and node.expressions:
            return self._among(node)
        if isinstance(node, exp.Between):
            this = self._operand(node.this)
            low, high = self._operand(node.args["low"]), self._operand(node.args["high"])
            return and_(self._compare(ge, this, low, node), self._compare(le, this, high, node))
        if isinstance(node, exp.Like | exp.ILike):
            return self._like(node)
        operator = eq if isinstance(node, exp.Is) else _COMPARISONS.get(type(node))
        if operator is not None:
            return self._compare(operator, self._operand(node.this), self._operand(node.args["expression"]), node)
        if isinstance(node, exp.Column) and (truth := self._operand(node).field.truth) is not None:
            return truth
        raise _not_known(node, "a condition")

    def _compare(self, operator: Operator, left: Operand, right: Operand, node: Node) -> ColumnElement[bool]:
        if right.field.tags or (isinstance(left.value, str | float) and right.value is None):
            left, right, operator = right, left, _FLIPPED[operator]
        if left.field.tags:
            if operator not in (eq, ne) or not isinstance(right.value, str):
                raise InvalidQuery(f"{_said(node)} compares a tag with no text.", remedy="Write tag = 'baseline'.")
            carried = exists().where(t.tags.c.run == self._fields.run.c.id, t.tags.c.tag == right.value)
            return carried if operator is eq else not_(carried)
        if right.value is not None:
            right = _constant(left.field.fitting(right.value))
        if isinstance(left.value, str) or isinstance(right.value, str):
            sides = left.text, right.text
        else:
            sides = left.number, right.number
            if sides[0] is None or sides[1] is None:
                sides = left.text, right.text
        if sides[0] is None or sides[1] is None:
            raise _unlike(node)
        found: ColumnElement[bool] = operator(*sides)
        return found

    def _among(self, node: Node) -> ColumnElement[bool]:
        left = self._operand(node.this)
        values = self._values(node.expressions, left.field)
        if values is None:
            raise _not_known(node, "a list of values")
        strings = [value for value in values if isinstance(value, str)]
        numbers = [value for value in values if not isinstance(value, str)]
        if left.field.tags:
            return exists().where(t.tags.c.run == self._fields.run.c.id, t.tags.c.tag.in_(strings))
        if (strings and left.text is None) or (numbers and left.number is None):
            raise _unlike(node)
        found = [left.text.in_(strings)] if strings and left.text is not None else []
        return or_(*found, left.number.in_(numbers)) if numbers and left.number is not None else or_(*found)

    def _like(self, node: Node) -> ColumnElement[bool]:
        left, pattern = self._operand(node.this), self._operand(node.args["expression"]).value
        if not isinstance(pattern, str) or (len(pattern) - len(pattern.rstrip("\\"))) % 2:
            raise InvalidQuery(f"In {_said(node)} the pattern is no text.", remedy="For example: name like '%resnet%'.")
        if left.field.tags:
            fits = t.tags.c.tag.ilike(pattern, escape="\\")
            return exists().where(t.tags.c.run == self._fields.run.c.id, fits)
        if left.text is None:
            raise _unlike(node)
        return left.text.ilike(pattern, escape="\\")

    def _missing(self, operand: Operand) -> ColumnElement[bool]:
        if operand.field.tags:
            return not_(exists().where(t.tags.c.run == self._fields.run.c.id))
        sides = [side for side in (operand.number, operand.text) if side is not None]
        if not sides or operand.value is not None:
            raise InvalidQuery("Only a field can be null.", remedy=REMEDY)
        return and_(*(side.is_(None) for side in sides))

    def _values(self, nodes: Sequence[Node], field: Field) -> list[Value] | None:
        """The values of the query that nodes stand for; None where one stands for something else."""
        found = [self._operand(node).value for node in nodes]
        return None if None in found else [field.fitting(value) for value in found if value is not None]

    def _operand(self, node: Node) -> Operand:
        node = bare(node)
        if isinstance(node, exp.Literal):
            return _constant(node.this if node.is_string else _float(node.this))
        if isinstance(node, exp.Boolean):
            return _constant(1.0 if node.this else 0.0)
        if isinstance(node, exp.Neg):
            inner = self._operand(node.this)
            if isinstance(inner.value, float):
                return _constant(-inner.value)
            return Operand(number=-_number(inner, node))
        if (operator := _ARITHMETIC.get(type(node))) is not None:
            left, right = self._operand(node.this), self._operand(node.args["expression"])
            return Operand(number=operator(_number(left, node), _number(right, node)))
        field = self._field(node)
        return Operand(field.number, field.text, None, field)

    def order(self, node: Node) -> Operand:
        """What runs can be ordered by: a field, or what is reckoned from fields.

        Raises:
            InvalidQuery: it is neither.
        """
        operand = self._operand(node)
        if operand.value is not None or operand.number is operand.text is None:
            raise InvalidQuery(f"Runs cannot be ordered by {_said(node)}.", remedy="For example: -max('val/accuracy').")
        return operand

    def _field(self, node: Node) -> Field:
        return self._fields.config(key) if (key := _config_key(node)) else self._other_field(node)

    def _other_field(self, node: Node) -> Field:
        if (asked := metric_of(node)) is not None:
            return self._fields.metric(*asked)
        if isinstance(node, exp.Column) and len(node.parts) == 1:
            return self._fields.named(node.name)
        raise _not_known(node, "a field")


def metric_of(node: Node) -> tuple[Aggregate, str] | None:
    """The aggregate and metric of max('METRIC') and its like; None for any other node."""
    name = node.name if isinstance(node, exp.Anonymous) else type(node).__name__
    if (
        not isinstance(node, exp.Anonymous | exp.Max | exp.Min | exp.First | exp.Last)
        or name.lower() not in _AGGREGATES
    ):
        return None
    inner = node.expressions if isinstance(node, exp.Anonymous) else [node.this, *node.expressions]
    if len(inner) != 1 or not (_is_text(inner[0]) or (isinstance(inner[0], exp.Column) and len(inner[0].parts) == 1)):
        raise InvalidQuery(f"{_said(node)} names no metric.", remedy=f"Write {name.lower()}('val/accuracy').")
    return _AGGREGATES[name.lower()], inner[0].name


def _config_key(node: Node) -> str:
    """The key of config.KEY, or config['KEY']; empty for any other node."""
    if isinstance(node, exp.Bracket):
        inner = node.expressions
        ours = isinstance(node.this, exp.Column) and node.this.name.lower() == "config" and len(node.this.parts) == 1
        return inner[0].name if ours and len(inner) == 1 and _is_text(inner[0]) else ""
    names: list[str] = []
    while isinstance(node, exp.Dot):
        names.insert(0, node.args["expression"].name)
        node = node.this
    if not isinstance(node, exp.Column):
        return ""
    names = [part.name for part in node.parts] + names
    return ".".join(names[1:]) if names[0].lower() == "config" else ""


def _is_text(node: Node) -> bool:
    return isinstance(node, exp.Literal) and bool(node.is_string)


def _constant(value: Value) -> Operand:
    if isinstance(value, str):
        return Operand(text=literal(value), value=value)
    return Operand(number=literal(value, Float(53)), value=value)


def _float(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise InvalidQuery(f"{clip(text)!r} is no number.", remedy=REMEDY) from None


def _number(operand: Operand, node: Node) -> ColumnElement[Any]:
    if operand.number is None:
        raise InvalidQuery(f"{_said(node)} reckons with something that is no number.", remedy=REMEDY)
    return operand.number


def _kind(values: Sequence[Value]) -> Kind | None:
    """Whether the values are all numbers, or all text."""
    kinds: set[Kind] = {"text" if isinstance(value, str) else "number" for value in values}
    return kinds.pop() if len(kinds) == 1 else None


def _said(node: Node) -> str:
    return repr(clip(node.sql(), 60))


def _unlike(node: Node) -> InvalidQuery:
    return InvalidQuery(
        f"{_said(node)} compares a number with text.", remedy="Text stands in single quotes, numbers without."
    )


def _not_known(node: Node, what: str) -> InvalidQuery:
    return InvalidQuery(f"{_said(node)} is not {what} that can be asked for.", remedy=REMEDY)
