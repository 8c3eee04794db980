"""MLflow's filters and orders, as text and as values. Pure.

    metrics.acc > 0.9 and params.`learning rate` = '0.1' and tags.mlflow.runName LIKE 'a%'
    metrics.acc DESC, attributes.start_time

Clauses are joined by AND and by nothing else. A key with odd characters stands in backticks or double quotes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from tracker.errors import InvalidQuery
from tracker.ids import clip

Kind = Literal["metric", "param", "tag", "attribute", "dataset"]
Value = str | float | tuple[str, ...] | None

_KINDS: Mapping[str, Kind] = {
    **dict.fromkeys(("metric", "metrics"), "metric"),
    **dict.fromkeys(("param", "params", "parameter", "parameters"), "param"),
    **dict.fromkeys(("tag", "tags"), "tag"),
    **dict.fromkeys(("attr", "attribute", "attributes", "run"), "attribute"),
    **dict.fromkeys(("dataset", "datasets"), "dataset"),
}
_NUMERIC = ("=", "!=", ">", ">=", "<", "<=")
_TEXT = ("=", "!=", "LIKE", "ILIKE")
_SET = ("IN", "NOT IN")
_NULL = ("IS NULL", "IS NOT NULL")

_TOKEN = re.compile(
    r"""\s*(?:
    (?P<compare>!=|<>|>=|<=|==|=|<|>)
    |(?P<mark>[(),])
    |(?P<text>'(?:[^']|'')*')
    |(?P<word>(?:[^\s=<>!,()'"`]|`[^`]*`|"[^"]*")+)
    )""",
    re.VERBOSE,
)
_SEVERAL = re.compile(r"[\s,]")
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_WORD = re.compile(r"(?:(?P<kind>`[^`]+`|\"[^\"]+\"|[^\s.`\"]+)\.)?(?P<key>`[^`]*`|\"[^\"]*\"|.+)", re.DOTALL)


@dataclass(frozen=True)
class Subject:
    """What can be asked about: which kinds of keys there are, and the attributes, with their other names. `orders` are
    the kinds that can be ordered by, each thing `once` at most where that is asked."""

    kinds: frozenset[Kind]
    texts: frozenset[str]
    numbers: frozenset[str] = frozenset()
    sets: frozenset[str] = frozenset()
    aliases: Mapping[str, str] = field(default_factory=dict)
    orders: frozenset[Kind] = frozenset({"attribute"})
    once: bool = False

    def attribute(self, name: str) -> str:
        """The attribute's own name.

        Raises:
            InvalidQuery: there is none of that name.
        """
        own = self.aliases.get(name, name)
        if own not in self.texts | self.numbers:
            known = ", ".join(sorted(self.texts | self.numbers))
            raise InvalidQuery(f"{clip(name)!r} is no attribute that can be searched.", remedy=f"There are: {known}.")
        return own


_TIMES = {"created": "start_time", "Created": "start_time", "run name": "run_name", "Run name": "run_name"}
RUNS = Subject(
    frozenset({"metric", "param", "tag", "attribute", "dataset"}),
    texts=frozenset({"run_id", "run_name", "status", "artifact_uri", "user_id"}),
    numbers=frozenset({"start_time", "end_time"}),
    sets=frozenset({"run_id"}),
    aliases=_TIMES | {"Run Name": "run_name", "name": "run_name", "run_uuid": "run_id", "start time": "start_time"},
    orders=frozenset({"metric", "param", "tag", "attribute"}),
    once=True,
)
EXPERIMENTS = Subject(
    frozenset({"tag", "attribute"}),
    texts=frozenset({"name", "experiment_id"}),
    numbers=frozenset({"creation_time", "last_update_time"}),
    sets=frozenset({"experiment_id"}),
)
MODELS = Subject(
    frozenset({"metric", "param", "tag", "attribute"}),
    texts=frozenset({"name", "model_id", "model_type", "status", "source_run_id", "experiment_id"}),
    numbers=frozenset({"creation_timestamp", "creation_time", "last_updated_timestamp", "last_updated_time"}),
    sets=frozenset({"name", "model_id", "model_type", "status", "source_run_id", "experiment_id"}),
    orders=frozenset({"metric", "attribute"}),
)
REGISTERED = Subject(
    frozenset({"tag", "attribute"}),
    texts=frozenset({"name"}),
    numbers=frozenset({"creation_timestamp", "last_updated_timestamp"}),
    sets=frozenset({"name"}),
    aliases={"timestamp": "last_updated_timestamp"},
)
VERSIONS = Subject(
    frozenset({"tag", "attribute"}),
    texts=frozenset({"name", "run_id", "source_path", "source"}),
    numbers=frozenset({"version_number", "creation_timestamp", "last_updated_timestamp"}),
    sets=frozenset({"name", "run_id"}),
    aliases={"version": "version_number"},
)


@dataclass(frozen=True)
class Clause:
    """One condition: of a kind of thing, its key, how it is compared, and with what."""

    kind: Kind
    key: str
    op: str
    value: Value


@dataclass(frozen=True)
class Order:
    """One thing to order by."""

    kind: Kind
    key: str
    descending: bool


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str

    def says(self, *words: str) -> bool:
        return self.kind == "word" and self.text.upper() in words


def parse_filter(text: str | None, subject: Subject) -> tuple[Clause, ...]:
    """The conditions of a filter.

    Raises:
        InvalidQuery: it is none that MLflow knows, or asks about something that cannot be asked.
    """
    tokens = _tokens(text or "")
    clauses = []
    while tokens:
        clauses.append(_clause(tokens, subject))
        if tokens:
            joint = tokens.pop(0)
            if not joint.says("AND") or not tokens:
                raise InvalidQuery(
                    f"The filter cannot be read at {clip(joint.text)!r}.", remedy="Conditions are joined by AND alone."
                )
    return tuple(clauses)


def parse_order(texts: Sequence[str], subject: Subject) -> tuple[Order, ...]:
    """What to order by.

    Raises:
        InvalidQuery: something that cannot be ordered by, or the same thing twice.
    """
    found: list[Order] = []
    for text in texts:
        if not text.strip():
            raise InvalidQuery("An empty order cannot be followed.", remedy="Name a metric, a param or an attribute.")
        body, _, last = text.strip().rpartition(" ")
        descending = last.upper() == "DESC"
        if not body or last.upper() not in {"ASC", "DESC"}:
            body = text.strip()
        kind, key = _identifier(body.strip(), subject)
        if kind not in subject.orders or (body[-1] not in '`"' and _SEVERAL.search(key)):
            raise InvalidQuery(
                f"Nothing can be ordered by {clip(body)!r}.",
                remedy=f"Use {', '.join(sorted(subject.orders))}, then ASC or DESC; odd names in backticks.",
            )
        if subject.once and any((order.kind, order.key) == (kind, key) for order in found):
            raise InvalidQuery(f"The order names {clip(body)!r} twice.", remedy="Name each thing once.")
        found.append(Order(kind, key, descending))
    return tuple(found)


def _tokens(text: str) -> list[_Token]:
    found = []
    place, end = 0, len(text.rstrip())
    while place < end:
        match = _TOKEN.match(text, place)
        if match is None or match.end() == place:
            raise InvalidQuery(
                f"The filter cannot be read at {clip(text[place:].strip())!r}.", remedy="Is a quote not closed?"
            )
        kind = str(match.lastgroup)
        found.append(_Token(kind, match.group(kind)))
        place = match.end()
    return found


def _clause(tokens: list[_Token], subject: Subject) -> Clause:
    first = tokens.pop(0)
    if first.kind != "word" or first.says("NOT", "AND", "OR"):
        raise InvalidQuery(
            f"The filter cannot be read at {clip(first.text)!r}.",
            remedy="A condition is like: metrics.accuracy > 0.9; OR, NOT and parentheses are not known.",
        )
    kind, key = _identifier(first.text, subject)
    op = _operator(tokens, first.text)
    value = _value(tokens, op, first.text)
    clause = Clause(kind, key, op, value)
    _must_fit(clause, subject)
    return clause


def _identifier(text: str, subject: Subject) -> tuple[Kind, str]:
    match = _WORD.fullmatch(text)
    assert match is not None
    prefix = _bare(match["kind"] or "")
    kind = _KINDS.get(prefix.lower()) if match["kind"] else None
    if kind is None:  # a bare attribute, whose name may hold a dot only if it is in quotes
        if match["kind"] is not None:
            raise InvalidQuery(
                f"{clip(prefix)!r} is nothing that can be searched.", remedy="There are metrics, params, tags and more."
            )
        return "attribute", subject.attribute(_bare(match["key"]))
    if kind not in subject.kinds:
        raise InvalidQuery(f"{clip(text)!r} cannot be asked here.", remedy=f"Ask about {', '.join(subject.kinds)}.")
    key = _bare(match["key"])
    if kind == "dataset" and key not in {"name", "digest", "context"}:
        raise InvalidQuery(f"Data sets have no {clip(key)!r}.", remedy="They have name, digest and context.")
    return kind, subject.attribute(key) if kind == "attribute" else key


def _bare(text: str) -> str:
    quoted = len(text) > 1 and text[0] in '`"' and text[-1] == text[0]
    return text[1:-1] if quoted else text


def _operator(tokens: list[_Token], after: str) -> str:
    if not tokens:
        raise InvalidQuery(f"The filter ends behind {clip(after)!r}.", remedy="Say what it is compared with.")
    token = tokens.pop(0)
    if token.kind == "compare":
        return {"<>": "!=", "==": "="}.get(token.text, token.text)
    if token.says("LIKE", "ILIKE", "IN"):
        return token.text.upper()
    if token.says("NOT") and tokens and tokens[0].says("IN"):
        tokens.pop(0)
        return "NOT IN"
    if token.says("IS") and tokens:
        negated = tokens[0].says("NOT") and bool(tokens.pop(0))
        if tokens and tokens.pop(0).says("NULL"):
            return "IS NOT NULL" if negated else "IS NULL"
    raise InvalidQuery(f"{clip(token.text)!r} compares nothing.", remedy="Use =, !=, >, >=, <, <=, LIKE, ILIKE or IN.")


def _value(tokens: list[_Token], op: str, after: str) -> Value:
    if op in _NULL:
        return None
    if not tokens:
        raise InvalidQuery(f"The filter ends behind {clip(after)!r} {op}.", remedy="Say what it is compared with.")
    token = tokens.pop(0)
    if op not in _SET:
        return _literal(token)
    found: list[str] = []
    while token.text != ")" or not found:
        if token.text != ("," if found else "(") or token.kind != "mark" or len(tokens) < 2:
            raise InvalidQuery(f"{op} needs a list.", remedy=f"Write it like: {clip(after)} {op} ('a', 'b')")
        item = _literal(tokens.pop(0))
        if not isinstance(item, str):
            raise InvalidQuery(f"{op} needs a list of texts.", remedy="Put each into single quotes.")
        found.append(item)
        token = tokens.pop(0)
    return tuple(found)


def _literal(token: _Token) -> str | float:
    if token.kind == "text":
        return token.text[1:-1].replace("''", "'")
    if token.kind == "word" and token.text[0] == '"' and _bare(token.text) != token.text:
        return _bare(token.text)
    if token.kind == "word" and _NUMBER.fullmatch(token.text):
        return float(token.text)
    raise InvalidQuery(f"{clip(token.text)!r} is no value.", remedy="Write a number, or a text in single quotes.")


def _must_fit(clause: Clause, subject: Subject) -> None:
    name = f"{clause.kind} {clip(clause.key)!r}"
    if clause.kind == "metric" or (clause.kind == "attribute" and clause.key in subject.numbers):
        allowed, numeric = _NUMERIC, True
    elif clause.kind in {"param", "tag"}:
        allowed, numeric = (*_TEXT, *_NULL), False
    else:
        sets = clause.kind == "dataset" or clause.key in subject.sets
        allowed, numeric = (*_TEXT, *(_SET if sets else ())), False
    if clause.op not in allowed:
        raise InvalidQuery(f"{clause.op} cannot compare the {name}.", remedy=f"Use {', '.join(allowed)}.")
    if numeric and not isinstance(clause.value, float):
        raise InvalidQuery(f"The {name} is compared with a number, without quotes.", remedy="Write it like: > 0.9")
    if not numeric and isinstance(clause.value, float):
        raise InvalidQuery(f"The {name} is compared with a text, in quotes.", remedy=f"Write it like: = '{clause.key}'")
