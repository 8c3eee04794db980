"""What `where` and `order_by` find, what they refuse in one line, and that nothing written in them is code."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, inspect

from tracker.errors import InvalidQuery, NotFound
from tracker.store import finding, queries
from tracker.store.database import Database
from tracker.store.ingest import retract
from tracker.store.members import add_member

NAMES = ("a", "b", "c", "d", "e")


@pytest.fixture
def runs(database: Database, make_run: Callable[..., str], now: int) -> dict[str, str]:
    """Five runs, by the letter they are called here:

    | run | optimizer | lr    | layers.0 | a/b  | flag  | val/accuracy (first, max, last) | seed | tags     | state    |
    | a   | adam      | 0.1   | 64       | 1    | True  | 0.5  0.95 0.9                  | 1    | baseline | finished |
    | b   | adam      | 0.01  | 64       |      | False | 0.4  0.85 0.85                 | 2    |          | finished |
    | c   | sgd       | 0.001 | 32       | "x"  |       | 0.3  0.99 0.2                  | 3    | x, y     | failed   |
    | d   | SGD       | "0.5" |          |      |       |                                |      | baseline | running  |
    | e   | None      |       |          |      |       | 0.9 (its only value)           | 5    |          | finished |
    """
    add_member(database, "ana", now=now)
    rows: list[dict[str, Any]] = [
        {"config": {"optimizer": "adam", "lr": 0.1, "layers.0": 64, "a/b": 1, "flag": True}, "seed": 1,
         "metrics": {"val/accuracy": [0.5, 0.95, 0.9]}, "tags": ("baseline",), "member": "ana"},
        {"config": {"optimizer": "adam", "lr": 0.01, "layers.0": 64, "flag": False}, "seed": 2,
         "metrics": {"val/accuracy": [0.4, 0.85]}},
        {"config": {"optimizer": "sgd", "lr": 0.001, "layers.0": 32, "a/b": "x"}, "seed": 3,
         "metrics": {"val/accuracy": [0.3, 0.99, 0.2]}, "tags": ("x", "y"), "state": "failed"},
        {"config": {"optimizer": "SGD", "lr": "0.5"}, "tags": ("baseline",), "state": None},
        {"config": {"optimizer": None}, "metrics": {"val/accuracy": [0.9]}, "seed": 5},
    ]  # fmt: skip
    return {name: make_run(**row) for name, row in zip(NAMES, rows, strict=True)}


@pytest.fixture
def letters(database: Database, runs: dict[str, str], now: int, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """The letters of the runs that are found, in order; both ways of searching must find the same."""
    called = {run_id: name for name, run_id in runs.items()}

    def ask(
        where: str | None = None, order_by: str | None = "started", project: str | None = "project", **more: int
    ) -> str:
        answers = []
        for few in (0, 2_000):
            monkeypatch.setattr(finding, "FEW", few)
            found = queries.find_records(database, project, where=where, order_by=order_by, now=now, **more)
            if not more:
                assert queries.count_records(database, project, where=where, now=now) == len(found)
            answers.append("".join(called[record.id] for record in found))
        assert answers[0] == answers[1]
        return answers[0]

    return ask


FOUND = [
    ("config.optimizer = 'adam'", "ab"),
    ("config.optimizer = 'adam' and (max('val/accuracy') > 0.9 or tag = 'baseline')", "a"),
    ("config.optimizer = 'adam' or tag = 'baseline'", "abd"),
    ("config.optimizer != 'adam'", "cd"),
    ("not config.optimizer = 'adam'", "cd"),
    ("config.optimizer is null", "e"),
    ("config.optimizer is not null", "abcd"),
    ("config.optimizer like 's%'", "cd"),
    ("config.optimizer not like 's%'", "ab"),
    ("config.optimizer in ('adam', 'SGD')", "abd"),
    ("config.optimizer not in ('adam', 'SGD')", "c"),
    ("config.optimizer < 'b'", "abd"),
    ("config.lr < 0.05", "bc"),
    ("0.05 > config.lr", "bc"),
    ("config.lr between 0.001 and 0.01", "bc"),
    ("config.lr not between 0.001 and 0.01", "ad"),
    ("config.lr = '0.1'", "a"),
    ("config.lr in (0.1, 0.5)", "ad"),
    ("config.lr in (0.1, '0.01')", "ab"),
    ("config.lr * 10 >= 1", "ad"),
    ("config.lr / 0 > 1", ""),
    ("-config.lr < -0.05", "ad"),
    ("config.lr + config.layers.0 > 64.05", "a"),
    ("config.layers.0 = 64", "ab"),
    ("config.\"a/b\" = 1", "a"),
    ("config['a/b'] = 'x'", "c"),
    ("CONFIG.\"a/b\" is not null", "ac"),
    ("config.flag = true", "a"),
    ("config.flag = false", "b"),
    ("config.flag = 1", "a"),
    ("max('val/accuracy') >= 0.95", "ac"),
    ("max(\"val/accuracy\") >= 0.95", "ac"),
    ("last('val/accuracy') < max('val/accuracy')", "ac"),
    ("min('val/accuracy') = 0.2", "c"),
    ("first('val/accuracy') > 0.4", "ae"),
    ("max('val/accuracy') - first('val/accuracy') > 0.44", "abc"),
    ("max('val/accuracy') is null", "d"),
    ("tag = 'baseline'", "ad"),
    ("'baseline' = tag", "ad"),
    ("tag != 'baseline'", "bce"),
    ("not tag = 'baseline'", "bce"),
    ("tag in ('x', 'baseline')", "acd"),
    ("tag like 'BASE%'", "ad"),
    ("tag is null", "be"),
    ("tag = 'x' and tag = 'y'", "c"),
    ("state = 'finished'", "abe"),
    ("state in ('failed', 'running')", "cd"),
    ("member = 'ana'", "a"),
    ("member is null", "bcde"),
    ("seed = 3", "c"),
    ("seed > 1 and seed < 5", "bc"),
    ("seed is null", "d"),
    ("project = 'project'", "abcde"),
    ("runtime > 12", "abce"),
    ("started > '2020-01-01'", "abcde"),
    ("started > '2020-01-01 12:30' and started < '2020-01-02T00:00:00+02:00'", ""),
    ("started between '2020-01-01' and '2100-01-01'", "abcde"),
    ("ended is null", "d"),
    ("retracted", ""),
    ("not retracted", "abcde"),
    ("retracted = false", "abcde"),
    ("name is null and note = ''", "abcde"),
    ("1 = 1", "abcde"),
    ("true", "abcde"),
    ("false or seed = 1", "a"),
    ("((((seed = 1))))", "a"),
    (" seed = 1 -- and a comment", "a"),
    ("   ", "abcde"),
]  # fmt: skip


def test_what_is_found(letters: Callable[..., str], subtests: pytest.Subtests) -> None:
    for where, expected in FOUND:
        with subtests.test(where):
            assert letters(where) == expected
            assert letters(where, project=None) == expected


ORDERED = [
    (None, "edcba"),
    ("", "edcba"),
    ("started", "abcde"),
    ("-started", "edcba"),
    ("-max('val/accuracy')", "caebd"),
    ("max('val/accuracy')", "beacd"),
    ("max('val/accuracy') desc", "caebd"),
    ("- ( max('val/accuracy') )", "caebd"),
    ("last('val/accuracy')", "cbaed"),
    ("-last('val/accuracy')", "eabcd"),
    ("first('val/accuracy')", "cbaed"),
    ("-config.lr", "dabce"),
    ("config.lr", "cbade"),
    ("config.layers.0, -seed", "cbaed"),
    ("-seed", "ecbad"),
    ("state, -seed", "cebad"),
    ("max('val/accuracy') - last('val/accuracy'), started", "beacd"),
    ("-config.optimizer, seed", "cabde"),
]


def test_the_order_they_come_in(letters: Callable[..., str], subtests: pytest.Subtests) -> None:
    for order_by, expected in ORDERED:
        with subtests.test(order_by):
            assert letters(None, order_by) == expected
            for offset in (0, 3, 5):  # the first, the last, and beyond them
                assert letters(None, order_by, limit=2, offset=offset) == expected[offset : offset + 2]


def test_a_retracted_run_is_known_as_such(
    database: Database, runs: dict[str, str], letters: Callable[..., str], now: int
) -> None:
    retract(database, runs["b"], by="ana", why="wrong split", now=now)
    assert letters("retracted") == "b"
    assert letters("retracted = true or seed = 1") == "ab"


def test_a_silent_run_is_found_as_silent(database: Database, runs: dict[str, str], now: int) -> None:
    for at, state in ((now, "running"), (now + 90_000_000, "silent")):
        for asked in ("running", "silent"):
            found = queries.find_records(database, None, where=f"state = '{asked}'", now=at)
            assert [record.id for record in found] == ([runs["d"]] if asked == state else [])
            assert all(record.state == asked for record in found)


def test_a_value_that_equals_in_the_database_alone_is_no_match_for_another_project(
    database: Database, make_run: Callable[..., str], now: int
) -> None:
    make_run("one", config={"lr": 1}, metrics={"loss": [1.0]})
    other = make_run("two", config={"lr": 1}, metrics={"loss": [2.0]})
    found = queries.find_records(database, "two", where="config.lr = 1", order_by="max('loss')", now=now)
    assert [record.id for record in found] == [other]
    assert queries.count_records(database, "two", where="config.lr = 1", now=now) == 1
    assert len(queries.find_records(database, None, where="config.lr = 1", order_by="-max('loss')", now=now)) == 2


REFUSED = [
    ("config.lrr > 1", "Did you mean config.lr?"),
    ("lr > 1", "Did you mean config.lr?"),
    ("max('val/acuracy') > 1", "Did you mean max('val/accuracy')?"),
    ("max('zzz') > 1", "There are val/accuracy."),
    ("stat = 'finished'", "Did you mean state?"),
    ("config.optimizer = \"adam\"", "Text stands in single quotes"),
    ("max(val/accuracy) > 1", "Write max('val/accuracy')"),
    ("max() > 1", ""),
    ("max('a', 'b') > 1", ""),
    ("runtime = 'fast'", "compares a number with text"),
    ("state > 3", "compares a number with text"),
    ("seed in ('a', state)", "list of values"),
    ("runtime like '1%'", "compares a number with text"),
    ("started > 'yesterday'", "Write '2026-05-17'"),
    ("tag > 'a'", "tag"),
    ("tag + 1 = 2", "no number"),
    ("state + 1 = 2", "no number"),
    ("name like 'x\\'", "pattern"),
    ("seed", "not a condition"),
    ("max('val/accuracy')", "not a condition"),
    ("'text'", "not a condition"),
    ("seed =", "cannot be read"),
    ("seed = 1 seed", "not a condition"),
    ("select 1", "not a condition"),
    ("seed = 1; drop table runs", ""),
    ("seed = (select 1)", "not a field"),
    ("seed in (select 1)", ""),
    ("exists (select 1)", "not a condition"),
    ("pg_sleep(10) = 1", "not a field"),
    ("load_extension('x') = 1", "not a field"),
    ("runs.sealed = 'x'", "not a field"),
    ("nonce = 'n'", "There is no field 'nonce'"),
    ("head = 'n'", "There is no field 'head'"),
    ("cast(seed as text) = '1'", "not a field"),
    ("name || 'x' = 'y'", "not a field"),
    ("case when seed = 1 then true end", "not a condition"),
    ("seed = ?", ""),
    ("seed = :x", ""),
    ("seed = @x", ""),
    ("null is null", ""),
    ("name = 'a\0b'", "no text"),
    ("name = '\ud800'", "no text"),
    ("1 is null", "field"),
    ("(" * 200 + "seed = 1" + ")" * 200, ""),
    ("not " * 300 + "seed = 1", ""),
    (" or ".join(["seed = 1"] * 1500), "is longer"),
    ("seed = " + "1+" * 900 + "1", ""),
]  # fmt: skip


def test_what_cannot_be_asked_gets_one_clear_line(letters: Callable[..., str], subtests: pytest.Subtests) -> None:
    for where, said in REFUSED:
        with subtests.test(ascii(where[:60])):
            with pytest.raises(InvalidQuery) as refusal:
                letters(where)
            line = str(refusal.value)
            assert said in line
            assert "\n" not in line
            assert len(line) < 400


def test_an_order_that_cannot_be_gets_one_clear_line(letters: Callable[..., str], subtests: pytest.Subtests) -> None:
    for order_by in (
        "tag", "nothing", "started limit 1", "started; drop table runs", "(select 1)", "1", "'x'", "-", "max()",
        "started union select 1", "started offset 3", "-'x'", "started for update", "started nulls first, (select 1)",
    ):  # fmt: skip
        with subtests.test(order_by):
            with pytest.raises(InvalidQuery) as refusal:
                letters(None, order_by)
            assert "\n" not in str(refusal.value)


def test_numbers_that_overflow_are_the_askers_fault(letters: Callable[..., str]) -> None:
    try:
        assert letters("config.lr * 1e308 * 1e308 > 1") == "abcd"
    except InvalidQuery as error:
        assert "smaller numbers" in str(error)


def test_an_unknown_project_comes_with_what_was_probably_meant(letters: Callable[..., str]) -> None:
    with pytest.raises(NotFound) as refusal:
        letters(project="projekt")
    assert refusal.value.suggestions == ("project",)


def test_a_project_that_has_logged_nothing_yet_has_no_unknown_names(
    database: Database, make_run: Callable[..., str], now: int
) -> None:
    """The default board's order must not fail on a project's first, still empty run."""
    run = make_run("fresh")
    found = queries.find_records(database, "fresh", order_by="-max('val/accuracy')", now=now)
    assert [record.id for record in found] == [run]
    assert queries.find_records(database, "fresh", where="config.lr = 1 or max('x') > 0", now=now) == ()


WORDS = st.sampled_from(
    [
        "seed", "config.lr", "tag", "state", "max('val/accuracy')", "'", "''", "\"", ";", "--", "/*", "*/", "(", ")",
        "=", "<", ">", "!=", "and", "or", "not", "in", "like", "between", "is", "null", "1", "'x'", "0x41", "1e999",
        "select", "union", "drop table runs", "pragma", "attach", "pg_sleep(9)", "||", "\\", "\0", "%s", "%(x)s", ":x",
        "?", "$1", "{", "[", "]", "::text", "e'\\x27'", "\u2019", "\uff07", "\ud83d\ude00", "\n", "-", "+", "*", "/",
    ]
)  # fmt: skip


MIXED = st.lists(WORDS, max_size=12)


@pytest.fixture
def statements(database: Database) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
        seen.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    yield seen
    event.remove(database.engine, "before_cursor_execute", note)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.one_of(MIXED.map(" ".join), MIXED.map("".join), st.text(max_size=40)))
def test_nothing_that_is_written_becomes_code(
    database: Database, letters: Callable[..., str], statements: list[str], text: str
) -> None:
    marked = text + " or name = 'm4rked'"
    for ask in (lambda: letters(text), lambda: letters(marked), lambda: letters(None, text)):
        statements.clear()
        try:
            ask()
        except InvalidQuery as error:
            assert "\n" not in str(error).replace(repr(text), "")
        for statement in statements:
            assert re.match(r"\s*(SELECT|BEGIN|ROLLBACK|SHOW)\b", statement), statement
            assert "m4rked" not in statement
            assert ";" not in statement
    with database.read() as connection:
        assert "runs" in inspect(connection).get_table_names()
