"""What nobody sees before a board closes, and who sees it all the same."""

from __future__ import annotations

import msgspec
import pytest

from tests.tracker.rules.makers import METRIC, SPEC, record, summary
from tracker.events import Captured, Metrics, Noticed, Reproduced, Started
from tracker.record import BoardSpec, Rules
from tracker.rules.board import rank
from tracker.rules.filters import Filter
from tracker.rules.fitness import findings
from tracker.rules.splits import split_of
from tracker.rules.veil import EVERYBODY, INSTRUCTOR, Veil, Viewer, pseudonym, veil_of
from tracker.snapshot import Snapshot

BOTH = BoardSpec("digits", METRIC, rules=Rules(private_split="test", pseudonyms=True, closes=1000))
RUN = record(1, 0.9, name="adas best", metrics={METRIC: summary(0.9), "test/accuracy": summary(0.7)})
OTTER = pseudonym("digits", "ada", "secret")


def veil(viewer: Viewer, spec: BoardSpec = BOTH) -> Veil:
    found = veil_of(spec, viewer, 999, "secret")
    assert found is not None
    return found


def test_there_is_no_veil_for_an_instructor_nor_when_the_board_has_closed() -> None:
    assert veil_of(BOTH, INSTRUCTOR, 999, "secret") is None
    assert veil_of(BOTH, EVERYBODY, 1000, "secret") is None
    assert veil_of(SPEC, EVERYBODY, 999, "secret") is None


def test_a_member_sees_their_own_run_whole_and_a_channel_only_whose_it_is() -> None:
    assert veil(Viewer("ada")).shown(RUN) is RUN
    told = veil(Viewer(known="ada")).shown(RUN)
    assert (told.member, told.name, set(told.metrics)) == ("ada", "adas best", {METRIC})
    strange = veil(Viewer("eve")).shown(RUN)
    assert (strange.member, strange.name, set(strange.metrics)) == (OTTER, None, {METRIC})
    assert b"ada" not in msgspec.json.encode(strange) and strange.snapshot.machine is None
    assert pseudonym("digits", "ada", "another secret") != OTTER


def test_a_board_counts_nothing_hidden_and_keeps_its_places_behind_pseudonyms() -> None:
    runs = [RUN, record(2, 0.8, seed=2, config={"lr": 0.2}, member="eve"), record(3, 0.95, state="failed")]
    eve = veil(Viewer("eve"))
    plain = rank(SPEC, runs)
    shown = eve.ranking(rank(BOTH, [eve.without_values(each) for each in runs]))
    assert [row.value for row in shown.rows] == [row.value for row in plain.rows]
    assert [row.records[0].member for row in shown.rows] == [OTTER, "eve"]
    assert "ada" not in shown.unranked[0].reason and shown.unranked[0].code == plain.unranked[0].code


def test_a_board_by_a_hidden_metric_says_that_it_waits_even_to_whose_runs_they_are() -> None:
    spec = msgspec.structs.replace(BOTH, metric="test/accuracy")
    ada = veil(Viewer("ada"), spec)
    shown = ada.ranking(rank(spec, [ada.without_values(RUN)]))
    assert shown.rows == () and shown.unranked[0].code == "still-private"


def test_a_filter_takes_what_people_go_by_and_no_handle_of_others() -> None:
    eve = veil(Viewer("eve"))
    runs = [RUN, record(2, member="eve")]
    assert eve.filter(Filter(members=(OTTER,)), runs).members == ("ada",)
    assert eve.filter(Filter(members=("eve",)), runs).members == ("eve",)
    assert eve.filter(Filter(members=("ada",)), runs).members == ("",)


def test_what_a_run_said_and_what_speaks_against_it_names_nobody() -> None:
    eve, spec = veil(Viewer("eve")), BOTH
    said = [Started("digits", "0" * 16), Captured(Snapshot()), Metrics(()), Noticed("drift", "ada's lr")]
    assert [eve.tells(body) for body in said] == [True, False, True, False]
    values_only = veil(EVERYBODY, BoardSpec("digits", METRIC, rules=Rules(private_split="test", closes=1000)))
    assert values_only.tells(Captured(Snapshot()))
    assert not values_only.tells(Reproduced("r-00000000", "differs", "0.7, not 0.8"))
    failed = msgspec.structs.replace(RUN, state="failed")
    (told,) = eve.findings(failed, [each for each in findings(failed, spec) if each.code == "failed"])
    assert told.severity == "reject" and "ada" not in told.sentence


@pytest.mark.parametrize(
    ("name", "split"),
    [("val/accuracy", "val"), ("acc_test", "test"), ("evalLoss", "val"), ("train-loss", "train"), ("latest", None)],
)
def test_a_metrics_name_says_its_split(name: str, split: str | None) -> None:
    assert split_of(name) == split
