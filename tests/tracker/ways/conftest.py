"""An empty store on a real SQLite file, a way into it, and the samples that the real tools wrote."""

from __future__ import annotations

import gzip
import shutil
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tracker.record import Record
from tracker.settings import Settings, load
from tracker.shipper.embedded import EmbeddedStore
from tracker.store import queries
from tracker.store.database import Database, open_database
from tracker.store.series import Points
from tracker.ways.found import FoundRun, Trouble
from tracker.ways.register import Brought, Registrar
from tracker.ways.seek import Kind, kind_of, opened

SAMPLES = Path(__file__).parent / "samples"
NOW = 1_800_000_000_000_000


class Store:
    """A database and its content, as `runcite import` and `export` see them."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.settings: Settings = load({"RUNCITE_HOME": str(folder / "home"), "RUNCITE_URL": url}, cwd=folder)
        self.transport = EmbeddedStore(self.settings.url, self.settings.artifacts, lambda: NOW)
        self.db: Database = open_database(self.settings.url)

    def record(self, run_id: str) -> Record:
        return queries.get_record(self.db, run_id, now=NOW)

    def points(self, run_id: str, metric: str) -> Points:
        return queries.get_history(self.db, run_id, metric)

    def bring(
        self, source: Path | str, project: str | None = None, kind: Kind | None = None
    ) -> tuple[list[Brought], list[str]]:
        """What became of the runs, and what could not be read."""
        troubles: list[str] = []
        with opened(str(source), kind or kind_of(str(source)), project) as found:
            runs = _runs(found, troubles)
            return list(Registrar(self.transport, self.record, self.folder).bring(runs)), troubles

    def close(self) -> None:
        self.transport.close()
        self.db.close()


def _runs(found: Iterator[object], troubles: list[str]) -> Iterator[FoundRun]:
    for each in found:
        if isinstance(each, FoundRun):
            yield each
        elif isinstance(each, Trouble):
            troubles.append(f"{each.where}: {each.message}")


@pytest.fixture
def new_store(tmp_path: Path, _template: Path) -> Iterator[Callable[[], Store]]:
    """Makes empty stores, which are closed at the end."""
    made: list[Store] = []

    def make() -> Store:
        folder = tmp_path / f"store-{len(made)}"
        folder.mkdir()
        shutil.copy(_template, folder / "runs.db")
        made.append(Store(folder, f"sqlite:///{folder / 'runs.db'}"))
        return made[-1]

    yield make
    for store in made:
        store.close()


@pytest.fixture
def store(new_store: Callable[[], Store]) -> Store:
    return new_store()


@pytest.fixture
def samples(tmp_path: Path) -> Path:
    """The samples, unpacked, in a folder that may be written to."""
    folder = tmp_path / "samples"
    shutil.copytree(SAMPLES, folder)
    for packed in folder.glob("*.gz"):
        packed.with_suffix("").write_bytes(gzip.decompress(packed.read_bytes()))
        packed.unlink()
    with zipfile.ZipFile(folder / "mlruns.zip") as file:
        file.extractall(folder / "mlruns")
    return folder
