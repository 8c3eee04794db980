"""A run outlives its server as one file; a file from strangers is believed in nothing that was not checked."""

from __future__ import annotations

import csv
import hashlib
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import pytest

from tests.tracker.reproduce.conftest import TRAIN, Studio, furnish
from tracker.client.transport import Transport
from tracker.errors import Corrupt, RunciteError
from tracker.record import Record
from tracker.reproduce.archive import Archive, Hostile
from tracker.reproduce.fetch import LocalOrigin, histories
from tracker.reproduce.load import Imported, load
from tracker.reproduce.pack import export
from tracker.settings import Settings
from tracker.shipper.embedded import EmbeddedStore
from tracker.store.database import open_database
from tracker.store.verify import verify_run

LOGS = '    run.log_artifact("train.py", kind="code")\n    run.log_artifact("weights", kind="model")\n'


def trained(studio: Studio) -> Record:
    """A run with unpushed commits, changed files, a file and a folder as artifacts, and hostile names."""
    studio.write("train.py", TRAIN + LOGS)
    studio.commit(push=False)
    studio.write("weights/a.bin", "1")
    studio.write("weights/inner/b.bin", "2")
    studio.write("<b>bold</b>.py", "VALUE = 1\n")
    return studio.train()


def exported(studio: Studio, record: Record, name: str = "run.zip") -> Path:
    origin = LocalOrigin(studio.settings)
    scratch = studio.folder / f"scratch-{name}"
    scratch.mkdir()
    try:
        assert export(origin, record, studio.folder / name, scratch) == ()
    finally:
        origin.close()
    return studio.folder / name


@pytest.fixture
def elsewhere(tmp_path: Path) -> Settings:
    """Another machine's settings, with nothing there yet."""
    home = tmp_path / "elsewhere"
    return Settings(home, f"sqlite:///{home / 'runcite.db'}", str(home / "artifacts"), shipper=False)


def brought(path: Path, settings: Settings, scratch: Path) -> Imported:
    settings.home.mkdir(exist_ok=True)
    archive = Archive(path)
    store: Transport = EmbeddedStore(settings.url, settings.artifacts, lambda: 1_800_000_000_000_000)
    try:
        return load(archive, store, scratch)
    finally:
        store.close()
        archive.close()


def test_what_is_imported_is_what_was_exported_and_says_so(studio: Studio, elsewhere: Settings, tmp_path: Path) -> None:
    record = trained(studio)
    path = exported(studio, record)
    assert brought(path, elsewhere, tmp_path) == Imported(record.id, "studio", True)
    assert brought(path, elsewhere, tmp_path) == Imported(record.id, "studio", False)
    before, after = LocalOrigin(studio.settings), LocalOrigin(elsewhere)
    there = after.record(record.id)
    same = ("config", "snapshot", "metrics", "artifacts", "datasets", "end", "digests", "seed", "tags", "state")
    assert all(getattr(there, name) == getattr(record, name) for name in same)
    assert [notice.code for notice in there.notices] == ["imported"] and str(record.sealed) in there.notices[0].message
    one, other = histories(before, record), histories(after, there)
    assert {name: points.values.tobytes() for name, points in one.items()} == {
        name: points.values.tobytes() for name, points in other.items()
    }
    for artifact in record.artifacts:
        after.blob(artifact.digest, tmp_path / "blob")
    before.close()
    after.close()
    db = open_database(elsewhere.url)
    assert verify_run(db, record.id) == ()
    db.close()


def test_a_folder_is_as_good_as_a_zip_and_the_page_asks_nobody(studio: Studio) -> None:
    record = trained(studio)
    folder = exported(studio, record, "folder")
    archive = Archive(folder)
    assert archive.contents.record == record
    points = archive.history(record.id, "val/accuracy")
    assert np.isfinite(points.values).all() and len(points) == 4
    with (folder / "series.csv").open(newline="") as file:
        told = [
            (row["metric"], int(row["step"]), float(row["value"]), int(row["time"])) for row in csv.DictReader(file)
        ]
    known = {name: archive.history(record.id, name) for name in record.metrics}
    assert sorted(told) == sorted(
        (name, *point)
        for name, each in known.items()
        for point in zip(each.steps.tolist(), each.values.tolist(), each.times.tolist(), strict=True)
    )
    page = (folder / "index.html").read_text()
    assert "http" not in page.replace("http-equiv", "") and "<script" not in page
    assert "<b>bold" not in page and "&lt;b&gt;bold" in page
    readme = (folder / "README.md").read_text()
    assert record.id in readme and "7 of 7" not in readme and "6 of 7: data not recorded" in readme


