"""A journal's way to the store, by hand: `sync`."""

from tracker.shipper import sync

SCRIPT = """
import tracker
with tracker.start_run("p", {"lr": 0.1, "net": {"layers": [1, 2]}}, seed=3, tags=["t"]) as run:
    for i in range(1000):
        run.log({"loss": i / 2}, step=i)
        if i % 100 == 0:
            run.log({"acc": i, "nan": float("nan")}, step=i)
    print(run.id)
"""


def test_a_run_arrives_whole_and_its_journal_goes(lab, store) -> None:
    out, err, code = lab.run(SCRIPT)
    run_id = out.strip()
    assert code == 0, err
    report = sync(lab.settings)
    assert report.delivered == (run_id,), (report, store.requests)
    assert store.history(run_id, "loss") == [(i, i / 2) for i in range(1000)]
    assert [step for step, _ in store.history(run_id, "acc")] == list(range(0, 1000, 100))
    assert store.ended(run_id).state == "finished"
    assert store.segments(run_id) == ["main", "observer"]
    assert not lab.journals()
    assert not store.named_before_sent
