"""What MLflow's clients keep is kept and found alike on both databases."""

from random import Random

from sqlalchemy import select

from tests.conftest import Pen
from tracker.events import ArtifactLogged, Finished, Started
from tracker.store import members
from tracker.store.database import Database
from tracker.store.mlflow import experiments, files, models, runs, search
from tracker.store.mlflow.compare import Page
from tracker.store.mlflow.files import Entry, Place
from tracker.store.mlflow.pen import author_of, pick_up
from tracker.store.mlflow.rows import File, Point
from tracker.store.mlflow.runs import Beginning
from tracker.store.tables import runs as r

SHA = "a" * 64


def test_a_client_s_run_is_written_found_hidden_and_ended(database: Database, now: int) -> None:
    author = author_of(database, members.local_member(database, now=now))
    with database.write() as connection:
        experiments.complete(connection, now)
        begun = Beginning(0, "first", "ada", now, (("phase", "tune"),), "mlflow-python-client/3.17.2")
        id = runs.create(connection, begun, author, Random(3), now)
        pen = pick_up(connection, id, author, now)
        points = [Point("val/acc", value, step, now) for step, value in enumerate([0.5, float("nan"), 0.9])]
        runs.write(pen, points, [("lr", "0.1")], [("phase", "test")])
    with database.write() as connection:
        pen = pick_up(connection, id, author, now + 1)
        files.put(connection, Place(id, "a/b.txt"), File("a/b.txt", SHA, 3, "text/plain"), pen, now)
        runs.update_run(pen, "FINISHED", now + 5_000_000, None)
    with database.read() as connection:
        found, _ = search.search(
            connection, [0], "metrics.`val/acc` > 0.8 and params.lr = '0.1' and tags.phase LIKE 't%'",
            ["metrics.`val/acc` DESC"], "ACTIVE_ONLY", Page(10, 0),
        )  # fmt: skip
        assert [run.run_id for run in found] == [id] and found[0].status == "FINISHED"
        assert files.listed(files.tree(connection, Place(id, "")), Place(id, "")) == (Entry("a", None),)
        assert connection.scalar(select(r.runs.c.state).where(r.runs.c.run_id == id)) == "finished"
    with database.write() as connection:
        runs.set_deleted(connection, id, True, author, now)
        assert search.search(connection, [0], None, [], "ACTIVE_ONLY", Page(10, 0))[0] == ()
        assert models.search(connection, [0], None, [], (), Page(10, 0))[0] == ()


def test_a_run_of_our_own_client_shows_its_record_s_artifacts(database: Database) -> None:
    pen = Pen(database, "r-7K3M9QX2")
    logged = [ArtifactLogged("model.pt", digest * 64, 7) for digest in "ab"]
    assert pen.send(Started("p", "n"), *logged, Finished("finished", 1.0)).state == "held"
    with database.read() as connection:
        (only,) = files.recorded(connection, pen.run_id)
        assert (only.name, only.digest, only.folder) == ("model.pt", "b" * 64, False)