def rewritten(path: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    """The archive with other content, its names and sizes as zip has them."""
    with zipfile.ZipFile(path) as packed:
        files = {name: packed.read(name) for name in packed.namelist()}
    change(files)
    made = path.with_name("changed.zip")
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in files.items():
            packed.writestr(name, data)
    return made


def _inside(files: dict[str, bytes], name: str) -> str:
    return next(each for each in files if each.endswith(f"/{name}"))


def _climbs(files: dict[str, bytes]) -> None:
    files["../../evil.py"] = b"x"


def _absolute(files: dict[str, bytes]) -> None:
    files["/etc/evil"] = b"x"


def _backslash(files: dict[str, bytes]) -> None:
    files["..\\..\\evil.py"] = b"x"


def _bomb(files: dict[str, bytes]) -> None:
    files[_inside(files, "README.md")] = bytes(200_000_000)


def _other_record(files: dict[str, bytes]) -> None:
    name = _inside(files, "record.msgpack")
    files[name] = files[name].replace(b"val/accuracy", b"val/accuracX")


def _other_points(files: dict[str, bytes]) -> None:
    for name in [each for each in files if "/columns/" in each]:
        files[name] = files[name][:-1] + bytes([files[name][-1] ^ 1])


def _forged(files: dict[str, bytes]) -> None:
    """The record rewritten, and the manifest with it: only the chain can tell."""
    name = _inside(files, "record.msgpack")
    files[name] = files[name].replace(b"studio", b"studiX")
    manifest = _inside(files, "manifest.json")
    told = msgspec.json.decode(files[manifest])
    told["files"]["record.msgpack"] = hashlib.sha256(files[name]).hexdigest()
    files[manifest] = msgspec.json.encode(told)


def _no_manifest(files: dict[str, bytes]) -> None:
    del files[_inside(files, "manifest.json")]


def _deep(files: dict[str, bytes]) -> None:
    files[_inside(files, "manifest.json")] = b'{"format":' + b"[" * 100_000


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (_climbs, Hostile),
        (_absolute, Hostile),
        (_backslash, Hostile),
        (_bomb, Hostile),
        (_other_record, Corrupt),
        (_other_points, Corrupt),
        (_forged, Corrupt),
        (_no_manifest, Corrupt),
        (_deep, Corrupt),
    ],
)
def test_a_file_that_was_changed_is_refused_in_one_line(
    small: Path, change: Callable[[dict[str, bytes]], None], kind: type[RunciteError]
) -> None:
    with pytest.raises(kind) as refusal:
        archive = Archive(rewritten(small, change))
        archive.history(archive.contents.record.id, "val/accuracy")
    assert "\n" not in str(refusal.value) and refusal.value.remedy


def test_a_link_in_a_zip_is_refused(small: Path) -> None:
    made = small.with_name("link.zip")
    made.write_bytes(small.read_bytes())
    with zipfile.ZipFile(made, "a") as packed:
        info = zipfile.ZipInfo(packed.namelist()[0].split("/")[0] + "/notes.txt")
        info.external_attr = 0o120777 << 16
        packed.writestr(info, "/etc/passwd")
    with pytest.raises(Hostile):
        Archive(made)


def test_what_is_no_archive_is_said_to_be_none(tmp_path: Path) -> None:
    for name, data in (("empty.zip", b""), ("text.zip", b"hello"), ("cut.zip", b"PK\x03\x04" + bytes(20))):
        (tmp_path / name).write_bytes(data)
        with pytest.raises(Corrupt):
            Archive(tmp_path / name)
    empty = io.BytesIO()
    zipfile.ZipFile(empty, "w").close()
    (tmp_path / "none.zip").write_bytes(empty.getvalue())
    with pytest.raises(Corrupt):
        Archive(tmp_path / "none.zip")


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory, lean: Path, _template: Path) -> Path:
    """One exported run, to be changed."""
    studio = furnish(tmp_path_factory.mktemp("small"), lean, _template)
    return exported(studio, studio.train())
