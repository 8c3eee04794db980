"""A post's judgements are kept for good, and only the last one stands."""

from __future__ import annotations

from tracker.record import Citation, Claim, Finding
from tracker.store import citations, mailbox
from tracker.store.database import Database
from tracker.store.mailbox import Letter

RUN, OTHER = "r-7K3M9QX2", "r-4NH3H9K6"


def citation(revision: int, *, verdict: str = "accepted", runs: tuple[str, ...] = (RUN,), at: int = 10) -> Citation:
    return Citation(
        team="T1",
        channel="C1",
        ts="1.5",
        revision=revision,
        poster="U1",
        run_ids=runs,
        claims=(Claim("accuracy", 0.902, "90.2 %", 3, split="val"),),
        verdict="accepted" if verdict == "accepted" else "rejected",
        findings=(Finding("dirty", "1 file differed.", "Commit.", "note"),),
        at=at,
    )


def keep(db: Database, *some: Citation) -> None:
    with db.write() as connection:
        for each in some:
            citations.cite(connection, each)


def test_a_citation_comes_back_as_it_was_kept(database: Database) -> None:
    kept = citation(1, runs=(OTHER, RUN))
    keep(database, kept)
    assert citations.citations_of_post(database, "T1", "C1", "1.5") == (kept,)
    assert citations.citations_of_run(database, RUN) == (kept,)
    assert citations.list_citations(database, since=11) == ()


def test_keeping_a_citation_again_changes_nothing(database: Database) -> None:
    keep(database, citation(1), citation(1, runs=(RUN,)))
    assert len(citations.citations_of_post(database, "T1", "C1", "1.5")) == 1


def test_a_later_judgement_retracts_the_earlier_ones(database: Database) -> None:
    keep(database, citation(1, verdict="rejected"), citation(2, at=20))
    first, second = citations.citations_of_post(database, "T1", "C1", "1.5")
    assert (first.retracted_at, second.retracted_at) == (20, None)
    assert citations.citations_of_run(database, RUN) == (second,)
    assert len(citations.citations_of_run(database, RUN, standing=False)) == 2


def test_a_deleted_post_keeps_its_citations_retracted(database: Database) -> None:
    keep(database, citation(1))
    with database.write() as connection:
        assert citations.retract_post(connection, "T1", "C1", "1.5", now=30) == 1
        assert citations.retract_post(connection, "T1", "C1", "1.5", now=40) == 0
    assert citations.citations_of_run(database, RUN) == ()
    assert citations.citations_of_post(database, "T1", "C1", "1.5")[0].retracted_at == 30


def test_a_post_is_known_once_and_remembers_its_reply(database: Database, now: int) -> None:
    mailbox.deliver(database, Letter("post:T1:C1:1.5", "post", "Ev1", "s", b"{}"), now=now)
    held = mailbox.lease(database, now=now, length=10)
    assert held is not None
    with database.write() as connection:
        assert citations.get_post(connection, held.lane) is None
        post = citations.see_post(connection, held.lane, "T1", "C1", "1.5", now=now)
        assert (post.revision, post.version, post.reply_ts) == (0, "", None)
        citations.change_post(connection, held.lane, revision=1, reply_ts="1.6")
        again = citations.see_post(connection, held.lane, "T1", "C1", "1.5", now=now)
    assert (again.revision, again.reply_ts) == (1, "1.6")
